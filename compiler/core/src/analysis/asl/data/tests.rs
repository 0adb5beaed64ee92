use super::super::testing::{check, passes};

fn flow(first: &str, second: &str) -> String {
    format!("StartAt: a\nStates:\n  a: {{{first}}}\n  b: {{{second}}}\n")
}

const INVOKE: &str = "Type: Task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: {FunctionName: f}, Next: b";

#[test]
fn the_answer_of_a_function_is_in_its_payload() {
    let pass = |path: &str| format!("Type: Pass, End: true, InputPath: {path}");
    passes(&flow(INVOKE, &pass("$.Payload.order")));
    passes(&flow(INVOKE, &pass("$.StatusCode")));
    passes(&flow(&format!("{INVOKE}, OutputPath: $.Payload"), &pass("$.order")));
    let callback = INVOKE.replace("lambda:invoke", "lambda:invoke.waitForTaskToken");
    passes(&flow(&callback.replace("FunctionName: f", "FunctionName: f, Payload.$: $$"), &pass("$.order")));
    passes(&flow(&format!("{INVOKE}, ResultPath: $.a"), &pass("$.order")));
    passes(&flow(&format!("{INVOKE}, ResultPath: null"), &pass("$.order")));
    assert_eq!(
        check(&flow(INVOKE, &pass("$.order.id"))),
        [
            "TC0230 `$.order.id` is not in the input of state `b` @$.order.id; what the function answers is in `$.Payload`: write \
          `$.Payload.order.id`"
        ]
    );
    assert_eq!(
        check(&flow(&format!("{INVOKE}, OutputPath: $.payload"), "Type: Succeed")),
        [
            "TC0230 `$.payload` is not in the output of state `a` @$.payload; what the function answers is in `$.Payload`: write \
          `$.Payload.payload`"
        ]
    );
    assert_eq!(
        check(&flow(&format!("{INVOKE}, ResultSelector: {{id.$: $.id}}"), "Type: Succeed")),
        [
            "TC0230 `$.id` is not in the result of state `a` @$.id; what the function answers is in `$.Payload`: write `$.Payload.id`"
        ]
    );
}

#[test]
fn fixed_values_have_the_fields_that_they_have() {
    let first = "Type: Pass, Next: b, Result: {order: {id: 1, lines: [x]}}";
    for path in
        ["$", "$.order.id", "$.order.lines[0].anything", "$.order.lines.length()", "$..id", "$$.Execution.Id", "$.*"]
    {
        passes(&flow(first, &format!("Type: Pass, End: true, InputPath: '{path}'")));
    }
    for (path, help) in [
        ("$.orders", "what there is: `order`"),
        ("$.order.name", "what there is: `id`, `lines`"),
        ("$.order.id.x", "it is text or a number, and has no field `x`"),
        ("$.order.lines.x", "a list has no field `x`: select an item first, as in `[0]`"),
    ] {
        assert_eq!(
            check(&flow(first, &format!("Type: Pass, End: true, InputPath: {path}"))),
            [format!("TC0230 `{path}` is not in the input of state `b` @{path}; {help}")]
        );
    }
}

#[test]
fn templates_make_what_they_say() {
    let first = "Type: Pass, Next: b, Parameters: {fixed: {k: v}, whole.$: $, time.$: $$.State.EnteredTime}";
    let read = |path: &str| flow(first, &format!("Type: Pass, End: true, Parameters: {{x.$: {path}}}"));
    passes(&read("$.whole.anything"));
    passes(&read("$.time"));
    passes(&read("\"States.Format('{}', $.fixed.k)\""));
    assert!(check(&read("$.fixed.j"))[0].starts_with("TC0230 `$.fixed.j` is not in the input of state `b` @$.fixed.j"));
    assert!(
        check(&read("\"States.Format('{}', $.none)\""))[0]
            .starts_with("TC0230 `$.none` is not in the input of state `b` @$.none")
    );
    let jsonata = "Type: Pass, QueryLanguage: JSONata, Next: b, Output: {sum: '{% 1 + 1 %}', text: plain}";
    passes(&flow(jsonata, "Type: Pass, End: true, InputPath: $.sum.anything"));
    assert!(check(&flow(jsonata, "Type: Pass, End: true, InputPath: $.summe"))[0].starts_with("TC0230"));
    assert!(check(&flow(jsonata, "Type: Pass, End: true, InputPath: $.text.x"))[0].starts_with("TC0230"));
}

