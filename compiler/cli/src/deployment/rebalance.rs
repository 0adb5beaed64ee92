//! Parts of a sandbox to other stacks, on purpose.
//!
//! `topology.lock` is written before anything moves: it says where everything goes, so that what is interrupted is gone on
//! with by the same command, from what is deployed alone. Where CloudFormation takes not even the first move, everything is
//! as it was, the lock too.

use super::target::{Site, Target};
use super::{Findings, consent, execution, one, places};
use crate::pipeline;
use crate::placement;
use crate::report::plural;
use crate::shell::Shell;
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use tc_core::backend::check::limits;
use tc_core::backend::difference::Action;
use tc_core::backend::stacks::refactor::{self, Known, Places};
use tc_core::backend::stacks::{self, Assembly, Lock, Placement, Sections, lock};
use tc_core::backend::template::Template;
use tc_core::backend::{self, ARTIFACT_BUCKET, json};
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::Topology;
use tc_deploy::change_set::{self, Request};
use tc_deploy::link::Linked;
use tc_deploy::ready::Ready;
use tc_deploy::refactor::{Move, Stacks};
use tc_deploy::standing::Standing;
use tc_deploy::{Connection, bucket};

/// How many parts of one way are named to people.
const NAMED: usize = 4;

/// What is moved, and with what care.
#[derive(Debug, clap::Args)]
pub struct Rebalancing {
    /// Place everything anew, not only what is in a stack that is too full
    #[arg(long)]
    all: bool,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    recovery: super::recovery::Recovery,
}

/// What was moved, as data.
#[derive(Debug, Serialize)]
struct Rebalanced {
    stack: String,
    functor: String,
    /// `moved`, `locked` where nothing is deployed, or `unchanged`.
    result: &'static str,
    moves: Vec<Row>,
}

/// A part that goes to another stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    entity: String,
    from: String,
    to: String,
    resources: usize,
}

/// Moves parts of a sandbox.
pub fn rebalance(target: &Target, rebalancing: &Rebalancing, shell: &mut Shell) -> ExitCode {
    let mut site = match target.opened(shell) {
        Ok(site) => site,
        Err(status) => return status,
    };
    let done = match target.is_forbidden(&mut site.outcome.findings) {
        true => Err(Findings::new()),
        false => run(target, rebalancing, &site, shell),
    };
    let done = done.map(|rebalanced| target.print_data(&rebalanced, shell));
    target.conclude(&mut site, done, shell).err().unwrap_or(ExitCode::SUCCESS)
}

fn run(target: &Target, rebalancing: &Rebalancing, site: &Site, shell: &mut Shell) -> Result<Rebalanced, Findings> {
    let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
    // Where something is does not depend on the functions' code.
    let lowered = backend::lower(topology, graph, &pipeline::code(topology, &BTreeMap::new()));
    let errors: Findings = lowered.findings.into_iter().filter(|one| one.severity == Severity::Error).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut lowered = lowered.template;
    let connection = site.connect(&target.env).map_err(one)?;
    let stack = topology.stack_name().text;
    let ready = rebalancing.recovery.make_ready(target, &connection, &stack, &lowered.description, shell)?;
    let deployed = match &ready {
        Ready::Create => None,
        Ready::Update(standing) => Some((standing, Stacks::read(&connection, standing).map_err(one)?)),
    };
    let sections = Sections::of(&lowered);
    let placement = placed(site, topology, &sections, deployed.as_ref().map(|(_, stacks)| stacks), rebalancing.all);
    let (flat, now) = match &deployed {
        Some((_, stacks)) => current(stacks),
        None => {
            let now = stacks::place(&sections, site.outcome.lock.as_ref(), &pipeline::places_elsewhere(topology));
            (sections.clone(), now.stacks)
        }
    };
    let goal = goal(&sections, &placement, &flat, &now);
    let moves = rows(&flat, &now, &goal);
    let is_unfinished =
        deployed.as_ref().is_some_and(|(_, stacks)| stacks.templates.values().any(refactor::is_unfinished));
    let mut rebalanced = Rebalanced { stack, functor: topology.functor(), result: "unchanged", moves };
    if rebalanced.moves.is_empty() && !is_unfinished {
        target.say("Nothing to move: no stack is too full, and everything is where the lock says", shell);
        return Ok(rebalanced);
    }
    if target.is_read_by_people() && !rebalanced.moves.is_empty() {
        shell.err(&text(&rebalanced));
    }
    let count: usize = rebalanced.moves.iter().map(|row| row.resources).sum();
    let what = format!("move {} of {}", plural(count, "resource"), rebalanced.stack);
    consent::ask(&what, rebalancing.yes || rebalanced.moves.is_empty(), shell).map_err(one)?;
    let before = placement::bytes(site.world.root());
    let old = site.outcome.lock.as_ref();
    if placement::write(site.world.root(), old, &placement).map_err(places::unwritten)? {
        target.say(&format!("Writing {}: which stack each part is in; commit it", lock::FILE), shell);
        target.say("Other sandboxes of this topology go there by a `tc rebalance` of their own", shell);
    }
    rebalanced.result = match deployed {
        None => {
            target.say(&format!("{} is not deployed: nothing else is to be done", rebalanced.stack), shell);
            "locked"
        }
        Some((standing, _)) => {
            backend::import_artifact_bucket(&mut lowered);
            let carrying = Carrying { target, site, topology, connection: &connection, lowered: &lowered, standing };
            carrying.carry_out(&goal, before.as_deref(), shell)?;
            "moved"
        }
    };
    Ok(rebalanced)
}

