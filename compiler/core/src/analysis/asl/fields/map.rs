//! A Map state: runs its item processor for each item of a list, inline or as executions of their own (Distributed).
//!
//! Developer guide, "Using Map state in Distributed mode", "ItemReader (Map)", "ItemBatcher (Map)", "ResultWriter (Map)".

use super::{
    ASSIGN_RESULT, CATCH, COMMENT, END, Field, Group, INPUT, INPUT_PATH, MOST, NEXT, Need, OUTPUT_PATH, OUTPUT_RESULT,
    PARAMETERS, QUERY_LANGUAGE, RESULT_PATH, RESULT_SELECTOR, RETRY, Shape, TYPE, Table, both, exclusive, jsonata,
    jsonpath, required,
};

/// Characters of a `Label`.
pub(in super::super) const LONGEST_LABEL: usize = 40;
/// `MaxInputBytesPerBatch` is at most the size of an input, 256 KiB.
const LARGEST_BATCH: i64 = 262_144;
/// `MaxItems` is at most 100 million.
const MOST_ITEMS: i64 = 100_000_000;

/// The fields that only a Map state in Distributed mode makes use of.
pub(in super::super) const DISTRIBUTED_ONLY: [&str; 8] = [
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "Label",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
];

const fn whole(name: &'static str, least: i64, most: i64) -> Field {
    both(name, Shape::Whole { least, most, computed: true })
}

const fn reference(name: &'static str) -> Field {
    jsonpath(name, Shape::Reference)
}

pub(super) static MAP: Table = Table {
    what: "a Map state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        both("ItemProcessor", Shape::Machine),
        both("Iterator", Shape::Machine),
        INPUT_PATH,
        jsonpath("ItemsPath", Shape::Reference),
        jsonata("Items", Shape::Items),
        both("ItemSelector", Shape::Template(INPUT)),
        PARAMETERS,
        both("ItemReader", Shape::Object(&ITEM_READER)),
        both("ItemBatcher", Shape::Object(&ITEM_BATCHER)),
        both("ResultWriter", Shape::Object(&RESULT_WRITER)),
        whole("MaxConcurrency", 0, MOST),
        reference("MaxConcurrencyPath"),
        whole("ToleratedFailureCount", 0, MOST),
        reference("ToleratedFailureCountPath"),
        both("ToleratedFailurePercentage", Shape::Number { least: 0.0, most: 100.0, computed: true }),
        reference("ToleratedFailurePercentagePath"),
        both("Label", Shape::Text),
        RESULT_SELECTOR,
        RESULT_PATH,
        OUTPUT_PATH,
        OUTPUT_RESULT,
        ASSIGN_RESULT,
        RETRY,
        CATCH,
        NEXT,
        END,
    ],
    groups: &[
        Group { fields: &["ItemProcessor", "Iterator"], need: Need::One },
        exclusive(&["ItemSelector", "Parameters"]),
        exclusive(&["MaxConcurrency", "MaxConcurrencyPath"]),
        exclusive(&["ToleratedFailureCount", "ToleratedFailureCountPath"]),
        exclusive(&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]),
    ],
    grows: false,
};

static ITEM_READER: Table = Table {
    what: "`ItemReader`",
    fields: &[
        required(both("Resource", Shape::Text)),
        PARAMETERS,
        jsonata("Arguments", Shape::Template(INPUT)),
        both("ReaderConfig", Shape::Object(&READER_CONFIG)),
    ],
    groups: &[],
    grows: true,
};

static READER_CONFIG: Table = Table {
    what: "`ReaderConfig`",
    fields: &[
        both("InputType", Shape::OneOf(&["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"])),
        both("Transformation", Shape::OneOf(&["NONE", "LOAD_AND_FLATTEN"])),
        both("ManifestType", Shape::OneOf(&["ATHENA_DATA", "S3_INVENTORY"])),
        both("CSVDelimiter", Shape::OneOf(&["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
        both("CSVHeaderLocation", Shape::OneOf(&["FIRST_ROW", "GIVEN"])),
        both("CSVHeaders", Shape::Anything),
        both("ItemsPointer", Shape::Phrase),
        whole("MaxItems", 1, MOST_ITEMS),
        reference("MaxItemsPath"),
    ],
    groups: &[exclusive(&["MaxItems", "MaxItemsPath"])],
    grows: true,
};

static ITEM_BATCHER: Table = Table {
    what: "`ItemBatcher`",
    fields: &[
        both("BatchInput", Shape::Template(INPUT)),
        whole("MaxItemsPerBatch", 1, MOST),
        reference("MaxItemsPerBatchPath"),
        whole("MaxInputBytesPerBatch", 1, LARGEST_BATCH),
        reference("MaxInputBytesPerBatchPath"),
    ],
    groups: &[
        exclusive(&["MaxItemsPerBatch", "MaxItemsPerBatchPath"]),
        exclusive(&["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"]),
        Group {
            fields: &["MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"],
            need: Need::Any,
        },
    ],
    grows: false,
};

/// It may not be empty: either the format, or where to write, or both.
static RESULT_WRITER: Table = Table {
    what: "`ResultWriter`",
    fields: &[
        both("Resource", Shape::Text),
        PARAMETERS,
        jsonata("Arguments", Shape::Template(INPUT)),
        both("WriterConfig", Shape::Object(&WRITER_CONFIG)),
    ],
    groups: &[Group { fields: &["Resource", "WriterConfig"], need: Need::Any }],
    grows: true,
};

static WRITER_CONFIG: Table = Table {
    what: "`WriterConfig`",
    fields: &[
        both("Transformation", Shape::OneOf(&["NONE", "COMPACT", "FLATTEN"])),
        both("OutputType", Shape::OneOf(&["JSON", "JSONL"])),
    ],
    groups: &[],
    grows: true,
};
