//! The runtimes of functions whose files ask for versions.

use crate::frontend::{Options, load};
use crate::ir::RuntimeBasis;
use crate::world::MemoryWorld;

const HANDLER: &str = "def handler(event, context):\n    return {}\n";

/// The runtime of the function `f` of these files and what it was taken for, and what was found:
/// `CODE PATH:LINE:COLUMN message; help`.
fn run(files: &[(&str, &str)]) -> (Option<(String, String)>, Vec<String>) {
    let topology = [("topology.yml", "name: etl\n")];
    let world = MemoryWorld::new(topology.iter().chain(files).map(|(path, text)| (*path, *text)));
    let loaded = load(&world, &Options::default());
    let findings = loaded.findings.iter().map(|finding| {
        let place = finding.primary.as_ref().and_then(|label| loaded.sources.locate(label.span)).unwrap();
        let help = finding.help.join("; ");
        format!("{} {}:{}:{} {}; {help}", finding.code.id, place.0, place.1.line, place.1.column, finding.message)
    });
    let function = loaded.topology.as_ref().and_then(|topology| topology.functions.get("f")).unwrap();
    let basis = function.runtime_basis.as_ref().map(|basis| match basis {
        RuntimeBasis::Written => "written".to_owned(),
        RuntimeBasis::Default => "default".to_owned(),
        RuntimeBasis::Constrained(list) => {
            let one = |constraint: &crate::ir::VersionConstraint| format!("{} {}", constraint.file, *constraint.text);
            list.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    });
    let runtime = function.runtime.as_ref().map(|runtime| runtime.id().to_owned());
    (runtime.zip(basis), findings.collect())
}

/// The same for a function that nothing is wrong with: `RUNTIME: basis`.
#[track_caller]
fn taken(files: &[(&str, &str)]) -> String {
    let (taken, findings) = run(files);
    assert_eq!(findings, [""; 0]);
    let (runtime, basis) = taken.unwrap();
    format!("{runtime}: {basis}")
}

fn python<'t>(more: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    [&[("f/handler.py", HANDLER)], more].concat()
}

#[test]
fn without_a_version_the_default_is_taken() {
    assert_eq!(taken(&python(&[])), "python3.13: default");
    let manifest = ("f/pyproject.toml", "[project]\nname = \"f\"\n");
    assert_eq!(taken(&python(&[manifest])), "python3.13: default");
    assert_eq!(
        taken(&[("f/handler.mjs", ""), ("f/package.json", "{\"engines\": {\"npm\": \">=9\"}}")]),
        "nodejs22.x: default"
    );
    assert_eq!(taken(&[("f/handler.rb", ""), ("f/Gemfile", "gem 'x'\n")]), "ruby3.4: default");
    assert_eq!(taken(&[("f/handler.go", ""), ("f/.python-version", "3.8")]), "provided.al2023: default");
    assert_eq!(taken(&python(&[("f/.python-version", "system\n")])), "python3.13: default");
    assert_eq!(taken(&python(&[("f/.python-version", "# none\n\n")])), "python3.13: default");
}

#[test]
fn a_runtime_fits_what_its_manifest_needs() {
    let requires = |wanted: &str| {
        let manifest = format!("[project]\nrequires-python = \"{wanted}\"\n");
        let taken = taken(&python(&[("f/pyproject.toml", &manifest)]));
        taken.strip_suffix(&format!(": f/pyproject.toml {wanted}")).unwrap().to_owned()
    };
    assert_eq!(requires(">=3.9"), "python3.13");
    assert_eq!(requires(">=3.11,<3.13"), "python3.12");
    assert_eq!(requires(">=3.14"), "python3.14");
    let node = |wanted: &str| {
        let manifest = format!("{{\"name\": \"f\", \"engines\": {{\"node\": \"{wanted}\"}}}}");
        taken(&[("f/handler.mjs", ""), ("f/package.json", &manifest)])
    };
    assert_eq!(node(">=18"), "nodejs22.x: f/package.json >=18");
    assert_eq!(node("^24"), "nodejs24.x: f/package.json ^24");
    let ruby = |line: &str| taken(&[("f/handler.rb", ""), ("f/Gemfile", line)]);
    assert_eq!(ruby("ruby '~> 3.3.0'\n"), "ruby3.3: f/Gemfile ~> 3.3.0");
    assert_eq!(ruby("ruby '>= 3.2', '< 3.4'\n"), "ruby3.3: f/Gemfile >= 3.2, < 3.4");
}

