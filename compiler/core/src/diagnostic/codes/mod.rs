//! The registry of codes: one constant a rule, one file a range.
//!
//! | range | what |
//! |---|---|
//! | TC00xx | reading files: encoding, YAML syntax, limits, links |
//! | TC01xx | schemas, placeholders, names and references |
//! | TC02xx | the state machine |
//! | TC03xx | routes, gateways and time-outs |
//! | TC04xx | events, queues, schedules and loops |
//! | TC05xx | functions: handlers, runtimes, environment, layers, secrets |
//! | TC06xx | the template: limits, names, properties, references |
//! | TC07xx | code artifacts |
//! | TC08xx | the command line: output, `--check`, project file |
//! | TC09xx | dependencies: TC090x in general, TC091x and TC092x Python, TC093x and TC094x the other languages, TC095x native libraries, TC096x and TC097x sizes, splitting and the cache, TC098x assets |
//! | TC10xx | AWS accounts: sign-in, requests, the artifact bucket, layers |
//! | TC11xx | deploying: linking, change sets, stacks |
//! | TC12xx | running: TC120x the local AWS, TC121x what is deployed and started |
//! | TC13xx | what is written for a start: `tc scaffold`, `tc init` |
//! | TC14xx | versions, changelogs and releases |

pub mod account;
pub mod artifact;
pub mod asset;
pub mod command;
pub mod dependency;
pub mod deploy;
pub mod event;
pub mod flow;
pub mod function;
pub mod layer;
pub mod local;
pub mod reading;
pub mod release;
pub mod route;
pub mod run;
pub mod scaffold;
pub mod schema;
pub mod template;

use super::Severity;

/// A rule that a finding names.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `TC` and four digits. Never reused for another rule.
    pub id: &'static str,
    /// The weight it has unless the user says otherwise.
    pub severity: Severity,
    /// The rule in a few words, without a value: "state cannot be reached".
    pub title: &'static str,
    /// The long story in Markdown, for `tc explain`: why it is wrong, an example, how to mend it. Examples are compiled by
    /// a test: the words behind a block's language say what file it is and whether it is `wrong` (this code and no other is
    /// found) or `right` (nothing is).
    pub explanation: &'static str,
}

/// Declares the codes of a range and lists them in `ALL`. The explanation of a code is `diagnostic/explain/ID.md`.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $title:literal;)*) => {
        $($(#[$doc])*
        #[doc = concat!("`", $id, "`: ", $title, ".")]
        pub static $name: $crate::diagnostic::Code = $crate::diagnostic::Code {
            id: $id,
            severity: $crate::diagnostic::Severity::$severity,
            title: $title,
            explanation: include_str!(concat!("../explain/", $id, ".md")),
        };)*
        /// The codes of this range in the order of their ids.
        pub static ALL: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}
pub(crate) use codes;

/// All codes in the order of their ids.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let ranges = [
        reading::ALL,
        schema::ALL,
        flow::ALL,
        route::ALL,
        event::ALL,
        function::ALL,
        template::ALL,
        artifact::ALL,
        command::ALL,
        dependency::ALL,
        layer::ALL,
        asset::ALL,
        account::ALL,
        deploy::ALL,
        local::ALL,
        run::ALL,
        scaffold::ALL,
        release::ALL,
    ];
    ranges.into_iter().flatten().copied()
}

/// The code of an id; letter case does not matter.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_are_explained() {
        let ids: Vec<_> = all().map(|code| code.id).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        for code in all() {
            assert!(code.id.len() == 6 && code.id.starts_with("TC"), "{}", code.id);
            assert!(code.explanation.trim().len() > 80, "{} is not explained", code.id);
            assert!(!code.title.ends_with('.'), "{}", code.id);
        }
    }
}
