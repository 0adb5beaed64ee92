//! Prints the template of a topology's directory, with a made-up digest for each function's code: for looking at what
//! the back end writes and for the judges, without building anything.
//!
//!     cargo run -p tc-core --example emit DIR

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

use std::path::Path;
use tc_core::backend::{Artifact, Artifacts, check, lower, yaml};
use tc_core::frontend::{Options, load};
use tc_core::graph::Graph;
use tc_core::world::MemoryWorld;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: emit DIR")?;
    let mut world = MemoryWorld::default();
    read(&mut world, Path::new(&directory), "")?;
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    for finding in loaded.findings.iter() {
        let place = finding.primary.as_ref().and_then(|label| loaded.sources.locate(label.span));
        let place = place.map(|(path, at)| format!("{path}:{}:{}", at.line, at.column)).unwrap_or_default();
        eprintln!("{} {place} {} {:?}", finding.code.id, finding.message, finding.help);
    }
    let topology = loaded.topology.ok_or("no topology")?;
    let graph = Graph::build(&topology);
    let analysed = tc_core::analysis::run(&world, &topology, &graph);
    let artifact = Artifact { sha256: "0".repeat(64), size: 1 };
    let artifacts: Artifacts = topology.functions.keys().map(|name| (name.clone(), artifact.clone())).collect();
    let lowered = lower(&topology, &graph, &artifacts);
    let checked = check::check(&lowered.template, &graph);
    for finding in analysed.iter().chain(&lowered.findings).chain(&checked) {
        eprintln!("{} {} {:?}", finding.code.id, finding.message, finding.help);
    }
    print!("{}", yaml::write(&lowered.template.to_expr()));
    Ok(())
}

fn read(world: &mut MemoryWorld, directory: &Path, prefix: &str) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(world, &entry.path(), &format!("{path}/"))?;
        } else {
            world.insert(path.as_str(), std::fs::read(entry.path())?);
        }
    }
    Ok(())
}
