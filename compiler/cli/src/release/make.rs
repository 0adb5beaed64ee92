//! A release, step by step. Interrupted anywhere and run again, it goes on: each step is done once, and finds out by itself
//! whether it was.

use super::bundle::{Bundle, Contents};
use super::deploy::tell_the_way;
use super::source::{self, Source};
use super::state::{self, Demands, Next};
use super::{Compiled, plain};
use crate::changelog::Changelog;
use crate::deployment::{Care, Deployment, Manner, Target, Wanted, places_are_locked};
use crate::report::{Report, plural};
use crate::service::{Revision, Service};
use crate::shell::Shell;
use crate::version::{Bump, Version};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tc_core::backend::stacks::lock;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::release as codes;
use tc_deploy::release::Place;

/// What is asked for.
#[derive(Debug)]
pub struct Release {
    /// A directory of the repository.
    pub directory: PathBuf,
    /// The topology, where it is not the one of the directory.
    pub service: Option<String>,
    /// The environment, where it is not the one of `tc.yml`.
    pub env: Option<String>,
    /// Which part of the version is raised.
    pub bump: Bump,
    /// What the commit has to be.
    pub demands: Demands,
    /// Whether the tag is pushed.
    pub pushes: bool,
    /// Whether all is only told.
    pub is_dry: bool,
    /// Values of the template's parameters.
    pub imports: Vec<(String, String)>,
    /// With what care the sandbox is changed.
    pub care: Care,
    /// How it is talked about.
    pub manner: Manner,
}

/// Makes a release, or finishes one; its version.
///
/// # Errors
/// When the commit may not be released or does not compile, another one has the version, or AWS or git refuse. What was done
/// until then stays, and is found by the next attempt.
pub fn make(release: Release, shell: &mut Shell) -> Result<Version, Box<Report>> {
    let service = Service::find(&release.directory, release.service.as_deref()).map_err(plain)?;
    let commit = state::check(&service, &release.demands).map_err(plain)?;
    let next = state::next(&service, &commit, release.bump).map_err(plain)?;
    if release.pushes {
        service.repository.remote_bears(&service.name, next.version, &commit).map_err(plain)?;
    }
    let accounts = source::accounts(&service).map_err(plain)?;
    let env = release.env.unwrap_or_else(|| accounts.release_environment().to_owned());
    let sandbox = accounts.release_sandbox().to_owned();
    let mut environments = vec![env.clone()];
    environments.extend(accounts.environments.0.iter().map(|(name, _)| name.value.clone()).filter(|one| *one != env));

    let target = |env: &str| Target::new(PathBuf::new(), sandbox.clone(), env.to_owned(), release.manner.clone());
    let wanted = Wanted { target: target(&env), imports: release.imports };
    let deployment = Deployment::new(wanted, release.care);
    let said = &deployment.wanted.target;
    let source = Source::new(&service, next.version, commit, accounts).map_err(plain)?;
    let from = source.commit.get(..8).unwrap_or(&source.commit);
    said.say(&format!("Releasing {} from the commit {from}", source.title()), shell);
    let changelog = changelog(&service, next).map_err(plain)?;
    let artifacts = source.checkout.artifacts();
    let compiled = environments.iter().map(|env| Compiled::new(&source, target(env), &artifacts));
    let compiled = compiled.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = compiled.first() else { return Ok(next.version) };
    if compiled.iter().any(|one| !places_are_locked(&one.site, &one.product)) {
        let message = format!("`{}` of the commit does not say where everything is", lock::FILE);
        let finding = Diagnostic::without_place(&codes::UNCOMMITTED, message);
        return Err(plain(Box::new(finding.help("run `tc compile`, commit what it writes there, and release that"))));
    }
    said.report(&first.site, shell);
    if release.is_dry {
        shell.err(&format!("{}\n{}", changelog.text(), outlook(&source, next, release.pushes, &compiled)));
        return Ok(next.version);
    }

    let connection = first.site.connect(&env).map_err(plain)?;
    let version = next.version.to_string();
    let place = Place { connection: &connection, service: &service.name, version: &version };
    place.claim(&source.commit).map_err(plain)?;
    let found = Bundle::find(&connection, &source).map_err(plain)?;
    let markdown = changelog.markdown();
    // What was released stays what it is: another version of tc may compile to something else by now.
    let released = match found {
        // Of another environment of the same account, which this one adds nothing to.
        Some(bundle) if !bundle.is_for(&sandbox, &env) => None,
        Some(bundle) => {
            said.say(&format!("{} is in the artifact bucket", source.title()), shell);
            Some(bundle.product(&connection, &source, (&first.site, &env), &artifacts).map_err(plain)?)
        }
        None => {
            let contents = Contents { compiled: &compiled, artifacts: &artifacts, changelog: &markdown };
            Bundle::write(&connection, &source, &contents).map_err(plain)?;
            said.say(&format!("Uploading {} for {} (OK)", source.title(), environments.join(", ")), shell);
            None
        }
    };
    tag(&source, &markdown, release.pushes, said, shell).map_err(plain)?;

    tell_the_way(&source, &first.site, &connection, &deployment, shell).map_err(plain)?;
    let product = released.as_ref().unwrap_or(&first.product);
    match deployment.apply_whole(&first.site, product, &artifacts, shell) {
        Ok(_) => {
            said.say(&format!("Released {} to {sandbox} in {env}", source.title()), shell);
            Ok(next.version)
        }
        Err(findings) => {
            let first = compiled.into_iter().next();
            Err(first.map_or_else(Report::empty, |first| first.site.into_report(findings)))
        }
    }
}

fn changelog(service: &Service, next: Next) -> Result<Changelog, Box<Diagnostic>> {
    // The work tree is what the commit is, which was checked.
    let revision = if next.is_tagged { Revision::Version(next.version) } else { Revision::WorkingTree };
    let changelog = Changelog::of(service, next.previous, revision)?;
    Ok(Changelog { to: Some(next.version.to_string()), ..changelog })
}

fn tag(
    source: &Source<'_>,
    changelog: &str,
    pushes: bool,
    target: &Target,
    shell: &mut Shell,
) -> Result<(), Box<Diagnostic>> {
    let Source { service, version, commit, .. } = source;
    let message = format!("{}\n\n{changelog}", source.title());
    service.repository.tag(&service.name, *version, commit, &message)?;
    let name = version.tag(&service.name);
    target.say(&format!("Tagging {name} (OK)"), shell);
    if pushes {
        service.repository.push_tag(&service.name, *version, commit)?;
        target.say(&format!("Pushing {name} (OK)"), shell);
    }
    Ok(())
}

/// What a release would do.
fn outlook(source: &Source<'_>, next: Next, pushes: bool, compiled: &[Compiled]) -> String {
    let names: Vec<&str> = compiled.iter().map(|one| one.env.as_str()).collect();
    let artifacts: BTreeSet<&str> =
        compiled.iter().flat_map(|one| one.product.artifacts.values()).map(|one| one.sha256.as_str()).collect();
    let mut text = format!("{} would be released:\n", source.title());
    let tag = next.version.tag(&source.service.name);
    let (first, sandbox) = compiled.first().map_or(("", ""), |one| (one.env.as_str(), one.sandbox.as_str()));
    text += &format!("  upload  {} and templates for {}\n", plural(artifacts.len(), "artifact"), names.join(", "));
    match next.is_tagged {
        true => text += &format!("  tag     {tag}, which is there\n"),
        false => text += &format!("  tag     {tag}\n"),
    }
    if pushes {
        text += &format!("  push    {tag}\n");
    }
    text + &format!("  deploy  to {sandbox} in {first}\n")
}
