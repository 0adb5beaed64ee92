//! What an update would change, without changing anything.
//!
//! ```text
//! code   the code on this machine and in a function, file by file
//! value  a value of a template in one line
//! ```

mod code;
mod value;

use super::part::{self, Aim, Part};
use super::target::Site;
use super::{Findings, Wanted, one, review};
use crate::pipeline::Product;
use crate::shell::Shell;
use crate::site;
use clap::builder::styling::Style;
use code::FunctionCode;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use tc_core::backend::component::Along;
use tc_core::backend::difference::{Action, Difference, Loss, PropertyDifference};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;
use tc_deploy::standing::{self, Standing};
use tc_deploy::{Connection, Environment};

/// What is different.
#[derive(Debug, Serialize)]
pub struct Differences {
    stack: String,
    functor: String,
    /// Whether anything is.
    pub differs: bool,
    changes: Vec<Row>,
    /// What would come along with the components that are meant.
    along: Vec<Along>,
    /// Functions whose code is another than on this machine.
    code: Vec<FunctionCode>,
}

/// What is different of one resource.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    change: Difference,
    /// What is lost with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<Loss>,
}

/// Shows what an update would change. With `exit_code` a difference is no success.
pub fn show(wanted: &Wanted, part: &Part, exit_code: bool, shell: &mut Shell) -> ExitCode {
    let target = &wanted.target;
    let mut site = match target.opened(shell) {
        Ok(site) => site,
        Err(status) => return status,
    };
    let found = match wanted.compile(&mut site) {
        Some((product, artifacts)) => {
            target.report_early(&mut site, shell);
            find((wanted, part), &site, &product, artifacts.path(), shell)
        }
        None => Err(Findings::new()),
    };
    let found = found.map(|found| {
        match target.is_data() {
            true => target.print_data(&found, shell),
            false => shell.out(&found.text(shell)),
        }
        found.differs
    });
    match target.conclude(&mut site, found, shell) {
        Ok(differs) if exit_code && differs => ExitCode::FAILURE,
        done => done.err().unwrap_or(ExitCode::SUCCESS),
    }
}

fn find(
    (wanted, meant): (&Wanted, &Part),
    site: &Site,
    product: &Product,
    artifacts: &Path,
    shell: &mut Shell,
) -> Result<Differences, Vec<Diagnostic>> {
    let target = &wanted.target;
    let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
    let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(one)?;
    let stack = topology.stack_name().text;
    let standing = standing::find(&connection, &stack, &product.lowered.description).map_err(one)?;
    // A stack whose only change set is a plan has nothing in it yet.
    let Some(standing) = standing.filter(Standing::is_made) else {
        return Err(vec![site::absent(topology, &connection).help(site::how_to_make(topology))]);
    };
    let part = match meant.components() {
        [] => None,
        _ => {
            let deployed = standing::deployed_template(&connection, &standing).map_err(one)?;
            meant.of(&deployed.template, product, graph)?
        }
    };
    let mut aim = Aim::new(product, part);
    let imports = wanted.link(&connection, site, product, (&mut aim, &standing.parameters), false, shell)?;
    let changes = standing::differences(&connection, &standing, &aim.template, &imports).map_err(one)?;
    of(topology, stack, changes, aim, Some((&connection, product, artifacts)))
}

/// What is different of a topology's stack. Of one that is there, also the code of its functions, which is in a directory of
/// artifacts.
///
/// # Errors
/// When the code cannot be looked at.
pub fn of(
    topology: &Topology,
    stack: String,
    changes: Vec<Difference>,
    aim: Aim,
    code: Option<(&Connection, &Product, &Path)>,
) -> Result<Differences, Findings> {
    let code = match code {
        Some((connection, product, artifacts)) => {
            code::find(connection, topology, (product, &aim), artifacts).map_err(one)?
        }
        None => Vec::new(),
    };
    let row = |change: Difference| Row { loss: change.loss(), change };
    Ok(Differences {
        stack,
        functor: topology.functor(),
        differs: !changes.is_empty() || !code.is_empty(),
        changes: changes.into_iter().map(row).collect(),
        along: aim.along,
        code,
    })
}

impl Differences {
    /// The differences for people: by entity, each property with its old and its new value.
    pub fn text(&self, shell: &Shell) -> String {
        if !self.differs {
            return format!("{} is as the topology says\n", self.stack);
        }
        let changes: Vec<Difference> = self.changes.iter().map(|row| row.change.clone()).collect();
        let mut text = match changes.is_empty() {
            true => format!("{}: no resource differs\n", self.stack),
            false => format!("{}: {}\n", self.stack, review::summary(&changes)),
        };
        let mut last = None;
        for change in &changes {
            if last != Some(&change.entity) {
                text += &format!("{}\n", if change.entity.is_empty() { "no entity" } else { &change.entity });
            }
            last = Some(&change.entity);
            text += &resource(change, shell);
        }
        part::told(&self.along).iter().for_each(|line| text += &format!("{line}\n"));
        for function in &self.code {
            text += &function.text(shell);
        }
        text
    }
}

fn resource(change: &Difference, shell: &Shell) -> String {
    let (sign, style) = review::sign(change);
    let style = if shell.color_out() { style } else { Style::new() };
    let fate = review::fate(change).join(", ");
    let fate = if fate.is_empty() { fate } else { format!("  {fate}") };
    let mut text = format!("  {style}{sign}{style:#} {}  {}{fate}\n", change.logical_id, change.resource_type);
    if change.action == Action::Modify {
        change.properties.iter().for_each(|one| text += &format!("      {}\n", property(one)));
    }
    text
}

/// A property with its old and its new value, in a line.
pub fn property(property: &PropertyDifference) -> String {
    let PropertyDifference { path, old, new, .. } = property;
    match (old, new) {
        (Some(old), Some(new)) if old == new => format!("{path}: follows what is replaced: {}", value::line(new)),
        (Some(old), Some(new)) => format!("{path}: {} -> {}", value::line(old), value::line(new)),
        (None, Some(new)) => format!("{path}: + {}", value::line(new)),
        (Some(old), None) => format!("{path}: - {}", value::line(old)),
        (None, None) => path.clone(),
    }
}
