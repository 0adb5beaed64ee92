//! A part of a sandbox, where only that is to be updated.

use super::{Findings, record};
use crate::pipeline::Product;
use serde_json::Value;
use std::collections::BTreeMap;
use tc_core::backend::check::limits;
use tc_core::backend::component::{self, Along, Component, Partial, Reason};
use tc_core::backend::stacks::{self, Sections};
use tc_core::backend::{ARTIFACT_BUCKET, json, logical_id};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::graph::Graph;
use tc_core::ir::Topology;
use tc_deploy::link::Linked;

/// Which part of a sandbox is meant.
#[derive(Debug, Default, clap::Args)]
pub struct Part {
    /// Kinds, entities, functions.
    #[arg(short = 'c', long = "component", value_name = "COMPONENT")]
    #[arg(
        help = "Only this: functions, routes, events, flow, roles, vars, layers, ..., one of them (routes/etl), or a function"
    )]
    components: Vec<String>,
}

impl Part {
    /// For people: "`routes` and `enhancer`"; `None` where all is meant.
    pub fn shown(&self) -> Option<String> {
        let names: Vec<String> = self.components.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| names.join(" and "))
    }

    /// The components as they were named; empty where all is meant.
    pub fn components(&self) -> &[String] {
        &self.components
    }

    /// The one function that is meant, by its name.
    pub fn function(&self) -> Option<&str> {
        match self.components.as_slice() {
            [one] => Some(one.strip_prefix("functions/").unwrap_or(one)),
            _ => None,
        }
    }

    /// What is deployed, with this part of what the topology says now; `None` where all of it is meant.
    pub fn of(&self, deployed: &Value, product: &Product, graph: &Graph) -> Result<Option<Partial>, Findings> {
        if self.components.is_empty() {
            return Ok(None);
        }
        let new = whole(product);
        let mut components = Vec::new();
        let mut findings = Findings::new();
        for name in &self.components {
            match Component::find(name, deployed, &new, graph) {
                Ok(component) => components.push(component),
                Err(unknown) => {
                    let message = format!("there is no component `{name}`");
                    let finding = Diagnostic::without_place(&codes::UNKNOWN_COMPONENT, message);
                    findings.push(finding.help_opt(unknown.help));
                }
            }
        }
        match findings.is_empty() {
            true => Ok(Some(component::partial(deployed, &new, &components))),
            false => Err(findings),
        }
    }
}

/// What is to be deployed of a sandbox.
pub struct Aim {
    /// The template, of however many stacks.
    pub template: Value,
    /// What came along with the part that is meant.
    pub along: Vec<Along>,
    part: Option<Partial>,
}

/// Templates as they are deployed.
pub struct Texts {
    /// The root stack's.
    pub root: String,
    /// Those of nested stacks.
    pub nested: Vec<String>,
}

impl Aim {
    /// All of a topology, or a part of it.
    pub fn new(product: &Product, part: Option<Partial>) -> Self {
        match part {
            None => Self { template: whole(product), along: Vec::new(), part: None },
            Some(part) => Self { template: part.template.clone(), along: part.along.clone(), part: Some(part) },
        }
    }

    /// The templates to deploy. Of a part, what is deployed stays in the stacks that it is in, `deployed` by the logical
    /// ids, and what is new goes to those that it has in the topology.
    ///
    /// # Errors
    /// When stacks would need each other, since something was taken away of which what is left alone has need.
    pub fn texts(
        &self,
        product: &Product,
        deployed: &BTreeMap<String, String>,
        topology: &Topology,
    ) -> Result<Texts, Findings> {
        if self.part.is_none() {
            let nested = product.stacks.iter().map(|stack| stack.text.clone()).collect();
            return Ok(Texts { root: product.template.clone(), nested });
        }
        let mut places = product.placement.stacks.clone();
        places.extend(deployed.clone());
        let sections = Sections::read(&self.template);
        places.retain(|id, _| sections.resources.contains_key(id));
        if places.is_empty() {
            return Ok(Texts { root: written(&self.template), nested: Vec::new() });
        }
        let assembly = stacks::split(&sections, &places).map_err(|circle| vec![limits::circle(&circle, topology)])?;
        let written = assembly.write("json", ARTIFACT_BUCKET, json::write_template);
        let nested = written.nested.into_iter().map(|stack| stack.template.text).collect();
        Ok(Texts { root: written.root.text, nested })
    }

    /// Whether a parameter's value is looked up, rather than to stay as it is.
    pub fn looks_up(&self, parameter: &str) -> bool {
        self.part.as_ref().is_none_or(|part| part.parameters().contains(parameter))
    }

    /// Whether the code of a function is meant.
    pub fn has_code_of(&self, function: &str) -> bool {
        self.part.as_ref().is_none_or(|part| part.takes(&logical_id::function(function)))
    }

    /// Gives what was looked up to the template, and the others the values that they have.
    pub fn bind(&mut self, linked: Vec<Linked>, deployed: &BTreeMap<String, String>) -> Vec<Linked> {
        let Some(part) = &mut self.part else { return linked };
        let mut origins: BTreeMap<String, String> =
            linked.iter().map(|one| (one.parameter.clone(), one.origin.clone())).collect();
        let values = linked.into_iter().map(|one| (one.parameter, one.value)).collect();
        let values = part.bind(deployed, &values);
        self.template.clone_from(&part.template);
        let bound = values.into_iter().map(|(parameter, value)| {
            let origin = origins.remove(&parameter).unwrap_or_else(|| record::AS_DEPLOYED.to_owned());
            Linked { parameter, value, origin }
        });
        bound.collect()
    }
}

/// What came along, for people: a line an entity and reason.
pub fn told(along: &[Along]) -> Vec<String> {
    let mut groups: Vec<(&str, Reason, Vec<&str>)> = Vec::new();
    for Along { logical_id, entity, reason } in along {
        match groups.iter_mut().find(|(of, why, _)| of == entity && why == reason) {
            Some((.., ids)) => ids.push(logical_id),
            None => groups.push((entity, *reason, vec![logical_id])),
        }
    }
    let line = |(entity, reason, ids): (&str, Reason, Vec<&str>)| {
        format!("Taking along {} of {entity}: {}", ids.join(", "), words(reason))
    };
    groups.into_iter().map(line).collect()
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Needed => "it is referred to and not there yet",
        Reason::Orphaned => "it refers to what is removed",
        Reason::Rights => "it gives rights on what is updated, or its name",
        Reason::Gateway => "routes stand on it",
        Reason::Deployed => "a REST API is deployed as a whole",
    }
}

/// A topology's template as data, one of however many stacks.
fn whole(product: &Product) -> Value {
    json::value(&product.lowered.to_expr())
}

fn written(template: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(template).unwrap_or_default())
}
