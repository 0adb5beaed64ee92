//! The program uv: on `PATH`, or fetched once into the project's cache.

use super::super::transcript::{Transcript, quote};
use super::super::{Request, Tools};
use super::name::numbers;
use crate::archive::Reader;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::digest::hexadecimal;
use tc_core::source::Span;

/// The version that is fetched.
pub(super) const PINNED: &str = "0.13.9";
/// The oldest version that is used from `PATH`: it knows `--no-editable` of `uv pip install`.
const OLDEST: [u32; 3] = [0, 11, 33];
/// The SHA-256 of the pinned version's wheels: for Linux with glibc or musl on x86-64 and Arm, and for macOS on both.
const WHEELS: [&str; 5] = [
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
];
/// The most bytes of a wheel or the program in it that are taken.
const MAX_BYTES: u64 = 300 << 20;

/// A uv that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Uv {
    /// The program.
    pub program: PathBuf,
    /// Its version.
    pub version: String,
}

/// What there is before anything is fetched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// A program to use.
    pub ready: Option<Uv>,
    /// The version of one on `PATH` that is too old.
    pub old: Option<String>,
}

/// Looks for uv on `PATH`, then in the cache.
pub(super) fn find(tools: &Tools) -> Found {
    let mut found = Found::default();
    if let Some(program) = tools.find("uv") {
        let ran = tools.run(tools.command(&program, Path::new("/")).arg("--version"));
        // `uv 0.13.9 (x86_64-unknown-linux-gnu)`
        let version = ran.ok().and_then(|ran| ran.stdout.split_whitespace().nth(1).map(str::to_owned));
        let version = version.unwrap_or_else(|| "of an unknown version".to_owned());
        if numbers(&version).is_some_and(|numbers| numbers.as_slice() >= OLDEST.as_slice()) {
            return Found { ready: Some(Uv { program, version }), old: None };
        }
        found.old = Some(version);
    }
    let program = home(tools.cache()).join("uv");
    found.ready = program.is_file().then(|| Uv { program, version: PINNED.to_owned() });
    found
}

/// Where the fetched one is kept.
fn home(cache: &Path) -> PathBuf {
    cache.join("tools").join(format!("uv-{PINNED}"))
}

/// uv, fetched where there is none; and what is to be said of that.
///
/// # Errors
/// When there is none and none can be fetched.
pub(super) fn obtain(
    request: &Request<'_>,
    place: Span,
    scratch: &Path,
) -> Result<(Uv, Option<Diagnostic>), Vec<Diagnostic>> {
    // Functions are built side by side, and one download is enough.
    static FETCHING: Mutex<()> = Mutex::new(());
    let _alone = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let Found { ready, old } = find(request.tools);
    let uv = match ready {
        Some(uv) => uv,
        None => {
            request.progress.step(&request.function.name, "fetching uv");
            fetch(request.tools, place, scratch).map_err(|finding| vec![*finding])?;
            Uv { program: home(request.tools.cache()).join("uv"), version: PINNED.to_owned() }
        }
    };
    let note = old.map(|version| {
        let message = format!("uv {version} on `PATH` is too old: uv {PINNED} in the project's cache is used");
        let oldest = OLDEST.map(|number| number.to_string()).join(".");
        Diagnostic::new(&codes::OLD_UV, place, message).help(format!("`uv self update` to {oldest} or newer"))
    });
    Ok((uv, note))
}

