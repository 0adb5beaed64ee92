//! Vars and roles of the functions of a topology, as files.

use super::place;
use crate::args::Reporting;
use crate::commands::build::finding;
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::report;
use crate::shell::Shell;
use crate::topologies;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::{self, Loaded, Options};
use tc_core::ir::{Function, Topology};
use tc_core::source::SourceMap;
use tc_core::world::{SourcePath, World};

/// Writes the files that are missing.
pub fn run(directory: &Path, reporting: &Reporting, shell: &mut Shell) -> ExitCode {
    let opened = topologies::one(directory).and_then(|located| DiskWorld::open(&located.directory));
    let world = match opened {
        Ok(world) => world,
        Err(error) => {
            let mut findings = Diagnostics::default();
            findings.push(finding::no_directory(directory, &error));
            report::print(&findings, &SourceMap::default(), None, reporting.message_format, false, shell);
            return ExitCode::FAILURE;
        }
    };
    let paths = Paths::new(&world, directory);
    let Loaded { sources, mut findings, topology, infrastructure, .. } = frontend::load(&world, &Options::default());
    let is_forbidden = reporting.is_forbidden(&mut findings);
    if let Some(topology) = topology.filter(|_| !is_forbidden) {
        let place = match infrastructure {
            Some(directory) => directory,
            // Where the front end looks last: in the directory of the whole project.
            None => SourcePath::new(&"../".repeat(world.depth())).join("infrastructure/tc").join(&topology.name),
        };
        match write(&world, &topology, &place, &paths, shell) {
            // What else was found is told by `tc compile`.
            Ok(()) => return ExitCode::SUCCESS,
            Err(refusal) => findings.push(*refusal),
        }
    }
    report::print(&findings, &sources, Some(&paths), reporting.message_format, false, shell);
    ExitCode::FAILURE
}

fn write(
    world: &DiskWorld,
    topology: &Topology,
    place: &SourcePath,
    paths: &Paths,
    shell: &mut Shell,
) -> Result<(), Box<Diagnostic>> {
    for (name, function) in &topology.functions {
        for (kind, text) in [("vars", vars(function)), ("roles", roles())] {
            let directory = place.join(kind);
            // It may stand there in another format.
            let others = ["yml", "yaml"].map(|extension| directory.join(&format!("{name}.{extension}")));
            let file = directory.join(&format!("{name}.json"));
            let absolute = |path: &SourcePath| world.root().join(path.as_str());
            if others.iter().any(|other| absolute(other).exists()) || !place::file(&absolute(&file), &text)? {
                continue;
            }
            shell.out(&format!("{}\n", paths.shown(&absolute(&file))));
        }
    }
    Ok(())
}

/// The vars that a function has already, so that nothing changes until they are changed.
fn vars(function: &Function) -> String {
    let own = json!({ "default": {
        "memory_size": function.memory.value,
        "timeout": function.timeout.value,
        "environment": {},
    } });
    format!("{}\n", serde_json::to_string_pretty(&own).unwrap_or_default())
}

/// No statements yet.
fn roles() -> String {
    let none = json!({ "Version": "2012-10-17", "Statement": [] });
    format!("{}\n", serde_json::to_string_pretty(&none).unwrap_or_default())
}
