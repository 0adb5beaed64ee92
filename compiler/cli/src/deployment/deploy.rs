//! From a compiled topology to a stack that is as it says.

use super::gate::Gate;
use super::part::{self, Aim, Part};
use super::plan::{self, Plan};
use super::recovery::Recovery;
use super::target::{Site, Target};
use super::wanted::Wanted;
use super::{Findings, code, consent, execution, one, places, record, review};
use crate::invocation;
use crate::pipeline::Product;
use crate::shell::Shell;
use crate::site;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::backend::component::Along;
use tc_core::backend::difference::{Action, Difference, Replacement};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;
use tc_deploy::Connection;
use tc_deploy::change_set::{self, ChangeSet, Request};
use tc_deploy::link::Linked;
use tc_deploy::ready::Ready;
use tc_deploy::standing;

/// What a sandbox is deployed from, and with what care.
#[derive(Debug, clap::Args)]
pub struct Deployment {
    #[command(flatten)]
    pub wanted: Wanted,

    #[command(flatten)]
    pub care: Care,

    /// Leave the change set to `tc deploy --plan`, and write what it does into a file
    #[arg(long)]
    pub no_execute: bool,

    /// The file that `--no-execute` writes
    #[arg(long, value_name = "FILE", default_value = "plan.json", requires = "no_execute")]
    pub plan: PathBuf,

    /// Deploy the topologies in the directories below as well, what is named by another before that one
    #[arg(long)]
    pub recursive: bool,

    /// Whether the plan is a part of that of a tree, which is written whole.
    #[arg(skip)]
    is_part: bool,
}

/// With what care a sandbox is changed.
#[derive(Debug, Clone, clap::Args)]
pub struct Care {
    /// Do not ask before resources are removed or replaced
    #[arg(short, long)]
    pub yes: bool,

    /// Without a terminal, replace or remove also what holds data, such as a queue
    #[arg(long)]
    pub allow_replace: bool,

    /// Refuse a change set that replaces or deletes resources
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    pub fail_on: Vec<Gate>,

    #[command(flatten)]
    recovery: Recovery,

    /// Do not wait until resources are ready, only until they are configured (CloudFormation's express mode)
    #[arg(long)]
    express: bool,

    /// What was agreed to before.
    #[arg(skip)]
    agreed: Option<Agreed>,
}

/// Changes that were shown and agreed to before the change set was made.
#[derive(Debug, Clone)]
pub struct Agreed(Vec<(String, Action, Replacement)>);

impl Agreed {
    /// Agrees to these.
    pub fn new(changes: &[Difference]) -> Self {
        let change = |change: &Difference| (change.logical_id.clone(), change.action, change.replacement);
        Self(changes.iter().map(change).collect())
    }

    fn holds(&self, change: &Difference) -> bool {
        let is_it = |(id, action, replacement): &(String, Action, Replacement)| {
            (id, *action) == (&change.logical_id, change.action)
                && (*replacement == change.replacement || change.replacement == Replacement::Never)
        };
        self.0.iter().any(is_it)
    }
}

impl Care {
    /// The same care, with what was agreed to before.
    pub fn with(&self, agreed: Agreed) -> Self {
        Self { agreed: Some(agreed), ..self.clone() }
    }
}

/// What is to become of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// It is made, or updated where it is there.
    Create,
    /// It is updated, and has to be there.
    Update,
}

/// What was done, as data.
#[derive(Debug, Serialize)]
pub struct Deployed {
    pub stack: String,
    pub functor: String,
    /// `created`, `updated`, `planned` or `unchanged`.
    pub result: &'static str,
    pub imports: Vec<ImportRow>,
    /// What came along with the components that were meant.
    pub along: Vec<Along>,
    /// Functions whose code was changed past CloudFormation and is again what the template says, by their names in AWS.
    pub restored: Vec<String>,
    pub changes: Vec<Difference>,
    pub outputs: BTreeMap<String, String>,
    /// The change set that waits, of a topology whose plan is a part of that of a tree.
    #[serde(skip)]
    pub plan: Option<Plan>,
}

/// An import as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    pub parameter: String,
    pub value: String,
    pub origin: String,
}

impl Deployment {
    /// A deployment that is not left to a plan.
    pub fn new(wanted: Wanted, care: Care) -> Self {
        Self { wanted, care, no_execute: false, plan: PathBuf::new(), recursive: false, is_part: false }
    }

    /// A deployment of which a change set is made, for the plan of a tree.
    pub fn planned(wanted: Wanted, care: Care) -> Self {
        Self { no_execute: true, is_part: true, ..Self::new(wanted, care) }
    }

