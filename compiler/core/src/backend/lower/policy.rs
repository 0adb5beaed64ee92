//! Policy documents and IAM's limits on them.
//!
//! "IAM User Guide, IAM and AWS STS quotas": the inline policies of a role hold 10,240 characters together, a managed
//! policy 6,144, white space not counted; a role takes 10 managed policies unless the account's quota was raised (to 25
//! at most, which nobody can know when compiling).

use crate::backend::expr::{Expr, Key, Object};
use crate::backend::json;
use crate::object;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Characters of all inline policies of a role.
pub(super) const INLINE_LIMIT: usize = 10_240;
/// Characters of a managed policy.
pub(super) const MANAGED_LIMIT: usize = 6_144;
/// Managed policies of a role.
pub(super) const MANAGED_COUNT: usize = 10;

/// How full managed policies are made at first, in percent: they are filled by hash, so some get more than others.
const FILL: usize = 60;

/// Characters of a reference to something whose name is not known here: the longest ARN of a queue or a log group.
const UNKNOWN_REFERENCE: usize = 160;

/// Characters of the ARN that a reference to a logical id stands for; [`UNKNOWN_REFERENCE`] for one that is not listed.
pub(super) type ArnSizes = BTreeMap<String, usize>;

/// Where a role's statements go.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Policies {
    /// Read off the topology, inline.
    pub derived: Vec<Expr>,
    /// Written by a person, inline.
    pub written: Vec<Expr>,
    /// Managed policies: the end of the logical id, and the statements.
    pub managed: Vec<(String, Vec<Expr>)>,
    /// The characters of all of it where that is more than a role takes.
    pub excess: Option<usize>,
}

/// A policy document of these statements.
pub(super) fn document(statements: Vec<Expr>) -> Object {
    object! { "Version": "2012-10-17", "Statement": Expr::List(statements) }
}

/// Arranges the statements within the limits. All are inline while they fit. Beyond, those with a list of resources
/// leave for managed policies, a resource at a time; if the rest is still too much, everything leaves.
///
/// Which policy a resource goes to is decided by a hash of its own (rendezvous hashing), so that one more resource
/// changes one policy and leaves the others alone.
pub(super) fn pack(derived: Vec<Expr>, written: Vec<Expr>, sizes: &ArnSizes) -> Policies {
    let characters = |statements: &[Expr]| match statements {
        [] => 0,
        some => size(&document(some.to_vec()).into(), sizes),
    };
    let total = characters(&derived) + characters(&written);
    if total <= INLINE_LIMIT {
        return Policies { derived, written, ..Policies::default() };
    }
    let (cut, whole): (Vec<Expr>, Vec<Expr>) = derived.iter().cloned().partition(|one| resources(one).len() > 1);
    let stays = characters(&whole) + characters(&written) <= INLINE_LIMIT;
    let policies = if stays {
        spread(&cut, "Policy", sizes).map(|managed| Policies {
            derived: whole,
            written: written.clone(),
            managed,
            excess: None,
        })
    } else {
        let derived = spread(&derived, "Policy", sizes);
        derived.zip(spread(&written, "WrittenPolicy", sizes)).map(|(mut managed, written)| {
            managed.extend(written);
            Policies { managed, ..Policies::default() }
        })
    };
    match policies {
        Some(policies) if policies.managed.len() <= MANAGED_COUNT => policies,
        Some(policies) => Policies { excess: Some(total), ..policies },
        None => Policies { derived, written, managed: Vec::new(), excess: Some(total) },
    }
}

/// The list of a statement's resources; empty where it has one or none.
fn resources(statement: &Expr) -> &[Expr] {
    statement.as_object().and_then(|object| object.get("Resource")).and_then(Expr::as_list).unwrap_or_default()
}

/// A statement with one of its resources, or whole, and which statement it is of.
struct Piece<'a> {
    statement: usize,
    resource: Option<&'a Expr>,
    text: String,
}

/// Spreads statements over managed policies: by hash where a role takes as many, else filled one after the other. `None`
/// where one of the pieces is too large.
fn spread(statements: &[Expr], suffix: &str, sizes: &ArnSizes) -> Option<Vec<(String, Vec<Expr>)>> {
    let pieces: Vec<Piece<'_>> = statements.iter().enumerate().flat_map(|(index, one)| cut(index, one)).collect();
    let total = size(&document(statements.to_vec()).into(), sizes);
    let first = total.div_ceil(MANAGED_LIMIT * FILL / 100).clamp(1, MANAGED_COUNT);
    let most = if total > MANAGED_COUNT * MANAGED_LIMIT { 0 } else { MANAGED_COUNT };
    let by_hash = (first..=most).map(|count| {
        let mut buckets: Vec<Vec<&Piece<'_>>> = (0..count).map(|_| Vec::new()).collect();
        for piece in &pieces {
            let best = (0..count).max_by_key(|bucket| weight(&piece.text, *bucket)).unwrap_or_default();
            if let Some(bucket) = buckets.get_mut(best) {
                bucket.push(piece);
            }
        }
        buckets
    });
    let fits = |buckets: &Vec<Vec<&Piece<'_>>>| {
        buckets.iter().all(|bucket| size(&document(join(statements, bucket)).into(), sizes) <= MANAGED_LIMIT)
    };
    let buckets = by_hash.into_iter().find(fits).or_else(|| Some(in_order(statements, &pieces, sizes)).filter(fits))?;
    let policy = |(index, bucket): (usize, Vec<&Piece<'_>>)| {
        (!bucket.is_empty()).then(|| (format!("{suffix}{}", index + 1), join(statements, &bucket)))
    };
    Some(buckets.into_iter().enumerate().filter_map(policy).collect())
}

