//! The live table on a terminal: the resources that are being changed, and how long each has taken.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often a row moves though nothing is new, so that it is seen to be alive.
const TICK: Duration = Duration::from_millis(120);

/// How many resources are shown at once; the others follow as these are done.
const ROWS: usize = 12;

const TOTAL: &str = "   [{bar:30}] {pos}/{len} {elapsed}";
const ROW: &str = " {spinner} {prefix} {wide_msg} {elapsed}";

/// The table.
pub struct Board {
    table: MultiProgress,
    /// How many resources are done.
    total: ProgressBar,
    rows: BTreeMap<String, ProgressBar>,
    /// Resources that there is no room for, and since when they are being changed.
    waiting: BTreeMap<String, (&'static str, String, Instant)>,
}

impl Board {
    /// Of so many resources; `None` where the terminal can show none.
    pub fn new(count: usize) -> Option<Self> {
        let table = MultiProgress::new();
        (!table.is_hidden()).then(|| Self::on(table, count))
    }

    fn on(table: MultiProgress, count: usize) -> Self {
        let total = table.add(ProgressBar::new(count as u64));
        total.set_style(style(TOTAL).progress_chars("=> "));
        total.enable_steady_tick(TICK);
        Self { table, total, rows: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    /// Something is done to a resource: "Creating", and what it is.
    pub fn begin(&mut self, logical_id: &str, verb: &'static str, what: String) {
        if self.rows.contains_key(logical_id) || self.waiting.contains_key(logical_id) {
            return;
        }
        self.waiting.insert(logical_id.to_owned(), (verb, what, Instant::now()));
        self.fill();
    }

    /// It is done, or is not done any more.
    pub fn end(&mut self, logical_id: &str) {
        self.waiting.remove(logical_id);
        if let Some(row) = self.rows.remove(logical_id) {
            row.finish_and_clear();
        }
        self.total.inc(1);
        self.fill();
    }

    /// Prints a line above the table.
    pub fn print(&self, line: &str) {
        // The table comes back after a question.
        self.table.set_draw_target(ProgressDrawTarget::stderr());
        // What a terminal does not take cannot be told to anybody.
        let _ = self.table.println(line);
    }

    /// Makes room for a question, until the next line is printed.
    pub fn hide(&self) {
        let _ = self.table.clear();
        self.table.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Shows resources that there is room for.
    fn fill(&mut self) {
        while self.rows.len() < ROWS {
            let Some((logical_id, (verb, what, since))) = self.waiting.pop_first() else { return };
            let row = ProgressBar::new_spinner().with_style(style(ROW)).with_prefix(verb).with_message(what);
            let row = self.table.insert_before(&self.total, row.with_elapsed(since.elapsed()));
            row.enable_steady_tick(TICK);
            self.rows.insert(logical_id, row);
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.rows.values().for_each(ProgressBar::finish_and_clear);
        self.total.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants, which a test below reads.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_sound() {
        assert!([TOTAL, ROW].into_iter().all(|template| ProgressStyle::with_template(template).is_ok()));
    }

    #[test]
    fn what_has_no_room_waits() {
        let table = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut board = Board::on(table, ROWS + 2);
        for number in 0..ROWS + 2 {
            board.begin(&format!("Resource{number:02}"), "Creating", String::new());
        }
        assert_eq!((board.rows.len(), board.waiting.len()), (ROWS, 2));
        // Once is enough.
        board.begin("Resource00", "Creating", String::new());
        board.end("Resource13");
        board.end("Resource00");
        assert_eq!((board.rows.len(), board.waiting.len()), (ROWS, 0));
        assert_eq!(board.total.position(), 2);
    }
}
