//! The syntax of JSONata 2.0.6, the version that Step Functions runs, and what an expression refers to.
//!
//! Of the two Rust crates that evaluate JSONata neither reads the whole language or bounds its recursion, and all that is
//! needed here is the syntax; so this is a parser of our own, which accepts what the reference implementation accepts.
//! An expression stands in `{% … %}`. Developer guide, "Transforming data with JSONata in Step Functions".

mod delimiter;
pub(super) mod functions;
mod lexer;
mod parser;

pub(super) use delimiter::{Delimited, delimited};
pub(super) use parser::{Reference, ReferenceKind, parse};

#[cfg(test)]
mod tests;
