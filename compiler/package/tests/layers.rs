//! Layers built end to end, with an installer that needs no other program: it takes lines `NAME VERSION BYTES` of a
//! function's requirements.txt for distributions of one file.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::{Diagnostic, codes};
use tc_core::frontend::{Options as Compile, load};
use tc_core::ir::{Architecture, Function, Topology};
use tc_core::source::{SourceMap, Span};
use tc_core::world::MemoryWorld;
use tc_package::Document;
use tc_package::archive::Reader;
use tc_package::layer::install::{
    Distribution, Inputs, Installed, Installer, Options, Progress, Request, Sources, Tools,
};
use tc_package::layer::manifest::LayerEntry;
use tc_package::layer::output::{MANIFEST, place};
use tc_package::layer::{Builder, Cache, LayerManifest, Order, Outcome, Site};

struct Lines;

impl Installer for Lines {
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        let (_, text) = request.source("requirements.txt").unwrap();
        Ok(Inputs::from([("requirements.txt".to_owned(), text.into_bytes())]))
    }

    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        assert!(fs::read_dir(tree).unwrap().next().is_none() && fs::read_dir(scratch).unwrap().next().is_none());
        let log = request.cache().join("installs");
        let mut log = fs::File::options().create(true).append(true).open(log).unwrap();
        writeln!(log, "{} {}", request.function.name, request.target.architecture.as_str()).unwrap();
        let (file, text) = request.source("requirements.txt").unwrap();
        let mut installed = Installed::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["fail"] => {
                    return Err(vec![Diagnostic::new(&codes::dependency::NOT_FOUND, Span::start_of(file), "gone")]);
                }
                ["edit"] => fs::write(request.directory.join("requirements.txt"), "edited 1 1\n").unwrap(),
                ["mend", name] => installed.findings.push(Diagnostic::new(
                    &codes::dependency::GAVE_WAY,
                    Span::start_of(file),
                    format!("{name} gave way"),
                )),
                ["nothing"] => {}
                ["link", to] => std::os::unix::fs::symlink(to, tree.join("link")).unwrap(),
                [name, version, size] => {
                    let path = format!("python/{name}.so");
                    fs::create_dir_all(tree.join("python")).unwrap();
                    let file = fs::File::create(tree.join(&path)).unwrap();
                    match size.parse().unwrap() {
                        // Too large to be packed, so a hole does.
                        size @ 100_000_000.. => file.set_len(size).unwrap(),
                        size => (&file).write_all(&noise(size as usize, name)).unwrap(),
                    }
                    let (name, version) = (name.to_owned(), version.to_owned());
                    installed.distributions.push(Distribution { name, version, files: vec![path] });
                }
                _ => panic!("{line}"),
            }
        }
        Ok(installed)
    }
}

/// Bytes that do not shrink: they repeat only farther apart than deflate looks back.
fn noise(length: usize, seed: &str) -> Vec<u8> {
    let digests = (0..4_096u32).flat_map(|n| Sha256::digest(format!("{seed} {n}")));
    digests.collect::<Vec<u8>>().into_iter().cycle().take(length).collect()
}

struct Quiet;
impl Progress for Quiet {
    fn step(&self, _: &str, _: &str) {}
}

/// A topology on disk.
struct Project {
    root: tempfile::TempDir,
    topology: Topology,
    world: MemoryWorld,
    sources: Option<SourceMap>,
    options: Options,
    architecture: Option<Architecture>,
}

/// The most bytes of a zip here.
const CHUNK_LIMIT: u64 = 40_000;

const HANDLER: &str = "def handler(event, context):\n    return event\n";

