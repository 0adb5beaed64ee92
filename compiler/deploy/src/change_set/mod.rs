//! A change set: made, read, executed or discarded.
//!
//! ```text
//! body  its templates, in the artifact bucket
//! read  what CloudFormation says of it
//! ```
//!
//! That of a sandbox of several stacks has one for each nested stack that it makes or changes, and is shown, executed and
//! discarded with them as one ("AWS CloudFormation User Guide, Change sets for nested stacks").

pub(crate) mod body;
mod read;

use crate::connection::Connection;
use crate::follow::{Ongoing, Watch};
use crate::link::Linked;
use crate::nested::{Templates, by_entity};
use crate::operation::token;
use crate::ready::Ready;
use crate::stack::{look, settle};
use crate::standing;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetType, DeploymentConfig, DeploymentConfigMode, ExecutionStatus, OnStackFailure, Parameter,
    StackStatus,
};
use body::Body;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use tc_core::backend::difference::{self, Difference};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::digest::hexadecimal;

/// What CloudFormation answers to who executes a change set after another one was executed, which makes it obsolete, or
/// deletes it ("API reference, ExecuteChangeSet, Errors").
const REFUSALS: [&str; 3] = ["InvalidChangeSetStatus", "ChangeSetNotFound", "ChangeSetNotFoundException"];

/// What CloudFormation answers where somebody else has made the stack, or a change set of the same name, at the same time
/// ("API reference, CreateChangeSet, Errors").
const TAKEN: &str = "AlreadyExistsException";

/// What a change set is made of.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The template, as JSON; of several stacks that of the root.
    pub template: &'a str,
    /// The templates of nested stacks, which the root's names by the SHA-256 of their bytes.
    pub nested: &'a [&'a str],
    /// What the template imports.
    pub imports: &'a [Linked],
    /// Whether a resource counts as done once it is configured, without waiting until it is ready ("AWS CloudFormation User
    /// Guide, Deploy stacks faster with express mode").
    pub is_express: bool,
}

/// A change set that can be executed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// The stack's ARN.
    pub stack: String,
    /// Whether it makes the stack.
    pub creates: bool,
    /// What it does to each resource, in the order of the template; what it removes comes last.
    pub changes: Vec<Difference>,
    /// The logical ids of resources that CloudFormation looks at because they refer to one that changes, and that stay as
    /// they are.
    pub unchanged: Vec<String>,
}

/// Makes a change set and waits until it can be executed; `None` where there is nothing to change.
///
/// The template goes through the artifact bucket under its digest, so what is executed is what was shown.
///
/// # Errors
/// When CloudFormation refuses the template or a value; nothing is left of the change set then.
pub fn create(
    connection: &Connection,
    request: &Request<'_>,
    ready: &Ready,
) -> Result<Option<ChangeSet>, Box<Diagnostic>> {
    let root = Body::write(request.template)?;
    let nested = request.nested.iter().map(|text| Body::write(text)).collect::<Result<Vec<_>, _>>()?;
    let texts = nested.iter().map(|body| body.sha256().to_owned()).zip(request.nested.iter().copied()).collect();
    let wanted = Templates::wanted(request.template, &texts);
    connection.block_on(async {
        let object = body::upload(connection, &nested, &root).await?;
        let deployed = match ready {
            Ready::Create => Templates::default(),
            Ready::Update(standing) => Templates::deployed(connection, &standing.id).await?,
        };
        let is_nested = !wanted.nested.is_empty() || !deployed.nested.is_empty();
        let creates = *ready == Ready::Create;
        let url = connection.url(&object.bucket, &object.key);
        let mut change_set = ask(connection, request, &url, root.sha256(), (creates, is_nested)).await?;
        let mut settled = read::settle(connection, &change_set).await?;
        if matches!(settled, read::Settled::Undecided) {
            // Executed it changes the nested stacks all the same, to the templates that the root's names by their digests.
            change_set.remove(connection).await?;
            if creates {
                settle(connection, &change_set.stack).await?;
            }
            change_set = ask(connection, request, &url, root.sha256(), (creates, false)).await?;
            settled = read::settle(connection, &change_set).await?;
        }
        match settled {
            // What CloudFormation takes for a change where a nested stack is one that was deployed with the same.
            read::Settled::Ready(_) if deployed == wanted && is_linked_so(ready, request.imports) => {
                change_set.remove(connection).await?;
                Ok(None)
            }
            read::Settled::Ready(described) => {
                let untold: Vec<&str> =
                    described.untold.iter().flat_map(|path| deployed.within(path).chain(wanted.within(path))).collect();
                let differences = differences(&deployed, &wanted, ready, request.imports);
                (change_set.changes, change_set.unchanged) = described.join(differences, &untold);
                if is_nested {
                    by_entity(&mut change_set.changes, |change| &change.entity);
                }
                Ok(Some(change_set))
            }
            read::Settled::Nothing | read::Settled::Undecided => {
                change_set.remove(connection).await?;
                Ok(None)
            }
            read::Settled::Refused(finding) => {
                change_set.remove(connection).await?;
                Err(finding)
            }
        }
    })
}

