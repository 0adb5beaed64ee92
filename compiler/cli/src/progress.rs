//! What is being done, while it is done: on a terminal a line a layer that changes, else one line where a layer begins.

use crate::shell::Shell;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tc_package::layer::install::Progress;

/// How often a line moves though nothing is new, so that it is seen to be alive.
const TICK: Duration = Duration::from_millis(120);

/// Shows the progress of layers on standard error.
pub struct LayerProgress<'a> {
    shell: Mutex<&'a mut Shell>,
    /// The lines on a terminal.
    terminal: Option<Terminal>,
    /// The layers that were begun, with their lines on a terminal.
    begun: Mutex<BTreeMap<String, Option<ProgressBar>>>,
    is_silent: bool,
}

struct Terminal {
    lines: MultiProgress,
    /// How many layers are done.
    total: ProgressBar,
}

impl<'a> LayerProgress<'a> {
    /// Of `count` layers; nothing is shown if people do not read what is printed.
    pub fn new(shell: &'a mut Shell, count: usize, is_read_by_people: bool) -> Self {
        let terminal = (is_read_by_people && shell.is_terminal()).then(|| {
            let lines = MultiProgress::new();
            let total = lines.add(ProgressBar::new(count as u64));
            // The template is a constant, which a test below reads.
            total.set_style(style(TOTAL).progress_chars("=> "));
            Terminal { lines, total }
        });
        Self { shell: Mutex::new(shell), terminal, begun: Mutex::default(), is_silent: !is_read_by_people }
    }
}

const TOTAL: &str = "   [{bar:30}] {pos}/{len}";
const LINE: &str = " {spinner} {prefix} {wide_msg} {elapsed}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for LayerProgress<'_> {
    fn step(&self, layer: &str, step: &str) {
        if self.is_silent {
            return;
        }
        let mut begun = lock(&self.begun);
        match (&self.terminal, begun.get(layer)) {
            (Some(_), Some(Some(line))) => line.set_message(step.to_owned()),
            (Some(terminal), _) => {
                let line = ProgressBar::new_spinner().with_style(style(LINE)).with_prefix(layer.to_owned());
                let line = terminal.lines.insert_before(&terminal.total, line);
                line.set_message(step.to_owned());
                line.enable_steady_tick(TICK);
                begun.insert(layer.to_owned(), Some(line));
            }
            (None, Some(_)) => {}
            (None, None) => {
                lock(&self.shell).err(&format!("{layer}: {step}\n"));
                begun.insert(layer.to_owned(), None);
            }
        }
    }

    fn done(&self, layer: &str, _is_built: bool) {
        if let Some(Some(line)) = lock(&self.begun).remove(layer) {
            line.finish_and_clear();
        }
        if let Some(terminal) = &self.terminal {
            terminal.total.inc(1);
        }
    }
}

impl Drop for LayerProgress<'_> {
    fn drop(&mut self) {
        if let Some(terminal) = &self.terminal {
            terminal.total.finish_and_clear();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking thread left behind is still true.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_sound() {
        assert!([TOTAL, LINE].into_iter().all(|template| ProgressStyle::with_template(template).is_ok()));
    }
}
