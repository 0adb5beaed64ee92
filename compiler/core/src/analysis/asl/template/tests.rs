use super::super::testing::{check, passes};

fn pass(fields: &str) -> String {
    format!("StartAt: p\nStates:\n  p: {{Type: Pass, End: true, {fields}}}\n")
}

fn jsonata(fields: &str) -> String {
    pass(&format!("QueryLanguage: JSONata, {fields}"))
}

#[test]
fn keys_with_a_dollar_are_filled() {
    passes(&pass("Parameters: {a.$: $.a, b: [{c.$: $$.State.Name}], d: {e.$: 'States.UUID()'}, f: null}"));
    for (template, wanted) in [
        (
            "{a.$: 3}",
            "TC0218 `a.$` holds an integer, and has to hold a path or a function @3; write `a` for a value that is passed as it stands",
        ),
        (
            "{a.$: null}",
            "TC0218 `a.$` holds null, and has to hold a path or a function @null; write `a` for a value that is passed as it stands",
        ),
        (
            "{a.$: ipsum dolor}",
            "TC0217 `a.$`: neither a path nor a function @ipsum dolor; a path starts with `$`, a function with `States.`",
        ),
        ("{a.$: $.b.}", "TC0213 `a.$` is no path: the path ends with a dot @."),
        ("{a.$: 'States.UUID(1)'}", "TC0217 `a.$`: `States.UUID` takes no arguments, not 1 @States.UUID"),
        ("{x: [{a: 1, a.$: $.b}]}", "TC0218 `a` and `a.$` give the same field @a.$; remove one of them"),
    ] {
        assert_eq!(check(&pass(&format!("Parameters: {template}"))), [wanted], "{template}");
    }
}

#[test]
fn parameters_are_of_any_kind() {
    for parameters in ["[abc, {a.$: $.a}]", "1", "plain", "null", "true", "$5"] {
        passes(&pass(&format!("Parameters: {parameters}")));
    }
    assert_eq!(
        check(&pass("Parameters: [{a.$: 1}]")),
        [
            "TC0218 `a.$` holds an integer, and has to hold a path or a function @1; write `a` for a value that is passed as it stands"
        ]
    );
    for text in ["$.a", "States.UUID()"] {
        assert_eq!(
            check(&pass(&format!("Parameters: {text}"))),
            [format!(
                "TC0227 `Parameters` is passed as this very text @{text}; to pass a selection as a whole, write it as `InputPath`"
            )]
        );
    }
}

#[test]
fn a_result_selector_is_a_mapping() {
    let task = |selector: &str| {
        let resource = "arn:aws:lambda:r:1:function:f";
        format!(
            "StartAt: t\nStates:\n  t: {{Type: Task, Resource: '{resource}', End: true, ResultSelector: {selector}}}\n"
        )
    };
    passes(&task("{a.$: $.a}"));
    for (selector, kind) in [("[1]", "a list"), ("$.a", "a string"), ("1", "an integer")] {
        let wanted = format!("TC0206 `ResultSelector` of state `t` is a mapping, not {kind} @{selector}");
        assert_eq!(check(&task(selector)), [wanted]);
    }
}

#[test]
fn text_that_looks_like_a_path_is_warned_of() {
    assert_eq!(
        check(&pass("Parameters: {id: $.id}")),
        ["TC0227 `id` is passed as this very text @$.id; to have it read, write the key as `id.$`"]
    );
    assert!(check(&pass("Parameters: {id: 'States.UUID()'}"))[0].starts_with("TC0227"));
    for template in
        ["{price: $5.00}", "{InputPath: $.detail}", "{InputPathsMap: {a: $.detail}}", "{x: States are many}", "{y: $}"]
    {
        passes(&pass(&format!("Parameters: {template}")));
    }
    assert!(check(&jsonata("Output: {a: $states.input.a}"))[0].starts_with("TC0227 this is passed as this very text"));
}

