//! Linking: what only an account knows, for the parameters of a template.
//!
//! ```text
//! layer        versions of layers, in the account that they are published to
//! file_system  access points and the networks that reach them
//! topology     flows of other topologies, in their stacks of the same sandbox
//! ```

mod file_system;
mod layer;
mod topology;

use crate::bucket;
use crate::connection::Connection;
use std::collections::BTreeMap;
use tc_core::backend::template::{Import, ImportKind, Template};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::deploy as codes;
use tc_core::frontend::input::{GatewayInput, ProjectInput};
use tc_core::graph::{EntityId, EntityKind, Graph};
use tc_core::ir::Topology;
use tc_core::suggest;

/// What stands before a parameter's name beside its place.
const PARAMETER: &str = "the parameter ";

/// An import and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The template's parameter.
    pub parameter: String,
    /// Its value.
    pub value: String,
    /// Where the value is from, for people: `cicd`, `tc.yml`, `the stack tc-assets`.
    pub origin: String,
}

/// Where linking looks.
pub struct Linker<'a> {
    /// The topology whose template is linked.
    pub topology: &'a Topology,
    /// Its graph, which knows the places.
    pub graph: &'a Graph,
    /// What `tc.yml` says.
    pub project: &'a ProjectInput,
    /// The account that is deployed to.
    pub connection: &'a Connection,
    /// The account that layers are published to; the same, where it is.
    pub layers: &'a Connection,
    /// Values that the command line gives, by the parameter.
    pub given: &'a BTreeMap<String, String>,
}

/// A value and where it is from; else why there is none.
type Answer = Result<(String, String), Box<Diagnostic>>;

