//! What comes along with a component.

use super::name::RIGHTS;
use super::{Component, Pair, Part, Reason, Taken, add, reference, type_of};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The action by which events are put.
const PUT_EVENTS: &str = "events:PutEvents";

/// Takes what has to come along, until nothing more has to; why each came.
pub(super) fn close(pair: &Pair<'_>, components: &[Component], taken: &mut Taken) -> BTreeMap<String, Reason> {
    let chosen: BTreeSet<String> = taken.keys().cloned().collect();
    let mut reasons: BTreeMap<String, Reason> = BTreeMap::new();
    let mut closing = Closing { pair, taken, reasons: &mut reasons };
    if components.iter().any(Component::is_of_routes) {
        closing.gateways();
    }
    if components.iter().any(Component::is_of_events) {
        closing.producers();
    }
    // Each round takes more of a finite number of properties, or is the last.
    while closing.needed() | closing.orphaned() | closing.rights() | closing.deployed() {}
    reasons.retain(|id, _| !chosen.contains(id));
    reasons
}

struct Closing<'a, 't> {
    pair: &'a Pair<'t>,
    taken: &'a mut Taken,
    reasons: &'a mut BTreeMap<String, Reason>,
}

impl Closing<'_, '_> {
    fn take(&mut self, id: &str, part: Part, reason: Reason) -> bool {
        let is_news = add(self.taken, id, part);
        if is_news {
            self.reasons.entry(id.to_owned()).or_insert(reason);
        }
        is_news
    }

    /// Takes all resources of entities.
    fn take_entities(&mut self, entities: &BTreeSet<&str>, reason: Reason) -> bool {
        let ids: Vec<&str> = self.pair.ids().filter(|id| entities.contains(self.pair.entity(id))).collect();
        ids.into_iter().fold(false, |news, id| self.take(id, Part::Whole, reason) | news)
    }

    /// The gateways that routes stand on.
    fn gateways(&mut self) {
        let mut gateways = BTreeSet::new();
        for id in self.taken.keys() {
            for resource in self.pair.new.get(id.as_str()).into_iter().chain(self.pair.deployed.get(id.as_str())) {
                reference::each(resource, &mut |name| _ = gateways.insert(self.pair.entity(name)));
            }
        }
        gateways.retain(|entity| entity.starts_with("gateways/"));
        self.take_entities(&gateways, Reason::Gateway);
    }

    /// The rights of functions that put events, and the names of the buses: a right on a bus refers to no resource.
    fn producers(&mut self) {
        let puts = |id: &&str| {
            let sides = [self.pair.new.get(*id), self.pair.deployed.get(*id)].into_iter().flatten();
            let mut rights =
                sides.flat_map(|one| enabling(one).iter().filter_map(|name| one.get("Properties")?.get(name)));
            rights.any(|value| holds(value, PUT_EVENTS))
        };
        let entities: BTreeSet<&str> = self.pair.ids().filter(puts).map(|id| self.pair.entity(id)).collect();
        for id in self.pair.ids().filter(|id| entities.contains(self.pair.entity(id))) {
            if let (Some(_), Some(new)) = (self.pair.deployed.get(id), self.pair.new.get(id)) {
                let names: BTreeSet<String> = enabling(new).iter().map(|name| (*name).to_owned()).collect();
                if !names.is_empty() {
                    self.take(id, Part::Properties(names), Reason::Rights);
                }
            }
        }
    }

    /// What is referred to and is not there, with the rest of its entity.
    fn needed(&mut self) -> bool {
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        for (id, part) in &*self.taken {
            let Some(resource) = self.pair.result(id, Some(part)) else { continue };
            each_with_order(&resource, &mut |name| {
                let is_there = self.pair.deployed.contains_key(name) || self.taken.contains_key(name);
                if let Some((name, _)) = self.pair.new.get_key_value(name).filter(|_| !is_there) {
                    missing.insert(name);
                }
            });
        }
        let entities: BTreeSet<&str> = missing.iter().map(|id| self.pair.entity(id)).collect();
        let ids: Vec<&str> = self.pair.new.keys().copied().collect();
        let is_new = |id: &&str| !self.pair.deployed.contains_key(*id) && entities.contains(self.pair.entity(id));
        let ids: Vec<&str> = ids.into_iter().filter(|id| missing.contains(id) || is_new(id)).collect();
        ids.into_iter().fold(false, |news, id| self.take(id, Part::Whole, Reason::Needed) | news)
    }