    /// Makes a sandbox, or changes all of it to what was compiled.
    ///
    /// # Errors
    /// When something is not to be found, AWS refuses, or the change fails.
    pub fn apply_whole(
        &self,
        site: &Site,
        product: &Product,
        artifacts: &Path,
        shell: &mut Shell,
    ) -> Result<Deployed, Findings> {
        self.apply((Goal::Create, &Part::default()), site, product, artifacts, shell)
    }

    /// Compiles and deploys.
    pub fn deploy(&self, goal: Goal, part: &Part, shell: &mut Shell) -> ExitCode {
        self.run(goal, part, shell).err().unwrap_or(ExitCode::SUCCESS)
    }

    /// Compiles and deploys; where it fails, the exit status.
    pub fn run(&self, goal: Goal, part: &Part, shell: &mut Shell) -> Result<(), ExitCode> {
        self.wanted.target.say("Composing topology...", shell);
        let mut site = self.wanted.target.opened(shell)?;
        let done = match self.wanted.compile(&mut site) {
            Some((product, artifacts)) => {
                self.wanted.target.report_early(&mut site, shell);
                self.apply((goal, part), &site, &product, artifacts.path(), shell).map(|done| (done, product))
            }
            None => Err(Findings::new()),
        };
        let done = done.map(|(deployed, product)| print(&self.wanted.target, &deployed, &product, shell));
        self.wanted.target.conclude(&mut site, done, shell)
    }

    fn apply(
        &self,
        (goal, meant): (Goal, &Part),
        site: &Site,
        product: &Product,
        artifacts: &Path,
        shell: &mut Shell,
    ) -> Result<Deployed, Findings> {
        let target = &self.wanted.target;
        let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
        let connection = site.connect(&target.env).map_err(one)?;
        target.say(&format!("Initializing functor: {}", topology.functor()), shell);
        let stack = topology.stack_name().text;
        let description = &product.lowered.description;
        let ready = self.care.recovery.make_ready(target, &connection, &stack, description, shell)?;
        if goal == Goal::Update && ready == Ready::Create {
            return Err(vec![site::absent(topology, &connection).help(site::how_to_make(topology))]);
        }
        let nothing = BTreeMap::new();
        let (deployed, values) = match &ready {
            Ready::Update(standing) => {
                (Some(standing::deployed_template(&connection, standing).map_err(one)?), &standing.parameters)
            }
            Ready::Create => (None, &nothing),
        };
        let placed = places::stay(target, site, product, (deployed.as_ref(), artifacts), shell)?;
        let product = placed.as_ref().unwrap_or(product);
        let part = match &deployed {
            Some(deployed) => meant.of(&deployed.template, product, graph)?,
            None => None,
        };
        let mut aim = Aim::new(product, part);
        part::told(&aim.along).iter().for_each(|line| target.say(line, shell));
        code::upload(target, &connection, (product, &aim), artifacts, shell)?;
        let imports = self.wanted.link(&connection, site, product, (&mut aim, values), true, shell)?;
        let texts = aim.texts(product, deployed.as_ref().map_or(&nothing, |deployed| &deployed.stacks), topology)?;
        let nested: Vec<&str> = texts.nested.iter().map(String::as_str).collect();
        let request = Request {
            stack: &stack,
            template: &texts.root,
            nested: &nested,
            imports: &imports,
            is_express: self.care.express,
        };
        let made = change_set::create(&connection, &request, &ready).map_err(one)?;
        let mut deployed = Deployed {
            stack: stack.clone(),
            functor: topology.functor(),
            result: "unchanged",
            imports: imports.into_iter().map(ImportRow::from).collect(),
            along: std::mem::take(&mut aim.along),
            restored: Vec::new(),
            changes: Vec::new(),
            outputs: BTreeMap::new(),
            plan: None,
        };
        let keep = |linked: &[ImportRow]| match meant.components() {
            [] => record::keep(&connection, &stack, &product.manifest, linked).map_err(one),
            parts => record::keep_parts(&connection, (&stack, topology), parts, &product.manifest, linked).map_err(one),
        };
        let Some(change_set) = made else {
            if let Ready::Update(standing) = ready {
                deployed.outputs = standing.outputs;
            }
            keep(&deployed.imports)?;
            let what = meant.shown().unwrap_or_else(|| "the sandbox".to_owned());
            if !self.no_execute {
                deployed.restored = code::restore(target, &connection, topology, (product, &aim), shell)?;
            }
            if deployed.restored.is_empty() {
                target.say(&format!("Nothing to do: {what} is as the topology says"), shell);
            }
            return Ok(deployed);
        };
        self.review(&connection, &stack, &change_set, shell)?;
        if self.no_execute {
            let plan = self.plan(&connection, topology, &change_set, product, &ready);
            let components = meant.components().to_vec();
            let plan = plan.map(|plan| Plan { imports: deployed.imports.clone(), components, ..plan });
            deployed.result = "planned";
            deployed.changes.clone_from(&change_set.changes);
            if self.is_part {
                deployed.plan = Some(plan.map_err(|refusal| discarded(&connection, &change_set, refusal))?);
                return Ok(deployed);
            }
            // Without its plan nobody would know of the change set.
            let written = plan.and_then(|plan| plan::write(&plan, &self.plan));
            written.map_err(|refusal| discarded(&connection, &change_set, refusal))?;
            let file = invocation::word(&self.plan.to_string_lossy()).to_string();
            target.say(&format!("Nothing was executed; the plan is {file}: tc deploy --plan {file}"), shell);
            return Ok(deployed);
        }
        deployed.result = if change_set.creates { "created" } else { "updated" };
        deployed.outputs =
            execution::execute(target, site, (&product.lowered, &product.artifacts), &connection, &change_set, shell)?;
        keep(&deployed.imports)?;
        deployed.changes = change_set.changes;
        deployed.restored = code::restore(target, &connection, topology, (product, &aim), shell)?;
        Ok(deployed)
    }

