use super::lexer::{Kind, Lexer};
use super::*;

fn message(text: &str) -> Option<String> {
    parse(text).err().map(|fault| fault.message)
}

#[test]
fn expressions_of_the_language() {
    for text in [
        "10",
        "1+2",
        "789.0123456789012",
        "-1.5e-3",
        "'a' & \"b\" & 'it\\\"s \\u00e9'",
        "$states.input.data.items",
        "$sum($states.input.numbers)",
        "$x[0].`field name`[a = 1 and b != 2 or c in [1..3]]",
        "$x.*.**.a.%.y",
        "$x.y^(<price, >quantity, name)",
        "$x.y{category: $sum(price), 'all': $}",
        "$x.y@$a#$i.{'a': $a, 'i': $i}",
        "$x[]",
        "$x.y[][0]",
        "($a := 1; $b := $a + 1; $a * $b)",
        "()",
        "(1; 2;)",
        "[]",
        "[1, [2], 3..5]",
        "{}",
        "{'a': 1, 'b': {'c': [2]}}",
        "$x > 1 ? 'a' : $x < 0 ? 'b' : 'c'",
        "$x ? 'a'",
        "function($v, $i) { $v * $i }",
        "λ($v){$v}",
        "function($s, $n)<s-n?:s>{ $s & $n }",
        "$x ~> $map(?, $f) ~> |account|{'total': price}, ['price']|",
        "$f(?, 2)(1)",
        "$match($x, /^[a-z\\/]+/i) and $contains($y, /x/m)",
        "$x.(y ~> /z/)",
        "/* a comment */ $x /* another */ + 1",
        "$x / 2 / 3",
        "$x.and.or.in",
        "and",
        "$",
        "$x.$",
        "null",
        "true and false",
        "-$x",
        "$x.y.\"quoted\"",
        "$not(null in $each($x.address, function($v) { $length($trim($v)) > 0 ? $v : null }))",
        "($e := $p.email; $p.interests[category = 'home']{'customer': $e, category: {type: yearBuilt}})",
    ] {
        assert_eq!(message(text), None, "{text}");
    }
}

#[test]
fn what_is_no_expression() {
    for (text, wanted) in [
        ("", "the expression ends where a value should follow"),
        ("  ", "the expression ends where a value should follow"),
        ("1 +", "the expression ends where a value should follow"),
        ("10 + * 2", "`2` cannot stand here"),
        ("10 + / 2", "this regular expression is not closed"),
        ("420.", "the expression ends where a value should follow"),
        ("$.store.book[?(@.price < 10)].title", "`?` cannot stand here"),
        ("$sum($states.input.items.numbers", "`)` is missing at the end"),
        ("a[1,2)", "`]` is missing before `,`"),
        ("\"unterminated", "this string is not closed"),
        ("{\"a\":}", "`}` cannot stand here"),
        ("{\"a\"}", "`:` is missing before `}`"),
        ("$x :=", "the expression ends where a value should follow"),
        ("x := 1", "only a variable can be assigned"),
        ("$match(\"a\", /abc", "this regular expression is not closed"),
        ("$match(\"a\", //)", "an empty regular expression"),
        ("'\\x'", "an escape that JSONata does not have"),
        ("'\\u12g4'", "an escape that JSONata does not have"),
        ("`a", "this backtick is not closed"),
        ("1 /* a", "this comment is not closed"),
        ("1e999", "`1e999` is too large a number"),
        ("$a ?? $b", "`?` cannot stand here"),
        ("$a ?: $b", "`:` cannot stand here"),
        ("$a == $b", "`=` cannot stand here"),
        ("$a && $b", "`&` cannot stand here"),
        ("$a || $b", "`|` cannot stand here"),
        ("!$a", "`!` cannot stand here"),
        ("1 2", "`2` cannot stand here"),
        ("01", "`1` cannot stand here"),
        ("(1", "`)` is missing at the end"),
        ("[1", "`]` is missing at the end"),
        (")", "`)` cannot stand here"),
        ("a.1", "a number or constant is no step of a path"),
        ("1.a", "a number or constant is no step of a path"),
        ("a.true", "a number or constant is no step of a path"),
        ("a.-1", "a number or constant is no step of a path"),
        ("a{b: c}{d: e}", "a step is grouped only once"),
        ("$a{b: c}[0]", "a predicate cannot follow a grouping"),
        ("a[0]@$x", "a variable is bound before predicates and orders, not after them"),
        ("a^(b)@$x", "a variable is bound before predicates and orders, not after them"),
        ("a@b", "`@` binds a variable, and none follows"),
        ("a#1", "`#` binds a variable, and none follows"),
        ("function(a) { 1 }", "a parameter of a function is a variable"),
        ("function($a)", "`{` is missing at the end"),
        ("function($a)<s { 1 }", "`>` is missing before `{`"),
        ("|a|b", "`|` is missing at the end"),
        ("a^b", "`(` is missing before `b`"),
        ("(/a/)", "`/` cannot stand here"),
    ] {
        assert_eq!(message(text).as_deref(), Some(wanted), "{text}");
    }
}

