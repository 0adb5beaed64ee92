//! The code of functions: put where CloudFormation finds it, and restored where it was changed past CloudFormation.

use super::part::Aim;
use super::target::Target;
use super::{Findings, one};
use crate::pipeline::Product;
use crate::report::plural;
use crate::shell::Shell;
use std::collections::BTreeSet;
use std::path::Path;
use tc_core::ir::Topology;
use tc_deploy::Connection;
use tc_deploy::code::{self, Local};
use tc_deploy::upload::{self, File};
use tc_package::Artifact;

/// Puts the code of the functions that are meant into the artifact bucket.
pub fn upload(
    target: &Target,
    connection: &Connection,
    (product, aim): (&Product, &Aim),
    artifacts: &Path,
    shell: &mut Shell,
) -> Result<(), Findings> {
    // Functions with equal code have one artifact.
    let digests = product.artifacts.values().map(|artifact| artifact.sha256.as_str());
    let template = aim.template.to_string();
    let digests: BTreeSet<&str> = digests.filter(|sha256| template.contains(*sha256)).collect();
    let file = |sha256: &str| File { path: artifacts.join(format!("{sha256}.zip")), sha256: sha256.to_owned() };
    let files: Vec<File> = digests.into_iter().map(file).collect();
    if files.is_empty() {
        return Ok(());
    }
    let objects = upload::upload_all(connection, &files, "zip").map_err(one)?;
    let new = objects.iter().filter(|object| !object.was_there).count();
    if new > 0 {
        let bucket = objects.first().map_or("", |object| object.bucket.as_str());
        target.say(&format!("Uploading {} to {bucket} (OK)", plural(new, "artifact")), shell);
    }
    Ok(())
}

/// Gives functions whose code was changed past CloudFormation the code that the template says, which does not differ and so
/// is in no change set; their names in AWS.
pub fn restore(
    target: &Target,
    connection: &Connection,
    topology: &Topology,
    (product, aim): (&Product, &Aim),
    shell: &mut Shell,
) -> Result<Vec<String>, Findings> {
    let meant = product.artifacts.iter().filter(|(name, _)| aim.has_code_of(name));
    let local = |(name, artifact): (&String, &Artifact)| Local {
        function: topology.function_name(name).text,
        sha256: artifact.sha256.clone(),
    };
    let locals: Vec<Local> = meant.map(local).collect();
    let mut restored = Vec::new();
    for Local { function, sha256 } in code::differing(connection, &locals).map_err(one)? {
        code::replace(connection, function, sha256).map_err(one)?;
        target.say(&format!("Restoring function {function}, whose code was changed elsewhere"), shell);
        restored.push(function.clone());
    }
    Ok(restored)
}