fn cut(index: usize, statement: &Expr) -> Vec<Piece<'_>> {
    let text = |resource: &Expr| format!("{}{}", sid(statement), json::write(resource));
    match resources(statement) {
        [] | [_] => vec![Piece { statement: index, resource: None, text: json::write(statement) }],
        many => many.iter().map(|one| Piece { statement: index, resource: Some(one), text: text(one) }).collect(),
    }
}

fn sid(statement: &Expr) -> &str {
    statement.as_object().and_then(|object| object.get("Sid")).and_then(Expr::as_str).unwrap_or_default()
}

fn weight(text: &str, bucket: usize) -> Vec<u8> {
    Sha256::digest(format!("{text}#{bucket}").as_bytes()).to_vec()
}

fn in_order<'p>(statements: &[Expr], pieces: &'p [Piece<'p>], sizes: &ArnSizes) -> Vec<Vec<&'p Piece<'p>>> {
    let mut buckets: Vec<Vec<&Piece<'_>>> = vec![Vec::new()];
    for piece in pieces {
        let Some(last) = buckets.last_mut() else { continue };
        last.push(piece);
        if last.len() > 1 && size(&document(join(statements, last)).into(), sizes) > MANAGED_LIMIT {
            last.pop();
            buckets.push(vec![piece]);
        }
    }
    buckets
}

/// The statements of some pieces: those of one statement come together again.
fn join(statements: &[Expr], pieces: &[&Piece<'_>]) -> Vec<Expr> {
    let mut lists: BTreeMap<usize, Vec<Expr>> = BTreeMap::new();
    for piece in pieces {
        lists.entry(piece.statement).or_default().extend(piece.resource.cloned());
    }
    let statement = |(index, mut resources): (usize, Vec<Expr>)| {
        let whole = statements.get(index)?.as_object()?;
        let mut some = match resources.len() {
            0 => None,
            1 => resources.pop(),
            _ => Some(Expr::List(resources)),
        };
        // The list that was cut is long, and not copied.
        let mut value = |(key, old): &(Key, Expr)| {
            let new = if key == "Resource" { some.take() } else { None };
            (key.clone(), new.unwrap_or_else(|| old.clone()))
        };
        Some(whole.iter().map(&mut value).collect::<Object>().into())
    };
    lists.into_iter().filter_map(statement).collect()
}

/// Characters of a document as IAM counts them: compact JSON without white space, references as long as what they stand
/// for may be.
pub(super) fn size(expr: &Expr, sizes: &ArnSizes) -> usize {
    let separated = |count: usize| count.saturating_sub(1);
    match expr {
        Expr::Null => 4,
        Expr::Bool(value) => value.to_string().len(),
        Expr::Int(value) => value.to_string().len(),
        Expr::Float(value) => value.to_string().len(),
        Expr::String(text) => quoted(text),
        Expr::List(list) => 2 + separated(list.len()) + list.iter().map(|item| size(item, sizes)).sum::<usize>(),
        Expr::Object(object) => {
            let entry = |(key, value): &(Key, Expr)| quoted(key) + 1 + size(value, sizes);
            2 + separated(object.len()) + object.iter().map(entry).sum::<usize>()
        }
        Expr::Ref(id) | Expr::GetAtt(id, _) => 2 + reference(id, sizes),
        Expr::Sub(text) => 2 + substituted(text, sizes),
        Expr::Join(delimiter, list) => {
            list.iter().map(|item| size(item, sizes)).sum::<usize>() + delimiter.len() * separated(list.len())
        }
        Expr::Select(..) | Expr::Split(..) | Expr::Zones => UNKNOWN_REFERENCE,
    }
}

fn quoted(text: &str) -> usize {
    let escaped = text.chars().filter(|c| matches!(c, '"' | '\\')).count();
    2 + escaped + text.chars().filter(|c| !c.is_whitespace()).count()
}

fn reference(id: &str, sizes: &ArnSizes) -> usize {
    match id {
        "AWS::Partition" => "aws-us-gov".len(),
        "AWS::Region" => "ap-southeast-1".len(),
        "AWS::AccountId" => "123456789012".len(),
        id => sizes.get(id).copied().unwrap_or(UNKNOWN_REFERENCE),
    }
}

fn substituted(text: &str, sizes: &ArnSizes) -> usize {
    let mut parts = text.split("${");
    let mut characters = parts.next().map_or(0, |literal| literal.chars().count());
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or(("", part));
        let id = name.split('.').next().unwrap_or_default();
        characters += match name.strip_prefix('!') {
            Some(literal) => literal.chars().count() + "${}".len(),
            None => reference(id, sizes),
        };
        characters += rest.chars().count();
    }
    characters
}
