//! The description of a function's version, of which only a part is taken.
//!
//! A version is published anew when its description changes, which names the function's whole content by a digest. Where
//! only a part of the function is taken, its content is neither the old nor the new one.

use super::{Pair, Part, Taken, type_of};
use crate::digest::hexadecimal;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Digits of the digest.
const DIGITS: usize = 16;

/// Gives the versions of functions the description of what the functions now are.
pub(super) fn describe(pair: &Pair<'_>, taken: &Taken, resources: &mut Map<String, Value>) {
    for (id, part) in taken.iter().filter(|(_, part)| **part != Part::Whole) {
        let properties = |resource: Option<&Value>| resource.and_then(|resource| resource.get("Properties")).cloned();
        let result = properties(pair.result(id, Some(part)).as_ref());
        let is_function =
            pair.new.get(id.as_str()).is_some_and(|resource| type_of(resource) == "AWS::Lambda::Function");
        let Some(function) = result.filter(|_| is_function) else { continue };
        let of = |version: &Value| version.pointer("/Properties/FunctionName/Ref").and_then(Value::as_str) == Some(id);
        let versions: Vec<String> = resources
            .iter()
            .filter(|(_, resource)| type_of(resource) == "AWS::Lambda::Version" && of(resource))
            .map(|(id, _)| id.clone())
            .collect();
        for version in versions {
            let same = [&pair.new, &pair.deployed].into_iter().find(|side| {
                let other = properties(side.get(id.as_str()).copied());
                other.as_ref() == Some(&function)
            });
            let described = same.and_then(|side| properties(side.get(version.as_str()).copied()));
            let described = described.and_then(|properties| properties.get("Description").cloned());
            let description = described.unwrap_or_else(|| own(&function));
            if let Some(place) = resources.get_mut(&version).and_then(|one| one.pointer_mut("/Properties/Description"))
            {
                *place = description;
            }
        }
    }
}

/// A description of a content that neither template has.
fn own(function: &Value) -> Value {
    let digest = Sha256::digest(function.to_string());
    let digits = hexadecimal(digest);
    digits.chars().take(DIGITS).collect::<String>().into()
}
