//! `{%` and `%}` around an expression.
//!
//! AWS: "the string must start with `{%` with no leading spaces, and must end with `%}` with no trailing spaces";
//! `JSONata string must start with {% and end with %}`.

use super::super::jsonpath::Fault;

/// What a string of a JSONata state is.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Delimited<'t> {
    /// Text that is passed as it stands.
    Plain,
    /// An expression, with where it starts.
    Expression(usize, &'t str),
    /// It has one of the two delimiters only.
    Broken(Fault),
}

/// Takes a string's delimiters off.
pub(in super::super) fn delimited(text: &str) -> Delimited<'_> {
    let end = text.len();
    match (text.strip_prefix("{%"), text.ends_with("%}")) {
        (None, false) => Delimited::Plain,
        (Some(rest), true) if rest.len() >= 2 => Delimited::Expression(2, rest.strip_suffix("%}").unwrap_or_default()),
        (Some(_), _) => {
            let fault = Fault::new(0, 2, "`{%` opens an expression, and the text does not end with `%}`");
            Delimited::Broken(fault.help("write `{% … %}`, with nothing after it"))
        }
        (None, true) => {
            let fault = Fault::new(end - 2, end, "`%}` closes an expression, and the text does not start with `{%`");
            Delimited::Broken(fault.help("write `{% … %}`, with nothing before it"))
        }
    }
}
