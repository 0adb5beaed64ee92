//! Reads YAML 1.2 and JSON into the spanned tree.
//!
//! JSON is read by the same reader, since YAML 1.2 contains it; so one set of rules holds for `topology.yml` and
//! `function.json`. What the reader refuses: duplicate and non-string keys, several documents, tags, more than
//! [`MAX_DEPTH`] levels, more than [`MAX_NODES`] nodes once aliases are expanded.

use crate::diagnostic::{Diagnostic, codes::reading};
use crate::source::{FileId, Map, MapEntry, Node, Number, Span, Text, Value};
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::Entry;
use saphyr::Scalar;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Levels of nesting that are read.
pub const MAX_DEPTH: usize = 100;
/// Nodes of one file, aliases expanded.
pub const MAX_NODES: usize = 1_000_000;
/// Bytes of one source file.
pub const MAX_BYTES: u64 = crate::world::SOURCE_LIMIT;

/// Reads a document. An empty one is null.
///
/// # Errors
/// The first fault that reading cannot go on from; faults that it can (a duplicate key) are all in the list.
pub fn read(file: FileId, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut reader = Reader::new(file, text);
    let result = reader.document();
    match result {
        Ok(node) if reader.faults.is_empty() => Ok(node),
        Ok(_) => Err(reader.faults),
        Err(fatal) => {
            // A placeholder without quotes is also a syntax error a little later on; the first finding says it better.
            if !reader.faults.iter().any(|fault| fault.code == &reading::KEY_NOT_STRING) {
                reader.faults.push(*fatal);
            }
            Err(reader.faults)
        }
    }
}

type Fatal = Box<Diagnostic>;

/// Characters are what the parser counts and bytes what spans are made of.
enum Offsets {
    Ascii,
    Table(Vec<u32>),
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    offsets: Offsets,
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    faults: Vec<Diagnostic>,
}

