//! A route's path is one that API Gateway takes.
//!
//! Sources: API Gateway Developer Guide, "Create routes for HTTP APIs" (a greedy variable stands at the end); CreateResource
//! of REST APIs (`Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the
//! beginning and the end`; `$` is accepted too). Parts of an HTTP API's path are those of a URL (RFC 3986, `pchar`).

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::GatewayKind;
use std::collections::BTreeSet;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        let Some(gateway) = subject.topology.gateways.get(&route.gateway.value) else { continue };
        if let Err((message, help)) = judge(&route.path, gateway.kind) {
            findings.push(Diagnostic::new(&codes::ROUTE_PATH, route.path.span, message).help(help));
        }
    }
}

/// # Errors
/// What is wrong with the path, and what to write.
fn judge(path: &str, kind: GatewayKind) -> Result<(), (String, String)> {
    let whole = path.strip_prefix('/').unwrap_or(path);
    if whole.is_empty() {
        return Ok(());
    }
    let mut names = BTreeSet::new();
    let segments: Vec<&str> = whole.split('/').collect();
    let last = segments.len() - 1;
    for (at, segment) in segments.into_iter().enumerate() {
        if segment.is_empty() {
            let ends = at == last;
            if ends && kind == GatewayKind::Http {
                continue;
            }
            let what = if ends { "ends in `/`" } else { "has an empty part" };
            return Err((format!("the path `{path}` {what}"), "remove a `/`".to_owned()));
        }
        if !segment.contains(['{', '}']) {
            literal(path, segment, kind)?;
            continue;
        }
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let (name, greedy) = match name.map(|name| (name.strip_suffix('+'), name)) {
            Some((Some(name), _)) => (name, true),
            Some((None, name)) => (name, false),
            None => ("", false),
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-:$".contains(c)) {
            let help =
                "a parameter is a whole part of the path: `/users/{id}`, or `/files/{rest+}` for all that follows";
            return Err((format!("`{segment}` in the path `{path}` is no parameter"), help.to_owned()));
        }
        if greedy && at != last {
            let help = format!("`{segment}` takes all that follows: put it at the end, or write `{{{name}}}`");
            return Err((format!("`{segment}` stands inside of the path `{path}`"), help));
        }
        if !names.insert(name) {
            let help = "give each parameter a name of its own".to_owned();
            return Err((format!("the parameter `{name}` stands twice in the path `{path}`"), help));
        }
    }
    Ok(())
}

fn literal(path: &str, segment: &str, kind: GatewayKind) -> Result<(), (String, String)> {
    let others = match kind {
        GatewayKind::Http => "-._~%!$&'()*+,;=:@",
        GatewayKind::Rest => "-._:$",
    };
    let refused = segment.chars().find(|c| !c.is_ascii_alphanumeric() && !others.contains(*c));
    let Some(refused) = refused else { return Ok(()) };
    let shown = refused.escape_debug();
    let help = match kind {
        GatewayKind::Http => "a path holds what a URL can: leave the character out, or percent-encode it".to_owned(),
        GatewayKind::Rest => format!("a part of a REST API's path holds letters, digits and `{others}`"),
    };
    Err((format!("the path `{path}` holds `{shown}`"), help))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_topology;
    use super::{check, judge};
    use crate::ir::GatewayKind::{Http, Rest};

    #[test]
    fn good_paths_pass() {
        for path in ["/", "/a", "/a/{id}", "/a.b/{x-y}/{rest+}", "/v1:do", "/{proxy+}"] {
            assert_eq!(judge(path, Http), Ok(()), "{path}");
            assert_eq!(judge(path, Rest), Ok(()), "{path}");
        }
        assert_eq!(judge("/a/", Http), Ok(()));
        assert_eq!(judge("/a@b", Http), Ok(()));
    }

    #[test]
    fn bad_paths_are_told_why() {
        let why = |path: &str, kind| judge(path, kind).unwrap_err().0;
        assert_eq!(why("/a b", Http), "the path `/a b` holds ` `");
        assert_eq!(why("/a?x=1", Http), "the path `/a?x=1` holds `?`");
        assert_eq!(why("/a@b", Rest), "the path `/a@b` holds `@`");
        assert_eq!(why("/ñ", Http), "the path `/ñ` holds `ñ`");
        assert_eq!(why("/a//b", Http), "the path `/a//b` has an empty part");
        assert_eq!(why("/a/", Rest), "the path `/a/` ends in `/`");
        for segment in ["{", "}", "{}", "{+}", "x{id}", "{id}x", "{a b}", "{a}{b}", "{{id}}"] {
            let path = format!("/a/{segment}");
            assert_eq!(why(&path, Http), format!("`{segment}` in the path `{path}` is no parameter"));
        }
        assert_eq!(why("/{rest+}/a", Rest), "`{rest+}` stands inside of the path `/{rest+}/a`");
        assert_eq!(why("/{a}/{a}", Http), "the parameter `a` stands twice in the path `/{a}/{a}`");
    }

    #[test]
    fn the_path_is_underlined() {
        assert_eq!(
            check_topology(check, "routes:\n  r: {function: a, path: '/x{id}'}\n"),
            [
                "TC0308 error `x{id}` in the path `/x{id}` is no parameter @'/x{id}'; a parameter is a whole part of the \
              path: `/users/{id}`, or `/files/{rest+}` for all that follows"
            ]
        );
    }
}
