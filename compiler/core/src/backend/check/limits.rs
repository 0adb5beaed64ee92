//! The limits that CloudFormation has for one template.
//!
//! Source: CloudFormation User Guide, "Understand CloudFormation quotas": 500 resources, 200 parameters, 200 outputs, 1 MB
//! from S3, which is 1,000,000 bytes (`Template may not exceed 1000000 bytes in size`). A body over 51,200 bytes cannot be
//! sent along with the request; the deploy uploads it to the artifact bucket, so that is nothing to report.

use crate::backend::expr::Expr;
use crate::backend::json;
use crate::backend::stacks::{Circle, Placement, Written};
use crate::backend::template::{ImportKind, Resource, Template};
use crate::diagnostic::{Diagnostic, codes::template as codes};
use crate::graph::{EntityKind, Graph};
use crate::ir::Topology;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

const RESOURCES: usize = 500;
const PARAMETERS: usize = 200;
const OUTPUTS: usize = 200;
const BYTES: usize = 1_000_000;

/// How a topology that is too large becomes two.
const DIVIDE: &str =
    "divide the topology: what changes together can be one of its own, connected by events or a shared gateway";

/// What helps where a nested stack has grown.
const MOVE: &str = "move some of it to another stack on purpose: `tc rebalance`";

/// What of a template is over a limit, or that there is nothing in it. `length` is the bytes of the template as it is
/// written. The findings stand at the topology's name, since no single entity is to blame; their help says what takes the
/// room.
pub fn check(template: &Template, length: usize, topology: &Topology) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = empty(template, topology).into_iter().collect();
    let mut over = |what: &str, count: usize, limit: usize, room: fn(&Template) -> String, help: &str| {
        if count > limit {
            let (count, limit) = (grouped(count), grouped(limit));
            let message = format!("the template has {count} {what}; CloudFormation allows {limit}");
            let finding = Diagnostic::new(&codes::TEMPLATE_LIMIT, topology.name.span, message);
            found.push(finding.help(format!("{what}: {}", room(template))).help(help));
        }
    };
    over("resources", template.resources.len(), RESOURCES, resources, DIVIDE);
    let help = "let functions share layers and file systems, or divide the topology";
    over("parameters", template.parameters.len(), PARAMETERS, parameters, help);
    over("outputs", template.outputs.len(), OUTPUTS, outputs, DIVIDE);
    over("bytes", length, BYTES, bytes, DIVIDE);
    found
}

/// What helps where a lock was changed by hand.
const RESTORE: &str = "take `topology.lock` from git again: `git checkout topology.lock`";

/// What of one of several stacks is over a limit, and what is too large for any.
pub fn check_stacks(written: &Written, placement: &Placement, topology: &Topology, graph: &Graph) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for name in &placement.too_large {
        let message = format!("`{name}` is too large for any stack");
        let entity = graph.entities().find(|entity| entity.id.to_string() == *name);
        let span = entity.map_or(topology.name.span, |entity| entity.span);
        let help = "a stack has 500 resources, 200 parameters, 200 outputs and 1,000,000 bytes: make two of it";
        found.push(Diagnostic::new(&codes::TOO_LARGE_FOR_STACK, span, message).help(help));
    }
    let root = ("the root stack".to_owned(), &written.root, DIVIDE);
    let nested = written.nested.iter().map(|one| (format!("the stack `{}`", one.name), &one.template, MOVE));
    for (stack, template, help) in std::iter::once(root).chain(nested) {
        let counts = [
            ("resources", template.resources, RESOURCES),
            ("parameters", template.parameters, PARAMETERS),
            ("outputs", template.outputs, OUTPUTS),
            ("bytes", template.text.len(), BYTES),
        ];
        for (what, count, limit) in counts.into_iter().filter(|(_, count, limit)| count > limit) {
            let message = format!("{stack} has {} {what}; CloudFormation allows {}", grouped(count), grouped(limit));
            found.push(Diagnostic::new(&codes::TEMPLATE_LIMIT, topology.name.span, message).help(help));
        }
    }
    found
}

/// That stacks would need each other.
pub fn circle(circle: &Circle, topology: &Topology) -> Diagnostic {
    let names: Vec<String> = circle.0.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("the stacks {} would need each other", names.join(" and "));
    Diagnostic::new(&codes::MISPLACED, topology.name.span, message).help(RESTORE)
}

/// Parts that the lock puts where they cannot be.
pub fn misplaced(placement: &Placement, topology: &Topology) -> Vec<Diagnostic> {
    let found = placement.misplaced.iter().map(|(name, place)| {
        let message = format!("`{name}` cannot be in the stack `{place}`");
        Diagnostic::new(&codes::MISPLACED, topology.name.span, message).help(RESTORE)
    });
    found.collect()
}

/// Entities that were perhaps renamed: the only one of its kind that is new, where only one of its kind is gone.
pub fn renamed(placement: &Placement, graph: &Graph) -> Vec<Diagnostic> {
    let kind = |name: &str| name.split_once('/').filter(|_| !name.contains(" of ")).map(|(kind, _)| kind.to_owned());
    let of_kind = |names: &[String], wanted: &str| -> Vec<String> {
        names.iter().filter(|name| kind(name).as_deref() == Some(wanted)).cloned().collect()
    };
    let kinds: BTreeSet<String> = placement.added.iter().filter_map(|name| kind(name)).collect();
    let mut found = Vec::new();
    for kind in kinds {
        let (added, removed) = (of_kind(&placement.added, &kind), of_kind(&placement.removed, &kind));
        if let ([new], [old]) = (added.as_slice(), removed.as_slice())
            && let Some(entity) = graph.entities().find(|entity| entity.id.to_string() == *new)
        {
            let message = format!("`{new}` is new and `{old}` is gone");
            let finding = Diagnostic::new(&codes::PERHAPS_RENAMED, entity.span, message);
            found.push(
                finding.help("if it was renamed: it is made anew, and what is deployed under the old name is deleted"),
            );
        }
    }
    found
}

