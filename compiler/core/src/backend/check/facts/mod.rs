//! What AWS's schemas say of the resource types that tc emits: `schema/cfn/`, embedded, parsed only for types in use.

mod definition;
mod pattern;
mod schema;

pub use definition::Definition;
pub use pattern::Pattern;
pub use schema::{Kind, Kinds, PatternProperties, Scalar, Schema};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The facts about one resource type. Property paths are dotted; `*` stands for the items of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeFacts {
    /// `AWS::Lambda::Function`.
    pub type_name: String,
    /// What its `Properties` must look like.
    pub schema: Schema,
    /// What `$ref` in the schemas names.
    #[serde(borrow, default)]
    pub definitions: BTreeMap<&'static str, Definition>,
    /// The attributes that `Fn::GetAtt` gives.
    #[serde(default)]
    pub get_att: Vec<String>,
    /// The property whose value `Ref` gives; `None` where it is not known to be one.
    #[serde(rename = "ref")]
    pub gives: Option<String>,
    /// What tells one resource of the type from another.
    pub primary_identifier: Vec<String>,
    /// Properties whose change replaces the resource.
    #[serde(default)]
    pub create_only_properties: Vec<String>,
    /// Properties whose change replaces the resource in some cases.
    #[serde(default)]
    pub conditional_create_only_properties: Vec<String>,
    /// Properties that only AWS sets.
    #[serde(default)]
    pub read_only_properties: Vec<String>,
    /// Properties that are never read back.
    #[serde(default)]
    pub write_only_properties: Vec<String>,
    /// The property that holds its tags; `None` if it takes none.
    pub tag_property: Option<String>,
    /// What was altered in the patterns.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl TypeFacts {
    /// The facts about `type_name`; `None` for a type that is not in `schema/cfn/`.
    pub fn of(type_name: &str) -> Option<&'static Self> {
        let at = TABLE.binary_search_by(|entry| entry.type_name.cmp(type_name)).ok()?;
        let entry = TABLE.get(at)?;
        entry.parsed.get_or_init(|| serde_json::from_str(entry.text).ok()).as_ref()
    }

    /// The schema itself, or the definition it refers to.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let mut schema = schema;
        // A definition that refers to itself alone would say nothing; the count of definitions bounds the chain.
        for _ in 0..=self.definitions.len() {
            match schema.reference.as_ref().and_then(|name| self.definitions.get(name.as_str())?.schema()) {
                Some(definition) => schema = definition,
                None => break,
            }
        }
        schema
    }
}

struct Entry {
    type_name: &'static str,
    text: &'static str,
    parsed: OnceLock<Option<TypeFacts>>,
}

macro_rules! table {
    ($($type_name:literal = $file:literal;)*) => {
        /// All types, in the order of their names.
        static TABLE: [Entry; { [$($type_name),*].len() }] = [$(Entry {
            type_name: $type_name,
            text: include_str!(concat!("../../../../../../schema/cfn/", $file, ".json")),
            parsed: OnceLock::new(),
        }),*];
    };
}