#[test]
fn the_nearest_version_file_counts() {
    let (above, higher) = ((".python-version", "3.12\n"), ("../../.python-version", "3.11\n"));
    assert_eq!(taken(&python(&[above, higher])), "python3.12: .python-version 3.12");
    assert_eq!(taken(&python(&[("../.python-version", "3.11\n")])), "python3.11: ../.python-version 3.11");
    let own = ("f/.python-version", "  3.14.1 # ours\n3.9\n");
    assert_eq!(taken(&python(&[own, above])), "python3.14: f/.python-version 3.14.1");
    let node = [("f/handler.js", ""), (".node-version", "20\n"), (".nvmrc", "lts/krypton\n")];
    assert_eq!(taken(&node), "nodejs24.x: .nvmrc lts/krypton");
    assert_eq!(taken(&[("f/handler.rb", ""), (".ruby-version", "ruby-3.3.6\n")]), "ruby3.3: .ruby-version ruby-3.3.6");
    let elsewhere = [
        ("topology.yml", "name: etl\nfunctions: {f: {uri: ../shared/f}}\n"),
        ("../shared/f/handler.py", HANDLER),
        ("../shared/.python-version", "3.12"),
        (".python-version", "3.11"),
    ];
    assert_eq!(taken(&elsewhere), "python3.12: ../shared/.python-version 3.12");
}

#[test]
fn a_runtime_fits_both_kinds_of_files() {
    let manifest = ("f/pyproject.toml", "[project]\nrequires-python = \">=3.11\"\n");
    let both = taken(&python(&[manifest, (".python-version", "3.12")]));
    assert_eq!(both, "python3.12: .python-version 3.12, f/pyproject.toml >=3.11");
    let (taken, findings) = run(&python(&[manifest, (".python-version", "3.10")]));
    assert_eq!(taken, None);
    assert_eq!(
        findings,
        ["TC0502 .python-version:1:1 Lambda has no runtime that is Python `3.10` and `>=3.11`; it has python3.11, \
          python3.12, python3.13, python3.14: ask for one of them, or name one in `runtime.lang`"]
    );
}

#[test]
fn a_gemfile_may_name_the_version_file() {
    let of = |more: &[(&str, &str)]| {
        let files = [&[("f/handler.rb", ""), ("f/Gemfile", "ruby file: '.ruby-version'\n")], more].concat();
        taken(&files)
    };
    assert_eq!(of(&[("f/.ruby-version", "3.3\n")]), "ruby3.3: f/.ruby-version 3.3");
    assert_eq!(of(&[]), "ruby3.4: default");
}

#[test]
fn a_language_without_a_version_is_inferred_too() {
    let json = ("f/function.json", "{\"runtime\": {\"lang\": \"python\"}}");
    assert_eq!(taken(&[json, ("f/main.py", ""), (".python-version", "3.12")]), "python3.12: .python-version 3.12");
    assert_eq!(taken(&[json, ("f/main.py", "")]), "python3.13: default");
}

#[test]
fn what_is_written_wins_and_what_it_needs_is_told() {
    let json = ("f/function.json", "{\"runtime\": {\"lang\": \"python3.12\"}}");
    assert_eq!(taken(&python(&[json, (".python-version", "3.9")])), "python3.12: written");
    assert_eq!(taken(&python(&[json, (".python-version", "pypy3.10")])), "python3.12: written");
    for manifest in ["[project", "[project]\nrequires-python = \"^3.9\"\n"] {
        assert_eq!(taken(&python(&[json, ("f/pyproject.toml", manifest)])), "python3.12: written");
    }
    let (taken, findings) = run(&python(&[json, ("f/pyproject.toml", "[project]\nrequires-python = \">=3.13\"\n")]));
    assert_eq!(taken, Some(("python3.12".to_owned(), "written".to_owned())));
    assert_eq!(
        findings,
        [
            "TC0516 f/function.json:1:22 the function does not run with `python3.12`, as `f/pyproject.toml` has it; write \
          `python3.13`, or change what the file asks for"
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    let found = |files: &[(&str, &str)]| {
        let (_, findings) = run(files);
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings[0].split(';').next().unwrap().to_owned()
    };
    assert_eq!(
        found(&python(&[("f/.python-version", "\n pypy3.10\n")])),
        "TC0502 f/.python-version:2:2 `pypy3.10` is no version of Python that Lambda could run"
    );
    assert_eq!(
        found(&python(&[("f/pyproject.toml", "[project]\nrequires-python = \"^3.11\"\n")])),
        "TC0502 f/pyproject.toml:2:19 `^3.11` is no version of Python that Lambda could run"
    );
    let toml = found(&python(&[("f/pyproject.toml", "[project\n")]));
    assert!(toml.starts_with("TC0004 f/pyproject.toml:1:9 `f/pyproject.toml` is no TOML: "), "{toml}");
    let json = found(&[("f/handler.js", ""), ("f/package.json", "{\"engines\": ")]);
    assert!(json.starts_with("TC0004 f/package.json:"), "{json}");
    let long = format!("ruby {}\n", vec!["'!= 3.2.0'"; 1000].join(", "));
    assert!(found(&[("f/handler.rb", ""), ("f/Gemfile", &long)]).starts_with("TC0502 f/Gemfile:1:6 "));
}

#[test]
fn a_file_that_functions_share_is_found_fault_with_once() {
    let (_, findings) = run(&python(&[("g/handler.py", HANDLER), (".python-version", "nonsense")]));
    assert_eq!(findings.len(), 1, "{findings:?}");
}
