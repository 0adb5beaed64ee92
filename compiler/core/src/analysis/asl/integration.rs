//! The services that a Task can call with `arn:aws:states:::SERVICE:ACTION`.
//!
//! Developer guide, "Integrating optimized services with Step Functions": which actions there are and which of the
//! patterns Run a Job (`.sync`) and Wait for Callback (`.waitForTaskToken`) a service has. AWS adds services, so one that
//! is not in the table is only warned of; a pattern that a service in the table does not have is an error.

use crate::suggest;

/// How a Task waits for what it calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern<'t> {
    /// It goes on at once.
    Request,
    /// `.sync`, or for a state machine `.sync:2`: until the job has ended.
    Job { second: bool },
    /// `.waitForTaskToken`: until its token comes back.
    Callback,
    /// There is no such pattern.
    Unknown(&'t str),
}

impl<'t> Pattern<'t> {
    pub(super) fn of(suffix: Option<&'t str>) -> Self {
        match suffix {
            None => Self::Request,
            Some("sync") => Self::Job { second: false },
            Some("sync:2") => Self::Job { second: true },
            Some("waitForTaskToken") => Self::Callback,
            Some(other) => Self::Unknown(other),
        }
    }
}

/// One service: its actions, and which patterns it has.
struct Service {
    name: &'static str,
    actions: &'static [&'static str],
    jobs: bool,
    callback: bool,
}

