//! The topology as tc reads it.

use super::{NAME, Step, handlers};
use crate::tree::Tree;
use std::fmt::Write;

/// The number of functions beyond which the flow does not go through all of them: IAM takes no role with the right to call
/// so many, and no template a definition with so many states.
const MANY: usize = 1000;

/// The number of those that it goes through then.
const FLOW: usize = 500;

/// `topology.yml`, a directory a function, `function.json` for each third and vars for each fifth of them.
pub(super) fn project(steps: &[Step]) -> Tree {
    let mut files = handlers(steps);
    files.insert("topology.yml".to_owned(), topology(steps).into_bytes());
    for step in steps.iter().filter(|step| step.0.is_multiple_of(3)) {
        files.insert(format!("{}/function.json", step.name()), metadata(*step).into_bytes());
    }
    for step in steps.iter().filter(|step| step.0.is_multiple_of(5)) {
        files.insert(format!("infrastructure/tc/{NAME}/vars/{}.json", step.name()), vars(*step).into_bytes());
    }
    files
}

fn topology(steps: &[Step]) -> String {
    let mut out = format!("name: {NAME}\nroutes:\n");
    // Writing to a String cannot fail.
    for step in steps {
        let _ = writeln!(out, "  {}:\n    method: POST\n    function: {}\n    timeout: 20", step.path(), step.name());
    }
    out.push_str("events:\n  consumes:\n");
    for step in steps {
        let _ = writeln!(out, "    {}:\n      producer: default\n      function: {}", step.id(), step.name());
    }
    let _ = writeln!(out, "flow:\n  StartAt: {}\n  States:", Step(1).name());
    let steps = steps.get(..FLOW).filter(|_| steps.len() > MANY).unwrap_or(steps);
    for step in steps {
        let name = step.name();
        let _ = writeln!(
            out,
            "    {name}:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      \
             OutputPath: $.Payload\n      Parameters:\n        \
             FunctionName: '{{{{namespace}}}}_{name}_{{{{sandbox}}}}'\n        Payload.$: $"
        );
        let _ = match step.next(steps.len()) {
            Some(next) => writeln!(out, "      Next: {}", next.name()),
            None => writeln!(out, "      End: true"),
        };
    }
    out
}

fn metadata(step: Step) -> String {
    format!(
        "{{\n  \"name\": \"{}\",\n  \"description\": \"scores a record, step {}\",\n  \"runtime\": {{\n    \
         \"lang\": \"python3.13\",\n    \"package_type\": \"zip\",\n    \"handler\": \"handler.handler\",\n    \
         \"layers\": [],\n    \"extensions\": []\n  }}\n}}\n",
        step.name(),
        step.0
    )
}

fn vars(step: Step) -> String {
    format!(
        "{{\n  \"default\": {{\"timeout\": 10, \"environment\": {{\"STEP\": \"{}\", \"LOG_LEVEL\": \"info\"}}}},\n  \
         \"prod\": {{\"memory_size\": 512}}\n}}\n",
        step.0
    )
}
