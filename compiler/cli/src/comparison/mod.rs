//! Two states of a topology compared, of which at least one is deployed: resource by resource, from their templates.
//!
//! ```text
//! side   the states as they are written
//! state  a state as a template
//! text   what differs, for people
//! ```
//!
//! What differs by nature is left out: sources are compiled for the sandbox that they are compared with and take the
//! values of its imports; of two sandboxes the names of one are put in the place of the other's, and of two environments
//! the imports that each has for itself, such as the bucket, stay references.

mod side;
mod state;
mod text;

pub use side::{Between, Side};

use crate::report::Report;
use crate::service::Service;
use crate::topologies;
use serde::Serialize;
use serde_json::Value;
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;
use tc_core::backend::difference::{Action, Difference, Replacement, counterpart, differences, link};
use tc_core::backend::logical_id;

/// What differs between two states.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The topology.
    service: String,
    /// The older state as it is written; `None` of the working tree.
    from: Option<String>,
    /// The newer state likewise.
    to: Option<String>,
    /// Whether anything differs.
    pub differs: bool,
    /// The resources that were added, changed and removed.
    changes: Vec<Difference>,
    /// Functions whose code was not compared, since it is known only after it was built.
    without_code: BTreeSet<String>,
}

impl Comparison {
    /// Compares two states of the topology in a directory, or of this name in the repository around it.
    ///
    /// # Errors
    /// When one of them is not there, or cannot be compiled.
    pub fn of(directory: &Path, name: Option<&str>, between: &Between) -> Result<Self, Box<Report>> {
        let is_version = |side: &Side| matches!(side, Side::Version(_));
        let needs_git = name.is_some() || is_version(&between.from) || is_version(&between.to);
        let service = needs_git.then(|| Service::find(directory, name)).transpose();
        let service = service.map_err(|refusal| Box::new(Report::without_sources(*refusal)))?;
        let directory = match &service {
            Some(service) if name.is_some() => service.directory.clone(),
            // That there is none is told where it is read.
            _ => topologies::one(directory).map_or_else(|_| PathBuf::from(directory), |located| located.directory),
        };
        let (from, to) = thread::scope(|scope| {
            let read = |side, other| state(side, other, &directory, service.as_ref());
            let from = scope.spawn(move || read(&between.from, &between.to));
            let to = read(&between.to, &between.from);
            // A thread ends without a result only by a panic, which is passed on.
            (from.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), to)
        });
        let (from, to) = (from?, to?);
        let without_code: BTreeSet<String> = from.without_code.union(&to.without_code).cloned().collect();
        let changes = compare(&from, &to, &without_code);
        let shown = |side: &Side| (*side != Side::WorkingTree).then(|| side.to_string());
        Ok(Self {
            service: to.topology,
            from: shown(&between.from),
            to: shown(&between.to),
            differs: !changes.is_empty(),
            changes,
            without_code,
        })
    }
}

/// A side as a template; sources are compiled for the sandbox on the other side.
fn state(side: &Side, other: &Side, directory: &Path, service: Option<&Service>) -> Result<State, Box<Report>> {
    match (side, other) {
        (Side::Sandbox { sandbox, env }, _) => state::deployed(directory, sandbox, env),
        (_, Side::Sandbox { sandbox, env }) => state::compiled(side, directory, service, (sandbox, env)),
        // Nobody asks for this: two versions are compared by their entities.
        _ => state::compiled(side, directory, service, ("stable", "dev")),
    }
}

fn compare(from: &State, to: &State, without_code: &BTreeSet<String>) -> Vec<Difference> {
    let nothing = BTreeMap::new();
    let portable = |values: &BTreeMap<String, String>| {
        let values = values.iter().filter(|(_, value)| is_portable(value));
        values.map(|(name, value)| (name.clone(), value.clone())).collect::<BTreeMap<_, _>>()
    };
    let (old, new) = match (&from.parameters, &to.parameters) {
        (Some(old), Some(new)) if from.env == to.env => (old.clone(), new.clone()),
        (Some(old), Some(new)) => (portable(old), portable(new)),
        (one, other) => {
            let values = one.as_ref().or(other.as_ref()).unwrap_or(&nothing);
            (values.clone(), values.clone())
        }
    };
    let (old, mut new) = (link(&from.template, &old), link(&to.template, &new));
    let names = [(from.sandbox.as_str(), to.sandbox.as_str()), (from.env.as_str(), to.env.as_str())];
    let old = counterpart(&old, &new, &names);
    let place = |function: &String| format!("/Resources/{}/Properties/Code", logical_id::function(function));
    for place in without_code.iter().map(place) {
        if let (Some(old), Some(new)) = (old.pointer(&place), new.pointer_mut(&place)) {
            *new = Value::clone(old);
        }
    }
    let mut changes = differences(&old, &new);
    changes.retain(|change| !is_echo(change));
    changes.iter_mut().for_each(state_alone);
    changes
}

