//! A Pass state: hands on its input, or a fixed value.

use super::{
    ASSIGN, COMMENT, END, INPUT_PATH, NEXT, OUTPUT, OUTPUT_PATH, PARAMETERS, QUERY_LANGUAGE, RESULT_PATH, Shape, TYPE,
    Table, jsonpath,
};

pub(super) static PASS: Table = Table {
    what: "a Pass state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        PARAMETERS,
        jsonpath("Result", Shape::Anything),
        RESULT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
        NEXT,
        END,
    ],
    groups: &[],
    grows: false,
};
