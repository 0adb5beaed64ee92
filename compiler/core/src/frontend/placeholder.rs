//! Fills the Handlebars placeholders of a tree.

use crate::diagnostic::{Diagnostic, codes::schema};
use crate::source::{Node, Symbol, Text, Value};
use crate::suggest;
use handlebars::Template;
use handlebars::template::TemplateElement;

/// What placeholders stand for. `account` and `region` are symbols that the template resolves.
#[derive(Debug, Clone)]
pub struct Placeholders {
    /// `{{namespace}}`: the topology's name.
    pub namespace: String,
    /// `{{sandbox}}`.
    pub sandbox: String,
    /// `{{env}}`.
    pub env: String,
    /// `{{version}}`.
    pub version: String,
}

const NAMES: [&str; 6] = ["namespace", "sandbox", "env", "account", "region", "version"];

impl Placeholders {
    /// Fills every string value of the tree in place; keys stay as they are. Findings name the string's place.
    pub fn fill(&self, node: &mut Node, findings: &mut Vec<Diagnostic>) {
        match &mut node.value {
            Value::String(text) => {
                let Some(source) = text.as_literal().filter(|source| source.contains("{{")) else { return };
                match self.plain(source).map_or_else(|| self.text(source), Ok) {
                    Ok(filled) => *text = filled,
                    Err((message, help)) => {
                        let finding = Diagnostic::new(&schema::UNKNOWN_PLACEHOLDER, node.span, message).help(help);
                        findings.push(finding);
                    }
                }
            }
            Value::List(list) => list.iter_mut().for_each(|child| self.fill(child, findings)),
            Value::Map(map) => map.iter_mut().for_each(|entry| self.fill(&mut entry.value, findings)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text where it is placeholders and what means nothing to Handlebars, as nearly all are: a grammar's machine takes
    /// longer than all else that is done to a string. `None` where it is not, or not in order.
    fn plain(&self, source: &str) -> Option<Text> {
        let mut text = Text::default();
        let mut pieces = source.split("{{");
        let literal = |piece: &str| !piece.contains(['{', '}', '\\']);
        let first = pieces.next().filter(|piece| literal(piece))?;
        text.push_str(first);
        for piece in pieces {
            let (name, rest) = piece.split_once("}}").filter(|(_, rest)| literal(rest))?;
            self.push(name.trim_matches(' '), &mut text)?;
            text.push_str(rest);
        }
        Some(text)
    }

    /// Appends what a placeholder stands for; `None` where there is none of that name.
    fn push(&self, name: &str, text: &mut Text) -> Option<()> {
        match name {
            "namespace" => text.push_str(&self.namespace),
            "sandbox" => text.push_str(&self.sandbox),
            "env" => text.push_str(&self.env),
            "version" => text.push_str(&self.version),
            "account" => text.push_symbol(Symbol::Account),
            "region" => text.push_symbol(Symbol::Region),
            _ => return None,
        }
        Some(())
    }

    fn text(&self, source: &str) -> Result<Text, (String, String)> {
        let all = || format!("placeholders: {}", NAMES.map(|name| format!("`{{{{{name}}}}}`")).join(", "));
        let template = Template::compile(source)
            .map_err(|error| (format!("this placeholder cannot be read: {}", first_line(&error.to_string())), all()))?;
        let mut text = Text::default();
        for element in &template.elements {
            let name = match element {
                TemplateElement::RawString(literal) => {
                    text.push_str(literal);
                    continue;
                }
                TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression)
                    if expression.params.is_empty() && expression.hash.is_empty() =>
                {
                    expression.name.as_name()
                }
                _ => None,
            };
            let Some(name) = name else {
                return Err(("only plain placeholders are filled, no helpers or blocks".to_owned(), all()));
            };
            if self.push(name, &mut text).is_none() {
                let near = suggest::nearest(name, NAMES).map(|near| format!("did you mean `{{{{{near}}}}}`?"));
                return Err((format!("unknown placeholder `{{{{{name}}}}}`"), near.unwrap_or_else(all)));
            }
        }
        Ok(text)
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn placeholders() -> Placeholders {
        let [namespace, sandbox, env, version] = ["etl", "bob", "dev", "0.0.1"].map(str::to_owned);
        Placeholders { namespace, sandbox, env, version }
    }

    #[test]
    fn plain_texts_need_no_grammar() {
        for source in ["{{namespace}}_enhancer_{{sandbox}}", "arn:{{ region }}:{{account}}:x", "{{env}}{{version}}\n"] {
            assert_eq!(placeholders().plain(source), placeholders().text(source).ok(), "{source:?}");
            assert!(placeholders().plain(source).is_some());
        }
        for source in
            ["{{{env}}}", "\\{{env}}", "{{~env}}", "{{!env}}", "{{env", "{{nev}}", "{\"a\": \"{{env}}\"}", "{{}}"]
        {
            assert_eq!(placeholders().plain(source), None, "{source:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_filled_without_the_grammar_is_what_it_fills(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::sample::select(NAMES.to_vec()).prop_map(|name| format!("{{{{{name}}}}}")),
                    prop::sample::select(vec!["{", "}", "{{", "}}", "\\", " ", "~", "env", "\n", "\t", "!", "&", "<"])
                        .prop_map(str::to_owned),
                    "[ a-z\\n\"'éß:/_-]{0,6}",
                ],
                0..8,
            )
        ) {
            let source = pieces.concat();
            if let Some(text) = placeholders().plain(&source) {
                prop_assert_eq!(Some(text), placeholders().text(&source).ok());
            }
        }
    }
}
