//! `tc create --recursive` and `tc update --recursive`: one plan, one consent, what is named first, one report.

use super::outcome::{Outcome, Row};
use super::schedule::{self, AT_ONCE, End};
use super::sites::Sites;
use super::{plan, plan_file};
use crate::deployment::{Agreed, Deployed, Deployment, Gate, Goal, Target, Wanted, consent, print};
use crate::shell::Shell;
use crate::site;
use std::collections::BTreeSet;
use std::process::ExitCode;
use tc_core::backend::difference::Difference;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::suggest;

/// Deploys all topologies of a tree.
pub fn run(deployment: &Deployment, goal: Goal, shell: &mut Shell) -> ExitCode {
    let Deployment { wanted: Wanted { target, imports }, care, .. } = deployment;
    target.say("Composing topologies...", shell);
    let mut sites = match Sites::open(target, true, shell) {
        Ok(sites) => sites,
        Err(status) => return status,
    };
    if let Err(refusal) = known(imports, &sites) {
        target.refuse(refusal, shell);
        return ExitCode::FAILURE;
    }
    let members: BTreeSet<String> = sites.members.iter().map(|member| member.name().to_owned()).collect();
    let planned = sites.each(|member| plan::plan(member, &members, imports, shell));
    let plans = match planned {
        Ok(plans) => plans,
        Err(failed) => {
            sites.tell(target, failed, shell);
            return ExitCode::FAILURE;
        }
    };
    if goal == Goal::Update && plans.iter().all(|plan| plan.standing.is_none()) {
        let absent = sites.members.first().zip(plans.first()).and_then(|(member, plan)| {
            let topology = member.topology()?;
            let help = format!("{} --recursive", site::how_to_make(topology).trim_end_matches('`'));
            Some(site::absent(topology, &plan.connection).help(format!("{help}`")))
        });
        sites.tell(target, vec![(0, absent.into_iter().collect())], shell);
        return ExitCode::FAILURE;
    }
    let in_order: Vec<_> = sites.order.members.iter().filter_map(|place| plans.get(*place)).collect();
    if target.is_read_by_people() {
        let text: String = in_order.iter().map(|plan| plan.text(shell)).collect();
        shell.err(&text);
    }
    let changes: Vec<Difference> = in_order.iter().flat_map(|plan| plan.changes.clone()).collect();
    if deployment.no_execute {
        if let Err(refusal) = Gate::check(&care.fail_on, &changes) {
            target.refuse(refusal, shell);
            return ExitCode::FAILURE;
        }
        return plan_file::make(sites, deployment, &plans, shell);
    }
    let agreed = Gate::check(&care.fail_on, &changes)
        .and_then(|()| consent::of_changes(&changes, care.yes, care.allow_replace, shell));
    if let Err(refusal) = agreed {
        target.refuse(refusal, shell);
        return ExitCode::FAILURE;
    }
    let ends = {
        let shell: &Shell = shell;
        schedule::run(&sites.order.needs, AT_ONCE, |at| {
            let (Some(member), Some(plan)) = (sites.members.get(at), plans.get(at)) else { return Err(Vec::new()) };
            let Some((product, artifacts)) = &member.compiled else { return Err(Vec::new()) };
            let mut imports = imports.clone();
            imports.retain(|(parameter, _)| product.lowered.parameters.contains_key(parameter));
            let wanted = Wanted { target: member.target.clone(), imports };
            let care = care.with(Agreed::new(&plan.changes));
            let mut shell = sites.shell(member, shell);
            let deployment = Deployment::new(wanted, care);
            deployment.apply_whole(&member.site, product, artifacts.path(), &mut shell).map(Some)
        })
    };
    finish(sites, target, ends, shell)
}

/// Tells what became of each; nothing was to be done for one that has nothing to tell.
pub fn finish(
    mut sites: Sites,
    target: &Target,
    ends: Vec<End<Option<Deployed>, Vec<Diagnostic>>>,
    shell: &mut Shell,
) -> ExitCode {
    let mut failed = Vec::new();
    let mut rows = Vec::new();
    let mut done = Vec::new();
    let names: Vec<String> = sites.members.iter().map(|member| member.name().to_owned()).collect();
    for (place, end) in ends.into_iter().enumerate() {
        let Some(member) = sites.members.get(place) else { continue };
        rows.push(match end {
            End::Done(None) => Row::done(member, "unchanged", &()),
            End::Done(Some(deployed)) => {
                let row = Row::done(member, deployed.result, &deployed);
                done.push((place, deployed));
                row
            }
            End::Failed(findings) => {
                let is_detached = findings.iter().any(|finding| finding.code == &codes::DETACHED);
                let row = Row::failed(member, is_detached);
                failed.push((place, findings));
                row
            }
            End::NotBegun(cause) => Row::not_begun(member, names.get(cause).map_or("", String::as_str)),
        });
    }
    let rows = sites.order.members.iter().filter_map(|place| rows.get(*place).cloned()).collect();
    let outcome = Outcome { topologies: rows };
    if target.is_data() {
        shell.out(&outcome.json());
    } else {
        for (place, deployed) in &done {
            if let Some((product, _)) = sites.members.get(*place).and_then(|member| member.compiled.as_ref()) {
                print(target, deployed, product, shell);
            }
        }
    }
    let status = outcome.status();
    sites.tell(target, failed, shell);
    if target.is_read_by_people() {
        shell.err(&outcome.text());
    }
    status
}

/// Refuses parameters that no template of the tree has.
fn known(imports: &[(String, String)], sites: &Sites) -> Result<(), Box<Diagnostic>> {
    let products = sites.members.iter().filter_map(|member| member.compiled.as_ref());
    let parameters: BTreeSet<&str> =
        products.flat_map(|(product, _)| product.lowered.parameters.keys().map(String::as_str)).collect();
    match imports.iter().find(|(parameter, _)| !parameters.contains(parameter.as_str())) {
        None => Ok(()),
        Some((parameter, _)) => {
            let message = format!("no template of these topologies has a parameter `{parameter}`");
            let help = suggest::help(parameter, "parameters", parameters.iter().copied());
            Err(Box::new(Diagnostic::without_place(&codes::UNRESOLVED_IMPORT, message).help_opt(help)))
        }
    }
}
