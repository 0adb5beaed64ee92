//! A Fail state: ends the flow with an error.

use super::{COMMENT, QUERY_LANGUAGE, Shape, TYPE, Table, both, exclusive, jsonpath};

pub(super) static FAIL: Table = Table {
    what: "a Fail state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        both("Error", Shape::Phrase),
        jsonpath("ErrorPath", Shape::FailPath),
        both("Cause", Shape::Phrase),
        jsonpath("CausePath", Shape::FailPath),
    ],
    groups: &[exclusive(&["Error", "ErrorPath"]), exclusive(&["Cause", "CausePath"])],
    grows: false,
};
