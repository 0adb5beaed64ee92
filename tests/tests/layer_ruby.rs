//! Gems are installed for Lambda, from gems that the test makes itself, and loaded by Ruby. The gem registry is not
//! needed. A Ruby is: see [`tc_tests::ruby`].

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use tc_package::layer::install::Ruby;
use tc_tests::layer::{Fixture, Outcome, executable};
use tc_tests::ruby::{self, gem};

const HANDLER: (&str, &str) = ("fn/handler.rb", "def handler(event:, context:) = 1\n");
const FUNCTION: (&str, &str) = ("fn/function.json", r#"{"runtime": {"lang": "ruby3.3"}}"#);

/// A function with `Gemfile` and vendored gems: `greet` needs `words`, which needs Ruby 3.2.
fn vendored(path: &OsString, gemfile: &str, more: &[(&str, &str)]) -> Fixture {
    let mut files = vec![HANDLER, FUNCTION, ("fn/Gemfile", gemfile)];
    files.extend(more);
    let fixture = Fixture::new(&files).with_path(path);
    let cache = fixture.root().join("fn/vendor/cache");
    fs::create_dir_all(&cache).unwrap();
    for gem in fs::read_dir(gems(path)).unwrap() {
        let gem = gem.unwrap();
        fs::copy(gem.path(), cache.join(gem.file_name())).unwrap();
    }
    fixture
}

/// The gems that functions vendor, made once.
fn gems(path: &OsString) -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let place = tempfile::tempdir().unwrap();
        make_gems(path, place.path());
        place
    })
    .path()
}

fn make_gems(path: &OsString, cache: &Path) {
    gem(path, cache, "greet", "1.2.0", "s.add_dependency 'words', '~> 1.0'");
    gem(path, cache, "words", "1.0.1", "s.required_ruby_version = '>= 3.2', '< 3.5'");
    gem(path, cache, "words", "2.0.0", "");
    gem(path, cache, "devtool", "2.0.0", "");
    gem(path, cache, "old", "1.0.0", "s.required_ruby_version = '< 3.2'");
    gem(path, cache, "native", "1.0.0", "s.extensions = ['ext/extconf.rb']");
}

/// What Ruby prints of a script with the layer where Lambda puts it.
fn run(path: &OsString, outcome: &Outcome, script: &str) -> String {
    let mut ruby = Command::new("ruby");
    ruby.args(["-e", script]).env("PATH", path).env("GEM_PATH", outcome.tree.path().join("ruby/gems/3.3.0"));
    let output = ruby.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes Ruby say that it is the function's, as far as gems ask: their files are the same for any.
const AS_TARGET: &str = "Gem.define_singleton_method(:ruby_version) { Gem::Version.new('3.3.4') }; ";

const GEMFILE: &str =
    "source 'https://gems.example'\nruby '3.3.4'\ngem 'greet'\ngroup :development, :test do\n  gem 'devtool'\nend\n";
const LOCK: &str = "GEM\n  remote: https://gems.example/\n  specs:\n    devtool (2.0.0)\n    greet (1.2.0)\n      \
                    words (~> 1.0)\n    words (1.0.1)\n\nPLATFORMS\n  aarch64-linux\n  x86_64-linux\n\nDEPENDENCIES\n  \
                    devtool\n  greet\n\nRUBY VERSION\n   ruby 3.3.4p94\n\nBUNDLED WITH\n   2.5.11\n";

#[test]
fn vendored_gems_are_installed_alike_twice_by_any_ruby_and_load() {
    let path = ruby::path();
    let outcomes = [(); 2].map(|()| vendored(path, GEMFILE, &[("fn/Gemfile.lock", LOCK)]).install(&Ruby, "fn"));
    assert_eq!(outcomes[0].findings, [""; 0]);
    assert_eq!(outcomes[0].distributions(), ["greet 1.2.0", "words 1.0.1"]);
    let files = outcomes[0].files();
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "ruby/gems/3.3.0/gems/greet-1.2.0/lib/greet.rb",
            "ruby/gems/3.3.0/gems/words-1.0.1/lib/words.rb",
            "ruby/gems/3.3.0/specifications/greet-1.2.0.gemspec",
            "ruby/gems/3.3.0/specifications/words-1.0.1.gemspec",
        ]
    );
    assert_eq!(files, outcomes[1].files());
    let script = format!("{AS_TARGET} require 'greet'; require 'words'; print Greet::VERSION, Words::VERSION");
    assert_eq!(run(path, &outcomes[0], &script), "1.2.01.0.1");
}

