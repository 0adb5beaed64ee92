//! A function's environment fits into Lambda's 4 KB.
//!
//! Source: Lambda Developer Guide, "Troubleshoot deployment issues in Lambda": the variables as a JSON object, with their
//! names, values, quotes, commas and brackets, take at most 4,096 bytes.

use super::Subject;
use crate::diagnostic::{Diagnostic, codes::function as codes};
use crate::ir::{EnvironmentValue, Function};
use crate::source::{Piece, Symbol, Text};

/// Bytes of the JSON object.
const LIMIT: usize = 4096;

/// How many of the largest variables the help names.
const SHOWN: usize = 3;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    for function in subject.topology.functions.values() {
        let mut sizes: Vec<(usize, &String)> =
            function.environment.iter().map(|(name, variable)| (entry_size(name, &variable.value), name)).collect();
        let commas = sizes.len().saturating_sub(1);
        let total = 2 + commas + sizes.iter().map(|(size, _)| size).sum::<usize>();
        if total <= LIMIT {
            continue;
        }
        sizes.sort_by_key(|(size, name)| (std::cmp::Reverse(*size), *name));
        let largest: Vec<_> = sizes.iter().take(SHOWN).map(|(size, name)| format!("`{name}` {size}")).collect();
        let span = sizes.first().and_then(|(_, name)| function.environment.get(*name)).map(|variable| variable.key);
        findings.push(finding(function, span.unwrap_or(function.span), total, &largest));
    }
}

fn finding(function: &Function, span: crate::source::Span, total: usize, largest: &[String]) -> Diagnostic {
    let message = format!("the environment of `{}` has {total} bytes; Lambda allows {LIMIT}", function.name);
    Diagnostic::new(&codes::ENVIRONMENT_SIZE, span, message)
        .help(format!("the largest, in bytes: {}", largest.join(", ")))
        .help("put large values into a parameter and pass its name: `ssm:/path`")
}

/// Bytes of `"name":"value"`.
fn entry_size(name: &str, value: &EnvironmentValue) -> usize {
    let value = match value {
        EnvironmentValue::Plain(text) => text_size(text),
        EnvironmentValue::SsmParameter(name) | EnvironmentValue::Secret(name) => json_size(name),
    };
    json_size(name) + value + "\"\":\"\"".len()
}

/// Bytes of a text, where a symbol counts as the shortest it can stand for.
fn text_size(text: &Text) -> usize {
    let size = |piece: &Piece<'_>| match piece {
        Piece::Literal(text) => json_size(text),
        Piece::Symbol(Symbol::Account) => "123456789012".len(),
        Piece::Symbol(Symbol::Region) => "us-east-1".len(),
        Piece::Symbol(Symbol::FunctionArn(_)) => "arn:aws:lambda:us-east-1:123456789012:function:x".len(),
        Piece::Symbol(Symbol::FlowArn(_)) => "arn:aws:states:us-east-1:123456789012:stateMachine:x".len(),
        Piece::Symbol(Symbol::QueueUrl(_)) => "https://sqs.us-east-1.amazonaws.com/123456789012/x".len(),
    };
    text.pieces().iter().map(size).sum()
}

/// Bytes of a text inside of JSON's quotes.
fn json_size(text: &str) -> usize {
    let size = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=31 => 6,
        _ => 1,
    };
    text.bytes().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check_function;
    use super::{check, json_size};

    #[test]
    fn names_values_and_punctuation_count() {
        // {"AA":"…","BB":"1"} has 18 bytes beside the first value.
        let json = |size: usize| {
            let value = "x".repeat(size);
            format!("{{\"runtime\": {{\"environment\": {{\"AA\": \"{value}\", \"BB\": \"1\"}}}}}}")
        };
        assert_eq!(check_function(check, &json(4096 - 18)), [""; 0]);
        assert_eq!(
            check_function(check, &json(4097 - 18)),
            [
                "TC0508 error the environment of `a` has 4097 bytes; Lambda allows 4096 @\"AA\"; the largest, in bytes: `AA` \
              4086, `BB` 8; put large values into a parameter and pass its name: `ssm:/path`"
            ]
        );
    }

    #[test]
    fn sizes_are_those_of_json() {
        for text in ["", "plain", "ñ日", "a\"b\\c\nd\te\u{1}", "\u{8}\u{c}\r"] {
            assert_eq!(json_size(text) + 2, serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
    }
}
