//! Methods of REST APIs. "API Gateway API, PutMethod" and "PutIntegration".

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub fn check(method: &Subject<'_>, faults: &mut Vec<Fault>) {
    if let Some(name) = method.text("HttpMethod").filter(|name| !METHODS.contains(name)) {
        faults.push(combination(format!("`HttpMethod` is `{name}`, which is no method")));
    }
    let authorization = method.text("AuthorizationType").unwrap_or("NONE");
    if matches!(authorization, "CUSTOM" | "COGNITO_USER_POOLS") && !method.has("AuthorizerId") {
        faults.push(combination(format!("`AuthorizationType: {authorization}` needs `AuthorizerId`")));
    }
    if let Some(authorizer) = method.target("AuthorizerId")
        && method.get("RestApiId") != authorizer.get("RestApiId")
    {
        let id = authorizer.id;
        faults.push(combination(format!("the authorizer `{id}` belongs to another `RestApiId`")));
    }
    let kind = method.text("Integration.Type");
    if kind.is_some_and(|kind| kind != "MOCK") && !method.has("Integration.Uri") {
        faults.push(combination("`Integration.Uri` is missing"));
    }
    if matches!(kind, Some("AWS" | "AWS_PROXY")) {
        match method.text("Integration.IntegrationHttpMethod") {
            None if !method.has("Integration.IntegrationHttpMethod") => {
                faults.push(combination("`Integration.IntegrationHttpMethod` is missing"));
            }
            // A Lambda function is invoked by POST whatever the method of the route.
            Some(name) if kind == Some("AWS_PROXY") && name != "POST" => {
                faults.push(combination(format!(
                    "`Integration.IntegrationHttpMethod` is `{name}`, a function takes `POST`"
                )));
            }
            _ => {}
        }
    }
}
