//! The grammar of policies. "IAM User Guide, Grammar of the IAM JSON policy language" and "IAM JSON policy elements".

use super::subject::{Subject, combination, within};
use crate::backend::check::attribute::reads;
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;
use std::collections::BTreeSet;
use std::fmt;

const ELEMENTS: [&str; 9] =
    ["Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid"];

/// Elements that can be said the other way round.
const ACTION: [&str; 2] = ["Action", "NotAction"];
const PRINCIPAL: [&str; 2] = ["Principal", "NotPrincipal"];
const RESOURCE: [&str; 2] = ["Resource", "NotResource"];

/// What a policy hangs on, which decides whether it names principals and resources.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On a role: it says what the role may do.
    Identity,
    /// On a resource: it says who may do what with it.
    Resource,
    /// Who may take on a role.
    Trust,
}

/// For a role: its trust policy and its inline policies.
pub fn role(role: &Subject<'_>, faults: &mut Vec<Fault>) {
    if let Some(document) = role.get("AssumeRolePolicyDocument") {
        check(role, document, "AssumeRolePolicyDocument", Kind::Trust, faults);
    }
    for (at, policy) in role.items("Policies").iter().enumerate() {
        if let Some(document) = within(policy, "PolicyDocument") {
            check(role, document, &format!("Policies[{at}].PolicyDocument"), Kind::Identity, faults);
        }
    }
}

/// For a policy that is attached to roles.
pub fn identity(policy: &Subject<'_>, faults: &mut Vec<Fault>) {
    if let Some(document) = policy.get("PolicyDocument") {
        check(policy, document, "PolicyDocument", Kind::Identity, faults);
    }
}

/// For the policy of a resource.
pub fn resource(policy: &Subject<'_>, faults: &mut Vec<Fault>) {
    if let Some(document) = policy.get("PolicyDocument") {
        check(policy, document, "PolicyDocument", Kind::Resource, faults);
    }
}

fn check(subject: &Subject<'_>, document: &Expr, path: &str, kind: Kind, faults: &mut Vec<Fault>) {
    // A document given as text is the user's own.
    if !matches!(document, Expr::Object(_)) {
        return;
    }
    if within(document, "Version").and_then(Expr::as_str) != Some("2012-10-17") {
        faults.push(combination(format!("`{path}.Version` must be `2012-10-17`")));
    }
    let statements = match within(document, "Statement") {
        Some(Expr::List(statements)) => statements.as_slice(),
        Some(one @ Expr::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    if statements.is_empty() {
        faults.push(combination(format!("`{path}.Statement` is empty")));
    }
    let mut sids = BTreeSet::new();
    for (at, statement) in statements.iter().enumerate() {
        let path = Place { document: path, at };
        elements(subject, statement, path, kind, faults);
        if let Some(sid) = within(statement, "Sid").and_then(Expr::as_str) {
            if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                faults.push(combination(format!("`{path}.Sid` is `{sid}`: letters and digits are allowed")));
            }
            if !sids.insert(sid) {
                faults.push(combination(format!("`{path}.Sid` is `{sid}` again")));
            }
        }
    }
}

/// Where a statement is, written out only for a fault.
#[derive(Clone, Copy)]
struct Place<'p> {
    document: &'p str,
    at: usize,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.Statement[{}]", self.document, self.at)
    }
}

fn elements(subject: &Subject<'_>, statement: &Expr, path: Place<'_>, kind: Kind, faults: &mut Vec<Fault>) {
    let Expr::Object(object) = statement else {
        faults.push(combination(format!("`{path}` must be a map")));
        return;
    };
    for (name, _) in object.iter().filter(|(name, _)| !ELEMENTS.contains(&name.as_ref())) {
        faults.push(combination(format!("`{path}.{name}` is no element of a statement")));
    }
    match within(statement, "Effect").and_then(Expr::as_str) {
        Some("Allow" | "Deny") => {}
        _ => faults.push(combination(format!("`{path}.Effect` must be `Allow` or `Deny`"))),
    }
    let either = |[name, negated]: [&str; 2]| {
        let value = within(statement, name).or_else(|| within(statement, negated));
        value.filter(|value| !matches!(value, Expr::List(items) if items.is_empty()))
    };
    let mut presence = |names: [&str; 2], wanted: bool| match (either(names), names, wanted) {
        (None, [name, _], true) => faults.push(combination(format!("`{path}.{name}` is missing or empty"))),
        (Some(_), [name, _], false) => {
            faults.push(combination(format!("`{path}.{name}` does not belong in this kind of policy")));
        }
        _ => {}
    };
    presence(ACTION, true);
    presence(PRINCIPAL, kind != Kind::Identity);
    presence(RESOURCE, kind != Kind::Trust);
    for action in either(ACTION).map(each).unwrap_or_default() {
        if let Some(text) = action.as_str().filter(|text| !is_action(text)) {
            faults.push(combination(format!("`{path}.Action` has `{text}`, an action is `service:Name`")));
        }
    }
    for resource in either(RESOURCE).map(each).unwrap_or_default() {
        resource_fault(subject, resource, path).into_iter().for_each(|message| faults.push(combination(message)));
    }
}

/// The items of a list, or the one value.
fn each(value: &Expr) -> &[Expr] {
    match value {
        Expr::List(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn is_action(text: &str) -> bool {
    let named = |(service, name): (&str, &str)| {
        let service = !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        service && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*?".contains(&byte))
    };
    text == "*" || text.split_once(':').is_some_and(named)
}

/// A resource is an ARN or `*`.
fn resource_fault(subject: &Subject<'_>, resource: &Expr, path: Place<'_>) -> Option<String> {
    if let Some(target) = subject.index.target(resource) {
        let (attribute, _) = reads(subject.index, resource)?;
        return (!attribute.ends_with("Arn"))
            .then(|| format!("`{path}.Resource` is given the `{attribute}` of `{}`, its ARN is needed", target.id));
    }
    let text = resource.as_str()?;
    let arn = text == "*" || (text.starts_with("arn:") && text.split(':').count() >= 6);
    (!arn).then(|| format!("`{path}.Resource` has `{text}`, which is neither an ARN nor `*`"))
}
