//! What is known of an API while its routes are lowered: how to refer to it, whether it is the stack's own.

use super::path;
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::lower::Lowering;
use crate::backend::template::{Import, ImportKind};
use crate::graph::{EntityId, EntityKind};
use crate::ir::name::GATEWAY_LIMIT;
use crate::ir::{Gateway, GatewayKind};

/// An API, own or shared.
pub(super) struct Api<'t> {
    /// The gateway in the topology.
    pub gateway: &'t Gateway,
    /// Its entity.
    pub entity: EntityId,
    /// The logical id with which the ids of all that belongs to it begin, and that of the API itself where it is own.
    pub id: String,
    /// The resource or parameter whose `Ref` gives the API's id.
    reference: String,
    /// What stands before the path of each route: nothing, or `/SANDBOX`.
    prefix: String,
}

impl<'t> Api<'t> {
    /// The API of a gateway. The id of a shared one becomes an import.
    pub fn new(cx: &mut Lowering<'t>, gateway: &'t Gateway) -> Self {
        let entity = EntityId::new(EntityKind::Gateway, &gateway.name);
        let id = logical_id::of(&entity);
        let reference = match &gateway.shared {
            None => id.clone(),
            Some(_) => {
                let parameter = format!("{id}Id");
                let import = Import {
                    kind: ImportKind::Gateway,
                    name: gateway.name.clone(),
                    parameter_type: "String",
                    description: format!("The id of the shared {} {}", gateway.kind.title(), gateway.name),
                    // ARNs of permissions hold it, and with a default cloudformation-validate takes them for literals
                    // (W9002); linking knows the id that `tc.yml` gives.
                    default: None,
                };
                cx.import(&parameter, import);
                parameter
            }
        };
        let is_prefixed = gateway.shared.is_some() && !cx.topology.is_release;
        let prefix = if is_prefixed { format!("/{}", cx.topology.sandbox) } else { String::new() };
        Self { gateway, entity, id, reference, prefix }
    }

    /// Whether the stack makes the API, and does not only link it.
    pub fn is_own(&self) -> bool {
        self.gateway.shared.is_none()
    }

    /// The API's physical name.
    pub fn name(&self, cx: &mut Lowering<'_>) -> String {
        cx.named(&self.entity, cx.topology.gateway_name(&self.gateway.name), GATEWAY_LIMIT)
    }

    /// The API's id.
    pub fn reference(&self) -> Expr {
        Expr::reference(&self.reference)
    }

    /// A path of the topology as the API has it. On a shared API `$default` would take what other stacks serve, so there
    /// it is everything under the prefix.
    pub fn path(&self, path: &str) -> String {
        match (path, self.prefix.as_str()) {
            (path, "") => path.to_owned(),
            (crate::ir::DEFAULT_ROUTE, prefix) => format!("{prefix}/{{proxy+}}"),
            ("/", prefix) => prefix.to_owned(),
            (path, prefix) => format!("{prefix}{path}"),
        }
    }

    /// The ARN by which API Gateway calls itself when it invokes a function for a method and path, on any stage: an own
    /// API has but one, and a shared one's may be renamed without us. The method is `*` for any. A variable part of the
    /// path is `*` too, which matches both what API Gateway says for HTTP APIs (the route's path) and for REST APIs (the
    /// resource's path).
    pub fn source_arn(&self, method: &str, path: &str) -> Expr {
        let method_and_path = match self.path(path).as_str() {
            crate::ir::DEFAULT_ROUTE => crate::ir::DEFAULT_ROUTE.to_owned(),
            path => format!("{method}{}", path::wildcard(path)),
        };
        self.execute_api_arn(&format!("*/{method_and_path}"))
    }

    /// The ARN of something of this API, as IAM and Lambda know it. `rest` may hold references of `Fn::Sub`.
    pub fn execute_api_arn(&self, rest: &str) -> Expr {
        let api = &self.reference;
        Expr::Sub(format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/{rest}"))
    }

    /// Puts the output of the URL that the topology's paths are appended to.
    pub fn put_url(&self, cx: &mut Lowering<'_>) {
        let (api, prefix) = (&self.reference, &self.prefix);
        let stage = match self.gateway.stage.as_str() {
            stage if self.gateway.kind == GatewayKind::Http && stage == GatewayKind::Http.default_stage() => {
                String::new()
            }
            stage => format!("/{stage}"),
        };
        let url =
            Expr::Sub(format!("https://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}{stage}{prefix}"));
        let owner = if self.is_own() { "" } else { "shared " };
        let description = format!("URL of the {owner}gateway {}", self.gateway.name);
        cx.output(format!("{}Url", self.id), description, url);
    }
}
