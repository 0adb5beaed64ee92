//! A function's handler is there: the file that it names, and what is to be called in it.
//!
//! Judged for Python, Node.js and Ruby. Each language's file reads its source just well enough to tell which names it
//! offers; where that cannot be told (`from x import *`), nothing is said.

mod node;
mod python;
mod ruby;

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::{Family, Function, PackageType};
use crate::source::Spanned;
use crate::suggest;
use crate::world::{EntryKind, SourcePath, World};
use std::collections::BTreeSet;

/// Bytes of a handler's file that is looked at; a larger one was made by a bundler.
const LIMIT: u64 = 1 << 20;

/// What a source file offers to be called.
#[derive(Debug, Default, PartialEq, Eq)]
struct Symbols {
    /// Names as they stand behind the file's in a handler.
    names: BTreeSet<String>,
    /// Whether it may offer more than can be told from its text.
    is_open: bool,
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        let Some(family) = function.runtime.as_ref().map(|runtime| runtime.family) else { continue };
        let is_judged = matches!(family, Family::Python | Family::Node | Family::Ruby);
        if is_judged && function.package_type == PackageType::Zip && !is_built(function) {
            findings.extend(judge(subject.world, function, family));
        }
    }
}

/// Whether a command makes the code, so that what is packed need not be what is in the directory. A plain `zip` packs
/// what is there.
fn is_built(function: &Function) -> bool {
    let Some(command) = &function.build_task else { return false };
    let is_plain_zip = command.split_whitespace().next() == Some("zip")
        && !command.trim().contains([';', '&', '|', '<', '>', '$', '`', '(', ')', '\n']);
    !is_plain_zip
}

fn judge(world: &dyn World, function: &Function, family: Family) -> Option<Diagnostic> {
    let handler = function.handler.as_ref()?;
    let Some((module, symbol)) = parts(handler, family) else {
        let message = format!("the handler `{}` of `{}` names no file", handler.value, function.name);
        let finding = Diagnostic::new(&codes::NO_HANDLER_FILE, handler.span, message);
        return Some(finding.help("write `FILE.NAME`, such as `handler.handler`"));
    };
    let Some(path) = &function.handler_file else {
        let is_foreign =
            may_be_foreign(function, module) || (family == Family::Node && is_package(world, function, module));
        return (!is_foreign).then(|| no_file(world, function, handler, family, module));
    };
    let bytes = world.read_within(path, LIMIT).ok().flatten()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let symbols = match family {
        Family::Python => python::symbols(text),
        Family::Ruby => ruby::symbols(text),
        _ => node::symbols(text),
    };
    // `file.a.b` is `b` of what Node.js exports as `a`.
    let wanted = if family == Family::Node { symbol.split('.').next().unwrap_or(symbol) } else { symbol };
    if symbols.is_open || symbols.names.contains(wanted) {
        return None;
    }
    let message = format!("`{path}` does not define `{wanted}`, the handler of `{}`", function.name);
    let finding = Diagnostic::new(&codes::NO_HANDLER_SYMBOL, handler.span, message);
    Some(suggest_symbol(finding, module, wanted, &symbols))
}

/// The file, without its extension, and what is to be called in it.
///
/// As the runtimes read it: Python splits at the last dot, Ruby at the first, Node.js at the first of the last path part.
fn parts(handler: &str, family: Family) -> Option<(&str, &str)> {
    let parts = match family {
        Family::Python => handler.rsplit_once('.'),
        Family::Ruby => handler.split_once('.'),
        _ => {
            let name = handler.rfind('/').map_or(0, |slash| slash + 1);
            let dot = name + handler.get(name..)?.find('.')?;
            handler.get(..dot).zip(handler.get(dot + 1..))
        }
    };
    parts.filter(|(module, symbol)| !module.is_empty() && !symbol.is_empty())
}

/// Whether a file that is not in the function's directory may come from a layer: one that is named by an absolute path,
/// lies in an installed package, or in a package at all where the function has layers.
fn may_be_foreign(function: &Function, module: &str) -> bool {
    let has_layers = !function.layers.is_empty() || !function.extensions.is_empty();
    module.starts_with('/') || module.contains("node_modules") || (has_layers && module.contains(['.', '/']))
}

/// Whether Node.js finds a directory's `index.js` under the name.
fn is_package(world: &dyn World, function: &Function, module: &str) -> bool {
    let index = function.directory.join(module).join("index.js");
    world.read(&index).is_ok_and(|bytes| bytes.is_some())
}

