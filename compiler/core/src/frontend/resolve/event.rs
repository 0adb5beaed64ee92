//! Events consumed and produced.

use super::document;
use super::names::{Named, Names};
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::input::{ConsumedEventInput, EventsInput, ProducedEventInput};
use crate::ir::{ConsumedEvent, ProducedEvent, Target, Topology};
use crate::source::Spanned;

/// The producer that stands for any source on the bus.
const ANY_SOURCE: &str = "default";

pub(super) fn resolve(session: &mut Session<'_>, names: &Names<'_>, topology: &mut Topology, events: EventsInput) {
    for (key, input) in events.consumes.0 {
        consume(session, names, topology, key, input.unwrap_or_default());
    }
    for (key, input) in events.produces.0 {
        produce(session, names, topology, key, input.unwrap_or_default());
    }
}

fn consume(
    session: &mut Session<'_>,
    names: &Names<'_>,
    topology: &mut Topology,
    key: Spanned<String>,
    input: ConsumedEventInput,
) {
    if let (Some(pattern), Some(filter)) = (&input.pattern, &input.filter) {
        let message = format!("the event `{}` has a `pattern` and a `filter`", key.value);
        session.findings.push(
            Diagnostic::new(&schema::EXCLUSIVE_KEYS, filter.span, message)
                .also(pattern.span, "the pattern")
                .help("a pattern is whole: put the filter under its `detail`"),
        );
        return;
    }
    let what = format!("the event `{}`", key.value);
    let named = Named {
        function: input.function,
        proxy: input.proxy,
        state: input.state,
        queue: input.queue,
        event: None,
        mutation: input.mutation,
    };
    let target = names.target(session, &what, key.span, named);
    let pattern = input.pattern.and_then(|pattern| document(session, names, pattern));
    let filter = input.filter.and_then(|filter| document(session, names, filter));
    let elsewhere = input.sandboxes.is_some_and(|list| !list.iter().any(|name| name.value == topology.sandbox));
    let Some(target) = target else { return };
    if elsewhere {
        topology.consumed_elsewhere.insert(key.value);
        if let Target::Function(name) = target {
            topology.used_elsewhere.insert(name.value);
        }
        return;
    }
    let sources = input.producer.0.into_iter().filter(|source| source.value != ANY_SOURCE).collect();
    let event =
        ConsumedEvent { span: key.span, name: key.value.clone(), sources, pattern, filter, target, bus: input.bus };
    topology.consumes.insert(key.value, event);
}

fn produce(
    session: &mut Session<'_>,
    names: &Names<'_>,
    topology: &mut Topology,
    key: Spanned<String>,
    input: ProducedEventInput,
) {
    let producers = names.functions(session, &input.producer.0);
    let filter = input.filter.and_then(|filter| document(session, names, filter));
    let consumer = input.consumer.and_then(|consumer| {
        // The consumer may live in another topology; only this topology's own spelling is a reference.
        let is_own = names.inner(&consumer).is_some() || names.has_function(&consumer);
        if is_own { names.function(session, &consumer) } else { Some(consumer) }
    });
    if let Some(target) = input.target.and_then(|target| names.function(session, &target)) {
        if let Some(consumed) = topology.consumes.get(&key.value) {
            let message = format!("the event `{}` is also under `consumes`", key.value);
            let finding = Diagnostic::new(&schema::EXCLUSIVE_KEYS, target.span, message).also(consumed.span, "here");
            session.findings.push(finding.help("remove `target` here"));
        } else {
            let event = ConsumedEvent {
                span: key.span,
                name: key.value.clone(),
                sources: input.source.0.clone(),
                pattern: None,
                filter: filter.clone(),
                target: Target::Function(target),
                bus: input.bus.clone(),
            };
            topology.consumes.insert(key.value.clone(), event);
        }
    }
    let sources = input.source.0;
    let event =
        ProducedEvent { span: key.span, name: key.value.clone(), producers, sources, consumer, filter, bus: input.bus };
    topology.produces.insert(key.value, event);
}
