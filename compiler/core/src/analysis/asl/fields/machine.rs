//! The machine itself, a branch of a Parallel state and the item processor of a Map state.

use super::{COMMENT, Field, MOST, QUERY_LANGUAGE, Shape, Table, both, required};

const START_AT: Field = required(both("StartAt", Shape::StateName));
const STATES: Field = required(both("States", Shape::States));

/// Version 1.0 is the only one: `Value should be one of the following: [1.0]`.
const VERSION: Field = both("Version", Shape::OneOf(&["1.0"]));

pub(in super::super) static MACHINE: Table = Table {
    what: "the flow",
    fields: &[
        COMMENT,
        QUERY_LANGUAGE,
        START_AT,
        STATES,
        both("TimeoutSeconds", Shape::Whole { least: 1, most: MOST, computed: false }),
        VERSION,
    ],
    groups: &[],
    grows: false,
};

pub(in super::super) static BRANCH: Table =
    Table { what: "a branch", fields: &[COMMENT, START_AT, STATES], groups: &[], grows: false };

pub(in super::super) static PROCESSOR: Table = Table {
    what: "the item processor",
    fields: &[COMMENT, START_AT, STATES, both("ProcessorConfig", Shape::Object(&PROCESSOR_CONFIG))],
    groups: &[],
    grows: false,
};

static PROCESSOR_CONFIG: Table = Table {
    what: "`ProcessorConfig`",
    fields: &[
        both("Mode", Shape::OneOf(&["INLINE", "DISTRIBUTED"])),
        both("ExecutionType", Shape::OneOf(&["STANDARD", "EXPRESS"])),
    ],
    groups: &[],
    grows: true,
};
