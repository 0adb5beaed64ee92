//! What must live together, and on which tier.

use super::load::{Load, Need};
use super::sections::{Sections, depends_on, entity, type_of};
use crate::backend::expr::Object;
use crate::backend::json;
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::BTreeMap;

/// What stacks are made of, the lowest first. A resource refers to its own unit and to units of lower tiers, since that is
/// how entities can be connected at all: a function is given queues, a flow calls functions, and a route, event or schedule
/// leads to any of them. What a resource is told of a higher tier it is told by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// APIs with their paths.
    Gateways,
    /// Queues with their dead-letter queues and policies.
    Queues,
    /// Functions with their roles and log groups, the permissions of APIs to invoke them, and the queues' mappings.
    Functions,
    /// Routes, events and schedules. The permission of a rule is with the rule, to which it refers.
    Triggers,
    /// What stays in the root: the state machine, which may refer to more functions than a stack has parameters, and the
    /// authorizers and deployments of APIs.
    Root,
}

impl Tier {
    /// What its stacks are called, before their number.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateways => "gateways",
            Self::Queues => "queues",
            Self::Functions => "functions",
            Self::Triggers => "triggers",
            Self::Root => "root",
        }
    }

    /// The tier whose stacks are called so.
    pub fn of_stack(name: &str) -> Option<Self> {
        let tiers = [Self::Gateways, Self::Queues, Self::Functions, Self::Triggers];
        let (tier, number) = name.rsplit_once('-')?;
        let is_number = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = is_number && (1..=6).contains(&number.len());
        tiers.into_iter().find(|known| is_number && known.name() == tier)
    }

    /// How many resources a unit is counted as at least, so that what may become of it later has room: a function that gets
    /// a version and an alias, an event a role.
    fn allowance(self) -> usize {
        match self {
            Self::Gateways | Self::Root => 0,
            Self::Queues => 3,
            Self::Functions | Self::Triggers => 5,
        }
    }
}

/// Resources that are in one stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// What it is called: its entity, `functions/enhancer`; or for a part of an entity that has a place of its own, the
    /// logical id of its resource, `GatewayShopPathOrdersOptions of gateways/shop`.
    pub name: String,
    /// Where it belongs.
    pub tier: Tier,
    /// Places of its resources in the template.
    pub resources: Vec<usize>,
    /// The unit whose stack it is in, where it is not told otherwise: that of the function that it lets invoke, or feeds.
    pub follows: Option<String>,
    /// The function that it leads to, by the number of that unit: what leads to one function is put into one stack, which
    /// is then told of it once.
    pub leads_to: Option<usize>,
    /// What it takes of a stack's room.
    pub load: Load,
}

impl Unit {
    /// Whether its tier allows a stack: its own tier's or the root, and what is for a function that function's.
    pub fn can_be_in(&self, path: &str) -> bool {
        match Tier::of_stack(path.rsplit('/').next().unwrap_or_default()) {
            None => path.is_empty(),
            Some(Tier::Functions) if self.follows.is_some() => true,
            Some(tier) => tier == self.tier,
        }
    }
}

/// Of a template, in the order of their names. Units that refer to each other in a circle are one.
pub(super) fn units(sections: &Sections) -> Vec<Unit> {
    let uses: Vec<Vec<Use>> = sections.resources.values().map(|resource| uses(resource, sections)).collect();
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    for (at, ((id, resource), uses)) in sections.resources.iter().zip(&uses).enumerate() {
        let Kind { name, tier, follows } = kind(id, resource, uses, sections);
        let unit = units.entry(name.clone()).or_insert_with(|| Unit {
            name,
            tier,
            resources: Vec::new(),
            follows,
            leads_to: None,
            load: Load::default(),
        });
        unit.resources.push(at);
    }
    let mut units = together(units.into_values().collect(), sections, &uses);
    weigh(&mut units, sections, &uses);
    units
}

/// A reference to a resource or a parameter of the template.
struct Use<'s> {
    id: &'s str,
    attribute: Option<&'s str>,
    /// The place of the resource; `None` for a parameter.
    target: Option<usize>,
}

fn uses<'s>(resource: &'s Object, sections: &'s Sections) -> Vec<Use<'s>> {
    let mut uses = Vec::new();
    for (_, value) in resource.iter() {
        value.references(&mut |id, attribute| {
            let target = sections.resources.get_index_of(id);
            if target.is_some() || sections.parameters.contains_key(id) {
                uses.push(Use { id, attribute, target });
            }
        });
    }
    uses
}

/// What a resource is part of.
struct Kind {
    name: String,
    tier: Tier,
    follows: Option<String>,
}

fn kind(id: &str, resource: &Object, uses: &[Use], sections: &Sections) -> Kind {
    let entity = entity(resource);
    let whole = |tier| Kind { name: entity.to_owned(), tier, follows: None };
    let part = |tier, follows| Kind { name: format!("{id} of {entity}"), tier, follows };
    match (entity.split('/').next().unwrap_or_default(), type_of(resource)) {
        ("gateways", "AWS::ApiGateway::Method") => part(Tier::Triggers, None),
        (
            "gateways",
            "AWS::ApiGateway::Authorizer"
            | "AWS::ApiGateway::Deployment"
            | "AWS::ApiGateway::Stage"
            | "AWS::ApiGatewayV2::Authorizer"
            | "AWS::Lambda::Permission",
        ) => part(Tier::Root, None),
        ("gateways", _) => whole(Tier::Gateways),
        // It refers to the rule, which refers to the function.
        (_, "AWS::Lambda::Permission") if is_for_its_own(resource, uses, sections) => whole(Tier::Triggers),
        (_, "AWS::Lambda::Permission" | "AWS::Lambda::EventSourceMapping") => {
            part(Tier::Triggers, invoked(resource, sections))
        }
        ("queues", _) => whole(Tier::Queues),
        ("functions", _) => whole(Tier::Functions),
        ("routes" | "events" | "schedules", _) => whole(Tier::Triggers),
        _ => whole(Tier::Root),
    }
}

