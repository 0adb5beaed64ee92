//! Which stack each part of a sandbox is in, which stays so.
//!
//! `topology.lock` says it. Where it is lost, or a topology has grown past one stack without ever having had one, what is
//! deployed says it; where it says something else than what is deployed, nothing is done.

use super::Findings;
use super::target::{Site, Target};
use crate::os_error;
use crate::output::OutputError;
use crate::pipeline::{self, Product, TemplateFormat};
use crate::placement;
use crate::shell::Shell;
use std::collections::BTreeSet;
use std::path::Path;
use tc_core::backend::stacks::{self, Joined, Sections, lock};
use tc_core::backend::template::Resource;
use tc_core::diagnostic::codes::{command, deploy as codes};
use tc_core::diagnostic::{Diagnostic, Diagnostics, Severity};
use tc_package::DirectoryStore;

/// Sees to it that what is deployed stays in its stacks, and writes the lock where it is not what it should be. What the
/// topology compiles to with the places of what is deployed, where the lock lacks some; `artifacts` is where code zips are.
///
/// # Errors
/// When the lock disagrees with what is deployed, or cannot be written.
pub fn stay(
    target: &Target,
    site: &Site,
    product: &Product,
    (deployed, artifacts): (Option<&Joined>, &Path),
    shell: &mut Shell,
) -> Result<Option<Product>, Findings> {
    let old = site.outcome.lock.as_ref();
    let anew = match deployed.and_then(|deployed| Some((deployed, moved(product, deployed)?))) {
        // A version is deployed as it was released.
        Some((_, moved)) if !site.is_work_tree() => return Err(vec![moved]),
        Some((deployed, _)) => Some(again(site, deployed, artifacts)?),
        None => None,
    };
    let placed = anew.as_ref().unwrap_or(product);
    if site.is_work_tree() && placement::write(site.world.root(), old, &placed.placement).map_err(unwritten)? {
        let origin = if anew.is_some() { " as it is deployed" } else { "" };
        target.say(&format!("Writing {}: which stack each part is in{origin}; commit it", lock::FILE), shell);
    }
    Ok(anew)
}

/// Whether the lock says where everything is that a topology was compiled to.
pub fn are_locked(site: &Site, product: &Product) -> bool {
    product.placement.lock.is_none() || product.placement.lock == site.outcome.lock
}

/// Compiles with the places of what is deployed, as far as the lock says nothing else.
fn again(site: &Site, deployed: &Joined, artifacts: &Path) -> Result<Product, Findings> {
    let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
    let mut lock = stacks::deployed(&Sections::read(&deployed.template), &deployed.stacks);
    lock.places.extend(site.outcome.lock.iter().flat_map(|old| old.places.clone()));
    let store =
        DirectoryStore::new(artifacts).map_err(|error| unwritten(OutputError::Io(artifacts.to_owned(), error)))?;
    // What is no error was told when it was compiled first.
    let mut found = Diagnostics::default();
    let front = (topology, graph, Some(&lock));
    let product = pipeline::back(&site.world, front, &site.outcome.sources, &store, TemplateFormat::Json, &mut found);
    let errors: Findings = found.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    match moved(&product, deployed) {
        _ if !errors.is_empty() => Err(errors),
        Some(finding) => Err(vec![finding]),
        None => Ok(product),
    }
}

/// That something would go to another stack than the one it is deployed in; `None` where everything stays.
fn moved(product: &Product, deployed: &Joined) -> Option<Diagnostic> {
    let in_root = String::new();
    let now = |id: &str| product.placement.stacks.get(id).unwrap_or(&in_root);
    let is_deployed = |id: &str| deployed.template.get("Resources").is_some_and(|all| all.get(id).is_some());
    let moved = product.lowered.resources.iter().filter_map(|(id, resource)| {
        let (from, to) = (deployed.stacks.get(id).unwrap_or(&in_root), now(id));
        (is_deployed(id) && from != to && !is_made_anew(id, resource, deployed))
            .then(|| (resource.entity.to_string(), (from, to)))
    });
    let moved: Vec<_> = moved.collect();
    let (first, (from, to)) = moved.first()?;
    let others = moved.iter().map(|(entity, _)| entity).collect::<BTreeSet<_>>().len() - 1;
    let others =
        if others == 0 { String::new() } else { format!("; it is not the only one, {others} more would move") };
    let (from, to) = (lock::named(from), lock::named(to));
    let message = format!("`{first}` is deployed in the stack `{from}` and would go to `{to}`{others}");
    let finding = Diagnostic::without_place(&codes::MOVED, message);
    Some(finding.help(format!(
        "take {file} from git as it was deployed, or delete it: `tc update` makes it from what is deployed; `tc rebalance` \
         moves parts on purpose. Nothing was done",
        file = lock::FILE
    )))
}

/// Whether a resource is for another function than it was: what lets a function be invoked, or feeds it, is made anew then, and
/// has no name that would be taken.
fn is_made_anew(id: &str, resource: &Resource, deployed: &Joined) -> bool {
    let follows = ["AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"];
    let then = deployed.template.pointer(&format!("/Resources/{id}/Properties/FunctionName"));
    let now = resource.properties.get("FunctionName").map(|name| serde_json::to_value(name).unwrap_or_default());
    follows.contains(&resource.resource_type) && then != now.as_ref()
}

/// That a lock cannot be written.
pub fn unwritten(error: OutputError) -> Findings {
    let message = match error {
        OutputError::NotOurs(path) => format!("`{}` is not what tc wrote", path.display()),
        OutputError::Io(path, error) => format!("`{}` cannot be written: {}", path.display(), os_error::words(&error)),
    };
    vec![Diagnostic::without_place(&command::OUTPUT_NOT_WRITTEN, message)]
}
