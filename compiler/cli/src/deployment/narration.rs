//! What is told while a stack changes: a line an entity, with the time; on a terminal, below it, what is being done.

use crate::deployment::board::Board;
use crate::deployment::{clock, interruption};
use crate::shell::Shell;
use crate::size;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use tc_core::backend::difference::{Action, Difference};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;
use tc_deploy::follow::{Answer, Event, Listener, Ongoing, Phase, Verb};
use tc_package::Artifact;

/// What an entity's resources have come to.
#[derive(Debug, Default)]
struct Progress {
    /// The logical ids that are not done.
    open: BTreeSet<String>,
    /// Whether something has happened to one of them.
    has_begun: bool,
    /// What is done to the entity: the first thing that was done to one of its resources.
    verb: Option<Verb>,
    /// What was to be done to all of its resources alike.
    wanted: Option<Verb>,
}

/// A resource that will change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its logical id.
    pub logical_id: String,
    /// The entity it comes from.
    pub entity: String,
    /// What is to be done to it.
    pub verb: Verb,
}

impl From<&Difference> for Expected {
    fn from(change: &Difference) -> Self {
        let verb = match change.action {
            Action::Add => Verb::Create,
            Action::Modify | Action::Other => Verb::Update,
            Action::Remove => Verb::Delete,
        };
        Self { logical_id: change.logical_id.clone(), entity: change.entity.clone(), verb }
    }
}

/// Tells of the entities of a stack as their last resource is done.
pub struct Narration<'a> {
    topology: &'a Topology,
    artifacts: &'a BTreeMap<String, Artifact>,
    /// The entity of each resource, by its logical id.
    entities: BTreeMap<String, String>,
    progress: BTreeMap<String, Progress>,
    is_undoing: bool,
    /// What AWS kept where it could have deleted it: logical and physical ids.
    kept: Vec<(String, String)>,
    shell: &'a mut Shell,
    is_read_by_people: bool,
    board: Option<Board>,
    started: Instant,
}

impl<'a> Narration<'a> {
    /// Of resources that will change.
    pub fn new(
        topology: &'a Topology,
        artifacts: &'a BTreeMap<String, Artifact>,
        resources: impl IntoIterator<Item = Expected>,
        shell: &'a mut Shell,
        is_read_by_people: bool,
    ) -> Self {
        let mut entities = BTreeMap::new();
        let mut progress: BTreeMap<String, Progress> = BTreeMap::new();
        for Expected { logical_id, entity, verb } in resources {
            let progress = progress.entry(entity.clone()).or_default();
            let is_first = progress.open.is_empty();
            progress.wanted = Some(verb).filter(|verb| is_first || progress.wanted == Some(*verb));
            progress.open.insert(logical_id.clone());
            entities.insert(logical_id, entity);
        }
        let is_shown = is_read_by_people && shell.is_terminal();
        let board = is_shown.then(|| Board::new(entities.len())).flatten();
        Self {
            topology,
            artifacts,
            entities,
            progress,
            is_undoing: false,
            kept: Vec::new(),
            shell,
            is_read_by_people,
            board,
            started: Instant::now(),
        }
    }

    /// Tells what is left once all is well, and what was done: "Created". Resources that turned out not to change have no events, and for what an
    /// update removes there need not be one before the stack is called complete.
    pub fn end(&mut self, what: &str) -> Vec<(String, String)> {
        let left = self.progress.iter().filter(|(_, progress)| !progress.open.is_empty());
        let verb = |progress: &Progress| match progress.verb.filter(|_| progress.has_begun) {
            Some(verb) => Some(verb),
            None => progress.wanted.filter(|verb| *verb == Verb::Delete),
        };
        let left: Vec<_> = left.filter_map(|(entity, progress)| Some((entity.clone(), verb(progress)?))).collect();
        for (entity, verb) in left {
            self.done(&entity, verb);
        }
        self.board = None;
        self.line(&format!("{what} {} in {:.1} s", self.topology.functor(), self.started.elapsed().as_secs_f64()));
        std::mem::take(&mut self.kept)
    }

