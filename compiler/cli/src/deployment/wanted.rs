//! What a sandbox is to be: a topology, compiled and linked.

use super::part::Aim;
use super::target::{Site, Target};
use crate::commands::build::finding;
use crate::os_error;
use crate::pipeline::{self, Outcome, Product, TemplateFormat};
use crate::shell::Shell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use tc_core::backend::template::{ImportKind, Template};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::command;
use tc_deploy::link::{Linked, Linker};
use tc_deploy::{Connection, Environment};
use tc_package::DirectoryStore;

/// Which sandbox, and what is known of it beside its sources.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    #[command(flatten)]
    /// The sandbox.
    pub target: Target,

    /// Give a parameter of the template its value instead of looking it up
    #[arg(long = "import", value_name = "PARAMETER=VALUE", value_parser = import)]
    pub imports: Vec<(String, String)>,
}

/// Reads the argument of `--import`.
pub fn import(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((parameter, value)) if !parameter.is_empty() => Ok((parameter.to_owned(), value.to_owned())),
        _ => Err("write a parameter of the template and its value: `PARAMETER=VALUE`".to_owned()),
    }
}

impl Wanted {
    /// A sandbox of which nothing else is said.
    pub fn of(target: Target) -> Self {
        Self { target, imports: Vec::new() }
    }

    /// What the topology compiles to, with its artifacts in a directory of their own; `None` where a finding forbids it.
    pub fn compile(&self, site: &mut Site) -> Option<(Product, tempfile::TempDir)> {
        match tempfile::tempdir() {
            Ok(artifacts) => Some((self.compile_into(site, artifacts.path())?, artifacts)),
            Err(error) => {
                site.outcome.findings.push(unwritten(&error));
                None
            }
        }
    }

    /// As [`Self::compile`], with the artifacts in a directory that is there.
    pub fn compile_into(&self, site: &mut Site, artifacts: &Path) -> Option<Product> {
        let Site { world, outcome, .. } = site;
        let Outcome { sources, findings, front, lock, .. } = outcome;
        let product = (|| {
            if self.target.is_forbidden(findings) {
                return None;
            }
            let (topology, graph) = front.as_ref()?;
            let store = match DirectoryStore::new(artifacts) {
                Ok(store) => store,
                Err(error) => {
                    findings.push(unwritten(&error));
                    return None;
                }
            };
            let front = (topology, graph, lock.as_ref());
            let product = pipeline::back(world, front, sources, &store, TemplateFormat::Json, findings);
            (!self.target.is_forbidden(findings)).then_some(product)
        })();
        findings.sort(sources);
        product
    }

    /// Looks up what the template imports, and tells where each is from. What a part of a sandbox leaves alone keeps the
    /// values that are deployed.
    pub fn link(
        &self,
        connection: &Connection,
        site: &Site,
        product: &Product,
        (aim, deployed): (&mut Aim, &BTreeMap<String, String>),
        is_told: bool,
        shell: &mut Shell,
    ) -> Result<Vec<Linked>, Vec<Diagnostic>> {
        let Some((topology, graph)) = site.front() else { return Err(Vec::new()) };
        let project = &site.outcome.project;
        let mut template = Template { parameters: product.lowered.parameters.clone(), ..Template::default() };
        let mut given: BTreeMap<String, String> = self.imports.iter().cloned().collect();
        // What is given for another part of the topology is no mistake.
        given.retain(|parameter, _| aim.looks_up(parameter) || !template.parameters.contains_key(parameter));
        template.parameters.retain(|parameter, _| aim.looks_up(parameter));
        let mut asked = template.parameters.iter().filter(|(parameter, _)| !given.contains_key(*parameter));
        let accounts = site.accounts();
        let central = Environment::find_of_layers(&topology.env, accounts);
        let has_layers = asked.any(|(_, import)| import.kind == ImportKind::LayerVersion);
        let layers = if has_layers && central != Environment::find(&topology.env, accounts) {
            let opened = Connection::open(&central);
            let placed = |refusal| *site.placed(Box::new(finding::at_environment_of_layers(refusal, accounts)));
            Some(opened.map_err(|refusal| vec![placed(*refusal)])?)
        } else {
            None
        };
        let layers = layers.as_ref().unwrap_or(connection);
        let linker = Linker { topology, graph, project, connection, layers, given: &given };
        let linked = linker.link(&template)?;
        for Linked { parameter, value, origin } in linked.iter().filter(|_| is_told) {
            self.target.say(&format!("Linking {parameter} to {value} ({origin})"), shell);
        }
        Ok(aim.bind(linked, deployed))
    }
}

fn unwritten(error: &io::Error) -> Diagnostic {
    let message = format!("artifacts cannot be kept in the directory for temporary files: {}", os_error::words(error));
    Diagnostic::without_place(&command::OUTPUT_NOT_WRITTEN, message)
}
