//! Says whose credentials an environment has: `cargo run -p tc-deploy --example sign_in -- NAME`, in the directory of a
//! tc.yml or without one.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what it is for")]

use std::process::ExitCode;
use tc_core::frontend;
use tc_core::world::MemoryWorld;
use tc_deploy::{Connection, Environment};

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "dev".to_owned());
    let text = std::fs::read_to_string("tc.yml").unwrap_or_default();
    let project = frontend::load_project(&MemoryWorld::new([("tc.yml", text)])).project;
    match Connection::open(&Environment::find(&name, &project)) {
        Ok(connection) => {
            println!("{} in {}", connection.account(), connection.region());
            ExitCode::SUCCESS
        }
        Err(finding) => {
            eprintln!("{} {}", finding.code.id, finding.message);
            finding.help.iter().for_each(|help| eprintln!("  {help}"));
            ExitCode::FAILURE
        }
    }
}
