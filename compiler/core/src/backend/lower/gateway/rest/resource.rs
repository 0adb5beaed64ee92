//! `AWS::ApiGateway::Resource`: the tree of a REST API's paths, one resource a part.

use crate::backend::expr::Expr;
use crate::backend::lower::Lowering;
use crate::backend::lower::gateway::api::Api;
use crate::backend::lower::gateway::path;
use crate::backend::template::Resource;
use crate::object;
use std::collections::BTreeSet;

/// The logical id of the resource of a path. The root has none of its own, only a name for what belongs to it.
pub(super) fn id(api: &Api<'_>, path: &str) -> String {
    match path {
        "/" => format!("{}Root", api.id),
        path => format!("{}Path{}", api.id, path::logical(path)),
    }
}

/// The id of the resource of a path; `root` is that of the root.
pub(super) fn reference(api: &Api<'_>, root: &Expr, path: &str) -> Expr {
    match path {
        "/" | "" => root.clone(),
        path => Expr::reference(id(api, path)),
    }
}

/// Puts the resources that lead to these paths. They belong to the gateway and not to the first route that needs them, so
/// that taking that route away leaves what others need as it is.
pub(super) fn put<'p>(cx: &mut Lowering<'_>, api: &Api<'_>, root: &Expr, paths: impl IntoIterator<Item = &'p str>) {
    // A path sorts behind those that lead to it.
    let all: BTreeSet<&str> = paths.into_iter().flat_map(path::ancestry).collect();
    for path in all {
        let (parent, part) = path.rsplit_once('/').unwrap_or_default();
        let parent = reference(api, root, parent);
        let properties = object! { "RestApiId": api.reference(), "ParentId": parent, "PathPart": part };
        cx.put(id(api, path), Resource::new("AWS::ApiGateway::Resource", &api.entity, properties));
    }
}
