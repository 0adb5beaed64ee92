//! What would be done to a topology of a tree, told before anything is.
//!
//! CloudFormation's own change set of a topology can only be made once the values of its parameters are known, and the flow
//! of another topology is known when that one is deployed. So what is planned is what tc itself finds different: templates
//! are compared, as `tc diff` does. When its turn comes a topology's change set is made of the same template; what it would
//! do beyond the plan is shown, and asked for.

use super::sites::Sited;
use crate::deployment::{Aim, Wanted, describe_changes, one};
use crate::shell::Shell;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tc_core::backend::difference::{self, Difference};
use tc_core::backend::json;
use tc_core::backend::logical_id;
use tc_core::backend::template::ImportKind;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::name;
use tc_deploy::Connection;
use tc_deploy::standing::{self, Standing};

/// What would be done to a topology.
pub struct Planned {
    /// The stack's name.
    pub stack: String,
    /// The stack as it stands; `None` where it is to be made.
    pub standing: Option<Standing>,
    /// What differs.
    pub changes: Vec<Difference>,
    /// The topologies whose flows are known when they are deployed.
    pub awaited: BTreeSet<String>,
    /// How the account is reached.
    pub connection: Connection,
}

/// Plans a member. `members` are the names in the tree, `given` what the command line says of parameters.
///
/// # Errors
/// What is not to be found in the account, so that nothing is begun that could not be ended.
pub fn plan(
    member: &Sited,
    members: &BTreeSet<String>,
    given: &[(String, String)],
    shell: &Shell,
) -> Result<Planned, Vec<Diagnostic>> {
    let (Some(topology), Some((product, _))) = (member.topology(), &member.compiled) else { return Err(Vec::new()) };
    let connection = member.site.connect(&member.target.env).map_err(one)?;
    let stack = topology.stack_name().text;
    let standing = standing::find(&connection, &stack, &product.lowered.description).map_err(one)?.filter(is_there);
    let mut imports: Vec<(String, String)> = given.to_vec();
    imports.retain(|(parameter, _)| product.lowered.parameters.contains_key(parameter));
    let mut awaited = BTreeSet::new();
    for (parameter, import) in &product.lowered.parameters {
        let is_given = imports.iter().any(|(given, _)| given == parameter);
        if import.kind != ImportKind::TopologyFlow || is_given || !members.contains(&import.name) {
            continue;
        }
        let other = name::stack(&import.name, &topology.sandbox).text;
        let description = name::describe(&import.name, &topology.sandbox);
        let found = standing::find(&connection, &other, &description).map_err(one)?.filter(is_there);
        let output = format!("{}Arn", logical_id::FLOW);
        if found.is_none_or(|standing| !standing.outputs.contains_key(&output)) {
            imports.push((parameter.clone(), format!("(the flow of {}, once it is deployed)", import.name)));
            awaited.insert(import.name.clone());
        }
    }
    let wanted = Wanted { target: member.target.clone(), imports };
    let mut aim = Aim::new(product, None);
    let nothing = BTreeMap::new();
    let mut silent = shell.part("");
    let imports = wanted.link(&connection, &member.site, product, (&mut aim, &nothing), false, &mut silent)?;
    let changes = match &standing {
        Some(standing) => standing::differences(&connection, standing, &aim.template, &imports).map_err(one)?,
        None => {
            let template = serde_json::from_str(&json::write(&product.lowered.to_expr())).unwrap_or(Value::Null);
            difference::differences(&Value::Null, &template)
        }
    };
    Ok(Planned { stack, standing, changes, awaited, connection })
}

/// Whether there is a sandbox, and not what a creation that failed has left.
fn is_there(standing: &Standing) -> bool {
    let is_left = ["ROLLBACK_", "CREATE_FAILED", "DELETE_"].iter().any(|state| standing.status.starts_with(state));
    standing.is_made() && !is_left
}

impl Planned {
    /// The plan for people.
    pub fn text(&self, shell: &Shell) -> String {
        let Self { stack, changes, awaited, .. } = self;
        if changes.is_empty() {
            return format!("plan of {stack}: nothing differs\n");
        }
        let mut text = format!("plan of {stack}: {}", describe_changes(changes, shell));
        if !awaited.is_empty() {
            let names: Vec<&str> = awaited.iter().map(String::as_str).collect();
            text += &format!("  AWS can only be asked what it makes of it once {} is deployed\n", names.join(" and "));
        }
        text
    }
}