impl Project {
    /// Functions by name with their requirements and their function.json.
    fn new(functions: &[(&str, &str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut files = vec![("topology.yml".to_owned(), "name: etl\n".to_owned())];
        for (name, requirements, metadata) in functions {
            files.push((format!("{name}/handler.py"), HANDLER.to_owned()));
            files.push((format!("{name}/requirements.txt"), (*requirements).to_owned()));
            if !metadata.is_empty() {
                files.push((format!("{name}/function.json"), (*metadata).to_owned()));
            }
        }
        for (path, text) in &files {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            fs::write(root.path().join(path), text).unwrap();
        }
        let world = MemoryWorld::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let loaded = load(&world, &Compile::default());
        assert!(!loaded.findings.has_errors(), "{:?}", loaded.findings);
        let (topology, sources) = (loaded.topology.unwrap(), Some(loaded.sources));
        Self { root, topology, world, sources, options: Options::default(), architecture: None }
    }

    fn cache(&self) -> PathBuf {
        self.root.path().join(".tc/cache")
    }

    fn out(&self) -> PathBuf {
        self.root.path().join(".tc/layers")
    }

    fn require(&self, function: &str, requirements: &str) {
        fs::write(self.root.path().join(function).join("requirements.txt"), requirements).unwrap();
    }

    /// Builds the layers of these functions, or of all where there are none.
    fn build(&self, names: &[&str]) -> Run {
        let sources = Sources::new(self.sources.clone().unwrap_or_default());
        let (cache, tools) = (Cache::open(&self.cache()).unwrap(), Tools::from_environment(self.cache()));
        let (topology, world, root) = (&self.topology, &self.world, self.root.path());
        let site = Site { world, topology, root, sources: &sources, tools: &tools, cache: &cache };
        let functions: Vec<&Function> =
            topology.functions.values().filter(|f| names.is_empty() || names.contains(&f.name.as_str())).collect();
        let orders: Vec<Order<'_>> = functions.iter().map(|function| Order { site: &site, function }).collect();
        let builder = Builder {
            installer: |_| Some(&Lines),
            options: self.options,
            architecture: self.architecture,
            host: &|_| Vec::new(),
            progress: &Quiet,
            chunk_limit: CHUNK_LIMIT,
            threads: 2,
        };
        let outcomes = builder.build(&orders);
        let layers: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.layer.as_ref()).collect();
        let placed = place(&self.out(), &layers, &|_| false).unwrap();
        let new = layers.iter().filter(|layer| layer.is_new).map(|layer| layer.entry.function.clone()).collect();
        let findings = show(&outcomes, &sources.into_inner());
        Run { new, findings, manifest: placed.manifest, is_changed: placed.is_changed }
    }

    /// What was installed so far, `FUNCTION ARCHITECTURE` a line.
    fn installs(&self) -> String {
        fs::read_to_string(self.cache().join("installs")).unwrap_or_default()
    }

    fn zip(&self, file: &str) -> Vec<u8> {
        fs::read(self.out().join(file)).unwrap()
    }
}

struct Run {
    /// The functions whose layers were not found in the cache.
    new: Vec<String>,
    findings: Vec<String>,
    manifest: LayerManifest,
    is_changed: bool,
}

impl Run {
    fn entry(&self, name: &str) -> &LayerEntry {
        self.manifest.layers.iter().find(|entry| entry.name == name).unwrap()
    }
}

fn show(outcomes: &[Outcome], sources: &SourceMap) -> Vec<String> {
    let line = |finding: &Diagnostic| {
        let place = finding.primary.as_ref().and_then(|label| sources.locate(label.span));
        let place = place.map(|(path, at)| format!("{path}:{}", at.line)).unwrap_or_default();
        let help: Vec<_> = finding.help.iter().map(|help| format!(" ? {help}")).collect();
        format!("{} {} {place} {}{}", finding.severity.as_str(), finding.code.id, finding.message, help.concat())
    };
    outcomes.iter().flat_map(|outcome| &outcome.findings).map(line).collect()
}

fn names(zip: &[u8]) -> Vec<String> {
    Reader::open(zip).unwrap().1.keys().map(ToString::to_string).collect()
}

#[test]
fn a_layer_is_built_once_and_then_found() {
    let project = Project::new(&[("a", "requests 2.1 1000\nidna 3 500\n", ""), ("b", "", "")]);
    let first = project.build(&["a"]);
    assert_eq!((first.new, first.findings, first.is_changed), (vec!["a".to_owned()], vec![], true));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(project.out().join(MANIFEST)).unwrap()).unwrap();
    let layer = &json["layers"][0];
    assert_eq!(layer["name"], "etl-a");
    assert_eq!((&layer["topology"], &layer["function"]), (&"etl".into(), &"a".into()));
    assert_eq!((&layer["runtime"], &layer["architecture"]), (&"python3.13".into(), &"x86_64".into()));
    assert_eq!(layer["unpacked"], 1500);
    assert_eq!(layer["chunks"][0]["file"], "etl-a-x86_64.zip");
    assert_eq!(layer["chunks"][0]["sha256"], layer["sha256"]);
    assert_eq!(layer["distributions"][0], serde_json::json!({"name": "idna", "version": "3", "unpacked": 500}));
    let zip = project.zip("etl-a-x86_64.zip");
    assert_eq!(names(&zip), ["python/idna.so", "python/requests.so"]);

