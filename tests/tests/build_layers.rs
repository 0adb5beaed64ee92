//! Layers as a user builds them: `tc build` in a topology's directory, and what the language's interpreter makes of them.
//!
//! Those from the public index say so and pass where it cannot be reached. The heaviest is left out unless it is asked
//! for: `cargo nextest run --workspace --run-ignored only -E 'test(scipy)'`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "what does not hold fails the test, and what could not be tried is said"
)]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_tests::elf::{AARCH64, Library, X86_64};
use tc_tests::npm_registry::Registry;
use tc_tests::project::{Project, Run, lay_down, unzip};
use tc_tests::{ruby, wheel};

const HANDLER: &str = "def handler(event, context):\n    return {'data': 'enhanced-data'}\n";
const JSON: [&str; 3] = ["build", "--format", "json"];

/// A topology with one function in Python.
fn python(directory: &str, function: &str, dependencies: &str) -> Project {
    let list = format!("[project]\nname = \"enhancer\"\nversion = \"0.1.0\"\ndependencies = [{dependencies}]\n");
    let files = [
        ("enhancer/handler.py", HANDLER),
        ("enhancer/function.json", function),
        ("enhancer/pyproject.toml", list.as_str()),
    ];
    Project::below(directory, &files).with_uv()
}

/// Whether the public index cannot be reached, so that nothing can be said. Says so.
fn is_unreachable(run: &Run) -> bool {
    let is_unreachable = run.err.contains("error[TC0902]");
    if is_unreachable {
        println!("skipped: the package index cannot be reached: {}", run.err);
    }
    is_unreachable
}

/// The zips in a topology's directory of layers.
fn zips(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let all = tc_tests::tree::read(&project.root().join(".tc/layers")).unwrap();
    all.into_iter().filter(|(name, _)| name.ends_with(".zip")).collect()
}

/// The layers of a project laid over each other, as Lambda lays them over `/opt`.
fn laid_down(project: &Project) -> tempfile::TempDir {
    let opt = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = zips(project).keys().map(|name| project.root().join(".tc/layers").join(name)).collect();
    lay_down(opt.path(), &paths);
    opt
}

/// What an interpreter prints with a variable that names its packages.
fn said(program: &str, arguments: &[&str], variable: &str, packages: &Path) -> String {
    let output = Command::new(program).args(arguments).env(variable, packages).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_tutorials_enhancer_gets_the_same_layers_from_any_directory() {
    let build = |directory| {
        let function = r#"{"runtime": {"lang": "python3.10"}}"#;
        let project = python(directory, function, "\"requests==2.32.5\", \"charset-normalizer==3.4.3\"");
        for processor in ["x86_64", "arm64"] {
            let run = project.tc(&["build", "--arch", processor]);
            if is_unreachable(&run) {
                return None;
            }
            let table = run.well().out;
            let row = table.lines().nth(2).unwrap();
            assert!(row.starts_with(" etl-enhancer | python3.10 | ") && row.ends_with(" built"), "{table}");
            assert!(row.contains(processor), "{table}");
        }
        Some(project)
    };
    let (Some(one), Some(other)) = (build("a"), build("quite-another-name")) else { return };
    let layers = zips(&one);
    assert_eq!(layers.keys().collect::<Vec<_>>(), ["etl-enhancer-arm64.zip", "etl-enhancer-x86_64.zip"]);
    assert!(layers == zips(&other), "the same list gave different bytes");
    let manifest = |project: &Project| fs::read(project.root().join(".tc/layers/manifest.json")).unwrap();
    assert_eq!(manifest(&one), manifest(&other));
    for (name, machine) in [("arm64", "aarch64"), ("x86_64", "x86_64")] {
        let files = unzip(&layers[&format!("etl-enhancer-{name}.zip")]);
        let native: Vec<_> = files.keys().filter(|name| name.ends_with(".so")).collect();
        assert!(!native.is_empty() && native.iter().all(|name| name.contains(machine)), "{native:?}");
        assert!(files.keys().all(|name| name.starts_with("python/")));
    }
    // Compiled code is optional to it, so any Python will do.
    let opt = laid_down(&one);
    let import = "import requests; print(requests.__version__)";
    assert_eq!(said("python3", &["-S", "-c", import], "PYTHONPATH", &opt.path().join("python")), "2.32.5");
}

/// Text of Python that does not shrink below seven bits of eight: it repeats only farther apart than deflate looks back.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let characters = std::iter::repeat_with(|| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes().map(|byte| char::from(b' ' + 3 + byte % 89))
    });
    let block: String = characters.flatten().filter(|char| !matches!(char, '\'' | '\\')).take(100_000).collect();
    format!("NOISE = '{}'\n", block.repeat(length / block.len()))
}