/// Whether the value of an import means the same in every environment: the version of a layer, an image.
fn is_portable(value: &str) -> bool {
    value.contains(":layer:") || value.contains(".dkr.ecr.")
}

/// Whether a resource differs only because another does: a published version is described by a digest of its function.
fn is_echo(change: &Difference) -> bool {
    change.action == Action::Modify
        && change.resource_type == "AWS::Lambda::Version"
        && change.properties.iter().all(|property| property.path == "Description")
}

/// Leaves out what an update would do to the resource: nothing is updated from one state to the other.
fn state_alone(change: &mut Difference) {
    change.replacement = Replacement::Never;
    change.is_kept = false;
    change.properties.iter_mut().for_each(|property| property.replacement = Replacement::Never);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A sandbox with a function, whose code, layer and name are told.
    fn state(sandbox: &str, env: &str, [key, layer]: [&str; 2], parameters: Option<[&str; 2]>) -> State {
        let function = json!({"Type": "AWS::Lambda::Function", "Metadata": {"Entity": "functions/a"}, "Properties": {
            "FunctionName": format!("etl_a_{sandbox}"),
            "Code": {"S3Bucket": {"Ref": "Bucket"}, "S3Key": key},
            "Layers": [{"Ref": layer}],
            "Tags": [{"Key": "Env", "Value": env}],
        }});
        let version = json!({"Type": "AWS::Lambda::Version", "Properties": {"Description": format!("{sandbox}{key}")}});
        let values = |[bucket, version]: [&str; 2]| {
            [("Bucket", bucket), (layer, version)].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
        };
        State {
            topology: "etl".to_owned(),
            sandbox: sandbox.to_owned(),
            env: env.to_owned(),
            template: json!({
                "Parameters": {"Bucket": {}, layer: {}},
                "Resources": {"FunctionA": function, "FunctionAVersion": version},
            }),
            parameters: parameters.map(values),
            without_code: BTreeSet::new(),
        }
    }

    fn paths(from: &State, to: &State, without_code: &[&str]) -> Vec<String> {
        let without_code = without_code.iter().map(|name| (*name).to_owned()).collect();
        let changes = compare(from, to, &without_code);
        changes.into_iter().flat_map(|change| change.properties).map(|property| property.path).collect()
    }

    const ONE: &str = "arn:aws:lambda:us-west-2:111111111111:layer:etl-a:1";
    const TWO: &str = "arn:aws:lambda:us-west-2:111111111111:layer:etl-a:2";

    #[test]
    fn what_each_environment_has_for_itself_is_no_difference() {
        let qa = state("stable", "qa", ["1.zip", "Layer"], Some(["bucket-1", ONE]));
        let prod = state("stable", "prod", ["1.zip", "Layer"], Some(["bucket-2", ONE]));
        assert_eq!(paths(&qa, &prod, &[]), [] as [&str; 0]);
        let newer = state("stable", "prod", ["2.zip", "Layer"], Some(["bucket-2", TWO]));
        assert_eq!(paths(&qa, &newer, &[]), ["Code.S3Key", "Layers[0]"]);
        // In one account there is but one bucket.
        let other = state("bob", "qa", ["1.zip", "Layer"], Some(["bucket-2", ONE]));
        assert_eq!(paths(&qa, &other, &[]), ["Code.S3Bucket"]);
    }

    #[test]
    fn sources_take_the_imports_of_the_sandbox() {
        let qa = state("stable", "qa", ["1.zip", "Layer"], Some(["bucket-1", ONE]));
        let sources = |key: &str| state("stable", "qa", [key, "Layer"], None);
        assert_eq!(paths(&sources("1.zip"), &qa, &[]), [] as [&str; 0]);
        assert_eq!(paths(&qa, &sources("2.zip"), &[]), ["Code.S3Key"]);
        assert_eq!(paths(&qa, &sources("2.zip"), &["a"]), [] as [&str; 0]);
    }
}
