//! Every name that is referred to exists, every attribute that is read can be, every parameter is used.

use super::fault::Fault;
use super::index::{Index, Named, Referent};
use crate::diagnostic::codes::template as codes;
use crate::suggest;
use std::collections::BTreeSet;

/// Checks what a resource refers to.
pub fn check(named: Named<'_>, index: &Index<'_>, faults: &mut Vec<Fault>) {
    for (name, value) in named.resource.properties.iter() {
        value.references(&mut |id, attribute| faults.extend(fault(id, attribute, name, index)));
    }
    for id in named.resource.depends_on.iter().filter(|id| index.resource(id).is_none()) {
        let message = format!("`DependsOn` names `{id}`, which is no resource");
        let near = suggest::nearest(id, index.resource_ids()).map(did_you_mean);
        faults.push(Fault::new(&codes::DANGLING_REFERENCE, message).help(near));
    }
    if named.resource.depends_on.iter().any(|id| id == named.id) {
        faults.push(Fault::new(&codes::RESOURCE_CYCLE, "it depends on itself"));
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

/// The parameters that nothing refers to.
pub fn unused_parameters<'a>(index: &Index<'a>) -> Vec<&'a str> {
    let properties = index.resources().flat_map(|named| named.resource.properties.iter().map(|(_, value)| value));
    let outputs = index.template.outputs.values().map(|output| &output.value);
    let mut used = BTreeSet::new();
    for value in properties.chain(outputs) {
        value.references(&mut |id, _| {
            // A template has few parameters and many references.
            if index.template.parameters.contains_key(id) {
                used.insert(id);
            }
        });
    }
    index.parameter_ids().filter(|id| !used.contains(id)).collect()
}
