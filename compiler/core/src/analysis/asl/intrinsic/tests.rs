use super::*;

fn message(text: &str) -> Option<String> {
    parse(text).err().map(|fault| fault.message)
}

#[test]
fn every_function_passes_with_what_it_takes() {
    let calls = [
        "States.Format('Welcome to {} {}\\'s \\{list\\}.', $.first, $.last)",
        "States.StringToJson($.text)",
        "States.JsonToString($.json)",
        "States.Array('Foo', 2020, $.json, null, true)",
        "States.Array()",
        "States.ArrayPartition($.list,4)",
        "States.ArrayContains($.list, 'x')",
        "States.ArrayRange(1, 9, 2)",
        "States.ArrayRange(9, 1, -2)",
        "States.ArrayGetItem($.list[?(@.k == FooBar)].v, 0)",
        "States.ArrayLength($.list)",
        "States.ArrayUnique($.list)",
        "States.Base64Encode('text')",
        "States.Base64Decode($.text)",
        "States.Hash($.data, 'SHA-256')",
        "States.JsonMerge($.a, $.b, false)",
        "States.MathRandom(1, 999)",
        "States.MathRandom($.start, $.end, 7)",
        "States.MathAdd(States.ArrayLength($$.Execution.Input.machines),-1)",
        "States.StringSplit('a,b', ',')",
        "States.UUID()",
        "States.Format($.template, $.a, $.b)",
        "States.Format('{}', States.JsonToString($variable))",
    ];
    for text in calls {
        assert_eq!(message(text), None, "{text}");
    }
    for function in &FUNCTIONS {
        assert!(calls.iter().any(|call| call.starts_with(&format!("{}(", function.name))), "{}", function.name);
    }
}

#[test]
fn what_is_no_call() {
    for (text, wanted) in [
        ("ipsum", "neither a path nor a function"),
        ("not a path", "neither a path nor a function"),
        ("", "neither a path nor a function"),
        ("States.format('x')", "there is no function `States.format`"),
        ("Foo($.a)", "there is no function `Foo`"),
        ("States.UUID", "`States.UUID` is not called"),
        ("States.UUID() x", "`x` cannot stand after the function"),
        ("States.UUID(1)", "`States.UUID` takes no arguments, not 1"),
        ("States.ArrayLength()", "`States.ArrayLength` takes 1 argument, not 0"),
        ("States.MathRandom(1)", "`States.MathRandom` takes 2 or 3 arguments, not 1"),
        ("States.Format()", "`States.Format` takes at least 1 argument, not 0"),
        ("States.MathAdd(1,'-1')", "argument 2 of `States.MathAdd` has to be a number"),
        ("States.MathAdd(States.UUID(), 1)", "argument 1 of `States.MathAdd` has to be a number"),
        ("States.ArrayPartition($.a, 0)", "argument 2 of `States.ArrayPartition` has to be an integer from 1"),
        ("States.ArrayRange(1, 9, 0)", "argument 3 of `States.ArrayRange` has to be an integer other than 0"),
        ("States.ArrayGetItem($.a, 1.5)", "argument 2 of `States.ArrayGetItem` has to be an integer"),
        ("States.ArrayLength('x')", "argument 1 of `States.ArrayLength` has to be an array"),
        ("States.JsonMerge($.a, $.b, true)", "argument 3 of `States.JsonMerge` has to be false"),
        ("States.Format('{} {}', $.a)", "the format has 2 `{}`, and 1 value follow"),
        ("States.Format('{\"a\": {}}', $.a)", "a lone `{` in a format"),
        ("States.Format('a\\n')", "this backslash escapes nothing"),
        ("States.Format('a", "this quote is not closed"),
        ("States.Format(\"a\")", "text is written in single quotes"),
        ("States.Array(1,)", "an argument is missing here"),
        ("States.Array(1 2)", "`,` or `)` is missing before `2`"),
        ("States.Array(1", "this parenthesis is not closed"),
        ("States.Array(1.2.3)", "`1.2.3` is not a number"),
        ("States.Array($.a[)", "a name in brackets is quoted"),
        ("States.Array(@)", "`@` cannot stand here"),
    ] {
        assert_eq!(message(text).as_deref(), Some(wanted), "{text}");
    }
    let algorithm = message("States.Hash($.a, 'SHA1')").unwrap();
    assert!(algorithm.starts_with("argument 2 of `States.Hash` has to be one of 'MD5'"), "{algorithm}");
}

#[test]
fn ten_functions_may_stand_in_each_other() {
    let nested = |times: usize| format!("{}$.a{}", "States.ArrayUnique(".repeat(times), ")".repeat(times));
    assert_eq!(message(&nested(10)), None);
    assert_eq!(message(&nested(11)).unwrap(), "more than 10 functions stand in each other");
    assert!(message(&nested(50_000)).is_some());
}

#[test]
fn paths_and_functions_are_told() {
    let call = parse("States.Format('{}{}', $.a, States.UUID())").unwrap();
    assert_eq!(call.functions, [(0, "States.Format"), (27, "States.UUID")]);
    assert_eq!(call.paths.len(), 1);
    assert_eq!(call.paths[0].0, 22);
}
