//! Python: dependencies of a pyproject.toml or requirements.txt, installed by uv for the function's runtime.
//!
//! ```text
//! plan      the lists and locks that decide; pyproject, requirements and lock read them, check refuses, disk gathers
//!           the files and directories of this machine
//! uv        the program, on PATH or fetched
//! mirror    a copy of what decides, for uv to work in
//! session   running uv; words, facts and trace take apart what it says
//! conflict  why nothing satisfies a list; fix overrides, explain tells
//! mended    versions that were passed over for want of a wheel
//! settle    what belongs into a layer, the same on any machine; slim leaves out more
//! ```

mod check;
mod conflict;
mod disk;
mod explain;
mod facts;
mod fix;
mod lock;
mod mended;
mod mirror;
mod name;
mod plan;
mod pyproject;
mod requirements;
mod session;
mod settle;
mod slim;
mod trace;
mod uv;
mod words;

use super::transcript::{Transcript, conceal};
use super::{Inputs, Installed, Installer, Request, Tools, local, not_written};
use crate::residue;
use lock::{Pin, Pylock};
use mirror::Mirror;
use plan::{List, Plan};
use session::{Failed, Session};
use std::fs;
use std::path::{Path, PathBuf};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use trace::Trace;
use uv::Uv;

/// Where Lambda puts a layer's modules on Python's path, below `/opt` (Lambda Developer Guide, "Layers", layer paths for
/// each runtime).
const PACKAGES: &str = "python";
/// Variables that decide what uv takes: their values, or rather digests of them, are inputs.
const SETTINGS: [&str; 14] = [
    "UV_CONSTRAINT",
    "UV_DEFAULT_INDEX",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_INDEX_URL",
    "UV_NO_INDEX",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
];

/// The installer of Python dependencies.
#[derive(Debug, Clone, Copy, Default)]
pub struct Python;

impl Installer for Python {
    fn inputs(&self, request: &Request<'_>) -> Result<Inputs, Vec<Diagnostic>> {
        let mut inputs = Inputs::new();
        let Some(plan) = Plan::read(request)? else { return Ok(inputs) };
        let named = |path: &Path| local::relative(request.directory, path);
        for (path, bytes) in &plan.disk.files {
            inputs.insert(format!("file {}", named(path)), bytes.clone());
        }
        let failed = |error: std::io::Error| vec![not_written(request, plan.start(), &error)];
        for path in &plan.disk.directories {
            inputs.insert(
                format!("directory {}", named(path)),
                local::digest(path, residue::of_python_dependency).map_err(failed)?,
            );
        }
        for path in &plan.disk.wheelhouses {
            inputs.insert(format!("wheels {}", named(path)), local::digest(path, |_| false).map_err(failed)?);
        }
        let version = uv::find(request.tools).ready.map_or_else(|| uv::PINNED.to_owned(), |uv| uv.version);
        inputs.insert("uv".to_owned(), version.into_bytes());
        for name in SETTINGS {
            if let Some(value) = request.tools.variable(name) {
                inputs.insert(format!("variable {name}"), local::digest_of(value.as_encoded_bytes()));
            }
        }
        if let Some(settings) = user_settings(request.tools) {
            inputs.insert("user settings".to_owned(), local::digest_of(&settings));
        }
        if request.options.slim {
            let strip = slim::strip_for(request.tools, request.target.architecture);
            let version = strip.and_then(|strip| {
                let ran = request.tools.run(request.tools.command(strip, Path::new("/")).arg("--version")).ok()?;
                ran.stdout.lines().next().map(str::to_owned)
            });
            inputs.insert("strip".to_owned(), version.unwrap_or_default().into_bytes());
        }
        Ok(inputs)
    }

    fn install(&self, request: &Request<'_>, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let Some(plan) = Plan::read(request)? else { return Ok(Installed::default()) };
        let mut done = install(request, &plan, tree, scratch);
        let findings = match &mut done {
            Ok(installed) => &mut installed.findings,
            Err(findings) => findings,
        };
        plan.lists.iter().for_each(|(_, file, text)| conceal(findings, *file, text));
        done
    }
}