/// Where everything is to be: where the lock says, if something of what is deployed is elsewhere; else where there is room.
fn placed(site: &Site, topology: &Topology, sections: &Sections, stacks: Option<&Stacks>, all: bool) -> Placement {
    let kept = pipeline::places_elsewhere(topology);
    let mut base = Lock::default();
    if let Some(stacks) = stacks {
        let (flat, now) = current(stacks);
        base = stacks::deployed(&flat, &now);
        base.places.retain(|name, _| !name.is_empty());
    }
    base.places.extend(site.outcome.lock.iter().flat_map(|lock| lock.places.clone()));
    let as_locked = stacks::place(sections, (!base.places.is_empty()).then_some(&base), &kept);
    if let Some(stacks) = stacks {
        let (flat, now) = current(stacks);
        if goal(sections, &as_locked, &flat, &now) != now {
            return as_locked;
        }
    }
    match &as_locked.lock {
        Some(lock) => stacks::rebalance(sections, lock, &kept, all),
        None => as_locked,
    }
}

/// What is deployed as one template, and where it is.
fn current(stacks: &Stacks) -> (Sections, Places) {
    let flat = refactor::clean(&stacks.joined.template);
    let mut now = stacks.joined.stacks.clone();
    now.retain(|id, _| flat.resources.contains_key(id));
    (flat, now)
}

/// Where what is deployed is to be. What the topology has no longer stays where it is.
fn goal(sections: &Sections, placement: &Placement, flat: &Sections, now: &Places) -> Places {
    let place = |id: &String| {
        let places = if sections.resources.contains_key(id) { &placement.stacks } else { now };
        Some((id.clone(), places.get(id)?.clone()))
    };
    flat.resources.keys().filter_map(place).collect()
}

/// What goes where, by entity.
fn rows(flat: &Sections, now: &Places, goal: &Places) -> Vec<Row> {
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for id in flat.resources.keys() {
        let of = |places: &Places| lock::named(places.get(id).map_or("", String::as_str)).to_owned();
        let (from, to) = (of(now), of(goal));
        if from != to {
            *counts.entry((from, to, flat.entity(id).to_owned())).or_default() += 1;
        }
    }
    counts.into_iter().map(|((from, to, entity), resources)| Row { entity, from, to, resources }).collect()
}

/// The plan for people: a line a way, and some of what goes it.
fn text(rebalanced: &Rebalanced) -> String {
    let mut ways: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in &rebalanced.moves {
        ways.entry((&row.from, &row.to)).or_default().push(row);
    }
    let mut out = format!("what goes to another stack of {}; no resource is changed:\n", rebalanced.stack);
    for ((from, to), rows) in ways {
        let resources: usize = rows.iter().map(|row| row.resources).sum();
        out += &format!("  {from} -> {to}: {} of {}", plural(resources, "resource"), plural(rows.len(), "part"));
        let named: Vec<&str> = rows.iter().take(NAMED).map(|row| row.entity.as_str()).collect();
        let more = rows.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        out += &format!(" ({}{more})\n", named.join(", "));
    }
    out
}

/// A move that is being carried out.
struct Carrying<'c> {
    target: &'c Target,
    site: &'c Site,
    topology: &'c Topology,
    connection: &'c Connection,
    lowered: &'c Template,
    standing: &'c Standing,
}