impl Linker<'_> {
    /// Links all imports of a template, in its order.
    ///
    /// # Errors
    /// What is not to be found, each import with its own finding; a request that fails.
    pub fn link(&self, template: &Template) -> Result<Vec<Linked>, Vec<Diagnostic>> {
        let mut findings: Vec<Diagnostic> = self.unknown(template).collect();
        let layers = self.layers.block_on(layer::find_all(self, template));
        let mut linked = Vec::new();
        for (parameter, import) in &template.parameters {
            match self.resolve(parameter, import, &layers) {
                Ok((value, origin)) => linked.push(Linked { parameter: parameter.clone(), value, origin }),
                Err(finding) => add(&mut findings, *finding),
            }
        }
        if findings.is_empty() { Ok(linked) } else { Err(findings) }
    }

    fn resolve(&self, parameter: &str, import: &Import, layers: &layer::Answers) -> Answer {
        if let Some(value) = self.given.get(parameter) {
            return Ok((value.clone(), "--import".to_owned()));
        }
        if let Some(value) = &import.default {
            return Ok((value.clone(), "tc.yml".to_owned()));
        }
        match import.kind {
            ImportKind::ArtifactBucket => {
                Ok((bucket::ensure(self.connection)?.name, self.connection.environment().to_owned()))
            }
            ImportKind::LayerVersion => match layers.get(&import.name) {
                Some(answer) => answer.clone(),
                None => {
                    let message = format!("the layer `{}` was not looked for", import.name);
                    Err(Box::new(self.missing(parameter, import, message)))
                }
            },
            ImportKind::Gateway => self.gateway(parameter, import, "api_id", |gateway| gateway.api_id.as_ref()),
            ImportKind::GatewayRootResource => {
                self.gateway(parameter, import, "root_resource_id", |gateway| gateway.root_resource_id.as_ref())
            }
            ImportKind::AccessPoint | ImportKind::Subnets | ImportKind::SecurityGroups => {
                file_system::resolve(self, parameter, import)
            }
            ImportKind::TopologyFlow => topology::resolve(self, parameter, import),
            ImportKind::Image => {
                let message = format!("nothing says where the image of function `{}` is", import.name);
                Err(Box::new(self.missing(parameter, import, message).help(give(parameter, "URI"))))
            }
            ImportKind::GraphqlEndpoint | ImportKind::GraphqlApi => {
                let message = format!("nothing says what `{parameter}` is: {}", import.description);
                Err(Box::new(self.missing(parameter, import, message).help(give(parameter, "ARN"))))
            }
        }
    }

    fn gateway(
        &self,
        parameter: &str,
        import: &Import,
        key: &str,
        value: impl Fn(&GatewayInput) -> Option<&tc_core::source::Spanned<String>>,
    ) -> Answer {
        let named = self.project.gateways.0.iter().find(|(name, _)| name.value == import.name);
        match named.and_then(|(_, gateway)| gateway.as_ref()).and_then(value) {
            Some(value) => Ok((value.value.clone(), "tc.yml".to_owned())),
            None => {
                let message = format!("nothing says what the `{key}` of the shared gateway `{}` is", import.name);
                let mut finding = self.missing(parameter, import, message);
                if let Some((name, _)) = named {
                    finding = finding.also(name.span, "it is shared");
                }
                Err(Box::new(finding.help(format!("write `{key}: ID` at `{}` in `tc.yml`", import.name))))
            }
        }
    }

    /// A finding at the entity that an import stands for.
    fn missing(&self, parameter: &str, import: &Import, message: String) -> Diagnostic {
        let entity = match import.kind {
            ImportKind::LayerVersion => {
                let name = import.name.split(':').next().unwrap_or_default();
                Some(EntityId::new(EntityKind::Layer, name))
            }
            ImportKind::Image => Some(EntityId::function(&import.name)),
            ImportKind::Gateway | ImportKind::GatewayRootResource => {
                Some(EntityId::new(EntityKind::Gateway, &import.name))
            }
            ImportKind::AccessPoint | ImportKind::Subnets | ImportKind::SecurityGroups => {
                Some(EntityId::new(EntityKind::FileSystem, &import.name))
            }
            ImportKind::TopologyFlow => Some(EntityId::new(EntityKind::Topology, &import.name)),
            ImportKind::ArtifactBucket | ImportKind::GraphqlEndpoint | ImportKind::GraphqlApi => None,
        };
        let place = entity.and_then(|entity| self.graph.entity(&entity)).map(|entity| entity.span);
        match place {
            Some(place) => {
                Diagnostic::new(&codes::UNRESOLVED_IMPORT, place, message).label(format!("{PARAMETER}`{parameter}`"))
            }
            None => Diagnostic::without_place(&codes::UNRESOLVED_IMPORT, message),
        }
    }

    /// What the command line gives and the template does not ask for.
    fn unknown<'t>(&'t self, template: &'t Template) -> impl Iterator<Item = Diagnostic> + 't {
        let unknown = self.given.keys().filter(|parameter| !template.parameters.contains_key(*parameter));
        unknown.map(|parameter| {
            let message = format!("the template has no parameter `{parameter}`");
            let names = template.parameters.keys().map(String::as_str);
            Diagnostic::without_place(&codes::UNRESOLVED_IMPORT, message).help_opt(suggest::help(
                parameter,
                "parameters",
                names,
            ))
        })
    }
}

/// Adds a finding. Several parameters that lack for one reason at one place, such as those of a file system, are one.
fn add(findings: &mut Vec<Diagnostic>, finding: Diagnostic) {
    let place = |finding: &Diagnostic| finding.primary.as_ref().map(|label| label.span);
    let same = findings.iter_mut().find(|one| one.message == finding.message && place(one) == place(&finding));
    let Some(same) = same else {
        findings.push(finding);
        return;
    };
    if let (Some(label), Some(more)) = (&mut same.primary, finding.primary)
        && label.text != more.text
    {
        label.text += &format!(", {}", more.text.trim_start_matches(PARAMETER));
    }
    let known = same.help.clone();
    same.help.extend(finding.help.into_iter().filter(|help| !known.contains(help)));
}

/// How a value is given that nothing else says.
fn give(parameter: &str, what: &str) -> String {
    format!("give it: `--import {parameter}={what}`")
}
