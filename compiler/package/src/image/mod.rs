//! Functions that are container images: the Dockerfile, and Docker where it is there.
//!
//! A Dockerfile in the function's directory is the author's and is taken as it is. Else one is written beside the other
//! results, from AWS's base image of the function's runtime, with the dependencies in a stage of their own so that
//! Docker's cache holds them while only code changes. Nothing else of tc needs Docker: without it the Dockerfile and
//! the command are the result.

mod dockerfile;

use crate::layer::Order;
use crate::layer::install::local::relative;
use crate::layer::install::transcript::Transcript;
use crate::layer::install::{Progress, Tools};
use crate::placement::Placement;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_core::diagnostic::codes::{artifact, dependency as codes};
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::{Architecture, Function};
use tc_core::world::WorldError;

/// What an image is to be built of.
#[derive(Clone, Copy)]
pub struct ImageRequest<'a> {
    /// The function, and where it stands.
    pub order: Order<'a>,
    /// The processor that it is for.
    pub architecture: Architecture,
    /// Where the Dockerfile is put.
    pub output: &'a Path,
    /// Is told what is being done.
    pub progress: &'a dyn Progress,
}

impl ImageRequest<'_> {
    fn function(&self) -> &Function {
        self.order.function
    }

    fn root(&self) -> &Path {
        self.order.site.root
    }

    fn tools(&self) -> &Tools {
        self.order.site.tools
    }
}

/// An image, or all that is needed to build it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// What it is tagged.
    pub tag: String,
    /// The command that builds it, to be run in the topology's directory.
    pub command: String,
    /// Its id, `sha256:...`. `None` where there is no Docker.
    pub id: Option<String>,
    /// What else is to be said; no errors.
    pub findings: Vec<Diagnostic>,
}

/// Writes the Dockerfile of a function, and builds the image where there is Docker.
///
/// # Errors
/// When there is no template for its language, something cannot be written, or Docker fails.
pub fn build(request: &ImageRequest<'_>) -> Result<Image, Vec<Diagnostic>> {
    let function = request.function();
    let own = request.order.directory().join("Dockerfile");
    let dockerfile = if own.is_file() { own } else { write(request)? };
    let tag = tag(request);
    let arguments = arguments(request, &dockerfile, &tag);
    let shown: Vec<String> = arguments.iter().map(|argument| quoted(&shown(request, argument))).collect();
    let command = format!("docker {}", shown.join(" "));
    let mut image = Image { dockerfile, tag, command, id: None, findings: Vec::new() };
    match docker(request) {
        Ok(docker) => image.id = Some(run(request, &docker, &arguments, &image.tag)?),
        Err(reason) => {
            let message = format!("the image of function `{}` is left to be built: {reason}", function.name);
            let finding = Diagnostic::new(&codes::IMAGE_LEFT, function.span, message);
            image.findings.push(finding.help(format!("run `{}`", image.command)));
        }
    }
    Ok(image)
}

/// Writes the Dockerfile and what Docker is to leave out, each beside its place and moved there.
fn write(request: &ImageRequest<'_>) -> Result<PathBuf, Vec<Diagnostic>> {
    let function = request.function();
    let contents = dockerfile::of(request)?;
    let name = format!("{}.Dockerfile", function.name);
    // Docker reads `DOCKERFILE.dockerignore` in place of the one in the directory that it is given.
    let ignore = format!("{name}.dockerignore");
    let keep = || {
        let place = Placement::open(request.output)?;
        place.write(&ignore, contents.ignore.as_bytes(), false)?;
        place.write(&name, contents.dockerfile.as_bytes(), false)
    };
    keep().map_err(|error| {
        let error = WorldError::from(&error);
        let message = format!("the Dockerfile of function `{}` cannot be written: {error}", function.name);
        vec![Diagnostic::new(&artifact::NOT_WRITTEN, function.span, message)]
    })?;
    Ok(request.output.join(name))
}

/// `NAMESPACE-FUNCTION:ARCHITECTURE`, in the letters that Docker takes.
fn tag(request: &ImageRequest<'_>) -> String {
    let name = format!("{}-{}", request.order.site.topology.name.value, request.function().name).to_ascii_lowercase();
    format!("{name}:{}", request.architecture.as_str())
}

