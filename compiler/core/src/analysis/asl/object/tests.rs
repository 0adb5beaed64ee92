use super::super::testing::{check, passes};

fn state(fields: &str) -> String {
    format!("StartAt: a\nStates:\n  a: {{{fields}}}\n")
}

fn after(fields: &str) -> String {
    format!("StartAt: a\nStates:\n  a: {{{fields}}}\n  z: {{Type: Succeed}}\n")
}

#[test]
fn fields_of_the_flow() {
    passes(
        "Comment: x\nQueryLanguage: JSONPath\nVersion: '1.0'\nTimeoutSeconds: 1\nStartAt: a\nStates:\n  a: {Type: Succeed}\n",
    );
    for (text, wanted) in [
        ("States:\n  a: {Type: Succeed}\n", "TC0205 the flow needs `StartAt` @States"),
        ("StartAt: a\n", "TC0205 the flow needs `States` @StartAt"),
        (
            "StartAt: a\nstates:\n  a: {Type: Succeed}\n",
            "TC0201 the flow has no field `states` @states; did you mean `States`?",
        ),
        (
            "StartAt: a\nVersion: '2.0'\nStates:\n  a: {Type: Succeed}\n",
            "TC0207 `Version` of the flow is one of `1.0`, not `2.0` @'2.0'; did you mean `1.0`?",
        ),
        (
            "StartAt: a\nQueryLanguage: jsonata\nStates:\n  a: {Type: Succeed}\n",
            "TC0207 `QueryLanguage` of the flow is one of `JSONPath`, `JSONata`, not `jsonata` @jsonata; did you mean `JSONata`?",
        ),
        (
            "StartAt: a\nTimeoutSeconds: 0\nStates:\n  a: {Type: Succeed}\n",
            "TC0207 `TimeoutSeconds` of the flow is from 1 to 99999999, not 0 @0",
        ),
    ] {
        let found = check(text);
        assert_eq!(found.first().map(String::as_str), Some(wanted), "{text}");
    }
    assert!(check("StartAt: a\nStates: {}\n")[0].starts_with("TC0205 `States` of the flow holds no state"));
    assert_eq!(check("[]\n"), ["TC0206 a flow is a mapping with `StartAt` and `States`, not a list @[]"]);
    assert_eq!(check(""), ["TC0206 a flow is a mapping with `StartAt` and `States`, not null @"]);
    assert_eq!(check("StartAt: a\nStates: {a: x}\n")[0], "TC0206 state `a` is a string, not a mapping @x");
}

#[test]
fn types_of_states() {
    assert_eq!(
        check(&state("End: true")),
        [
            "TC0205 state `a` needs `Type` @a; one of `Pass`, `Task`, `Choice`, `Wait`, `Succeed`, `Fail`, `Parallel`, `Map`"
        ]
    );
    assert_eq!(check(&state("type: Pass, End: true")), ["TC0205 state `a` needs `Type` @a; write `Type` for `type`"]);
    assert_eq!(
        check(&state("Type: task, End: true")),
        ["TC0207 `task` is no type of a state @task; did you mean `Task`?"]
    );
    assert_eq!(
        check(&state("Type: 1, End: true"))[0],
        "TC0207 the type of state `a` is an integer, not a string @1; types: `Pass`, \
        `Task`, `Choice`, `Wait`, `Succeed`, `Fail`, `Parallel`, `Map`"
    );
}

#[test]
fn fields_of_another_type_of_state() {
    for (fields, wanted) in [
        (
            "Type: Pass, End: true, TimeoutSeconds: 1",
            "TC0201 a Pass state has no `TimeoutSeconds` @TimeoutSeconds; only a Task state has it: remove it",
        ),
        (
            "Type: Wait, Seconds: 1, End: true, Catch: []",
            "TC0201 a Wait state has no `Catch` @Catch; only a Task, Parallel or Map state has it: remove it",
        ),
        (
            "Type: Succeed, End: true",
            "TC0201 a Succeed state has no `End` @End; it ends the flow without it: remove it",
        ),
        (
            "Type: Fail, Next: z",
            "TC0201 a Fail state has no `Next` @Next; it ends the flow: remove it, or make the state a Pass state",
        ),
    ] {
        assert_eq!(check(&state(fields))[0], wanted);
    }
    let choice = "Type: Choice, Default: z, Choices: [{Variable: $.x, IsNull: true, Next: z}]";
    passes(&after(choice));
    assert_eq!(
        check(&after(&format!("{choice}, Next: z"))),
        ["TC0201 a Choice state has no `Next` @Next; each rule has its own `Next`; where none matches, `Default` says"]
    );
    assert_eq!(
        check(&after(&format!("{choice}, End: true"))),
        ["TC0201 a Choice state has no `End` @End; let a rule or `Default` go to a Succeed state"]
    );
}

#[test]
fn unknown_fields_have_a_likely_name() {
    assert_eq!(
        check(&state("Type: Task, Resorce: 'arn:aws:lambda:r:1:function:f', End: true")),
        ["TC0201 state `a` has no field `Resorce` @Resorce; did you mean `Resource`?"]
    );
    assert_eq!(
        check(&state("Type: Succeed, Zzz: 1")),
        [
            "TC0201 state `a` has no field `Zzz` @Zzz; fields: `Type`, `Comment`, `QueryLanguage`, `InputPath`, `OutputPath`"
        ]
    );
}

