//! Every name that is referred to exists, every attribute that is read can be, every parameter is used.

use super::fault::Fault;
use super::index::{Index, Named, Referent};
use crate::diagnostic::codes::template as codes;
use crate::suggest;
use std::collections::BTreeSet;

/// What the resources that were checked refer to.
#[derive(Debug, Default)]
pub struct References<'a> {
    /// By the place of a resource in the template, the places of those that it refers to or depends on; itself aside where
    /// it only names itself in `DependsOn`.
    pub edges: Vec<Vec<usize>>,
    /// The parameters that something refers to.
    used: BTreeSet<&'a str>,
}

impl<'a> References<'a> {
    /// Checks what a resource, the next in the template's order, refers to.
    pub fn check(&mut self, named: Named<'a>, index: &Index<'a>, faults: &mut Vec<Fault>) {
        let mut needed = Vec::new();
        for (name, value) in named.resource.properties.iter() {
            value.references(&mut |id, attribute| {
                faults.extend(fault(id, attribute, name, index));
                self.see(id, index);
                needed.extend(index.template.resources.get_index_of(id));
            });
        }
        for id in &named.resource.depends_on {
            match index.template.resources.get_index_of(id) {
                Some(_) if id == named.id => {}
                Some(other) => needed.push(other),
                None => {
                    let message = format!("`DependsOn` names `{id}`, which is no resource");
                    let near = suggest::nearest(id, index.resource_ids()).map(did_you_mean);
                    faults.push(Fault::new(&codes::DANGLING_REFERENCE, message).help(near));
                }
            }
        }
        if named.resource.depends_on.iter().any(|id| id == named.id) {
            faults.push(Fault::new(&codes::RESOURCE_CYCLE, "it depends on itself"));
        }
        needed.sort_unstable();
        needed.dedup();
        self.edges.push(needed);
    }

    /// Sees a reference that stands in a resource or an output.
    pub fn see(&mut self, id: &'a str, index: &Index<'a>) {
        // A template has few parameters and many references.
        if index.template.parameters.contains_key(id) {
            self.used.insert(id);
        }
    }

    /// The parameters that nothing refers to.
    pub fn unused_parameters(&self, index: &Index<'a>) -> impl Iterator<Item = &'a str> {
        index.parameter_ids().filter(|id| !self.used.contains(id))
    }
}

/// What is wrong with one reference that stands in `place`.
pub fn fault(id: &str, attribute: Option<&str>, place: &str, index: &Index<'_>) -> Option<Fault> {
    let Some(attribute) = attribute else {
        return (index.referent(id) == Referent::Nothing).then(|| {
            let message = format!("`{place}` refers to `{id}`, which is neither a resource nor a parameter");
            let known = index.resource_ids().chain(index.parameter_ids());
            Fault::new(&codes::DANGLING_REFERENCE, message).help(suggest::nearest(id, known).map(did_you_mean))
        });
    };
    let Some(target) = index.resource(id) else {
        let message = format!("`{place}` reads `{attribute}` of `{id}`, which is no resource");
        let near = suggest::nearest(id, index.resource_ids()).map(did_you_mean);
        return Some(Fault::new(&codes::DANGLING_REFERENCE, message).help(near));
    };
    let readable = &index.facts(id)?.get_att;
    (!readable.iter().any(|name| name == attribute)).then(|| {
        let kind = target.resource.resource_type;
        let message = format!("`{place}` reads `{attribute}` of `{id}`, which {kind} does not give");
        let help = suggest::help(attribute, "it gives", readable.iter().map(String::as_str));
        Fault::new(&codes::UNKNOWN_ATTRIBUTE, message).help(help)
    })
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}
