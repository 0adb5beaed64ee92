//! The commands of `build` run around an installation, in a copy.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]

use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_package::layer::install::{Commanded, Inputs, Installed, Installer, Request};
use tc_tests::layer::{Fixture, Outcome};

/// Copies the list into the tree, as an installation that has to be seen.
struct Listing;

impl Installer for Listing {
    fn inputs(&self, _: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        Ok(Inputs::from([("list".to_owned(), b"x".to_vec())]))
    }

    fn install(&self, request: &Request<'_>, tree: &Path, _: &Path) -> Result<Installed, Vec<Diagnostic>> {
        std::fs::copy(request.directory.join("list"), tree.join("list")).unwrap();
        Ok(Installed::default())
    }
}

fn fixture(build: &str) -> Fixture {
    let function = format!(r#"{{"runtime": {{"lang": "python3.13"}}, "build": {build}}}"#);
    Fixture::new(&[
        ("fn/handler.py", "def handler(event, context): return 1\n"),
        ("fn/function.json", &function),
        ("fn/list", "as written\n"),
        ("../.git/HEAD", ""),
        ("../libs/shared.txt", "shared\n"),
    ])
}

fn text(outcome: &Outcome, name: &str) -> String {
    String::from_utf8(outcome.files().remove(name).unwrap_or_else(|| panic!("{:?}", outcome.findings))).unwrap()
}

#[test]
fn commands_run_around_the_installation_in_a_copy() {
    let build = r#"{"pre": ["echo before >> list"], "post": [
        "cat list ../../libs/shared.txt > $TC_OUTPUT/after",
        "echo $TC_RUNTIME $TC_ARCHITECTURE >> $TC_OUTPUT/after; echo changed > list"]}"#;
    let outcome = fixture(build).install(&Commanded(&Listing), "fn");
    assert_eq!(text(&outcome, "list"), "as written\nbefore\n");
    assert_eq!(text(&outcome, "after"), "as written\nbefore\nshared\npython3.13 x86_64\n");
}

#[test]
fn a_command_stands_in_place_of_the_installation() {
    let outcome = fixture(r#"{"command": "echo mine > $TC_OUTPUT/own"}"#).install(&Commanded(&Listing), "fn");
    assert_eq!(outcome.files().into_keys().collect::<Vec<_>>(), ["own"]);
    let plain = fixture("{}").install(&Commanded(&Listing), "fn");
    assert_eq!(plain.files().into_keys().collect::<Vec<_>>(), ["list"]);
}

#[test]
fn a_command_that_fails_is_shown_at_its_place_with_what_it_said() {
    let build = "{\n\"post\": [\n\"true\",\n\"echo out of luck in $PWD for https://user:s3cret@h >&2; exit 3\"]}";
    let outcome = fixture(build).install(&Commanded(&Listing), "fn");
    assert!(outcome.installed.is_none());
    assert_eq!(
        outcome.findings,
        ["TC0939 error a command of `build.post` of function `fn` ended with exit status 3 @ fn/function.json:4; \
          > out of luck in . for https://***@h"]
    );
    let absent = fixture(r#"{"pre": ["no-such-program"]}"#).install(&Commanded(&Listing), "fn");
    assert!(absent.findings[0].ends_with("; a program is not installed, or not on the PATH"), "{:?}", absent.findings);
    let killed = fixture(r#"{"command": "kill -9 $$"}"#).install(&Commanded(&Listing), "fn");
    assert!(killed.findings[0].contains("ended by signal 9"), "{:?}", killed.findings);
}

#[test]
fn commands_depend_on_the_whole_directory() {
    let plain = fixture("{}").inputs(&Commanded(&Listing), "fn");
    assert_eq!(plain.into_keys().collect::<Vec<_>>(), ["list"]);
    let with = fixture(r#"{"pre": ["true"]}"#);
    let before = with.inputs(&Commanded(&Listing), "fn");
    assert_eq!(before.keys().collect::<Vec<_>>(), ["commands", "directory", "list"]);
    assert_ne!(before, fixture(r#"{"post": ["true"]}"#).inputs(&Commanded(&Listing), "fn"));
    std::fs::write(with.root().join("fn/model"), "1").unwrap();
    assert_ne!(before, with.inputs(&Commanded(&Listing), "fn"));
    let alone = fixture(r#"{"command": "true"}"#).inputs(&Commanded(&Listing), "fn");
    assert_eq!(alone.into_keys().collect::<Vec<_>>(), ["commands", "directory"]);
}
