//! Resources that go from stack to stack and stay what they are: CloudFormation's stack refactoring ("AWS CloudFormation User
//! Guide, Stack refactoring").

use crate::change_set::body::{self, Body};
use crate::connection::Connection;
use crate::failure::one_line;
use crate::nested::{Contents, Templates};
use crate::stack::look;
use crate::standing::{self, Standing};
use aws_sdk_cloudformation::operation::describe_stack_refactor::DescribeStackRefactorOutput as Described;
use aws_sdk_cloudformation::types::{
    ResourceLocation, ResourceMapping, StackDefinition, StackRefactorExecutionStatus, StackRefactorStatus,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tc_core::backend::stacks::{Joined, refactor::way};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tokio::time::{Instant, sleep};

/// How long a refactor may take to be made, and to be executed.
const PATIENCE: Duration = Duration::from_secs(1800);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// A sandbox of one or several stacks, with all that a move has need of. Stacks are named by their paths, the root by an
/// empty one.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    /// Their ARNs.
    pub ids: BTreeMap<String, String>,
    /// Their templates.
    pub templates: BTreeMap<String, Value>,
    /// Their outputs, each by its name.
    pub outputs: BTreeMap<String, BTreeMap<String, String>>,
    /// By logical id, what AWS calls a resource.
    pub physical_ids: BTreeMap<String, String>,
    /// The values of the root's parameters.
    pub parameters: BTreeMap<String, String>,
    /// The one template that they are.
    pub joined: Joined,
}

/// Where a resource goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Its logical id, which stays.
    pub logical_id: String,
    /// The path of the stack that it is in.
    pub from: String,
    /// The path of the stack that it is to be in.
    pub to: String,
}

impl Stacks {
    /// The stacks of a sandbox as they are now.
    ///
    /// # Errors
    /// When they cannot be looked at.
    pub fn read(connection: &Connection, standing: &Standing) -> Result<Self, Box<Diagnostic>> {
        connection.block_on(async {
            let contents = Contents::list(connection, &standing.id).await?;
            let root = standing::template(connection, &standing.id).await?;
            let mut templates = Templates::of(connection, root, &contents).await?;
            let joined = templates.join();
            let mut paths: BTreeSet<&str> = joined.stacks.values().map(String::as_str).collect();
            let groups: Vec<&str> = paths.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
            paths.extend(groups);
            let mut stacks = Self::default();
            stacks.ids.insert(String::new(), standing.id.clone());
            for path in paths {
                let way = way(path);
                let (Some(nested), Some(template)) = (contents.stack(&way), templates.nested.remove(&way)) else {
                    continue;
                };
                let there = look(connection, &nested.id).await?;
                let outputs = there.map(|stack| standing::standing(stack).outputs).unwrap_or_default();
                stacks.ids.insert(path.to_owned(), nested.id.clone());
                stacks.templates.insert(path.to_owned(), template);
                stacks.outputs.insert(path.to_owned(), outputs);
            }
            let root =
                look(connection, &standing.id).await?.map(standing::standing).unwrap_or_else(|| standing.clone());
            stacks.templates.insert(String::new(), templates.root);
            stacks.outputs.insert(String::new(), root.outputs);
            stacks.parameters = root.parameters;
            stacks.physical_ids = contents
                .resources
                .into_iter()
                .filter_map(|(_, one)| one.logical_resource_id.zip(one.physical_resource_id))
                .collect();
            stacks.joined = joined;
            Ok(stacks)
        })
    }

    /// Moves resources, all or none. `templates` are those that the stacks get that are concerned.
    ///
    /// # Errors
    /// When CloudFormation does not move them, with its reason; everything is where it was then.
    pub fn refactor(
        &self,
        connection: &Connection,
        templates: &BTreeMap<String, Value>,
        moves: &[Move],
    ) -> Result<(), Box<Diagnostic>> {
        connection.block_on(async {
            let id = self.create(connection, templates, moves).await?;
            let request = connection.cloudformation.execute_stack_refactor().stack_refactor_id(&id);
            let executed = request.send().await;
            executed.map_err(|error| connection.finding("cloudformation:ExecuteStackRefactor", &error))?;
            use StackRefactorExecutionStatus::{Available, ExecuteComplete, ExecuteInProgress, RollbackInProgress};
            let ended = settled(connection, &id, |refactor| {
                matches!(refactor.execution_status(), Some(Available | ExecuteInProgress | RollbackInProgress))
            });
            let ended = ended.await?;
            match ended.execution_status() {
                Some(ExecuteComplete) => Ok(()),
                status => {
                    let status = status.map_or("in no state", StackRefactorExecutionStatus::as_str);
                    Err(refused(ended.execution_status_reason().unwrap_or(status)))
                }
            }
        })
    }

    /// Makes a refactor that can be executed; its id.
    async fn create(
        &self,
        connection: &Connection,
        templates: &BTreeMap<String, Value>,
        moves: &[Move],
    ) -> Result<String, Box<Diagnostic>> {
        let mut definitions = Vec::new();
        for (path, template) in templates {
            let object = body::put(connection, &Body::write(&template.to_string())?).await?;
            let url = connection.url(&object.bucket, &object.key);
            definitions.push(StackDefinition::builder().stack_name(self.id(path)).template_url(url).build());
        }
        let at = |path: &str, id: &str| {
            ResourceLocation::builder().stack_name(self.id(path)).logical_resource_id(id).build()
        };
        let mappings = moves.iter().map(|one| {
            let (from, to) = (at(&one.from, &one.logical_id), at(&one.to, &one.logical_id));
            ResourceMapping::builder().source(from).destination(to).build()
        });
        let request = connection.cloudformation.create_stack_refactor();
        let request = request.set_stack_definitions(Some(definitions)).set_resource_mappings(Some(mappings.collect()));
        let made = request.send().await;
        let made = made.map_err(|error| connection.finding("cloudformation:CreateStackRefactor", &error))?;
        let id = made.stack_refactor_id.unwrap_or_default();
        let is_being_made = |refactor: &Described| refactor.status() == Some(&StackRefactorStatus::CreateInProgress);
        let made = settled(connection, &id, is_being_made).await?;
        match made.status() {
            Some(StackRefactorStatus::CreateComplete) => Ok(id),
            status => {
                let status = status.map_or("it is in no state", StackRefactorStatus::as_str);
                Err(refused(made.status_reason().filter(|text| !text.is_empty()).unwrap_or(status)))
            }
        }
    }

    fn id(&self, path: &str) -> &str {
        self.ids.get(path).map_or("", String::as_str)
    }
}

/// A refactor once nothing is under way with it any more, or it takes too long.
async fn settled(
    connection: &Connection,
    id: &str,
    is_under_way: impl Fn(&Described) -> bool,
) -> Result<Described, Box<Diagnostic>> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let described = connection.cloudformation.describe_stack_refactor().stack_refactor_id(id).send().await;
        let described =
            described.map_err(|error| connection.finding("cloudformation:DescribeStackRefactor", &error))?;
        if !is_under_way(&described) || Instant::now() > deadline {
            return Ok(described);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn refused(reason: &str) -> Box<Diagnostic> {
    let message = format!("CloudFormation does not move these resources: {}", one_line(reason));
    Box::new(Diagnostic::without_place(&codes::NOT_MOVED, message))
}