/// Whether a permission is for another resource of its own entity, such as an event's rule.
fn is_for_its_own(permission: &Object, uses: &[Use], sections: &Sections) -> bool {
    let mut others = uses.iter().filter_map(|one| sections.resources.get_index(one.target?));
    others.any(|(_, other)| entity(other) == entity(permission))
}

/// The unit of the function that a permission or mapping is for.
fn invoked(resource: &Object, sections: &Sections) -> Option<String> {
    let name = resource.get("Properties")?.as_object()?.get("FunctionName")?;
    let mut function = None;
    name.references(&mut |id, _| function = function.or_else(|| sections.resources.get(id)));
    function.map(|function| entity(function).to_owned())
}

/// Units that need each other in a circle, made one on the highest of their tiers.
fn together(units: Vec<Unit>, sections: &Sections, uses: &[Vec<Use>]) -> Vec<Unit> {
    let owner = owners(&units, sections.resources.len());
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(units.len(), units.len());
    units.iter().for_each(|_| _ = graph.add_node(()));
    for (at, unit) in units.iter().enumerate() {
        for other in needed(unit, sections, uses).filter_map(|target| owner.get(target)) {
            graph.update_edge(NodeIndex::new(at), NodeIndex::new(*other), ());
        }
    }
    let circles: Vec<Vec<NodeIndex>> = tarjan_scc(&graph).into_iter().filter(|nodes| nodes.len() > 1).collect();
    if circles.is_empty() {
        return units;
    }
    let mut units: BTreeMap<usize, Unit> = units.into_iter().enumerate().collect();
    for mut circle in circles {
        circle.sort_unstable();
        let members: Vec<Unit> = circle.iter().filter_map(|node| units.remove(&node.index())).collect();
        let tier = members.iter().map(|unit| unit.tier).max().unwrap_or(Tier::Root);
        let resources = members.iter().flat_map(|unit| unit.resources.iter().copied()).collect();
        if let (Some(node), Some(first)) = (circle.first(), members.into_iter().next()) {
            units.insert(node.index(), Unit { tier, resources, follows: None, ..first });
        }
    }
    units.into_values().collect()
}

/// By the place of a resource, the unit it is in.
fn owners(units: &[Unit], resources: usize) -> Vec<usize> {
    let mut owner = vec![usize::MAX; resources];
    for (at, unit) in units.iter().enumerate() {
        for resource in &unit.resources {
            if let Some(owner) = owner.get_mut(*resource) {
                *owner = at;
            }
        }
    }
    owner
}

/// The places of the resources that a unit refers to or waits for.
fn needed<'s>(unit: &'s Unit, sections: &'s Sections, uses: &'s [Vec<Use>]) -> impl Iterator<Item = usize> + 's {
    let used = unit.resources.iter().filter_map(|at| uses.get(*at)).flatten().filter_map(|one| one.target);
    let resources = unit.resources.iter().filter_map(|at| sections.resources.get_index(*at));
    let awaited = resources.flat_map(|(_, resource)| depends_on(resource));
    used.chain(awaited.filter_map(|id| sections.resources.get_index_of(id)))
}

/// Finds what each unit takes of a stack's room.
fn weigh(units: &mut [Unit], sections: &Sections, uses: &[Vec<Use>]) {
    let owner = owners(units, sections.resources.len());
    let tiers: Vec<Tier> = units.iter().map(|unit| unit.tier).collect();
    let mut needs: IndexMap<(&str, Option<&str>), Need, FixedState> = IndexMap::default();
    let mut outputs: Vec<(usize, Need)> = Vec::new();
    for (at, unit) in units.iter_mut().enumerate() {
        let least = if unit.follows.is_some() { 1 } else { unit.tier.allowance() };
        unit.load.resources = unit.resources.len().max(least);
        for (id, resource) in unit.resources.iter().filter_map(|place| sections.resources.get_index(*place)) {
            // The key, the colon and the indentation.
            unit.load.bytes += json::length(resource) + id.len() + 8;
        }
        for Use { id, attribute, target } in unit.resources.iter().filter_map(|place| uses.get(*place)).flatten() {
            let of = target.and_then(|target| owner.get(target)).copied();
            if of == Some(at) {
                continue;
            }
            let number = Need(needs.len());
            let need = *needs.entry((id, *attribute)).or_insert(number);
            unit.load.parameters.insert(need);
            let function = of.filter(|of| tiers.get(*of) == Some(&Tier::Functions));
            unit.leads_to = unit.leads_to.or(function);
            outputs.extend(of.map(|of| (of, need)));
        }
    }
    for value in sections.outputs.values().flat_map(Object::iter).map(|(_, value)| value) {
        value.references(&mut |id, attribute| {
            let target = sections.resources.get_index_of(id);
            if let Some(of) = target.and_then(|target| owner.get(target)) {
                let number = Need(needs.len());
                outputs.push((*of, *needs.entry((id, attribute)).or_insert(number)));
            }
        });
    }
    for (of, need) in outputs {
        if let Some(unit) = units.get_mut(of) {
            unit.load.outputs.insert(need);
        }
    }
}
