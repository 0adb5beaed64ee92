//! The size of the definition.
//!
//! `CreateStateMachine` takes 1,048,576 characters. CloudFormation writes the object that the template holds as JSON with
//! one field a line, indented by two blanks a level, and that text counts.

use super::machine::Machine;
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Node, Piece, Symbol, Text, Value};

/// Characters of a definition.
const MOST: usize = 1_048_576;

pub(super) fn check(machine: &Machine<'_>, definition: &Node, findings: &mut Vec<Diagnostic>) {
    let size = characters(definition, 0);
    if size <= MOST {
        return;
    }
    let message = format!("the flow has {size} characters; Step Functions takes {MOST}");
    let mut finding = Diagnostic::new(&flow::DEFINITION_SIZE, super::walk::head(definition), message);
    let scope = machine.scopes.first();
    let states = scope.into_iter().flat_map(|scope| machine.states_of(scope));
    let largest = states.map(|(_, state)| (characters(state.node, 2), state)).max_by_key(|(size, _)| *size);
    if let Some((size, state)) = largest {
        finding =
            finding.also(state.key_span, format!("`{}` has {size} of them, more than any other state", state.name));
    }
    findings.push(finding.help(
        "move texts into functions or into S3, or split the flow and start its parts with `states:startExecution`",
    ));
}

/// How many characters a value takes, written `level` levels deep.
fn characters(node: &Node, level: usize) -> usize {
    match &node.value {
        Value::Null => 4,
        Value::Bool(value) => 5 - usize::from(*value),
        Value::Number(number) => number.value.to_string().len(),
        Value::String(text) => 2 + text_characters(text),
        Value::List(list) => {
            // `[ 1, 2 ]`, and `[ ]` without items.
            let items: usize = list.iter().map(|item| 2 + characters(item, level)).sum();
            items + if list.is_empty() { 3 } else { 2 }
        }
        Value::Map(map) if map.is_empty() => 3,
        Value::Map(map) => {
            let indent = 1 + 2 * (level + 1);
            let field = |key: &str| indent + 2 + literal(key) + 3;
            let fields: usize =
                map.iter().map(|entry| field(&entry.key) + characters(&entry.value, level + 1) + 1).sum();
            // No comma after the last one; a line of its own for the closing brace.
            1 + fields - 1 + indent - 2 + 1
        }
    }
}

fn text_characters(text: &Text) -> usize {
    let piece = |piece| match piece {
        Piece::Literal(text) => literal(text),
        Piece::Symbol(Symbol::Account) => 12,
        // The longest names of regions and the usual length of the ARN of a function and the URL of a queue.
        Piece::Symbol(Symbol::Region) => 14,
        Piece::Symbol(Symbol::FunctionArn(_) | Symbol::QueueUrl(_) | Symbol::FlowArn(_)) => 128,
    };
    match text.as_literal() {
        Some(text) => literal(text),
        None => text.pieces().into_iter().map(piece).sum(),
    }
}

fn literal(text: &str) -> usize {
    let sign = |sign| match sign {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        sign if (sign as u32) < 0x20 => 6,
        _ => 1,
    };
    text.chars().map(sign).sum()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes, read};
    use super::*;

    #[test]
    fn counted_as_cloudformation_writes_it() {
        let written = "{\n  \"a\" : [ 1, \"x\", [ ] ],\n  \"b\" : {\n    \"c\" : { },\n    \"d\" : null\n  },\n  \"e\" : \"\\\"\\n\"\n}";
        assert_eq!(characters(&read("a: [1, x, []]\nb: {c: {}, d: ~}\ne: \"\\\"\\n\"\n"), 0), written.len());
    }

    #[test]
    fn a_million_characters_and_no_more() {
        let flow =
            |length: usize| format!("StartAt: a\nStates:\n  a: {{Type: Succeed, Comment: {}}}\n", "x".repeat(length));
        let rest = characters(&read(&flow(1)), 0) - 1;
        passes(&flow(MOST - rest));
        let found = check(&flow(MOST - rest + 1));
        assert!(
            found[0].starts_with("TC0222 the flow has 1048577 characters; Step Functions takes 1048576 @StartAt"),
            "{}",
            found[0]
        );
        assert_eq!(found.len(), 1);
    }
}
