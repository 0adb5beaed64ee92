//! Cross-origin rules of several routes together.

use crate::ir::{Cors, Method, Route};
use std::collections::BTreeSet;

/// The union of the rules of routes.
#[derive(Debug, Default)]
pub(super) struct Rules {
    methods: BTreeSet<Method>,
    origins: BTreeSet<String>,
    headers: BTreeSet<String>,
}

impl Rules {
    /// The rules of the routes that have any; `None` if none has.
    pub fn of<'r>(routes: impl IntoIterator<Item = &'r Route>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for Cors { methods, origins, allowed_headers, .. } in routes.into_iter().filter_map(|route| route.cors.as_ref())
        {
            let rules = found.get_or_insert_default();
            rules.methods.extend(methods);
            rules.origins.extend(origins.iter().cloned());
            rules.headers.extend(allowed_headers.iter().map(|header| header.to_ascii_lowercase()));
        }
        found
    }

    /// The methods, or `*` alone.
    pub fn methods(&self) -> Vec<&'static str> {
        match self.methods.contains(&Method::Any) {
            true => vec!["*"],
            false => self.methods.iter().map(|method| method.as_str()).collect(),
        }
    }

    /// The origins, or `*` alone.
    pub fn origins(&self) -> Vec<&str> {
        any_or_all(&self.origins)
    }

    /// The headers in lower case. `*` does not stand for `authorization` ("Fetch standard, CORS-preflight fetch"), so
    /// beside it the named ones stay.
    pub fn headers(&self) -> Vec<&str> {
        self.headers.iter().map(String::as_str).collect()
    }
}

fn any_or_all(set: &BTreeSet<String>) -> Vec<&str> {
    match set.contains("*") {
        true => vec!["*"],
        false => set.iter().map(String::as_str).collect(),
    }
}
