//! Projects and connections for tests of what touches an account.

#![allow(clippy::unwrap_used, reason = "what tests share may fail like a test")]

use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::{self, Loaded};
use tc_core::world::MemoryWorld;
use tc_deploy::{Connection, Environment};

/// What a `tc.yml` says. It must be right.
pub fn project(text: &str) -> Loaded {
    let loaded = frontend::load_project(&MemoryWorld::new([("tc.yml", text)]));
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    loaded
}

/// A connection to an account at an address on this machine.
pub fn connect(address: &str, account: &str) -> Result<Connection, Box<Diagnostic>> {
    let text = format!("environments: {{cicd: {{endpoint: '{address}', region: us-west-2, account: '{account}'}}}}");
    Connection::open(&Environment::find("cicd", &project(&text).project))
}