#[test]
fn gems_from_directories_and_git_are_found_without_bundler() {
    let path = ruby::path();
    let gemspec = |name: &str| {
        format!(
            "Gem::Specification.new {{ |s| s.name = '{name}'; s.version = '0.1.0'; s.summary = 's'; s.authors = ['a'];
             s.files = ['lib/{name}.rb'] }}"
        )
    };
    let gemfile = "gem 'greet'\ngem 'shared', path: '../../libs/shared'\ngem 'forked', git: '../../libs/forked'\n";
    let (shared, forked) = (gemspec("shared"), gemspec("forked"));
    let more = [
        ("../libs/shared/shared.gemspec", shared.as_str()),
        ("../libs/shared/lib/shared.rb", "module Shared; X = 'shared'; end\n"),
        ("../libs/shared/lib/shared/new.rb", ""),
        ("../libs/forked/forked.gemspec", &forked),
        ("../libs/forked/lib/forked.rb", "module Forked; X = 'forked'; end\n"),
    ];
    let fixture = vendored(path, gemfile, &more);
    let repository = fixture.root().join("../libs/forked");
    for arguments in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "x"]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b.example"]).args(arguments).current_dir(&repository);
        assert!(git.status().unwrap().success());
    }
    let outcome = fixture.install(&Ruby, "fn");
    assert_eq!(outcome.distributions(), ["forked 0.1.0", "greet 1.2.0", "shared 0.1.0", "words 1.0.1"]);
    let script =
        format!("{AS_TARGET} require 'shared'; require 'shared/new'; require 'forked'; print Shared::X, Forked::X");
    assert_eq!(run(path, &outcome, &script), "sharedforked");
    assert_eq!(
        outcome.findings,
        ["TC0930 warning the gems of function `fn` are not locked @ fn/Gemfile:1; another build may install other \
          versions; lock them and commit the lock: `bundle lock`"]
    );

    let before = fixture.inputs(&Ruby, "fn");
    assert!(before.contains_key("local ../../libs/shared") && before.contains_key("local vendor/cache"), "{before:?}");
    fs::write(fixture.root().join("../libs/shared/lib/shared.rb"), "module Shared; X = 'new'; end\n").unwrap();
    assert_ne!(before, fixture.inputs(&Ruby, "fn"));
}

/// The one finding of a Gemfile that cannot be installed.
fn refused(path: &OsString, gemfile: &str, more: &[(&str, &str)]) -> String {
    let outcome = vendored(path, gemfile, more).install(&Ruby, "fn");
    assert!(outcome.installed.is_none(), "it was installed: {:?}", outcome.distributions());
    assert_eq!(outcome.findings.len(), 1, "{:#?}", outcome.findings);
    outcome.findings[0].clone()
}