fn references(text: &str) -> Vec<String> {
    let show = |reference: Reference| match reference.kind {
        ReferenceKind::Variable => format!("${}{}", reference.name, if reference.called { "()" } else { "" }),
        ReferenceKind::States => format!("$states.{}", reference.name),
        ReferenceKind::Root => "root".to_owned(),
        ReferenceKind::TopLevel => format!("top {}{}", reference.name, if reference.called { "()" } else { "" }),
    };
    parse(text).unwrap().into_iter().map(show).collect()
}

#[test]
fn references_are_noted_with_their_context() {
    assert_eq!(references("$total + $sum($x.y)"), ["$total", "$sum()", "$x"]);
    assert_eq!(references("$states.input.a & $states.result"), ["$states.input", "$states.result"]);
    assert_eq!(references("$states"), ["$states"]);
    assert_eq!(references("$lookup($states, 'input')"), ["$lookup()", "$states"]);
    assert_eq!(references("$$.a"), ["root"]);
    assert_eq!(references("phone"), ["top phone"]);
    assert_eq!(references("$.total"), ["top $"]);
    assert_eq!(references("sum($x)"), ["top sum()", "$x"]);
    assert_eq!(references("%"), ["top %"]);
    assert_eq!(references("{aaa: 1}"), ["top aaa"]);
    assert_eq!(references("$map($x.a, function($v){ b })"), ["$map()", "$x", "top b"]);
    assert_eq!(references("$x[a > 3].b^(c){d: $.e}"), ["$x"]);
    assert_eq!(references("$x ~> |a|{'b': c}|"), ["$x"]);
    assert_eq!(references("($y := 1; $y + $z)"), ["$z"]);
    assert_eq!(references("$x[a = $limit]"), ["$x", "$limit"]);
}

#[test]
fn depth_is_bounded_and_chains_are_not() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("-", ""), ("$f(", ")"), ("{'a':", "}"), ("$x[", "]"), ("function($x){", "}")]
    {
        let deep = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        assert_eq!(message(&deep).as_deref(), Some("nested too deeply"), "{open}");
    }
    let sum = vec!["1"; 20_000].join(" + ");
    assert_eq!(message(&sum), None);
    let choice = format!("{}0", "$x ? 1 : ".repeat(20_000));
    assert_eq!(message(&choice), None);
    let path = format!("$x{}", ".a[0]".repeat(20_000));
    assert_eq!(message(&path), None);
}

#[test]
fn tokens_know_their_bytes() {
    let text = " $é + `a b`";
    let mut lexer = Lexer::new(text);
    let token = lexer.next(true).unwrap();
    assert_eq!((token.kind, token.text, &text[token.start..token.end]), (Kind::Variable, "é", "$é"));
    assert!(lexer.next(false).unwrap().is("+"));
    let token = lexer.next(true).unwrap();
    assert_eq!((token.kind, token.text, &text[token.start..token.end]), (Kind::Name, "a b", "`a b`"));
    assert_eq!(lexer.next(false).unwrap().kind, Kind::End);
}

#[test]
fn delimiters() {
    assert_eq!(delimited("plain"), Delimited::Plain);
    assert_eq!(delimited("{% 1 %}"), Delimited::Expression(2, " 1 "));
    assert_eq!(delimited("{%1%}"), Delimited::Expression(2, "1"));
    assert_eq!(delimited("{%%}"), Delimited::Expression(2, ""));
    for broken in ["{% 1", "1 %}", "{%}", " {% 1 %}", "{% 1 %} "] {
        assert!(matches!(delimited(broken), Delimited::Broken(_)), "{broken}");
    }
}

#[test]
fn functions_are_found() {
    assert!(functions::FUNCTIONS.is_sorted());
    for name in ["abs", "map", "uuid", "zip", "encodeUrlComponent", "base64decode"] {
        assert!(functions::is_function(name), "{name}");
    }
    assert!(!functions::is_function("eval"));
}