table! {
    "AWS::ApiGateway::Account" = "aws-apigateway-account";
    "AWS::ApiGateway::Authorizer" = "aws-apigateway-authorizer";
    "AWS::ApiGateway::Deployment" = "aws-apigateway-deployment";
    "AWS::ApiGateway::GatewayResponse" = "aws-apigateway-gatewayresponse";
    "AWS::ApiGateway::Method" = "aws-apigateway-method";
    "AWS::ApiGateway::Resource" = "aws-apigateway-resource";
    "AWS::ApiGateway::RestApi" = "aws-apigateway-restapi";
    "AWS::ApiGateway::Stage" = "aws-apigateway-stage";
    "AWS::ApiGatewayV2::Api" = "aws-apigatewayv2-api";
    "AWS::ApiGatewayV2::ApiMapping" = "aws-apigatewayv2-apimapping";
    "AWS::ApiGatewayV2::Authorizer" = "aws-apigatewayv2-authorizer";
    "AWS::ApiGatewayV2::Deployment" = "aws-apigatewayv2-deployment";
    "AWS::ApiGatewayV2::Integration" = "aws-apigatewayv2-integration";
    "AWS::ApiGatewayV2::Route" = "aws-apigatewayv2-route";
    "AWS::ApiGatewayV2::Stage" = "aws-apigatewayv2-stage";
    "AWS::EC2::RouteTable" = "aws-ec2-routetable";
    "AWS::EC2::SecurityGroup" = "aws-ec2-securitygroup";
    "AWS::EC2::Subnet" = "aws-ec2-subnet";
    "AWS::EC2::SubnetRouteTableAssociation" = "aws-ec2-subnetroutetableassociation";
    "AWS::EC2::VPC" = "aws-ec2-vpc";
    "AWS::EC2::VPCEndpoint" = "aws-ec2-vpcendpoint";
    "AWS::EFS::AccessPoint" = "aws-efs-accesspoint";
    "AWS::EFS::FileSystem" = "aws-efs-filesystem";
    "AWS::EFS::MountTarget" = "aws-efs-mounttarget";
    "AWS::Events::EventBus" = "aws-events-eventbus";
    "AWS::Events::Rule" = "aws-events-rule";
    "AWS::IAM::ManagedPolicy" = "aws-iam-managedpolicy";
    "AWS::IAM::Policy" = "aws-iam-policy";
    "AWS::IAM::Role" = "aws-iam-role";
    "AWS::Lambda::Alias" = "aws-lambda-alias";
    "AWS::Lambda::EventInvokeConfig" = "aws-lambda-eventinvokeconfig";
    "AWS::Lambda::EventSourceMapping" = "aws-lambda-eventsourcemapping";
    "AWS::Lambda::Function" = "aws-lambda-function";
    "AWS::Lambda::LayerVersion" = "aws-lambda-layerversion";
    "AWS::Lambda::LayerVersionPermission" = "aws-lambda-layerversionpermission";
    "AWS::Lambda::Permission" = "aws-lambda-permission";
    "AWS::Lambda::Url" = "aws-lambda-url";
    "AWS::Lambda::Version" = "aws-lambda-version";
    "AWS::Logs::LogGroup" = "aws-logs-loggroup";
    "AWS::S3::Bucket" = "aws-s3-bucket";
    "AWS::S3::BucketPolicy" = "aws-s3-bucketpolicy";
    "AWS::SNS::Topic" = "aws-sns-topic";
    "AWS::SQS::Queue" = "aws-sqs-queue";
    "AWS::SQS::QueuePolicy" = "aws-sqs-queuepolicy";
    "AWS::Scheduler::Schedule" = "aws-scheduler-schedule";
    "AWS::Scheduler::ScheduleGroup" = "aws-scheduler-schedulegroup";
    "AWS::StepFunctions::StateMachine" = "aws-stepfunctions-statemachine";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Texts of ASCII that tell apart what the patterns are about.
    const SAMPLES: [&str; 14] = [
        "",
        " ",
        "\n",
        "a\nb",
        "x_1",
        "a b",
        "12",
        "etl-bob.fifo",
        "/mnt/assets",
        "key=value+more@x:y",
        "arn:aws:lambda:us-east-1:123456789012:function:etl",
        "arn:aws:iam::123456789012:role/etl",
        "rate(5 minutes)",
        "$.detail[0]",
    ];

    fn patterns<'a>(schema: &'a Schema, found: &mut Vec<&'a Pattern>) {
        found.extend(&schema.pattern);
        found.extend(schema.pattern_properties.0.iter().map(|(pattern, _)| pattern));
        let properties = schema.properties.values().map(|property| property.schema().unwrap());
        let nested = properties.chain(schema.pattern_properties.0.iter().map(|(_, schema)| schema));
        let nested = nested.chain(schema.items.as_deref()).chain(&schema.any_of).chain(&schema.one_of);
        nested.for_each(|schema| patterns(schema, found));
    }

    #[test]
    fn every_file_is_embedded_once_and_readable() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/cfn");
        let files =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(files.filter(|name| name.starts_with("aws-")).count(), TABLE.len());
        assert!(TABLE.windows(2).all(|pair| pair[0].type_name < pair[1].type_name));
        for entry in &TABLE {
            let facts: TypeFacts = serde_json::from_str(entry.text).unwrap();
            assert_eq!(facts.type_name, entry.type_name);
            assert!(!facts.schema.properties.is_empty(), "{}", entry.type_name);
            assert_eq!(facts.schema.additional_properties, Some(false), "{}", entry.type_name);
        }
        assert!(TypeFacts::of("AWS::Lambda::Functions").is_none());
    }

    #[test]
    fn every_pattern_compiles_and_every_reference_leads_somewhere() {
        for entry in &TABLE {
            let facts = TypeFacts::of(entry.type_name).unwrap();
            let mut found = Vec::new();
            patterns(&facts.schema, &mut found);
            facts.definitions.values().for_each(|definition| patterns(definition.schema().unwrap(), &mut found));
            for pattern in found {
                let regex = pattern.regex().unwrap_or_else(|| panic!("{}: {}", entry.type_name, pattern.text));
                let Some(ascii) = pattern.ascii_regex() else { continue };
                for sample in SAMPLES {
                    let matches = regex.is_match(sample);
                    let same = ascii.is_match(sample.as_bytes()) == matches
                        && pattern.trial().is_none_or(|trial| trial.matches(sample.as_bytes()) == Some(matches));
                    assert!(same, "{}: {} differs on {sample:?}", entry.type_name, pattern.text);
                }
            }
            let text = serde_json::from_str::<serde_json::Value>(entry.text).unwrap();
            references(&text, &mut |name| assert!(facts.definitions.contains_key(name), "{} {name}", entry.type_name));
        }
    }

    fn references(value: &serde_json::Value, see: &mut impl FnMut(&str)) {
        match value {
            serde_json::Value::Object(map) => {
                map.get("$ref").and_then(|name| name.as_str()).into_iter().for_each(&mut *see);
                map.values().for_each(|value| references(value, see));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| references(value, see)),
            _ => {}
        }
    }

    #[test]
    fn rewritten_patterns_mean_what_they_meant() {
        let alias = TypeFacts::of("AWS::Lambda::Alias").unwrap();
        let name = alias.schema.properties["Name"].schema().unwrap().pattern.as_ref().unwrap();
        assert!(name.matches("live") && name.matches("1a") && !name.matches("12") && !name.matches("a.b"));
        let role = TypeFacts::of("AWS::IAM::Role").unwrap();
        let name = role.schema.properties["RoleName"].schema().unwrap().pattern.as_ref().unwrap();
        assert!(name.matches("etl_x=,.@-") && !name.matches("e\u{e9}"), "\\w is ASCII in AWS's patterns");
    }
}
