//! The stack `tc-assets`: a file system, the network that it is reached in, and the helper.
//!
//! What an environment has already is not made: with subnets and security groups of its own there is no network here, and
//! with an access point of its own no file system.
//!
//! The network made here is private: nothing reaches it from outside, and from inside there is the file system, and S3 by a
//! gateway endpoint, which costs nothing. Functions that need the internet need subnets with a way there, and so does then
//! the file system.

use super::FUNCTION;
use super::file_system::{FileSystem, Network};
use tc_core::backend::expr::{Expr, Object};
use tc_core::backend::interface_statements;
use tc_core::backend::logical_id;
use tc_core::backend::template::{DeletionPolicy, Output, Resource, Template};
use tc_core::graph::{EntityId, EntityKind};
use tc_core::object;

/// The addresses of the network, of which each half goes to a zone. It is connected to no other.
const ADDRESSES: [&str; 3] = ["10.0.0.0/23", "10.0.0.0/24", "10.0.1.0/24"];

/// The port of NFS.
const NFS: u32 = 2049;

/// The owner of everything on the file system, whoever writes.
const OWNER: &str = "1000";

/// What the access point shows as the root of the file system.
const ROOT: &str = "/assets";

/// Where the helper sees it.
const MOUNT_POINT: &str = "/mnt/assets";

/// Megabytes for the helper. It holds several parts and a manifest; and more memory means more of the network.
const MEMORY: u32 = 2048;

/// Seconds that a call may take, the most that Lambda allows.
const TIMEOUT: u32 = 900;

/// The template for a file system, with the helper's code in the artifact bucket.
pub fn template(file_system: &FileSystem, bucket: &str, key: &str) -> Template {
    let entity = EntityId::new(EntityKind::FileSystem, "assets");
    let mut stack = Stack { id: logical_id::of(&entity), entity, template: Template::default(), before: Vec::new() };
    stack.template.description =
        "Models and dependencies on a file system, and the function that puts them there".to_owned();
    let made = file_system.network.is_none();
    let network = file_system.network.clone().unwrap_or_else(|| stack.network());
    let access_point = file_system.access_point.clone().unwrap_or_else(|| stack.file_system(&network, made));
    stack.helper(&network, &access_point, bucket, key);
    let list = |ids: &[Expr]| Expr::Join(",", ids.to_vec());
    stack.output("AccessPoint", "The ARN of the access point that functions mount", access_point);
    stack.output("SecurityGroups", "The security groups of these functions", list(&network.security_groups));
    stack.output("Subnets", "The subnets of these functions", list(&network.subnets));
    stack.template
}

/// A template in the making.
struct Stack {
    entity: EntityId,
    /// How the logical ids begin.
    id: String,
    template: Template,
    /// What the helper must not be made before.
    before: Vec<String>,
}

impl Stack {
    /// Puts a resource and gives its logical id.
    fn put(&mut self, what: &str, resource_type: &'static str, properties: Object) -> String {
        let id = format!("{}{what}", self.id);
        self.template.resources.insert(id.clone(), Resource::new(resource_type, &self.entity, properties));
        id
    }

    fn output(&mut self, name: &str, description: &str, value: Expr) {
        self.template.outputs.insert(name.to_owned(), Output { description: description.to_owned(), value });
    }

    /// A network of its own: two subnets in different zones, and a way to S3.
    fn network(&mut self) -> Network {
        let [all, halves @ ..] = ADDRESSES;
        // Functions find the mount targets by their names.
        let vpc = object! { "CidrBlock": all, "EnableDnsHostnames": true, "EnableDnsSupport": true, "Tags": named() };
        let vpc = self.put("Vpc", "AWS::EC2::VPC", vpc);
        let routes = object! { "VpcId": Expr::reference(&vpc), "Tags": named() };
        let routes = self.put("Routes", "AWS::EC2::RouteTable", routes);
        let mut subnets = Vec::new();
        for (zone, (number, addresses)) in (0..).zip(["1", "2"].into_iter().zip(halves)) {
            let subnet = object! {
                "VpcId": Expr::reference(&vpc),
                "CidrBlock": addresses,
                "AvailabilityZone": Expr::Select(zone, Box::new(Expr::Zones)),
                "Tags": named(),
            };
            let subnet = self.put(&format!("Subnet{number}"), "AWS::EC2::Subnet", subnet);
            let association =
                object! { "RouteTableId": Expr::reference(&routes), "SubnetId": Expr::reference(&subnet) };
            let association =
                self.put(&format!("Subnet{number}Routes"), "AWS::EC2::SubnetRouteTableAssociation", association);
            self.before.push(association);
            subnets.push(Expr::reference(subnet));
        }
        let endpoint = object! {
            "VpcId": Expr::reference(&vpc),
            "ServiceName": Expr::Sub("com.amazonaws.${AWS::Region}.s3".to_owned()),
            "VpcEndpointType": "Gateway",
            "RouteTableIds": vec![Expr::reference(&routes)],
        };
        let endpoint = self.put("S3", "AWS::EC2::VPCEndpoint", endpoint);
        self.before.push(endpoint);
        let group = object! {
            "GroupDescription": "Functions that mount the file system assets",
            "VpcId": Expr::reference(&vpc),
            "Tags": named(),
        };
        let group = self.put("SecurityGroup", "AWS::EC2::SecurityGroup", group);
        Network { subnets, security_groups: vec![Expr::GetAtt(group, "GroupId".into())] }
    }