    let second = project.build(&["a"]);
    assert_eq!((second.new, second.is_changed), (vec![], false));
    assert_eq!(second.manifest, first.manifest);
    assert_eq!(project.installs(), "a x86_64\n");
    // The output is made again from the cache alone, to the byte.
    fs::remove_dir_all(project.out()).unwrap();
    assert!(project.build(&["a"]).is_changed);
    assert_eq!(project.zip("etl-a-x86_64.zip"), zip);
    // And without the cache too.
    fs::remove_dir_all(project.root.path().join(".tc")).unwrap();
    assert_eq!(project.build(&["a"]).new, ["a"]);
    assert_eq!(project.zip("etl-a-x86_64.zip"), zip);
}

#[test]
fn whatever_decides_the_result_builds_it_anew() {
    let mut project = Project::new(&[("a", "requests 2.1 1000\n", "")]);
    project.build(&[]);
    project.require("a", "requests 2.2 1000\n");
    assert_eq!(project.build(&[]).new, ["a"]);
    project.options.slim = true;
    assert_eq!(project.build(&[]).new, ["a"]);
    project.architecture = Some(Architecture::Arm64);
    let run = project.build(&[]);
    assert_eq!(run.new, ["a"]);
    let files: Vec<_> = run.manifest.layers.iter().map(|layer| layer.chunks[0].file.as_str()).collect();
    assert_eq!(files, ["etl-a-x86_64.zip", "etl-a-arm64.zip"]);
    // What was built before is there still.
    (project.options.slim, project.architecture) = (false, None);
    project.require("a", "requests 2.1 1000\n");
    assert_eq!(project.build(&[]).new, [""; 0]);
}

#[test]
fn a_function_that_fails_hides_no_other_and_loses_nothing() {
    let project = Project::new(&[("a", "x 1 10\n", ""), ("b", "y 1 10\n", ""), ("c", "z 1 10\n", "")]);
    let first = project.build(&[]);
    project.require("b", "fail\n");
    project.require("c", "z 2 20\n");
    let run = project.build(&[]);
    assert_eq!(run.findings, ["error TC0906 b/requirements.txt:1 gone"]);
    assert_eq!(run.new, ["c"]);
    assert_eq!(run.entry("etl-b"), first.entry("etl-b"), "the last that was whole");
    assert_eq!(names(&project.zip("etl-b-x86_64.zip")), ["python/y.so"]);
}

#[test]
fn one_function_alone_keeps_the_layers_of_the_others() {
    let project = Project::new(&[("a", "x 1 10\n", ""), ("b", "y 1 10\n", "")]);
    project.build(&[]);
    project.require("a", "x 2 11\n");
    let run = project.build(&["a"]);
    assert_eq!(run.manifest.layers.len(), 2);
    assert_eq!(run.entry("etl-a").distributions[0].version, "2");
    assert!(project.out().join("etl-b-x86_64.zip").is_file());
}

#[test]
fn a_large_layer_is_chunks_that_are_used_together() {
    let project = Project::new(&[("a", "big 1 30000\nmid 1 20000\nsmall 1 9000\n", "")]);
    let run = project.build(&[]);
    assert_eq!(run.findings, [""; 0]);
    let entry = run.entry("etl-a");
    let chunks: Vec<_> = entry.chunks.iter().map(|chunk| (chunk.name.as_str(), chunk.file.as_str())).collect();
    assert_eq!(chunks, [("etl-a", "etl-a-x86_64.zip"), ("etl-a-1", "etl-a-1-x86_64.zip")]);
    assert_eq!(names(&project.zip("etl-a-x86_64.zip")), ["python/big.so", "python/small.so"]);
    assert_eq!(names(&project.zip("etl-a-1-x86_64.zip")), ["python/mid.so"]);
    assert!(entry.chunks.iter().all(|chunk| chunk.size <= CHUNK_LIMIT) && entry.size > CHUNK_LIMIT);
    assert_eq!(entry.chunks.iter().map(|chunk| chunk.unpacked).sum::<u64>(), entry.unpacked);
    // A smaller one has no second chunk any more.
    project.require("a", "big 1 30000\n");
    assert_eq!(project.build(&[]).entry("etl-a").chunks.len(), 1);
    assert!(!project.out().join("etl-a-1-x86_64.zip").exists());
}