#[test]
fn jsonata_values_hold_expressions_at_any_depth() {
    passes(&jsonata(
        "Output: {a: [1, '{% $states.input.a %}', {b: '{% $states.context.State.Name %}'}], c: plain, d: '$customerName'}",
    ));
    passes(&jsonata("Output: true"));
    assert_eq!(check(&jsonata("Output: {a: [{b: '{% 10 + * 2 %}'}]}")), ["TC0215 JSONata: `2` cannot stand here @2"]);
    assert_eq!(
        check(&jsonata("Output: {a.$: $.a}")),
        ["TC0212 `a.$` ends with `.$`, which is JSONPath, in a JSONata state @a.$; write `a: '{% … %}'`"]
    );
    assert_eq!(
        check(&jsonata("Output: 'total: {% 1 %}'")),
        [
            "TC0215 JSONata: `%}` closes an expression, and the text does not start with `{%` @%}; write `{% … %}`, with nothing before it"
        ]
    );
}

#[test]
fn expressions_refer_to_what_is_there() {
    for (expression, wanted) in [
        (
            "phone",
            "TC0216 `phone` is a field of nothing here @phone; write `$states.input.phone` for the input, `$phone` for a variable, `'phone'` for text",
        ),
        ("sum([1])", "TC0216 `sum` is no function @sum; did you mean `$sum(…)`?"),
        ("$.a", "TC0216 `$` stands for nothing here @$; write `$states.input` for the state's input"),
        (
            "$$.a",
            "TC0216 `$$` stands for nothing in Step Functions @$$; write `$states.input` for the state's input, `$states.context` for the context object",
        ),
        ("$states.inptu", "TC0216 `$states` has no `inptu` @$states.inptu; did you mean `input`?"),
        (
            "$states.result",
            "TC0216 `$states.result` is not there yet @$states.result; only `Output` and `Assign` of a Task, Parallel or Map state see it",
        ),
        (
            "$states.errorOutput.Cause",
            "TC0216 `$states.errorOutput` is not there @$states.errorOutput; only `Output` and `Assign` of a catcher see it",
        ),
        ("$eval(\"1\")", "TC0216 Step Functions has no `$eval` @$eval; `$parse` reads JSON text"),
    ] {
        assert_eq!(check(&jsonata(&format!("Output: '{{% {expression} %}}'"))), [wanted], "{expression}");
    }
    passes(&jsonata("Output: '{% $states.input.people[age > 30].name %}'"));
}

#[test]
fn results_and_errors_are_seen_where_they_are() {
    let task = |fields: &str| {
        format!(
            "StartAt: t\nQueryLanguage: JSONata\nStates:\n  t:\n    Type: Task\n    Resource: arn:aws:lambda:r:1:function:f\n    \
             End: true\n    {fields}\n  z: {{Type: Succeed}}\n"
        )
    };
    let catch = |fields: &str| task(&format!("Catch: [{{ErrorEquals: [States.ALL], Next: z, {fields}}}]"));
    passes(&catch("Output: '{% $states.errorOutput %}', Assign: {e: '{% $states.errorOutput.Error %}'}"));
    assert!(check(&catch("Output: '{% $states.result %}'"))[0].starts_with("TC0216 `$states.result`"));
    let own = |fields: &str| task(fields).replace("\n  z: {Type: Succeed}", "");
    passes(&own("Output: '{% $states.result.Payload %}'\n    Assign: {r: '{% $states.result %}'}"));
    assert!(check(&own("Arguments: '{% $states.result %}'"))[0].starts_with("TC0216 `$states.result`"));
    assert!(check(&own("Output: '{% $states.errorOutput %}'"))[0].starts_with("TC0216 `$states.errorOutput`"));
}

#[test]
fn symbols_stand_for_text() {
    use crate::source::{MapEntry, Node, Span, Symbol, Text, Value};
    let text = pass("QueryLanguage: JSONata, Output: PLACE");
    let mut definition = super::super::testing::read(&text);
    let mut filled = Text::from("{% 'arn:aws:sns:' & '");
    filled.push_symbol(Symbol::Region);
    filled.push_str("' %}");
    fn put(node: &mut Node, filled: &Text, found: &mut Option<Span>) {
        match &mut node.value {
            Value::String(text) if text.as_literal() == Some("PLACE") => {
                *text = filled.clone();
                *found = Some(node.span);
            }
            Value::Map(map) => map.iter_mut().for_each(|MapEntry { value, .. }| put(value, filled, found)),
            _ => {}
        }
    }
    let mut found = None;
    put(&mut definition, &filled, &mut found);
    assert!(found.is_some());
    assert_eq!(crate::analysis::asl::check(&definition, crate::ir::StateMachineType::Standard), []);
}
