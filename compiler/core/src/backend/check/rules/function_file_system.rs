//! A function reaches an EFS file system over its VPC, and only once the file system has a mount target there.
//! "Lambda Developer Guide, Configuring file system access"; "AWS::Lambda::Function FileSystemConfig": a function whose
//! template also makes the mount target must depend on it.

use super::subject::{Subject, combination, within};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;

pub fn check(function: &Subject<'_>, faults: &mut Vec<Fault>) {
    let systems = function.items("FileSystemConfigs");
    if systems.is_empty() {
        return;
    }
    for list in ["SubnetIds", "SecurityGroupIds"] {
        let path = format!("VpcConfig.{list}");
        let empty = matches!(function.get(&path), Some(Expr::List(items)) if items.is_empty());
        if empty || !function.has(&path) {
            let help = "give the function `network: {subnets: [...], security_groups: [...]}` in its vars".to_owned();
            faults.push(combination(format!("`FileSystemConfigs` needs `{path}`")).help(help));
        }
    }
    for arn in systems.iter().filter_map(|system| within(system, "Arn")) {
        mount_targets(function, arn, faults);
    }
}

/// Holds only where the access point and its file system are in this template.
fn mount_targets(function: &Subject<'_>, arn: &Expr, faults: &mut Vec<Fault>) {
    let access_point = function.index.target(arn).map(|target| function.other(target));
    let Some(system) = access_point.and_then(|access_point| access_point.target("FileSystemId")) else { return };
    let targets = system.members("AWS::EFS::MountTarget");
    let waits = targets.iter().any(|target| function.resource.depends_on.iter().any(|id| id == target.id));
    if !waits {
        let id = system.id;
        faults.push(combination(format!("`DependsOn` names no mount target of `{id}`, which must exist first")));
    }
}