    /// What refers to something that is removed: the properties that do, else all of it.
    fn orphaned(&mut self) -> bool {
        let removed: BTreeSet<&str> = self.removed().collect();
        let mut found: Vec<(&str, Part)> = Vec::new();
        for id in self.pair.ids() {
            let part = self.taken.get(id);
            let Some(resource) = self.pair.result(id, part).filter(|_| part != Some(&Part::Whole)) else { continue };
            let refers = |value: &Value| {
                let mut found = false;
                each_with_order(value, &mut |name| found |= removed.contains(name));
                found
            };
            if !refers(&resource) {
                continue;
            }
            let properties = resource.get("Properties").and_then(Value::as_object).into_iter().flatten();
            let names: BTreeSet<String> =
                properties.filter(|(_, value)| refers(value)).map(|(name, _)| name.clone()).collect();
            let is_ordered = resource.get("DependsOn").is_some_and(|order| refers(&depends_on(order)));
            let stays = self.pair.new.contains_key(id) && !is_ordered;
            found.push((id, if stays { Part::Properties(names) } else { Part::Whole }));
        }
        found.into_iter().fold(false, |news, (id, part)| self.take(id, part, Reason::Orphaned) | news)
    }

    /// What is taken and only the deployed template has.
    fn removed(&self) -> impl Iterator<Item = &str> {
        self.taken.keys().map(String::as_str).filter(|id| !self.pair.new.contains_key(id))
    }

    /// Rights on, and environment variables for, what is newly there.
    fn rights(&mut self) -> bool {
        let is_added = |id: &str| {
            let is_new = self.pair.new.contains_key(id) && !self.pair.deployed.contains_key(id);
            is_new && self.taken.contains_key(id)
        };
        let mut found: Vec<(&str, BTreeSet<String>)> = Vec::new();
        for (id, new) in &self.pair.new {
            if !self.pair.deployed.contains_key(id) || self.taken.get(*id) == Some(&Part::Whole) {
                continue;
            }
            let is_meant = |name: &&&str| {
                let mut found = false;
                let value = new.get("Properties").and_then(|properties| properties.get(**name));
                value.into_iter().for_each(|value| reference::each(value, &mut |id| found |= is_added(id)));
                found
            };
            let names: BTreeSet<String> =
                enabling(new).iter().filter(is_meant).map(|name| (*name).to_owned()).collect();
            if !names.is_empty() {
                found.push((id, names));
            }
        }
        let parts = found.into_iter().map(|(id, names)| (id, Part::Properties(names)));
        parts.fold(false, |news, (id, part)| self.take(id, part, Reason::Rights) | news)
    }

    /// All that is deployed with a new deployment of a REST API: it copies the API as it stands.
    fn deployed(&mut self) -> bool {
        let is_new_deployment = |id: &&String| {
            let new = self.pair.new.get(id.as_str()).filter(|_| !self.pair.deployed.contains_key(id.as_str()));
            new.is_some_and(|resource| type_of(resource) == "AWS::ApiGateway::Deployment")
        };
        let mut entities: BTreeSet<&str> = BTreeSet::new();
        for id in self.taken.keys().filter(is_new_deployment) {
            let Some(resource) = self.pair.new.get(id.as_str()) else { continue };
            each_with_order(resource, &mut |name| _ = entities.insert(self.pair.entity(name)));
        }
        entities.remove("");
        self.take_entities(&entities, Reason::Deployed)
    }
}

/// Whether a value holds a text.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(other) => other == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(map) => map.values().any(|value| holds(value, text)),
        _ => false,
    }
}

/// The properties that make something else usable.
fn enabling(resource: &Value) -> &'static [&'static str] {
    match type_of(resource) {
        "AWS::IAM::Role" => &RIGHTS,
        "AWS::IAM::ManagedPolicy" => &["PolicyDocument"],
        "AWS::Lambda::Function" => &["Environment"],
        _ => &[],
    }
}

/// Gives each logical id that a resource refers to, by `DependsOn` as well.
fn each_with_order(resource: &Value, tell: &mut dyn FnMut(&str)) {
    reference::each(resource, tell);
    resource.get("DependsOn").into_iter().for_each(|order| reference::each(&depends_on(order), tell));
}

/// What `DependsOn` names, as references.
fn depends_on(order: &Value) -> Value {
    let reference = |id: &Value| serde_json::json!({ "Ref": id });
    match order {
        Value::Array(ids) => ids.iter().map(reference).collect(),
        id => reference(id),
    }
}