#[test]
fn a_state_goes_on_or_ends() {
    passes(&after("Type: Pass, Next: z"));
    passes(&after("Type: Pass, Next: z, End: false"));
    passes(&state("Type: Pass, End: true"));
    assert_eq!(
        check(&after("Type: Pass, Next: z, End: true")),
        ["TC0208 state `a` both goes on and ends @End; remove `Next` or `End`"]
    );
    assert_eq!(
        check(&state("Type: Pass, End: false")),
        ["TC0205 state `a` neither goes on nor ends @a; write `Next: …` or `End: true`"]
    );
    assert_eq!(
        check(&after("Type: Pass"))[0],
        "TC0205 state `a` neither goes on nor ends @a; write `Next: z` or `End: true`"
    );
    assert_eq!(
        check(&after("Type: Pass, Next: z, End: yes")),
        ["TC0206 `End` of state `a` is true or false, not a string @yes"]
    );
}

#[test]
fn fields_of_the_other_query_language() {
    for (fields, wanted) in [
        (
            "Type: Pass, End: true, Output: 1",
            "TC0212 `Output` is a JSONata field, and state `a` is JSONPath @Output; write `OutputPath`, or set `QueryLanguage: JSONata`",
        ),
        (
            "Type: Wait, End: true, QueryLanguage: JSONata, Seconds: 1, SecondsPath: $.s",
            "TC0212 `SecondsPath` is a JSONPath field, and state `a` is JSONata @SecondsPath; write `Seconds: '{% … %}'`",
        ),
        (
            "Type: Task, End: true, QueryLanguage: JSONata, Resource: 'arn:aws:lambda:r:1:function:f', Parameters: {}",
            "TC0212 `Parameters` is a JSONPath field, and state `a` is JSONata @Parameters; write `Arguments`, or set `QueryLanguage: JSONPath`",
        ),
        (
            "Type: Pass, End: true, QueryLanguage: JSONata, InputPath: $",
            "TC0212 `InputPath` is a JSONPath field, and state `a` is JSONata @InputPath; remove it, or set `QueryLanguage: JSONPath`",
        ),
    ] {
        assert_eq!(check(&state(fields)), [wanted]);
    }
    assert_eq!(
        check("StartAt: a\nQueryLanguage: JSONata\nStates:\n  a: {Type: Succeed, QueryLanguage: JSONPath}\n"),
        [
            "TC0212 state `a` cannot be JSONPath in a JSONata flow @JSONPath; set JSONata state by state in a JSONPath flow, not \
          the other way round"
        ]
    );
}

#[test]
fn waits_and_failures_say_one_thing() {
    for fields in ["Seconds: 0", "SecondsPath: $.s", "Timestamp: '2030-01-31T09:00:00Z'", "TimestampPath: $.t"] {
        passes(&state(&format!("Type: Wait, End: true, {fields}")));
    }
    assert_eq!(
        check(&state("Type: Wait, End: true")),
        ["TC0205 state `a` needs one of `Seconds`, `SecondsPath`, `Timestamp`, `TimestampPath` @a"]
    );
    assert_eq!(
        check(&state("Type: Wait, End: true, QueryLanguage: JSONata")),
        ["TC0205 state `a` needs one of `Seconds`, `Timestamp` @a"]
    );
    assert_eq!(
        check(&state("Type: Wait, End: true, Seconds: 1, Timestamp: '2030-01-31T09:00:00Z'")),
        ["TC0208 state `a` has both `Seconds` and `Timestamp` @Timestamp; remove one of them"]
    );
    passes(&state("Type: Fail, Error: E, CausePath: \"States.Format('{}', $.why)\""));
    assert_eq!(
        check(&state("Type: Fail, Error: E, ErrorPath: $.e")),
        ["TC0208 state `a` has both `Error` and `ErrorPath` @ErrorPath; remove one of them"]
    );
}

#[test]
fn branches_and_processors_have_fields_of_their_own() {
    let parallel = |branches: &str| {
        format!("StartAt: p\nStates:\n  p:\n    Type: Parallel\n    End: true\n    Branches: {branches}\n")
    };
    let inner = "StartAt: i, States: {i: {Type: Succeed}}";
    passes(&parallel(&format!("[{{{inner}, Comment: x}}]")));
    assert_eq!(check(&parallel("[]")), ["TC0205 state `p` needs at least one branch @[]"]);
    assert_eq!(check(&parallel("x")), ["TC0206 `Branches` of state `p` is a list of branches, not a string @x"]);
    assert_eq!(
        check(&parallel("[x]")),
        ["TC0206 a branch of state `p` is a mapping with `StartAt` and `States`, not a string @x"]
    );
    assert_eq!(
        check(&parallel(&format!("[{{{inner}, QueryLanguage: JSONata}}]"))),
        ["TC0201 a branch of `p` has no field `QueryLanguage` @QueryLanguage; set it on the flow or on a single state"]
    );
    assert_eq!(check(&parallel("[{StartAt: i}]")), ["TC0205 a branch of `p` needs `States` @StartAt"]);
}
