//! A version compiled once more, and compared with what was released.

use super::bundle::{Bundle, subject};
use super::source::Source;
use super::{Compiled, plain};
use crate::deployment::{Manner, Target};
use crate::report::{Report, plural};
use crate::service::Service;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::release as codes;
use tc_deploy::{Connection, Environment};

/// Compiles the commit of a version for each environment that it was released for, and compares digests; what holds.
///
/// # Errors
/// When they differ, or there is nothing to compare with.
pub fn verify(
    directory: &Path,
    service: Option<&str>,
    version: &str,
    env: Option<&str>,
    manner: &Manner,
) -> Result<String, Box<Report>> {
    let service = Service::find(directory, service).map_err(plain)?;
    let source = Source::find(&service, version).map_err(plain)?;
    let env = env.unwrap_or_else(|| source.accounts.release_environment());
    let connection = Connection::open(&Environment::find(env, &source.accounts)).map_err(|mut finding| {
        finding.primary = None;
        finding.secondary.clear();
        plain(finding)
    })?;
    let Some(Bundle { statement }) = Bundle::find(&connection, &source).map_err(plain)? else {
        let message = format!("nothing was released as {} to {env}", source.title());
        let finding = Diagnostic::without_place(&codes::NO_BUNDLE, message);
        return Err(plain(Box::new(finding.help("`--env ENV` names the environment that it was released to"))));
    };
    let parameters = statement.parameters();
    let mut compiled = Vec::new();
    for env in &parameters.environments {
        let target = Target::new(PathBuf::new(), parameters.sandbox.clone(), env.clone(), manner.clone());
        compiled.push(Compiled::new(&source, target, &source.checkout.artifacts())?);
    }
    let (now, then) = (subject(&compiled), statement.subject());
    let files: BTreeSet<&str> = now.keys().map(String::as_str).chain(then.keys().copied()).collect();
    let is_same = |file: &&str| now.get(*file).map(String::as_str) == then.get(*file).copied();
    let different: Vec<String> = files.iter().filter(|file| !is_same(file)).map(|file| format!("`{file}`")).collect();
    if different.is_empty() {
        let short = source.commit.get(..8).unwrap_or(&source.commit);
        let count = plural(files.len(), "digest");
        return Ok(format!("{} is what the commit {short} compiles to: {count} equal\n", source.title()));
    }
    let message = format!("{} compiles to something else than was released: {}", source.title(), different.join(", "));
    let finding = Diagnostic::without_place(&codes::NOT_REPRODUCED, message);
    let this = env!("CARGO_PKG_VERSION");
    let other = statement.tool().filter(|tool| *tool != this);
    let help = other.map(|tool| format!("it was released by tc {tool}, and this is tc {this}: verify with that one"));
    Err(plain(Box::new(finding.help_opt(help))))
}
