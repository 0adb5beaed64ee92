use super::super::testing::{check, passes};

fn task(fields: &str) -> String {
    format!(
        "StartAt: t\nStates:\n  t: {{Type: Task, End: true, Resource: 'arn:aws:lambda:r:1:function:f', {fields}}}\n"
    )
}

#[test]
fn scalars_have_their_types() {
    for (fields, wanted) in [
        ("Comment: 1", "TC0206 `Comment` of state `t` is a string, not an integer @1"),
        ("TimeoutSeconds: '1'", "TC0206 `TimeoutSeconds` of state `t` is an integer, not a string @'1'"),
        ("TimeoutSeconds: 1.0", "TC0206 `TimeoutSeconds` of state `t` is an integer, not a number @1.0"),
        (
            "TimeoutSeconds: 100000000",
            "TC0207 `TimeoutSeconds` of state `t` is from 1 to 99999999, not 100000000 @100000000",
        ),
        ("InputPath: 1", "TC0206 `InputPath` of state `t` is a path, not an integer @1"),
        ("QueryLanguage: 1", "TC0206 `QueryLanguage` of state `t` is one of `JSONPath`, `JSONata`, not an integer @1"),
    ] {
        assert_eq!(check(&task(fields)), [wanted], "{fields}");
    }
    passes(&task("InputPath: null, OutputPath: ~, ResultPath: null"));
}

#[test]
fn jsonata_states_compute_some_of_them() {
    let jsonata = |fields: &str| task(&format!("QueryLanguage: JSONata, {fields}"));
    passes(&jsonata("TimeoutSeconds: '{% $states.input.t %}', HeartbeatSeconds: 3"));
    assert_eq!(
        check(&jsonata("TimeoutSeconds: soon")),
        ["TC0206 `TimeoutSeconds` of state `t` is an integer, not a string @soon"]
    );
    assert_eq!(
        check(&jsonata("TimeoutSeconds: '{% 1 + %}'")),
        ["TC0215 JSONata: the expression ends where a value should follow @+"]
    );
    assert_eq!(
        check(&task("TimeoutSeconds: '{% 1 %}'")),
        ["TC0206 `TimeoutSeconds` of state `t` is an integer, not a string @'{% 1 %}'"]
    );
}

#[test]
fn times_are_those_of_rfc_3339() {
    let wait = |time: &str| format!("StartAt: w\nStates:\n  w: {{Type: Wait, End: true, Timestamp: {time}}}\n");
    passes(&wait("2030-01-31T09:00:00Z"));
    assert_eq!(
        check(&wait("2030-01-31")),
        [
            "TC0207 `Timestamp` is a time as in RFC 3339 @2030-01-31; write `2030-01-31T09:00:00Z`, with an upper case `T` and `Z`"
        ]
    );
}

#[test]
fn cloudformation_fills_scalars_in() {
    passes(&task("Comment: {Ref: Parameter}, TimeoutSeconds: {'Fn::GetAtt': [A, B]}"));
    assert!(check(&task("Comment: {Ref: Parameter, Other: 1}"))[0].starts_with("TC0206 `Comment` of state `t`"));
}

#[test]
fn items_of_a_jsonata_map() {
    let map = |items: &str| {
        format!(
            "StartAt: m\nQueryLanguage: JSONata\nStates:\n  m:\n    Type: Map\n    End: true\n    Items: {items}\n    \
             ItemProcessor: {{StartAt: i, States: {{i: {{Type: Succeed}}}}}}\n"
        )
    };
    for items in ["[1, '{% $states.input.two %}', 3]", "{a: 1}", "'{% $states.input.list %}'"] {
        passes(&map(items));
    }
    assert_eq!(
        check(&map("list")),
        ["TC0206 `Items` of state `m` is a list, a mapping or an expression, not a string @list"]
    );
    assert!(check(&map("['{% $states.result %}']"))[0].starts_with("TC0216 `$states.result` is not there yet"));
}
