//! How much a policy may say. "IAM User Guide, IAM and STS character limits": the inline policies of a role have at most
//! 10,240 characters together, a managed policy 6,144; white space does not count. How many managed policies a
//! role takes is a quota of the account; lowering warns of more than the usual one.

use super::subject::{Subject, combination, within};
use crate::backend::check::fault::Fault;
use crate::backend::expr::{Expr, sub_references};

/// Characters of a role's inline policies together.
pub const INLINE_LIMIT: usize = 10_240;
/// Characters of a managed policy.
pub const MANAGED_LIMIT: usize = 6_144;

pub fn inline(role: &Subject<'_>, faults: &mut Vec<Fault>) {
    let documents = role.items("Policies").iter().filter_map(|policy| within(policy, "PolicyDocument"));
    let size: usize = documents.map(least_size).sum();
    if size > INLINE_LIMIT {
        let message =
            format!("`Policies` have at least {size} characters together, at most {INLINE_LIMIT} are allowed");
        faults.push(combination(message));
    }
}

pub fn managed(policy: &Subject<'_>, faults: &mut Vec<Fault>) {
    let size = policy.get("PolicyDocument").map_or(0, least_size);
    if size > MANAGED_LIMIT {
        let message = format!("`PolicyDocument` has at least {size} characters, at most {MANAGED_LIMIT} are allowed");
        faults.push(combination(message));
    }
}

/// The characters of a document as JSON without white space, counting nothing for what only the deployment knows.
fn least_size(value: &Expr) -> usize {
    let text = |text: &str| text.chars().filter(|char| !char.is_whitespace()).count();
    let quoted = |size: usize| size + 2;
    // Brackets and the commas between.
    let enclosed = |count: usize| 2 + count.saturating_sub(1);
    match value {
        Expr::Null | Expr::Bool(_) => 4,
        Expr::Int(number) => number.to_string().len(),
        Expr::Float(number) => number.to_string().len(),
        Expr::String(value) => quoted(text(value)),
        Expr::List(items) => enclosed(items.len()) + items.iter().map(least_size).sum::<usize>(),
        Expr::Object(map) => {
            let entries = map.iter().map(|(key, value)| quoted(text(key)) + 1 + least_size(value));
            enclosed(map.len()) + entries.sum::<usize>()
        }
        Expr::Sub(value) => {
            let references: usize = sub_references(value)
                .map(|(id, attribute)| "${}".len() + id.len() + attribute.map_or(0, |name| name.len() + 1))
                .sum();
            quoted(text(value).saturating_sub(references))
        }
        Expr::Ref(_) | Expr::GetAtt(..) | Expr::Join(..) | Expr::Select(..) | Expr::Split(..) | Expr::Zones => 2,
    }
}
