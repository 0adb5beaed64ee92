//! Variables: their names, the scopes that see them, and uses of such as no state assigns.
//!
//! Specification, "State Machine Variables" and "Variable Scope". AWS: `INVALID_VARIABLE_NAME`, `RESERVED_VARIABLE_NAME`,
//! `DUPLICATE_VARIABLE_NAME`, and the warning `POSSIBLY_UNDEFINED_VARIABLE`.

use super::fields::Data;
use super::jsonata::functions;
use super::machine::{Machine, QueryLanguage};
use super::walk::{At, Use, Walk};
use crate::diagnostic::{Diagnostic, codes::flow};
use crate::source::{Node, Span};
use crate::suggest;
use std::collections::BTreeMap;

/// Characters of a variable's name.
const LONGEST: usize = 80;
/// For how many unknown names a likely one is looked for.
const MOST_GUESSES: usize = 50;

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn assign(&mut self, at: At<'m, 'a>, node: &'a Node, data: Data) {
        let Some(map) = node.as_map() else {
            self.wrong(at, "Assign", node, "a mapping of variables");
            return;
        };
        self.template(at, "Assign", node, data);
        for entry in map {
            let name = match at.language {
                QueryLanguage::JsonPath => entry.key.strip_suffix(".$").unwrap_or(&entry.key),
                QueryLanguage::Jsonata => &entry.key,
            };
            if let Some((message, help)) = wrong_name(name) {
                let finding = Diagnostic::new(&flow::VARIABLE_NAME, entry.key_span, message);
                self.report(finding.help(help));
            }
            if let Some(assigned) = self.assigned.get_mut(at.scope) {
                assigned.entry(name).or_insert(entry.key_span);
            }
        }
    }

    /// What can be said once all assignments are known.
    pub(super) fn variables(&mut self) {
        for (scope, assigned) in self.assigned.iter().enumerate() {
            for (name, span) in assigned {
                if let Some(outer) = outer(self.machine, &self.assigned, scope, name) {
                    let message = format!("`{name}` is a variable of an outer scope, which inner states cannot assign");
                    self.findings.push(
                        Diagnostic::new(&flow::VARIABLE_NAME, *span, message)
                            .also(outer, "assigned here first")
                            .help("give it another name, and hand its value on as output"),
                    );
                }
            }
        }
        let mut guesses = MOST_GUESSES;
        for used in std::mem::take(&mut self.uses) {
            if let Some(finding) = unassigned(self.machine, &self.assigned, &used, guesses > 0) {
                guesses = guesses.saturating_sub(1);
                self.findings.push(finding);
            }
        }
    }
}

fn wrong_name(name: &str) -> Option<(String, &'static str)> {
    let mut signs = name.chars();
    let starts = signs.next().is_some_and(unicode_ident::is_xid_start);
    let continues = signs.all(unicode_ident::is_xid_continue);
    let length = name.chars().count();
    if name == "states" {
        Some(("`states` is the name of Step Functions' own variable".to_owned(), "give the variable another name"))
    } else if !starts || !continues {
        let help = "a name has letters, digits and `_`, and begins with a letter";
        Some((format!("`{name}` is no name of a variable"), help))
    } else if length > LONGEST {
        Some((format!("the name of a variable has {length} characters; at most {LONGEST} are allowed"), "shorten it"))
    } else {
        None
    }
}

/// Where a variable of an inner scope is assigned in a scope around it. Distributed items are executions of their own.
fn outer(machine: &Machine<'_>, assigned: &[BTreeMap<&str, Span>], scope: usize, name: &str) -> Option<Span> {
    let mut scope = scope;
    while !machine.is_distributed(scope) {
        scope = machine.around(scope)?;
        if let Some(span) = assigned.get(scope).and_then(|names| names.get(name)) {
            return Some(*span);
        }
    }
    None
}

