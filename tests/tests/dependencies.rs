//! What the project depends on: licences, sources, and AWS's crates in the stage that deploys alone.

#![allow(clippy::unwrap_used, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::process::Command;
use tc_tests::binary::workspace;

/// Licences that may be linked into a program that is itself under MIT or Apache-2.0.
const LICENCES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(workspace());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_dependency_is_from_the_registry_under_a_licence_that_fits() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(source) = package["source"].as_str() else { continue };
        assert!(source.starts_with("registry+https://github.com/rust-lang/crates.io-index"), "{name} is from {source}");
        let licence = package["license"].as_str().unwrap_or("none");
        let expression = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX);
        let expression = expression.unwrap_or_else(|error| panic!("{name}: {licence}: {error}"));
        let fits = expression
            .evaluate(|one| one.license.id().is_some_and(|id| LICENCES.contains(&id.name) || id.name == "Unlicense"));
        assert!(fits, "{name} is under {licence}");
    }
}

#[test]
fn only_the_stage_that_deploys_knows_a_crate_of_aws() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        // Of the registry's crates, only AWS's own know each other.
        if name == "tc-deploy" || !package["source"].is_null() {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency = dependency["name"].as_str().unwrap();
            assert!(!dependency.starts_with("aws-"), "{name} depends on {dependency}");
        }
    }
}
