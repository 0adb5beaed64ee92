//! `tc diff --recursive`: what an update of each topology of a tree would change.

use super::plan;
use super::sites::Sites;
use crate::deployment::{Aim, Differences, Wanted, differences};
use crate::shell::Shell;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Shows what is different. With `exit_code` a difference is no success.
pub fn run(wanted: &Wanted, exit_code: bool, shell: &mut Shell) -> ExitCode {
    let Wanted { target, imports } = wanted;
    let mut sites = match Sites::open(target, true, shell) {
        Ok(sites) => sites,
        Err(status) => return status,
    };
    let members: BTreeSet<String> = sites.members.iter().map(|member| member.name().to_owned()).collect();
    let found = sites.each(|member| {
        let plan = plan::plan(member, &members, imports, shell)?;
        let (Some(topology), Some((product, artifacts))) = (member.topology(), &member.compiled) else {
            return Err(Vec::new());
        };
        let aim = Aim::new(product, None);
        let code = plan.standing.is_some().then_some((&plan.connection, product, artifacts.path()));
        differences(topology, plan.stack, plan.changes, aim, code)
    });
    let found: Vec<Differences> = match found {
        Ok(found) => found,
        Err(failed) => {
            sites.tell(target, failed, shell);
            return ExitCode::FAILURE;
        }
    };
    let in_order: Vec<&Differences> = sites.order.members.iter().filter_map(|place| found.get(*place)).collect();
    let text = match target.is_data() {
        true => {
            let document = serde_json::json!({ "topologies": in_order });
            format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())
        }
        false => in_order.iter().map(|one| one.text(shell)).collect(),
    };
    shell.out(&text);
    let differs = in_order.iter().any(|one| one.differs);
    sites.tell(target, Vec::new(), shell);
    if exit_code && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
