//! The templates of a topology and of a function in each language.

use super::place;
use crate::report::Report;
use crate::shell::Shell;
use crate::site;
use handlebars::Handlebars;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::scaffold as codes;
use tc_core::ir::{Family, Runtime};

/// The function of a new topology.
const FIRST_FUNCTION: &str = "hello";

/// The most characters of a topology's or a function's name (`schema/topology.schema.json`, `schema/function.schema.json`).
const NAME: usize = 64;

/// A file by its path, and the template of what it holds.
macro_rules! templates {
    ($($name:literal = $file:literal;)*) => {
        &[$(($name, include_str!(concat!("../../../../../runtime-templates/scaffold/", $file)))),*]
    };
}

const TOPOLOGY: &[(&str, &str)] = templates! { "topology.yml" = "topology.yml.hbs"; };

/// The files of a function in a language, if there is a start for it.
fn templates(family: Family) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match family {
        Family::Python => templates! {
            "function.json" = "python/function.json.hbs";
            "handler.py" = "python/handler.py.hbs";
            "test_handler.py" = "python/test_handler.py.hbs";
            "payload.json" = "payload.json.hbs";
            ".tcignore" = "python/tcignore.hbs";
        },
        Family::Ruby => templates! {
            "function.json" = "ruby/function.json.hbs";
            "handler.rb" = "ruby/handler.rb.hbs";
            "handler_test.rb" = "ruby/handler_test.rb.hbs";
            "payload.json" = "payload.json.hbs";
            ".tcignore" = "ruby/tcignore.hbs";
        },
        Family::Node => templates! {
            "function.json" = "node/function.json.hbs";
            "handler.mjs" = "node/handler.mjs.hbs";
            "handler.test.mjs" = "node/handler.test.mjs.hbs";
            "payload.json" = "payload.json.hbs";
            ".tcignore" = "node/tcignore.hbs";
        },
        Family::Rust => templates! {
            "function.json" = "rust/function.json.hbs";
            "Cargo.toml" = "rust/Cargo.toml.hbs";
            "src/main.rs" = "rust/src/main.rs.hbs";
            "payload.json" = "payload.json.hbs";
            ".gitignore" = "rust/gitignore.hbs";
        },
        Family::Go => templates! {
            "function.json" = "go/function.json.hbs";
            "go.mod" = "go/go.mod.hbs";
            "handler.go" = "go/handler.go.hbs";
            "handler_test.go" = "go/handler_test.go.hbs";
            "payload.json" = "payload.json.hbs";
        },
        Family::Java | Family::Dotnet | Family::Provided => return None,
    })
}

/// Writes a topology with a route and a function.
pub fn topology(name: &str, lang: &str, shell: &mut Shell) -> ExitCode {
    let written = check_name(name, false).and_then(|()| {
        let mut files = fill(TOPOLOGY, name, FIRST_FUNCTION, "", Path::new(""));
        files.extend(function_files(name, FIRST_FUNCTION, lang, Path::new(FIRST_FUNCTION))?);
        write(name, files)
    });
    end(written, shell)
}

/// Writes a function.
pub fn function(name: &str, lang: &str, shell: &mut Shell) -> ExitCode {
    let written = check_name(name, true).and_then(|()| write(name, function_files("", name, lang, Path::new(""))?));
    end(written, shell)
}

fn function_files(
    topology: &str,
    name: &str,
    lang: &str,
    directory: &Path,
) -> Result<Vec<(PathBuf, String)>, Box<Diagnostic>> {
    let known = Runtime::parse(lang).and_then(|runtime| Some((runtime, templates(runtime.family)?)));
    let Some((runtime, templates)) = known else {
        let finding = Diagnostic::without_place(&codes::UNKNOWN_LANGUAGE, format!("there is no start for `{lang}`"));
        return Err(Box::new(finding.help("there are some for python, ruby, nodejs, rust, go, and their runtimes")));
    };
    Ok(fill(templates, topology, name, &runtime.spelling(), directory))
}

fn fill(
    templates: &[(&str, &str)],
    topology: &str,
    function: &str,
    runtime: &str,
    directory: &Path,
) -> Vec<(PathBuf, String)> {
    // Cargo and Go know packages by names in lower case.
    let package = function.to_ascii_lowercase();
    let data = json!({ "topology": topology, "function": function, "runtime": runtime, "package": package });
    let handlebars = Handlebars::new();
    let filled = templates.iter().map(|(name, template)| {
        // The templates are tc's own, and a test fills each of them.
        let text = handlebars.render_template(template, &data).unwrap_or_default();
        (directory.join(name), text)
    });
    filled.collect()
}

fn write(name: &str, files: Vec<(PathBuf, String)>) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    place::directory(Path::new(name), &files)?;
    Ok(files.into_iter().map(|(file, _)| Path::new(name).join(file)).collect())
}

/// Refuses a name that the front end would refuse.
fn check_name(name: &str, is_function: bool) -> Result<(), Box<Diagnostic>> {
    let mut letters = name.chars();
    let fits = |letter: char| letter.is_ascii_lowercase() || (is_function && letter.is_ascii_uppercase());
    let begins = letters.next().is_some_and(fits);
    let goes_on = letters.all(|letter| fits(letter) || letter.is_ascii_digit() || "-_".contains(letter));
    if begins && goes_on && name.len() <= NAME {
        return Ok(());
    }
    let what = if is_function { "function" } else { "topology" };
    let message = format!("`{name}` cannot be the name of a {what}");
    let capital = if is_function { "" } else { "lower-case " };
    let help =
        format!("begin with a {capital}letter; then {capital}letters, digits, `-` and `_`, {NAME} characters at most");
    Err(Box::new(Diagnostic::without_place(&codes::UNSUITABLE_NAME, message).help(help)))
}

fn end(written: Result<Vec<PathBuf>, Box<Diagnostic>>, shell: &mut Shell) -> ExitCode {
    match written {
        Ok(files) => {
            files.iter().for_each(|file| shell.out(&format!("{}\n", file.display())));
            ExitCode::SUCCESS
        }
        Err(refusal) => site::refuse(Report::without_sources(*refusal), shell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_filled() {
        for family in [Family::Python, Family::Ruby, Family::Node, Family::Rust, Family::Go] {
            let templates = templates(family).unwrap();
            for (name, text) in fill(templates, "etl", "Greet", "python3.13", Path::new("")) {
                assert!(!text.is_empty() && !text.contains("{{"), "{}: {text}", name.display());
            }
        }
    }

    #[test]
    fn names_are_those_of_the_schema() {
        for name in ["etl", "a", "etl-2_x", &"e".repeat(64)] {
            assert!(check_name(name, false).is_ok(), "{name}");
        }
        for name in ["", "Etl", "2etl", "-", "e tl", "../etl", "é", &"e".repeat(65)] {
            assert!(check_name(name, false).is_err(), "{name}");
        }
        assert!(check_name("Greet", true).is_ok());
    }
}
