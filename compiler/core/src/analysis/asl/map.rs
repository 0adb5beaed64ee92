//! What the fields of a Map state ask of each other: its two modes, the reader of its items, its label.
//!
//! Developer guide, "Using Map state in Distributed mode" and "ItemReader (Map)". AWS: `These fields are required:
//! [ExecutionType]`, `Field 'ExecutionType' is not supported`, `The field 'CSVHeaderLocation' is required`.

use super::fields::{DISTRIBUTED_ONLY, LONGEST_LABEL};
use super::machine::processor;
use super::walk::{At, Walk, head};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Map, Node};

/// How many items of an inline Map state run at the same time at most.
const INLINE_CONCURRENCY: i64 = 40;
/// Signs that a label may not have, beside blanks and control characters.
const NOT_IN_LABEL: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn map(&mut self, at: At<'m, 'a>, map: &'a Map) {
        let config = processor(map).and_then(|processor| processor.get("ProcessorConfig"));
        let mode = config.and_then(|config| config.get("Mode")).and_then(Node::as_str);
        let execution_type = config.and_then(Node::as_map).and_then(|config| config.entry("ExecutionType"));
        match (mode, execution_type, config) {
            (Some("DISTRIBUTED"), None, Some(config)) => {
                let message = format!("{} is Distributed and needs `ExecutionType`", at.subject());
                let finding = Diagnostic::new(&flow::MISSING_FIELD, head(config), message);
                self.report(
                    finding.help("write `ExecutionType: STANDARD`, or `EXPRESS` for items of less than five minutes"),
                );
            }
            (None | Some("INLINE"), Some(entry), _) => {
                let message = format!("{} is inline and has no `ExecutionType`", at.subject());
                let finding = Diagnostic::new(&flow::UNKNOWN_FIELD, entry.key_span, message);
                self.report(finding.help("remove it, or write `Mode: DISTRIBUTED`"));
            }
            _ => {}
        }
        if matches!(mode, None | Some("INLINE")) {
            self.inline(at, map);
        }
        if let Some(reader) = map.get("ItemReader").and_then(Node::as_map) {
            self.reader(at, reader);
        }
        if let Some(writer) = map.get("ResultWriter").and_then(Node::as_map) {
            self.writer(at, writer);
        }
        if let Some(label) = map.get("Label") {
            self.label(at, label);
        }
    }

    fn inline(&mut self, at: At<'m, 'a>, map: &Map) {
        let mut unused = map.iter().filter(|entry| DISTRIBUTED_ONLY.contains(&entry.key.as_str()));
        if let Some(first) = unused.next() {
            let message =
                format!("only a Distributed Map state makes use of `{}`, and {} is inline", first.key, at.subject());
            let mut finding = Diagnostic::new(&flow::NO_EFFECT, first.key_span, message);
            for entry in unused {
                finding = finding.also(entry.key_span, format!("and of `{}`", entry.key));
            }
            self.report(
                finding
                    .help("write `ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}` in `ItemProcessor`"),
            );
        }
        let concurrency = map.get("MaxConcurrency").filter(|node| {
            node.as_number().and_then(serde_json::Number::as_i64).is_some_and(|number| number > INLINE_CONCURRENCY)
        });
        if let Some(node) = concurrency {
            let message =
                format!("{} is inline, and runs at most {INLINE_CONCURRENCY} items at the same time", at.subject());
            let finding = Diagnostic::new(&flow::NO_EFFECT, node.span, message);
            self.report(finding.help("a Distributed Map state runs up to 10,000"));
        }
    }

    fn reader(&mut self, at: At<'m, 'a>, reader: &Map) {
        self.s3_action(at, "ItemReader", reader, &["getObject", "listObjectsV2"]);
        let Some(config) = reader.get("ReaderConfig").and_then(Node::as_map) else { return };
        let text = |name: &str| config.get(name).and_then(Node::as_str);
        let span = config.iter().next().map_or(at.head, |entry| entry.key_span);
        let manifest = text("ManifestType").is_some();
        match (text("InputType"), config.entry("CSVHeaderLocation")) {
            (Some("CSV"), None) if !manifest => {
                let message = format!("`ReaderConfig` of {} reads CSV and needs `CSVHeaderLocation`", at.subject());
                let finding = Diagnostic::new(&flow::MISSING_FIELD, span, message);
                self.report(finding.help("write `CSVHeaderLocation: FIRST_ROW`, or `GIVEN` with `CSVHeaders`"));
            }
            (Some(other @ ("JSON" | "JSONL" | "PARQUET")), Some(entry)) => {
                let message = format!("`ReaderConfig` of {} reads {other}, which has no CSV header", at.subject());
                let finding = Diagnostic::new(&flow::UNKNOWN_FIELD, entry.key_span, message);
                self.report(finding.help("remove it, or write `InputType: CSV`"));
            }
            _ => {}
        }
        match (text("CSVHeaderLocation"), config.get("CSVHeaders")) {
            (Some("GIVEN"), None) => {
                let message =
                    format!("`ReaderConfig` of {} says that its header is given, and needs `CSVHeaders`", at.subject());
                self.find(&flow::MISSING_FIELD, span, message);
            }
            (_, Some(headers)) if headers.as_list().is_none() => {
                let message = format!("`CSVHeaders` of {} is a list of names, not {}", at.subject(), headers.kind());
                self.find(&flow::FIELD_TYPE, headers.span, message);
            }
            _ => {}
        }
    }

    fn writer(&mut self, at: At<'m, 'a>, writer: &Map) {
        self.s3_action(at, "ResultWriter", writer, &["putObject"]);
        let to = writer.get("Parameters").or_else(|| writer.get("Arguments"));
        if let Some(resource) = writer.entry("Resource")
            && to.is_none()
        {
            let message = format!("`ResultWriter` of {} does not say where to write", at.subject());
            let finding = Diagnostic::new(&flow::MISSING_FIELD, resource.key_span, message);
            self.report(finding.help("name the `Bucket` and a `Prefix` in its parameters"));
        }
    }

    /// AWS: `The field 'Resource' does not match any of the allowed values`.
    fn s3_action(&mut self, at: At<'m, 'a>, name: &str, map: &Map, actions: &[&str]) {
        let Some(node) = map.get("Resource") else { return };
        let Some(text) = node.as_str() else { return };
        let action = text.strip_prefix("arn:").and_then(|rest| rest.split_once(':')).map(|(_, rest)| rest);
        let known = actions.iter().any(|known| action == Some(format!("states:::s3:{known}").as_str()));
        if !known {
            let wanted: Vec<String> = actions.iter().map(|action| format!("`arn:aws:states:::s3:{action}`")).collect();
            let message = format!("`{name}` of {} cannot call `{text}`", at.subject());
            self.report(
                Diagnostic::new(&flow::RESOURCE, node.span, message).help(format!("write {}", wanted.join(" or "))),
            );
        }
    }

    fn label(&mut self, at: At<'m, 'a>, node: &Node) {
        let Some(label) = node.as_str() else { return };
        let length = label.chars().count();
        let bad = label.chars().find(|sign| sign.is_whitespace() || sign.is_control() || NOT_IN_LABEL.contains(*sign));
        let message = match bad {
            _ if length > LONGEST_LABEL => {
                format!("the label of {} has {length} characters; at most {LONGEST_LABEL} are allowed", at.subject())
            }
            Some(bad) => format!("the label of {} holds `{bad}`", at.subject()),
            None if length == 0 => format!("the label of {} is empty", at.subject()),
            None => return,
        };
        let finding = Diagnostic::new(&flow::FIELD_VALUE, node.span, message);
        self.report(finding.help("a label has letters, digits, `-`, `_` and `.`"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(config: &str, fields: &str) -> String {
        format!(
            "StartAt: m\nStates:\n  m:\n    Type: Map\n    End: true\n    ItemProcessor:\n      ProcessorConfig: {config}\n      \
             StartAt: i\n      States: {{i: {{Type: Succeed}}}}\n    {fields}\n"
        )
    }

    const DISTRIBUTED: &str = "{Mode: DISTRIBUTED, ExecutionType: EXPRESS}";

    #[test]
    fn modes_and_execution_types() {
        passes(&flow("{Mode: INLINE}", ""));
        passes(&flow(DISTRIBUTED, "Label: items-1\n    ToleratedFailurePercentage: 5"));
        assert_eq!(
            check(&flow("{Mode: DISTRIBUTED}", "")),
            [
                "TC0205 state `m` is Distributed and needs `ExecutionType` @Mode; write `ExecutionType: STANDARD`, or `EXPRESS` for \
              items of less than five minutes"
            ]
        );
        assert_eq!(
            check(&flow("{Mode: INLINE, ExecutionType: EXPRESS}", "")),
            [
                "TC0201 state `m` is inline and has no `ExecutionType` @ExecutionType; remove it, or write `Mode: DISTRIBUTED`"
            ]
        );
        assert_eq!(
            check(&flow("{Mode: PARALLEL}", "")),
            ["TC0207 `Mode` of `ProcessorConfig` of `m` is one of `INLINE`, `DISTRIBUTED`, not `PARALLEL` @PARALLEL"]
        );
    }

    #[test]
    fn what_an_inline_map_makes_no_use_of() {
        assert_eq!(
            check(&flow("{Mode: INLINE}", "ToleratedFailureCount: 1")),
            ["TC0226 only a Distributed Map state makes use of `ToleratedFailureCount`, and state `m` is inline \
                 @ToleratedFailureCount; write `ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}` in `ItemProcessor`"]
        );
        passes(&flow("{Mode: INLINE}", "MaxConcurrency: 40"));
        assert!(
            check(&flow("{Mode: INLINE}", "MaxConcurrency: 41"))[0]
                .starts_with("TC0226 state `m` is inline, and runs at most 40")
        );
    }

    #[test]
    fn the_reader_of_csv() {
        let reader = |config: &str| {
            flow(
                DISTRIBUTED,
                &format!(
                    "ItemReader: {{Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: {config}, Parameters: {{Bucket: b, Key: k}}}}"
                ),
            )
        };
        passes(&reader("{InputType: CSV, CSVHeaderLocation: FIRST_ROW, MaxItems: 1}"));
        passes(&reader("{InputType: CSV, CSVHeaderLocation: GIVEN, CSVHeaders: [a, b]}"));
        passes(&reader("{InputType: JSON, ItemsPointer: /a}"));
        assert!(
            check(&reader("{InputType: CSV}"))[0].starts_with("TC0205 `ReaderConfig` of state `m` reads CSV and needs")
        );
        assert!(
            check(&reader("{InputType: JSON, CSVHeaderLocation: FIRST_ROW}"))[0]
                .starts_with("TC0201 `ReaderConfig` of state `m` reads JSON")
        );
        assert!(check(&reader("{InputType: CSV, CSVHeaderLocation: GIVEN}"))[0].contains("needs `CSVHeaders`"));
        assert!(check(&reader("{InputType: CSV, CSVHeaderLocation: GIVEN, CSVHeaders: a}"))[0].starts_with("TC0206"));
        assert_eq!(
            check(&reader("{InputType: JSON, MaxItems: 1, MaxItemsPath: $.n}")),
            ["TC0208 `ReaderConfig` of `m` has both `MaxItems` and `MaxItemsPath` @MaxItemsPath; remove one of them"]
        );
        let newer = check(&reader("{InputType: JSON, Compression: GZIP}"));
        assert!(newer[0].starts_with("TC0201 `ReaderConfig` of `m` has no field `Compression`"), "{newer:?}");
    }

    #[test]
    fn s3_is_read_and_written() {
        let writer = |fields: &str| flow(DISTRIBUTED, &format!("ResultWriter: {fields}"));
        passes(&writer("{Resource: 'arn:aws:states:::s3:putObject', Parameters: {Bucket: b, Prefix: p}}"));
        passes(&writer("{WriterConfig: {Transformation: FLATTEN, OutputType: JSONL}}"));
        assert_eq!(check(&writer("{}")), ["TC0205 `ResultWriter` of `m` needs one of `Resource`, `WriterConfig` @{}"]);
        assert!(
            check(&writer("{Resource: 'arn:aws:states:::s3:putObject'}"))[0].contains("does not say where to write")
        );
        assert_eq!(
            check(&writer("{Resource: 'arn:aws:states:::s3:getObject', Parameters: {Bucket: b}}"))[0],
            "TC0220 `ResultWriter` of state `m` cannot call `arn:aws:states:::s3:getObject` @'arn:aws:states:::s3:getObject'; \
             write `arn:aws:states:::s3:putObject`"
        );
    }

    #[test]
    fn labels() {
        assert!(check(&flow(DISTRIBUTED, "Label: a b"))[0].starts_with("TC0207 the label of state `m` holds ` `"));
        let long = check(&flow(DISTRIBUTED, &format!("Label: {}", "x".repeat(41))));
        assert!(
            long[0].starts_with("TC0207 the label of state `m` has 41 characters; at most 40 are allowed"),
            "{long:?}"
        );
    }

    #[test]
    fn batches() {
        let batcher = |fields: &str| flow(DISTRIBUTED, &format!("ItemBatcher: {fields}"));
        passes(&batcher("{MaxItemsPerBatch: 2, MaxInputBytesPerBatch: 262144, BatchInput: {k: v}}"));
        assert_eq!(
            check(&batcher("{MaxItemsPerBatch: 2, MaxItemsPerBatchPath: $.n}")),
            [
                "TC0208 `ItemBatcher` of `m` has both `MaxItemsPerBatch` and `MaxItemsPerBatchPath` @MaxItemsPerBatchPath; remove one of them"
            ]
        );
        assert!(
            check(&batcher("{BatchInput: {k: v}}"))[0]
                .starts_with("TC0205 `ItemBatcher` of `m` needs one of `MaxItemsPerBatch`")
        );
        assert!(check(&batcher("{MaxInputBytesPerBatch: 262145}"))[0].starts_with("TC0207"));
    }

    #[test]
    fn a_map_processes_items_in_one_way() {
        assert_eq!(
            check("StartAt: m\nStates:\n  m: {Type: Map, End: true}\n"),
            ["TC0205 state `m` needs one of `ItemProcessor`, `Iterator` @m"]
        );
        let tolerated = check(&flow(DISTRIBUTED, "ToleratedFailurePercentage: 105"));
        assert_eq!(tolerated, ["TC0207 `ToleratedFailurePercentage` of state `m` is from 0 to 100, not 105 @105"]);
    }
}
