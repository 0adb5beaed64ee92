//! A version deployed: the very bytes that were released, or what its commit compiles to. An older one is the way back.

use super::bundle::Bundle;
use super::plain;
use super::source::Source;
use crate::changelog::Changelog;
use crate::deployment::{Deployed, Deployment, Site};
use crate::pipeline::Product;
use crate::report::Report;
use crate::service::{Revision, Service};
use crate::shell::Shell;
use crate::version::Version;
use serde_json::Value;
use std::path::PathBuf;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::input::ProjectInput;
use tc_deploy::{Connection, deployed};

/// Deploys a version.
///
/// # Errors
/// When there is no such version, what was released is not what its manifest says, or AWS refuses.
pub fn deploy(
    deployment: &Deployment,
    (directory, service): (PathBuf, Option<&str>),
    version: &str,
    shell: &mut Shell,
) -> Result<(Deployed, Product), Box<Report>> {
    let target = &deployment.wanted.target;
    let service = Service::find(&directory, service).map_err(plain)?;
    let source = Source::find(&service, version).map_err(plain)?;
    let mut site = Site::of_version(&source, &target.sandbox, &target.env).map_err(plain)?;
    let connection = site.connect(&target.env).map_err(plain)?;
    let artifacts = source.checkout.artifacts();
    let released = released(&source, (&site, &target.sandbox, &target.env), &connection);
    let product = match released.map_err(plain)? {
        Some(product) => {
            target.say(&format!("Composing {} as it was released", source.title()), shell);
            // What is found in it today is no matter: it was released.
            product
        }
        None => {
            target.say(
                &format!("Composing {} from its commit, since it was not released for this", source.title()),
                shell,
            );
            match deployment.wanted.compile_into(&mut site, &artifacts) {
                Some(product) => {
                    target.report_early(&mut site, shell);
                    product
                }
                None => return Err(site.into_report(Vec::new())),
            }
        }
    };
    site.outcome.findings = Diagnostics::default();
    tell_the_way(&source, &site, &connection, deployment, shell).map_err(plain)?;
    match deployment.apply_whole(&site, &product, &artifacts, shell) {
        Ok(deployed) => Ok((deployed, product)),
        Err(findings) => Err(site.into_report(findings)),
    }
}

/// What was released of a version for a sandbox: in the environment that releases go to, else in the one that is deployed to.
fn released(
    source: &Source<'_>,
    (site, sandbox, env): (&Site, &str, &str),
    connection: &Connection,
) -> Result<Option<Product>, Box<Diagnostic>> {
    let named = named_environment(&source.accounts).filter(|named| *named != env);
    let other = named.map(|named| site.connect(named)).transpose()?;
    for place in other.iter().chain([connection]) {
        let bundle = Bundle::find(place, source)?;
        if let Some(bundle) = bundle.filter(|bundle| bundle.is_for(sandbox, env)) {
            return bundle.product(place, source, (site, env), &source.checkout.artifacts()).map(Some);
        }
    }
    Ok(None)
}

/// The environment that releases go to, where `tc.yml` names one.
fn named_environment(project: &ProjectInput) -> Option<&str> {
    let release = project.release.as_ref()?;
    release.environment.as_ref().map(|environment| environment.value.as_str())
}

/// Tells from which version it goes, and of the way back what it undoes.
pub(super) fn tell_the_way(
    source: &Source<'_>,
    site: &Site,
    connection: &Connection,
    deployment: &Deployment,
    shell: &mut Shell,
) -> Result<(), Box<Diagnostic>> {
    let target = &deployment.wanted.target;
    let Some((topology, _)) = site.front() else { return Ok(()) };
    let manifests = deployed::manifests(connection, &[&topology.stack_name().text])?;
    let manifest = manifests.into_iter().flatten().next();
    let now = manifest.and_then(|manifest| serde_json::from_str::<Value>(&manifest).ok());
    let now = now.as_ref().and_then(|manifest| manifest.get("version")?.as_str()?.parse::<Version>().ok());
    let Some(now) = now.filter(|now| *now != source.version) else { return Ok(()) };
    if now < source.version {
        target.say(&format!("Going from {now} to {}", source.version), shell);
        return Ok(());
    }
    target.say(&format!("Going back from {now} to {}", source.version), shell);
    // A version that was never tagged, such as of a sandbox that was deployed from a work tree, has no history.
    let undone = source.service.version(&now.to_string()).and_then(|now| undone(source, now));
    if let (Ok(undone), true) = (undone, target.is_read_by_people()) {
        shell.err(&format!("what it undoes: {undone}"));
    }
    Ok(())
}

/// What the way back from a version undoes: the commits that brought it, and how the entities change.
fn undone(source: &Source<'_>, now: Version) -> Result<String, Box<Diagnostic>> {
    let brought = Changelog::of(source.service, Some(source.version), Revision::Version(now))?;
    let back = Changelog::of(source.service, Some(now), Revision::Version(source.version))?;
    Ok(Changelog { groups: brought.groups, ..back }.text())
}