fn no_file(
    world: &dyn World,
    function: &Function,
    handler: &Spanned<String>,
    family: Family,
    module: &str,
) -> Diagnostic {
    let (extension, extensions): (&str, &[&str]) = match family {
        Family::Python => ("py", &["py"]),
        Family::Ruby => ("rb", &["rb"]),
        _ => ("js", &["js", "mjs", "cjs", "ts", "mts"]),
    };
    let relative = if family == Family::Python { module.replace('.', "/") } else { module.to_owned() };
    let path = function.directory.join(&relative);
    let missing = format!("{path}.{extension}");
    let stems = source_files(world, &path.parent(), extensions);
    let message = format!("the handler of `{}` is in `{missing}`, and there is no such file", function.name);
    let help = match suggest::nearest(path.file_name(), stems.iter().map(String::as_str)) {
        Some(near) => {
            let prefix = module.strip_suffix(path.file_name()).unwrap_or_default();
            let symbol = parts(handler, family).map_or("handler", |(_, symbol)| symbol);
            format!("did you mean `{prefix}{near}.{symbol}`?")
        }
        None => "correct `runtime.handler`, which is `FILE.NAME`, or add the file".to_owned(),
    };
    Diagnostic::new(&codes::NO_HANDLER_FILE, handler.span, message).help(help)
}

/// The names of the files of a directory that have one of the extensions, without it.
fn source_files(world: &dyn World, directory: &SourcePath, extensions: &[&str]) -> Vec<String> {
    let entries = world.list(directory).ok().flatten().unwrap_or_default();
    let stem =
        |name: &str| name.rsplit_once('.').filter(|(_, end)| extensions.contains(end)).map(|(stem, _)| stem.to_owned());
    entries.iter().filter(|entry| entry.kind == EntryKind::File).filter_map(|entry| stem(&entry.name)).collect()
}

/// Adds what the file defines in place of the symbol.
fn suggest_symbol(finding: Diagnostic, module: &str, symbol: &str, symbols: &Symbols) -> Diagnostic {
    let names = || symbols.names.iter().map(String::as_str);
    // The same method, of a class.
    let in_class = names().find(|name| name.rsplit_once('.').is_some_and(|(_, method)| method == symbol));
    match in_class.or_else(|| suggest::nearest(symbol, names())) {
        Some(near) => finding.help(format!("did you mean `{module}.{near}`?")),
        None if symbols.names.is_empty() => finding.help("it defines nothing that could be called"),
        None => finding.help_opt(suggest::help(symbol, "it defines", names())),
    }
}

