//! A Choice state and its rules.

use super::{
    ASSIGN, COMMENT, Group, INPUT_PATH, NEXT, Need, OUTPUT, OUTPUT_PATH, QUERY_LANGUAGE, Shape, TYPE, Table, both,
    jsonata, jsonpath, required,
};

pub(super) static CHOICE: Table = Table {
    what: "a Choice state",
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        required(both("Choices", Shape::Rules)),
        both("Default", Shape::StateName),
        INPUT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
    ],
    groups: &[],
    grows: false,
};

pub(in super::super) static JSONATA_RULE: Table = Table {
    what: "a choice rule",
    fields: &[
        required(jsonata("Condition", Shape::Condition)),
        required(NEXT),
        ASSIGN,
        OUTPUT,
        COMMENT,
        jsonpath("Variable", Shape::Reference),
        jsonpath("And", Shape::Anything),
        jsonpath("Or", Shape::Anything),
        jsonpath("Not", Shape::Anything),
    ],
    groups: &[],
    grows: false,
};

/// The one-of that AWS words as `The object must have only one of the following fields, [And, Or, Not, Variable,
/// Condition]`; the comparison beside `Variable` is not in the table, since there are 39.
const TEST: Group = Group { fields: &["Variable", "And", "Or", "Not"], need: Need::One };

pub(in super::super) static JSONPATH_RULE: Table = Table {
    what: "a choice rule",
    fields: &[
        jsonpath("Variable", Shape::Reference),
        jsonpath("And", Shape::Anything),
        jsonpath("Or", Shape::Anything),
        jsonpath("Not", Shape::Anything),
        required(NEXT),
        ASSIGN,
        COMMENT,
        jsonata("Condition", Shape::Condition),
        OUTPUT,
    ],
    groups: &[TEST],
    grows: false,
};

/// A rule inside of `And`, `Or` or `Not`: it has no `Next` of its own.
pub(in super::super) static NESTED_RULE: Table = Table {
    what: "an inner choice rule",
    fields: &[
        jsonpath("Variable", Shape::Reference),
        jsonpath("And", Shape::Anything),
        jsonpath("Or", Shape::Anything),
        jsonpath("Not", Shape::Anything),
        COMMENT,
    ],
    groups: &[TEST],
    grows: false,
};
