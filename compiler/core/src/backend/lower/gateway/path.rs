//! Paths of routes: their prefixes, and how they stand in ARNs and logical ids.

use crate::backend::logical_id;
use crate::digest::hexadecimal;
use sha2::{Digest, Sha256};

/// The path with `*` for each variable part: `/users/{id}` is `/users/*`.
pub(super) fn wildcard(path: &str) -> String {
    let part = |part: &'_ str| if part.starts_with('{') { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The paths of the resources that lead to a path, shortest first: `/a/b` has `/a` and `/a/b`; the root has none.
pub(super) fn ancestry(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(index, _)| index);
    let ends = ends.chain((path.len() > 1).then_some(path.len()));
    ends.filter_map(|end| path.get(..end))
}

/// The path as part of a logical id, different for each path. Words of lower case letters and digits read as they are:
/// `/api/etl` is `ApiEtl`. Any other path loses characters that distinguish it (`/users/{id}` and `/users/id`), so it
/// ends in eight hexadecimal digits of its own SHA-256.
pub(super) fn logical(path: &str) -> String {
    let camel = logical_id::camel(path);
    let is_word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if path.split('/').skip(1).all(is_word) {
        return camel;
    }
    format!("{camel}{}", digest(path.as_bytes()))
}

/// The first eight hexadecimal digits of the SHA-256.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes).get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_prefixes() {
        let list = |path: &'static str| ancestry(path).collect::<Vec<_>>();
        assert_eq!(list("/a/{id}/c"), ["/a", "/a/{id}", "/a/{id}/c"]);
        assert_eq!(list("/a"), ["/a"]);
        assert_eq!(list("/"), [""; 0]);
    }

    #[test]
    fn variable_parts_are_wildcards() {
        assert_eq!(wildcard("/users/{id}/{rest+}"), "/users/*/*");
        assert_eq!(wildcard("/"), "/");
    }

    #[test]
    fn different_paths_have_different_ids() {
        assert_eq!(logical("/api/etl2"), "ApiEtl2");
        let paths = ["/a/b", "/a-b", "/aB", "/A/b", "/a/{b}", "/a/{b+}", "/a/1b", "/a1b", "/ab", "/a/b:", "/{a}/b"];
        let ids: std::collections::BTreeSet<_> = paths.iter().map(|path| logical(path)).collect();
        assert_eq!(ids.len(), paths.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_alphanumeric())));
    }
}
