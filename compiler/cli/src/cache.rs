//! The directory of what is kept for this user and can be made again.

use std::ffi::OsString;
use std::path::PathBuf;

/// `tc` in `$XDG_CACHE_HOME`, else in `~/.cache`; `None` where neither is known. ("XDG Base Directory Specification": what
/// is empty or relative counts for nothing.)
pub fn directory() -> Option<PathBuf> {
    chosen(std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME"))
}

fn chosen(cache: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute(cache).or_else(|| Some(absolute(home)?.join(".cache")));
    cache.map(|cache| cache.join("tc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_relative_counts_for_nothing() {
        let chosen = |cache: Option<&str>, home: Option<&str>| {
            super::chosen(cache.map(OsString::from), home.map(OsString::from))
        };
        assert_eq!(chosen(Some("/c"), Some("/h")), Some("/c/tc".into()));
        assert_eq!(chosen(Some("c"), Some("/h")), Some("/h/.cache/tc".into()));
        assert_eq!(chosen(Some(""), Some("/h")), Some("/h/.cache/tc".into()));
        assert_eq!(chosen(None, Some("")), None);
    }
}
