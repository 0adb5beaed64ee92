//! Every resource against what AWS says of its type, before the template is written.
//!
//! ```text
//! facts      schema/cfn/ embedded: what each resource type takes and gives
//! index      the template's names looked up once
//! property   each property against the facts
//! reference  what is referred to exists, and can be read
//! attribute  a reference gives what belongs where it stands
//! cycle      resources that need each other
//! limits     what one template may hold
//! rules      what AWS asks across properties and resources
//! ```
//!
//! What is found here is a defect of tc, or a value of the user's that no earlier stage refused; either way CloudFormation
//! would refuse it too, later and without the place in the source.

mod attribute;
mod cycle;
pub mod facts;
mod fault;
mod index;
pub mod limits;
mod path;
mod property;
mod reference;
mod rules;

use super::template::Template;
use crate::diagnostic::codes::template as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{EntityId, Graph};
use crate::source::Span;
use fault::Fault;
use index::{Index, Named};
use reference::References;

/// All that AWS would refuse in a template, resource by resource in the template's order. The graph tells where the
/// entities stand in the source.
pub fn check(template: &Template, graph: &Graph) -> Vec<Diagnostic> {
    check_at(template, &|entity| graph.entity(entity).map(|entity| entity.span))
}

/// The same for a template that comes from no topology.
pub fn check_without_source(template: &Template) -> Vec<Diagnostic> {
    check_at(template, &|_| None)
}

fn check_at(template: &Template, span: &dyn Fn(&EntityId) -> Option<Span>) -> Vec<Diagnostic> {
    let index = Index::new(template);
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let mut references = References::default();
    for named in index.resources() {
        let resource = named.resource;
        match index.facts(named.id) {
            Some(facts) => property::check(named, facts, &index, &mut faults),
            None => {
                let message = format!("`{}` is a type without facts in schema/cfn", resource.resource_type);
                faults.push(Fault::new(&codes::UNKNOWN_RESOURCE_TYPE, message));
            }
        }
        references.check(named, &index, &mut faults);
        rules::check(named, &index, &mut faults);
        found.extend(faults.drain(..).map(|fault| of_resource(named, span(&resource.entity), fault)));
    }
    let cycles = cycle::find(&index, &references.edges);
    found.extend(cycles.into_iter().filter_map(|cycle| of_cycle(&cycle, &index, span)));
    found.extend(outputs(&index, &mut references));
    found.extend(references.unused_parameters(&index).map(|id| {
        Diagnostic::without_place(&codes::UNUSED_PARAMETER, format!("nothing refers to the parameter `{id}`"))
    }));
    found
}

fn at(code: &'static Code, span: Option<Span>, message: String) -> Diagnostic {
    match span {
        Some(span) => Diagnostic::new(code, span, message),
        None => Diagnostic::without_place(code, message),
    }
}

fn of_resource(named: Named<'_>, span: Option<Span>, fault: Fault) -> Diagnostic {
    let Fault { code, message, help } = fault;
    let Named { id, resource } = named;
    at(code, span, format!("{}: {message}", resource.entity))
        .help_opt(help)
        .help(format!("in the resource `{id}` of type {}", resource.resource_type))
}

fn of_cycle(cycle: &[&str], index: &Index<'_>, span: &dyn Fn(&EntityId) -> Option<Span>) -> Option<Diagnostic> {
    let resources: Vec<Named<'_>> = cycle.iter().filter_map(|id| index.resource(id)).collect();
    let (first, others) = resources.split_first()?;
    let way: Vec<_> = cycle.iter().chain(cycle.first()).map(|id| format!("`{id}`")).collect();
    let entity = &first.resource.entity;
    let message = format!("{entity}: its resource needs itself: {}", way.join(" -> "));
    let found = at(&codes::RESOURCE_CYCLE, span(entity), message);
    let others = others.iter().filter(|other| other.resource.entity != *entity);
    Some(others.fold(found, |found, other| match span(&other.resource.entity) {
        Some(span) => found.also(span, format!("`{}` is made from this", other.id)),
        None => found,
    }))
}

fn outputs<'a>(index: &Index<'a>, references: &mut References<'a>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, output) in &index.template.outputs {
        let place = format!("Outputs.{id}");
        output.value.references(&mut |name, attribute| {
            references.see(name, index);
            let fault = reference::fault(name, attribute, &place, index);
            found.extend(fault.map(|fault| Diagnostic::without_place(fault.code, fault.message).help_opt(fault.help)));
        });
    }
    found
}

#[cfg(test)]
mod tests;