#[test]
fn results_are_put_where_result_path_says() {
    let text = |path: &str| {
        format!(
            "StartAt: a\nStates:\n  a: {{Type: Pass, Next: t, Result: {{x: 1}}}}\n  t: {{Type: Task, Resource: \
             'arn:aws:lambda:r:1:function:f', ResultPath: $.deep.result, Next: b}}\n  b: {{Type: Pass, End: true, InputPath: {path}}}\n"
        )
    };
    passes(&text("$.x"));
    passes(&text("$.deep.result.anything"));
    assert!(check(&text("$.result"))[0].ends_with("what there is: `deep`, `x`"));
}

#[test]
fn every_way_counts() {
    let text = |path: &str| {
        format!(
            "StartAt: c\nStates:\n  c: {{Type: Choice, Default: x, Choices: [{{Variable: $.k, IsNull: true, Next: y}}]}}\n  \
             x: {{Type: Pass, Next: b, Result: {{one: 1}}}}\n  y: {{Type: Pass, Next: b, Result: {{two: 2}}}}\n  \
             b: {{Type: Pass, End: true, InputPath: {path}}}\n"
        )
    };
    passes(&text("$.one"));
    passes(&text("$.two"));
    assert!(check(&text("$.three"))[0].ends_with("what there is: `one`, `two`"));
    let mixed = text("$.three").replace("Result: {two: 2}", "Result: [2]");
    passes(&mixed);
}

#[test]
fn loops_settle() {
    let text = "StartAt: a\nStates:\n  a: {Type: Pass, Next: b, Result: {n: 0}}\n  b: {Type: Pass, Next: c, ResultPath: $.before}\n  \
                c: {Type: Choice, Default: b, Choices: [{Variable: $.n, NumericEquals: 3, Next: d}]}\n  d: {Type: Succeed}\n";
    passes(text);
    let found = check(&text.replace("Variable: $.n", "Variable: $.m"));
    assert!(found[0].starts_with("TC0230 `$.m` is not in the input of state `c`"), "{found:?}");
}

#[test]
fn what_is_asked_for_may_be_absent() {
    let choice = |rule: &str| {
        flow("Type: Pass, Next: b, Result: {n: 0}", &format!("Type: Choice, Default: z, Choices: [{rule}]"))
            + "  z: {Type: Succeed}\n"
    };
    passes(&choice("{Variable: $.m, IsPresent: true, Next: z}"));
    passes(&choice("{And: [{Variable: $.m, IsPresent: true}, {Variable: $.m, NumericEquals: 1}], Next: z}"));
    assert!(check(&choice("{Not: {Variable: $.m, NumericEquals: 1}, Next: z}"))[0].starts_with("TC0230"));
}

#[test]
fn catchers_hand_on_the_error() {
    let text = |catch: &str, path: &str| {
        format!(
            "StartAt: a\nStates:\n  a: {{Type: Task, Resource: 'arn:aws:lambda:r:1:function:f', End: true, Catch: [{{ErrorEquals: \
             [States.ALL], Next: b{catch}}}]}}\n  b: {{Type: Pass, End: true, InputPath: {path}}}\n"
        )
    };
    passes(&text("", "$.Cause"));
    passes(&text(", ResultPath: $.error", "$.order"));
    assert!(check(&text("", "$.order"))[0].ends_with("what there is: `Cause`, `Error`"));
}

#[test]
fn inner_states_see_what_they_are_given() {
    let map = |selector: &str, path: &str| {
        format!(
            "StartAt: m\nStates:\n  m:\n    Type: Map\n    Next: b\n    {selector}\n    ItemProcessor:\n      StartAt: i\n      States:\n        \
             i: {{Type: Pass, End: true, InputPath: {path}}}\n  b: {{Type: Pass, End: true, InputPath: '$[0].x'}}\n"
        )
    };
    passes(&map("Comment: x", "$.anything"));
    passes(&map("ItemSelector: {item.$: $$.Map.Item.Value}", "$.item.id"));
    assert!(check(&map("ItemSelector: {item.$: $$.Map.Item.Value}", "$.id"))[0].ends_with("what there is: `item`"));
    let parallel = "StartAt: p\nStates:\n  p:\n    Type: Parallel\n    Next: b\n    Parameters: {k: v}\n    Branches:\n      - StartAt: i\n        \
                    States: {i: {Type: Pass, End: true, InputPath: $.j}}\n  b: {Type: Pass, End: true, InputPath: $.k}\n";
    let found = check(parallel);
    assert!(found[0].starts_with("TC0230 `$.k` is not in the input of state `b`"), "{found:?}");
    assert!(found[1].starts_with("TC0230 `$.j` is not in the input of state `i`"), "{found:?}");
}
