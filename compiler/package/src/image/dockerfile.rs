//! The text of a Dockerfile.

use super::ImageRequest;
use handlebars::Handlebars;
use serde::Serialize;
use std::fs;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::{Architecture, Family, Runtime};

/// What Docker leaves out.
const IGNORE: &str = include_str!("../../../../runtime-templates/dockerfiles/ignore.hbs");

/// The files that are written.
pub(super) struct Contents {
    pub dockerfile: String,
    pub ignore: String,
}

/// What the templates are filled with.
#[derive(Debug, Default, Serialize)]
struct Data {
    function: String,
    /// The base image of the runtime.
    base: String,
    handler: String,
    /// The list of dependencies, if there is one.
    list: Option<&'static str>,
    /// The list with its lock and what else the installation reads.
    lists: Vec<&'static str>,
    locked: bool,
    /// Ruby: the package manager of the base image.
    installer: &'static str,
    /// Rust: the target.
    target: String,
    /// Rust: the program that is made.
    program: Option<String>,
}

/// The lists of a language: those of dependencies, the first that is there counts; locks; what else is read.
struct Lists {
    lists: &'static [&'static str],
    locks: &'static [&'static str],
    more: &'static [&'static str],
}

/// The Dockerfile of a function that has none of its own.
pub(super) fn of(request: &ImageRequest<'_>) -> Result<Contents, Vec<Diagnostic>> {
    let function = request.order.function;
    let own = "put a `Dockerfile` into the function's directory";
    let Some(runtime) = &function.build.base else {
        let message = format!("the image of function `{}` has neither a Dockerfile nor a runtime", function.name);
        let finding = Diagnostic::new(&codes::NO_DOCKERFILE, function.span, message);
        return Err(vec![finding.help(format!("{own}, or say `runtime.lang`"))]);
    };
    let (template, lists) = match runtime.family {
        Family::Python => (
            include_str!("../../../../runtime-templates/dockerfiles/python.hbs"),
            Lists { lists: &["pyproject.toml", "requirements.txt"], locks: &["uv.lock"], more: &[] },
        ),
        Family::Node => (
            include_str!("../../../../runtime-templates/dockerfiles/node.hbs"),
            Lists { lists: &["package.json"], locks: &["package-lock.json", "npm-shrinkwrap.json"], more: &[] },
        ),
        Family::Ruby => (
            include_str!("../../../../runtime-templates/dockerfiles/ruby.hbs"),
            Lists { lists: &["Gemfile"], locks: &["Gemfile.lock"], more: &["vendor"] },
        ),
        Family::Rust => (
            include_str!("../../../../runtime-templates/dockerfiles/rust.hbs"),
            Lists { lists: &["Cargo.toml"], locks: &["Cargo.lock"], more: &[] },
        ),
        Family::Go => (
            include_str!("../../../../runtime-templates/dockerfiles/go.hbs"),
            Lists { lists: &["go.mod"], locks: &["go.sum"], more: &[] },
        ),
        Family::Java | Family::Dotnet | Family::Provided => {
            let message = format!("tc has no Dockerfile for function `{}` on `{}`", function.name, runtime.id());
            return Err(vec![Diagnostic::new(&codes::NO_DOCKERFILE, runtime.span, message).help(own)]);
        }
    };
    let data = data(request, runtime.value, &lists);
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_escape_fn(handlebars::no_escape);
    let render = |template: &str| {
        templates.render_template(template, &data).map_err(|error| {
            let message = format!("the Dockerfile of function `{}` cannot be made: {error}", function.name);
            vec![Diagnostic::new(&codes::NO_DOCKERFILE, function.span, message)]
        })
    };
    Ok(Contents { dockerfile: render(template)?, ignore: render(IGNORE)? })
}

fn data(request: &ImageRequest<'_>, runtime: Runtime, lists: &Lists) -> Data {
    let function = request.order.function;
    let there = |name: &&&'static str| request.order.directory().join(name).exists();
    let list = lists.lists.iter().find(there).copied();
    let lock = lists.locks.iter().find(there).copied();
    let more = lists.more.iter().filter(there).copied();
    let cpu = match request.architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    };
    Data {
        function: function.name.clone(),
        base: base_image(runtime),
        handler: handler(request, runtime),
        list,
        lists: list.into_iter().chain(lock).chain(more).collect(),
        locked: lock.is_some(),
        // Amazon Linux 2, which Ruby 3.2 and older run on, has yum.
        installer: if matches!(runtime.id(), "ruby2.7" | "ruby3.2") { "yum" } else { "dnf" },
        target: format!("{cpu}-unknown-linux-musl"),
        program: (runtime.family == Family::Rust).then(|| program(request)),
    }
}

/// AWS's base image (Lambda Developer Guide, "Create a Lambda function using a container image": AWS base images).
fn base_image(runtime: Runtime) -> String {
    let id = runtime.id();
    let (name, tag) = match id.split_once('.').filter(|(name, _)| *name == "provided") {
        Some(parts) => parts,
        None => id.split_at(id.find(|char: char| char.is_ascii_digit()).unwrap_or(id.len())),
    };
    format!("public.ecr.aws/lambda/{name}:{}", tag.trim_end_matches(".x"))
}

/// The command of the image: the handler.
fn handler(request: &ImageRequest<'_>, runtime: Runtime) -> String {
    let written = request.order.function.handler.as_ref().map(|handler| handler.value.clone());
    let usual = if runtime.is_os_only() { "bootstrap" } else { "handler.handler" };
    // It stands in a JSON string.
    let json = serde_json::Value::from(written.unwrap_or_else(|| usual.to_owned())).to_string();
    json.trim_matches('"').to_owned()
}

/// The program that a crate makes: `bootstrap` where its Cargo.toml names it, else what the package is called.
fn program(request: &ImageRequest<'_>) -> String {
    let manifest = fs::read_to_string(request.order.directory().join("Cargo.toml")).unwrap_or_default();
    let mut names = manifest.lines().filter_map(|line| {
        let value = line.trim().strip_prefix("name")?.trim_start().strip_prefix('=')?;
        Some(value.trim().trim_matches('"').to_owned())
    });
    let first = names.next().unwrap_or_else(|| request.order.function.name.clone());
    if names.any(|name| name == "bootstrap") { "bootstrap".to_owned() } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_images_are_tagged_by_version() {
        for (runtime, wanted) in [
            ("python3.13", "python:3.13"),
            ("nodejs22.x", "nodejs:22"),
            ("ruby3.4", "ruby:3.4"),
            ("java8.al2", "java:8.al2"),
            ("rust", "provided:al2023"),
        ] {
            assert_eq!(base_image(Runtime::parse(runtime).unwrap()), format!("public.ecr.aws/lambda/{wanted}"));
        }
    }
}
