//! Signing in to where layers are published, once for each account.

use super::{Arguments, Project, finding};
use crate::report::Report;
use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::input::ProjectInput;
use tc_deploy::{Connection, Environment};

/// The accounts that were signed in to. Topologies may lie in several projects, each with its own.
#[derive(Default)]
pub struct Accounts {
    /// With `None` where that failed, which was said.
    opened: Vec<(Environment, Option<Connection>)>,
}

/// Why there is no connection: the finding, or `None` where it was given before.
pub type Refusal = Option<Box<Diagnostic>>;

impl Accounts {
    /// Signs in to the account that has the layers of an environment; its place.
    pub fn open(&mut self, environment: &str, input: &ProjectInput) -> Result<usize, Refusal> {
        let environment = Environment::find_of_layers(environment, input);
        let known = self.opened.iter().position(|(other, _)| *other == environment);
        let (place, refusal) = match known {
            Some(place) => (place, None),
            None => {
                let (connection, refusal) = match Connection::open(&environment) {
                    Ok(connection) => (Some(connection), None),
                    Err(finding) => (None, Some(Box::new(finding::at_environment_of_layers(*finding, input)))),
                };
                self.opened.push((environment, connection));
                (self.opened.len() - 1, refusal)
            }
        };
        self.get(place).map(|_| place).ok_or(refusal)
    }

    /// The connection at a place.
    pub fn get(&self, place: usize) -> Option<&Connection> {
        self.opened.get(place).and_then(|(_, connection)| connection.as_ref())
    }
}

/// How an account is named to people: `cicd (111111111111, us-west-2)`.
pub fn shown(connection: &Connection) -> String {
    format!("{} ({}, {})", connection.environment(), connection.account(), connection.region())
}

impl Arguments {
    /// Signs in to the account that a topology's layers are published to, unless nothing is to be published or what was
    /// found forbids it.
    pub fn sign_in(&self, mut project: Project, accounts: &mut Accounts) -> Result<Project, Box<Report>> {
        if !project.has_layers() {
            return Ok(project);
        }
        let mut weighed = project.findings.clone();
        if self.reporting.is_forbidden(&mut weighed) {
            return Err(Box::new(project.into_report()));
        }
        match accounts.open(&project.topology.env, &project.input) {
            Ok(account) => {
                project.account = Some(account);
                Ok(project)
            }
            Err(refusal) => {
                project.findings.extend(refusal.map(|finding| *finding));
                Err(Box::new(project.into_report()))
            }
        }
    }
}
