//! The context object: which fields it has.
//!
//! Developer guide, "Accessing execution data from the Context object in Step Functions".

use super::jsonpath::{Path, Root, Step};

/// The fields of each part. The items of a Map state stand one level deeper, in `Map.Item`.
const FIELDS: [(&str, &[&str]); 5] = [
    ("Execution", &["Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"]),
    ("Map", &["Item"]),
    ("State", &["EnteredTime", "Name", "RetryCount"]),
    ("StateMachine", &["Id", "Name"]),
    ("Task", &["Token"]),
];
const ITEM: &[&str] = &["Index", "Key", "Source", "Value"];

/// The name in a path into the context object that it does not have, with the names that it has there.
pub(super) fn unknown(path: &Path) -> Option<(&str, Vec<&'static str>)> {
    if path.root != Root::Context {
        return None;
    }
    let mut names = path.steps.iter().map_while(|step| match step {
        Step::Field(name) => Some(name.as_str()),
        Step::Index(_) | Step::Other => None,
    });
    let part = names.next()?;
    let Some((_, fields)) = FIELDS.iter().find(|(name, _)| *name == part) else {
        return Some((part, FIELDS.iter().map(|(name, _)| *name).collect()));
    };
    let field = names.next()?;
    if !fields.contains(&field) {
        return Some((field, fields.to_vec()));
    }
    let item = names.next().filter(|_| part == "Map")?;
    (!ITEM.contains(&item)).then(|| (item, ITEM.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, passes};

    fn flow(path: &str) -> String {
        format!("StartAt: a\nStates:\n  a: {{Type: Pass, End: true, InputPath: {path}}}\n")
    }

    #[test]
    fn fields_of_the_context_object() {
        for path in [
            "$$",
            "$$.Execution.Input.anything.else",
            "$$.Map.Item.Value.x",
            "$$.Task.Token",
            "'$$[\"State\"]'",
            "$$.*",
        ] {
            passes(&flow(path));
        }
        assert_eq!(
            check(&flow("$$.Execution.ID")),
            ["TC0230 the context object has no `ID` there @$$.Execution.ID; did you mean `Id`?"]
        );
        assert_eq!(
            check(&flow("$$.Input")),
            [
                "TC0230 the context object has no `Input` there @$$.Input; it has: `Execution`, `Map`, `State`, `StateMachine`, `Task`"
            ]
        );
        assert!(check(&flow("$$.Map.Item.Idx"))[0].starts_with("TC0230"));
    }
}
