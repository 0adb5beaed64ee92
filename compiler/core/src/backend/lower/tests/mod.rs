//! Functions, roles and the flow: the resources of small topologies as text, and what holds for all of them.

mod flow;
mod function;
mod grant;
mod integration;
mod policy;
mod version;

use super::Lowered;
use super::testing::{HANDLER, bare};
use crate::backend::expr::{Expr, Object};
use crate::backend::template::Template;
use crate::backend::yaml;

/// Some resources by their ids, as YAML without `Metadata` and tags.
fn only(template: &Template, ids: &[&str]) -> String {
    let whole = template.to_expr();
    let all = whole.as_object().and_then(|root| root.get("Resources")).and_then(Expr::as_object).unwrap();
    let wanted = all.iter().filter(|(id, _)| ids.contains(&id.as_str()));
    yaml::write(&wanted.map(|(id, entry)| (id.as_str(), bare(entry))).collect::<Object>().into())
}

/// A property of a resource, as YAML.
fn property(template: &Template, id: &str, name: &str) -> String {
    yaml::write(template.resources[id].properties.get(name).unwrap_or(&Expr::Null))
}

/// The statements of the policy that was read off the topology, as YAML.
fn statements(template: &Template, role: &str) -> String {
    let policies = template.resources[role].properties.get("Policies").and_then(Expr::as_list).unwrap();
    let document = policies[0].as_object().and_then(|policy| policy.get("PolicyDocument")).unwrap();
    yaml::write(document.as_object().and_then(|document| document.get("Statement")).unwrap())
}

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
