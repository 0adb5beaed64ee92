//! What is to be started.

use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::run as codes;
use tc_core::ir::{ConsumedEvent, Flow, Route, Topology};
use tc_core::suggest;

/// A component of a topology that can be started.
#[derive(Debug, Clone, Copy)]
pub enum Component<'t> {
    /// The state machine.
    Flow(&'t Flow),
    /// A function, by its name in the topology.
    Function(&'t str),
    /// A route.
    Route(&'t Route),
    /// An event that starts something here.
    Event(&'t ConsumedEvent),
}

/// The component of a name; the flow where there is none.
///
/// # Errors
/// When the topology has no such.
pub fn find<'t>(topology: &'t Topology, name: Option<&str>) -> Result<Component<'t>, Box<Diagnostic>> {
    let flow = topology.flow.as_ref().map(Component::Flow);
    let Some(name) = name else {
        return flow.ok_or_else(|| {
            let message = format!("`{}` has no flow, and nothing says what else to start", *topology.name);
            let finding = Diagnostic::without_place(&codes::NOT_INVOKED, message);
            Box::new(finding.help(format!("name it: {}", names(topology).join(", "))))
        });
    };
    let (kind, own) = name.split_once('/').unwrap_or(("functions", name));
    let found = match kind {
        "functions" if name == "flow" => flow,
        "functions" => topology.functions.get_key_value(own).map(|(name, _)| Component::Function(name)),
        "routes" => topology.routes.get(own).map(Component::Route),
        "events" => topology.consumes.get(own).map(Component::Event),
        _ => None,
    };
    found.ok_or_else(|| {
        let message = format!("`{}` has nothing to start that is called `{name}`", *topology.name);
        let all = names(topology);
        let all = all.iter().map(|name| name.trim_start_matches("-c "));
        let own = all.clone().filter_map(|name| name.strip_prefix("functions/"));
        let near = suggest::nearest(name, own.chain(all.clone())).map(|near| format!("did you mean `{near}`?"));
        let help = near.or_else(|| suggest::help(name, "there are", all));
        Box::new(Diagnostic::without_place(&codes::NOT_INVOKED, message).help_opt(help))
    })
}

/// What can be started, as it is typed.
fn names(topology: &Topology) -> Vec<String> {
    let flow = topology.flow.iter().map(|_| "flow".to_owned());
    let functions = topology.functions.keys().map(|name| format!("functions/{name}"));
    let routes = topology.routes.keys().map(|name| format!("routes/{name}"));
    let events = topology.consumes.keys().map(|name| format!("events/{name}"));
    flow.chain(functions).chain(routes).chain(events).map(|name| format!("-c {name}")).collect()
}
