//! SnapStart goes with the function's runtime and the rest of its configuration.
//!
//! Source: Lambda Developer Guide, "Improving startup performance with Lambda SnapStart", supported features and limitations:
//! Java 11, Python 3.12, .NET 8 and later; no container images, provisioned concurrency, Amazon EFS, or ephemeral storage
//! over 512 MB.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::runtime::TABLE;
use crate::ir::{Family, Function, PackageType};
use crate::source::Span;

/// What SnapStart does not work with.
struct Obstacle {
    what: String,
    /// Where it stands, and what to say there.
    place: Option<(Span, &'static str)>,
    help: String,
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        let Some(snap_start) = function.snap_start.as_ref().filter(|wanted| wanted.value) else { continue };
        for obstacle in [runtime(function), mount(function), provisioned(function)].into_iter().flatten() {
            let message = format!("SnapStart of `{}` does not work with {}", function.name, obstacle.what);
            let mut finding = Diagnostic::new(&codes::SNAP_START, snap_start.span, message).help(obstacle.help);
            if let Some((span, label)) = obstacle.place {
                finding = finding.also(span, label);
            }
            findings.push(finding);
        }
    }
}

fn runtime(function: &Function) -> Option<Obstacle> {
    if function.package_type == PackageType::Image {
        let help = "remove `snapstart`, or write `package_type: zip`".to_owned();
        return Some(Obstacle { what: "a container image".to_owned(), place: None, help });
    }
    let runtime = function.runtime.as_ref().filter(|runtime| !runtime.entry.snap_start)?;
    let list = |family: Option<Family>| {
        let fits = TABLE.iter().filter(|entry| entry.snap_start && family.is_none_or(|family| entry.family == family));
        fits.map(|entry| format!("`{}`", entry.id)).collect::<Vec<_>>().join(", ")
    };
    let own = list(Some(runtime.family));
    let help = match own.is_empty() {
        true => format!("remove `snapstart`; it works with {}", list(None)),
        false => format!("remove `snapstart`, or take one of {own}"),
    };
    let what = format!("the runtime `{}`", runtime.id());
    Some(Obstacle { what, place: Some((runtime.span, "the runtime")), help })
}

fn mount(function: &Function) -> Option<Obstacle> {
    let place = (function.mount.as_ref()?.mount_point.span, "mounted here");
    let help = "remove `snapstart`, or what makes it mount the file system (`assets`, `mount_fs`, `filesystem`)";
    Some(Obstacle { what: "a file system".to_owned(), place: Some(place), help: help.to_owned() })
}

fn provisioned(function: &Function) -> Option<Obstacle> {
    let place = (function.provisioned_concurrency.as_ref()?.span, "provisioned here");
    let help = "both shorten the start: keep `snapstart` or `provisioned_concurrency`".to_owned();
    Some(Obstacle { what: "provisioned concurrency".to_owned(), place: Some(place), help })
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::check;

    fn run(rest: &str) -> Vec<String> {
        check_function(check, &format!("{{\"runtime\": {{\"snapstart\": true, {rest}}}}}"))
    }

    #[test]
    fn snapstart_fits() {
        assert_eq!(run(r#""lang": "python3.13""#), [""; 0]);
        let off = r#"{"runtime": {"snapstart": false, "lang": "python3.11"}}"#;
        assert_eq!(check_function(check, off), [""; 0]);
    }

    #[test]
    fn snapstart_does_not_fit() {
        assert_eq!(
            run(r#""lang": "python3.11""#),
            [
                "TC0513 error SnapStart of `a` does not work with the runtime `python3.11` @true; remove `snapstart`, or take \
              one of `python3.12`, `python3.13`, `python3.14`"
            ]
        );
        let found = run(r#""lang": "node22""#);
        assert!(found[0].contains("remove `snapstart`; it works with `python3.12`"), "{found:?}");
        let found = run(r#""lang": "python3.13", "mount_fs": true, "provisioned_concurrency": 2"#);
        assert!(found[0].contains("does not work with a file system"), "{found:?}");
        assert!(found[1].contains("does not work with provisioned concurrency"), "{found:?}");
        assert!(run(r#""package_type": "image""#)[0].contains("does not work with a container image"));
    }
}
