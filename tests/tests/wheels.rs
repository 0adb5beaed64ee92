//! Native libraries of real wheels, for both processors and both systems: no false alarm, and the alarms that are due.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what does not hold fails the test, and what is not tested is said"
)]

use std::path::Path;
use tc_core::ir::{Architecture, Runtime};
use tc_core::source::{SourceMap, Span};
use tc_core::world::SourcePath;
use tc_package::layer::Target;
use tc_package::layer::elf::{Check, Checked, Libraries, Version, check};
use tc_package::layer::image::LAYER;
use tc_tests::wheels::{Absent, distributions, tree};

/// Wheels for glibc up to 2.34, and for the older of the two systems. What loads in Lambda without more ado.
const NEWER: [&str; 4] = ["numpy==2.4.6", "pillow==13.0.0", "psycopg2-binary==2.9.13", "cryptography==50.0.2"];
const OLDER: [&str; 3] = ["psycopg2-binary==2.9.11", "cryptography==50.0.2", "lxml==6.1.3"];
/// Needs an OpenMP library that Lambda lacks.
const LIGHTGBM: [&str; 1] = ["lightgbm==4.7.0"];

const MACHINES: [(&str, Architecture); 2] = [("x86_64", Architecture::X86_64), ("aarch64", Architecture::Arm64)];

/// Calls `judge` with a tree of wheels; says so where the package index cannot be reached, and calls nothing.
fn with_wheels(python: &str, machine: &str, glibc: u32, wheels: &[&str], judge: impl FnOnce(&Path)) {
    match tree(python, machine, glibc, wheels) {
        Ok(tree) => judge(&tree),
        Err(Absent::Unreachable(words)) => eprintln!("not tested, for the package index cannot be reached: {words}"),
        Err(Absent::Failed(words)) => panic!("{words}"),
    }
}

fn checked(tree: &Path, runtime: &str, architecture: Architecture) -> (Checked, Vec<String>) {
    let file = SourceMap::default().add(SourcePath::new("pyproject.toml"), "x\n".to_owned());
    let checked = check(&Check {
        tree,
        mount: LAYER,
        target: Target { runtime: Runtime::parse(runtime).unwrap(), architecture },
        distributions: &distributions(tree).unwrap(),
        libraries: Libraries::default(),
        place: &|_| Span::new(file, 0, 1),
        threads: 2,
    })
    .unwrap();
    let show = |finding: &tc_core::diagnostic::Diagnostic| {
        format!("{} {} {}", finding.severity.as_str(), finding.code.id, finding.message)
    };
    let findings = checked.findings.iter().map(show).collect();
    (checked, findings)
}

#[test]
fn common_wheels_raise_no_alarm_on_amazon_linux_2023() {
    for (machine, architecture) in MACHINES {
        with_wheels("3.12", machine, 34, &NEWER, |tree| {
            let (checked, findings) = checked(tree, "python3.12", architecture);
            assert_eq!(findings, [""; 0]);
            assert!(checked.report.files > 60, "{:?}", checked.report);
            assert!(checked.report.glibc > Version::parse("2.17") && checked.report.glibc <= Version::parse("2.34"));
        });
    }
}

#[test]
fn common_wheels_raise_no_alarm_on_amazon_linux_2() {
    for (machine, architecture) in MACHINES {
        with_wheels("3.10", machine, 17, &OLDER, |tree| {
            let (checked, findings) = checked(tree, "python3.10", architecture);
            assert_eq!(findings, [""; 0]);
            assert!(
                checked.report.files > 20 && checked.report.glibc <= Version::parse("2.17"),
                "{:?}",
                checked.report
            );
        });
    }
}

#[test]
fn wheels_for_the_other_processor_are_refused_one_by_one() {
    with_wheels("3.12", "x86_64", 34, &NEWER, |tree| {
        let (_, findings) = checked(tree, "python3.12", Architecture::Arm64);
        let named = ["cryptography", "numpy", "pillow", "psycopg2-binary"];
        assert_eq!(findings.len(), named.len(), "{findings:#?}");
        for (finding, name) in findings.iter().zip(named) {
            let wanted = format!("error TC0950 `{name}` ");
            assert!(
                finding.starts_with(&wanted) && finding.ends_with("built for x86_64, but runs on arm64"),
                "{finding}"
            );
        }
    });
}

#[test]
fn wheels_for_a_newer_system_are_refused_by_an_older() {
    with_wheels("3.12", "x86_64", 34, &NEWER, |tree| {
        let (_, findings) = checked(tree, "python3.11", Architecture::X86_64);
        assert!(
            findings.iter().any(|finding| finding.starts_with("error TC0951 `numpy` 2.4.6 needs glibc 2.2")),
            "{findings:#?}"
        );
        assert!(findings.iter().all(|finding| finding.starts_with("error TC0951 ")), "{findings:#?}");
    });
}

#[test]
fn a_wheel_that_needs_what_lambda_lacks_is_refused() {
    for (machine, architecture) in MACHINES {
        with_wheels("3.12", machine, 34, &LIGHTGBM, |tree| {
            let (_, findings) = checked(tree, "python3.12", architecture);
            assert_eq!(
                findings,
                [
                    "error TC0952 `lightgbm` 4.7.0 needs `libgomp.so.1`, which is neither in the layer nor in python3.12 \
                  (Amazon Linux 2023, glibc 2.34)"
                ]
            );
        });
    }
}
