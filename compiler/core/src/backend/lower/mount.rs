//! File systems and the network that reaches them: `FileSystemConfigs` and `VpcConfig` of a function.
//!
//! The file system, its access point and its mount targets are made outside of the stack, once an environment, so nothing
//! here has a `DependsOn`.

use super::{Lowering, iam};
use crate::backend::expr::{Expr, Object};
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind};
use crate::graph::{EntityId, EntityKind};
use crate::ir::{Function, Mount};
use crate::object;

/// Where the id stands when an access point's ARN,
/// `arn:PARTITION:elasticfilesystem:REGION:ACCOUNT:access-point/ID`, is split by `/`.
const ID_IN_ARN: u32 = 1;

fn parameter(mount: &Mount, what: &str) -> String {
    format!("{}{what}", logical_id::of(&EntityId::new(EntityKind::FileSystem, &mount.filesystem)))
}

/// The ARN of the access point, as it is written or as it is imported.
fn access_point(mount: &Mount) -> Expr {
    match &mount.access_point {
        Some(arn) => (&arn.value).into(),
        None => Expr::reference(parameter(mount, "AccessPoint")),
    }
}

/// The id of the access point that linking finds; `None` where it is written down.
pub(super) fn imported_access_point(function: &Function) -> Option<Expr> {
    let mount = function.mount.as_ref().filter(|mount| mount.access_point.is_none())?;
    Some(Expr::Select(ID_IN_ARN, Box::new(Expr::Split("/", Box::new(access_point(mount))))))
}

/// `FileSystemConfigs`: Lambda mounts one file system a function.
pub(super) fn file_systems(cx: &mut Lowering<'_>, function: &Function) -> Option<Expr> {
    let mount = function.mount.as_ref()?;
    if mount.access_point.is_none() {
        let import = Import {
            kind: ImportKind::AccessPoint,
            name: mount.filesystem.clone(),
            parameter_type: "String",
            description: format!("The ARN of the EFS access point of the file system {}", mount.filesystem),
            default: None,
        };
        cx.import(&parameter(mount, "AccessPoint"), import);
    }
    let config = object! { "Arn": access_point(mount), "LocalMountPath": &mount.mount_point.value };
    Some(vec![config].into())
}

/// `VpcConfig`: the subnets and security groups that are written down, else those that reach the file system.
pub(super) fn vpc(cx: &mut Lowering<'_>, function: &Function) -> Option<Object> {
    if let Some(network) = &function.network {
        let list = |ids: &[crate::source::Spanned<crate::source::Text>]| {
            Expr::List(ids.iter().map(|id| (&id.value).into()).collect())
        };
        return Some(object! {
            "SecurityGroupIds": list(&network.security_groups),
            "SubnetIds": list(&network.subnets),
        });
    }
    let mount = function.mount.as_ref()?;
    let mut import = |what: &str, kind, parameter_type, described: &str| {
        let import = Import {
            kind,
            name: mount.filesystem.clone(),
            parameter_type,
            description: format!("{described} the file system {} can be reached", mount.filesystem),
            default: None,
        };
        cx.import(&parameter(mount, what), import)
    };
    // The types that CloudFormation checks against the account before it touches the stack.
    Some(object! {
        "SecurityGroupIds": import(
            "SecurityGroups",
            ImportKind::SecurityGroups,
            "List<AWS::EC2::SecurityGroup::Id>",
            "The security groups with which",
        ),
        "SubnetIds": import("Subnets", ImportKind::Subnets, "List<AWS::EC2::Subnet::Id>", "The subnets from which"),
    })
}

/// The right to read and write through the access point and no other way. The identity of the file system is not known
/// from its access point, so the resource is any file system and the condition narrows it to the one behind that access
/// point ("Service Authorization Reference, Amazon Elastic File System": `ClientMount` and `ClientWrite` take a file
/// system and the key `elasticfilesystem:AccessPointArn`; "Lambda Developer Guide, Configuring file system access").
/// The file system may stand in another account.
pub(super) fn client_grant(mount: &Mount) -> iam::Grant {
    let actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
    let file_systems = "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:*:file-system/*";
    iam::Grant::new("MountFileSystem", &actions, vec![Expr::Sub(file_systems.to_owned())])
        .when(object! { "StringEquals": object! { "elasticfilesystem:AccessPointArn": access_point(mount) } })
}

/// The rights with which Lambda itself connects the function to a VPC, and a denial of the same to the function's code
/// ("Lambda Developer Guide, Giving Lambda functions access to resources in an Amazon VPC": the actions, and the denial
/// by `lambda:SourceFunctionArn`). `arn` is the function's own, built from its name: a reference would be a cycle.
pub fn interface_statements(arn: &Expr) -> [Expr; 2] {
    let actions = || {
        Expr::from(vec![
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ])
    };
    [
        // `*`: the interfaces do not exist yet, and describing takes no resource.
        object! { "Sid": "ConnectToVpc", "Effect": "Allow", "Action": actions(), "Resource": "*" }.into(),
        object! {
            "Sid": "KeepCodeFromInterfaces",
            "Effect": "Deny",
            "Action": actions(),
            "Resource": "*",
            "Condition": object! { "ArnEquals": object! { "lambda:SourceFunctionArn": arn.clone() } },
        }
        .into(),
    ]
}
