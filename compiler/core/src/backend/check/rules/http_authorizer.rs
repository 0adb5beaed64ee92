//! Authorizers of HTTP APIs. "API Gateway V2 API, CreateAuthorizer".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

pub fn check(authorizer: &Subject<'_>, faults: &mut Vec<Fault>) {
    let needed: &[&str] = match authorizer.text("AuthorizerType") {
        Some("REQUEST") => &["AuthorizerUri", "AuthorizerPayloadFormatVersion"],
        Some("JWT") => &["IdentitySource", "JwtConfiguration.Audience", "JwtConfiguration.Issuer"],
        _ => &[],
    };
    for name in needed.iter().filter(|name| !authorizer.has(name)) {
        faults.push(combination(format!("`{name}` is missing")));
    }
    if authorizer.is_true("EnableSimpleResponses") && authorizer.text("AuthorizerPayloadFormatVersion") == Some("1.0") {
        faults.push(combination("`EnableSimpleResponses` needs `AuthorizerPayloadFormatVersion: \"2.0\"`"));
    }
    // A cached answer is kept by the identity source.
    let cached = authorizer.integer("AuthorizerResultTtlInSeconds").is_some_and(|seconds| seconds > 0);
    if cached && authorizer.items("IdentitySource").is_empty() && !authorizer.has("IdentitySource") {
        faults.push(combination("`AuthorizerResultTtlInSeconds` over 0 needs `IdentitySource`"));
    }
}
