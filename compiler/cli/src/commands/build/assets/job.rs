//! Which trees are to be built, of which functions, and for which paths.

use super::super::{Arguments, Project};
use super::{at, check};
use crate::topologies::Located;
use tc_core::diagnostic::codes::asset as codes;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::input::ProjectInput;
use tc_core::ir::function::{DEPS_PATH, MODEL_PATH};
use tc_core::ir::{Function, Topology};
use tc_package::layer::has_layer;

/// A tree that is to be built.
pub struct Job {
    /// Of which function.
    pub function: String,
    /// The key of `assets`.
    pub key: &'static str,
    /// The path as the function sees it.
    pub path: String,
    /// The same below the root of the file system.
    pub below: String,
}

impl Arguments {
    /// The trees that are wanted of a topology. What is wrong is among the project's findings.
    pub fn jobs(&self, key: &'static str, project: &mut Project, located: &Located) -> Vec<Job> {
        let mut findings = Diagnostics::default();
        // That no function is there was said when the topology was opened.
        let meant = self.meant(&project.topology, &project.world, located, &mut Diagnostics::default());
        let is_one = self.name.is_some() || located.within.is_some();
        let mut jobs = Vec::new();
        for function in meant {
            let Some(path) = function.assets.get(key) else {
                if is_one {
                    findings.push(nothing(function, key));
                }
                continue;
            };
            let is_source = has_source(function, key, project);
            if !is_source && other_source(function, key, project) {
                // It reads what another function publishes.
                continue;
            }
            if !is_source && key == DEPS_PATH {
                findings.push(no_list(function));
                continue;
            }
            match below(function, &path.value, &project.input) {
                Ok(below) => {
                    jobs.push(Job { function: function.name.clone(), key, path: path.value.clone(), below });
                }
                Err(finding) => findings.push(*finding),
            }
        }
        findings.extend(check::nested_paths(&project.topology, &jobs));
        project.findings.extend(findings);
        jobs
    }
}

/// Whether a function provides what belongs to a path, and does not only read it.
fn has_source(function: &Function, key: &str, project: &Project) -> bool {
    if key == DEPS_PATH {
        return has_layer(function);
    }
    let directory = project.world.root().join(function.directory.as_str());
    let has_model = function.model_directory().is_some_and(|model| directory.join(model).is_dir());
    has_model || !function.build.pre.is_empty()
}

/// Whether another function provides what belongs to the same path.
fn other_source(function: &Function, key: &str, project: &Project) -> bool {
    let path = function.assets.get(key).map(|path| &path.value);
    let others = project.topology.functions.values().filter(|other| other.name != function.name);
    others
        .filter(|other| other.assets.get(key).map(|path| &path.value) == path)
        .any(|other| has_source(other, key, project))
}

/// The path of an asset below the root of the environment's file system.
fn below(function: &Function, path: &str, input: &ProjectInput) -> Result<String, Box<Diagnostic>> {
    let known =
        input.filesystems.0.iter().find(|(name, _)| name.value == "assets").and_then(|(_, known)| known.as_ref());
    let known = known.and_then(|known| known.access_point.as_ref().or(known.arn.as_ref()));
    let mount = function.mount.as_ref();
    let access_point = mount.and_then(|mount| mount.access_point.as_ref());
    if access_point.map(|arn| &arn.value) != known.map(|arn| &arn.value) {
        let message = format!("function `{}` mounts another file system than its environment's", function.name);
        let place = access_point.map_or(function.span, |arn| arn.span);
        return Err(Box::new(
            Diagnostic::new(&codes::NOTHING_TO_PUBLISH, place, message)
                .help("name the access point at `filesystems.assets` in `tc.yml`, or publish there by other means"),
        ));
    }
    let point = mount.map_or("/mnt/assets", |mount| mount.mount_point.value.as_str());
    // That it is below the mount point was checked when the topology was read.
    let below = path.strip_prefix(point).unwrap_or(path).trim_matches('/');
    let below: Vec<&str> = below.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    Ok(below.join("/"))
}

fn nothing(function: &Function, key: &str) -> Diagnostic {
    let message = format!("function `{}` has no `assets.{key}`", function.name);
    let value = match key {
        MODEL_PATH => "/mnt/assets/TOPOLOGY/FUNCTION/1.0/artifacts",
        _ => "/mnt/assets/TOPOLOGY/FUNCTION/deps",
    };
    Diagnostic::new(&codes::NOTHING_TO_PUBLISH, function.span, message)
        .help(format!("write where it belongs into function.json: `\"assets\": {{\"{key}\": \"{value}\"}}`"))
}

fn no_list(function: &Function) -> Diagnostic {
    let message = format!("function `{}` has `assets.{DEPS_PATH}` and no list of dependencies", function.name);
    at(function, DEPS_PATH, &codes::NO_SOURCE, message)
        .help("add a list, such as a pyproject.toml, or give `build.command` in function.json")
}

/// The paths of all assets of a topology that are published, each with its function and key.
pub fn published_paths(topology: &Topology) -> impl Iterator<Item = (&Function, &'static str, &str)> {
    topology.functions.values().flat_map(|function| {
        let path = move |key: &'static str| function.assets.get(key).map(|path| (function, key, path.value.as_str()));
        [MODEL_PATH, DEPS_PATH].into_iter().filter_map(path)
    })
}