type Spanned<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        let offsets = if text.is_ascii() {
            Offsets::Ascii
        } else {
            Offsets::Table(text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect())
        };
        let parser = Parser::new_from_str(text);
        Self { file, text, offsets, parser, anchors: BTreeMap::new(), nodes: 0, faults: Vec::new() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.offsets {
            Offsets::Ascii => character.min(self.text.len()),
            Offsets::Table(table) => table.get(character).map_or(self.text.len(), |at| *at as usize),
        }
    }

    fn fault_of(&self, error: &ScanError) -> Fatal {
        let at = self.byte(error.marker().index());
        let at = at.min(self.text.trim_end().len());
        // The scanner bounds flow collections itself, and lower than we do.
        let code = if error.info().contains("recursion limit") { &reading::TOO_DEEP } else { &reading::SYNTAX };
        let mut fault = Diagnostic::new(code, Span::new(self.file, at, at), error.info());
        let line = self.text.get(..at).map_or(0, |before| before.rfind('\n').map_or(0, |newline| newline + 1));
        let line = self.text.get(line..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if line.contains("{{") {
            fault = fault.help("a value that begins with `{{` must be quoted: `'{{namespace}}_NAME_{{sandbox}}'`");
        } else if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') {
            fault = fault.help("indent with spaces; YAML does not allow tabs");
        }
        Box::new(fault)
    }

    fn next(&mut self) -> Result<Spanned<'a>, Fatal> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let (start, end) = (self.byte(span.start.index()), self.byte(span.end.index()));
                Ok((event, Span::new(self.file, start, end)))
            }
            Some(Err(error)) => Err(self.fault_of(&error)),
            None => Ok((Event::StreamEnd, Span::new(self.file, self.text.len(), self.text.len()))),
        }
    }

    fn document(&mut self) -> Result<Node, Fatal> {
        let empty = Node::new(Value::Null, Span::start_of(self.file));
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root.unwrap_or(empty)),
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_some() => {
                    let fault = Diagnostic::new(&reading::MANY_DOCUMENTS, span, "a second YAML document begins here");
                    return Err(Box::new(fault.help("keep one document a file: remove the `---`")));
                }
                Event::DocumentStart(_) => {}
                event => root = Some(self.node((event, span), 0)?),
            }
        }
    }

    fn count(&mut self, span: Span, nodes: usize) -> Result<(), Fatal> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("the file holds more than {MAX_NODES} values once its aliases are expanded");
            return Err(Box::new(Diagnostic::new(&reading::TOO_LARGE, span, message)));
        }
        Ok(())
    }

    fn node(&mut self, (event, span): Spanned<'a>, depth: usize) -> Result<Node, Fatal> {
        if depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(Box::new(Diagnostic::new(&reading::TOO_DEEP, span, message)));
        }
        self.count(span, 1)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                (Node::new(scalar(text, style), self.trimmed(span, style)), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                (self.list(span, depth)?, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                (self.map(span, depth)?, anchor)
            }
            Event::Alias(id) => (self.alias(id, span, depth)?, 0),
            _ => {
                let fault = Diagnostic::new(&reading::SYNTAX, span, "a value is missing here");
                return Err(Box::new(fault));
            }
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// The span of a plain scalar without the white space that the scanner counts to it.
    fn trimmed(&self, span: Span, style: ScalarStyle) -> Span {
        if style != ScalarStyle::Plain {
            return span;
        }
        let text = self.text.get(span.range()).unwrap_or_default();
        span.part(0, text.trim_end().len())
    }

    fn refuse_tag(&mut self, tag: Option<&saphyr_parser::Tag>, span: Span) {
        let Some(tag) = tag else { return };
        if tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "str" | "map" | "seq") {
            return;
        }
        let message = format!("the tag `{}{}` is not understood here", tag.handle, tag.suffix);
        let help = "write plain values; tc emits CloudFormation's functions where entities are named";
        self.faults.push(Diagnostic::new(&reading::UNSUPPORTED_YAML, span, message).help(help));
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<Node, Fatal> {
        let mut items = Vec::new();
        let end = loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                break span;
            }
            items.push(self.node((event, span), depth + 1)?);
        };
        let span = self.cover(start, items.first().map(|n| n.span), items.last().map(|n| n.span), end);
        Ok(Node::new(Value::List(items), span))
    }

    /// Block collections end where the next token begins; the span ends with the last child instead.
    fn cover(&self, start: Span, first: Option<Span>, last: Option<Span>, end: Span) -> Span {
        let flow = self.text.get(start.range()).is_some_and(|text| text.starts_with(['{', '[']));
        match (flow, first, last) {
            (false, Some(first), Some(last)) => {
                Span::new(self.file, (start.start.min(first.start)) as usize, last.end as usize)
            }
            _ => Span::new(self.file, start.start as usize, end.end as usize),
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Result<Node, Fatal> {
        let mut entries = Entries::default();
        let mut merges: Vec<Node> = Vec::new();
        let end = loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break span;
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, _) if text == "<<");
            let key = self.node((event, span), depth + 1)?;
            let value = self.next()?;
            let value = self.node(value, depth + 1)?;
            if is_merge {
                merges.push(value);
                continue;
            }
            let Some(name) = key_text(&key) else {
                self.faults.push(self.key_fault(&key));
                continue;
            };
            match entries.entry(name) {
                Entry::Occupied(earlier) => {
                    let (name, (first, _)) = (earlier.key(), earlier.get());
                    self.faults.push(
                        Diagnostic::new(&reading::DUPLICATE_KEY, key.span, format!("the key `{name}` stands twice"))
                            .label("second")
                            .also(*first, "first")
                            .help("remove one of them, or merge the two"),
                    );
                }
                Entry::Vacant(place) => _ = place.insert((key.span, value)),
            }
        };
        let last = entries.last().map(|(_, (_, value))| value.span).or_else(|| merges.last().map(|node| node.span));
        let first = entries.first().map(|(_, (key_span, _))| *key_span).or(Some(start));
        let span = self.cover(start, first, last, end);
        for merge in merges {
            self.merge(merge, &mut entries);
        }
        let entries = entries.into_iter().map(|(key, (key_span, value))| MapEntry { key, key_span, value });
        Ok(Node::new(Value::Map(Map::from_entries(entries.collect())), span))
    }

    fn key_fault(&self, key: &Node) -> Diagnostic {
        let before = self.text.get(..key.span.start as usize).unwrap_or_default();
        if matches!(key.value, Value::Map(_)) && before.ends_with('{') {
            let fault = Diagnostic::new(&reading::KEY_NOT_STRING, key.span, "a placeholder that is not quoted");
            return fault.help("YAML reads `{` as a mapping: write `'{{namespace}}_NAME_{{sandbox}}'`, with quotes");
        }
        let fault = Diagnostic::new(&reading::KEY_NOT_STRING, key.span, format!("{} as a key", key.kind()));
        fault.help("the keys of a mapping are names")
    }

    /// `<<: *other`: keys of the other mapping that this one lacks.
    fn merge(&mut self, merged: Node, entries: &mut Entries) {
        match merged.value {
            Value::Map(map) => {
                for MapEntry { key, key_span, value } in map.into_entries() {
                    entries.entry(key).or_insert((key_span, value));
                }
            }
            Value::List(list) => list.into_iter().for_each(|node| self.merge(node, entries)),
            _ => self.faults.push(Diagnostic::new(
                &reading::UNSUPPORTED_YAML,
                merged.span,
                "only a mapping can be merged by `<<`",
            )),
        }
    }

    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Result<Node, Fatal> {
        let Some(target) = self.anchors.get(&id).cloned() else {
            let fault = Diagnostic::new(&reading::SYNTAX, span, "this alias stands inside of what it names");
            return Err(Box::new(fault));
        };
        let (nodes, levels) = extent(&target);
        self.count(span, nodes)?;
        if depth + levels > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(Box::new(Diagnostic::new(&reading::TOO_DEEP, span, message)));
        }
        Ok(target)
    }
}