    fn plan(
        &self,
        connection: &Connection,
        topology: &Topology,
        change_set: &ChangeSet,
        product: &Product,
        ready: &Ready,
    ) -> Result<Plan, Box<Diagnostic>> {
        Ok(Plan {
            version: plan::version(),
            functor: topology.functor(),
            sandbox: topology.sandbox.clone(),
            env: topology.env.clone(),
            account: connection.account().to_owned(),
            region: connection.region().to_owned(),
            stack: change_set.stack.clone(),
            change_set: change_set.id.clone(),
            creates: change_set.creates,
            topology_sha256: change_set::digest(&product.template),
            template_sha256: change_set.find(connection)?.unwrap_or_default(),
            stack_sha256: match ready {
                Ready::Create => None,
                Ready::Update(standing) => Some(standing::digest(connection, standing)?),
            },
            imports: Vec::new(),
            components: Vec::new(),
            changes: change_set.changes.clone(),
        })
    }

    /// Shows a change set, and asks where something may be lost.
    fn review(
        &self,
        connection: &Connection,
        stack: &str,
        change_set: &ChangeSet,
        shell: &mut Shell,
    ) -> Result<(), Findings> {
        let is_open = |change: &&Difference| self.care.agreed.as_ref().is_none_or(|agreed| !agreed.holds(change));
        let open: Vec<Difference> = change_set.changes.iter().filter(is_open).cloned().collect();
        // What was shown before is not shown again.
        let is_news = self.care.agreed.is_none() || !open.is_empty();
        if is_news && self.wanted.target.is_read_by_people() {
            let text = review::text(stack, change_set, shell);
            shell.err(&text);
        }
        let changes = &change_set.changes;
        let agreed = Gate::check(&self.care.fail_on, changes).and_then(|()| match self.no_execute {
            // Who executes the plan agrees to it.
            true => Ok(()),
            false => consent::of_changes(&open, self.care.yes, self.care.allow_replace, shell),
        });
        agreed.map_err(|refusal| discarded(connection, change_set, refusal))
    }
}

/// Why a change set is not executed; it is removed.
fn discarded(connection: &Connection, change_set: &ChangeSet, refusal: Box<Diagnostic>) -> Findings {
    let mut findings = one(refusal);
    findings.extend(change_set.discard(connection).err().map(|finding| *finding));
    findings
}

/// Prints what a user needs next: the URLs, or all as data.
pub fn print(target: &Target, deployed: &Deployed, product: &Product, shell: &mut Shell) {
    if target.is_data() {
        shell.out(&format!("{}\n", serde_json::to_string_pretty(deployed).unwrap_or_default()));
        return;
    }
    for (id, output) in &product.lowered.outputs {
        if let Some(url) = deployed.outputs.get(id).filter(|_| id.ends_with("Url")) {
            shell.out(&format!("{}: {url}\n", output.description));
        }
    }
}

impl From<Linked> for ImportRow {
    fn from(Linked { parameter, value, origin }: Linked) -> Self {
        Self { parameter, value, origin }
    }
}