    /// A file system of its own, which outlives the stack. Gives the access point's ARN. In a network that was made here
    /// the mount targets have a security group of their own; otherwise that of the functions must let them in.
    fn file_system(&mut self, network: &Network, made: bool) -> Expr {
        let properties = object! {
            "Encrypted": true,
            "FileSystemTags": named(),
            "PerformanceMode": "generalPurpose",
            // Models are read seldom and then at once: throughput that is paid by the byte.
            "ThroughputMode": "elastic",
        };
        let file_system = self.put("", "AWS::EFS::FileSystem", properties);
        if let Some(resource) = self.template.resources.get_mut(&file_system) {
            resource.deletion_policy = Some(DeletionPolicy::RetainExceptOnCreate);
        }
        let groups = match made {
            false => network.security_groups.clone(),
            true => vec![self.target_group(&network.security_groups)],
        };
        for (number, subnet) in (1..).zip(&network.subnets) {
            let target = object! {
                "FileSystemId": Expr::reference(&file_system),
                "SecurityGroups": Expr::List(groups.clone()),
                "SubnetId": subnet.clone(),
            };
            let target = self.put(&format!("MountTarget{number}"), "AWS::EFS::MountTarget", target);
            self.before.push(target);
        }
        let access_point = object! {
            "FileSystemId": Expr::reference(&file_system),
            "PosixUser": object! { "Uid": OWNER, "Gid": OWNER },
            "RootDirectory": object! {
                "Path": ROOT,
                "CreationInfo": object! { "OwnerUid": OWNER, "OwnerGid": OWNER, "Permissions": "0755" },
            },
            "AccessPointTags": named(),
        };
        Expr::arn(self.put("AccessPoint", "AWS::EFS::AccessPoint", access_point))
    }

    /// A security group for mount targets, which lets in NFS from the functions and nothing else.
    fn target_group(&mut self, functions: &[Expr]) -> Expr {
        let ingress = |group: &Expr| {
            object! {
                "Description": "NFS from functions",
                "IpProtocol": "tcp",
                "FromPort": NFS,
                "ToPort": NFS,
                "SourceSecurityGroupId": group.clone(),
            }
        };
        let properties = object! {
            "GroupDescription": "Mount targets of the file system assets",
            "VpcId": Expr::reference(format!("{}Vpc", self.id)),
            "SecurityGroupIngress": functions.iter().map(ingress).collect::<Vec<_>>(),
            "Tags": named(),
        };
        Expr::GetAtt(self.put("TargetGroup", "AWS::EC2::SecurityGroup", properties), "GroupId".into())
    }