#[cfg(test)]
impl Symbols {
    /// Asserts that these are the names, and all that there are.
    #[track_caller]
    fn assert_are(&self, names: &[&str], text: &str) {
        assert!(!self.is_open, "{text}");
        let found: Vec<_> = self.names.iter().map(String::as_str).collect();
        assert_eq!(found, names, "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check as run;
    use super::*;

    fn found(function: &str, files: &[(&str, &str)]) -> Vec<String> {
        run(check, &[&[("topology.yml", "name: etl\n"), ("a/function.json", function)], files].concat())
    }

    #[test]
    fn a_file_that_is_not_there() {
        let handler = |name: &str| format!("{{\"runtime\": {{\"lang\": \"python3.13\", \"handler\": \"{name}\"}}}}");
        let file = ("a/handler.py", "def handler(event, context): pass\n");
        assert_eq!(found(&handler("handler.handler"), &[file]), [""; 0]);
        assert_eq!(
            found(&handler("hndler.handler"), &[file]),
            [
                "TC0504 error the handler of `a` is in `a/hndler.py`, and there is no such file @\"hndler.handler\"; did you \
              mean `handler.handler`?"
            ]
        );
        assert_eq!(
            found(&handler("main.run"), &[file]),
            ["TC0504 error the handler of `a` is in `a/main.py`, and there is no such file @\"main.run\"; correct \
              `runtime.handler`, which is `FILE.NAME`, or add the file"]
        );
        assert_eq!(
            found(&handler("handler"), &[file]),
            ["TC0504 error the handler `handler` of `a` names no file @\"handler\"; write `FILE.NAME`, such as \
              `handler.handler`"]
        );
    }

    #[test]
    fn python_packages_are_found_by_dots_and_slashes() {
        let handler = |name: &str| format!("{{\"runtime\": {{\"lang\": \"python3.13\", \"handler\": \"{name}\"}}}}");
        for name in ["app.main.run", "app/main.run", "app.run"] {
            let files = [("a/app/main.py", "def run(e, c): pass\n"), ("a/app/__init__.py", "from .main import run\n")];
            assert_eq!(found(&handler(name), &files), [""; 0], "{name}");
        }
        assert_eq!(found(&handler("app.mian.run"), &[("a/app/main.py", "")]).len(), 1);
    }

    #[test]
    fn a_layer_or_a_command_may_bring_the_file() {
        let json = |runtime: &str, rest: &str| format!("{{\"runtime\": {{\"lang\": \"node22\", {runtime}}}{rest}}}");
        let foreign = r#""handler": "/opt/nodejs/node_modules/datadog-lambda-js/handler.handler""#;
        assert_eq!(found(&json(foreign, ""), &[]), [""; 0]);
        assert_eq!(found(&json(r#""handler": "dist/main.handler", "layers": ["x"]"#, ""), &[]), [""; 0]);
        assert_eq!(found(&json(r#""handler": "dist.handler""#, ""), &[("a/dist/index.js", "")]), [""; 0]);
        let main = r#""handler": "main.handler""#;
        assert_eq!(
            found(&json(main, r#", "tasks": {"build": "npm run build && zip lambda.zip main.js"}"#), &[]),
            [""; 0]
        );
        assert_eq!(found(&json(main, r#", "tasks": {"build": "zip lambda.zip main.js"}"#), &[]).len(), 1);
        assert_eq!(found(r#"{"runtime": {"package_type": "image", "handler": "x"}}"#, &[]), [""; 0]);
        assert_eq!(found(r#"{"runtime": {"lang": "java21", "handler": "com.example.Handler"}}"#, &[]), [""; 0]);
    }

    #[test]
    fn a_symbol_that_is_not_there() {
        let json = |lang: &str, handler: &str| {
            format!("{{\"runtime\": {{\"lang\": \"{lang}\", \"handler\": \"{handler}\"}}}}")
        };
        assert_eq!(
            found(&json("python3.13", "handler.handle"), &[("a/handler.py", "def handler(e, c): pass\n")]),
            [
                "TC0505 error `a/handler.py` does not define `handle`, the handler of `a` @\"handler.handle\"; did you mean \
              `handler.handler`?"
            ]
        );
        let ruby = "module Etl\n  class Loader\n    def self.run(event:, context:)\n    end\n  end\nend\n";
        assert_eq!(
            found(&json("ruby3.4", "handler.run"), &[("a/handler.rb", ruby)]),
            ["TC0505 error `a/handler.rb` does not define `run`, the handler of `a` @\"handler.run\"; did you mean \
              `handler.Etl::Loader.run`?"]
        );
        assert_eq!(found(&json("ruby3.4", "handler.Etl::Loader.run"), &[("a/handler.rb", ruby)]), [""; 0]);
        let node = "exports.api = { handler: async () => {} }\n";
        assert_eq!(found(&json("node22", "handler.api.handler"), &[("a/handler.js", node)]), [""; 0]);
        let none = found(&json("node22", "handler.main"), &[("a/handler.js", "console.log(1)\n")]);
        assert!(none[0].ends_with("; it defines nothing that could be called"), "{none:?}");
        let other = found(&json("node22", "handler.main"), &[("a/handler.mjs", "export const run = 1, stop = 2\n")]);
        assert!(other[0].ends_with("; it defines: `run`, `stop`"), "{other:?}");
    }

    #[test]
    fn what_is_inferred_is_judged_at_the_file() {
        let files = [("topology.yml", "name: etl\n"), ("a/handler.py", "def main(event, context): pass\n")];
        let found = run(check, &files);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("TC0505 error `a/handler.py` does not define `handler`"), "{found:?}");
    }

    proptest::proptest! {
        #[test]
        fn any_source_is_read(pieces in proptest::collection::vec(0..PIECES.len(), 0..40), odd in ".{0,4}") {
            let text: String = pieces.iter().map(|piece| PIECES[*piece]).chain([odd.as_str()]).collect();
            python::symbols(&text);
            node::symbols(&text);
            ruby::symbols(&text);
        }
    }

    /// What the readers have to tell apart.
    const PIECES: [&str; 32] = [
        "\n",
        " ",
        "\\",
        "'",
        "\"",
        "`",
        "\"\"\"",
        "${",
        "#{",
        "#",
        "//",
        "/*",
        "*/",
        "/",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "=",
        ",",
        ":",
        ";",
        "def a",
        "class B",
        "end",
        "export const ",
        "module.exports = ",
        "<<~A",
        "%w[",
        "é",
    ];

    #[test]
    fn bytes_that_are_no_text_are_left_alone() {
        let mut world = crate::world::MemoryWorld::new([("topology.yml", "name: etl\n")]);
        world.insert("a/handler.py", vec![0xff, 0xfe]);
        let topology = crate::frontend::load(&world, &crate::frontend::Options::default()).topology.unwrap();
        let graph = crate::graph::Graph::build(&topology);
        let mut findings = Vec::new();
        check(&Subject { world: &world, topology: &topology, graph: &graph }, &mut findings);
        assert_eq!(findings, []);
    }
}