impl ChangeSet {
    /// The [`digest`] of its templates; `None` where it is not there any more or cannot be executed.
    ///
    /// # Errors
    /// When CloudFormation does not answer.
    pub fn find(&self, connection: &Connection) -> Result<Option<String>, Box<Diagnostic>> {
        connection.block_on(async {
            let cloudformation = &connection.cloudformation;
            let described = cloudformation.describe_change_set().change_set_name(&self.id).send().await;
            let described = match described {
                Ok(described) => described,
                Err(error) if error.code().is_some_and(|code| code.starts_with("ChangeSetNotFound")) => {
                    return Ok(None);
                }
                Err(error) => return Err(connection.finding("cloudformation:DescribeChangeSet", &error)),
            };
            if described.execution_status() != Some(&ExecutionStatus::Available) {
                return Ok(None);
            }
            let root = template(connection, &self.id).await?;
            let mut nested = BTreeMap::new();
            for (path, id) in read::changes(connection, &self.id).await?.nested {
                nested.insert(path, digest(&template(connection, &id).await?));
            }
            let root = digest(&root);
            Ok(Some(if nested.is_empty() { root } else { digest(&serde_json::json!([root, nested]).to_string()) }))
        })
    }

    /// Executes it; what becomes of the stack can be watched.
    ///
    /// # Errors
    /// When CloudFormation does not execute it, because the stack has changed meanwhile for one.
    pub fn execute(&self, connection: &Connection) -> Result<Watch, Box<Diagnostic>> {
        connection.block_on(async {
            let ongoing = if self.creates { Ongoing::Creation } else { Ongoing::Update };
            let name = self.stack.split('/').nth(1).unwrap_or(&self.stack);
            // The stack that was to be made is gone where somebody else made and discarded a change set for it.
            if look(connection, &self.stack).await?.is_none() {
                return Err(Box::new(overtaken(name)));
            }
            let watch = Watch::begin(connection, &self.stack, ongoing).await?;
            let request = connection.cloudformation.execute_change_set().change_set_name(&self.id);
            match request.client_request_token(token(connection)).send().await {
                Ok(_) => {}
                Err(error) if error.code().is_some_and(|code| REFUSALS.contains(&code)) => {
                    return Err(Box::new(overtaken(name)));
                }
                Err(error) => return Err(connection.finding("cloudformation:ExecuteChangeSet", &error)),
            }
            Ok(watch)
        })
    }

    /// Removes it, and the stack that was to be made by it.
    ///
    /// # Errors
    /// When that is refused.
    pub fn discard(&self, connection: &Connection) -> Result<(), Box<Diagnostic>> {
        connection.block_on(self.remove(connection))
    }

    async fn remove(&self, connection: &Connection) -> Result<(), Box<Diagnostic>> {
        let cloudformation = &connection.cloudformation;
        let removed = cloudformation.delete_change_set().change_set_name(&self.id).send().await;
        removed.map_err(|error| connection.finding("cloudformation:DeleteChangeSet", &error))?;
        // The stack that was to be made has nothing in it, and nobody else wants to make it.
        if !self.creates || !self.is_alone(connection).await? {
            return Ok(());
        }
        let removed = cloudformation.delete_stack().stack_name(&self.stack).send().await;
        removed.map(drop).map_err(|error| connection.finding("cloudformation:DeleteStack", &error))
    }

    /// Whether the stack waits for a change set to be executed, and there is no other.
    async fn is_alone(&self, connection: &Connection) -> Result<bool, Box<Diagnostic>> {
        let stack = look(connection, &self.stack).await?;
        if stack.is_none_or(|stack| stack.stack_status() != Some(&StackStatus::ReviewInProgress)) {
            return Ok(false);
        }
        let others = connection.cloudformation.list_change_sets().stack_name(&self.stack).send().await;
        let others = others.map_err(|error| connection.finding("cloudformation:ListChangeSets", &error))?;
        Ok(others.summaries().iter().all(|other| other.change_set_id() == Some(&self.id)))
    }
}

/// Whether CloudFormation's words mean that somebody else has changed the stack since it was looked at: "Stack:ARN is in
/// UPDATE_IN_PROGRESS state and can not be updated.", "Stack [etl-bob] already exists and cannot be created again with the
/// changeSet [...]."
fn is_overtaken(words: &str) -> bool {
    words.contains("_IN_PROGRESS state and can not be updated") || words.contains("cannot be created again")
}

fn overtaken(stack: &str) -> Diagnostic {
    let message = format!("somebody else began to change the stack {stack} while this change was prepared");
    let finding = Diagnostic::without_place(&codes::STACK_IN_USE, message);
    finding.help("run the same command again; it waits for the other one. Nothing was done")
}

