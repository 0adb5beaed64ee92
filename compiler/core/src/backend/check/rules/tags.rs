//! Tags, wherever the resource type takes them. "AWS General Reference, Tagging your AWS resources": 50 a resource, keys
//! distinct and not beginning with `aws:`.

use super::subject::{Subject, combination, within};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;
use std::collections::BTreeSet;

/// Tags of one resource.
const LIMIT: usize = 50;

pub fn check(subject: &Subject<'_>, faults: &mut Vec<Fault>) {
    let property = subject.index.facts(subject.id).and_then(|facts| facts.tag_property.as_deref());
    let Some((property, tags)) = property.and_then(|property| Some((property, subject.get(property)?))) else { return };
    let keys: Vec<&str> = match tags {
        Expr::List(tags) => tags.iter().filter_map(|tag| within(tag, "Key")?.as_str()).collect(),
        Expr::Object(tags) => tags.iter().map(|(key, _)| key.as_ref()).collect(),
        _ => return,
    };
    let mut seen = BTreeSet::new();
    for key in &keys {
        if !seen.insert(*key) {
            faults.push(combination(format!("`{property}` has the key `{key}` twice")));
        }
        if key.get(.."aws:".len()).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            faults.push(combination(format!(
                "`{property}` has the key `{key}`: keys that begin with `aws:` are AWS's own"
            )));
        }
    }
    if keys.len() > LIMIT {
        faults.push(combination(format!("`{property}` has {} tags, at most {LIMIT} are allowed", keys.len())));
    }
}