    /// The function that puts trees on the file system.
    fn helper(&mut self, network: &Network, access_point: &Expr, bucket: &str, key: &str) {
        let log = object! { "LogGroupName": format!("/aws/lambda/{FUNCTION}"), "RetentionInDays": 30u32 };
        let log = self.put("HelperLogGroup", "AWS::Logs::LogGroup", log);
        let trust = object! {
            "Effect": "Allow",
            "Principal": object! { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        };
        let policy = object! {
            "PolicyName": "Helper",
            "PolicyDocument": document(statements(&log, access_point, bucket)),
        };
        let role = object! {
            "AssumeRolePolicyDocument": document(vec![trust.into()]),
            "Policies": vec![policy],
        };
        let role = self.put("HelperRole", "AWS::IAM::Role", role);
        let properties = object! {
            "FunctionName": FUNCTION,
            "Description": "Puts models and dependencies on the file system, for `tc build --publish`",
            "Architectures": vec!["arm64"],
            "Runtime": "python3.13",
            "Handler": "handler.handler",
            "Code": object! { "S3Bucket": bucket, "S3Key": key },
            "MemorySize": MEMORY,
            "Timeout": TIMEOUT,
            "Environment": object! { "Variables": object! { "MOUNT": MOUNT_POINT } },
            "VpcConfig": object! {
                "SecurityGroupIds": Expr::List(network.security_groups.clone()),
                "SubnetIds": Expr::List(network.subnets.clone()),
            },
            "FileSystemConfigs": vec![object! { "Arn": access_point.clone(), "LocalMountPath": MOUNT_POINT }],
            "LoggingConfig": object! { "LogGroup": Expr::reference(&log) },
            "Role": Expr::arn(&role),
        };
        let id = self.put("Helper", "AWS::Lambda::Function", properties);
        if let Some(resource) = self.template.resources.get_mut(&id) {
            // Lambda makes no function before the mount targets are there ("Lambda Developer Guide, Configuring file
            // system access": a mount target in every zone that the function connects to).
            self.before.sort();
            resource.depends_on.clone_from(&self.before);
        }
    }
}

/// What the helper may do.
fn statements(log: &str, access_point: &Expr, bucket: &str) -> Vec<Expr> {
    let arn =
        Expr::Sub(format!("arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{FUNCTION}"));
    let [connect, keep] = interface_statements(&arn);
    let bucket_arn = format!("arn:${{AWS::Partition}}:s3:::{bucket}");
    vec![
        object! {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": vec!["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": Expr::arn(log),
        }
        .into(),
        connect,
        keep,
        // The file system behind an access point of the environment's own is not known, so the access point narrows it.
        object! {
            "Sid": "MountFileSystem",
            "Effect": "Allow",
            "Action": vec!["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": Expr::Sub("arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:*:file-system/*".to_owned()),
            "Condition": object! {
                "StringEquals": object! { "elasticfilesystem:AccessPointArn": access_point.clone() },
            },
        }
        .into(),
        object! {
            "Sid": "ReadParts",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": Expr::Sub(format!("{bucket_arn}/{}*", super::PREFIX)),
        }
        .into(),
        // Without it S3 says of what is not there that it may not be read ("Amazon S3 API Reference, GetObject").
        object! {
            "Sid": "TellMissingParts",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": Expr::Sub(bucket_arn),
        }
        .into(),
    ]
}

fn document(statements: Vec<Expr>) -> Object {
    object! { "Version": "2012-10-17", "Statement": statements }
}

/// The name by which people find it in AWS's console.
fn named() -> Vec<Object> {
    vec![object! { "Key": "Name", "Value": FUNCTION }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::backend::check;
    use tc_core::frontend;
    use tc_core::world::MemoryWorld;

    fn of(project: &str) -> Template {
        let loaded = frontend::load_project(&MemoryWorld::new([("tc.yml", project)]));
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        template(&FileSystem::find(&loaded.project).unwrap(), "tc-artifacts", "0.zip")
    }

    fn types(template: &Template) -> Vec<&'static str> {
        let types = template.resources.values().map(|resource| resource.resource_type);
        types.filter(|of| of.starts_with("AWS::E")).collect()
    }

    const NETWORK: &str = "subnets: [subnet-0a1b2c3d, subnet-1a1b2c3d], security_groups: [sg-0a1b2c3d]";
    const ACCESS_POINT: &str =
        "access_point: 'arn:aws:elasticfilesystem:us-west-2:111111111111:access-point/fsap-0123456789abcdef0'";

    #[test]
    fn each_is_what_cloudformation_takes() {
        for project in [
            "{}".to_owned(),
            format!("filesystems: {{assets: {{{NETWORK}}}}}"),
            format!("filesystems: {{assets: {{{ACCESS_POINT}, {NETWORK}}}}}"),
        ] {
            assert_eq!(check::check_without_source(&of(&project)), [], "{project}");
        }
    }

    #[test]
    fn nothing_is_made_that_is_there() {
        assert_eq!(
            types(&of(&format!("filesystems: {{assets: {{{NETWORK}}}}}"))),
            ["AWS::EFS::FileSystem", "AWS::EFS::MountTarget", "AWS::EFS::MountTarget", "AWS::EFS::AccessPoint"]
        );
        assert_eq!(types(&of(&format!("filesystems: {{assets: {{{ACCESS_POINT}, {NETWORK}}}}}"))), [""; 0]);
        assert_eq!(types(&of("{}")).len(), 13);
    }

    #[test]
    fn a_network_is_whole_or_absent() {
        let refused = |project: &str| {
            let loaded = frontend::load_project(&MemoryWorld::new([("tc.yml", project)]));
            FileSystem::find(&loaded.project).unwrap_err().message
        };
        assert_eq!(
            refused(&format!("filesystems: {{assets: {{{ACCESS_POINT}}}}}")),
            "the file system `assets` lacks `subnets` and `security_groups`"
        );
        assert_eq!(
            refused("filesystems: {assets: {subnets: [subnet-0a1b2c3d]}}"),
            "the file system `assets` lacks `security_groups`"
        );
    }
}
