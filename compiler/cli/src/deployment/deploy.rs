//! From a compiled topology to a stack that is as it says.

use super::narration::{Expected, Narration};
use super::target::{Site, Target};
use super::{consent, failure, no_sandbox, review};
use crate::commands::build::finding;
use crate::invocation;
use crate::os_error;
use crate::pipeline::{self, Outcome, Product, TemplateFormat};
use crate::report::plural;
use crate::shell::Shell;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::process::ExitCode;
use tc_core::backend::difference::Difference;
use tc_core::backend::template::ImportKind;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::command;
use tc_deploy::change_set::{self, ChangeSet, Request};
use tc_deploy::link::{Linked, Linker};
use tc_deploy::standing::{self, Ready};
use tc_deploy::upload::{self, File};
use tc_deploy::{Connection, Environment};
use tc_package::DirectoryStore;

/// What a sandbox is deployed from.
#[derive(Debug, clap::Args)]
pub struct Deployment {
    #[command(flatten)]
    target: Target,

    /// Give a parameter of the template its value instead of looking it up
    #[arg(long = "import", value_name = "PARAMETER=VALUE", value_parser = import)]
    imports: Vec<(String, String)>,

    /// Without a terminal, replace or remove also what holds data, such as a queue
    #[arg(long)]
    allow_replace: bool,
}

/// What is to become of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// It is made, or updated where it is there.
    Create,
    /// It is updated, and has to be there.
    Update,
}

/// Reads the argument of `--import`.
fn import(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((parameter, value)) if !parameter.is_empty() => Ok((parameter.to_owned(), value.to_owned())),
        _ => Err("write a parameter of the template and its value: `PARAMETER=VALUE`".to_owned()),
    }
}

/// What was done, as data.
#[derive(Debug, Serialize)]
struct Deployed {
    stack: String,
    functor: String,
    /// `created`, `updated` or `unchanged`.
    result: &'static str,
    imports: Vec<ImportRow>,
    changes: Vec<Difference>,
    outputs: BTreeMap<String, String>,
}

/// An import as data.
#[derive(Debug, Serialize)]
struct ImportRow {
    parameter: String,
    value: String,
    origin: String,
}

/// What went wrong, the first first.
type Findings = Vec<Diagnostic>;

#[expect(clippy::boxed_local, reason = "errors come in a box")]
fn one(finding: Box<Diagnostic>) -> Findings {
    vec![*finding]
}

impl Deployment {
    /// Compiles and deploys.
    pub fn deploy(&self, goal: Goal, shell: &mut Shell) -> ExitCode {
        self.target.say("Composing topology...", shell);
        let mut site = match self.target.open() {
            Ok(site) => site,
            Err(refusal) => {
                self.target.refuse(refusal, shell);
                return ExitCode::FAILURE;
            }
        };
        let done = match self.compile(&mut site) {
            Some((product, artifacts)) => {
                self.target.report_early(&mut site, shell);
                self.apply(goal, &site, &product, artifacts.path(), shell).map(|done| (done, product))
            }
            None => Err(Findings::new()),
        };
        let code = match done {
            Ok((deployed, product)) => {
                self.print(&deployed, &product, shell);
                ExitCode::SUCCESS
            }
            Err(findings) => {
                site.outcome.findings.extend(findings);
                ExitCode::FAILURE
            }
        };
        self.target.report(&site, shell);
        code
    }

