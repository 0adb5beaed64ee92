//! State machines: one definition, plain data, whose `${NAME}` are exactly the substitutions given.
//! "AWS::StepFunctions::StateMachine": Definition, DefinitionString and DefinitionS3Location exclude each other; every key
//! of DefinitionSubstitutions is replaced where `${KEY}` stands in the definition.

use super::subject::{Subject, combination};
use crate::backend::check::fault::Fault;
use crate::backend::expr::Expr;
use std::collections::BTreeSet;

const DEFINITIONS: [&str; 3] = ["Definition", "DefinitionString", "DefinitionS3Location"];

pub fn check(machine: &Subject<'_>, faults: &mut Vec<Fault>) {
    let given = DEFINITIONS.into_iter().filter(|name| machine.has(name)).count();
    if given != 1 {
        faults.push(combination(format!("exactly one of `{}` is needed, there are {given}", DEFINITIONS.join("`, `"))));
    }
    if let Some(definition) = machine.get("Definition") {
        let mut intrinsic = false;
        definition.references(&mut |_, _| intrinsic = true);
        if intrinsic {
            let help = "write `${NAME}` there and NAME under `DefinitionSubstitutions`".to_owned();
            faults
                .push(combination("`Definition` holds an intrinsic function, which is not resolved there").help(help));
        }
        substitutions(machine, definition, faults);
    }
    let logs = machine.text("LoggingConfiguration.Level").is_some_and(|level| level != "OFF");
    if logs && machine.items("LoggingConfiguration.Destinations").len() != 1 {
        faults.push(combination("`LoggingConfiguration.Destinations` needs exactly one log group"));
    }
}

fn substitutions(machine: &Subject<'_>, definition: &Expr, faults: &mut Vec<Fault>) {
    let mut used = BTreeSet::new();
    collect(definition, &mut used);
    let given: BTreeSet<&str> = match machine.get("DefinitionSubstitutions") {
        Some(Expr::Object(map)) => map.iter().map(|(key, _)| key.as_ref()).collect(),
        _ => BTreeSet::new(),
    };
    for name in used.difference(&given) {
        faults.push(combination(format!(
            "`Definition` holds `${{{name}}}`, which `DefinitionSubstitutions` does not give"
        )));
    }
    for name in given.difference(&used) {
        faults.push(combination(format!("`DefinitionSubstitutions.{name}` is not used in `Definition`")));
    }
}

/// The names that stand as `${NAME}` in the texts and keys of a definition.
fn collect<'a>(value: &'a Expr, names: &mut BTreeSet<&'a str>) {
    match value {
        Expr::String(text) => in_text(text, names),
        Expr::List(items) => items.iter().for_each(|item| collect(item, names)),
        Expr::Object(map) => map.iter().for_each(|(key, value)| {
            in_text(key, names);
            collect(value, names);
        }),
        _ => {}
    }
}

fn in_text<'a>(text: &'a str, names: &mut BTreeSet<&'a str>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        rest = after;
        // Substitution keys are letters, digits, `_`, `-` and `.`; anything else is the author's own text.
        if let Some((name, _)) = after.split_once('}')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        {
            names.insert(name);
        }
    }
}
