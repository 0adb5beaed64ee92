//! Libraries of this machine that a layer needs are taken into it, recorded, and looked at again on each build.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::{self, Options};
use tc_core::ir::Topology;
use tc_core::world::MemoryWorld;
use tc_package::layer::install::{self, Inputs, Installed, Installer, Request, Silent, Sources, Tools};
use tc_package::layer::manifest::LibraryOrigin;
use tc_package::layer::{Builder, CHUNK_LIMIT, Cache, Order, Outcome, Site};
use tc_tests::elf::{Library, X86_64};

/// Installs an extension module that needs a library.
struct Extension;

impl Installer for Extension {
    fn inputs(&self, _: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        Ok(Inputs::new())
    }

    fn install(&self, _: &Request<'_>, tree: &Path, _: &Path) -> Result<Installed, Vec<Diagnostic>> {
        fs::create_dir_all(tree.join("python")).unwrap();
        fs::write(tree.join("python/x.so"), Library::new(X86_64).needs(&["libfoo.so.1"]).bytes()).unwrap();
        Ok(Installed::default())
    }
}

/// A function `fn` on a machine with libraries.
struct Machine {
    place: tempfile::TempDir,
    world: MemoryWorld,
    topology: Topology,
}

impl Machine {
    fn new(metadata: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let files = [
            ("topology.yml", "name: etl\n"),
            ("fn/handler.py", "def handler(event, context):\n    return event\n"),
            ("fn/function.json", metadata),
            ("fn/requirements.txt", "x\n"),
        ];
        for (path, text) in files {
            let path = place.path().join("etl").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        for directory in ["host", "etl/fn/libs"] {
            fs::create_dir_all(place.path().join(directory)).unwrap();
        }
        let world = MemoryWorld::new(files);
        let topology = frontend::load(&world, &Options::default()).topology.unwrap();
        Self { place, world, topology }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn build(&self) -> Outcome {
        let (sources, root) = (Sources::default(), self.path("etl"));
        let (cache, tools) = (Cache::open(&self.path("cache")).unwrap(), Tools::from_environment(self.path("cache")));
        let (world, topology) = (&self.world, &self.topology);
        let site = Site { world, topology, root: &root, sources: &sources, tools: &tools, cache: &cache };
        let builder = Builder {
            installer: |_| Some(&Extension),
            options: install::Options::default(),
            architecture: None,
            host: &|_| vec![self.path("host")],
            progress: &Silent,
            chunk_limit: CHUNK_LIMIT,
            threads: 1,
        };
        builder.build(&[Order { site: &site, function: &topology.functions["fn"] }]).remove(0)
    }
}

const PLAIN: &str = r#"{"runtime": {"lang": "python3.12"}}"#;

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.id).collect()
}

#[test]
fn a_library_that_has_changed_on_this_machine_is_noticed() {
    let machine = Machine::new(PLAIN);
    let library = machine.path("host/libfoo.so.1");
    fs::write(&library, Library::new(X86_64).bytes()).unwrap();
    let first = machine.build();
    let built = first.layer.as_ref().unwrap();
    assert!(built.is_new && codes(&first) == ["TC0954"], "{first:?}");
    let [taken] = built.entry.libraries.as_slice() else { panic!("{first:?}") };
    assert_eq!((taken.name.as_str(), taken.origin), ("libfoo.so.1", LibraryOrigin::Host));
    assert_eq!(taken.size, fs::metadata(&library).unwrap().len());
    let before = taken.sha256.clone();
    drop(first);

    let again = machine.build();
    assert!(!again.layer.as_ref().unwrap().is_new && codes(&again) == ["TC0954"], "{again:?}");
    drop(again);

    fs::write(&library, Library::new(X86_64).glibc(&["GLIBC_2.2.5"]).bytes()).unwrap();
    let changed = machine.build();
    let built = changed.layer.as_ref().unwrap();
    assert!(built.is_new && codes(&changed) == ["TC0974", "TC0954"], "{changed:?}");
    assert_eq!(
        changed.findings[0].message,
        "`libfoo.so.1`, which the layer of function `fn` has from this machine, is another now, or gone"
    );
    assert_ne!(built.entry.libraries[0].sha256, before);
    drop(changed);
    assert!(!machine.build().layer.unwrap().is_new);

    // What cannot be built again is not taken from the cache either.
    fs::remove_file(&library).unwrap();
    let gone = machine.build();
    assert!(gone.layer.is_none() && codes(&gone) == ["TC0974", "TC0952"], "{gone:?}");
}

#[test]
fn a_library_of_the_project_is_part_of_what_the_layer_is_known_by() {
    let machine = Machine::new(r#"{"runtime": {"lang": "python3.12"}, "build": {"libs": "libs"}}"#);
    fs::write(machine.path("host/libfoo.so.1"), Library::new(X86_64).bytes()).unwrap();
    let own = machine.path("etl/fn/libs/libfoo.so.1");
    fs::write(&own, Library::new(X86_64).bytes()).unwrap();
    let first = machine.build();
    assert_eq!(first.layer.as_ref().unwrap().entry.libraries[0].origin, LibraryOrigin::Libs);
    drop(first);
    // That of this machine was not taken, so it does not matter.
    fs::remove_file(machine.path("host/libfoo.so.1")).unwrap();
    assert!(!machine.build().layer.unwrap().is_new);
    fs::write(&own, Library::new(X86_64).glibc(&["GLIBC_2.2.5"]).bytes()).unwrap();
    let changed = machine.build();
    assert!(changed.layer.as_ref().unwrap().is_new && codes(&changed) == ["TC0954"], "{changed:?}");
}
