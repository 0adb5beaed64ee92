//! The flow of another topology: an output of its stack in the same sandbox and environment.

use super::{Answer, Linker, give};
use crate::standing::{self, Standing};
use tc_core::backend::template::Import;
use tc_core::graph::logical_id;
use tc_core::ir::name;

pub(super) fn resolve(linker: &Linker<'_>, parameter: &str, import: &Import) -> Answer {
    let (topology, sandbox, env) = (&import.name, &linker.topology.sandbox, &linker.topology.env);
    let stack = name::stack(topology, sandbox).text;
    let found = standing::find(linker.connection, &stack, &name::describe(topology, sandbox))?;
    let standing = found.filter(Standing::is_made);
    let flow = standing.as_ref().and_then(|standing| standing.outputs.get(&format!("{}Arn", logical_id::FLOW)));
    if let Some(arn) = flow {
        return Ok((arn.clone(), format!("the stack {stack}")));
    }
    let directory = linker.topology.topologies.get(topology).map(|other| other.directory.to_string());
    let directory = directory.unwrap_or_else(|| topology.clone());
    let (message, help) = match standing {
        None => (
            format!("the topology `{topology}` is not deployed in the sandbox `{sandbox}` of {env}"),
            format!("deploy it first: `tc create -s {sandbox} -e {env} {directory}`, or both: `tc create --recursive`"),
        ),
        Some(_) => (
            format!("the topology `{topology}` has no flow in the sandbox `{sandbox}` of {env}"),
            format!("bring it up to date: `tc update -s {sandbox} -e {env} {directory}`"),
        ),
    };
    Err(Box::new(linker.missing(parameter, import, message).help(help).help(give(parameter, "ARN"))))
}
