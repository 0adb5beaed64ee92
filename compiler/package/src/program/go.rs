//! Functions in Go, by go.
//!
//! Without C, so that the program stands alone; without paths of this machine, build identifiers and symbols; with the
//! tag that leaves out what only Lambda's former Go runtime needed (Lambda Developer Guide, "Deploy Go Lambda functions
//! with .zip file archives").

use super::Compiled;
use super::messages::{SHOWN, dependency, error, failed, place, source};
use crate::layer::install::{Ran, Request, not_written};
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::Architecture;
use tc_core::source::Span;

/// Compiles a function's package.
pub(super) fn compile(request: &Request<'_>, scratch: &Path) -> Result<Compiled, Vec<Diagnostic>> {
    let function = request.function;
    let at = request.source("go.mod").map_or(function.span, |(file, _)| Span::start_of(file));
    let Some(go) = request.tools.find("go") else {
        let message = format!("function `{}` is written in Go, which `go` compiles", function.name);
        let help = "install Go; `go` is not on the PATH";
        return Err(vec![Diagnostic::new(&codes::TOOL_ABSENT, at, message).help(help)]);
    };
    let program = scratch.join("bootstrap");
    let mut command = request.tools.command(go, request.directory);
    command.env("GOOS", "linux").env("CGO_ENABLED", "0");
    command.env(
        "GOARCH",
        match request.target.architecture {
            Architecture::X86_64 => "amd64",
            Architecture::Arm64 => "arm64",
        },
    );
    command.args(["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-tags=lambda.norpc", "-o"]);
    command.arg(&program).arg(".");
    request.progress.step(&function.name, "compiling by go");
    let ran = request.tools.run(&mut command).map_err(|error| vec![not_written(request, at, &error)])?;
    if !ran.succeeded() {
        return Err(findings(request, at, &ran));
    }
    if !program.is_file() {
        let message = format!("the package of function `{}` is no program", function.name);
        return Err(vec![Diagnostic::new(&codes::NO_PROGRAM, at, message).help("begin its files with `package main`")]);
    }
    Ok(Compiled { path: program, older: None, findings: Vec::new() })
}

fn findings(request: &Request<'_>, at: Span, ran: &Ran) -> Vec<Diagnostic> {
    let errors: Vec<_> = ran.stderr.lines().filter_map(|line| compiler_error(request, line)).take(SHOWN).collect();
    if !errors.is_empty() {
        return errors;
    }
    let line = |needles: &[&str]| ran.stderr.lines().find(|line| needles.iter().any(|needle| line.contains(needle)));
    let finding = if line(&["go.mod file not found", "cannot find main module"]).is_some() {
        let message = format!("function `{}` belongs to no Go module", request.function.name);
        Diagnostic::new(&codes::UNUSABLE_LIST, at, message).help("write a go.mod: `go mod init NAME && go mod tidy`")
    } else if let Some(line) = line(&["updates to go.mod needed", "updates to go.sum needed", "missing go.sum entry"]) {
        dependency(&codes::STALE_LOCK, at, line).help("bring go.mod and go.sum up to date: `go mod tidy`")
    } else if let Some(line) = line(&["no required module provides package", "unknown revision", "is not in std"]) {
        dependency(&codes::NOT_FOUND, at, line).help("add the module: `go get MODULE`")
    } else if let Some(line) = line(&["errors parsing go.mod", "invalid go version", "requires go >="]) {
        dependency(&codes::UNUSABLE_LIST, at, line)
    } else {
        failed(request, "go", at, ran)
    };
    vec![finding]
}

/// An error that go prints as `FILE:LINE:COLUMN: MESSAGE`, where it stands in the function's source.
fn compiler_error(request: &Request<'_>, line: &str) -> Option<Diagnostic> {
    let (name, rest) = line.split_once(".go:")?;
    let (number, rest) = rest.split_once(':')?;
    let (column, message) = rest.split_once(": ").unwrap_or(("1", rest));
    let path = request.directory.join(format!("{name}.go"));
    let (number, column) = (number.parse().ok()?, column.parse().ok()?);
    let at = source(request, &path).map(|(file, text)| place(file, &text, number, column));
    let finding = match message.contains("no required module provides package") || message.contains("is not in std") {
        true => dependency(&codes::NOT_FOUND, at.unwrap_or(request.function.span), message)
            .help("add the module: `go get MODULE`, and commit go.mod and go.sum"),
        false => error(request, at, message),
    };
    Some(finding)
}