/// "Template format error: At least one Resources member must be defined" is what CloudFormation says of it. Where
/// something could not be read or resolved, that is what is wrong.
fn empty(template: &Template, topology: &Topology) -> Option<Diagnostic> {
    let is_empty = template.resources.is_empty() && !topology.is_partial;
    let message = format!("there is nothing to deploy in the topology `{}`", topology.name.value);
    is_empty.then(|| {
        Diagnostic::new(&codes::EMPTY_TEMPLATE, topology.name.span, message).help(
            "add a function: a directory with a `handler.py` (or .rb, .js, .mjs, .ts, .rs, .go) or a `function.json`",
        )
    })
}

fn resources(template: &Template) -> String {
    ranked(template.resources.values().map(|resource| (resource.entity.kind.plural(), 1)))
}

fn parameters(template: &Template) -> String {
    let name = |kind: ImportKind| match kind {
        ImportKind::ArtifactBucket => "the artifact bucket",
        ImportKind::LayerVersion => "layers",
        ImportKind::Gateway | ImportKind::GatewayRootResource => "gateways",
        ImportKind::AccessPoint | ImportKind::Subnets | ImportKind::SecurityGroups => "file systems",
        ImportKind::Image => "images",
        ImportKind::GraphqlApi | ImportKind::GraphqlEndpoint => "mutations",
        ImportKind::TopologyFlow => "topologies",
    };
    ranked(template.parameters.values().map(|import| (name(import.kind), 1)))
}

/// Outputs by the entity of the resource that they refer to.
fn outputs(template: &Template) -> String {
    let kind = |value: &Expr| {
        let mut kind = None;
        value.references(&mut |id, _| {
            kind = kind.or_else(|| template.resources.get(id).map(|resource| resource.entity.kind));
        });
        kind
    };
    let kinds = template.outputs.values().map(|output| kind(&output.value).map_or("others", EntityKind::plural));
    ranked(kinds.map(|kind| (kind, 1)))
}

fn bytes(template: &Template) -> String {
    let size = |resource: &Resource| (resource.entity.kind.plural(), json::length(&resource.properties));
    ranked(template.resources.values().map(size))
}

/// Sums by kind, the largest first: `functions 312, routes 120`.
fn ranked<'a>(items: impl Iterator<Item = (&'a str, usize)>) -> String {
    let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
    items.for_each(|(kind, amount)| *sums.entry(kind).or_default() += amount);
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(kind, sum)| (Reverse(*sum), *kind));
    sums.iter().map(|(kind, sum)| format!("{kind} {}", grouped(*sum))).collect::<Vec<_>>().join(", ")
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::expr::Object;
    use crate::backend::template::{Import, Output, Resource};
    use crate::frontend::{Options, load};
    use crate::graph::EntityId;
    use crate::world::MemoryWorld;

    fn found(template: &Template, length: usize) -> Vec<String> {
        let world = MemoryWorld::new([("topology.yml", "name: etl\n")]);
        let loaded = load(&world, &Options::default());
        let topology = loaded.topology.unwrap();
        let found = check(template, length, &topology);
        found.iter().map(|finding| format!("{}; {}", finding.message, finding.help[0])).collect()
    }

    fn template(functions: usize, routes: usize) -> Template {
        let mut template = Template::default();
        for (kind, count) in [(EntityKind::Function, functions), (EntityKind::Route, routes)] {
            for number in 0..count {
                let entity = EntityId::new(kind, &format!("x{number}"));
                let resource = Resource::new("AWS::X::Y", &entity, Object::new().with("A", "b"));
                template.resources.insert(format!("{}{number}", kind.plural()), resource);
            }
        }
        template
    }

    #[test]
    fn a_template_within_the_limits_passes() {
        assert_eq!(found(&template(300, 200), 1_000_000), [""; 0]);
    }

    #[test]
    fn a_template_needs_a_resource() {
        assert_eq!(
            found(&Template::default(), 100),
            [
                "there is nothing to deploy in the topology `etl`; add a function: a directory with a `handler.py` (or .rb, .js, \
              .mjs, .ts, .rs, .go) or a `function.json`"
            ]
        );
    }

    #[test]
    fn what_takes_the_room_is_named() {
        assert_eq!(
            found(&template(1200, 301), 1000),
            ["the template has 1,501 resources; CloudFormation allows 500; resources: functions 1,200, routes 301"]
        );
        assert_eq!(
            found(&template(2, 1), 1_000_001),
            ["the template has 1,000,001 bytes; CloudFormation allows 1,000,000; bytes: functions 28, routes 14"]
        );
    }

    #[test]
    fn parameters_and_outputs_count_too() {
        let mut template = template(1, 0);
        for number in 0..201 {
            let kind = if number == 0 { ImportKind::ArtifactBucket } else { ImportKind::LayerVersion };
            let (name, description) = (String::new(), String::new());
            let import = Import { kind, name, parameter_type: "String", description, default: None };
            template.parameters.insert(format!("P{number}"), import);
            let value = if number < 200 { Expr::reference("functions0") } else { "x".into() };
            template.outputs.insert(format!("O{number}"), Output { description: String::new(), value });
        }
        assert_eq!(
            found(&template, 1000),
            [
                "the template has 201 parameters; CloudFormation allows 200; parameters: layers 200, the artifact bucket 1",
                "the template has 201 outputs; CloudFormation allows 200; outputs: functions 200, others 1",
            ]
        );
    }
}
