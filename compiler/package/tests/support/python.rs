//! What the tests of Python dependencies share: a function on disk, wheels made for the test, and uv.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
#![allow(clippy::print_stdout, reason = "a test that does nothing says so")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::frontend;
use tc_core::ir::{Architecture, Function};
use tc_core::source::SourceMap;
use tc_core::world::MemoryWorld;
use tc_package::layer::Target;
use tc_package::layer::install::{Inputs, Installed, Installer, Options, Python, Request, Silent, Sources, Tools};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A topology `etl` on disk with one function `enhancer`, and what surrounds it.
pub struct Project {
    pub place: tempfile::TempDir,
    pub runtime: &'static str,
    pub architecture: Architecture,
    pub options: Options,
    pub tools: Tools,
}

/// What came of an installation.
pub struct Outcome {
    pub result: Result<Installed, Vec<Diagnostic>>,
    pub tree: tempfile::TempDir,
    sources: SourceMap,
}

impl Project {
    /// With these files; the topology's directory is `etl`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self {
            place: tempfile::tempdir().unwrap(),
            runtime: "python3.10",
            architecture: Architecture::X86_64,
            options: Options::default(),
            tools: tools(),
        };
        project.write("etl/topology.yml", "name: etl\n");
        project.write("etl/enhancer/handler.py", "def handler(event, context):\n    return {}\n");
        files.iter().for_each(|(name, text)| project.write(name, text));
        project
    }

    /// With a pyproject.toml of these dependencies, and the wheels of `wheels/` alone to choose from.
    pub fn of(dependencies: &str) -> Self {
        let text = format!(
            "[project]\nname = \"enhancer\"\nversion = \"0.1.0\"\nrequires-python = \">=3.10\"\ndependencies = [{dependencies}]\n\n[tool.uv]\nno-index = \
             true\nfind-links = [\"../../wheels\"]\n"
        );
        let project = Self::new(&[("etl/enhancer/pyproject.toml", &text)]);
        fs::create_dir_all(project.path("wheels")).unwrap();
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds a wheel to `wheels/`.
    pub fn wheel(self, name: &str, version: &str, tag: &str, needs: &[&str]) -> Self {
        let text = format!("VERSION = '{version}'\n");
        wheel(&self.path("wheels"), name, version, tag, needs, &[(&format!("{name}/__init__.py"), text.as_bytes())]);
        self
    }

    /// A directory that is built by a backend of its own, without any other distribution.
    pub fn package(&self, directory: &str, name: &str, more: &str) {
        let text = format!(
            "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n[project]\nname = \
             \"{name}\"\nversion = \"1.0\"\n{more}"
        );
        self.write(&format!("{directory}/pyproject.toml"), &text);
        self.write(&format!("{directory}/backend.py"), BACKEND);
        self.write(&format!("{directory}/{}/__init__.py", name.replace('-', "_")), "HERE = True\n");
    }

    fn function(&self) -> (Function, SourceMap) {
        let json = format!(
            "{{\"runtime\": {{\"lang\": \"{}\", \"architecture\": \"{}\"}}}}",
            self.runtime,
            self.architecture.as_str()
        );
        let mut files =
            vec![("topology.yml", "name: etl\n"), ("enhancer/handler.py", ""), ("enhancer/function.json", &json)];
        let lists = ["pyproject.toml", "requirements.txt"];
        let read = |list: &&str| {
            let name = format!("enhancer/{list}");
            let bytes = fs::read(self.path("etl").join(&name)).ok()?;
            Some((name, String::from_utf8_lossy(&bytes).into_owned()))
        };
        let found: Vec<_> = lists.iter().filter_map(read).collect();
        files.extend(found.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let loaded = frontend::load(&MemoryWorld::new(files), &frontend::Options::default());
        let topology = loaded.topology.unwrap_or_else(|| panic!("{:?}", loaded.findings));
        (topology.functions.into_iter().next().unwrap().1, loaded.sources)
    }

    fn with_request<T>(&self, use_it: impl FnOnce(&Request<'_>) -> T) -> (T, SourceMap) {
        let (function, sources) = self.function();
        let sources = Sources::new(sources);
        let target = Target { runtime: function.runtime.as_ref().unwrap().value, architecture: self.architecture };
        let (root, directory) = (self.path("etl"), self.path("etl/enhancer"));
        let request = Request {
            function: &function,
            target,
            root: &root,
            directory: &directory,
            options: self.options,
            tools: &self.tools,
            sources: &sources,
            progress: &Silent,
        };
        let done = use_it(&request);
        (done, sources.into_inner())
    }

    /// Locks the project with the uv that the installer uses; one was installed before.
    pub fn lock(&self) {
        let uv = self.tools.find("uv").unwrap_or_else(|| {
            let tools = self.tools.cache().join("tools");
            fs::read_dir(tools).unwrap().map(|entry| entry.unwrap().path().join("uv")).find(|uv| uv.is_file()).unwrap()
        });
        let output = self.tools.command(uv, &self.path("etl/enhancer")).arg("lock").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn inputs(&self) -> Inputs {
        self.with_request(|request| Python.inputs(request)).0.unwrap()
    }

    /// The names of the inputs, without settings of whoever runs the test.
    pub fn input_names(&self) -> Vec<String> {
        let is_list = |name: &String| !name.starts_with("variable ") && name != "user settings";
        self.inputs().into_keys().filter(is_list).collect()
    }

    pub fn install(&self) -> Outcome {
        let (tree, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (result, sources) = self.with_request(|request| Python.install(request, tree.path(), scratch.path()));
        Outcome { result, tree, sources }
    }
}

impl Outcome {
    /// Whether there was no way to a registry, so that nothing can be said. Says so.
    pub fn is_unreachable(&self) -> bool {
        let codes = self.result.as_ref().err().into_iter().flatten().map(|finding| finding.code.id);
        let unreachable = codes.into_iter().any(|code| code == "TC0902");
        if unreachable {
            println!("skipped: the package registry cannot be reached: {:?}", self.findings());
        }
        unreachable
    }

    /// The findings, each in lines: severity, code, place, the underlined text, message, help.
    pub fn findings(&self) -> Vec<String> {
        let findings = match &self.result {
            Ok(installed) => &installed.findings,
            Err(findings) => findings,
        };
        findings.iter().map(|finding| self.show(finding)).collect()
    }

    /// The text of a span.
    pub fn text(&self, span: tc_core::source::Span) -> &str {
        &self.sources.get(span.file).unwrap().text[span.range()]
    }

    fn show(&self, finding: &Diagnostic) -> String {
        let mut text = format!("{} {}", finding.severity.as_str(), finding.code.id);
        if let Some(label) = &finding.primary {
            let (path, at) = self.sources.locate(label.span).unwrap();
            text.push_str(&format!(" {path}:{} `{}`", at.line, self.text(label.span)));
        }
        text.push_str(&format!(": {}", finding.message));
        finding.help.iter().for_each(|help| text.push_str(&format!("\n  {help}")));
        text
    }

    /// What was installed; no error.
    pub fn installed(&self) -> &Installed {
        match &self.result {
            Ok(installed) => {
                assert!(installed.findings.iter().all(|finding| finding.severity != Severity::Error));
                installed
            }
            Err(_) => panic!("not installed: {}", self.findings().join("\n")),
        }
    }

    /// `name version` of all that was installed.
    pub fn distributions(&self) -> Vec<String> {
        self.installed().distributions.iter().map(|one| format!("{} {}", one.name, one.version)).collect()
    }

    /// The files of the tree: name and bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut pending = vec![(self.tree.path().to_owned(), String::new())];
        while let Some((directory, prefix)) = pending.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
                match entry.file_type().unwrap().is_dir() {
                    true => pending.push((entry.path(), format!("{name}/"))),
                    false => drop(files.insert(name, fs::read(entry.path()).unwrap())),
                }
            }
        }
        files
    }

    /// The names of the files in the tree.
    pub fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    /// What a Python of this machine prints with the tree on its path.
    pub fn python(&self, code: &str) -> String {
        let mut python = Command::new("python3");
        python.args(["-S", "-c", code]).env("PYTHONPATH", self.tree.path().join("python"));
        let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

/// uv of this machine or fetched once for all tests, with a cache of its own.
pub fn tools() -> Tools {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    Tools::from_environment(place.join("tc")).with_variable("UV_CACHE_DIR", place.join("uv"))
}

/// A uv that says what is wanted of it: `says` is written to its error stream by all but `uv --version`.
pub fn fake_uv(place: &Path, says: &str, status: u8) -> Tools {
    let words = place.join("words");
    fs::write(&words, says).unwrap();
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'uv 0.13.9'; exit; fi\ncat '{}' >&2\nexit {status}\n",
        words.display()
    );
    program(place, "uv", &script);
    Tools::on_path(
        std::env::join_paths([place, Path::new("/usr/bin"), Path::new("/bin")]).unwrap(),
        place.join("cache"),
    )
}

/// Writes a program.
pub fn program(place: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = place.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes a wheel.
pub fn wheel(place: &Path, name: &str, version: &str, tag: &str, needs: &[&str], files: &[(&str, &[u8])]) {
    fs::create_dir_all(place).unwrap();
    let mut zip = ZipWriter::new(File::create(place.join(format!("{name}-{version}-{tag}.whl"))).unwrap());
    let mut record = String::new();
    let mut add = |path: &str, bytes: &[u8]| {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
        record.push_str(&format!("{path},,\n"));
    };
    files.iter().for_each(|(path, bytes)| add(path, bytes));
    let info = format!("{name}-{version}.dist-info");
    let needs: String = needs.iter().map(|need| format!("Requires-Dist: {need}\n")).collect();
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}");
    add(&format!("{info}/METADATA"), metadata.as_bytes());
    let wheel = format!("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n");
    add(&format!("{info}/WHEEL"), wheel.as_bytes());
    let record = format!("{record}{info}/RECORD,,\n");
    zip.start_file(format!("{info}/RECORD"), SimpleFileOptions::default()).unwrap();
    zip.write_all(record.as_bytes()).unwrap();
    zip.finish().unwrap();
}

/// A build backend that packs the modules beside it, leaves a trace of itself, and fails or compiles where it is told.
const BACKEND: &str = r#"
import os, re, sys, tomllib, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    if os.path.exists("fail"):
        print("warming up", file=sys.stderr)
        raise SystemExit("the backend does not like it")
    tag = "cp311-cp311-linux_riscv64" if os.path.exists("compiled") else "py3-none-any"
    name = re.sub("[-_.]+", "_", project["name"])
    version = project["version"]
    info = f"{name}-{version}.dist-info"
    os.makedirs("build", exist_ok=True)
    open("build/left-behind", "w").close()
    wheel = f"{name}-{version}-{tag}.whl"
    needs = "".join(f"Requires-Dist: {need}\n" for need in project.get("dependencies", []))
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as zip:
        names = [f"{name}/{file}" for file in sorted(os.listdir(name)) if file.endswith(".py")]
        for file in names:
            zip.write(file)
        zip.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        zip.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n")
        zip.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in names) + f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return wheel
"#;

/// Makes a directory a git repository with one commit.
pub fn commit(place: &Path) {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(place).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        git.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]);
}