const fn service(name: &'static str, actions: &'static [&'static str]) -> Service {
    Service { name, actions, jobs: false, callback: false }
}

const fn jobs(name: &'static str, actions: &'static [&'static str]) -> Service {
    Service { jobs: true, ..service(name, actions) }
}

const fn callback(service: Service) -> Service {
    Service { callback: true, ..service }
}

static SERVICES: [Service; 22] = [
    callback(service("apigateway", &["invoke"])),
    jobs("athena", &["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"]),
    jobs("batch", &["submitJob"]),
    callback(jobs("bedrock", &["invokeModel", "createModelCustomizationJob"])),
    service("bedrockagentcore", &["invokeHarness"]),
    jobs(
        "codebuild",
        &[
            "startBuild",
            "stopBuild",
            "batchDeleteBuilds",
            "batchGetReports",
            "startBuildBatch",
            "stopBuildBatch",
            "retryBuildBatch",
            "deleteBuildBatch",
        ],
    ),
    jobs("databrew", &["startJobRun"]),
    service("dynamodb", &["getItem", "putItem", "updateItem", "deleteItem"]),
    callback(jobs("ecs", &["runTask"])),
    callback(jobs(
        "eks",
        &[
            "call",
            "runJob",
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
        ],
    )),
    jobs(
        "elasticmapreduce",
        &[
            "createCluster",
            "terminateCluster",
            "setClusterTerminationProtection",
            "addStep",
            "cancelStep",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
    ),
    jobs("emr-containers", &["createVirtualCluster", "deleteVirtualCluster", "startJobRun"]),
    jobs(
        "emr-serverless",
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
    ),
    callback(service("events", &["putEvents"])),
    jobs("glue", &["startJobRun"]),
    service("http", &["invoke"]),
    callback(service("lambda", &["invoke"])),
    jobs("mediaconvert", &["createJob"]),
    jobs(
        "sagemaker",
        &[
            "createEndpoint",
            "createEndpointConfig",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createModel",
            "createProcessingJob",
            "createTrainingJob",
            "createTransformJob",
            "updateEndpoint",
        ],
    ),
    callback(service("sns", &["publish"])),
    callback(service("sqs", &["sendMessage"])),
    callback(jobs("states", &["startExecution"])),
];

/// Every action of every service, as the SDK has it.
const SDK: &str = "aws-sdk";

fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

pub(super) fn is_service(name: &str) -> bool {
    find(name).is_some() || name == SDK
}

/// A call of a service, for a help text.
pub(super) fn example(name: &str) -> String {
    let action = find(name).and_then(|service| service.actions.first());
    format!("{name}:{}", action.unwrap_or(&"ACTION"))
}

/// Whether a service has a pattern; if not, what is wrong and what to do.
pub(super) fn check(name: &str, action: &str, pattern: Pattern<'_>) -> Result<(), (String, String)> {
    let known = find(name);
    let without = format!("arn:aws:states:::{name}:{action}");
    match pattern {
        Pattern::Request => Ok(()),
        Pattern::Unknown(suffix) => {
            let near = suggest::nearest(suffix, ["sync", "waitForTaskToken"]);
            let help = near.map_or_else(
                || "patterns: `.sync`, `.waitForTaskToken`".to_owned(),
                |near| format!("did you mean `.{near}`?"),
            );
            Err((format!("there is no pattern `.{suffix}`"), help))
        }
        Pattern::Job { second: true } if name != "states" => {
            Err(("only `states:startExecution` has `.sync:2`".to_owned(), format!("write `{without}.sync`")))
        }
        Pattern::Job { .. } if name == SDK || known.is_some_and(|known| !known.jobs) => {
            let help = match name {
                "lambda" => format!("write `{without}`: it waits for the function anyway"),
                _ => format!("write `{without}`"),
            };
            Err((format!("`{name}` has no `.sync`: there is no job to wait for"), help))
        }
        Pattern::Callback if known.is_some_and(|known| !known.callback) => {
            let instead = if known.is_some_and(|known| known.jobs) { ".sync" } else { "" };
            Err((format!("`{name}` has no `.waitForTaskToken`"), format!("write `{without}{instead}`")))
        }
        Pattern::Job { .. } | Pattern::Callback => Ok(()),
    }
}

/// What to say about a service or action that is not in the table.
pub(super) fn unknown(name: &str, action: &str) -> Option<(String, Option<String>)> {
    if name == SDK {
        let Some((service, action)) = action.split_once(':') else {
            let help = "write `aws-sdk:SERVICE:ACTION`, such as `aws-sdk:s3:listBuckets`".to_owned();
            return Some(("a call by the SDK names a service and an action".to_owned(), Some(help)));
        };
        let first = action.chars().next().filter(char::is_ascii_uppercase)?;
        let right = action.replacen(first, &first.to_ascii_lowercase().to_string(), 1);
        let message = format!("the actions of the SDK begin with a small letter, and `{action}` does not");
        return Some((message, Some(format!("did you mean `aws-sdk:{service}:{right}`?"))));
    }
    let Some(known) = find(name) else {
        let near = suggest::nearest(name, SERVICES.iter().map(|service| service.name).chain([SDK]));
        let help = near.map(|near| format!("did you mean `{near}:{action}`?"));
        let help = help.or_else(|| Some("any action of AWS is called by `aws-sdk:SERVICE:ACTION`".to_owned()));
        return Some((format!("tc does not know the integration `{name}`"), help));
    };
    if known.actions.contains(&action) {
        return None;
    }
    let help = suggest::help(action, "actions", known.actions.iter().copied());
    Some((format!("tc does not know the action `{action}` of the integration `{name}`"), help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, suffix: &str) -> Option<String> {
        check(name, "act", Pattern::of(Some(suffix))).err().map(|(message, help)| format!("{message}; {help}"))
    }

    #[test]
    fn patterns_that_a_service_has() {
        for (name, suffix) in [
            ("lambda", "waitForTaskToken"),
            ("states", "sync"),
            ("states", "sync:2"),
            ("glue", "sync"),
            ("ecs", "waitForTaskToken"),
            ("aws-sdk", "waitForTaskToken"),
            ("newcomer", "sync"),
        ] {
            assert_eq!(refused(name, suffix), None, "{name} {suffix}");
        }
    }

    #[test]
    fn patterns_that_it_has_not() {
        for (name, suffix, wanted) in [
            (
                "lambda",
                "sync",
                "`lambda` has no `.sync`: there is no job to wait for; write `arn:aws:states:::lambda:act`: it waits for the \
                 function anyway",
            ),
            (
                "aws-sdk",
                "sync",
                "`aws-sdk` has no `.sync`: there is no job to wait for; write `arn:aws:states:::aws-sdk:act`",
            ),
            ("glue", "waitForTaskToken", "`glue` has no `.waitForTaskToken`; write `arn:aws:states:::glue:act.sync`"),
            (
                "dynamodb",
                "waitForTaskToken",
                "`dynamodb` has no `.waitForTaskToken`; write `arn:aws:states:::dynamodb:act`",
            ),
            (
                "bedrockagentcore",
                "sync",
                "`bedrockagentcore` has no `.sync`: there is no job to wait for; write `arn:aws:states:::bedrockagentcore:act`",
            ),
            ("glue", "sync:2", "only `states:startExecution` has `.sync:2`; write `arn:aws:states:::glue:act.sync`"),
            ("sqs", "waitForTasktoken", "there is no pattern `.waitForTasktoken`; did you mean `.waitForTaskToken`?"),
            ("sqs", "x", "there is no pattern `.x`; patterns: `.sync`, `.waitForTaskToken`"),
        ] {
            assert_eq!(refused(name, suffix).as_deref(), Some(wanted), "{name} {suffix}");
        }
    }

    #[test]
    fn strangers_are_warned_of() {
        let said =
            |name: &str, action: &str| unknown(name, action).map(|(message, help)| (message, help.unwrap_or_default()));
        assert_eq!(said("lambda", "invoke"), None);
        assert_eq!(said("aws-sdk", "s3:listBuckets"), None);
        assert_eq!(said("lambda", "invok").unwrap().1, "did you mean `invoke`?");
        assert_eq!(said("lamda", "invoke").unwrap().1, "did you mean `lambda:invoke`?");
        assert_eq!(said("quantum", "leap").unwrap().1, "any action of AWS is called by `aws-sdk:SERVICE:ACTION`");
        assert_eq!(said("aws-sdk", "s3:ListBuckets").unwrap().1, "did you mean `aws-sdk:s3:listBuckets`?");
        assert_eq!(said("aws-sdk", "listBuckets").unwrap().0, "a call by the SDK names a service and an action");
    }

    #[test]
    fn names_ascend() {
        let names: Vec<_> = SERVICES.iter().map(|service| service.name).collect();
        assert!(names.is_sorted());
    }
}
