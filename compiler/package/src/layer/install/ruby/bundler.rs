//! The Ruby and Bundler of this machine, told to work for another.

use crate::layer::install::{Ran, Request};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::ir::Architecture;
use tc_core::source::Span;

/// Makes Bundler resolve and install for the target.
const TARGET: &str = include_str!("target.rb");
/// Says what was installed.
const COLLECT: &str = include_str!("collect.rb");
/// Starts Bundler's own program, whatever the PATH says.
const BUNDLE: &str = "load Gem.bin_path('bundler', 'bundle')";
/// Asks what this Ruby is, one answer a line.
const ASK: &str = "puts RUBY_ENGINE, RbConfig::CONFIG['ruby_version'][/\\A\\d+\\.\\d+/], Gem::Platform.local.cpu, \
                   Gem::Platform.local.os, Gem::VERSION; require 'bundler/version'; puts Bundler::VERSION";
/// Settings of Bundler that are tc's to decide.
const OURS: [&str; 12] = [
    "BUNDLE_PATH",
    "BUNDLE_PATH__SYSTEM",
    "BUNDLE_SYSTEM",
    "BUNDLE_DEPLOYMENT",
    "BUNDLE_FROZEN",
    "BUNDLE_WITHOUT",
    "BUNDLE_WITH",
    "BUNDLE_ONLY",
    "BUNDLE_BIN",
    "BUNDLE_NO_INSTALL",
    "BUNDLE_CLEAN",
    "BUNDLE_APP_CONFIG",
];

/// A Ruby with Bundler.
#[derive(Debug, Clone)]
pub(super) struct Bundler {
    ruby: PathBuf,
    /// Its `X.Y`, which names the interface that extensions are compiled for.
    pub abi: String,
    /// Whether what it compiles runs on the target.
    pub compiles_for_target: bool,
    /// RubyGems' version, which stands in the files that it writes.
    pub rubygems: String,
    /// Bundler's version.
    pub version: String,
}

impl Bundler {
    /// Looks for a Ruby: the target's own (`ruby3.3`), else `ruby`.
    ///
    /// # Errors
    /// When there is none, or it has no Bundler.
    pub fn find(request: &Request<'_>, place: Span) -> Result<Self, Vec<Diagnostic>> {
        let function = &request.function.name;
        let version = request.target.version().unwrap_or_default();
        let own = request.tools.find(&format!("ruby{version}"));
        let Some(ruby) = own.or_else(|| request.tools.find("ruby")) else {
            let message = format!("the gems of function `{function}` need Ruby with Bundler");
            let help = format!(
                "install Ruby {version} (another version will do for gems without extensions); `ruby` is not on the PATH"
            );
            return Err(vec![Diagnostic::new(&codes::TOOL_ABSENT, place, message).help(help)]);
        };
        let unusable = |said: &str| {
            let message = format!("the gems of function `{function}` need Bundler, which this Ruby does not have");
            let finding =
                Diagnostic::new(&codes::TOOL_ABSENT, place, message).help("install it: `gem install bundler`");
            vec![finding.help_opt(said.lines().next().map(|line| format!("> {line}")))]
        };
        let ran = request.tools.run(request.tools.command(&ruby, Path::new("/")).args(["-e", ASK]));
        let ran = ran.map_err(|error| unusable(&error.to_string()))?;
        let answers: Vec<&str> = ran.stdout.lines().collect();
        let ([engine, abi, cpu, os, rubygems, bundler], true) = (answers.as_slice(), ran.succeeded()) else {
            return Err(unusable(&ran.stderr));
        };
        let is_target = *engine == "ruby" && *abi == version && *os == "linux" && *cpu == cpu_of(request);
        Ok(Self {
            ruby,
            abi: (*abi).to_owned(),
            compiles_for_target: is_target,
            rubygems: (*rubygems).to_owned(),
            version: (*bundler).to_owned(),
        })
    }
}

/// The processor of the target as RubyGems calls it.
fn cpu_of(request: &Request<'_>) -> &'static str {
    match request.target.architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    }
}

/// Bundler at work for one function, with all that it writes in one directory.
pub(super) struct Workshop<'a> {
    request: &'a Request<'a>,
    bundler: &'a Bundler,
    /// Where the Gemfile stands.
    project: &'a Path,
    /// The directory that Bundler writes to.
    place: PathBuf,
}

