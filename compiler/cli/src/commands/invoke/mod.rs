//! `tc invoke`: what is deployed, started.

mod component;

use crate::args;
use crate::payload::{self, Payload};
use crate::shell::Shell;
use crate::site::{self, Site};
use component::Component;
use std::path::PathBuf;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::run as codes;
use tc_core::graph::{EntityId, EntityKind, logical_id};
use tc_core::ir::{ConsumedEvent, Flow, Route, StateMachineType, Topology};
use tc_core::source::Node;
use tc_deploy::Connection;
use tc_deploy::run::flow::Outcome;
use tc_deploy::run::route::Request;
use tc_deploy::run::{self, Failure};
use tc_deploy::standing::Standing;

/// The `source` of an event where its rule takes any.
const SOURCE: &str = "tc";

/// Start the flow of a sandbox, or one function, route or event of it
///
/// Without `--sync` it prints at once what the execution is called. With it, the states are told as they are entered, with
/// the seconds since the beginning, and the output is printed; where it fails, the state that failed and why. A route is
/// always waited for.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The sandbox
    #[arg(short, long, value_parser = args::sandbox)]
    sandbox: String,

    /// The environment
    #[arg(short, long, value_parser = args::environment)]
    env: String,

    /// What it is handed: a file, JSON, `-` for standard input, or `s3://BUCKET/KEY` [default: {}]
    #[arg(short, long, value_name = "PAYLOAD", allow_hyphen_values = true)]
    payload: Option<String>,

    /// Wait for the end, and print the output
    #[arg(long)]
    sync: bool,

    /// What is started: functions/NAME, routes/KEY or events/NAME [default: flow]
    #[arg(short, long, value_name = "COMPONENT")]
    component: Option<String>,
}

/// A start that is under way.
struct Start<'a> {
    topology: &'a Topology,
    connection: &'a Connection,
    sandbox: &'a Standing,
    payload: &'a str,
    waits: bool,
}

/// Starts a component.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let site = match Site::read(&arguments.directory, Some(&arguments.sandbox), Some(&arguments.env)) {
        Ok(site) => site,
        Err(report) => return site::refuse(*report, shell),
    };
    match arguments.start(&site, shell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(finding) => site::refuse(*site.report(*finding), shell),
    }
}

impl Arguments {
    fn start(&self, site: &Site, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let component = component::find(&site.topology, self.component.as_deref())?;
        self.check(component)?;
        let payload = Payload::read(self.payload.as_deref())?;
        if let Payload::Text(text) = &payload {
            check_detail(component, text)?;
        }
        let connection = site.connect()?;
        let payload = match payload {
            Payload::Text(text) => text,
            Payload::Object(address) => {
                let text = address.fetch(&connection)?;
                payload::check(&text, &format!("`{address}`"))?;
                check_detail(component, &text)?;
                text
            }
        };
        let sandbox = site.sandbox(&connection)?;
        let start = Start {
            topology: &site.topology,
            connection: &connection,
            sandbox: &sandbox,
            payload: &payload,
            waits: self.sync,
        };
        match component {
            Component::Flow(flow) => start.flow(flow, shell),
            Component::Function(name) => start.function(name, shell),
            Component::Route(route) => start.route(route, shell),
            Component::Event(event) => start.event(event, shell),
        }
    }

    /// Refuses what cannot be, before anything is asked for.
    fn check(&self, component: Component<'_>) -> Result<(), Box<Diagnostic>> {
        let refused = |message: String, help: &str| {
            Err(Box::new(Diagnostic::without_place(&codes::NOT_INVOKED, message).help(help)))
        };
        match component {
            Component::Event(event) if self.sync => {
                let message = format!("what the event `{}` starts cannot be waited for", event.name);
                refused(message, "leave out `--sync`; `tc logs --follow` shows what the functions write")
            }
            Component::Route(route) if route.path.contains('{') || route.path.starts_with('$') => {
                let message = format!("the path of the route `{}` is not known: `{}`", route.key, *route.path);
                refused(message, "ask it by `curl`; `tc list` with the sandbox shows the URL")
            }
            _ => Ok(()),
        }
    }
}

/// Checks that what an event is to carry is an object, as EventBridge wants it.
fn check_detail(component: Component<'_>, payload: &str) -> Result<(), Box<Diagnostic>> {
    match component {
        Component::Event(event) if !payload.trim_start().starts_with('{') => {
            let message = format!("the payload of the event `{}` is no object", event.name);
            Err(Box::new(Diagnostic::without_place(&codes::BAD_PAYLOAD, message).help("nothing was started")))
        }
        _ => Ok(()),
    }
}

