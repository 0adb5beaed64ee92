//! Schedules, of topology.yml and of the infrastructure directory.

use super::names::{Named, Names};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::input::{Entries, ScheduleInput, TopologyInput};
use crate::frontend::schema::InputFile;
use crate::ir::{Recurrence, Schedule, Topology};
use crate::source::{Map, MapEntry, Node, Span, Spanned, Value};

pub(super) fn resolve(
    session: &mut Session<'_>,
    names: &Names<'_>,
    topology: &mut Topology,
    schedules: Entries<ScheduleInput>,
    scheduled: Option<Node>,
) {
    let of_file = scheduled.map(|node| decode(session, node)).unwrap_or_default();
    for (key, input) in schedules.0.into_iter().chain(of_file.0) {
        if let Some(first) = topology.schedules.get(&key.value) {
            let message = format!("the schedule `{}` is declared twice", key.value);
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, key.span, message).label("second");
            session.findings.push(finding.also(first.span, "first").help("rename one of them"));
            continue;
        }
        if let Some(schedule) = schedule(session, names, &key, input) {
            topology.schedules.insert(key.value, schedule);
        }
    }
}

/// Reads `schedules.json` as the `schedules` of a topology, so that one schema judges both.
fn decode(session: &mut Session<'_>, node: Node) -> Entries<ScheduleInput> {
    let span = node.span;
    let entry = |key: &str, value| MapEntry { key: key.to_owned(), key_span: span, value };
    let name = Node::new(Value::String("x".into()), span);
    let wrapped = Map::from_entries(vec![entry("name", name), entry("schedules", node)]);
    let wrapped = Node::new(Value::Map(wrapped), span);
    let findings = InputFile::Topology.check(&wrapped);
    if !findings.is_empty() {
        session.findings.extend(findings);
        return Entries::default();
    }
    session.decode::<TopologyInput>(&wrapped).map(|topology| topology.schedules).unwrap_or_default()
}

fn schedule(
    session: &mut Session<'_>,
    names: &Names<'_>,
    key: &Spanned<String>,
    input: ScheduleInput,
) -> Option<Schedule> {
    let what = format!("the schedule `{}`", key.value);
    let mut named = Named { function: input.function, state: input.state, queue: input.queue, ..Named::default() };
    if let Some(target) = input.target {
        let is_flow = target.value == "flow" && !names.has_function("flow");
        let slot = if is_flow { &mut named.state } else { &mut named.proxy };
        *slot = Some(target);
    }
    let target = names.target(session, &what, key.span, named);
    let recurrence = recurrence(session, key.span, &what, input.cron, input.rate, input.at);
    Some(Schedule {
        span: key.span,
        name: key.value.clone(),
        recurrence: recurrence?,
        timezone: input.timezone,
        target: target?,
        payload: input.payload,
    })
}

fn recurrence(
    session: &mut Session<'_>,
    place: Span,
    what: &str,
    cron: Option<Spanned<String>>,
    rate: Option<Spanned<String>>,
    at: Option<Spanned<String>>,
) -> Option<Recurrence> {
    let inner = |text: Spanned<String>, name: &str| {
        let bare = text.trim();
        let bare = bare.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')')).unwrap_or(bare);
        let bare = bare.trim().to_owned();
        text.map(|_| bare)
    };
    let given = [
        cron.map(|text| Recurrence::Cron(inner(text, "cron"))),
        rate.map(|text| Recurrence::Rate(inner(text, "rate"))),
        at.map(|text| Recurrence::At(inner(text, "at"))),
    ];
    let mut given = given.into_iter().flatten();
    let (first, second) = (given.next(), given.next());
    match (first, second) {
        (Some(first), None) => Some(first),
        (None, _) => {
            let finding = Diagnostic::new(&schema::MISSING_KEY, place, format!("{what} does not say when"));
            session.findings.push(finding.help("add `rate: 5 minutes`, or `cron: 0 12 * * ? *`"));
            None
        }
        (Some(_), Some(_)) => {
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, place, format!("{what} says twice when"));
            session.findings.push(finding.help("keep one of `cron`, `rate` and `at`"));
            None
        }
    }
}
