//! `tc logs`: what the functions of a sandbox write.

use crate::args;
use crate::shell::Shell;
use crate::site::{self, Site};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::command;
use tc_core::suggest;
use tc_deploy::logs::{Line, Logs};

/// Print what the functions of a sandbox have written
///
/// Each line begins with its time, in UTC, and the function.
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

    /// Only this function: NAME or functions/NAME
    #[arg(short, long, value_name = "FUNCTION")]
    component: Option<String>,

    /// How far back: 30s, 15m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1h")]
    since: Duration,

    /// Go on with what is written from now on, until it is interrupted
    #[arg(short, long)]
    follow: bool,
}

/// Reads a span of time: a number and its unit.
fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(char, u64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let read = UNITS.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(*unit)?.parse().ok()?;
        number.checked_mul(*seconds)
    });
    read.map(Duration::from_secs).ok_or_else(|| "write a number and its unit: 30s, 15m, 2h, 7d".to_owned())
}

/// Prints what was written.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let site = match Site::read(&arguments.directory, Some(&arguments.sandbox), Some(&arguments.env)) {
        Ok(site) => site,
        Err(report) => return site::refuse(*report, shell),
    };
    match arguments.print(&site, shell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(finding) => site::refuse(*site.report(*finding), shell),
    }
}

impl Arguments {
    fn print(&self, site: &Site, shell: &mut Shell) -> Result<(), Box<Diagnostic>> {
        let functions = self.functions(site)?;
        let connection = site.connect()?;
        site.sandbox(&connection)?;
        let group = |name: &String| format!("/aws/lambda/{}", site.topology.function_name(name).text);
        let mut logs = Logs::new(&connection, functions.iter().map(group).collect(), self.from());
        loop {
            for line in logs.read()? {
                shell.out(&shown(&line, &functions));
            }
            // Who stopped reading waits for nothing.
            if !self.follow || shell.is_closed() {
                return Ok(());
            }
            logs.wait();
        }
    }

    /// The functions that are meant.
    fn functions(&self, site: &Site) -> Result<Vec<String>, Box<Diagnostic>> {
        let all = &site.topology.functions;
        let Some(component) = &self.component else { return Ok(all.keys().cloned().collect()) };
        let name = component.strip_prefix("functions/").unwrap_or(component);
        match all.contains_key(name) {
            true => Ok(vec![name.to_owned()]),
            false => {
                let message = format!("`{}` has no function `{name}`", *site.topology.name);
                let help = suggest::help(name, "the functions are", all.keys().map(String::as_str));
                Err(Box::new(Diagnostic::without_place(&command::UNKNOWN_FUNCTION, message).help_opt(help)))
            }
        }
    }

    /// From when on, in milliseconds since the beginning of 1970.
    #[allow(clippy::disallowed_methods, reason = "how far back is counted from now; nothing is compiled from it")]
    fn from(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(now.saturating_sub(self.since).as_millis()).unwrap_or_default()
    }
}

fn shown(line: &Line, functions: &[String]) -> String {
    let function = functions.get(line.group).map(String::as_str).unwrap_or_default();
    format!("{} {function} {}\n", line.shown_time(), line.text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_have_a_unit() {
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "m", "15", "1.5h", "-1m", "99999999999999999999d", "18446744073709551615d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