impl Carrying<'_> {
    fn carry_out(&self, goal: &Places, old: Option<&[u8]>, shell: &mut Shell) -> Result<(), Findings> {
        let mut is_begun = false;
        loop {
            let stacks = Stacks::read(self.connection, self.standing).map_err(one)?;
            let (flat, now) = current(&stacks);
            if now == *goal {
                // Parameters and outputs of the new places take the place of values and placeholders.
                return self.update(&stacks, &flat, &now, &Places::new(), shell);
            }
            let moves = refactor::batch(&flat, &now, goal);
            if moves.is_empty() {
                let message = "CloudFormation does not move these resources: the stacks have no room in between";
                let finding = Diagnostic::without_place(&codes::NOT_MOVED, message);
                return Err(vec![finding.help("`tc rebalance` without `--all` moves less")]);
            }
            self.update(&stacks, &flat, &now, &moves, shell)?;
            if let Err(refusal) = self.refactor(&moves, shell) {
                return Err(self.refused(refusal, is_begun, old, shell));
            }
            is_begun = true;
        }
    }

    /// Moves resources that everything is prepared for.
    fn refactor(&self, moves: &Places, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let stacks = Stacks::read(self.connection, self.standing)?;
        let (flat, now) = current(&stacks);
        let known =
            Known { physical_ids: &stacks.physical_ids, outputs: &stacks.outputs, parameters: &stacks.parameters };
        let templates = refactor::refactored(&stacks.templates, (&flat, &now), moves, &known).map_err(|unknown| {
            let message = format!("CloudFormation does not say what `{unknown}` is");
            Box::new(Diagnostic::without_place(&codes::NOT_MOVED, message))
        })?;
        let of = |id: &str| now.get(id).cloned().unwrap_or_default();
        let moves = moves.iter().map(|(id, to)| Move { logical_id: id.clone(), from: of(id), to: to.clone() });
        let moves: Vec<Move> = moves.collect();
        let between: Vec<&str> = templates.keys().map(|path| lock::named(path)).collect();
        let what = plural(moves.len(), "resource");
        self.target.say(&format!("Moving {what} between the stacks {}", between.join(", ")), shell);
        stacks.refactor(self.connection, &templates, &moves)
    }

    /// What to do where CloudFormation does not move something.
    #[expect(clippy::boxed_local, reason = "errors come in a box")]
    fn refused(&self, refusal: Box<Diagnostic>, is_begun: bool, old: Option<&[u8]>, shell: &mut Shell) -> Findings {
        let undone = Stacks::read(self.connection, self.standing).map_err(one).and_then(|stacks| {
            let (flat, now) = current(&stacks);
            self.update(&stacks, &flat, &now, &Places::new(), shell)
        });
        let mut help = "what was moved before stays there; the same command again goes on, and without \
                        topology.lock `tc update` keeps everything where it is"
            .to_owned();
        if !is_begun && undone.is_ok() && placement::restore(self.site.world.root(), old).is_ok() {
            help =
                "nothing was moved, and topology.lock is as it was; `tc explain TC1118` tells the ways out".to_owned();
        }
        let mut findings = one(Box::new(refusal.help(help)));
        findings.extend(undone.err().into_iter().flatten());
        findings
    }

    /// An ordinary update to the same resources in the same stacks, with what some moves need.
    fn update(
        &self,
        stacks: &Stacks,
        flat: &Sections,
        now: &Places,
        moves: &Places,
        shell: &mut Shell,
    ) -> Result<(), Findings> {
        let mut flat = flat.clone();
        let mut values = stacks.parameters.clone();
        if !flat.parameters.contains_key(ARTIFACT_BUCKET) {
            // Templates of nested stacks are in it.
            let own = Sections::of(self.lowered).parameters.get(ARTIFACT_BUCKET).cloned();
            flat.parameters.extend(own.map(|declaration| (ARTIFACT_BUCKET.to_owned(), declaration)));
            let bucket = bucket::ensure(self.connection).map_err(one)?;
            values.insert(ARTIFACT_BUCKET.to_owned(), bucket.name);
        }
        refactor::in_order_of(&mut flat, &Sections::of(self.lowered));
        let circle = |circle| vec![limits::circle(&circle, self.topology)];
        let assembly: Assembly = refactor::prepared(&flat, now, moves).map_err(circle)?;
        let written = assembly.write("json", ARTIFACT_BUCKET, json::write);
        let nested: Vec<&str> = written.nested.iter().map(|stack| stack.template.text.as_str()).collect();
        values.retain(|parameter, _| flat.parameters.contains_key(parameter));
        let value = |(parameter, value)| Linked { parameter, value, origin: super::record::AS_DEPLOYED.to_owned() };
        let imports: Vec<Linked> = values.into_iter().map(value).collect();
        let request = Request {
            stack: &self.standing.name,
            template: &written.root.text,
            nested: &nested,
            imports: &imports,
            is_express: false,
        };
        let ready = Ready::Update(Standing { parameters: stacks.parameters.clone(), ..self.standing.clone() });
        let Some(change_set) = change_set::create(self.connection, &request, &ready).map_err(one)? else {
            return Ok(());
        };
        // Placeholders come and go, and nothing else.
        let lost = change_set.changes.iter().find(|change| {
            let is_own = flat.resources.contains_key(&change.logical_id);
            is_own && (consent::is_destructive(change) || change.action == Action::Add)
        });
        if let Some(change) = lost {
            let message = format!("`{}` would be made anew, which is not meant", change.logical_id);
            let mut findings = vec![Diagnostic::without_place(&codes::NOT_MOVED, message)];
            findings.extend(change_set.discard(self.connection).err().map(|finding| *finding));
            return Err(findings);
        }
        let made = (self.lowered, &BTreeMap::new());
        execution::execute(self.target, self.site, made, self.connection, &change_set, shell).map(drop)
    }
}
