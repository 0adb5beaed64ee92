//! Who hears what becomes of a stack, and says what is to be done when the user interrupts.

use super::Event;
use tc_core::diagnostic::Diagnostic;
use tokio::sync::oneshot;

/// What is done to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ongoing {
    /// It is made.
    Creation,
    /// It is changed.
    Update,
    /// It is deleted, which cannot be cancelled.
    Deletion,
}

/// What a user who interrupts wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// To go on as if nothing had been.
    GoOn,
    /// That what is done is undone.
    Cancel,
    /// To leave; CloudFormation goes on by itself.
    Detach,
}

/// Takes the answer to what a user wants who interrupted. Dropped without one, it is [`Interruption::Detach`].
#[derive(Debug)]
pub struct Answer(pub(super) oneshot::Sender<Interruption>);

impl Answer {
    /// Gives it.
    pub fn give(self, interruption: Interruption) {
        // Nobody waits for it any more who has interrupted again.
        let _ = self.0.send(interruption);
    }
}

/// Hears what becomes of a stack.
pub trait Listener {
    /// Something happened.
    fn event(&mut self, event: &Event);

    /// CloudFormation does not answer, for this reason, and is asked again.
    fn silence(&mut self, reason: &Diagnostic);

    /// The user interrupted. The answer may be given later, and by another thread.
    fn interrupted(&mut self, ongoing: Ongoing, answer: Answer);

    /// What was to be cancelled goes on, for this reason.
    fn not_cancelled(&mut self, reason: &Diagnostic);
}

/// Hears nothing; who interrupts leaves.
pub(crate) struct Silent;

impl Listener for Silent {
    fn event(&mut self, _: &Event) {}

    fn silence(&mut self, _: &Diagnostic) {}

    fn interrupted(&mut self, _: Ongoing, answer: Answer) {
        answer.give(Interruption::Detach);
    }

    fn not_cancelled(&mut self, _: &Diagnostic) {}
}