#[test]
fn chunks_need_names_and_places_of_their_own() {
    let large = "big 1 30000\nmid 1 20000\n";
    let layers = r#"{"runtime": {"layers": ["etl-a", "b", "c", "d"], "extensions": ["e"]}}"#;
    let project = Project::new(&[("a", large, layers), ("a-1", "x 1 1\n", "")]);
    assert_eq!(
        project.build(&[]).findings,
        [
            "error TC0965 a/requirements.txt:1 `etl-a` has 2 chunks, with which function `a` has 6 layers; Lambda allows 5 \
             ? use fewer other layers, or make the dependencies smaller: `tc build --slim`",
            "error TC0964 a/requirements.txt:1 the layer of function `a` has a chunk `etl-a-1`, as the layer of function \
             `a-1` is called ? give one of the functions another `name` in its function.json",
        ]
    );
}

#[test]
fn dependencies_over_lambdas_limit_with_the_code_are_an_error_first() {
    let small = 262_144_000 - 250_000_000 - HANDLER.len() as u64 + 1;
    let project = Project::new(&[("a", &format!("huge 1 250000000\nsmall 2 {small}\n"), "")]);
    assert_eq!(
        project.build(&[]).findings,
        [
            "error TC0960 a/requirements.txt:1 the dependencies of function `a` unpack to 262,143,955 bytes and its code to 46, \
          but Lambda takes 262,144,000 together ? the largest, in bytes: huge 1 (250,000,000), small 2 (12,143,955) \
          ? leave out tests and symbols: `tc build --slim` \
          ? or put them on the file system: `assets.DEPS_PATH` in function.json and `tc build --kind deps --publish` \
          ? or make the function an image: `\"build\": {\"kind\": \"image\"}`"
        ]
    );
}

#[test]
fn what_cannot_stand_in_a_layer_is_named() {
    let project = Project::new(&[("a", "x 1 1\nlink /etc/passwd\n", ""), ("b", "nothing\n", "")]);
    assert_eq!(
        project.build(&[]).findings,
        [
            "error TC0963 a/requirements.txt:1 the link `link` in the layer of function `a` leads out of it, nowhere, or to a \
             directory ? remove it by a command in `build.post`",
            "warning TC0967 b/requirements.txt:1 nothing was installed for function `b`, so it has no layer ? remove \
             `requirements.txt`, or write `\"layers\": []` under `runtime`",
        ]
    );
    assert!(project.build(&[]).manifest.layers.is_empty());
}

