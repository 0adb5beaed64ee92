//! Entries of `Retry` and `Catch`.
//!
//! Developer guide, "Handling errors in Step Functions workflows": the ranges of a retrier's numbers.

use super::{COMMENT, ERROR, Field, MOST, RESULT_PATH, Shape, Table, both, jsonata, required};

const ERROR_EQUALS: Field = required(both("ErrorEquals", Shape::ErrorNames));

/// The longest `MaxDelaySeconds`, in seconds: a leap year. The guide says "less than", the schema of AWS's own editor takes
/// the number itself.
const LONGEST_DELAY: i64 = 31_622_400;

pub(super) static RETRIER: Table = Table {
    what: "a retrier",
    fields: &[
        ERROR_EQUALS,
        both("IntervalSeconds", Shape::Whole { least: 1, most: MOST, computed: false }),
        both("MaxAttempts", Shape::Whole { least: 0, most: MOST, computed: false }),
        both("BackoffRate", Shape::Number { least: 1.0, most: f64::MAX, computed: false }),
        both("MaxDelaySeconds", Shape::Whole { least: 1, most: LONGEST_DELAY, computed: false }),
        both("JitterStrategy", Shape::OneOf(&["FULL", "NONE"])),
        COMMENT,
    ],
    groups: &[],
    grows: false,
};

pub(super) static CATCHER: Table = Table {
    what: "a catcher",
    fields: &[
        ERROR_EQUALS,
        required(both("Next", Shape::StateName)),
        RESULT_PATH,
        both("Assign", Shape::Assign(ERROR)),
        jsonata("Output", Shape::Template(ERROR)),
        COMMENT,
    ],
    groups: &[],
    grows: false,
};
