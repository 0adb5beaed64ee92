//! A change set that waits for somebody's consent: what `--no-execute` writes and `tc deploy --plan` executes.

use super::deploy::{Care, Deployed, ImportRow, print};
use super::gate::Gate;
use super::target::{Manner, Site, Target};
use super::wanted::Wanted;
use super::{Findings, consent, execution, one, record, review};
use crate::os_error;
use crate::pipeline::Product;
use crate::shell::Shell;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::backend::difference::Difference;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_deploy::change_set::{self, ChangeSet};
use tc_deploy::{Connection, Environment, standing};

/// The version of the file's form.
const VERSION: u32 = 1;

/// What is planned for one sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this form.
    pub version: u32,
    /// What people call it: `etl@bob.dev/0.0.1`.
    pub functor: String,
    /// The sandbox.
    pub sandbox: String,
    /// The environment.
    pub env: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The ARN of the stack.
    pub stack: String,
    /// The ARN of the change set.
    pub change_set: String,
    /// Whether the stack is made by it.
    pub creates: bool,
    /// The SHA-256 of what the topology compiled to.
    pub topology_sha256: String,
    /// The SHA-256 of the template of the change set.
    pub template_sha256: String,
    /// The SHA-256 of the stack as it was; `None` where there was none.
    pub stack_sha256: Option<String>,
    /// What the template's parameters are linked to.
    pub imports: Vec<ImportRow>,
    /// The components that alone are meant; none where all of it is.
    #[serde(default)]
    pub components: Vec<String>,
    /// What would be done.
    pub changes: Vec<Difference>,
}

/// The version of a plan's form.
pub const fn version() -> u32 {
    VERSION
}

/// Writes a plan as JSON, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write(plan: &impl Serialize, path: &Path) -> Result<(), Box<Diagnostic>> {
    let failed = |error: &std::io::Error| {
        let message = format!("`{}` cannot be written: {}", path.display(), os_error::words(error));
        Box::new(Diagnostic::without_place(&codes::BAD_PLAN, message))
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = serde_json::to_string_pretty(plan).unwrap_or_default();
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(|error| failed(&error))?;
    file.write_all(format!("{text}\n").as_bytes()).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    Ok(())
}

/// Reads a plan, of one sandbox or of those of a tree.
///
/// # Errors
/// When it cannot be read, or is none of this version.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Box<Diagnostic>> {
    let bad = |words: String| {
        let message = format!("`{}` is no plan: {words}", path.display());
        let finding = Diagnostic::without_place(&codes::BAD_PLAN, message);
        Box::new(finding.help("make one: `tc update -s SANDBOX -e ENV --no-execute`"))
    };
    let text = fs::read_to_string(path).map_err(|error| bad(os_error::words(&error).to_string()))?;
    let plan: Value = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    match plan.get("version").map(Value::as_u64) {
        Some(Some(version)) if version != u64::from(VERSION) => {
            Err(bad(format!("it is of version {version}, this tc knows {VERSION}")))
        }
        // From the text, so that a fault has its place.
        _ => serde_json::from_str(&text).map_err(|error| bad(error.to_string())),
    }
}

/// Whether a file is a plan of a tree.
pub fn is_of_tree(path: &Path) -> bool {
    let plan = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    plan.is_some_and(|plan| plan.get("topologies").is_some())
}

/// Executes a plan, if the topology in `directory` and the stack are still what it was made of. Who executes it agrees to
/// what it says; but where nobody sees what is lost, it takes `--allow-replace` to lose data.
pub fn execute(path: &Path, directory: PathBuf, manner: Manner, care: &Care, shell: &mut Shell) -> ExitCode {
    let plan = match read::<Plan>(path) {
        Ok(plan) => plan,
        Err(refusal) => {
            Target::new(directory, String::new(), String::new(), manner).refuse(refusal, shell);
            return ExitCode::FAILURE;
        }
    };
    let wanted = Wanted::of(Target::new(directory, plan.sandbox.clone(), plan.env.clone(), manner));
    let target = &wanted.target;
    target.say("Composing topology...", shell);
    let mut site = match target.opened(shell) {
        Ok(site) => site,
        Err(status) => return status,
    };
    let done = match wanted.compile(&mut site) {
        Some((product, _)) => {
            target.report_early(&mut site, shell);
            plan.deploy(target, &site, &product, care, shell).map(|deployed| print(target, &deployed, &product, shell))
        }
        None => Err(Findings::new()),
    };
    target.conclude(&mut site, done, shell).err().unwrap_or(ExitCode::SUCCESS)
}

