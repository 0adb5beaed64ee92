use super::*;

fn reference(text: &str) -> bool {
    parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}")).not_reference.is_none()
}

#[test]
fn paths_and_reference_paths() {
    for text in [
        "$",
        "$.a",
        "$.store.book.title",
        "$.store\\.book",
        "$.\\stor\\e.boo\\k",
        "$.foo.\\.bar",
        "$.foo\\@bar.baz\\[\\[.\\?pretty",
        "$.&Ж中.\\uD800\\uDF46",
        "$.ledgers.branch[0].pending.count",
        "$.ledgers[0][22][315].foo",
        "$['store'][0]['book']",
        "$[\"a b\"]",
        "$$",
        "$$.Execution.Id",
        "$$.Map.Item.Value",
        "$name",
        "$name.field[0]",
        "$.input-foo-bar",
        "$.AWS_STEP_1",
    ] {
        assert!(reference(text), "{text} is a reference path");
    }
    for text in [
        "$.a[1:]",
        "$.a[:2]",
        "$.a[-2:]",
        "$.a[0:9:2]",
        "$.a[-1]",
        "$.a[0,1]",
        "$['a','b']",
        "$.*",
        "$[*][*]",
        "$..a",
        "$..[0]",
        "$..*",
        "$[(@.length-1)].bar",
        "$[(@.length()-1)]",
        "$.a.length()",
        "$.a[?(@.b)]",
        "$.a[?(@.b == 1 && (@.c != 'x' || !(@.d =~ /y.*/i)))]",
        "$.a[?(@.OutputKey == FooBar)].OutputValue",
        "$.a[?(@.b in ['x', 'y'])]",
        "$.a[?(@['b'] > $.limit)]",
        "$.a[?(@.tags[?(@.k == 'v')])]",
        "$.a[?(@.b empty true)]",
        "$.@timestamp",
    ] {
        assert!(!reference(text), "{text} is a path that may select several nodes");
    }
}

#[test]
fn what_is_no_path() {
    for (text, message) in [
        ("", "a path starts with `$`"),
        ("a", "a path starts with `$`"),
        ("bug$.library", "a path starts with `$`"),
        (".guid", "a path starts with `$`"),
        ("()", "a path starts with `$`"),
        ("$.", "the path ends with a dot"),
        ("$..", "the path ends with a dot"),
        ("$...", "the name of a field is missing after the dot"),
        ("$.a.", "the path ends with a dot"),
        ("$a b", "a blank in a path"),
        ("$.a b", "a blank in a path"),
        ("$.a]", "`]` cannot stand here"),
        ("$-a", "`-` cannot stand here"),
        ("$1", "a path goes on with `.` or `[`"),
        ("$[", "this bracket is not closed"),
        ("$.a[0", "this bracket is not closed"),
        ("$.a[]", "nothing stands in these brackets"),
        ("$.a[b]", "a name in brackets is quoted"),
        ("$.a['b]", "this quote is not closed"),
        ("$.a['b'", "this bracket is not closed"),
        ("$.a[1 2]", "`]` is missing before `2`"),
        ("$.a[1,]", "an index is missing here"),
        ("$.a[-]", "this index is not a number"),
        ("$.a[99999999999999999999]", "this index is not a number"),
        ("$.a[1:2:3:4]", "a slice has at most three parts"),
        ("$.a[?@.b]", "a filter is written in parentheses"),
        ("$.a[?()]", "a value is missing here"),
        ("$.a[?(@.b = 1)]", "`=` does not compare"),
        ("$.a[?(@.b == )]", "a value is missing here"),
        ("$.a[?(@.b == 1]", "`]` cannot stand here"),
        ("$.a[?(@.b == 1 &&)]", "a value is missing here"),
        ("$.a[(@.size-1)]", "only `(@.length-N)` can stand in parentheses here"),
        ("$.a.length(", "this parenthesis is not closed"),
        ("$.a\\", "a backslash with nothing after it"),
    ] {
        assert_eq!(parse(text).map_err(|fault| fault.message), Err(message.to_owned()), "{text}");
    }
}

#[test]
fn roots_steps_and_variables() {
    let path = parse("$who.a['b c'][2]").unwrap();
    assert_eq!(path.root, Root::Variable("who".to_owned()));
    assert_eq!(path.steps, [Step::Field("a".to_owned()), Step::Field("b c".to_owned()), Step::Index(2)]);
    assert_eq!(parse("$.a[?(@.b == $limit)]").unwrap().variables, [(13, "limit".to_owned())]);
    assert_eq!(parse("$$.Execution").unwrap().root, Root::Context);
    assert_eq!(parse_at("f($.a, 1)", 2).unwrap().1, 5);
}

#[test]
fn depth_is_bounded() {
    let deep = format!("$.a[?{}@.b{}]", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(parse(&deep).unwrap_err().message, "filters are nested too deeply");
    let nested = format!("$.a{}{}", "[?(@.a".repeat(5000), ")]".repeat(5000));
    assert_eq!(parse(&nested).unwrap_err().message, "filters are nested too deeply");
    let list = format!("$.a[?(@.b in {})]", "[".repeat(5000));
    assert_eq!(parse(&list).unwrap_err().message, "filters are nested too deeply");
}