impl Start<'_> {
    fn flow(&self, flow: &Flow, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let machine = self.output("FlowArn", "the flow")?;
        if self.waits && flow.state_machine_type == StateMachineType::Express {
            return ended(run::flow::run_express(self.connection, machine, self.payload)?, flow, shell);
        }
        let execution = run::flow::start(self.connection, machine, self.payload)?;
        if !self.waits {
            shell.out(&format!("{}\n", execution.name));
            return Ok(());
        }
        shell.err(&format!("{} {}\n", self.topology.state_machine_name().text, execution.name));
        let outcome = run::flow::follow(self.connection, &execution, &mut |state, seconds| {
            shell.err(&format!("{seconds:>9.2} s  {state}\n"));
        });
        ended(outcome?, flow, shell)
    }

    fn function(&self, name: &str, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let physical = self.topology.function_name(name).text;
        if !self.waits {
            let id = run::function::hand_over(self.connection, &physical, self.payload)?;
            shell.out(&format!("{id}\n"));
            return Ok(());
        }
        match run::function::call(self.connection, &physical, self.payload)? {
            Ok(output) => print(&output, shell),
            Err(failure) => return Err(Box::new(failed(&format!("the function `{name}`"), &failure))),
        }
        Ok(())
    }

    fn route(&self, route: &Route, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let gateway = EntityId::new(EntityKind::Gateway, &route.gateway.value);
        let output = format!("{}Url", logical_id::of(&gateway));
        let url = self.output(&output, &format!("the gateway `{}`", *route.gateway))?;
        let url = format!("{url}{}", *route.path);
        let method = match route.method.as_str() {
            "ANY" => "POST",
            method => method,
        };
        let kind = self.topology.gateways.get(&route.gateway.value).map(|gateway| gateway.kind);
        let body = route.method.has_body().then_some(self.payload);
        let request = Request { kind: kind.unwrap_or(tc_core::ir::GatewayKind::Http), method, url: &url, body };
        let answer = run::route::ask(self.connection, request)?;
        print(&answer.body, shell);
        if answer.status < 400 {
            return Ok(());
        }
        let message = format!("`{method} {url}` answered with the status {}", answer.status);
        Err(Box::new(Diagnostic::new(&codes::RUN_FAILED, route.span, message)))
    }

    fn event(&self, event: &ConsumedEvent, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let pattern = event.rule_pattern();
        let first = |key: &str| first_text(pattern.get(key)?);
        let put = run::event::Event {
            detail_type: first("detail-type").unwrap_or(&event.name),
            source: first("source").unwrap_or(SOURCE),
            detail: self.payload,
            bus: event.bus.as_ref().map(|bus| bus.value.as_str()),
        };
        let id = run::event::put(self.connection, put)?;
        shell.out(&format!("{id}\n"));
        Ok(())
    }

    /// An output of the stack. `what` it stands for: "the flow".
    fn output(&self, name: &str, what: &str) -> Result<&str, Box<Diagnostic>> {
        let output = self.sandbox.outputs.get(name).map(String::as_str);
        output.ok_or_else(|| {
            let Topology { sandbox, env, .. } = self.topology;
            let message = format!("{what} is not in the sandbox `{sandbox}`, whose state is {}", self.sandbox.status);
            let finding = Diagnostic::without_place(&codes::NOT_INVOKED, message);
            Box::new(finding.help(format!("bring it there: `tc update -s {sandbox} -e {env}`")))
        })
    }
}

/// The first text of a list in an event pattern.
fn first_text(list: &Node) -> Option<&str> {
    list.as_list()?.iter().find_map(Node::as_str)
}

/// Prints what an execution came to.
fn ended(outcome: Outcome, flow: &Flow, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
    let seconds = outcome.seconds;
    let failure = match outcome.result {
        Ok(output) => {
            shell.err(&format!("{seconds:>9.2} s  succeeded\n"));
            print(&output, shell);
            return Ok(());
        }
        Err(failure) => failure,
    };
    shell.err(&format!("{seconds:>9.2} s  failed\n\n"));
    let Some(state) = &failure.state else {
        return Err(Box::new(failed("the flow", &failure)));
    };
    let finding = failed(&format!("the state `{state}`"), &failure);
    let states = flow.definition.get("States").and_then(Node::as_map);
    // A state inside of another is not looked for.
    match states.and_then(|states| states.entry(state)) {
        Some(entry) => Err(Box::new(Diagnostic { primary: place(entry.key_span), ..finding })),
        None => Err(Box::new(finding)),
    }
}

fn place(span: tc_core::source::Span) -> Option<tc_core::diagnostic::Label> {
    Some(tc_core::diagnostic::Label { span, text: String::new() })
}

fn failed(what: &str, failure: &Failure) -> Diagnostic {
    let error = if failure.error.is_empty() { "an error".to_owned() } else { format!("`{}`", failure.error) };
    let cause: Vec<&str> = failure.cause.split_whitespace().collect();
    let cause = if cause.is_empty() { String::new() } else { format!(": {}", cause.join(" ")) };
    Diagnostic::without_place(&codes::RUN_FAILED, format!("{what} failed with {error}{cause}"))
        .help("`tc logs` shows what the functions wrote")
}

/// Prints an output as it is, and ends the line.
fn print(output: &str, shell: &mut Shell) {
    shell.out(output.trim_end_matches('\n'));
    shell.out("\n");
}