impl Plan {
    /// Executes it, if everything is as it was when it was made.
    ///
    /// # Errors
    /// When it is not, AWS refuses, or the change fails.
    pub fn deploy(
        self,
        target: &Target,
        site: &Site,
        product: &Product,
        care: &Care,
        shell: &mut Shell,
    ) -> Result<Deployed, Findings> {
        let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(one)?;
        target.say(&format!("Initializing functor: {}", self.functor), shell);
        let change_set = self.check(&connection, &product.template, &product.lowered.description).map_err(one)?;
        if target.is_read_by_people() {
            let text = review::text(self.stack_name(), &change_set, shell);
            shell.err(&text);
        }
        Gate::check(&care.fail_on, &self.changes).map_err(one)?;
        consent::of_changes(&self.changes, true, care.allow_replace, shell).map_err(one)?;
        let outputs =
            execution::execute(target, site, (&product.lowered, &product.artifacts), &connection, &change_set, shell)?;
        let (stack, manifest) = (self.stack_name(), &product.manifest);
        match (self.components.as_slice(), site.front()) {
            ([], _) => record::keep(&connection, stack, manifest, &self.imports).map_err(one)?,
            (parts, Some((topology, _))) => {
                record::keep_parts(&connection, (stack, topology), parts, manifest, &self.imports).map_err(one)?;
            }
            (_, None) => {}
        }
        Ok(Deployed {
            stack: self.stack_name().to_owned(),
            functor: self.functor,
            result: if self.creates { "created" } else { "updated" },
            imports: self.imports,
            along: Vec::new(),
            restored: Vec::new(),
            changes: self.changes,
            outputs,
            plan: None,
        })
    }

    /// The change set that waits.
    pub fn change_set(&self) -> ChangeSet {
        ChangeSet {
            id: self.change_set.clone(),
            stack: self.stack.clone(),
            creates: self.creates,
            changes: self.changes.clone(),
            unchanged: Vec::new(),
        }
    }

    /// The stack's name, which its ARN has: `arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID`.
    fn stack_name(&self) -> &str {
        self.stack.split('/').nth(1).unwrap_or(&self.stack)
    }

    /// The change set, if everything is as it was when it was made.
    fn check(&self, connection: &Connection, template: &str, description: &str) -> Result<ChangeSet, Box<Diagnostic>> {
        let outdated = |message: String| {
            let finding = Diagnostic::without_place(&codes::OUTDATED_PLAN, message);
            Err(Box::new(finding.help("make it anew with `--no-execute`, and look at it again; nothing was done")))
        };
        if (connection.account(), connection.region()) != (&self.account, &self.region) {
            return outdated(format!("the plan is for the account {} in {}", self.account, self.region));
        }
        if change_set::digest(template) != self.topology_sha256 {
            return outdated("the topology has changed since the plan was made".to_owned());
        }
        let standing = standing::find(connection, self.stack_name(), description)?;
        let now = match standing.filter(|_| !self.creates) {
            Some(standing) => Some(standing::digest(connection, &standing)?),
            None => None,
        };
        if now != self.stack_sha256 {
            return outdated("the stack has changed since the plan was made".to_owned());
        }
        let change_set = self.change_set();
        let Some(found) = change_set.find(connection)? else {
            return outdated("the change set of the plan is not there any more, or was executed".to_owned());
        };
        if found != self.template_sha256 {
            return outdated("the change set has another template than the plan".to_owned());
        }
        Ok(change_set)
    }
}
