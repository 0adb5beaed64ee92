//! A route waits no longer than its gateway can, and its target is done before it stops waiting.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::route as codes};
use crate::ir::{Function, GatewayKind, Route, StateMachineType, Target};
use crate::source::{Node, Span};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for route in subject.topology.routes.values() {
        let Some(gateway) = subject.topology.gateways.get(&route.gateway.value) else { continue };
        let limit = gateway.kind.timeout_limit();
        let wait = route.timeout.as_ref().map_or(limit, |timeout| timeout.value);
        if wait > limit {
            findings.push(over_limit(route, gateway.kind, wait));
            if gateway.kind == GatewayKind::Http {
                continue;
            }
        }
        if !route.is_async {
            findings.extend(outlasted(subject, route, wait, limit));
        }
    }
}

fn over_limit(route: &Route, kind: GatewayKind, wait: u32) -> Diagnostic {
    let limit = kind.timeout_limit();
    let span = route.timeout.as_ref().map_or(route.span, |timeout| timeout.span);
    let message = format!("the route `{}` waits {wait} s, but a {} waits at most {limit} s", route.key, kind.title());
    match kind {
        GatewayKind::Http => Diagnostic::new(&codes::ROUTE_TIMEOUT, span, message)
            .help(format!("write `timeout: {limit}` or less, or `async: true` to answer at once")),
        GatewayKind::Rest => {
            let message = format!("{message} unless its quota is raised");
            Diagnostic::new(&codes::RAISED_TIMEOUT, span, message).help(format!(
                "raise the integration timeout of API Gateway in Service Quotas before the deploy, or write \
                 `timeout: {limit}` or `async: true`"
            ))
        }
    }
}

/// What may run longer than the route waits: a function with a time-out of its own, or an Express flow, whose end an API
/// waits for. A Standard flow is only started.
fn outlasted(subject: &Subject<'_>, route: &Route, wait: u32, limit: u32) -> Option<Diagnostic> {
    match &route.target {
        Target::Function(name) => {
            let function = subject.topology.functions.get(&name.value).filter(|f| exceeds(f, wait))?;
            let seconds = function.timeout.value;
            Some(finding(route, &format!("`{}`", name.value), function.timeout.span, seconds, wait, limit))
        }
        Target::Flow(_) => {
            let flow = subject.topology.flow.as_ref()?;
            let timeout = flow.definition.get("TimeoutSeconds")?;
            let seconds = seconds(timeout)?;
            let waits = flow.state_machine_type == StateMachineType::Express;
            (waits && seconds > wait).then(|| finding(route, "the flow", timeout.span, seconds, wait, limit))
        }
        Target::Queue(_) | Target::Event(_) | Target::Mutation(_) | Target::Topology(_) => None,
    }
}

fn exceeds(function: &Function, wait: u32) -> bool {
    function.timeout_is_explicit && function.timeout.value > wait
}

fn finding(route: &Route, what: &str, place: Span, seconds: u32, wait: u32, limit: u32) -> Diagnostic {
    let span = route.timeout.as_ref().map_or(route.span, |timeout| timeout.span);
    let message = format!("{what} may run {seconds} s, but the route `{}` waits {wait} s", route.key);
    let raise = if seconds <= limit { format!(", write `timeout: {seconds}` at the route") } else { String::new() };
    Diagnostic::new(&codes::ROUTE_OUTLASTED, span, message)
        .label(format!("waits {wait} s"))
        .also(place, format!("may run {seconds} s"))
        .help(format!("lower the time-out of {what} to {wait}{raise}, or write `async: true` to answer at once"))
}

/// The number of seconds that a node holds, where it is one.
pub(super) fn seconds(node: &Node) -> Option<u32> {
    u32::try_from(node.as_number()?.as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::check;

    fn run(route: &str, timeout: &str) -> Vec<String> {
        let topology = format!("name: etl\nroutes:\n  /a: {{function: a, {route}}}\n");
        let function = format!("{{\"runtime\": {{{timeout}}}}}");
        let handler = "def handler(event, context): pass\n";
        testing::check(check, &[("topology.yml", &topology), ("a/handler.py", handler), ("a/function.json", &function)])
    }

    #[test]
    fn an_http_api_waits_thirty_seconds() {
        assert_eq!(run("timeout: 30", ""), [""; 0]);
        assert_eq!(
            run("timeout: 31", ""),
            ["TC0301 error the route `/a` waits 31 s, but a HTTP API waits at most 30 s @31; write `timeout: 30` or \
              less, or `async: true` to answer at once"]
        );
    }

    #[test]
    fn a_rest_api_may_have_a_raised_quota() {
        assert_eq!(run("kind: rest, timeout: 29", ""), [""; 0]);
        let found = run("kind: rest, timeout: 60", "\"timeout\": 60");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("TC0302 warning the route `/a` waits 60 s, but a REST API waits at most 29 s unless")
        );
    }

    #[test]
    fn a_function_must_be_done_before_its_route_stops_waiting() {
        assert_eq!(
            run("timeout: 10", "\"timeout\": 20"),
            [
                "TC0303 warning `a` may run 20 s, but the route `/a` waits 10 s @10; lower the time-out of `a` to 10, write \
              `timeout: 20` at the route, or write `async: true` to answer at once"
            ]
        );
        assert_eq!(run("timeout: 10", ""), [""; 0], "the default of a function is no choice of the author");
        assert_eq!(run("timeout: 10, async: true", "\"timeout\": 20"), [""; 0]);
        let found = run("method: GET", "\"timeout\": 60");
        assert!(found[0].contains("waits 30 s @/a; lower the time-out of `a` to 30, or write `async"), "{found:?}");
    }

    #[test]
    fn the_end_of_an_express_flow_is_waited_for() {
        let text = |mode: &str| {
            format!(
                "mode: {mode}\nroutes:\n  /a: {{proxy: none, method: POST}}\nflow:\n  StartAt: s\n  TimeoutSeconds: 60\n  \
                 States: {{s: {{Type: Succeed}}}}\n"
            )
        };
        assert_eq!(testing::check_topology(check, &text("Standard")), [""; 0]);
        let found = testing::check_topology(check, &text("Express"));
        assert!(
            found[0].starts_with("TC0303 warning the flow may run 60 s, but the route `/a` waits 30 s @/a"),
            "{found:?}"
        );
    }
}
