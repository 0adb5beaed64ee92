//! Routes and the gateways they stand on.

use super::Target;
use crate::source::{Span, Spanned};
use serde::Serialize;

/// The kind of an API Gateway API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    /// An HTTP API.
    Http,
    /// A REST API.
    Rest,
}

impl GatewayKind {
    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Http => "HTTP API",
            Self::Rest => "REST API",
        }
    }

    /// The stage where none is named: that of HTTP APIs does not show in their URL, REST APIs have no such.
    pub fn default_stage(self) -> &'static str {
        match self {
            Self::Http => "$default",
            Self::Rest => "api",
        }
    }

    /// Seconds an integration may take: 30 for HTTP APIs (fixed), 29 for REST APIs (a quota that can be raised).
    /// Source: API Gateway Developer Guide, "Quotas for configuring and running an HTTP API" / "a REST API".
    pub fn timeout_limit(self) -> u32 {
        match self {
            Self::Http => 30,
            Self::Rest => 29,
        }
    }
}

/// An HTTP method, or any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
    Any,
}

impl Method {
    /// Whether requests of the method carry a body as a rule. What hands the body over to its target hands over the
    /// method and the path instead where there is none.
    pub fn has_body(self) -> bool {
        match self {
            Self::Post | Self::Put | Self::Patch | Self::Any => true,
            Self::Get | Self::Delete | Self::Head | Self::Options => false,
        }
    }

    /// As API Gateway spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Any => "ANY",
        }
    }
}

/// A gateway that exists outside of the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedGateway {
    /// The API's id where `tc.yml` gives it; else linking finds it.
    pub api_id: Option<String>,
    /// The id of the REST API's root resource where `tc.yml` gives it.
    pub root_resource_id: Option<String>,
}

/// A gateway that routes name.
#[derive(Debug, Clone, Serialize)]
pub struct Gateway {
    /// Where it was first named.
    #[serde(skip)]
    pub span: Span,
    /// Its name.
    pub name: String,
    /// HTTP or REST.
    pub kind: GatewayKind,
    /// Its stage; `$default` for HTTP APIs and `api` for REST APIs unless routes say otherwise.
    pub stage: String,
    /// Set where `tc.yml` names the gateway: then it is only linked.
    pub shared: Option<SharedGateway>,
}

/// Cross-origin rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cors {
    /// Where they are written.
    #[serde(skip)]
    pub span: Span,
    /// Methods allowed; at least one.
    pub methods: Vec<Method>,
    /// Origins allowed, `*` for any; at least one.
    pub origins: Vec<String>,
    /// Request headers allowed.
    pub allowed_headers: Vec<String>,
}

/// The path of the route that takes what no other route of an HTTP API takes, whatever its method.
pub const DEFAULT_ROUTE: &str = "$default";

/// A route: a method and a path on a gateway.
#[derive(Debug, Clone, Serialize)]
pub struct Route {
    /// Where its key stands.
    #[serde(skip)]
    pub span: Span,
    /// Its key in topology.yml.
    pub key: String,
    /// The gateway's name, an entry of [`super::Topology::gateways`].
    pub gateway: Spanned<String>,
    /// The method.
    pub method: Spanned<Method>,
    /// The path as the author wrote it, with a leading `/`, or `$default`; without a sandbox's prefix.
    pub path: Spanned<String>,
    /// What it leads to.
    pub target: Target,
    /// Seconds the gateway waits.
    pub timeout: Option<Spanned<u32>>,
    /// Answer at once and run the target in the background.
    pub is_async: bool,
    /// The function that decides who may call.
    pub authorizer: Option<Spanned<String>>,
    /// Cross-origin rules.
    pub cors: Option<Cors>,
}
