//! Writes a template as YAML that a person can review and any YAML 1.1 or 1.2 reader takes the same way.
//!
//! CloudFormation and its linters read YAML 1.1, where `on`, `012`, `1:30` and `2012-10-17` are not text. So a string is
//! written plain only where no reader could take it for anything else; every other one is quoted.

use super::expr::{Expr, Object};
use std::fmt::Write;

/// Two spaces a level, for as many levels as a template has; a document in it may have more.
const INDENT: &str = "                                                                ";

/// The value as a YAML document. A document of ours is a mapping; another value is written on one line.
pub fn write(expr: &Expr) -> String {
    let mut out = String::new();
    match expr {
        Expr::Object(object) if !object.is_empty() => mapping(&mut out, object, 0),
        Expr::List(list) if !list.is_empty() => sequence(&mut out, list, 0),
        other => {
            inline(&mut out, other);
            out.push('\n');
        }
    }
    out
}

fn indent(out: &mut String, levels: usize) {
    let mut left = levels * 2;
    while left > 0 {
        let width = left.min(INDENT.len());
        out.push_str(INDENT.get(..width).unwrap_or_default());
        left -= width;
    }
}

fn mapping(out: &mut String, object: &Object, level: usize) {
    for (key, value) in object.iter() {
        indent(out, level);
        entry(out, key, value, level);
    }
}

fn entry(out: &mut String, key: &str, value: &Expr, level: usize) {
    scalar(out, key);
    out.push(':');
    after(out, value, level);
}

/// What follows a `:`; ends with a newline.
fn after(out: &mut String, value: &Expr, level: usize) {
    match value {
        Expr::Object(object) if !object.is_empty() => {
            out.push('\n');
            mapping(out, object, level + 1);
        }
        Expr::List(list) if !list.is_empty() => {
            out.push('\n');
            sequence(out, list, level + 1);
        }
        Expr::Join(..) | Expr::Select(..) | Expr::Split(..) => {
            out.push(' ');
            function(out, value, level);
        }
        Expr::String(text) if is_block(text) => {
            out.push(' ');
            block(out, text, level + 1);
        }
        other => {
            out.push(' ');
            inline(out, other);
            out.push('\n');
        }
    }
}

fn sequence(out: &mut String, list: &[Expr], level: usize) {
    for item in list {
        indent(out, level);
        out.push('-');
        match item {
            Expr::Object(object) if !object.is_empty() => {
                for (position, (key, value)) in object.iter().enumerate() {
                    if position == 0 {
                        out.push(' ');
                    } else {
                        indent(out, level + 1);
                    }
                    entry(out, key, value, level + 1);
                }
            }
            Expr::List(inner) if !inner.is_empty() => {
                out.push('\n');
                sequence(out, inner, level + 1);
            }
            other => after(out, other, level),
        }
    }
}

/// `!Join`, `!Select` and `!Split` with their arguments as a block below.
fn function(out: &mut String, value: &Expr, level: usize) {
    let (tag, arguments) = match value {
        Expr::Join(delimiter, list) => ("!Join", vec![Expr::from(*delimiter), Expr::List(list.clone())]),
        Expr::Select(index, inner) => ("!Select", vec![Expr::from(*index), (**inner).clone()]),
        Expr::Split(delimiter, inner) => ("!Split", vec![Expr::from(*delimiter), (**inner).clone()]),
        _ => return,
    };
    out.push_str(tag);
    out.push('\n');
    sequence(out, &arguments, level + 1);
}

fn inline(out: &mut String, value: &Expr) {
    // Writing to a String cannot fail.
    let _ = match value {
        Expr::Null => write!(out, "null"),
        Expr::Bool(value) => write!(out, "{value}"),
        Expr::Int(value) => write!(out, "{value}"),
        Expr::Float(value) => write!(out, "{}", serde_json::Value::from(*value)),
        Expr::String(text) => {
            scalar(out, text);
            Ok(())
        }
        Expr::Ref(id) => {
            out.extend(["!Ref ", id]);
            Ok(())
        }
        Expr::GetAtt(id, attribute) => {
            out.extend(["!GetAtt ", id, ".", attribute]);
            Ok(())
        }
        Expr::Sub(text) => {
            out.push_str("!Sub ");
            scalar(out, text);
            Ok(())
        }
        Expr::Zones => write!(out, "!GetAZs ''"),
        Expr::List(_) => write!(out, "[]"),
        Expr::Object(_) => write!(out, "{{}}"),
        Expr::Join(..) | Expr::Select(..) | Expr::Split(..) => Ok(()),
    };
}

fn scalar(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_printable(text) {
        out.push('\'');
        let mut parts = text.split('\'');
        out.extend(parts.next());
        for part in parts {
            out.extend(["''", part]);
        }
        out.push('\'');
    } else {
        // A JSON string is a double-quoted YAML scalar; the line breaks that only YAML knows are escaped beside.
        let json = serde_json::Value::from(text).to_string();
        for character in json.chars() {
            match character {
                '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                    let _ = write!(out, "\\u{:04x}", u32::from(character));
                }
                other => out.push(other),
            }
        }
    }
}

