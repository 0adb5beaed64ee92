//! A Task state: runs a function, an activity or an action of another service.

use super::{
    ARGUMENTS, ASSIGN_RESULT, CATCH, COMMENT, END, Field, INPUT_PATH, MOST, NEXT, OUTPUT_PATH, OUTPUT_RESULT,
    PARAMETERS, QUERY_LANGUAGE, RESULT_PATH, RESULT_SELECTOR, RETRY, Shape, TYPE, Table, both, exclusive, jsonpath,
    required,
};

const fn seconds(name: &'static str) -> Field {
    both(name, Shape::Whole { least: 1, most: MOST, computed: true })
}

pub(super) static TASK: Table = Table {
    what: "a Task state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        required(both("Resource", Shape::Resource)),
        INPUT_PATH,
        PARAMETERS,
        RESULT_SELECTOR,
        RESULT_PATH,
        OUTPUT_PATH,
        ARGUMENTS,
        OUTPUT_RESULT,
        ASSIGN_RESULT,
        seconds("TimeoutSeconds"),
        jsonpath("TimeoutSecondsPath", Shape::Reference),
        seconds("HeartbeatSeconds"),
        jsonpath("HeartbeatSecondsPath", Shape::Reference),
        both("Credentials", Shape::Credentials),
        RETRY,
        CATCH,
        NEXT,
        END,
    ],
    groups: &[
        exclusive(&["TimeoutSeconds", "TimeoutSecondsPath"]),
        exclusive(&["HeartbeatSeconds", "HeartbeatSecondsPath"]),
    ],
    grows: false,
};