#[test]
fn a_layer_that_its_function_does_not_use_is_said() {
    let project = Project::new(&[("a", "x 1 1\n", r#"{"runtime": {"layers": []}}"#)]);
    let unused = "warning TC0966 a/function.json:1 function `a` does not use its layer `etl-a`: `runtime.layers` is empty \
                  ? remove `runtime.layers`, or write `\"layers\": [\"etl-a\"]`";
    assert_eq!(project.build(&[]).findings, [unused]);
    assert_eq!(project.build(&[]).findings, [unused], "also when it is found");
}

#[test]
fn what_was_mended_is_said_each_time() {
    let project = Project::new(&[("a", "x 1 1\nmend numpy\n", "")]);
    for new in [vec!["a".to_owned()], vec![]] {
        let run = project.build(&[]);
        assert_eq!((run.new, run.findings), (new, vec!["note TC0911 a/requirements.txt:1 numpy gave way".to_owned()]));
    }
}

#[test]
fn what_changes_while_it_is_built_is_not_kept() {
    let project = Project::new(&[("a", "edit\nx 1 1\n", "")]);
    let run = project.build(&[]);
    assert_eq!(
        run.findings,
        [
            "warning TC0972 a/requirements.txt:1 `requirements.txt` of function `a` changed while its layer was built ? run \
          `tc build` again"
        ]
    );
    assert_eq!(run.manifest.layers.len(), 1);
    project.require("a", "edit\nx 1 1\n");
    assert_eq!(project.build(&[]).new, ["a"], "the old list is not a hit");
    assert_eq!(project.build(&[]).new, ["a"], "nor is the new one");
}

#[test]
fn a_damaged_entry_is_built_anew_and_said() {
    let project = Project::new(&[("a", "x 1 1000\n", "")]);
    project.build(&[]);
    let before = project.zip("etl-a-x86_64.zip");
    let shelf = fs::read_dir(project.cache().join("layers/etl-a-x86_64")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(shelf.join("0.zip")).unwrap();
    fs::write(shelf.join("0.zip"), "x").unwrap();
    let run = project.build(&[]);
    assert_eq!(
        run.findings,
        [
            "note TC0970 a/requirements.txt:1 the layer of function `a` in the cache was damaged: `0.zip` is not what was \
          written ? it was built anew; nothing has to be done"
        ]
    );
    assert_eq!(run.new, ["a"]);
    assert_eq!(project.zip("etl-a-x86_64.zip"), before);
}

#[test]
fn a_damaged_output_is_put_right() {
    let project = Project::new(&[("a", "x 1 1000\n", ""), ("b", "y 1 1\n", "")]);
    let first = project.build(&[]);
    let file = project.out().join("etl-a-x86_64.zip");
    let before = fs::read(&file).unwrap();
    // A file of its own with the same length, as a copy to another disk would be.
    fs::remove_file(&file).unwrap();
    fs::write(&file, vec![0; before.len()]).unwrap();
    assert!(project.build(&["a"]).is_changed);
    assert_eq!(fs::read(&file).unwrap(), before);
    fs::write(project.out().join(MANIFEST), "{\"layers\": 1").unwrap();
    let run = project.build(&[]);
    assert_eq!(run.manifest, first.manifest);
    let left: Vec<_> = fs::read_dir(project.out()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_and_leaves_what_was_there() {
    let project = Project::new(&[("a", "x 1 10\n", "")]);
    let first = project.build(&[]);
    // A directory that is not empty stands where the zip has to go.
    let file = project.out().join("etl-a-x86_64.zip");
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("x")).unwrap();
    let sources = Sources::default();
    let (cache, tools) = (Cache::open(&project.cache()).unwrap(), Tools::from_environment(project.cache()));
    let (topology, world, root) = (&project.topology, &project.world, project.root.path());
    let site = Site { world, topology, root, sources: &sources, tools: &tools, cache: &cache };
    let orders = [Order { site: &site, function: &topology.functions["a"] }];
    let builder = Builder {
        installer: |_| Some(&Lines),
        options: Options::default(),
        architecture: None,
        host: &|_| Vec::new(),
        progress: &Quiet,
        chunk_limit: CHUNK_LIMIT,
        threads: 1,
    };
    let outcomes = builder.build(&orders);
    let error = place(&project.out(), &[outcomes[0].layer.as_ref().unwrap()], &|_| false).unwrap_err();
    assert_eq!(error.path, file);
    // The manifest names nothing that is not there.
    let manifest: LayerManifest =
        serde_json::from_str(&fs::read_to_string(project.out().join(MANIFEST)).unwrap()).unwrap();
    assert!(manifest.layers.is_empty());
    drop(outcomes);
    fs::remove_dir_all(&file).unwrap();
    assert_eq!(project.build(&[]).manifest, first.manifest);
}

#[test]
fn the_manifest_follows_its_schema_and_the_schema_its_types() {
    let hint = "run `cargo run -p tc-package --example schema -- schema`";
    assert_eq!(LayerManifest::SCHEMA, LayerManifest::generate_schema(), "{hint}");
    let project = Project::new(&[("a", "x 1 10\n", "")]);
    let manifest = project.build(&[]).manifest;
    let mut json: serde_json::Value = serde_json::from_str(&manifest.to_json()).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(LayerManifest::SCHEMA).unwrap()).unwrap();
    assert!(validator.is_valid(&json));
    json["layers"][0]["built"] = "2026-11-22".into();
    assert!(!validator.is_valid(&json), "an unknown key");
}

#[test]
fn two_topologies_of_one_name_do_not_wait_for_each_other() {
    let project = Project::new(&[("a", "x 1 10\n", "")]);
    let sources = Sources::default();
    let (cache, tools) = (Cache::open(&project.cache()).unwrap(), Tools::from_environment(project.cache()));
    let (topology, world, root) = (&project.topology, &project.world, project.root.path());
    let site = Site { world, topology, root, sources: &sources, tools: &tools, cache: &cache };
    let order = Order { site: &site, function: &topology.functions["a"] };
    let builder = Builder {
        installer: |_| Some(&Lines),
        options: Options::default(),
        architecture: None,
        host: &|_| Vec::new(),
        progress: &Quiet,
        chunk_limit: CHUNK_LIMIT,
        threads: 2,
    };
    let outcomes = builder.build(&[order, order]);
    assert!(outcomes[0].layer.is_some() && outcomes[1].layer.is_none());
    assert_eq!(
        outcomes[1].findings[0].message,
        "two topologies have a layer `etl-a`; that of function `a` is not built"
    );
}

#[test]
fn findings_of_functions_come_in_their_order() {
    let names: Vec<String> = (0..20).map(|n| format!("f{n:02}")).collect();
    let functions: Vec<_> = names.iter().map(|name| (name.as_str(), "fail\n", "")).collect();
    let found = Project::new(&functions).build(&[]).findings;
    let wanted: Vec<_> = names.iter().map(|name| format!("error TC0906 {name}/requirements.txt:1 gone")).collect();
    assert_eq!(found, wanted);
}
