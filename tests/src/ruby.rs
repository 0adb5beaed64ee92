//! A Ruby with Bundler for tests: this machine's, else Debian's packages laid down below `target/ruby` by
//! `tests/ruby/install`, which needs no rights but, the first time, a package archive.

use crate::binary::workspace;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// A PATH on which there is a `ruby` with Bundler.
///
/// # Panics
/// With the reason, where there is none and Debian's cannot be had.
pub fn path() -> &'static OsString {
    find().as_ref().unwrap_or_else(|said| panic!("there is no Ruby with Bundler, and Debian's cannot be had: {said}"))
}

/// As [`path`]; else what installing Debian's said.
pub fn find() -> &'static Result<OsString, String> {
    static FOUND: OnceLock<Result<OsString, String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let own = std::env::var_os("PATH").unwrap_or_default();
        if has_bundler(&own) {
            return Ok(own);
        }
        let output = Command::new(workspace().join("tests/ruby/install")).output();
        let output = output.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let below = workspace().join("target/ruby/bin");
        let path = std::env::join_paths(std::iter::once(below).chain(std::env::split_paths(&own)));
        path.map_err(|error| error.to_string())
    })
}

fn has_bundler(path: &OsString) -> bool {
    let mut ruby = Command::new("ruby");
    let output = ruby.args(["-e", "require 'bundler'"]).env("PATH", path).output();
    output.is_ok_and(|output| output.status.success())
}

/// Builds a gem into the directory `cache`, of a module that holds its version; `more` is Ruby for its specification `s`.
///
/// # Panics
/// When it cannot be built.
pub fn gem(path: &OsStr, cache: &Path, name: &str, version: &str, more: &str) {
    let place = tempfile::tempdir().expect("a gem can be built");
    fs::create_dir_all(place.path().join("lib")).expect("a gem can be built");
    let (first, rest) = name.split_at(1);
    let module = first.to_uppercase() + rest;
    fs::write(place.path().join(format!("lib/{name}.rb")), format!("module {module}; VERSION = '{version}'; end\n"))
        .expect("a gem can be built");
    let specification = format!(
        "Gem::Specification.new {{ |s| s.name = '{name}'; s.version = '{version}'; s.summary = 's'; s.authors = ['a'];
         s.files = Dir['lib/**/*'] + Dir['ext/**/*']; {more} }}"
    );
    if more.contains("extensions") {
        fs::create_dir_all(place.path().join("ext")).expect("a gem can be built");
        fs::write(place.path().join("ext/extconf.rb"), "abort 'compiled'\n").expect("a gem can be built");
    }
    fs::write(place.path().join("x.gemspec"), specification).expect("a gem can be built");
    fs::create_dir_all(cache).expect("a gem can be built");
    let output = Command::new("ruby")
        .args(["-e", "load Gem.bin_path('rubygems-update', 'gem') rescue (require 'rubygems/gem_runner'; Gem::GemRunner.new.run(ARGV))"])
        .args(["build", "x.gemspec", "--silent", "--output"])
        .arg(cache.join(format!("{name}-{version}.gem")))
        .env("PATH", path)
        .env("SOURCE_DATE_EPOCH", "315532800")
        .current_dir(place.path())
        .output()
        .expect("a gem can be built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