    /// What the topology compiles to, with its artifacts in a directory of their own; `None` where a finding forbids it.
    fn compile(&self, site: &mut Site) -> Option<(Product, tempfile::TempDir)> {
        let Site { world, outcome, .. } = site;
        let Outcome { sources, findings, front, .. } = outcome;
        let product = (|| {
            if self.target.is_forbidden(findings) {
                return None;
            }
            let (topology, graph) = front.as_ref()?;
            let artifacts = tempfile::tempdir();
            let opened = artifacts.and_then(|artifacts| Ok((DirectoryStore::new(artifacts.path())?, artifacts)));
            let (store, artifacts) = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    findings.push(unwritten(&error));
                    return None;
                }
            };
            let product = pipeline::back(world, (topology, graph), sources, &store, TemplateFormat::Json, findings);
            (!self.target.is_forbidden(findings)).then_some((product, artifacts))
        })();
        findings.sort(sources);
        product
    }

    fn apply(
        &self,
        goal: Goal,
        site: &Site,
        product: &Product,
        artifacts: &Path,
        shell: &mut Shell,
    ) -> Result<Deployed, Findings> {
        let target = &self.target;
        let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
        let connection = Connection::open(&Environment::find(&target.env, &site.outcome.project)).map_err(one)?;
        target.say(&format!("Initializing functor: {}", topology.functor()), shell);
        let stack = topology.stack_name().text;
        let mut clearing = |status: &str| {
            target.say(&format!("Clearing away {stack}, which an earlier run left in {status}"), shell);
        };
        let description = &product.lowered.description;
        let ready = standing::make_ready(&connection, &stack, description, &mut clearing).map_err(one)?;
        if goal == Goal::Update && ready == Ready::Create {
            let help = format!("make it: `tc create -s {} -e {}`", target.sandbox, invocation::word(&target.env));
            return Err(vec![no_sandbox(topology, Some(help))]);
        }
        self.upload(&connection, product, artifacts, shell)?;
        let imports = self.link(&connection, site, product, shell)?;
        let request = Request { stack: &stack, template: &product.template, imports: &imports };
        let made = change_set::create(&connection, &request, &ready).map_err(one)?;
        let mut deployed = Deployed {
            stack: stack.clone(),
            functor: topology.functor(),
            result: "unchanged",
            imports: imports.into_iter().map(ImportRow::from).collect(),
            changes: Vec::new(),
            outputs: BTreeMap::new(),
        };
        let Some(change_set) = made else {
            if let Ready::Update(standing) = ready {
                deployed.outputs = standing.outputs;
            }
            target.say("Nothing to do: the sandbox is as the topology says", shell);
            return Ok(deployed);
        };
        self.review(&connection, &stack, &change_set, shell)?;
        deployed.result = if change_set.creates { "created" } else { "updated" };
        let watch = change_set.execute(&connection).map_err(|finding| {
            // What is not executed is not left to wait either; that it could not be removed would hide why.
            let _ = change_set.discard(&connection);
            one(finding)
        })?;
        let expected = change_set.changes.iter().map(Expected::from);
        let people = target.is_read_by_people();
        let mut narration = Narration::new(topology, &product.artifacts, expected, shell, people);
        let ending = watch.follow(&connection, false, &mut |event| narration.event(event)).map_err(one)?;
        if !ending.is_success {
            return Err(failure::findings(&stack, &ending, Some((&product.lowered, graph))));
        }
        let kept = narration.end();
        for (logical_id, physical_id) in &kept {
            target.say(&format!("AWS kept {physical_id} ({logical_id})"), shell);
        }
        for event in &ending.failures {
            // What an update could not delete does not make it fail.
            target.say(&format!("Left behind {}: {}", event.logical_id, event.reason), shell);
        }
        deployed.changes = change_set.changes;
        deployed.outputs = ending.outputs;
        Ok(deployed)
    }

    /// Puts the functions' code into the artifact bucket.
    fn upload(
        &self,
        connection: &Connection,
        product: &Product,
        artifacts: &Path,
        shell: &mut Shell,
    ) -> Result<(), Findings> {
        // Functions with equal code have one artifact.
        let digests: BTreeSet<&str> = product.artifacts.values().map(|artifact| artifact.sha256.as_str()).collect();
        let file = |sha256: &str| File { path: artifacts.join(format!("{sha256}.zip")), sha256: sha256.to_owned() };
        let files: Vec<File> = digests.into_iter().map(file).collect();
        if files.is_empty() {
            return Ok(());
        }
        let objects = upload::upload_all(connection, &files, "zip").map_err(one)?;
        let new = objects.iter().filter(|object| !object.was_there).count();
        if new > 0 {
            let bucket = objects.first().map_or("", |object| object.bucket.as_str());
            self.target.say(&format!("Uploading {} to {bucket} (OK)", plural(new, "artifact")), shell);
        }
        Ok(())
    }

    /// Looks up what the template imports, and tells where each is from.
    fn link(
        &self,
        connection: &Connection,
        site: &Site,
        product: &Product,
        shell: &mut Shell,
    ) -> Result<Vec<Linked>, Findings> {
        let Some((topology, graph)) = site.front() else { return Err(Findings::new()) };
        let project = &site.outcome.project;
        let given: BTreeMap<String, String> = self.imports.iter().cloned().collect();
        let mut asked = product.lowered.parameters.iter().filter(|(parameter, _)| !given.contains_key(*parameter));
        let central = Environment::find_of_layers(&topology.env, project);
        let has_layers = asked.any(|(_, import)| import.kind == ImportKind::LayerVersion);
        let layers = if has_layers && central != Environment::find(&topology.env, project) {
            let opened = Connection::open(&central);
            Some(opened.map_err(|refusal| vec![finding::at_environment_of_layers(*refusal, project)])?)
        } else {
            None
        };
        let layers = layers.as_ref().unwrap_or(connection);
        let linker = Linker { topology, graph, project, connection, layers, given: &given };
        let linked = linker.link(&product.lowered)?;
        for Linked { parameter, value, origin } in &linked {
            self.target.say(&format!("Linking {parameter} to {value} ({origin})"), shell);
        }
        Ok(linked)
    }

    /// Shows a change set, and asks where something may be lost.
    fn review(
        &self,
        connection: &Connection,
        stack: &str,
        change_set: &ChangeSet,
        shell: &mut Shell,
    ) -> Result<(), Findings> {
        if self.target.is_read_by_people() {
            let text = review::text(stack, change_set, shell);
            shell.err(&text);
        }
        let agreed = consent::of_changes(&change_set.changes, self.target.yes, self.allow_replace, shell);
        agreed.map_err(|refusal| {
            let mut findings = one(refusal);
            findings.extend(change_set.discard(connection).err().map(|finding| *finding));
            findings
        })
    }

    /// Prints what a user needs next: the URLs, or all as data.
    fn print(&self, deployed: &Deployed, product: &Product, shell: &mut Shell) {
        if self.target.is_data() {
            shell.out(&format!("{}\n", serde_json::to_string_pretty(deployed).unwrap_or_default()));
            return;
        }
        for (id, output) in &product.lowered.outputs {
            if let Some(url) = deployed.outputs.get(id).filter(|_| id.ends_with("Url")) {
                shell.out(&format!("{}: {url}\n", output.description));
            }
        }
    }
}

impl From<Linked> for ImportRow {
    fn from(Linked { parameter, value, origin }: Linked) -> Self {
        Self { parameter, value, origin }
    }
}

fn unwritten(error: &io::Error) -> Diagnostic {
    let message = format!("artifacts cannot be kept in the directory for temporary files: {}", os_error::words(error));
    Diagnostic::without_place(&command::OUTPUT_NOT_WRITTEN, message)
}