#[test]
fn a_large_layer_is_chunks_of_40_mb_that_import_together() {
    let project = python("a", r#"{"runtime": {"lang": "python3.12"}}"#, "\"one\", \"two\"");
    for (seed, name) in [(1, "one"), (2, "two")] {
        let text = noise(seed, 30_000_000);
        let module = format!("{name}/__init__.py");
        wheel::write(&project.root().join("../wheels"), name, "1.0", &[], &[(module.as_str(), text.as_str())]);
    }
    let list = fs::read_to_string(project.root().join("enhancer/pyproject.toml")).unwrap();
    let local = "\n[tool.uv]\nno-index = true\nfind-links = [\"../../wheels\"]\n";
    project.write("enhancer/pyproject.toml", &(list + local));
    let rows = project.tc(&JSON).well().rows();
    let chunks = rows[0]["layer"]["chunks"].as_array().unwrap();
    let names: Vec<_> = chunks.iter().map(|chunk| chunk["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["etl-enhancer", "etl-enhancer-1"]);
    let layers = zips(&project);
    assert!(layers.values().all(|zip| zip.len() <= 40_000_000), "{:?}", layers.values().map(Vec::len));
    // Each file is in one of them.
    let files: Vec<String> = layers.values().flat_map(|zip| unzip(zip).into_keys()).collect();
    let distinct: std::collections::BTreeSet<_> = files.iter().collect();
    assert_eq!(distinct.len(), files.len());
    let opt = laid_down(&project);
    let import = "import one, two; print(len(one.NOISE), len(two.NOISE))";
    assert_eq!(said("python3", &["-S", "-c", import], "PYTHONPATH", &opt.path().join("python")), "30000000 30000000");
}

/// The Python of this machine, as Lambda calls it.
fn own_runtime() -> String {
    let version = "import sys; print('python%d.%d' % sys.version_info[:2])";
    said("python3", &["-S", "-c", version], "PYTHONPATH", Path::new("/nonexistent"))
}

/// Downloads some 120 MB, and writes some 600.
#[test]
#[ignore = "heavy: --run-ignored only -E 'test(scipy)'"]
fn scipy_scikit_learn_and_pandas_are_two_chunks_that_import_together() {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let function = json!({"runtime": {"lang": own_runtime(), "architecture": processor}}).to_string();
    let project = python("a", &function, "\"scipy\", \"scikit-learn\", \"pandas\"");
    let run = project.tc(&JSON);
    if is_unreachable(&run) {
        return;
    }
    let rows = run.well().rows();
    let layer = &rows[0]["layer"];
    println!("{} bytes as a zip, {} unpacked, glibc {}", layer["size"], layer["unpacked"], layer["glibc"]);
    let layers = zips(&project);
    for (name, zip) in &layers {
        println!("{name}: {}", zip.len());
    }
    assert_eq!(layers.len(), 2);
    assert!(layers.values().all(|zip| zip.len() <= 40_000_000));
    let opt = laid_down(&project);
    let import = "import scipy.linalg, sklearn.linear_model, pandas, numpy\n\
                  model = sklearn.linear_model.LinearRegression().fit(numpy.array([[1.0], [2.0]]), [1.0, 2.0])\n\
                  print(round(float(model.predict([[3.0]])[0]), 6), pandas.DataFrame({'a': [1, 2]}).a.sum())";
    assert_eq!(said("python3", &["-S", "-c", import], "PYTHONPATH", &opt.path().join("python")), "3.0 3");
}

#[test]
fn a_library_for_the_other_processor_is_refused() {
    let project = python("a", r#"{"runtime": {"lang": "python3.12"}}"#, "");
    project.write(
        "enhancer/function.json",
        r#"{"build": {"command": "true"}, "runtime": {"lang": "python3.12", "layers": ["etl-enhancer"]}}"#,
    );
    fs::create_dir_all(project.root().join("enhancer/lib")).unwrap();
    fs::write(project.root().join("enhancer/lib/libfast.so.1"), Library::new(X86_64).bytes()).unwrap();
    let refused = project.tc(&["build", "--arch", "arm64"]).refused();
    assert!(refused.contains("error[TC0950]: `lib/libfast.so.1` is built for x86_64, but runs on arm64"), "{refused}");
    assert!(refused.contains("1 layer failed"), "{refused}");
    assert_eq!(project.names(".tc/layers"), [""; 0]);
    project.tc(&["build", "--arch", "x86_64"]).well();
    fs::write(project.root().join("enhancer/lib/libfast.so.1"), Library::new(AARCH64).bytes()).unwrap();
    project.tc(&["build", "--arch", "arm64"]).well();
    assert_eq!(zips(&project).keys().collect::<Vec<_>>(), ["etl-enhancer-arm64.zip", "etl-enhancer-x86_64.zip"]);
}

#[test]
fn vendored_gems_are_a_layer_that_ruby_loads() {
    let path = ruby::path();
    let gemfile = "source 'https://gems.example'\ngem 'greet'\n";
    let files = [
        ("loader/handler.rb", "def handler(event:, context:) = 1\n"),
        ("loader/function.json", r#"{"runtime": {"lang": "ruby3.2"}}"#),
        ("loader/Gemfile", gemfile),
    ];
    let project = Project::new(&files).with_path(path);
    let cache = project.root().join("loader/vendor/cache");
    ruby::gem(path, &cache, "greet", "1.2.0", "s.add_dependency 'words', '~> 1.0'");
    ruby::gem(path, &cache, "words", "1.0.1", "");
    let rows = project.tc(&JSON).well().rows();
    let installed = rows[0]["layer"]["distributions"].as_array().unwrap();
    let names: Vec<_> = installed.iter().map(|one| format!("{} {}", one["name"], one["version"])).collect();
    assert_eq!(names, ["\"greet\" \"1.2.0\"", "\"words\" \"1.0.1\""]);
    let opt = laid_down(&project);
    let mut ruby = Command::new("ruby");
    ruby.args(["-e", "require 'greet'; require 'words'; print Greet::VERSION, ' ', Words::VERSION"]);
    let output = ruby.env("PATH", path).env("GEM_PATH", opt.path().join("ruby/gems/3.2.0")).current_dir("/").output();
    assert_eq!(String::from_utf8_lossy(&output.unwrap().stdout), "1.2.0 1.0.1");
}

#[test]
fn packages_of_a_registry_are_a_layer_that_node_loads() {
    let registry = Registry::new(&[
        (
            json!({"name": "greet", "version": "1.2.0", "dependencies": {"words": "^1.0.0"}}),
            &[("index.js", "module.exports = () => require('words').hello\n")],
        ),
        (json!({"name": "words", "version": "1.0.1"}), &[("index.js", "exports.hello = 'hello'\n")]),
    ]);
    let npmrc = registry.npmrc();
    let files = [
        ("web/handler.js", "exports.handler = () => 1\n"),
        ("web/function.json", r#"{"runtime": {"lang": "nodejs22.x", "architecture": "arm64"}}"#),
        ("web/package.json", r#"{"name": "web", "dependencies": {"greet": "^1.0.0"}}"#),
        ("web/.npmrc", npmrc.as_str()),
    ];
    let projects = ["a", "quite-another-name"].map(|directory| Project::below(directory, &files));
    for project in &projects {
        let rows = project.tc(&JSON).well().rows();
        assert_eq!(rows[0]["layer"]["architecture"], Value::from("arm64"));
    }
    assert!(zips(&projects[0]) == zips(&projects[1]), "the same list gave different bytes");
    let opt = laid_down(&projects[0]);
    let packages = opt.path().join("nodejs/node_modules");
    assert_eq!(said("node", &["-p", "require('greet')()"], "NODE_PATH", &packages), "hello");
}