/// Which nested stack each resource is in, by the logical ids, of templates that are to be deployed: the root's, and those of
/// the others. What is absent is in the root.
pub fn places(root: &str, nested: &[&str]) -> BTreeMap<String, String> {
    let texts = nested.iter().map(|text| (body::sha256(text), *text)).collect();
    Templates::wanted(root, &texts).join().stacks
}

/// The SHA-256 of what a template in JSON says, however it is written, 64 lower-case hexadecimal digits.
pub fn digest(template: &str) -> String {
    let canonical = serde_json::from_str::<Value>(template).map_or_else(|_| template.to_owned(), |one| one.to_string());
    hexadecimal(Sha256::digest(canonical))
}

/// Asks for a change set of the template at an address: one that `creates` the stack or changes it, and with or without
/// those of its nested stacks.
async fn ask(
    connection: &Connection,
    request: &Request<'_>,
    url: &str,
    sha256: &str,
    (creates, is_nested): (bool, bool),
) -> Result<ChangeSet, Box<Diagnostic>> {
    let parameter =
        |linked: &Linked| Parameter::builder().parameter_key(&linked.parameter).parameter_value(&linked.value).build();
    let name = name(sha256);
    let asked = connection
        .cloudformation
        .create_change_set()
        .stack_name(request.stack)
        .change_set_name(&name)
        // A request that is made again, since its answer was lost, finds the change set of the first.
        .client_token(&name)
        .template_url(url)
        .set_parameters(Some(request.imports.iter().map(parameter).collect()))
        .capabilities(Capability::CapabilityIam)
        .set_include_nested_stacks(is_nested.then_some(true))
        .change_set_type(if creates { ChangeSetType::Create } else { ChangeSetType::Update });
    let asked = match (request.is_express, creates) {
        // Express mode leaves what failed as it is unless it is told otherwise, and takes no other word on that. What is
        // left of a creation is cleared away by the next attempt.
        (true, _) => asked.deployment_config(
            DeploymentConfig::builder().mode(DeploymentConfigMode::Express).disable_rollback(false).build(),
        ),
        // What is half made is of no use, and would have to be deleted before the next attempt.
        (false, true) => asked.on_stack_failure(OnStackFailure::Delete),
        (false, false) => asked,
    };
    match asked.send().await {
        Ok(made) => Ok(ChangeSet {
            id: made.id.unwrap_or(name),
            stack: made.stack_id.unwrap_or_else(|| request.stack.to_owned()),
            creates,
            changes: Vec::new(),
            unchanged: Vec::new(),
        }),
        Err(error) if error.message().is_some_and(is_overtaken) || error.code() == Some(TAKEN) => {
            Err(Box::new(overtaken(request.stack)))
        }
        Err(error) => Err(connection.finding("cloudformation:CreateChangeSet", &error)),
    }
}

/// The template of a change set, as it was given.
async fn template(connection: &Connection, change_set: &str) -> Result<String, Box<Diagnostic>> {
    let given = connection.cloudformation.get_template().change_set_name(change_set).send().await;
    let given = given.map_err(|error| connection.finding("cloudformation:GetTemplate", &error))?;
    Ok(given.template_body.unwrap_or_default())
}

/// What is made different of what is deployed.
fn differences(deployed: &Templates, wanted: &Templates, ready: &Ready, imports: &[Linked]) -> Vec<Difference> {
    let old = match ready {
        Ready::Create => Value::Null,
        Ready::Update(standing) => difference::link(&deployed.join().template, &standing.parameters),
    };
    standing::against(&old, &wanted.join().template, imports)
}

/// Whether the parameters of what is deployed have the values that are looked up now.
fn is_linked_so(ready: &Ready, imports: &[Linked]) -> bool {
    let Ready::Update(standing) = ready else { return false };
    imports.iter().all(|linked| standing.parameters.get(&linked.parameter) == Some(&linked.value))
}

/// The name of a change set: which template, and when.
#[expect(clippy::disallowed_methods, reason = "a change set is made once; what is compiled does not depend on it")]
fn name(sha256: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let digest: String = sha256.chars().take(12).collect();
    format!("tc-{digest}-{now}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_read_from_templates() {
        let functions = json!({"Resources": {"FunctionA": {"Type": "AWS::Lambda::Function"}}}).to_string();
        let url =
            format!("https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{Bucket}}/{}.json", body::sha256(&functions));
        let root = json!({"Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "StackFunctions1": {
                "Type": "AWS::CloudFormation::Stack",
                "Metadata": {"Entity": "stacks/functions-1"},
                "Properties": {"TemplateURL": {"Fn::Sub": url}},
            },
        }});
        let places = places(&root.to_string(), &[&functions]);
        assert_eq!(places, BTreeMap::from([("FunctionA".to_owned(), "functions-1".to_owned())]));
    }
}