impl<'a> Workshop<'a> {
    /// Lays down what Bundler needs below `place`: the scripts, its settings, a copy of the lock.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn new(
        request: &'a Request<'a>,
        bundler: &'a Bundler,
        project: &'a Path,
        place: &Path,
        lock: Option<&str>,
    ) -> io::Result<Self> {
        let workshop = Self { request, bundler, project, place: place.to_owned() };
        fs::create_dir_all(place.join("settings"))?;
        fs::write(place.join("target.rb"), TARGET)?;
        fs::write(place.join("collect.rb"), COLLECT)?;
        fs::write(place.join("extensions"), "")?;
        if let Some(lock) = lock {
            fs::write(place.join("Gemfile.lock"), lock)?;
        }
        let own = fs::read_to_string(project.join(".bundle/config")).unwrap_or_default();
        fs::write(place.join("settings/config"), workshop.settings(&own, lock.is_some()))?;
        Ok(workshop)
    }

    /// Bundler's settings file: the project's, with what is tc's to decide in place of what it says of that.
    fn settings(&self, own: &str, frozen: bool) -> String {
        let mut settings = kept_settings(own);
        if settings.is_empty() {
            settings.push_str("---\n");
        }
        let path = self.place.join("bundle");
        settings.push_str(&format!("BUNDLE_PATH: {}\n", serde_json::Value::from(path.to_string_lossy())));
        settings.push_str("BUNDLE_WITHOUT: \"development:test\"\n");
        settings.push_str(&format!("BUNDLE_FROZEN: \"{frozen}\"\n"));
        settings
    }

    /// `bundle install`, from `vendor/cache` alone where gems are vendored.
    ///
    /// # Errors
    /// When Ruby cannot be started.
    pub fn install(&self, is_vendored: bool) -> io::Result<Ran> {
        let mut command = self.command();
        command.args(["-e", BUNDLE, "install", "--no-cache", "--jobs", "4", "--retry", "2"]);
        if is_vendored {
            command.arg("--local");
        }
        self.request.tools.run(&mut command)
    }

    /// What was installed, as `collect.rb` prints it.
    ///
    /// # Errors
    /// When Ruby cannot be started.
    pub fn collect(&self) -> io::Result<Ran> {
        self.request.tools.run(self.command().arg(self.place.join("collect.rb")))
    }

    /// The gems, `NAME VERSION`, whose extensions were not compiled.
    pub fn uncompiled(&self) -> Vec<String> {
        let list = fs::read_to_string(self.place.join("extensions")).unwrap_or_default();
        let mut gems: Vec<_> = list.lines().map(str::to_owned).collect();
        gems.sort();
        gems
    }

    /// The directory of installed gems: `gems/`, `specifications/` and so on.
    pub fn installed(&self) -> PathBuf {
        let below = self.place.join("bundle/ruby");
        let first = fs::read_dir(&below).into_iter().flatten().flatten().next();
        first.map_or(below, |entry| entry.path())
    }

    fn command(&self) -> Command {
        let mut command = self.request.tools.command(&self.bundler.ruby, self.project);
        // What the user's shell sets for another bundle.
        for name in OURS.into_iter().chain(["RUBYOPT", "RUBYLIB", "GEM_HOME", "GEM_PATH", "BUNDLE_LOCKFILE"]) {
            command.env_remove(name);
        }
        command.env("BUNDLE_GEMFILE", self.project.join("Gemfile"));
        command.env("BUNDLE_APP_CONFIG", self.place.join("settings"));
        // Else another Bundler would be fetched and started where the lock names one.
        command.env("BUNDLER_VERSION", &self.bundler.version);
        command.env("BUNDLE_SILENCE_ROOT_WARNING", "true");
        command.env("TC_RUBY", self.request.target.version().unwrap_or_default());
        command.env("TC_PLATFORM", format!("{}-linux", cpu_of(self.request)));
        command.env("TC_LOCK", self.place.join("Gemfile.lock"));
        let uncompiled = if self.bundler.compiles_for_target { PathBuf::new() } else { self.place.join("extensions") };
        command.env("TC_EXTENSIONS", uncompiled);
        command.arg("-r").arg(self.place.join("target.rb"));
        command
    }
}

/// The project's settings without those that are tc's, as lines of YAML: keys at the left, lists below them.
pub(super) fn kept_settings(own: &str) -> String {
    let mut kept = String::new();
    let mut is_kept = true;
    for line in own.lines() {
        if !line.starts_with([' ', '-']) || line.starts_with("---") {
            let key = line.split(':').next().unwrap_or_default();
            is_kept = !OURS.contains(&key);
        }
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_not_ours_are_kept() {
        let own =
            "---\nBUNDLE_PATH: \"vendor/bundle\"\nBUNDLE_WITHOUT:\n- x\nBUNDLE_MIRROR__ALL: \"https://m.example\"\n";
        assert_eq!(kept_settings(own), "---\nBUNDLE_MIRROR__ALL: \"https://m.example\"\n");
        assert_eq!(kept_settings(""), "");
    }
}
