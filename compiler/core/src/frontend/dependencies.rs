//! Whether a function declares dependencies that go into a layer. A manifest alone does not: a `package.json` may hold
//! `"type": "module"` and nothing else, and the layer that would be imported for it never exist.

use super::Session;
use super::discover::Candidate;
use super::yaml;
use crate::source::{FileId, Node};
use crate::world::SourcePath;

/// The manifest that declares dependencies. What cannot be read may declare some.
pub(super) fn manifest(session: &mut Session<'_>, candidate: &Candidate) -> Option<SourcePath> {
    candidate.manifests().into_iter().find_map(|name| {
        let path = candidate.directory.join(name);
        let file = session.read_once(&path)?;
        let text = &session.sources.get(file)?.text;
        declares(name, file, text).then_some(path)
    })
}

fn declares(name: &str, file: FileId, text: &str) -> bool {
    match name {
        "requirements.txt" => text.lines().any(|line| !matches!(line.trim().chars().next(), None | Some('#'))),
        "pyproject.toml" => toml::de::DeTable::parse(text).map_or(true, |document| of_python(document.get_ref())),
        "package.json" => yaml::read(file, text).map_or(true, |document| of_node(&document)),
        "Gemfile" => text.lines().any(of_ruby),
        _ => true,
    }
}

/// Those of `project`, those that a build program fills in, and those of Poetry, among which the Python version stands.
fn of_python(document: &toml::de::DeTable<'_>) -> bool {
    let table = |value: Option<&toml::Spanned<toml::de::DeValue<'_>>>, key: &str| -> bool {
        let value = value.and_then(|value| value.get_ref().as_table()).and_then(|table| table.get(key));
        value.is_some_and(|value| match value.get_ref() {
            toml::de::DeValue::Array(list) if key == "dynamic" => {
                list.iter().any(|item| item.get_ref().as_str() == Some("dependencies"))
            }
            toml::de::DeValue::Array(list) => !list.is_empty(),
            toml::de::DeValue::Table(table) => table.iter().any(|(name, _)| name.get_ref() != "python"),
            _ => true,
        })
    };
    let poetry = document.get("tool").and_then(|tool| tool.get_ref().as_table()).and_then(|tools| tools.get("poetry"));
    let project = document.get("project");
    table(project, "dependencies") || table(project, "dynamic") || table(poetry, "dependencies")
}

fn of_node(document: &Node) -> bool {
    let holds = |key: &str| document.get(key).is_some_and(|list| list.as_map().is_none_or(|map| !map.is_empty()));
    holds("dependencies") || holds("optionalDependencies")
}

/// A line that names a gem, or something that does.
fn of_ruby(line: &str) -> bool {
    let line = line.trim_start();
    let names = |word: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t', '(']));
    names("gem")
        || names("eval_gemfile")
        || line.split_whitespace().next().is_some_and(|word| word.starts_with("gemspec"))
}

#[cfg(test)]
mod tests {
    use super::declares;
    use crate::source::SourceMap;

    fn of(name: &str, text: &str) -> bool {
        let file = SourceMap::default().add(name.into(), text.to_owned());
        declares(name, file, text)
    }

    #[test]
    fn a_list_with_something_in_it_declares() {
        for (name, text) in [
            ("requirements.txt", "# ours\nrequests\n"),
            ("requirements.txt", "-r ../common.txt\n"),
            ("pyproject.toml", "[project]\ndependencies = ['requests']\n"),
            ("pyproject.toml", "[project]\ndynamic = ['version', 'dependencies']\n"),
            ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.11'\nrequests = '*'\n"),
            ("package.json", r#"{"dependencies": {"left-pad": "1"}}"#),
            ("package.json", r#"{"optionalDependencies": {"left-pad": "1"}}"#),
            ("Gemfile", "source 'x'\ngroup :default do\n  gem 'aws-sdk-s3'\nend\n"),
            ("Gemfile", "gemspec\n"),
            // Whoever installs them says what is wrong.
            ("pyproject.toml", "[project\n"),
            ("package.json", "{"),
        ] {
            assert!(of(name, text), "{name}: {text}");
        }
    }

    #[test]
    fn a_manifest_alone_does_not() {
        for (name, text) in [
            ("requirements.txt", ""),
            ("requirements.txt", "\n  # none yet\n"),
            (
                "pyproject.toml",
                "[project]\nname = 'f'\nrequires-python = '>=3.12'\ndependencies = []\ndynamic = ['version']\n",
            ),
            ("pyproject.toml", "[tool.ruff]\nline-length = 100\n"),
            ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.11'\n"),
            ("package.json", r#"{"type": "module", "engines": {"node": "22"}, "devDependencies": {"eslint": "9"}}"#),
            ("package.json", r#"{"dependencies": {}}"#),
            ("Gemfile", "source 'https://rubygems.org'\nruby '3.4.1'\n# gem 'x'\n"),
        ] {
            assert!(!of(name, text), "{name}: {text}");
        }
    }
}
