//! A Parallel state: runs its branches at the same time.

use super::{
    ARGUMENTS, ASSIGN_RESULT, CATCH, COMMENT, END, INPUT_PATH, NEXT, OUTPUT_PATH, OUTPUT_RESULT, PARAMETERS,
    QUERY_LANGUAGE, RESULT_PATH, RESULT_SELECTOR, RETRY, Shape, TYPE, Table, both, required,
};

pub(super) static PARALLEL: Table = Table {
    what: "a Parallel state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        required(both("Branches", Shape::Machines)),
        INPUT_PATH,
        PARAMETERS,
        RESULT_SELECTOR,
        RESULT_PATH,
        OUTPUT_PATH,
        ARGUMENTS,
        OUTPUT_RESULT,
        ASSIGN_RESULT,
        RETRY,
        CATCH,
        NEXT,
        END,
    ],
    groups: &[],
    grows: false,
};