/// The arguments of `docker`.
fn arguments(request: &ImageRequest<'_>, dockerfile: &Path, tag: &str) -> Vec<String> {
    let platform = match request.architecture {
        Architecture::X86_64 => "linux/amd64",
        Architecture::Arm64 => "linux/arm64",
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    // Lambda takes no image with attestations beside it, which makes an index of images out of one (Lambda Developer
    // Guide, "Create a Lambda function using a container image": `--provenance=false`).
    let mut arguments = ["build", "--platform", platform, "--provenance=false"].map(str::to_owned).to_vec();
    for (id, path) in secrets(request) {
        arguments.extend(["--secret".to_owned(), format!("id={id},src={}", text(&path))]);
    }
    if std::env::var_os("SSH_AUTH_SOCK").is_some() {
        arguments.extend(["--ssh", "default"].map(str::to_owned));
    }
    arguments.extend(["--file".to_owned(), text(dockerfile), "--tag".to_owned(), tag.to_owned()]);
    arguments.push(text(&request.order.directory()));
    arguments
}

/// Settings with credentials that a build may need. They are shown to it and never in the image.
fn secrets(request: &ImageRequest<'_>) -> Vec<(&'static str, PathBuf)> {
    let home = std::env::home_dir().unwrap_or_default();
    let candidates = [
        ("npmrc", vec![request.order.directory().join(".npmrc"), home.join(".npmrc")]),
        ("bundle", vec![home.join(".bundle/config")]),
        ("netrc", vec![home.join(".netrc")]),
    ];
    let first = |paths: Vec<PathBuf>| paths.into_iter().find(|path| path.is_file());
    candidates.into_iter().filter_map(|(id, paths)| Some((id, first(paths)?))).collect()
}

/// An argument as it is shown: with paths from the topology's directory.
fn shown(request: &ImageRequest<'_>, argument: &str) -> String {
    let (key, value) = match argument.split_once("src=") {
        Some((key, value)) => (format!("{key}src="), value),
        None => (String::new(), argument),
    };
    let path = Path::new(value);
    match path.is_absolute() {
        true if path.starts_with(request.root()) => format!("{key}{}", relative(request.root(), path)),
        _ => argument.to_owned(),
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./=:,@+".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The `docker` that can be used, or why there is none.
fn docker(request: &ImageRequest<'_>) -> Result<PathBuf, String> {
    let docker = request.tools().find("docker").ok_or("`docker` is not on the PATH")?;
    let mut version = request.tools().command(&docker, request.root());
    let ran = request.tools().run(version.args(["version", "--format", "{{.Server.Version}}"]));
    match ran {
        Ok(ran) if ran.succeeded() => Ok(docker),
        _ => Err("Docker does not run here".to_owned()),
    }
}

fn run(request: &ImageRequest<'_>, docker: &Path, arguments: &[String], tag: &str) -> Result<String, Vec<Diagnostic>> {
    let function = request.function();
    request.progress.step(&function.name, "building the image by Docker");
    let start = |command: &mut Command| {
        let failed = |error: io::Error| {
            let error = WorldError::from(&error);
            vec![Diagnostic::new(&codes::TOOL_FAILED, function.span, format!("Docker cannot be started: {error}"))]
        };
        request.tools().run(command).map_err(failed)
    };
    let mut build = request.tools().command(docker, request.root());
    let ran = start(build.env("DOCKER_BUILDKIT", "1").env("BUILDKIT_PROGRESS", "plain").args(arguments))?;
    if !ran.succeeded() {
        let said = Transcript::of_text(&ran.stderr, &[(&request.order.directory(), &function.name)]);
        let code = said.outside_fault().map_or(&codes::IMAGE_FAILED, |(code, _)| code);
        let mut finding = Diagnostic::new(
            code,
            function.span,
            format!("Docker cannot build the image of function `{}`", function.name),
        );
        finding.severity = Severity::Error;
        return Err(vec![said.quote(finding)]);
    }
    let mut inspect = request.tools().command(docker, request.root());
    let ran = start(inspect.args(["image", "inspect", "--format", "{{.Id}}", tag]))?;
    Ok(ran.stdout.trim().to_owned())
}