fn fetch(tools: &Tools, place: Span, scratch: &Path) -> Result<(), Box<Diagnostic>> {
    let advise = |finding: Diagnostic| {
        Box::new(finding.help("install uv and put it on `PATH`: `pip install uv`, or by your system's package manager"))
    };
    let Some(python) = ["python3", "python"].iter().find_map(|name| tools.find(name)) else {
        let message =
            "Python dependencies are installed by `uv`, and there is neither `uv` nor a Python to fetch it with";
        return Err(advise(Diagnostic::new(&codes::TOOL_ABSENT, place, message)));
    };
    let not_kept = |error: &io::Error| {
        let said = Transcript::of_text(&error.to_string(), &[]);
        let code = said.outside_fault().map_or(&codes::TOOL_FAILED, |(code, _)| code);
        let message = format!("uv {PINNED} cannot be kept in the project's cache");
        advise(quote(Diagnostic::new(code, place, message), said.lines()))
    };
    let download = scratch.join("uv");
    fs::create_dir_all(&download).map_err(|error| not_kept(&error))?;
    let list = download.join("uv.txt");
    let hashes: String = WHEELS.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    fs::write(&list, format!("uv=={PINNED}{hashes}\n")).map_err(|error| not_kept(&error))?;
    // pip and no code of ours: it knows the user's index, proxy and certificates, and chooses the wheel for this machine.
    let mut command = tools.command(python, &download);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet", "--no-deps"]);
    command.args(["--only-binary", ":all:", "--require-hashes", "--dest", ".", "--requirement", "uv.txt"]);
    let ran = tools.run(&mut command).map_err(|error| not_kept(&error))?;
    if !ran.succeeded() {
        let said = Transcript::of(&ran, &[(&download, ".")]);
        if said.has(&["No module named pip"]) {
            let message =
                "Python dependencies are installed by `uv`, and there is neither `uv` nor `pip` to fetch it with";
            return Err(advise(Diagnostic::new(&codes::TOOL_ABSENT, place, message)));
        }
        // pip says `no matching distribution` where it reached no index.
        let unreachable = ["Retrying (", "No matching distribution found", "Max retries exceeded"];
        let code = said.outside_fault().map(|(code, _)| code);
        let code = code.unwrap_or(if said.has(&unreachable) { &codes::UNREACHABLE } else { &codes::TOOL_FAILED });
        let finding = Diagnostic::new(code, place, format!("uv {PINNED} cannot be fetched by `pip download`"));
        return Err(advise(said.quote(finding)));
    }
    unpack(&download, &home(tools.cache())).map_err(|error| not_kept(&error))
}

/// Unpacks the program from the wheel in a directory to where it is kept: whole, or not at all.
fn unpack(download: &Path, home: &Path) -> io::Result<()> {
    let broken = |words: &str| io::Error::new(io::ErrorKind::InvalidData, words.to_owned());
    let wheels = fs::read_dir(download)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = wheels.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    let wheel = wheel.ok_or_else(|| broken("no wheel was downloaded"))?;
    if wheel.metadata()?.len() > MAX_BYTES {
        return Err(broken("the wheel is too large to be uv's"));
    }
    let bytes = fs::read(&wheel)?;
    let digest = hexadecimal(Sha256::digest(&bytes));
    if !WHEELS.contains(&digest.as_str()) {
        return Err(broken("the wheel has another SHA-256 than uv's"));
    }
    let (reader, members) = Reader::open(&bytes).map_err(|error| broken(&error.to_string()))?;
    let name = format!("uv-{PINNED}.data/scripts/uv");
    let member = members.get(name.as_str()).filter(|member| member.source.size <= MAX_BYTES);
    let member = member.ok_or_else(|| broken("there is no uv in the wheel"))?;
    let program = reader.read(member.source).map_err(|error| broken(&error.to_string()))?;
    let parent = home.parent().unwrap_or(home);
    fs::create_dir_all(parent)?;
    let beside = tempfile::Builder::new().prefix(".uv-").tempdir_in(parent)?;
    let path = beside.path().join("uv");
    fs::write(&path, program)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    fs::File::open(&path)?.sync_all()?;
    fs::set_permissions(beside.path(), fs::Permissions::from_mode(0o755))?;
    let beside = beside.keep();
    match fs::rename(&beside, home) {
        // Another process was faster.
        Err(_) if home.join("uv").is_file() => fs::remove_dir_all(beside),
        Err(error) => {
            fs::remove_dir_all(beside)?;
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}
