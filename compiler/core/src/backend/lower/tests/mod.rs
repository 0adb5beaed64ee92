//! Functions, roles and the flow: the resources of small topologies as text, and what holds for all of them.

mod flow;
mod function;
mod grant;
mod integration;
mod policy;
mod version;

use super::Lowered;
use super::testing::{HANDLER, only, property, statements};

/// The codes and messages of what was found.
fn findings(lowered: &Lowered) -> Vec<String> {
    lowered.findings.iter().map(|finding| format!("{} {}", finding.code.id, finding.message)).collect()
}

/// The files of a topology with a function of each of these metadata, in Python unless they say otherwise.
fn files<'t>(topology: &'t str, functions: &[(&'t str, &'t str)]) -> Vec<(String, String)> {
    let mut files = vec![("topology.yml".to_owned(), topology.to_owned())];
    for (name, metadata) in functions {
        files.push((format!("{name}/handler.py"), HANDLER.to_owned()));
        if !metadata.is_empty() {
            files.push((format!("{name}/function.yml"), (*metadata).to_owned()));
        }
    }
    files
}

/// Lowers [`files`].
fn lowered(topology: &str, functions: &[(&str, &str)]) -> Lowered {
    let files = files(topology, functions);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    super::testing::lower_files(&files)
}
