//! EventBridge rules. "EventBridge API, PutRule" and "Target".

use super::schedule::expression_fault;
use super::subject::{Subject, combination, within};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;
use std::collections::BTreeSet;

/// The ways to say what a target gets; at most one.
const INPUTS: [&str; 3] = ["Input", "InputPath", "InputTransformer"];

pub fn check(rule: &Subject<'_>, faults: &mut Vec<Fault>) {
    let mut ids = BTreeSet::new();
    for (at, target) in rule.items("Targets").iter().enumerate() {
        if let Some(Expr::String(id)) = within(target, "Id")
            && !ids.insert(id)
        {
            faults.push(combination(format!("`Targets[{at}].Id` is `{id}` again")));
        }
        check_target(rule, target, at, faults);
    }
    if rule.has("ScheduleExpression") && rule.text("EventBusName").is_some_and(|bus| bus != "default") {
        faults.push(combination("`ScheduleExpression` works on the default bus alone"));
    }
    if let Some(fault) = rule.text("ScheduleExpression").and_then(expression_fault) {
        faults.push(combination(format!("`ScheduleExpression` {fault}")));
    }
    if let Some(Expr::Object(pattern)) = rule.get("EventPattern") {
        if pattern.is_empty() {
            faults.push(combination("`EventPattern` is empty"));
        }
        for (field, matcher) in pattern.iter() {
            check_pattern(matcher, &format!("EventPattern.{field}"), faults);
        }
    }
}

fn check_target(rule: &Subject<'_>, target: &Expr, at: usize, faults: &mut Vec<Fault>) {
    let given: Vec<_> = INPUTS.into_iter().filter(|name| within(target, name).is_some()).collect();
    if given.len() > 1 {
        faults.push(combination(format!("`Targets[{at}]` has both `{}`", given.join("` and `"))));
    }
    let Some(resource) = within(target, "Arn").and_then(|arn| rule.index.target(arn)) else { return };
    let resource = rule.other(resource);
    let id = resource.id;
    if resource.is("AWS::StepFunctions::StateMachine") && within(target, "RoleArn").is_none() {
        faults.push(combination(format!("`Targets[{at}].RoleArn` is missing, the state machine `{id}` needs it")));
    }
    let group = within(target, "SqsParameters").and_then(|parameters| within(parameters, "MessageGroupId"));
    if resource.is_true("FifoQueue") && group.is_none() {
        let message =
            format!("`Targets[{at}].SqsParameters.MessageGroupId` is missing, the FIFO queue `{id}` needs it");
        faults.push(combination(message));
    }
}

/// "EventBridge User Guide, Event patterns": a field is matched by a list that is not empty, or by a map of fields.
fn check_pattern(matcher: &Expr, path: &str, faults: &mut Vec<Fault>) {
    match matcher {
        Expr::List(choices) if choices.is_empty() => {
            faults.push(combination(format!("`{path}` is an empty list, which matches nothing")));
        }
        Expr::Object(fields) if path.rsplit('.').next() == Some("$or") || !fields.is_empty() => {
            fields.iter().for_each(|(field, matcher)| check_pattern(matcher, &format!("{path}.{field}"), faults));
        }
        Expr::List(choices) if path.ends_with(".$or") => {
            choices.iter().for_each(|choice| check_pattern(choice, path, faults));
        }
        Expr::Object(_) => faults.push(combination(format!("`{path}` is an empty map"))),
        Expr::String(_) | Expr::Int(_) | Expr::Float(_) | Expr::Bool(_) | Expr::Null => {
            let help = "write the value in a list".to_owned();
            faults.push(combination(format!("`{path}` must be a list or a map")).help(help));
        }
        _ => {}
    }
}
