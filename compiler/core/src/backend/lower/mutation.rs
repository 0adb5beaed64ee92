//! Mutations of an AppSync API, as targets of rules. The API exists outside of the stack and is imported.

use super::Lowering;
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind};
use crate::object;

/// The parameter that holds the ARN of the API's endpoint, which a rule's target names.
const ENDPOINT: &str = "GraphqlEndpointArn";
/// The parameter that holds the ARN of the API, of which a policy names a field. Its id is not that of the endpoint.
const API: &str = "GraphqlApiArn";

/// The ARN of a mutation's field, for a policy ("AppSync Developer Guide, Using IAM authorization").
pub(super) fn field_arn(name: &str) -> Expr {
    Expr::Sub(format!("${{{API}}}/types/Mutation/fields/{name}"))
}

/// The part of a rule's target that calls the mutation: the endpoint's ARN, the GraphQL operation, and its variables made
/// from the event ("EventBridge User Guide, AWS AppSync targets"). The event's detail, an object, is the argument
/// `detail` of the input type `NameInput`.
pub(super) fn target(cx: &mut Lowering<'_>, name: &str) -> Object {
    let mut parameter = |id: &str, kind, what: &str| {
        let description = format!("{what} whose mutations events call; its authorization type must be AWS_IAM");
        let parameter_type = "String";
        cx.import(id, Import { kind, name: String::new(), parameter_type, description, default: None })
    };
    parameter(API, ImportKind::GraphqlApi, "The ARN of the AppSync API");
    let endpoint =
        parameter(ENDPOINT, ImportKind::GraphqlEndpoint, "The ARN of the GraphQL endpoint of the AppSync API");
    let input = logical_id::camel(name);
    let operation = format!("mutation {name}($detail: {input}Input!) {{ {name}(detail: $detail) {{ __typename }} }}");
    object! {
        "Arn": endpoint,
        "AppSyncParameters": object! { "GraphQLOperation": operation },
        "InputTransformer": object! {
            "InputPathsMap": object! { "detail": "$.detail" },
            // No quotes: the variable is an object ("EventBridge User Guide, Amazon EventBridge input transformation").
            "InputTemplate": r#"{"detail": <detail>}"#,
        },
    }
}
