//! Which fields each object of the language has, as tables: one file an object or a family of objects.
//!
//! The tables follow the specification ("Table of State Types and Fields") and what AWS accepts field by field
//! (`SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported`).

mod choice;
mod errors;
mod fail;
mod machine;
mod map;
mod parallel;
mod pass;
mod succeed;
mod task;
mod wait;

pub(super) use choice::{JSONATA_RULE, JSONPATH_RULE, NESTED_RULE};
pub(super) use machine::{BRANCH, MACHINE, PROCESSOR};
pub(super) use map::{DISTRIBUTED_ONLY, LONGEST_LABEL};

use super::machine::{QueryLanguage, StateType};

/// The largest number of seconds, retries and the like that Step Functions takes.
pub(super) const MOST: i64 = 99_999_999;

/// The fields of one kind of object.
#[derive(Debug)]
pub(super) struct Table {
    /// What the object is, with its article: "a Task state", "a catcher".
    pub(super) what: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) groups: &'static [Group],
    /// Whether AWS adds fields here from time to time, so that an unknown one may be newer than this table.
    pub(super) grows: bool,
}

impl Table {
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The query language whose states have it; `None` for both.
    pub(super) language: Option<QueryLanguage>,
    pub(super) required: bool,
    pub(super) shape: Shape,
}

/// Fields that depend on each other.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) fields: &'static [&'static str],
    pub(super) need: Need,
}

/// How many fields of a group there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// One or none.
    Exclusive,
    /// One, and no other.
    One,
    /// One or more.
    Any,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Shape {
    /// Any JSON value, not looked into.
    Anything,
    Text,
    Flag,
    OneOf(&'static [&'static str]),
    /// An integer from `least` to `most`; in a JSONata state also an expression, when `computed`.
    Whole {
        least: i64,
        most: i64,
        computed: bool,
    },
    /// A number from `least` to `most`; in a JSONata state also an expression, when `computed`.
    Number {
        least: f64,
        most: f64,
        computed: bool,
    },
    /// Text; in a JSONata state also an expression.
    Phrase,
    /// A point in time; in a JSONata state also an expression.
    Timestamp,
    /// A JSONPath, or null.
    Path,
    /// A JSONPath that selects one node.
    Reference,
    /// Where to put a result: a reference path into the input, or null.
    ResultPath,
    /// A reference path, or one of a few intrinsic functions.
    FailPath,
    /// In a JSONPath state a payload template, in a JSONata state any value with expressions in it.
    Template(Data),
    /// Names of variables and their values.
    Assign(Data),
    /// A list, a mapping or an expression that gives one.
    Items,
    /// True, false or an expression that gives one.
    Condition,
    /// The name of a state. Whether it exists is looked at elsewhere.
    StateName,
    /// The errors that a retrier or a catcher is for.
    ErrorNames,
    /// What a Task runs.
    Resource,
    /// The role that a Task runs in.
    Credentials,
    Object(&'static Table),
    /// The entries of `Retry` or `Catch`.
    Handlers(&'static Table),
    /// Choice rules.
    Rules,
    /// `States` of a machine, a branch or an item processor.
    States,
    /// Branches or an item processor, which are looked at as scopes of their own.
    Machine,
    Machines,
}

impl Shape {
    /// Whether it is a single value, which CloudFormation could fill in.
    pub(super) fn is_scalar(&self) -> bool {
        match self {
            Self::Text | Self::Flag | Self::OneOf(_) | Self::Whole { .. } | Self::Number { .. } | Self::Phrase => true,
            Self::Timestamp | Self::Path | Self::Reference | Self::ResultPath | Self::FailPath | Self::Resource => true,
            Self::Anything | Self::Template(_) | Self::Assign(_) | Self::Items | Self::Condition => false,
            Self::StateName | Self::ErrorNames | Self::Credentials | Self::Object(_) | Self::Handlers(_) => false,
            Self::Rules | Self::States | Self::Machine | Self::Machines => false,
        }
    }
}

/// What an expression can see of `$states` beside its input and context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Data {
    /// `$states.result`: in `Output` and `Assign` of a Task, Parallel or Map state.
    pub(super) result: bool,
    /// `$states.errorOutput`: in `Output` and `Assign` of a catcher.
    pub(super) error: bool,
}

const INPUT: Data = Data { result: false, error: false };
const RESULT: Data = Data { result: true, error: false };
const ERROR: Data = Data { result: false, error: true };

const fn both(name: &'static str, shape: Shape) -> Field {
    Field { name, language: None, required: false, shape }
}

const fn jsonpath(name: &'static str, shape: Shape) -> Field {
    Field { name, language: Some(QueryLanguage::JsonPath), required: false, shape }
}

const fn jsonata(name: &'static str, shape: Shape) -> Field {
    Field { name, language: Some(QueryLanguage::Jsonata), required: false, shape }
}

const fn required(field: Field) -> Field {
    Field { required: true, ..field }
}

const fn exclusive(fields: &'static [&'static str]) -> Group {
    Group { fields, need: Need::Exclusive }
}

const TYPE: Field = required(both("Type", Shape::Anything));
const COMMENT: Field = both("Comment", Shape::Text);
const QUERY_LANGUAGE: Field = both("QueryLanguage", Shape::OneOf(&["JSONPath", "JSONata"]));
const NEXT: Field = both("Next", Shape::StateName);
const END: Field = both("End", Shape::Flag);
const INPUT_PATH: Field = jsonpath("InputPath", Shape::Path);
const OUTPUT_PATH: Field = jsonpath("OutputPath", Shape::Path);
const RESULT_PATH: Field = jsonpath("ResultPath", Shape::ResultPath);
const PARAMETERS: Field = jsonpath("Parameters", Shape::Template(INPUT));
const RESULT_SELECTOR: Field = jsonpath("ResultSelector", Shape::Template(RESULT));
const ARGUMENTS: Field = jsonata("Arguments", Shape::Template(INPUT));
const ASSIGN: Field = both("Assign", Shape::Assign(INPUT));
const ASSIGN_RESULT: Field = both("Assign", Shape::Assign(RESULT));
const OUTPUT: Field = jsonata("Output", Shape::Template(INPUT));
const OUTPUT_RESULT: Field = jsonata("Output", Shape::Template(RESULT));
const RETRY: Field = both("Retry", Shape::Handlers(&errors::RETRIER));
const CATCH: Field = both("Catch", Shape::Handlers(&errors::CATCHER));

/// The fields of a state of a type.
pub(super) fn of(kind: StateType) -> &'static Table {
    match kind {
        StateType::Pass => &pass::PASS,
        StateType::Task => &task::TASK,
        StateType::Choice => &choice::CHOICE,
        StateType::Wait => &wait::WAIT,
        StateType::Succeed => &succeed::SUCCEED,
        StateType::Fail => &fail::FAIL,
        StateType::Parallel => &parallel::PARALLEL,
        StateType::Map => &map::MAP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_name_fields_of_their_table() {
        for kind in StateType::ALL {
            let table = of(kind);
            let mut names: Vec<_> = table.fields.iter().map(|field| field.name).collect();
            for group in table.groups {
                assert!(group.fields.iter().all(|name| names.contains(name)), "{} {:?}", table.what, group.fields);
            }
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{}: a field twice", table.what);
            assert!(table.what.contains(kind.name()));
        }
    }
}
