//! State machines by their names: the topology's own flow, and those of other topologies.

use super::names::Names;
use crate::diagnostic::{Diagnostic, codes::schema};
use crate::frontend::Session;
use crate::frontend::composition::{self, Outline};
use crate::frontend::placeholder::Placeholders;
use crate::ir::{OtherTopology, Target};
use crate::source::{Span, Spanned, Text};
use crate::suggest;

/// What stands between the account and the name in the ARN of a state machine of this account.
const IN_THIS_ACCOUNT: &str = "{{account}}:stateMachine:";

impl Names<'_> {
    /// What `state` names: the topology's own flow, or that of another. `None`, with a finding, where there is none.
    pub fn state(&self, session: &mut Session<'_>, text: &Spanned<String>) -> Option<Target> {
        if self.is_own_flow(text) {
            if self.has_flow {
                return Some(Target::Flow(text.span));
            }
            session.findings.push(no_flow_here(text.span));
            return None;
        }
        // A placeholder that could not be filled is a finding already.
        if text.contains("{{") {
            return None;
        }
        let name = self.flow_of_topology(session, text, text.span)?;
        Some(Target::Topology(Spanned::new(name, text.span)))
    }

    /// The topology whose flow `StateMachineArn` names. `None` where it is in other hands than those of the topologies
    /// around this one, or, with a finding, where there is none of that name.
    pub fn state_machine(&self, session: &mut Session<'_>, text: &Text, span: Span) -> Option<String> {
        let written = text.to_string();
        if text.is_expression() || written.starts_with('$') || written.is_empty() {
            return None;
        }
        let Some((before, name)) = written.split_once(IN_THIS_ACCOUNT) else {
            let is_other = written.starts_with("arn:") || written.contains("{{") || self.is_own_flow(&written);
            return if is_other { None } else { self.flow_of_topology(session, &written, span) };
        };
        if !before.starts_with("arn:") || self.is_own_flow(name) {
            return None;
        }
        let is_known = session.composition(self.placeholders).find(name, &self.placeholders.sandbox).is_some();
        if is_known { self.flow_of_topology(session, name, span) } else { None }
    }

    fn is_own_flow(&self, text: &str) -> bool {
        let Placeholders { namespace, sandbox, .. } = self.placeholders;
        let rest = text.strip_prefix(namespace.as_str());
        let is_long = |rest: &str| rest.strip_prefix(['_', '-']) == Some(sandbox);
        text == "flow" || rest.is_some_and(|rest| rest.is_empty() || is_long(rest))
    }

    /// The name of another topology that has a flow.
    fn flow_of_topology(&self, session: &mut Session<'_>, text: &str, span: Span) -> Option<String> {
        let composition = session.composition(self.placeholders);
        let Some(other) = composition.find(text, &self.placeholders.sandbox) else {
            let names: Vec<&str> = composition.names().filter(|name| *name != self.placeholders.namespace).collect();
            session.findings.push(self.unknown_state_machine(text, &names, span));
            return None;
        };
        let Some(state_machine_type) = other.flow else {
            session.findings.push(no_flow(other, span));
            return None;
        };
        let name = other.name.value.clone();
        session.topologies.entry(name.clone()).or_insert_with(|| OtherTopology {
            name: Spanned::new(name.clone(), span),
            directory: other.directory.clone(),
            state_machine_type,
        });
        Some(name)
    }

    fn unknown_state_machine(&self, text: &str, others: &[&str], span: Span) -> Diagnostic {
        if others.is_empty() && !self.has_flow {
            return no_flow_here(span);
        }
        let message = format!("the state machine `{text}` does not exist");
        let finding = Diagnostic::new(&schema::UNKNOWN_REFERENCE, span, message);
        let own = &self.placeholders.namespace;
        let short = composition::short(text, &self.placeholders.sandbox);
        let near = suggest::nearest(short, others.iter().copied().chain([own.as_str()]));
        let all = || suggest::help("", "topologies around this one", others.iter().copied());
        match near.map(|near| format!("did you mean `{near}`?")).or_else(all) {
            Some(help) => finding.help(help),
            None => finding.help(format!("the flow of this topology is called `flow` or `{own}`")),
        }
    }
}

fn no_flow_here(span: Span) -> Diagnostic {
    let finding = Diagnostic::new(&schema::UNKNOWN_REFERENCE, span, "this topology has no `flow` to start");
    finding.help("add a `flow`, or name a `function`")
}

fn no_flow(other: &Outline, span: Span) -> Diagnostic {
    let name = &other.name;
    let message = format!("the topology `{}` has no `flow` to start", **name);
    let finding = Diagnostic::new(&schema::UNKNOWN_REFERENCE, span, message).also(name.span, "it is declared here");
    finding.help(format!("add a `flow` to `{}`, or name one that has one", **name))
}
