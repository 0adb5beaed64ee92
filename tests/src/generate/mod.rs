//! Topologies of any size for benchmarks: N small functions, each with a route and an event, and a flow through all of
//! them; and the same system as a project of other tools, so that they can be measured beside tc.
//!
//! What is made depends on N alone.

mod cdk;
mod chalice;
mod osls;
mod sam;
mod tc;

use crate::tree::Tree;
use std::fmt::Write;

/// The namespace, service or stack.
const NAME: &str = "bench";

/// For whom a project is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// tc: `topology.yml`.
    Tc,
    /// AWS SAM: `template.yaml`.
    Sam,
    /// osls, the maintained line of the Serverless Framework: `serverless.yml`.
    Osls,
    /// AWS CDK: an app in JavaScript, which needs no compiler before it runs.
    Cdk,
    /// Chalice: `app.py`, with the flow in a template that is merged in.
    Chalice,
}

impl Tool {
    /// All tools.
    pub const ALL: [Self; 5] = [Self::Tc, Self::Sam, Self::Osls, Self::Cdk, Self::Chalice];

    /// How it is called on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tc => "tc",
            Self::Sam => "sam",
            Self::Osls => "osls",
            Self::Cdk => "cdk",
            Self::Chalice => "chalice",
        }
    }

    /// The files of a project of `count` functions.
    pub fn project(self, count: usize) -> Tree {
        let steps: Vec<Step> = (1..=count).map(Step).collect();
        match self {
            Self::Tc => tc::project(&steps),
            Self::Sam => sam::project(&steps),
            Self::Osls => osls::project(&steps),
            Self::Cdk => cdk::project(&steps),
            Self::Chalice => chalice::project(&steps),
        }
    }
}

/// One function with its route, its event and its state, by its number from 1.
#[derive(Debug, Clone, Copy)]
struct Step(usize);

impl Step {
    /// The function's name, which is its directory's.
    fn name(self) -> String {
        format!("step{:04}", self.0)
    }

    /// The name where letters and digits alone are allowed: logical ids and detail types.
    fn id(self) -> String {
        format!("Step{:04}", self.0)
    }

    /// The path of its route.
    fn path(self) -> String {
        format!("/steps/{:04}", self.0)
    }

    /// The state that follows it.
    fn next(self, count: usize) -> Option<Self> {
        (self.0 < count).then_some(Self(self.0 + 1))
    }

    /// A handler of about 1 KB, different from any other step's, that runs under each of the tools.
    fn handler(self) -> String {
        let mut weights = String::new();
        for place in 0..24 {
            let separator = if place % 8 == 7 { ",\n    " } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(weights, "{}{separator}", number(self.0, place) % 1_000_000);
        }
        let weights = weights.trim_end();
        let number = self.0;
        format!(
            "\"\"\"Step {number} of the flow: scores a record and hands it on.\"\"\"\n\nimport json\n\n\
             WEIGHTS = (\n    {weights}\n)\n\n\n\
             def score(values):\n    \"\"\"The weighted sum of the values.\"\"\"\n    \
             return sum(weight * value for weight, value in zip(WEIGHTS, values))\n\n\n\
             def handler(event, context):\n    \"\"\"Takes a record from the route, the event or the flow.\"\"\"\n    \
             record = json.loads(event[\"body\"]) if \"body\" in event else dict(event)\n    \
             values = record.get(\"values\", [])\n    \
             record[\"step\"] = {number}\n    \
             record[\"score\"] = record.get(\"score\", 0) + score(values)\n    \
             return record\n"
        )
    }
}

/// A number that looks random and depends on its arguments alone (SplitMix64, Steele et al. 2014).
fn number(step: usize, place: usize) -> u64 {
    let mut z = ((step as u64) << 32 | place as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The handlers of all steps, each in its function's directory.
fn handlers(steps: &[Step]) -> Tree {
    steps.iter().map(|step| (format!("{}/handler.py", step.name()), step.handler().into_bytes())).collect()
}

/// The flow's definition, with what names each function given by `function`.
fn definition(steps: &[Step], function: impl Fn(Step) -> String) -> serde_json::Value {
    let state = |step: Step| {
        let mut state = serde_json::json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "OutputPath": "$.Payload",
            "Parameters": {"FunctionName": function(step), "Payload.$": "$"},
        });
        let end = match step.next(steps.len()) {
            Some(next) => ("Next", next.name().into()),
            None => ("End", true.into()),
        };
        state.as_object_mut().into_iter().for_each(|state| {
            state.insert(end.0.to_owned(), serde_json::Value::clone(&end.1));
        });
        (step.name(), state)
    };
    let states: serde_json::Map<_, _> = steps.iter().map(|step| state(*step)).collect();
    serde_json::json!({"StartAt": Step(1).name(), "States": states})
}

/// The flow in plain CloudFormation, for a tool that knows no Step Functions; `id` gives a function's logical id.
fn flow_resources(steps: &[Step], id: impl Fn(Step) -> String) -> serde_json::Value {
    let arn = |step: &Step| serde_json::json!({"Fn::GetAtt": [id(*step), "Arn"]});
    let arns: Vec<_> = steps.iter().map(arn).collect();
    let substitutions: serde_json::Map<_, _> = steps.iter().map(|step| (step.id(), arn(step))).collect();
    serde_json::json!({"Resources": {
        "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "RoleArn": {"Fn::GetAtt": ["FlowRole", "Arn"]},
            "Definition": definition(steps, |step| format!("${{{}}}", step.id())),
            "DefinitionSubstitutions": substitutions,
        }},
        "FlowRole": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"},
            }]},
            "Policies": [{"PolicyName": "flow", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arns,
            }]}}],
        }},
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn projects_depend_on_their_size_alone_and_handlers_differ() {
        for tool in Tool::ALL {
            let project = tool.project(12);
            assert_eq!(project, tool.project(12), "{}", tool.name());
            if tool != Tool::Chalice {
                let handlers: BTreeSet<_> = project.iter().filter(|(path, _)| path.ends_with("/handler.py")).collect();
                let distinct: BTreeSet<_> = handlers.iter().map(|(_, bytes)| bytes).collect();
                assert_eq!((handlers.len(), distinct.len()), (12, 12), "{}", tool.name());
            }
        }
    }

    #[test]
    fn a_project_is_a_prefix_of_a_larger_one() {
        let (small, large) = (Tool::Tc.project(9), Tool::Tc.project(10));
        let changed: Vec<_> = small.iter().filter(|(path, bytes)| large.get(*path) != Some(bytes)).collect();
        assert_eq!(changed.len(), 1, "only topology.yml");
    }
}
