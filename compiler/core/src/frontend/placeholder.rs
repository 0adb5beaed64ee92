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
                match self.text(source) {
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
            match name {
                Some("namespace") => text.push_str(&self.namespace),
                Some("sandbox") => text.push_str(&self.sandbox),
                Some("env") => text.push_str(&self.env),
                Some("version") => text.push_str(&self.version),
                Some("account") => text.push_symbol(Symbol::Account),
                Some("region") => text.push_symbol(Symbol::Region),
                Some(other) => {
                    let near = suggest::nearest(other, NAMES).map(|near| format!("did you mean `{{{{{near}}}}}`?"));
                    return Err((format!("unknown placeholder `{{{{{other}}}}}`"), near.unwrap_or_else(all)));
                }
                None => return Err(("only plain placeholders are filled, no helpers or blocks".to_owned(), all())),
            }
        }
        Ok(text)
    }
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}
