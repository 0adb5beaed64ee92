//! The methods that a Ruby file offers as handlers, as far as its text tells: those at its top by their name, those of a
//! class as `Module::Class.method`.
//!
//! Blocks are told by indentation, as Ruby is written: a `class` lasts until the `end` that stands as far left.

mod code;

use super::Symbols;
use code::code_only;

/// What makes a file define methods that cannot be told from it.
const DYNAMIC: [&str; 20] = [
    "alias",
    "alias_method",
    "autoload",
    "class_eval",
    "const_set",
    "def_delegator",
    "def_delegators",
    "define_method",
    "define_singleton_method",
    "delegate",
    "eval",
    "extend",
    "include",
    "instance_eval",
    "load",
    "method_missing",
    "module_eval",
    "module_function",
    "new",
    "require_relative",
];

/// Words that stand before `def` on its line.
const MODIFIERS: [&str; 4] = ["private", "public", "protected", "memoize"];

/// A `class` or `module` that is open.
struct Scope {
    indent: usize,
    /// `Module::Class`, with the scopes around it.
    path: String,
    /// `class << self`: its methods are those of the class.
    is_singleton: bool,
}

pub(super) fn symbols(text: &str) -> Symbols {
    let mut symbols = Symbols::default();
    let mut scopes: Vec<Scope> = Vec::new();
    let mut requires = false;
    for line in code_only(text).lines() {
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let line = line.trim();
        let mut words = line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        if first == "end" {
            while scopes.last().is_some_and(|scope| scope.indent >= indent) {
                scopes.pop();
            }
            continue;
        }
        requires |= first == "require";
        match first {
            "class" | "module" => {
                let outer = scopes.last().map_or("", |scope| scope.path.as_str());
                if !line.ends_with("end") {
                    scopes.push(opened(line, first, outer, indent));
                }
            }
            _ if first == "def" || (MODIFIERS.contains(&first) && words.next() == Some("def")) => {
                symbols.names.extend(method(line, scopes.last()));
            }
            _ => symbols.is_open |= is_dynamic(line),
        }
    }
    // A file that only requires others leaves the definitions to them.
    symbols.is_open |= requires && symbols.names.is_empty();
    symbols
}

fn is_dynamic(line: &str) -> bool {
    // `Struct.new(...)` at the right of an assignment makes a class; `Client.new` in a method makes an object.
    let makes_class = ["Class.new", "Module.new", "Struct.new", "Data.define"].iter().any(|call| line.contains(call));
    let mut words = line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty() && *word != "new");
    makes_class || words.any(|word| DYNAMIC.contains(&word))
}

/// The scope that a `class` or `module` line opens.
fn opened(line: &str, keyword: &str, outer: &str, indent: usize) -> Scope {
    let rest = line.strip_prefix(keyword).unwrap_or_default().trim_start();
    if rest.starts_with("<<") {
        return Scope { indent, path: outer.to_owned(), is_singleton: true };
    }
    let end = rest.find(|c: char| !is_word(c) && c != ':').unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default();
    let path = if outer.is_empty() { name.to_owned() } else { format!("{outer}::{name}") };
    Scope { indent, path, is_singleton: false }
}

/// The name by which a handler calls the method that a `def` line begins. A method of an object has none.
fn method(line: &str, scope: Option<&Scope>) -> Option<String> {
    let rest = line.split_once("def ").map_or("", |(_, rest)| rest.trim_start());
    let end = rest.find(|c: char| !is_word(c) && !".:?!".contains(c)).unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default();
    match (name.rsplit_once('.'), scope) {
        (Some(("self", method)), Some(scope)) => Some(format!("{}.{method}", scope.path)),
        // `def Loader.run` in `class Loader` of `module Etl`.
        (Some((owner, method)), Some(scope)) if scope.path.rsplit("::").next() == Some(owner) => {
            Some(format!("{}.{method}", scope.path))
        }
        (Some((owner, method)), _) => (owner != "self").then(|| format!("{owner}.{method}")),
        (None, None) => Some(name.to_owned()),
        (None, Some(scope)) => scope.is_singleton.then(|| format!("{}.{name}", scope.path)),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn defines(text: &str, names: &[&str]) {
        symbols(text).assert_are(names, text);
    }

    #[test]
    fn methods_at_the_top_and_of_classes() {
        defines("require 'json'\ndef handler(event:, context:)\n  if event\n    1\n  end\nend\n", &["handler"]);
        defines("def handler(event:, context:) = { a: 1 }\nprivate def other; end\n", &["handler", "other"]);
        let text = "module Etl\n  class Loader < Base\n    def self.run(event:, context:)\n      client = Client.new\n    end\n\n    \
                    def one\n    end\n  end\n  class << self\n    def two(x)\n    end\n  end\nend\ndef three\nend\n";
        defines(text, &["Etl.two", "Etl::Loader.run", "three"]);
        defines(
            "class A::B\n  def B.run; end\n  def self.stop; end\nend\nclass E < StandardError; end\ndef f; end\n",
            &["A::B.run", "A::B.stop", "f"],
        );
        defines("class Handler\n  def run(event:, context:)\n  end\nend\n", &[]);
    }

    #[test]
    fn comments_and_strings_do_not_count() {
        let text = "# def a\n=begin\ndef b\n=end\nx = \"def c\n\"\ny = <<~TEXT\n  def d\nTEXT\nz = %w[\ndef e\n]\ndef f; end\n__END__\ndef g; end\n";
        defines(text, &["f"]);
        defines("x = \"#{h[\"a\"]} # \"\ny = /['\"#]/ # it's\ndef f; end\n", &["f"]);
    }

    #[test]
    fn what_comes_from_elsewhere_cannot_be_told() {
        for text in [
            "require_relative 'app'\n",
            "require 'app'\n",
            "extend Handlers\n",
            "define_method(:handler) { |event:, context:| 1 }\n",
            "class A\n  module_function\n  def run; end\nend\n",
            "Handler = Class.new do\n  def self.run; end\nend\n",
        ] {
            assert!(symbols(text).is_open, "{text}");
        }
    }

    #[test]
    fn any_text_is_read() {
        for text in [
            "",
            "end",
            "class",
            "class <<",
            "def",
            "def self.",
            "module ::",
            "\"#{",
            "<<~",
            "%w",
            "%",
            "=begin",
            "'",
            "é",
            "/",
        ] {
            symbols(text);
        }
    }
}
