//! The values of parameters, where others share them with a component.

use super::{Part, Partial, reference, type_of};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

impl Partial {
    /// The parameters that the component refers to, and that are therefore looked up. The others keep their values.
    pub fn parameters(&self) -> BTreeSet<String> {
        let mut referred = BTreeSet::new();
        let resources = self.template.get("Resources").and_then(Value::as_object).into_iter().flatten();
        for (id, resource) in resources {
            let mut tell = |value| reference::each(value, &mut |name| _ = referred.insert(name.to_owned()));
            match self.bound(id, resource) {
                None => {}
                Some(Part::Whole) => tell(resource),
                Some(Part::Properties(names)) => {
                    let properties = resource.get("Properties").and_then(Value::as_object).into_iter().flatten();
                    properties.filter(|(name, _)| names.contains(*name)).for_each(|(_, value)| tell(value));
                }
            }
        }
        referred.retain(|name| self.declaration(name).is_some());
        referred
    }

    /// Gives the parameters their values: `new` those of [`Self::parameters`], the others what they have. Where others
    /// refer to a parameter that gets another value, such as a layer's next version, the old one is written into these,
    /// so that they stay as they are.
    pub fn bind(
        &mut self,
        deployed: &BTreeMap<String, String>,
        new: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let names: Vec<String> = self
            .template
            .get("Parameters")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let mut values = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for name in names {
            match (new.get(&name), deployed.get(&name)) {
                (Some(value), old) => {
                    if let Some(old) = old.filter(|old| *old != value) {
                        kept.insert(name.clone(), self.literal(&name, old));
                    }
                    values.insert(name, value.clone());
                }
                (None, Some(old)) => _ = values.insert(name, old.clone()),
                // It has a default.
                (None, None) => {}
            }
        }
        if !kept.is_empty() {
            self.keep(&kept);
        }
        values
    }

    fn keep(&mut self, kept: &BTreeMap<String, Value>) {
        let resources = self.template.get("Resources").and_then(Value::as_object).cloned().unwrap_or_default();
        let kept = resources.into_iter().map(|(id, mut resource)| {
            match self.bound(&id, &resource) {
                Some(Part::Whole) => {}
                None => fill(&mut resource, kept),
                Some(Part::Properties(names)) => {
                    let properties = resource.get_mut("Properties").and_then(Value::as_object_mut);
                    let others = properties.into_iter().flatten().filter(|(name, _)| !names.contains(*name));
                    others.for_each(|(_, value)| fill(value, kept));
                }
            }
            (id, resource)
        });
        let kept: Map<String, Value> = kept.collect();
        if let Some(section) = self.template.get_mut("Resources") {
            *section = kept.into();
        }
    }

    /// What of a resource gets the new values of parameters: what is taken. The description of a version names layers by
    /// their parameters, and goes with the function.
    fn bound(&self, id: &str, resource: &Value) -> Option<&Part> {
        let function = resource.pointer("/Properties/FunctionName/Ref").and_then(Value::as_str);
        match function.filter(|_| type_of(resource) == "AWS::Lambda::Version").and_then(|id| self.taken.get(id)) {
            Some(Part::Properties(names)) if !names.contains("Layers") => None,
            _ => self.taken.get(id),
        }
    }

    /// A parameter's value as it stands in a property.
    fn literal(&self, name: &str, value: &str) -> Value {
        let kind = self.declaration(name).and_then(|one| one.get("Type")).and_then(Value::as_str).unwrap_or_default();
        match kind == "CommaDelimitedList" || kind.starts_with("List<") {
            true => value.split(',').map(|item| Value::from(item.trim())).collect(),
            false => value.into(),
        }
    }

    fn declaration(&self, name: &str) -> Option<&Value> {
        self.template.get("Parameters")?.get(name)
    }
}

/// Puts values where a value refers to them.
fn fill(value: &mut Value, values: &BTreeMap<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Value::Object(map) => {
            if let Some(known) = referred(map).and_then(|name| values.get(name)) {
                *value = known.clone();
                return;
            }
            if let Some(Value::String(text)) = map.get_mut("Fn::Sub") {
                for (name, value) in values {
                    let value = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
                    *text = text.replace(&format!("${{{name}}}"), &value);
                }
                return;
            }
            map.values_mut().for_each(|value| fill(value, values));
        }
        _ => {}
    }
}

fn referred(map: &Map<String, Value>) -> Option<&str> {
    map.get("Ref").filter(|_| map.len() == 1).and_then(Value::as_str)
}