    fn done(&mut self, entity: &str, verb: Verb) {
        let name = self.name(entity);
        let artifact = entity.strip_prefix("functions/").and_then(|function| self.artifacts.get(function));
        let result = match artifact.filter(|_| verb != Verb::Delete) {
            Some(artifact) => size::human(artifact.size),
            None => "OK".to_owned(),
        };
        self.line(&format!("{} {name} ({result})", word(verb)));
    }

    /// An entity as people know it: functions and the flow by their names in AWS, routes by their paths.
    fn name(&self, entity: &str) -> String {
        let (kind, name) = entity.split_once('/').unwrap_or((entity, ""));
        let topology = self.topology;
        match kind {
            "functions" => format!("function {}", topology.function_name(name).text),
            "routes" => {
                let path = topology.routes.get(name).map(|route| route.path.as_str());
                format!("route {}", path.unwrap_or(name))
            }
            "flow" => format!("flow {}", topology.state_machine_name().text),
            "" => "what no entity stands for".to_owned(),
            // `queues/jobs`, as the other kinds are called.
            kind => format!("{} {name}", kind.strip_suffix('s').unwrap_or(kind)),
        }
    }

    /// Shows what is being done to a resource, or that it is done.
    fn show(&mut self, event: &Event) {
        let Some(board) = &mut self.board else { return };
        if event.phase != Phase::Begun {
            board.end(&event.logical_id);
            return;
        }
        let entity = self.entities.get(&event.logical_id).map_or("", String::as_str);
        let verb = if self.is_undoing { "Undoing" } else { word(event.verb) };
        board.begin(&event.logical_id, verb, format!("{entity}  {}  {}", event.logical_id, event.resource_type));
    }

    fn line(&mut self, text: &str) {
        match &self.board {
            _ if !self.is_read_by_people => {}
            Some(board) => board.print(&format!("{} {text}", clock::now())),
            None => self.shell.err(&format!("{} {text}\n", clock::now())),
        }
    }
}

impl Listener for Narration<'_> {
    fn event(&mut self, event: &Event) {
        if event.is_of_stack {
            let undoes = event.verb == Verb::RollBack && event.phase == Phase::Begun;
            if undoes && !self.is_undoing {
                self.is_undoing = true;
                self.line("Undoing what was done...");
            }
            return;
        }
        if event.phase == Phase::Kept {
            self.kept.push((event.logical_id.clone(), event.physical_id.clone().unwrap_or_default()));
        }
        self.show(event);
        if self.is_undoing {
            return;
        }
        let Some(entity) = self.entities.get(&event.logical_id).cloned() else { return };
        let Some(progress) = self.progress.get_mut(&entity) else { return };
        progress.has_begun = true;
        // What is done to all of an entity's resources alike is done to the entity.
        let verb = *progress.verb.get_or_insert(progress.wanted.unwrap_or(event.verb));
        match event.phase {
            Phase::Done | Phase::Kept => {
                if progress.open.remove(&event.logical_id) && progress.open.is_empty() {
                    self.done(&entity, verb);
                }
            }
            Phase::Failed => {
                let name = self.name(&entity);
                self.line(&format!("{} {name} (failed)", word(verb)));
            }
            Phase::Begun | Phase::Cancelled => {}
        }
    }

    fn silence(&mut self, reason: &Diagnostic) {
        self.line(&format!("No answer ({}); asking again", reason.message));
    }

    fn interrupted(&mut self, ongoing: Ongoing, answer: Answer) {
        if let Some(board) = &self.board {
            board.hide();
        }
        interruption::ask(ongoing, answer, self.shell);
    }

    fn not_cancelled(&mut self, reason: &Diagnostic) {
        self.line(&format!("It cannot be cancelled any more: {}", reason.message));
    }
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "Creating",
        Verb::Update => "Updating",
        Verb::Delete => "Deleting",
        Verb::RollBack => "Undoing",
    }
}
