//! A Succeed state: ends the flow, a branch or an item.

use super::{COMMENT, INPUT_PATH, OUTPUT, OUTPUT_PATH, QUERY_LANGUAGE, TYPE, Table};

pub(super) static SUCCEED: Table = Table {
    what: "a Succeed state",
    fields: &[TYPE, COMMENT, QUERY_LANGUAGE, INPUT_PATH, OUTPUT_PATH, OUTPUT],
    groups: &[],
    grows: false,
};
