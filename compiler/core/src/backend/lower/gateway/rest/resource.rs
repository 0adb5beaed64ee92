//! `AWS::ApiGateway::Resource`: the tree of a REST API's paths, one resource a part.

use crate::backend::expr::Expr;
use crate::backend::lower::Lowering;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::path;
use crate::backend::template::Resource;
use crate::object;

const TYPE: &str = "AWS::ApiGateway::Resource";

/// The logical id of the resource of a path; the root has none of its own.
pub(super) fn id(api: &Api<'_>, path: &str) -> String {
    format!("{}Path{}", api.id, path::logical(path))
}

/// Puts the resources that lead to a path, but for those that are there, and gives the id of the last. They belong to the
/// gateway and not to the first route that needs them, so that taking that route away leaves what others need as it is.
pub(super) fn put(cx: &mut Lowering<'_>, api: &Api<'_>, root: &Expr, path: &str) -> Expr {
    let mut parent = root.clone();
    for prefix in path::ancestry(path) {
        let id = id(api, prefix);
        let part = prefix.rsplit('/').next().unwrap_or_default();
        if !api.has(cx, &id, TYPE) {
            let properties = object! { "RestApiId": api.reference(), "ParentId": parent, "PathPart": part };
            cx.put(&id, Resource::new(TYPE, &api.entity, properties));
        }
        parent = Expr::reference(id);
    }
    parent
}