#[test]
fn extensions_need_the_functions_own_ruby() {
    let path = ruby::path();
    let said = refused(path, "gem 'greet'\ngem 'native'\n", &[]);
    assert!(said.starts_with("TC0937 error `native 1.0.0` has an extension, which Ruby 3."), "{said}");
    assert!(said.contains("cannot compile for `ruby3.3` @ fn/Gemfile:2; install Ruby 3.3 on a machine with"), "{said}");
    let here =
        Command::new("ruby").args(["-e", "print RUBY_VERSION[/\\d+\\.\\d+/]"]).env("PATH", path).output().unwrap();
    let here = String::from_utf8(here.stdout).unwrap();
    let arm = format!(r#"{{"runtime": {{"lang": "ruby{here}", "architecture": "arm64"}}}}"#);
    if ["3.2", "3.3", "3.4"].contains(&here.as_str()) {
        let said = refused(path, "gem 'native'\n", &[("fn/function.json", &arm)]);
        assert!(said.contains("which this machine cannot compile for Linux on arm64"), "{said}");
    }
}

#[test]
fn what_bundler_refuses_is_said_at_its_place() {
    let path = ruby::path();
    let said = |gemfile: &str, more: &[(&str, &str)]| refused(path, gemfile, more);
    assert_eq!(
        said("source 'https://gems.example'\nruby '~> 3.2.0'\ngem 'greet'\n", &[]),
        "TC0935 error the Gemfile wants Ruby ~> 3.2.0, and function `fn` runs on `ruby3.3` @ fn/Gemfile:2; \
         write `ruby \"~> 3.3.0\"`, or another `runtime.lang`"
    );
    assert_eq!(
        said("gem 'greet'\ngem 'nothing', '~> 2'\n", &[]),
        "TC0906 error no gem `nothing (~> 2)` in `vendor/cache` @ fn/Gemfile:2; \
         gems are taken from `vendor/cache` alone where it is there: `bundle cache` fills it"
    );
    assert_eq!(
        said("gem 'greet'\ngem 'gone', path: '../gone'\n", &[]),
        "TC0932 error a gem is to come from `../gone`, where nothing is @ fn/Gemfile:2"
    );
    let syntax = said("gem 'greet'\ngem 'x' 'y' do end end\n", &[]);
    assert!(syntax.starts_with("TC0905 error the Gemfile cannot be read: syntax error"), "{syntax}");
    let unknown = said("gem 'greet'\nnothing 'x'\n", &[]);
    assert!(
        unknown.starts_with("TC0905 error the Gemfile cannot be read: Undefined local variable or method `nothing'"),
        "{unknown}"
    );
    assert!(unknown.contains("@ fn/Gemfile:2"), "{unknown}");
    let stale = said(&format!("{GEMFILE}gem 'words'\n"), &[("fn/Gemfile.lock", LOCK)]);
    assert!(
        stale.starts_with("TC0908 error Gemfile.lock was made for another Gemfile @ fn/Gemfile:7; > * words"),
        "{stale}"
    );
    let mac = LOCK.replace("  aarch64-linux\n  x86_64-linux\n", "  arm64-darwin-23\n");
    assert_eq!(
        said(GEMFILE, &[("fn/Gemfile.lock", &mac)]),
        "TC0936 error Gemfile.lock is not for Linux on x86_64 @ fn/Gemfile:1; \
         add it and commit the lock: `bundle lock --add-platform x86_64-linux`"
    );
    let old = said("gem 'greet'\ngem 'old'\n", &[]);
    assert!(
        old.starts_with("TC0935 error `old` is not made for `ruby3.3`, which function `fn` runs on @ fn/Gemfile:2"),
        "{old}"
    );
    let conflict = said("gem 'words', '~> 2.0'\ngem 'greet'\n", &[]);
    assert!(
        conflict.starts_with("TC0907 error versions of `words` are wanted that exclude each other @ fn/Gemfile:1"),
        "{conflict}"
    );
}

#[test]
fn sources_that_cannot_be_reached_are_told_apart_and_secrets_stay_secret() {
    let path = ruby::path();
    let without_gems = |gemfile: &str| {
        let files = [HANDLER, FUNCTION, ("fn/Gemfile", gemfile)];
        let outcome = Fixture::new(&files).with_path(path).install(&Ruby, "fn");
        assert_eq!(outcome.findings.len(), 1, "{:#?}", outcome.findings);
        outcome.findings[0].clone()
    };
    let said = without_gems("source 'http://user:s3cret@127.0.0.1:1'\ngem 'rack'\n");
    assert!(said.starts_with("TC0902 error a source of gems cannot be reached: "), "{said}");
    assert!(said.contains("@ fn/Gemfile:1") && !said.contains("s3cret"), "{said}");
    let said = without_gems("gem 'x', git: 'http://user:s3cret@127.0.0.1:1/x.git'\n");
    assert!(said.starts_with("TC0902 error a gem's repository cannot be fetched: "), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let registry = tc_tests::npm_registry::Registry::refusing(401);
    let url = registry.npmrc().replace("registry=", "").trim().to_owned();
    let said = without_gems(&format!("source '{url}'\ngem 'rack'\n"));
    assert!(said.starts_with("TC0903 error a source of gems refuses access: "), "{said}");
}

#[test]
fn without_ruby_or_bundler_it_is_said_how_to_get_them() {
    let fixture = |path: &str| Fixture::new(&[HANDLER, FUNCTION, ("fn/Gemfile", "gem 'x'\n")]).with_path(path);
    assert_eq!(
        fixture("/nonexistent").install(&Ruby, "fn").findings,
        ["TC0900 error the gems of function `fn` need Ruby with Bundler @ fn/Gemfile:1; install Ruby 3.3 (another \
          version will do for gems without extensions); `ruby` is not on the PATH"]
    );
    let place = tempfile::tempdir().unwrap();
    executable(&place.path().join("ruby"), "#!/bin/sh\necho 'cannot load such file -- bundler/version' >&2\nexit 1\n");
    let said = fixture(place.path().to_str().unwrap()).install(&Ruby, "fn").findings.remove(0);
    assert!(said.starts_with("TC0900 error the gems of function `fn` need Bundler"), "{said}");
    let empty = Fixture::new(&[HANDLER, FUNCTION, ("fn/Gemfile", "source 'x'\n")]).with_path("/nonexistent");
    let outcome = empty.install(&Ruby, "fn");
    assert!(outcome.findings.is_empty() && outcome.files().is_empty(), "{:?}", outcome.findings);
}
