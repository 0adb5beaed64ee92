//! The plan of a tree that waits for somebody's consent: what `--no-execute` writes and `tc deploy --plan` executes.
//!
//! Of a topology whose parameters are known it holds a change set, which alone is executed. Of one that needs another which
//! is not deployed yet it holds the digest of the template and what was shown: its change set is made when its turn comes, of
//! that template or not at all.

use super::deploy::finish;
use super::outcome::{Outcome, Row};
use super::plan::Planned;
use super::schedule::{self, AT_ONCE};
use super::sites::{Sited, Sites};
use crate::deployment::{
    Agreed, Care, Deployed, Deployment, Findings, Gate, Manner, Plan, Target, Wanted, consent, one, plan_version,
    read_plan, write_plan,
};
use crate::invocation;
use crate::shell::Shell;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::backend::difference::Difference;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_deploy::change_set;

/// What is planned for a tree.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreePlan {
    /// The version of this form, which is that of a plan of one topology.
    version: u32,
    sandbox: String,
    env: String,
    /// What the command line gave as values of parameters.
    imports: Vec<(String, String)>,
    /// By the topologies' names.
    topologies: BTreeMap<String, Step>,
}

/// What is planned for a topology.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// Nothing: the template of this digest is deployed.
    Leave { topology_sha256: String },
    /// This change set is executed.
    Execute(Box<Plan>),
    /// A change set is made of the template of this digest, once what it needs is deployed.
    Make { topology_sha256: String, after: BTreeSet<String>, changes: Vec<Difference> },
}

/// Makes the change sets that can be made, and writes the plan.
pub fn make(mut sites: Sites, deployment: &Deployment, plans: &[Planned], shell: &mut Shell) -> ExitCode {
    let Deployment { wanted: Wanted { target, imports }, care, plan: path, .. } = deployment;
    let alone: Vec<Vec<usize>> = sites.members.iter().map(|_| Vec::new()).collect();
    let ends = {
        let shell: &Shell = shell;
        schedule::run(&alone, AT_ONCE, |at| {
            let (Some(member), Some(plan)) = (sites.members.get(at), plans.get(at)) else {
                return Err(Findings::new());
            };
            step(member, plan, (imports, care), &mut sites.shell(member, shell))
        })
    };
    let mut topologies = BTreeMap::new();
    let mut failed = Vec::new();
    for (place, end) in ends.into_iter().enumerate() {
        let Some(member) = sites.members.get(place) else { continue };
        match end {
            schedule::End::Done(step) => _ = topologies.insert(member.name().to_owned(), step),
            schedule::End::Failed(findings) => failed.push((place, findings)),
            schedule::End::NotBegun(_) => {}
        }
    }
    let (sandbox, env) = (target.sandbox.clone(), target.env.clone());
    let plan = TreePlan { version: plan_version(), sandbox, env, imports: imports.clone(), topologies };
    if failed.is_empty()
        && let Err(refusal) = write_plan(&plan, path)
    {
        failed.push((0, one(refusal)));
    }
    if !failed.is_empty() {
        // Without the plan nobody would know of the change sets.
        plan.discard(&sites, plans);
        sites.tell(target, failed, shell);
        return ExitCode::FAILURE;
    }
    let rows = sites.order.members.iter().filter_map(|place| {
        let member = sites.members.get(*place)?;
        let (result, changes) = plan.topologies.get(member.name())?.told();
        Some(Row::done(member, result, &serde_json::json!({ "changes": changes })))
    });
    let outcome = Outcome { topologies: rows.collect() };
    if target.is_data() {
        shell.out(&outcome.json());
    } else if target.is_read_by_people() {
        shell.err(&outcome.text());
    }
    let file = invocation::word(&path.to_string_lossy()).to_string();
    target.say(&format!("Nothing was executed; the plan is {file}: tc deploy --plan {file}"), shell);
    sites.tell(target, Vec::new(), shell);
    ExitCode::SUCCESS
}

fn step(
    member: &Sited,
    plan: &Planned,
    (imports, care): (&[(String, String)], &Care),
    shell: &mut Shell,
) -> Result<Step, Findings> {
    let Some((product, artifacts)) = &member.compiled else { return Err(Findings::new()) };
    let topology_sha256 = change_set::digest(&product.template);
    if !plan.awaited.is_empty() {
        return Ok(Step::Make { topology_sha256, after: plan.awaited.clone(), changes: plan.changes.clone() });
    }
    let deployment = Deployment::planned(wanted(member, imports), care.with(Agreed::new(&plan.changes)));
    let deployed = deployment.apply_whole(&member.site, product, artifacts.path(), shell)?;
    Ok(deployed.plan.map_or(Step::Leave { topology_sha256 }, |plan| Step::Execute(Box::new(plan))))
}

