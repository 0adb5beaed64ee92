//! Other topologies: an import each, the ARN of their flow.

use super::Lowering;
use super::iam::{self, Grant};
use crate::backend::expr::Expr;
use crate::backend::logical_id;
use crate::backend::template::{Import, ImportKind};
use crate::graph::{EdgeKind, EntityId, Link};
use crate::ir::{OtherTopology, StateMachineType};

/// Declares the import.
pub(super) fn lower(cx: &mut Lowering<'_>, other: &OtherTopology) {
    let import = Import {
        kind: ImportKind::TopologyFlow,
        name: other.name.value.clone(),
        parameter_type: "String",
        description: format!("The ARN of the flow of the topology {} in this sandbox", other.name.value),
        default: None,
    };
    cx.import(&logical_id::topology(&other.name), import);
}

/// The right of a flow to run the flow of another topology: an Express one answers with its output.
pub(super) fn run_grant(cx: &Lowering<'_>, link: &Link<'_>) -> Grant {
    let machine = vec![Expr::reference(logical_id::of(&link.to.id))];
    match is_express(cx, &link.to.id) {
        true => Grant::new("RunFlow", &["states:StartSyncExecution"], machine),
        false => Grant::new("StartFlow", &["states:StartExecution"], machine),
    }
}

/// What it takes beside to hear of the end of a Standard one. None for any other edge.
pub(super) fn wait_grants(cx: &Lowering<'_>, link: &Link<'_>) -> Vec<Grant> {
    match link.edge.kind == EdgeKind::Runs && !is_express(cx, &link.to.id) {
        true => iam::wait_grants(vec![executions(&link.to.id)]).into(),
        false => Vec::new(),
    }
}

fn is_express(cx: &Lowering<'_>, topology: &EntityId) -> bool {
    let other = cx.topology.topologies.get(&topology.name);
    other.is_some_and(|other| other.state_machine_type == StateMachineType::Express)
}

/// The ARN of every execution of the flow. What is imported is the state machine's ARN, whose seventh part is its name:
/// `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME`.
fn executions(topology: &EntityId) -> Expr {
    let machine = Expr::reference(logical_id::of(topology));
    let name = Expr::Select(6, Box::new(Expr::Split(":", Box::new(machine))));
    let before = Expr::Sub("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution".to_owned());
    Expr::Join(":", vec![before, name, "*".into()])
}
