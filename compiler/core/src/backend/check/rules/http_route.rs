//! Routes of HTTP APIs. "API Gateway Developer Guide, Create routes for HTTP APIs": a key is `$default` or a method and a
//! path; a greedy variable ends the path.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub fn check(route: &Subject<'_>, faults: &mut Vec<Fault>) {
    if route.target("ApiId").is_some_and(|api| api.text("ProtocolType") == Some("WEBSOCKET")) {
        return;
    }
    if let Some(fault) = route.text("RouteKey").and_then(key_fault) {
        let help = "write `$default`, or a method and a path such as `POST /orders/{id}`".to_owned();
        faults.push(combination(format!("`RouteKey` {fault}")).help(help));
    }
    let authorization = route.text("AuthorizationType");
    if let Some(kind @ ("CUSTOM" | "JWT")) = authorization
        && !route.has("AuthorizerId")
    {
        faults.push(combination(format!("`AuthorizationType: {kind}` needs `AuthorizerId`")));
    }
    let open = authorization == Some("NONE") || !route.has("AuthorizationType");
    if open && route.has("AuthorizerId") {
        faults.push(combination("`AuthorizerId` has no effect without an `AuthorizationType`"));
    }
}

/// What is wrong with a route key.
fn key_fault(key: &str) -> Option<String> {
    if key == "$default" {
        return None;
    }
    let Some((method, path)) = key.split_once(' ') else {
        return Some(format!("is `{key}`, it needs a method and a path"));
    };
    if !METHODS.contains(&method) {
        return Some(format!("is `{key}`, `{method}` is no method"));
    }
    let Some(segments) = path.strip_prefix('/') else {
        return Some(format!("is `{key}`, its path must begin with `/`"));
    };
    let segments: Vec<&str> = segments.split('/').collect();
    for (at, segment) in segments.iter().enumerate() {
        let variable = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = variable.map_or(*segment, |name| name.strip_suffix('+').unwrap_or(name));
        if name.contains(['{', '}', '+', ' ']) || (variable.is_some() && name.is_empty()) {
            return Some(format!("is `{key}`, `{segment}` is no path segment"));
        }
        let greedy = variable.is_some_and(|name| name.ends_with('+'));
        if greedy && at + 1 < segments.len() {
            return Some(format!("is `{key}`, nothing may follow `{segment}`"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::key_fault;

    #[test]
    fn keys_are_a_method_and_a_path() {
        for key in ["$default", "GET /", "POST /a/b", "ANY /{proxy+}", "GET /a/{id}/b", "GET /a.b-c_d~e"] {
            assert_eq!(key_fault(key), None, "{key}");
        }
        for key in ["/a", "FETCH /a", "GET a", "GET /{a+}/b", "GET /{}", "GET /{a", "GET /a b", "get /a"] {
            assert!(key_fault(key).is_some(), "{key}");
        }
    }
}
