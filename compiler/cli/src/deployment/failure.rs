//! Why a deployment failed, at the place in the sources that the resource comes from.

use tc_core::backend::template::Template;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::graph::Graph;
use tc_deploy::follow::{Ending, Event, Verb};

/// What a failed deployment comes to: what went wrong first comes first.
pub fn findings(stack: &str, ending: &Ending, sources: Option<(&Template, &Graph)>) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = ending.failures.iter().map(|event| finding(event, sources)).collect();
    if findings.is_empty() {
        let message = match ending.is_cancelled {
            true => format!("the change of the stack `{stack}` was cancelled"),
            false => format!("the stack `{stack}` has ended as {}", ending.status),
        };
        findings.push(Diagnostic::without_place(&codes::DEPLOYMENT_FAILED, message));
    }
    if let Some(first) = findings.first_mut() {
        first.help.push(what_next(stack, ending));
    }
    findings
}

fn finding(event: &Event, sources: Option<(&Template, &Graph)>) -> Diagnostic {
    let done = match event.verb {
        Verb::Create => "created",
        Verb::Update => "updated",
        Verb::Delete => "deleted",
        Verb::RollBack => "brought back to what it was",
    };
    let reason = if event.reason.is_empty() { "CloudFormation gives no reason" } else { &event.reason };
    let message = format!("`{}` could not be {done}: {reason}", event.logical_id);
    let entity = sources.and_then(|(template, graph)| {
        let resource = template.resources.get(&event.logical_id)?;
        graph.entity(&resource.entity)
    });
    match entity {
        Some(entity) => Diagnostic::new(&codes::DEPLOYMENT_FAILED, entity.span, message)
            .label(format!("{} of `{}`", event.resource_type, entity.id)),
        None => Diagnostic::without_place(&codes::DEPLOYMENT_FAILED, message),
    }
}

/// How things stand, and what to do.
fn what_next(stack: &str, ending: &Ending) -> String {
    let ids: Vec<&str> = ending.failures.iter().map(|event| event.logical_id.as_str()).collect();
    let ids = ids.join(",");
    match ending.status.as_str() {
        "DELETE_COMPLETE" | "ROLLBACK_COMPLETE" => {
            "nothing is left of the sandbox; mend it and run the same command again".to_owned()
        }
        "UPDATE_ROLLBACK_COMPLETE" => {
            "the sandbox is as it was before; mend it and run the same command again".to_owned()
        }
        "DELETE_FAILED" => format!(
            "what could not be deleted is still there; mend it and run the same command again, or let AWS keep it: \
             `tc delete --keep {ids}`"
        ),
        "UPDATE_ROLLBACK_FAILED" => {
            "not everything could be undone either; mend it and run the same command again, which \
                                     undoes the rest first"
                .to_owned()
        }
        status => format!("the stack `{stack}` is in the state {status}; `tc explain TC1105` says what that means"),
    }
}