/// The user's own settings of uv. Source: uv's documentation, "Configuration files".
fn user_settings(tools: &Tools) -> Option<Vec<u8>> {
    let named = tools.variable("UV_CONFIG_FILE").map(PathBuf::from);
    let configuration = tools.variable("XDG_CONFIG_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let home = || tools.variable("HOME").map(|home| PathBuf::from(home).join(".config"));
    let path = named.or_else(|| Some(configuration.or_else(home)?.join("uv/uv.toml")))?;
    fs::read(path).ok()
}

/// The runtime's version of Python.
fn version(request: &Request<'_>) -> Option<(u32, u32)> {
    match name::numbers(request.target.version()?)?.as_slice() {
        [major, minor] => Some((*major, *minor)),
        _ => None,
    }
}

fn install(request: &Request<'_>, plan: &Plan, tree: &Path, scratch: &Path) -> Result<Installed, Vec<Diagnostic>> {
    let failed = |error: std::io::Error| vec![not_written(request, plan.start(), &error)];
    let (uv, note) = uv::obtain(request, plan.start(), scratch)?;
    let mirror = Mirror::create(&scratch.join("copy"), request.directory, &plan.disk);
    let mirror = mirror.map_err(failed)?;
    request.progress.step(&request.function.name, "installing");
    let (list, pins) = decide(request, plan, &uv, &mirror, scratch)?;
    let built = pins.as_ref().map(|pins| pins.iter().filter(|pin| pin.is_built).map(|pin| pin.name.clone()).collect());
    let session = Session { request, plan, uv: &uv, mirror: &mirror, list, built, scratch };
    let packages = tree.join(PACKAGES);
    let (trace, mut findings) = attempt(&session, &packages, pins.as_deref().unwrap_or_default())?;
    findings.extend(note);
    findings.extend(plan.moving.iter().map(|(name, span)| {
        let message = format!("{name} follows a branch: the layer keeps today's commit until the list changes");
        Diagnostic::new(&codes::MOVING, *span, message).help("name a tag or commit, or commit a uv.lock")
    }));
    findings.extend(mended::gave_way(&session, &trace));
    // A list whose conditions all fail for the target installs nothing.
    if !packages.is_dir() {
        return Ok(Installed { distributions: Vec::new(), findings });
    }
    if request.options.slim {
        request.progress.step(&request.function.name, "slimming");
        let slimmed = slim::slim(request.tools, request.target, &packages, plan.start());
        findings.extend(slimmed.map_err(failed)?);
    }
    let distributions = settle::settle(&packages, PACKAGES).map_err(failed)?;
    Ok(Installed { distributions, findings })
}

/// The file that uv is to install, and what it pins where it is a lock.
fn decide(
    request: &Request<'_>,
    plan: &Plan,
    uv: &Uv,
    mirror: &Mirror,
    scratch: &Path,
) -> Result<(PathBuf, Option<Vec<Pin>>), Vec<Diagnostic>> {
    let failed = |error: std::io::Error| vec![not_written(request, plan.start(), &error)];
    let original = match &plan.list {
        List::Project => return Ok((PathBuf::from("pyproject.toml"), None)),
        List::Requirements => return Ok((PathBuf::from("requirements.txt"), None)),
        List::Pylock => request.directory.join("pylock.toml"),
        List::UvLock(_) => export(request, plan, uv, scratch)?,
    };
    let text = fs::read_to_string(&original).map_err(failed)?;
    let unusable = || {
        let message = "the lock cannot be read as a lock of Python dependencies";
        vec![Diagnostic::new(&codes::UNUSABLE_LIST, plan.start(), message)]
    };
    let mut lock = Pylock::parse(&text).ok_or_else(unusable)?;
    let is_excluded =
        |wanted: &&str| version(request).is_some_and(|version| name::admits(wanted, version) == Some(false));
    if let Some(wanted) = lock.requires_python().filter(is_excluded) {
        let runtime = request.target.runtime.id();
        let message = format!("the lock is for Python {wanted}, and the function runs on {runtime}");
        return Err(vec![Diagnostic::new(&codes::WRONG_PYTHON, plan.start(), message)]);
    }
    let pins = lock.pins();
    // Relative to the export; some versions of uv mean the root of the workspace.
    let root = match &plan.list {
        List::UvLock(lock) => lock.parent(),
        _ => None,
    };
    let folders = [original.parent(), root].into_iter().flatten();
    let places = |path: &str| folders.clone().map(|folder| local::lexical(&folder.join(path))).collect::<Vec<_>>();
    lock.relocate(|path| {
        let places = places(path);
        let place = places.iter().find(|place| place.exists()).or(places.first());
        place.map_or_else(|| path.to_owned(), |place| mirror.place(place).to_string_lossy().into_owned())
    });
    let list = scratch.join("pylock.toml");
    fs::write(&list, lock.into_text()).map_err(failed)?;
    Ok((list, Some(pins)))
}

/// Exports a uv.lock as a pylock.toml, which names every file; checks before that it fits its pyproject.toml. Both read
/// the user's directory and write nothing there.
fn export(request: &Request<'_>, plan: &Plan, uv: &Uv, scratch: &Path) -> Result<PathBuf, Vec<Diagnostic>> {
    let run = |arguments: &[&str]| {
        let mut command = request.tools.command(&uv.program, request.directory);
        // Neither needs an interpreter of the project's own version; none is downloaded for a check.
        command.env("UV_PYTHON_DOWNLOADS", "never").args(arguments);
        let ran = request.tools.run(&mut command);
        ran.map_err(|error| vec![not_written(request, plan.start(), &error)])
    };
    // Where all is as it was locked, that is known without a network. Where not, a network tells whether it is stale.
    if !run(&["lock", "--check", "--offline"])?.succeeded() {
        let ran = run(&["lock", "--check"])?;
        if ran.stderr.contains("needs to be updated") {
            let message = "uv.lock does not fit pyproject.toml";
            return Err(vec![Diagnostic::new(&codes::STALE_LOCK, plan.start(), message).help("run `uv lock`")]);
        }
    }
    let folder = scratch.join("export");
    fs::create_dir_all(&folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| vec![not_written(request, plan.start(), &error)])
        .and_then(|folder| {
            let path = folder.join("pylock.toml");
            let output = path.to_string_lossy();
            let mut arguments = vec!["export", "--frozen", "--no-dev", "--no-emit-project", "--no-editable", "--quiet"];
            arguments.extend(["--format", "pylock.toml", "--output-file", &output]);
            let ran = run(&arguments)?;
            if ran.succeeded() {
                return Ok(path);
            }
            let finding = Diagnostic::new(&codes::UNUSABLE_LIST, plan.start(), "uv.lock cannot be exported");
            Err(vec![Transcript::of(&ran, &[(request.directory, ".")]).quote(finding)])
        })
}

/// Installs; where that fails for a conflict and `--fix` is given, solves it, installs, and writes what solved it.
fn attempt(session: &Session<'_>, packages: &Path, pins: &[Pin]) -> Result<(Trace, Vec<Diagnostic>), Vec<Diagnostic>> {
    let failed = match session.install(packages) {
        Ok(trace) => return Ok((trace, Vec::new())),
        Err(failed) => failed,
    };
    let told = |failed: &Failed| vec![explain::explain(session, failed, pins)];
    if !session.request.options.fix {
        return Err(told(&failed));
    }
    session.request.progress.step(&session.request.function.name, "solving a conflict");
    let fix = fix::solve(session, &failed).map_err(|error| vec![session.io(&error)])?;
    let Some(fix) = fix else { return Err(told(&failed)) };
    let path = session.request.directory.join(session.plan.name);
    session.mirror.write(&path, fix.text.as_bytes()).map_err(|error| vec![session.io(&error)])?;
    let trace = session.install(packages).map_err(|failed| told(&failed))?;
    fix::write(&path, &fix.text).map_err(|error| vec![session.io(&error)])?;
    Ok((trace, fix.findings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Texts of the user and of uv are read without a panic, and places lie in them.
        #[test]
        fn no_text_is_too_odd(
            words in proptest::collection::vec("\\PC{0,6}|[-=<>~!@;#{}\\[\\]'\"\\\\ \n]|Because |depends on|error: |file://|git\\+|has no|cause: ", 0..20),
        ) {
            let text = words.concat();
            for line in requirements::parse(&text) {
                prop_assert!(text.get(line.at.clone()).is_some());
            }
            let failure = words::Failure::parse(&text);
            let facts = facts::facts(&text);
            let _ = conflict::Conflict::find(&facts, &Trace::parse(&text));
            let _ = (failure.named("error: "), failure.reasons());
            let _ = (name::split(&text), name::admits(&text, (3, 10)), lock::local_paths(&text, "x"));
            if let Ok(project) = pyproject::Project::parse(&text) {
                prop_assert!(project.dependencies.iter().all(|one| text.get(one.at.clone()).is_some()));
            }
        }
    }
}
