//! A topology on disk whose dependencies are installed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::{Options, load};
use tc_core::ir::{Function, Topology};
use tc_core::source::SourceMap;
use tc_core::world::MemoryWorld;
use tc_package::image::{self, Image, ImageRequest};
use tc_package::layer::install::{self, Inputs, Installed, Installer, Request, Silent, Sources, Tools};
use tc_package::layer::{Cache, Order, Site, Target};
use tc_package::program::{self, Program};

/// A topology in a directory `topology` of a temporary directory, with what stands around it.
pub struct Fixture {
    place: tempfile::TempDir,
    topology: Topology,
    sources: SourceMap,
    path: OsString,
}

/// What became of an installation.
pub struct Outcome {
    /// The tree.
    pub tree: tempfile::TempDir,
    /// What was installed, if it was.
    pub installed: Option<Installed>,
    /// The findings, one line each: `CODE severity message @ PATH:LINE; help; help`.
    pub findings: Vec<String>,
}

impl Outcome {
    /// The files of the tree, by name.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        crate::tree::read(self.tree.path()).expect("the tree can be read")
    }

    /// The distributions, `NAME VERSION`.
    pub fn distributions(&self) -> Vec<String> {
        let installed = self.installed.as_ref().unwrap_or_else(|| panic!("not installed: {:#?}", self.findings));
        installed.distributions.iter().map(|one| format!("{} {}", one.name, one.version)).collect()
    }
}

impl Fixture {
    /// Writes files, named relative to the topology's directory (`../x` stands beside it). A `topology.yml` is added
    /// where there is none.
    ///
    /// # Panics
    /// When they are no topology.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let place = tempfile::tempdir().expect("a temporary directory");
        let mut world = MemoryWorld::new([("topology.yml", "name: etl\n")]);
        let root = place.path().join("project/topology");
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory");
            fs::write(&path, text).expect("a file");
            world.insert(*name, *text);
        }
        let loaded = load(&world, &Options::default());
        let topology = loaded.topology.unwrap_or_else(|| panic!("{:#?}", loaded.findings));
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self { place, topology, sources: loaded.sources, path }
    }

    /// With other programs.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<OsString>) -> Self {
        self.path = path.into();
        self
    }

    /// The topology's directory.
    pub fn root(&self) -> PathBuf {
        self.place.path().join("project/topology")
    }

    /// A function.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn function(&self, name: &str) -> &Function {
        self.topology.functions.get(name).unwrap_or_else(|| panic!("no function `{name}`"))
    }

    fn request<T>(&self, name: &str, run: impl FnOnce(&Request<'_>) -> T) -> (T, SourceMap) {
        let function = self.function(name);
        let runtime = function.runtime.as_ref().expect("a function has a runtime").value;
        let tools = Tools::on_path(self.path.clone(), self.place.path().join("cache"));
        let sources = Sources::new(self.sources.clone());
        let request = Request {
            function,
            target: Target { runtime, architecture: function.architecture },
            root: &self.root(),
            directory: &self.root().join(function.directory.as_str()),
            options: install::Options::default(),
            tools: &tools,
            sources: &sources,
            progress: &Silent,
        };
        let done = run(&request);
        (done, sources.into_inner())
    }

    /// What decides the installation.
    ///
    /// # Panics
    /// When that cannot be said.
    pub fn inputs(&self, installer: &dyn Installer, name: &str) -> Inputs {
        self.request(name, |request| installer.inputs(request)).0.expect("inputs")
    }

    /// Installs.
    pub fn install(&self, installer: &dyn Installer, name: &str) -> Outcome {
        let tree = tempfile::tempdir().expect("a temporary directory");
        let scratch = tempfile::tempdir().expect("a temporary directory");
        let before = self.snapshot();
        let (result, sources) = self.request(name, |request| installer.install(request, tree.path(), scratch.path()));
        assert_eq!(before, self.snapshot(), "an installation writes to the source");
        let (installed, findings) = match result {
            Ok(mut installed) => {
                let findings = std::mem::take(&mut installed.findings);
                (Some(installed), findings)
            }
            Err(findings) => (None, findings),
        };
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(findings);
        let findings = diagnostics.iter().map(|finding| line(finding, &sources)).collect();
        Outcome { tree, installed, findings }
    }

    /// Compiles a function: its program, or the findings.
    ///
    /// # Errors
    /// The findings, one line each, as in [`Outcome`].
    pub fn compile(&self, name: &str) -> Result<(Program, Vec<String>), Vec<String>> {
        let (result, sources) = self.request(name, program::build);
        let lines = |findings: &[Diagnostic]| findings.iter().map(|finding| line(finding, &sources)).collect();
        match result {
            Ok(program) => {
                let program = program.expect("the function is compiled");
                let findings = lines(&program.findings);
                Ok((program, findings))
            }
            Err(findings) => Err(lines(&findings)),
        }
    }

    /// Writes the Dockerfile of a function, and builds the image where there is Docker.
    ///
    /// # Errors
    /// The findings, one line each, as in [`Outcome`].
    pub fn image(&self, name: &str) -> Result<(Image, Vec<String>), Vec<String>> {
        let function = self.function(name);
        let cache = self.place.path().join("cache");
        let tools = Tools::on_path(self.path.clone(), cache.clone());
        let (root, sources) = (self.root(), Sources::new(self.sources.clone()));
        let site = Site {
            world: &MemoryWorld::new([("topology.yml", "")]),
            topology: &self.topology,
            root: &root,
            sources: &sources,
            tools: &tools,
            cache: &Cache::open(&cache).expect("a cache"),
        };
        let result = image::build(&ImageRequest {
            order: Order { site: &site, function },
            architecture: function.architecture,
            output: &root.join(".tc/layers"),
            progress: &Silent,
        });
        let lines = |findings: &[Diagnostic]| findings.iter().map(|finding| line(finding, &self.sources)).collect();
        match result {
            Ok(image) => {
                let findings = lines(&image.findings);
                Ok((image, findings))
            }
            Err(findings) => Err(lines(&findings)),
        }
    }

    fn snapshot(&self) -> crate::tree::Tree {
        crate::tree::read(&self.place.path().join("project")).expect("the project can be read")
    }
}

/// A finding as a line.
fn line(finding: &Diagnostic, sources: &SourceMap) -> String {
    let place = finding.primary.as_ref().and_then(|label| {
        let file = sources.get(label.span.file)?;
        Some(format!(" @ {}:{}", file.path, file.position(label.span.range().start).line))
    });
    let help: String = finding.help.iter().map(|help| format!("; {help}")).collect();
    let severity = finding.severity.as_str();
    format!("{} {severity} {}{}{help}", finding.code.id, finding.message, place.unwrap_or_default())
}

/// Makes a file executable.
///
/// # Panics
/// When it cannot.
pub fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}
