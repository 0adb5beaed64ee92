//! What uv mends by itself, said: versions that were passed over for want of a wheel.

use super::conflict::{Conflict, Kind};
use super::explain::{is_for_newer_images, target, target_and_floor};
use super::facts::{Fact, Wanted, facts};
use super::session::{Failed, Session};
use super::trace::Trace;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;

/// How many versions are named one by one.
const NAMED: usize = 4;

/// A note for each dependency of which a newer version would have been taken, had it a wheel for the target. The
/// resolver's log names the candidates, and the reason is asked for: a newer version is demanded, and the resolver says
/// why there is none.
pub(super) fn gave_way(session: &Session<'_>, trace: &Trace) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for name in &trace.passed {
        let Some(version) = trace.taken.get(name) else { continue };
        // Anything but a resolver that gives its reasons is no reason for a note: the layer is installed already.
        let Err(Failed::Uv(failure, _)) = session.resolve(&format!("{name}>{version}\n")) else { continue };
        let Some(reasons) = failure.reasons() else { continue };
        let facts = facts(reasons);
        let is_reason = Conflict::find(&facts, trace).is_some_and(|conflict| conflict.kind == Kind::NoWheel);
        let versions: Vec<&Wanted> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::NoWheel(what) if what.name == *name => Some(what),
                _ => None,
            })
            .collect();
        if !is_reason || versions.is_empty() {
            continue;
        }
        let newer = format!("{name}>{version}\n");
        let target = if is_for_newer_images(session, name, &newer) { target_and_floor } else { target };
        let message = format!("`{name}` gives way to {version}: {} for {}", without_wheel(&versions), target(session));
        let mut finding = Diagnostic::new(&codes::GAVE_WAY, session.place(name, trace), message);
        let way = trace.way(name).unwrap_or_default();
        if way.len() > 1 {
            let way: Vec<String> = way.iter().map(|what| format!("`{what}`")).collect();
            finding = finding.help(way.join(" needs "));
        }
        let platforms = failure.hints.iter().filter(|hint| hint.starts_with("Wheels are available"));
        finding = platforms
            .take(1)
            .fold(finding, |finding, hint| finding.help(hint.replace("Wheels are available", "wheels are available")));
        findings.push(finding);
    }
    findings
}

/// "2.3.0 and later have no wheel", "2.0, 3.0 have no wheel".
fn without_wheel(versions: &[&Wanted]) -> String {
    let open = versions.iter().find_map(|what| {
        let (operator, version) = what.specifiers.split_at_checked(2)?;
        (operator == ">=" && !version.contains(',')).then_some(version)
    });
    if let Some(version) = open {
        return format!("{version} and later have no wheel");
    }
    let named: Vec<&str> = versions.iter().map(|what| what.specifiers.trim_start_matches("==")).collect();
    match named.as_slice() {
        [one] => format!("{one} has no wheel"),
        few if few.len() <= NAMED => format!("{} have no wheel", few.join(", ")),
        many => {
            let last = many.last().copied().unwrap_or_default();
            format!("{} newer versions up to {last} have no wheel", many.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_shortly() {
        let wanted = |specifiers: &str| Wanted { name: "x".to_owned(), specifiers: specifiers.to_owned() };
        for (specifiers, told) in [
            (vec!["==2"], "2 has no wheel"),
            (vec!["==2", "==3"], "2, 3 have no wheel"),
            (vec!["==2", ">=2.3.0rc1"], "2.3.0rc1 and later have no wheel"),
            (vec!["==1", "==2", "==3", "==4", "==5"], "5 newer versions up to 5 have no wheel"),
        ] {
            let versions: Vec<_> = specifiers.into_iter().map(wanted).collect();
            assert_eq!(without_wheel(&versions.iter().collect::<Vec<_>>()), told);
        }
    }
}