/// What is wanted of a member, with what the command line gives to its template.
fn wanted(member: &Sited, imports: &[(String, String)]) -> Wanted {
    let mut imports = imports.to_vec();
    if let Some((product, _)) = &member.compiled {
        imports.retain(|(parameter, _)| product.lowered.parameters.contains_key(parameter));
    }
    Wanted { target: member.target.clone(), imports }
}

impl Step {
    /// What it is called in the report, and what it does.
    fn told(&self) -> (&'static str, &[Difference]) {
        match self {
            Self::Leave { .. } => ("unchanged", &[]),
            Self::Execute(plan) => ("planned", &plan.changes),
            Self::Make { changes, .. } => ("planned", changes),
        }
    }

    /// The digest of the template that was shown.
    fn digest(&self) -> &str {
        match self {
            Self::Leave { topology_sha256 } | Self::Make { topology_sha256, .. } => topology_sha256,
            Self::Execute(plan) => &plan.topology_sha256,
        }
    }
}

impl TreePlan {
    /// Removes the change sets.
    fn discard(&self, sites: &Sites, plans: &[Planned]) {
        for (member, planned) in sites.members.iter().zip(plans) {
            if let Some(Step::Execute(plan)) = self.topologies.get(member.name()) {
                // That one could not be removed would hide why.
                let _ = plan.change_set().discard(&planned.connection);
            }
        }
    }

    /// Refuses it where the topologies are others than it was made of.
    fn check(&self, sites: &Sites) -> Result<(), Box<Diagnostic>> {
        let outdated = |message: String| {
            let finding = Diagnostic::without_place(&codes::OUTDATED_PLAN, message);
            Box::new(finding.help("make it anew with `--no-execute`, and look at it again; nothing was done"))
        };
        for member in &sites.members {
            let name = member.name();
            let Some(step) = self.topologies.get(name) else {
                return Err(outdated(format!("the topology `{name}` has come since the plan was made")));
            };
            let digest = member.compiled.as_ref().map(|(product, _)| change_set::digest(&product.template));
            if digest.as_deref() != Some(step.digest()) {
                return Err(outdated(format!("the topology `{name}` has changed since the plan was made")));
            }
        }
        let is_gone = |name: &&String| sites.members.iter().all(|member| member.name() != name.as_str());
        match self.topologies.keys().find(is_gone) {
            Some(name) => Err(outdated(format!("the topology `{name}` has gone since the plan was made"))),
            None => Ok(()),
        }
    }

    fn deploy(&self, member: &Sited, care: &Care, shell: &mut Shell) -> Result<Option<Deployed>, Findings> {
        let (Some((product, artifacts)), Some(step)) = (&member.compiled, self.topologies.get(member.name())) else {
            return Err(Findings::new());
        };
        match step {
            Step::Leave { .. } => Ok(None),
            Step::Execute(plan) => {
                // Who executes the plan has agreed to it, for all of them.
                let mut agreed = care.clone();
                agreed.allow_replace = true;
                plan.as_ref().clone().deploy(&member.target, &member.site, product, &agreed, shell).map(Some)
            }
            Step::Make { changes, .. } => {
                let wanted = wanted(member, &self.imports);
                let deployment = Deployment::new(wanted, care.with(Agreed::new(changes)));
                deployment.apply_whole(&member.site, product, artifacts.path(), shell).map(Some)
            }
        }
    }
}

/// Executes the plan of a tree, if its topologies and stacks are still what it was made of.
pub fn execute(path: &Path, directory: PathBuf, manner: Manner, care: &Care, shell: &mut Shell) -> ExitCode {
    let plan: TreePlan = match read_plan(path) {
        Ok(plan) => plan,
        Err(refusal) => {
            Target::new(directory, String::new(), String::new(), manner).refuse(refusal, shell);
            return ExitCode::FAILURE;
        }
    };
    let target = Target::new(directory, plan.sandbox.clone(), plan.env.clone(), manner);
    target.say("Composing topologies...", shell);
    let sites = match Sites::open(&target, true, shell) {
        Ok(sites) => sites,
        Err(status) => return status,
    };
    let changes: Vec<Difference> = plan.topologies.values().flat_map(|step| step.told().1.to_vec()).collect();
    let agreed = plan
        .check(&sites)
        .and_then(|()| Gate::check(&care.fail_on, &changes))
        .and_then(|()| consent::of_changes(&changes, true, care.allow_replace, shell));
    if let Err(refusal) = agreed {
        target.refuse(refusal, shell);
        return ExitCode::FAILURE;
    }
    let ends = {
        let shell: &Shell = shell;
        schedule::run(&sites.order.needs, AT_ONCE, |at| match sites.members.get(at) {
            Some(member) => plan.deploy(member, care, &mut sites.shell(member, shell)),
            None => Err(Findings::new()),
        })
    };
    finish(sites, &target, ends, shell)
}
