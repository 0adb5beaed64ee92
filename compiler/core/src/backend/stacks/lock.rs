//! `topology.lock`: which stack each unit is in.
//!
//! A line a unit, in the order of their names, so that two branches that add to it merge:
//!
//! ```text
//! # Written by tc; commit it. ...
//! functions/enhancer: functions-1
//! routes/etl: root
//! ```

use super::unit::Tier;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// The file's name, beside `topology.yml`.
pub const FILE: &str = "topology.lock";

/// The root stack, as the file calls it.
pub const ROOT: &str = "root";

/// In the name of a stack that only holds others, between tier and number: `functions-group-1`.
pub(super) const GROUP: &str = "group";

const HEAD: &str = "# Which stack each part of the topology is in. Written by tc, to be committed: what is deployed in one stack\n\
                    # cannot go to another. Where two branches have added lines, keep the lines of both.\n";

/// The places of units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// By the unit's name, the path of its stack: `functions-1`, `functions-group-1/functions-9`; empty for the root.
    pub places: BTreeMap<String, String>,
}

/// What is wrong with a lock's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which bytes of the text.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// What is wrong with it, in the order of its lines.
    pub fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let mut lock = Self::default();
        let mut faults = Vec::new();
        let mut is_merged = false;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let range = start..start + line.trim_end().len();
            start += line.len();
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if is_merge_mark(line) {
                // The others go with the first.
                if !std::mem::replace(&mut is_merged, true) {
                    let message = "two branches were merged here and do not agree".to_owned();
                    faults.push(Fault { range, message, help: MERGED.to_owned() });
                }
            } else if let Err((message, help)) = lock.add(line) {
                faults.push(Fault { range, message, help });
            }
        }
        if faults.is_empty() { Ok(lock) } else { Err(faults) }
    }

    fn add(&mut self, line: &str) -> Result<(), (String, String)> {
        let form = || {
            let help = "a line is `functions/NAME: functions-1`; take the file from git again, or let tc make it from what is deployed";
            (format!("`{}` is no line of a lock", shown(line)), help.to_owned())
        };
        let (name, place) = line.rsplit_once(": ").ok_or_else(form)?;
        let name = unescaped(name).ok_or_else(form)?;
        let place = match place {
            ROOT => String::new(),
            path if is_stack(path) => path.to_owned(),
            other => {
                let help = "a stack is `root`, or `gateways`, `queues`, `functions` or `triggers` with a number: `functions-1`";
                return Err((format!("`{}` is no name of a stack", shown(other)), help.to_owned()));
            }
        };
        match self.places.insert(name.clone(), place.clone()) {
            None => Ok(()),
            Some(first) if first == place => Ok(()),
            Some(first) => {
                let message = format!("`{}` is in `{}` and in `{}`", shown(&name), named(&first), named(&place));
                Err((message, "keep the line of the branch that was deployed".to_owned()))
            }
        }
    }

    /// As it is written.
    pub fn write(&self) -> String {
        let mut out = HEAD.to_owned();
        for (name, place) in &self.places {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}: {}", escaped(name), named(place));
        }
        out
    }

    /// As a manifest says it; `None` where it is none.
    pub fn of(places: &serde_json::Value) -> Option<Self> {
        let entry = |(name, place): (&String, &serde_json::Value)| {
            let place = place.as_str().filter(|place| *place == ROOT || is_stack(place))?;
            Some((name.clone(), if place == ROOT { String::new() } else { place.to_owned() }))
        };
        Some(Self { places: places.as_object()?.iter().map(entry).collect::<Option<_>>()? })
    }

    /// The names with what people call their stacks.
    pub fn named(&self) -> impl Iterator<Item = (String, String)> {
        self.places.iter().map(|(name, place)| (name.clone(), named(place).to_owned()))
    }

    /// The paths of the nested stacks that something is in.
    pub fn stacks(&self) -> impl Iterator<Item = &str> {
        self.places.values().map(String::as_str).filter(|place| !place.is_empty())
    }
}

/// The help for what git leaves of a merge.
const MERGED: &str =
    "keep the lines of both sides and take git's marks away; of two lines of one name keep the one that was deployed";

fn is_merge_mark(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark))
}

/// What people call a stack's path.
pub fn named(place: &str) -> &str {
    if place.is_empty() { ROOT } else { place }
}

/// A stack, or one in a group of its tier.
fn is_stack(path: &str) -> bool {
    match path.split_once('/') {
        None => Tier::of_stack(path).is_some(),
        Some((group, leaf)) => group_of(group).is_some_and(|tier| Tier::of_stack(leaf) == Some(tier)),
    }
}

/// The tier of the stacks in a group.
pub(super) fn group_of(name: &str) -> Option<Tier> {
    let (tier, number) = name.rsplit_once("-group-")?;
    Tier::of_stack(&format!("{tier}-{number}"))
}

/// Names come from the source and may hold a line break.
fn escaped(name: &str) -> String {
    let is_plain = !name.contains(char::is_control) && !name.starts_with(['"', '#', '<', '=', '>', '|', ' ']);
    if is_plain { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

fn unescaped(name: &str) -> Option<String> {
    match name.starts_with('"') {
        true => serde_json::from_str(name).ok(),
        false => (!name.trim().is_empty()).then(|| name.to_owned()),
    }
}

/// The beginning of what may be a long text.
fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        let faults = Lock::read(text).unwrap_err();
        faults.into_iter().map(|fault| (text[fault.range].to_owned(), fault.message)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let places =
            [("functions/a", "functions-1"), ("events/A: b", "root"), ("events/x\ny", "triggers-group-2/triggers-10")];
        let mut lock = Lock::default();
        for (name, place) in places {
            let place = if place == "root" { "" } else { place };
            lock.places.insert(name.to_owned(), place.to_owned());
        }
        let text = lock.write();
        assert_eq!(Lock::read(&text).unwrap(), lock);
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            ["events/A: b: root", r#""events/x\ny": triggers-group-2/triggers-10"#, "functions/a: functions-1"]
        );
    }

    #[test]
    fn each_wrong_line_is_told() {
        let text =
            "functions/a: functions-1\nfunctions/b functions-1\nfunctions/c: functions-0\nfunctions/a: functions-2\n";
        assert_eq!(
            faults(text),
            [
                ("functions/b functions-1".to_owned(), "`functions/b functions-1` is no line of a lock".to_owned()),
                ("functions/c: functions-0".to_owned(), "`functions-0` is no name of a stack".to_owned()),
                (
                    "functions/a: functions-2".to_owned(),
                    "`functions/a` is in `functions-1` and in `functions-2`".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_merge_that_was_not_ended_is_told_once() {
        let text = "<<<<<<< HEAD\nfunctions/a: functions-1\n=======\nfunctions/b: functions-1\n>>>>>>> other\n";
        let places: Vec<String> = faults(text).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["<<<<<<< HEAD"]);
    }
}