/// Whether a reader sees each character of a text, in one line.
fn is_printable(text: &str) -> bool {
    // Nearly all text is of these.
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        || text.chars().all(|c| c == ' ' || (!c.is_control() && !c.is_whitespace() && c != '\u{feff}'))
}

/// Whether text can be read better as a block of its own lines: several lines of printable characters, none of which
/// begins the block with white space or ends with it.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let printable = |c: char| c == ' ' || c == '\n' || (!c.is_control() && !c.is_whitespace() && c != '\u{feff}');
    body.contains('\n')
        && body.chars().all(printable)
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.lines().all(|line| !line.ends_with(' '))
}

/// A literal block; `|-` where the text does not end in a line break.
fn block(out: &mut String, text: &str, level: usize) {
    out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in text.lines() {
        if !line.is_empty() {
            indent(out, level);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Whether no reader could take the text for anything but text: it begins with a letter, `/` or `_`, holds nothing that
/// YAML gives a meaning, and is no word for a boolean or null.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf", "none", "undefined"];
    const LONGEST: usize = 9;
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return false };
    if !first.is_ascii_alphabetic() && !matches!(first, b'/' | b'_') {
        return false;
    }
    let marks = bytes.iter().fold(0, |marks, byte| marks | MARKS.get(usize::from(*byte)).copied().unwrap_or(SPECIAL));
    if marks & SPECIAL != 0 || (marks & COLON != 0 && bytes.windows(2).any(|pair| pair == b": ")) {
        return false;
    }
    !matches!(bytes.last(), Some(b' ' | b':'))
        && (bytes.len() > LONGEST || !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)))
}

/// What no plain text holds.
const SPECIAL: u8 = 1;

/// What none holds before a space.
const COLON: u8 = 2;

/// By a byte, what it is in a plain text: nothing special is 0. All bytes of a text are put together before one is asked
/// about, since half of a template's bytes pass here.
const MARKS: [u8; 256] = {
    let mut table = [SPECIAL; 256];
    let mut code = 0u8;
    while code < 128 {
        let mark = match code {
            b':' => COLON,
            b' ' | b'/' | b'_' | b'-' | b'.' | b'$' | b'(' | b')' | b'+' | b';' | b'=' | b'<' | b'>' | b'@' | b'~'
            | b'^' => 0,
            _ if code.is_ascii_alphanumeric() => 0,
            _ => SPECIAL,
        };
        #[expect(clippy::indexing_slicing, reason = "the code is less than the table is long")]
        {
            table[code as usize] = mark;
        }
        code += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object;
    use proptest::prelude::*;

    #[test]
    fn a_template_reads_like_one_written_by_hand() {
        let expr: Expr = object! {
            "Description": "etl: x",
            "List": vec![Expr::from("a"), object! { "K": 1i64, "L": Vec::<Expr>::new() }.into(), Expr::List(vec!["b".into()])],
            "Arn": Expr::arn("F"),
            "Sub": Expr::Sub("${AWS::Region}:x".into()),
            "Join": Expr::Join(",", vec!["a".into(), Expr::reference("B")]),
            "Empty": Object::new(),
            "Date": "2012-10-17",
            "On": "on",
            "Lines": "a\nb",
        }
        .into();
        let expected = "Description: 'etl: x'\nList:\n  - a\n  - K: 1\n    L: []\n  -\n    - b\nArn: !GetAtt F.Arn\n\
                        Sub: !Sub '${AWS::Region}:x'\nJoin: !Join\n  - ','\n  -\n    - a\n    - !Ref B\nEmpty: {}\n\
                        Date: '2012-10-17'\n'On': 'on'\nLines: |-\n  a\n  b\n";
        assert_eq!(write(&expr), expected);
    }

    /// Text that readers are known to stumble over, and any other.
    fn text() -> impl Strategy<Value = String> {
        let hard =
            ["", "on", "012", "1:30", "2012-10-17", "~", "=", "<<", "a: b", "a #b", "- a", "{{x}}", "!Ref a", "0x1f"];
        let hard = proptest::sample::select(hard.map(str::to_owned).to_vec());
        prop_oneof![hard, "[ -~\n\t]{0,12}", "[a-z{}:$#'\"\n ]{0,20}", any::<String>()]
    }

    fn expr() -> impl Strategy<Value = Expr> {
        let leaf = prop_oneof![
            text().prop_map(Expr::from),
            any::<i64>().prop_map(Expr::from),
            any::<bool>().prop_map(Expr::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let object = proptest::collection::btree_map(text(), inner.clone(), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Expr::List),
                object.prop_map(|entries| entries.into_iter().collect::<Object>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in expr()) {
            let value = Expr::from(object! { "Root": value });
            let written = write(&value);
            let read: serde_json::Value = serde_yaml::from_str(&written).map_err(|e| TestCaseError::fail(format!("{e}\n{written}")))?;
            prop_assert_eq!(read, serde_json::to_value(&value).unwrap(), "{}", written);
        }
    }
}
