//! The IAM action that a call of a service takes.
//!
//! Most are called as the API's action, with the prefix of the service ("Service Authorization Reference"). Here is what
//! differs, as far as Step Functions calls it.

use crate::ir::ServiceCall;

/// The IAM action of a call; `None` where it takes none.
pub(super) fn of(call: &ServiceCall<'_>) -> Option<String> {
    let prefix = prefix(call.service);
    // What runs inside of a Kubernetes cluster is allowed by the cluster's own roles.
    if matches!((prefix, call.action), ("eks", "call" | "runJob")) {
        return None;
    }
    let irregular = IRREGULAR.iter().find(|(service, action, _)| (*service, *action) == (prefix, call.action));
    Some(irregular.map_or_else(|| format!("{prefix}:{}", pascal(call.action)), |(.., action)| (*action).to_owned()))
}

/// Actions that have another name in IAM, by prefix and by the name that Step Functions has for them.
static IRREGULAR: [(&str, &str, &str); 35] = [
    ("apigateway", "invoke", "execute-api:Invoke"),
    ("bedrock", "converse", "bedrock:InvokeModel"),
    ("bedrock", "converseStream", "bedrock:InvokeModelWithResponseStream"),
    ("dynamodb", "batchExecuteStatement", "dynamodb:PartiQLSelect"),
    ("dynamodb", "executeStatement", "dynamodb:PartiQLSelect"),
    ("dynamodb", "executeTransaction", "dynamodb:PartiQLSelect"),
    ("dynamodb", "transactGetItems", "dynamodb:GetItem"),
    ("dynamodb", "transactWriteItems", "dynamodb:PutItem"),
    ("elasticmapreduce", "addStep", "elasticmapreduce:AddJobFlowSteps"),
    ("elasticmapreduce", "cancelStep", "elasticmapreduce:CancelSteps"),
    ("elasticmapreduce", "createCluster", "elasticmapreduce:RunJobFlow"),
    ("elasticmapreduce", "modifyInstanceFleetByName", "elasticmapreduce:ModifyInstanceFleet"),
    ("elasticmapreduce", "modifyInstanceGroupByName", "elasticmapreduce:ModifyInstanceGroups"),
    ("elasticmapreduce", "setClusterTerminationProtection", "elasticmapreduce:SetTerminationProtection"),
    ("elasticmapreduce", "terminateCluster", "elasticmapreduce:TerminateJobFlows"),
    ("http", "invoke", "states:InvokeHTTPEndpoint"),
    ("lambda", "invoke", "lambda:InvokeFunction"),
    ("lambda", "invokeAsync", "lambda:InvokeFunction"),
    ("s3", "completeMultipartUpload", "s3:PutObject"),
    ("s3", "copyObject", "s3:PutObject"),
    ("s3", "createMultipartUpload", "s3:PutObject"),
    ("s3", "deleteObjects", "s3:DeleteObject"),
    ("s3", "headBucket", "s3:ListBucket"),
    ("s3", "headObject", "s3:GetObject"),
    ("s3", "listBuckets", "s3:ListAllMyBuckets"),
    ("s3", "listMultipartUploads", "s3:ListBucketMultipartUploads"),
    ("s3", "listObjectVersions", "s3:ListBucketVersions"),
    ("s3", "listObjects", "s3:ListBucket"),
    ("s3", "listObjectsV2", "s3:ListBucket"),
    ("s3", "listParts", "s3:ListMultipartUploadParts"),
    ("s3", "uploadPart", "s3:PutObject"),
    ("sns", "publishBatch", "sns:Publish"),
    ("sqs", "changeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
    ("sqs", "deleteMessageBatch", "sqs:DeleteMessage"),
    ("sqs", "sendMessageBatch", "sqs:SendMessage"),
];

/// The prefix of a service's IAM actions, by the name that Step Functions has for it, which is the SDK for Java's.
fn prefix(service: &str) -> &str {
    match service {
        "acmpca" => "acm-pca",
        "apigatewayv2" => "apigateway",
        "applicationautoscaling" => "application-autoscaling",
        "bedrockagentcore" => "bedrock-agentcore",
        "bedrockagent" | "bedrockagentruntime" | "bedrockruntime" => "bedrock",
        "cloudwatchevents" | "eventbridge" => "events",
        "cloudwatchlogs" => "logs",
        "cognitoidentity" => "cognito-identity",
        "cognitoidentityprovider" => "cognito-idp",
        "costexplorer" => "ce",
        "databasemigration" => "dms",
        "docdb" | "neptune" => "rds",
        "dynamodbstreams" => "dynamodb",
        "ecrpublic" => "ecr-public",
        "efs" => "elasticfilesystem",
        "elasticloadbalancingv2" => "elasticloadbalancing",
        "elasticsearch" | "opensearch" => "es",
        "emr" => "elasticmapreduce",
        "emrcontainers" => "emr-containers",
        "emrserverless" => "emr-serverless",
        "pinpoint" => "mobiletargeting",
        "rdsdata" => "rds-data",
        "redshiftdata" => "redshift-data",
        "redshiftserverless" => "redshift-serverless",
        "resourcegroupstaggingapi" => "tag",
        "s3control" => "s3",
        "sagemakerruntime" => "sagemaker",
        "sesv2" => "ses",
        "sfn" => "states",
        "ssoadmin" => "sso",
        "timestreamquery" | "timestreamwrite" => "timestream",
        other => other,
    }
}

fn pascal(action: &str) -> String {
    let mut characters = action.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn irregular_names_are_known() {
        let of = |resource: &str| of(&ServiceCall::parse(resource).unwrap());
        for (resource, expected) in [
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", Some("lambda:InvokeFunction")),
            ("arn:aws:states:::aws-sdk:eventbridge:putEvents", Some("events:PutEvents")),
            ("arn:aws:states:::aws-sdk:sfn:startSyncExecution", Some("states:StartSyncExecution")),
            ("arn:aws:states:::aws-sdk:s3:listObjectsV2", Some("s3:ListBucket")),
            ("arn:aws:states:::elasticmapreduce:addStep.sync", Some("elasticmapreduce:AddJobFlowSteps")),
            ("arn:aws:states:::glue:startJobRun.sync", Some("glue:StartJobRun")),
            ("arn:aws:states:::eks:call", None),
        ] {
            assert_eq!(of(resource).as_deref(), expected, "{resource}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(IRREGULAR.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)));
    }
}
