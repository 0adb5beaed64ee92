//! The intrinsic functions and what they take.
//!
//! Developer guide, "Intrinsic functions for JSONPath states in Step Functions".

use super::super::jsonpath::Fault;
use super::{Argument, Placed};

/// What an argument has to be. Paths are not known before the flow runs and pass for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Text,
    Number,
    Integer,
    /// An integer from 1.
    Count,
    /// An integer other than 0.
    Step,
    Array,
    Flag,
    /// The name of a hash algorithm.
    Algorithm,
    /// `false`: a deep merge is not supported.
    Shallow,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Text => "text",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Count => "an integer from 1",
            Self::Step => "an integer other than 0",
            Self::Array => "an array",
            Self::Flag => "a boolean",
            Self::Algorithm => "one of 'MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'",
            Self::Shallow => "false",
        }
    }

    fn takes(self, argument: &Argument) -> bool {
        let whole = |number: f64| number.fract() == 0.0;
        match (self, argument) {
            (Self::Any, _) | (_, Argument::Path) | (Self::Text, Argument::Text(_)) => true,
            (Self::Number, Argument::Number(_)) | (Self::Flag, Argument::Flag(_)) => true,
            (Self::Integer, Argument::Number(number)) => whole(*number),
            (Self::Count, Argument::Number(number)) => whole(*number) && *number >= 1.0,
            (Self::Step, Argument::Number(number)) => whole(*number) && *number != 0.0,
            (Self::Algorithm, Argument::Text(text)) => ALGORITHMS.contains(&text.as_str()),
            (Self::Shallow, Argument::Flag(deep)) => !deep,
            (_, Argument::Call(function)) => self.accepts(function.result),
            _ => false,
        }
    }

    /// Whether what a function gives can be this.
    fn accepts(self, result: Kind) -> bool {
        match (self, result) {
            (_, Kind::Any) => true,
            (Self::Integer | Self::Count | Self::Step | Self::Number, Kind::Number) => true,
            (Self::Algorithm, Kind::Text) | (Self::Shallow, Kind::Flag) => true,
            (wanted, given) => wanted == given,
        }
    }
}

const ALGORITHMS: [&str; 5] = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];

/// One function.
#[derive(Debug, PartialEq)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// What its arguments are, in order.
    arguments: &'static [Kind],
    /// How many of them may be left out, from the last.
    optional: usize,
    /// What further arguments are, when it takes any number.
    rest: Option<Kind>,
    result: Kind,
}

const fn function(name: &'static str, arguments: &'static [Kind], result: Kind) -> Function {
    Function { name, arguments, optional: 0, rest: None, result }
}

pub(super) static FUNCTIONS: [Function; 18] = [
    Function { rest: Some(Kind::Any), ..function("States.Array", &[], Kind::Array) },
    function("States.ArrayContains", &[Kind::Array, Kind::Any], Kind::Flag),
    function("States.ArrayGetItem", &[Kind::Array, Kind::Integer], Kind::Any),
    function("States.ArrayLength", &[Kind::Array], Kind::Number),
    function("States.ArrayPartition", &[Kind::Array, Kind::Count], Kind::Array),
    function("States.ArrayRange", &[Kind::Integer, Kind::Integer, Kind::Step], Kind::Array),
    function("States.ArrayUnique", &[Kind::Array], Kind::Array),
    function("States.Base64Decode", &[Kind::Text], Kind::Text),
    function("States.Base64Encode", &[Kind::Text], Kind::Text),
    Function { rest: Some(Kind::Any), ..function("States.Format", &[Kind::Text], Kind::Text) },
    function("States.Hash", &[Kind::Any, Kind::Algorithm], Kind::Text),
    function("States.JsonMerge", &[Kind::Any, Kind::Any, Kind::Shallow], Kind::Any),
    function("States.JsonToString", &[Kind::Any], Kind::Text),
    function("States.MathAdd", &[Kind::Number, Kind::Number], Kind::Number),
    Function {
        optional: 1,
        ..function("States.MathRandom", &[Kind::Integer, Kind::Integer, Kind::Integer], Kind::Number)
    },
    function("States.StringSplit", &[Kind::Text, Kind::Text], Kind::Array),
    function("States.StringToJson", &[Kind::Text], Kind::Any),
    function("States.UUID", &[], Kind::Text),
];

impl Function {
    /// Checks the number and the kinds of the arguments; `span` is where the function's name stands.
    pub(super) fn check(&self, arguments: &[Placed], span: (usize, usize)) -> Result<(), Fault> {
        let name = self.name;
        let most = self.arguments.len();
        let least = most - self.optional;
        if arguments.len() < least || (arguments.len() > most && self.rest.is_none()) {
            let wanted = match (least, most, self.rest) {
                (_, _, Some(_)) => format!("at least {least}"),
                (0, 0, _) => "no".to_owned(),
                (least, most, _) if least == most => least.to_string(),
                (least, most, _) => format!("{least} or {most}"),
            };
            let message = format!("`{name}` takes {wanted} argument{}, not {}", plural(&wanted), arguments.len());
            return Err(Fault::new(span.0, span.1, message));
        }
        let kinds = self.arguments.iter().copied().chain(std::iter::repeat_with(|| self.rest.unwrap_or(Kind::Any)));
        for ((at, (place, argument)), kind) in arguments.iter().enumerate().zip(kinds) {
            if !kind.takes(argument) {
                let message = format!("argument {} of `{name}` has to be {}", at + 1, kind.name());
                return Err(Fault::new(place.0, place.1, message));
            }
        }
        match arguments.split_first() {
            Some(((place, Argument::Text(format)), values)) if name == "States.Format" => {
                placeholders(format, *place, values.len())
            }
            _ => Ok(()),
        }
    }
}

fn plural(wanted: &str) -> &'static str {
    if wanted.ends_with('1') { "" } else { "s" }
}

/// The format has a `{}` for each value, and no other unescaped brace.
fn placeholders(format: &str, place: (usize, usize), values: usize) -> Result<(), Fault> {
    let mut found = 0;
    let mut signs = format.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => {
                signs.next();
            }
            '{' if signs.as_str().starts_with('}') => {
                signs.next();
                found += 1;
            }
            '{' | '}' => {
                let fault = Fault::new(place.0, place.1, format!("a lone `{sign}` in a format"));
                return Err(fault.help("a placeholder is `{}`; a brace itself is written `\\{` or `\\}`"));
            }
            _ => {}
        }
    }
    if found == values {
        return Ok(());
    }
    let message =
        format!("the format has {found} `{{}}`, and {values} value{} follow", if values == 1 { "" } else { "s" });
    Err(Fault::new(place.0, place.1, message))
}
