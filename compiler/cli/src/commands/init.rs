//! `tc init`: a `tc.yml` of the AWS profiles that there are.

use super::scaffold::place;
use crate::args;
use crate::report::{Report, plural};
use crate::shell::Shell;
use crate::site;
use std::path::PathBuf;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::scaffold as codes;
use tc_deploy::profiles::{self, Profile};

/// Where the file is read from.
const FILE: &str = "tc.yml";

/// Write a tc.yml with the environments that the AWS profiles of this machine are
///
/// An environment is an account and a region; `-e NAME` names one. A tc.yml that stands is not written over.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The project's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,
}

/// Writes the file.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    let path = arguments.directory.join(FILE);
    let written = profiles::all().and_then(|profiles| {
        if place::file(&path, &text(&profiles))? {
            return Ok(profiles);
        }
        let finding =
            Diagnostic::without_place(&codes::ALREADY_THERE, format!("`{}` is there already", path.display()));
        Err(Box::new(finding.help("nothing was written")))
    });
    match written {
        Ok(profiles) => {
            shell.out(&format!("{}\n", path.display()));
            let count = profiles.iter().filter(|profile| is_environment(profile)).count();
            shell.err(&format!("{} written, from the AWS profiles of this machine\n", plural(count, "environment")));
            ExitCode::SUCCESS
        }
        Err(refusal) => site::refuse(Report::without_sources(*refusal), shell),
    }
}

/// What `tc.yml` says of these profiles.
fn text(profiles: &[Profile]) -> String {
    let mut text = "# Where tc deploys to: `-e NAME` names one of these accounts and regions.\n".to_owned();
    if !profiles.iter().any(is_environment) {
        return text
            + "# No AWS profile with a region was found. `aws configure sso` makes one; or let the environment variables\n\
               # say who you are, as in CI, and name the account and the region here:\n\
               #\n\
               # environments:\n\
               #   dev: {region: us-west-2, account: \"123456789012\"}\n";
    }
    text += "environments:\n";
    for profile in profiles {
        let Profile { name, region, account } = profile;
        let key = key(name);
        match region {
            Some(region) if is_environment(profile) => {
                let account = account.as_ref().map_or_else(String::new, |account| format!(", account: \"{account}\""));
                text += &format!("  {key}: {{profile: {key}, region: {region}{account}}}\n");
            }
            // In a comment a name of any form can do no harm, on one line.
            _ => text += &format!("  # {name}: its profile has no region, or a name that tc does not take\n"),
        }
    }
    text
}

/// Whether a profile can be an environment.
fn is_environment(profile: &Profile) -> bool {
    let is_region = |region: &String| region.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    args::environment(&profile.name).is_ok() && profile.region.as_ref().is_some_and(is_region)
}

/// A name as YAML takes it: a word that means something else to some reader of YAML in quotes.
fn key(name: &str) -> String {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if is_word && !words.contains(&name.to_ascii_lowercase().as_str()) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_environments() {
        let profile = |name: &str, region: Option<&str>, account: Option<&str>| Profile {
            name: name.to_owned(),
            region: region.map(str::to_owned),
            account: account.map(str::to_owned),
        };
        let profiles = [
            profile("dev", Some("us-west-2"), Some("111111111111")),
            profile("no", Some("eu-west-1"), None),
            profile("old", None, None),
        ];
        let text = text(&profiles);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "environments:",
                "  dev: {profile: dev, region: us-west-2, account: \"111111111111\"}",
                "  \"no\": {profile: \"no\", region: eu-west-1}",
                "  # old: its profile has no region, or a name that tc does not take",
            ]
        );
    }
}
