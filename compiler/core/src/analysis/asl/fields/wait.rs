//! A Wait state: goes on after a time, or at one.

use super::{
    ASSIGN, COMMENT, END, Group, INPUT_PATH, MOST, NEXT, Need, OUTPUT, OUTPUT_PATH, QUERY_LANGUAGE, Shape, TYPE, Table,
    both, jsonpath,
};

pub(super) static WAIT: Table = Table {
    what: "a Wait state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        both("Seconds", Shape::Whole { least: 0, most: MOST, computed: true }),
        jsonpath("SecondsPath", Shape::Reference),
        both("Timestamp", Shape::Timestamp),
        jsonpath("TimestampPath", Shape::Reference),
        INPUT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
        NEXT,
        END,
    ],
    groups: &[Group { fields: &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"], need: Need::One }],
    grows: false,
};