/// A use of a variable that no state assigns where the use could see it.
fn unassigned(machine: &Machine<'_>, assigned: &[BTreeMap<&str, Span>], used: &Use, guess: bool) -> Option<Diagnostic> {
    let name = used.name.as_str();
    if name == "states" {
        let message = "`$states` has a value in JSONata states only";
        let help = "write `$` for the input, `$$` for the context object";
        return Some(Diagnostic::new(&flow::UNASSIGNED_VARIABLE, used.span, message).help(help));
    }
    let mut scope = used.scope;
    let mut visible = Vec::new();
    loop {
        let names = assigned.get(scope)?;
        if names.contains_key(name) {
            return None;
        }
        visible.extend(names.keys().copied().filter(|_| guess));
        if machine.is_distributed(scope) {
            break;
        }
        match machine.around(scope) {
            Some(around) => scope = around,
            None => break,
        }
    }
    let finding = |message: String| Diagnostic::new(&flow::UNASSIGNED_VARIABLE, used.span, message);
    let mut around = machine.around(scope);
    while let Some(scope) = around {
        if let Some(span) = assigned.get(scope).and_then(|names| names.get(name)) {
            let message = format!("the items of a Distributed Map state do not see `${name}`");
            return Some(finding(message).also(*span, "assigned here").help("pass it to each item in `ItemSelector`"));
        }
        around = machine.around(scope);
    }
    if used.called {
        let names = functions::FUNCTIONS.iter().copied().chain(visible);
        let near = suggest::nearest(name, names).map(|near| format!("did you mean `${near}`?"));
        return Some(finding(format!("there is no function `${name}`")).help_opt(near));
    }
    let near =
        suggest::nearest(name, visible.into_iter().chain(["states"])).map(|near| format!("did you mean `${near}`?"));
    let help = near.unwrap_or_else(|| "give it a value in `Assign` of a state before this one".to_owned());
    Some(finding(format!("no state assigns `${name}`")).help(help))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(first: &str, second: &str) -> String {
        format!(
            "StartAt: a\nStates:\n  a: {{Type: Pass, Next: b, {first}}}\n  b: {{Type: Pass, End: true, {second}}}\n"
        )
    }

    #[test]
    fn names() {
        passes(&flow("Assign: {año: 1, x_1: 2, 'y.$': $.y}", ""));
        for (name, wanted) in [
            (
                "top-level",
                "TC0223 `top-level` is no name of a variable @top-level; a name has letters, digits and `_`, and begins with a letter",
            ),
            (
                "_x",
                "TC0223 `_x` is no name of a variable @_x; a name has letters, digits and `_`, and begins with a letter",
            ),
            (
                "states",
                "TC0223 `states` is the name of Step Functions' own variable @states; give the variable another name",
            ),
        ] {
            assert_eq!(check(&flow(&format!("Assign: {{{name}: 1}}"), "")), [wanted]);
        }
        let long = check(&flow(&format!("Assign: {{{}: 1}}", "x".repeat(81)), ""));
        assert!(
            long[0].starts_with("TC0223 the name of a variable has 81 characters; at most 80 are allowed"),
            "{long:?}"
        );
        assert_eq!(
            check(&flow("Assign: x", "")),
            ["TC0206 `Assign` of state `a` is a mapping of variables, not a string @x"]
        );
    }

    #[test]
    fn uses_of_what_no_state_assigns() {
        passes(&flow("Assign: {total: 1}", "Parameters: {'t.$': $total}"));
        passes(&flow("Assign: {total: 1}", "QueryLanguage: JSONata, Output: '{% $total + 1 %}'"));
        assert_eq!(
            check(&flow("Assign: {total: 1}", "Parameters: {'t.$': $totl}")),
            ["TC0228 no state assigns `$totl` @$totl; did you mean `$total`?"]
        );
        assert_eq!(
            check(&flow("", "QueryLanguage: JSONata, Output: '{% $staes.input %}'")),
            ["TC0228 no state assigns `$staes` @$staes; did you mean `$states`?"]
        );
        assert_eq!(
            check(&flow("", "QueryLanguage: JSONata, Output: '{% $lenght(\"x\") %}'")),
            ["TC0228 there is no function `$lenght` @$lenght; did you mean `$length`?"]
        );
        assert_eq!(
            check(&flow("", "InputPath: '$.a[?(@.b == $limit)]'")),
            ["TC0228 no state assigns `$limit` @$limit; give it a value in `Assign` of a state before this one"]
        );
    }

    #[test]
    fn states_is_there_in_jsonata_states() {
        passes(&flow("", "QueryLanguage: JSONata, Output: '{% $states %}'"));
        assert_eq!(
            check(&flow("", "InputPath: $states.input")),
            [
                "TC0228 `$states` has a value in JSONata states only @$states; write `$` for the input, `$$` for the context object"
            ]
        );
    }

    #[test]
    fn what_an_expression_binds_itself() {
        for expression in [
            "($x := 1; $x + 1)",
            "$map([1, 2], function($v, $i) { $v * $i })",
            "($f := function($n) { $n < 2 ? 1 : $f($n - 1) * $n }; $f(5))",
            "$states.input.a@$x.b#$i.{\"x\": $x, \"i\": $i}",
            "$states.input.list ~> $map($string) ~> $join(\", \")",
        ] {
            passes(&flow("", &format!("QueryLanguage: JSONata, Output: '{{% {expression} %}}'")));
        }
    }

    fn nested(mode: &str, inner: &str) -> String {
        format!(
            "StartAt: m\nStates:\n  m:\n    Type: Map\n    End: true\n    Assign: {{outer: 1}}\n    ItemProcessor:\n      \
             ProcessorConfig: {mode}\n      StartAt: i\n      States: {{i: {{Type: Pass, End: true, {inner}}}}}\n"
        )
    }

    #[test]
    fn inner_states_see_outer_variables_and_do_not_assign_them() {
        let inline = "{Mode: INLINE}";
        passes(&nested(inline, "Parameters: {'x.$': $outer}, Assign: {inner: 1}"));
        assert_eq!(
            check(&nested(inline, "Assign: {outer: 2}")),
            [
                "TC0223 `outer` is a variable of an outer scope, which inner states cannot assign @outer; give it another name, and \
              hand its value on as output"
            ]
        );
    }

    #[test]
    fn distributed_items_do_not_see_outer_variables() {
        let distributed = "{Mode: DISTRIBUTED, ExecutionType: STANDARD}";
        passes(&nested(distributed, "Assign: {outer: 2}"));
        assert_eq!(
            check(&nested(distributed, "Parameters: {'x.$': $outer}")),
            [
                "TC0228 the items of a Distributed Map state do not see `$outer` @$outer; pass it to each item in `ItemSelector`"
            ]
        );
    }
}