/// How many nodes a tree has and how deep it is.
fn extent(node: &Node) -> (usize, usize) {
    let children: Vec<&Node> = match &node.value {
        Value::List(list) => list.iter().collect(),
        Value::Map(map) => map.iter().map(|entry| &entry.value).collect(),
        _ => return (1, 1),
    };
    let (mut nodes, mut depth) = (1, 0);
    for child in children {
        let (child_nodes, child_depth) = extent(child);
        nodes += child_nodes;
        depth = depth.max(child_depth);
    }
    (nodes, depth + 1)
}

/// The entries of a mapping by their keys, with the place of the key. They stay in the order of the file, so that what is
/// random in the hash, lest keys be made that all collide, reaches nothing.
type Entries = IndexMap<String, (Span, Node), RandomState>;

fn key_text(key: &Node) -> Option<String> {
    match &key.value {
        Value::String(text) => text.as_literal().map(str::to_owned),
        Value::Number(number) => Some(number.spelling.clone()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(Text::from(text.into_owned()));
    }
    if text.is_empty() {
        return Value::Null;
    }
    // Nearly all text is told by its first letter: numbers begin otherwise, and `true`, `false` and `null` with these.
    if text
        .starts_with(|first: char| first.is_ascii_alphabetic() && !matches!(first, 't' | 'T' | 'f' | 'F' | 'n' | 'N'))
    {
        return Value::String(Text::from(text.into_owned()));
    }
    let number = match Scalar::parse_from_cow(text.clone()) {
        Scalar::Null => return Value::Null,
        Scalar::Boolean(value) => return Value::Bool(value),
        Scalar::Integer(value) => Some(serde_json::Number::from(value)),
        Scalar::FloatingPoint(value) => serde_json::Number::from_f64(*value),
        Scalar::String(_) => None,
    };
    let spelling = text.into_owned();
    match number {
        Some(value) => Value::Number(Number { spelling, value }),
        None => Value::String(Text::from(spelling)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_begins_with_another_letter_is_text(word in "[a-eg-mo-su-zA-EG-MO-SU-Z][a-zA-Z0-9.+_-]{0,7}") {
            prop_assert!(matches!(Scalar::parse_from_cow(word.clone().into()), Scalar::String(_)), "{}", word);
        }
    }

    fn parse(text: &str) -> Result<Node, Vec<String>> {
        let file = SourceMap::default().add("t.yml".into(), text.to_owned());
        read(file, text).map_err(|faults| faults.iter().map(|f| format!("{} {}", f.code.id, f.message)).collect())
    }

    fn json(text: &str) -> String {
        serde_json::to_string(&parse(text).unwrap()).unwrap()
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        assert_eq!(
            json("a: yes\nb: true\nc: 1.10\nd: ~\ne: '1'\nf: 0x1F\ng: .nan\n"),
            r#"{"a":"yes","b":true,"c":1.1,"d":null,"e":"1","f":31,"g":".nan"}"#
        );
        assert_eq!(json("{\"a\": [1, \"\\u00e9\", {}]}"), r#"{"a":[1,"é",{}]}"#);
        assert_eq!(json(""), "null");
    }

    #[test]
    fn spans_are_bytes_of_the_value() {
        let text = "é: 'ü'\nroutes:\n  etl:  \n    path: /x   # c\n    list: [1, 2]\nb: 1\n";
        let node = parse(text).unwrap();
        let slice = |node: &Node| &text[node.span.range()];
        assert_eq!(slice(node.get("é").unwrap()), "'ü'");
        let etl = node.get("routes").unwrap().get("etl").unwrap();
        assert_eq!(slice(etl.get("path").unwrap()), "/x");
        assert_eq!(slice(etl.get("list").unwrap()), "[1, 2]");
        assert_eq!(slice(etl), "path: /x   # c\n    list: [1, 2]");
    }

    #[test]
    fn anchors_and_merges_expand() {
        assert_eq!(json("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n"), r#"{"a":{"p":1,"q":2},"b":{"q":3,"p":1}}"#);
    }

    #[test]
    fn faults_are_named() {
        for (text, code) in [
            ("a: 1\na: 2\n", "TC0005"),
            ("a: {{x}}\n", "TC0006"),
            ("a: !Ref b\n", "TC0010"),
            ("a: 1\n---\nb: 2\n", "TC0009"),
            ("a: [1\n", "TC0004"),
            ("a: 'x\n", "TC0004"),
            ("a:\n\tb: 1\n", "TC0004"),
            ("a: &x [*x]\n", "TC0004"),
        ] {
            let faults = parse(text).expect_err(text);
            assert!(faults.iter().any(|fault| fault.starts_with(code)), "{text:?}: {faults:?}");
        }
    }

    #[test]
    fn bombs_are_bounded() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(parse(&bomb).unwrap_err()[0].starts_with("TC0008"));
        let flow = parse(&"[".repeat(5000)).unwrap_err();
        assert!(flow[0].starts_with("TC0007"), "{flow:?}");
        assert!(parse(&format!("a: {}", "- ".repeat(5000))).is_err());
    }
}
