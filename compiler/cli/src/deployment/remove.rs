//! The end of a sandbox.

use super::narration::{Expected, Narration};
use super::target::Site;
use super::{Target, consent, failure, one, recovery};
use crate::report::plural;
use crate::shell::Shell;
use crate::site;
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;
use tc_deploy::follow::{self, End, Verb};
use tc_deploy::ready::{self, Step, Terms};
use tc_deploy::standing::{self, Resource, Standing};
use tc_deploy::{Connection, Environment, deployed};

/// How a sandbox is deleted.
#[derive(Debug, Clone, clap::Args)]
pub struct Removal {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,

    /// Do not wait for what somebody else does to the sandbox
    #[arg(long)]
    no_wait: bool,

    /// Let AWS keep these resources, which an earlier attempt could not delete
    #[arg(long, value_name = "RESOURCE", value_delimiter = ',')]
    keep: Vec<String>,
}

/// What was deleted, as data.
#[derive(Debug, Serialize)]
pub struct Removed {
    stack: String,
    sandbox: String,
    env: String,
    result: &'static str,
    resources: usize,
    /// The physical ids of what AWS kept, by logical id.
    kept: BTreeMap<String, String>,
}

/// Deletes a sandbox.
pub fn remove(target: &Target, removal: &Removal, shell: &mut Shell) -> ExitCode {
    let mut site = match target.opened(shell) {
        Ok(site) => site,
        Err(status) => return status,
    };
    if let Some((findings, sources)) = site::unreadable_project(&site.world) {
        (site.outcome.findings, site.outcome.sources) = (findings, sources);
        target.report(&site, shell);
        return ExitCode::FAILURE;
    }
    let Some((topology, _)) = site.front() else {
        // Without the topology's name it is not known which stack is meant.
        target.report(&site, shell);
        return ExitCode::FAILURE;
    };
    let outcome = delete(target, removal, &site, topology, shell);
    // What else is wrong with the sources does not matter any more.
    site.outcome.findings = tc_core::diagnostic::Diagnostics::default();
    let done = outcome.map(|removed| target.print_data(&removed, shell));
    target.conclude(&mut site, done, shell).err().unwrap_or(ExitCode::SUCCESS)
}

fn delete(
    target: &Target,
    removal: &Removal,
    site: &Site,
    topology: &Topology,
    shell: &mut Shell,
) -> Result<Removed, Vec<Diagnostic>> {
    let Some(doomed) = Doomed::find(target, removal, site, topology, shell)? else {
        let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(one)?;
        return Err(vec![site::absent(topology, &connection)]);
    };
    if target.is_read_by_people() {
        shell.err(&doomed.text());
    }
    let what = format!(
        "delete the sandbox `{}` of `{}` in {}, {}",
        topology.sandbox,
        *topology.name,
        topology.env,
        plural(doomed.resources(), "resource")
    );
    consent::ask(&what, removal.yes, shell).map_err(one)?;
    doomed.delete(target, removal, topology, shell)
}

/// A sandbox that is to be deleted.
pub struct Doomed {
    connection: Connection,
    stack: String,
    standing: Standing,
    resources: Vec<Resource>,
}

impl Doomed {
    /// The sandbox as it stands, once nothing is under way with it; `None` where there is none.
    ///
    /// # Errors
    /// When it is another's, is in use and not waited for, or the account does not tell.
    pub fn find(
        target: &Target,
        removal: &Removal,
        site: &Site,
        topology: &Topology,
        shell: &mut Shell,
    ) -> Result<Option<Self>, Vec<Diagnostic>> {
        let stack = topology.stack_name().text;
        let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(one)?;
        let description = topology.stack_description();
        let terms = Terms { stack: &stack, description: &description, waits: !removal.no_wait, skip: &[] };
        let mut tell = |step: Step<'_>| recovery::say(target, &stack, step, shell);
        let standing = ready::wait(&connection, &terms, &mut tell).map_err(one)?;
        let Some(standing) = standing else { return Ok(None) };
        let resources = standing::resources(&connection, &standing).map_err(one)?;
        Ok(Some(Self { connection, stack, standing, resources }))
    }

    /// How many resources there are of it.
    pub fn resources(&self) -> usize {
        self.resources.len()
    }

    /// What there is of it, for people.
    pub fn text(&self) -> String {
        listed(&self.stack, &self.resources)
    }

    /// Deletes it.
    ///
    /// # Errors
    /// What could not be deleted.
    pub fn delete(
        &self,
        target: &Target,
        removal: &Removal,
        topology: &Topology,
        shell: &mut Shell,
    ) -> Result<Removed, Vec<Diagnostic>> {
        let Self { connection, stack, standing, resources } = self;
        target.say(&format!("Deleting functor: {}", topology.functor()), shell);
        let watch = follow::delete(connection, &standing.id, &removal.keep).map_err(one)?;
        let expected = resources.iter().map(|resource| Expected {
            logical_id: resource.logical_id.clone(),
            entity: resource.entity.clone(),
            verb: Verb::Delete,
        });
        let artifacts = BTreeMap::new();
        let mut narration = Narration::new(topology, &artifacts, expected, shell, target.is_read_by_people());
        let ending = match watch.follow(connection, &mut narration).map_err(one)? {
            End::Over(ending) => ending,
            End::Detached => return Err(vec![recovery::detached(target, stack)]),
        };
        if !ending.is_success {
            return Err(failure::findings(stack, &ending, None));
        }
        let kept = narration.end("Deleted");
        deployed::forget(connection, stack).map_err(one)?;
        for (logical_id, physical_id) in &kept {
            target.say(&format!("AWS kept {physical_id} ({logical_id})"), shell);
        }
        Ok(Removed {
            stack: stack.clone(),
            sandbox: topology.sandbox.clone(),
            env: topology.env.clone(),
            result: "deleted",
            resources: resources.len(),
            kept: kept.into_iter().collect(),
        })
    }
}

/// The resources for people: a line each, by entity.
fn listed(stack: &str, resources: &[Resource]) -> String {
    let width = |of: fn(&Resource) -> &str| resources.iter().map(|one| of(one).chars().count()).max().unwrap_or(0);
    let (entities, ids) = (width(|one| &one.entity), width(|one| &one.logical_id));
    let mut text = format!("{stack}: {} to delete\n", plural(resources.len(), "resource"));
    let mut last = None;
    for Resource { entity, logical_id, resource_type, .. } in resources {
        // An entity is named once.
        let shown = if last == Some(entity) { "" } else { entity };
        last = Some(entity);
        text += &format!("  - {shown:entities$}  {logical_id:ids$}  {resource_type}\n");
    }
    text
}
