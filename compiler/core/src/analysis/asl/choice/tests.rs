use super::super::testing::{check, passes};
use super::*;

fn flow(rule: &str) -> String {
    format!(
        "StartAt: c\nStates:\n  c:\n    Type: Choice\n    Default: z\n    Choices: [{rule}]\n  z: {{Type: Succeed}}\n"
    )
}

fn jsonata(rule: &str) -> String {
    format!("QueryLanguage: JSONata\n{}", flow(rule))
}

#[test]
fn every_operator_takes_its_operand_and_no_other() {
    for name in OPERATORS {
        let (right, wrong) = match operand(name).unwrap() {
            Operand::Text => ("x", "1"),
            Operand::Pattern => ("'foo*.\\*log'", "1"),
            Operand::Number => ("1.5", "'1'"),
            Operand::Flag => ("true", "'true'"),
            Operand::Timestamp => ("'2016-03-14T01:59:00Z'", "'yesterday'"),
            Operand::Path => ("'$.other[0]'", "other"),
        };
        passes(&flow(&format!("{{Variable: $.x, {name}: {right}, Next: z}}")));
        let found = check(&flow(&format!("{{Variable: $.x, {name}: {wrong}, Next: z}}")));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
}

#[test]
fn variable_is_a_reference_path() {
    passes(&flow("{Variable: $$.Execution.Input.x, IsPresent: true, Next: z}"));
    assert_eq!(
        check(&flow("{Variable: \"States.ArrayContains($.a, 'null')\", NumericEquals: 1, Next: z}"))[0],
        "TC0213 `Variable` is no path: a path starts with `$` @S; `$` is the input, `$$` the context object, `$name` a variable"
    );
    assert!(check(&flow("{Variable: '$.a[*]', NumericEquals: 1, Next: z}"))[0].starts_with("TC0214"));
    assert!(check(&flow("{Variable: $.a, NumericEqualsPath: '$..b', Next: z}"))[0].starts_with("TC0214"));
}

#[test]
fn one_comparison_a_rule() {
    assert_eq!(
        check(&flow("{Variable: $.x, Next: z}")),
        ["TC0205 a choice rule of `c` compares with nothing @Variable; write a comparison beside `Variable`, such as \
          `StringEquals: …` or `IsPresent: true`"]
    );
    assert_eq!(
        check(&flow("{Variable: $.x, NumericGreaterThan: 1, NumericLessThan: 2, Next: z}")),
        [
            "TC0208 a choice rule of `c` has both `NumericGreaterThan` and `NumericLessThan` @NumericLessThan; write `And` with a \
          rule for each comparison"
        ]
    );
    assert_eq!(
        check(&flow("{NumericEquals: 1, Next: z}")),
        ["TC0205 a choice rule of `c` needs one of `Variable`, `And`, `Or`, `Not` @NumericEquals"]
    );
    assert_eq!(
        check(&flow("{Variable: $.x, StringEqual: a, Next: z}")),
        ["TC0201 a choice rule of `c` has no field `StringEqual` @StringEqual; did you mean `StringEquals`?"]
    );
}

#[test]
fn rules_nest_without_a_next_of_their_own() {
    let test = "{Variable: $.x, IsNull: true}";
    passes(&flow(&format!("{{And: [{test}, {{Not: {{Or: [{test}]}}}}], Next: z, Assign: {{v: 1}}}}")));
    assert_eq!(
        check(&flow("{Not: {Variable: $.x, IsNull: true, Next: z}, Next: z}")),
        [
            "TC0201 an inner choice rule of `c` has no field `Next` @Next; only the outermost rule, a state and a catcher have it"
        ]
    );
    assert_eq!(check(&flow("{And: [], Next: z}")), ["TC0205 `And` of a choice rule of `c` has no rule @[]"]);
    assert_eq!(
        check(&flow(&format!("{{And: {test}, Next: z}}")))[0],
        format!("TC0206 `And` of a choice rule of `c` is a list of rules, not a mapping @{test}")
    );
    assert_eq!(
        check(&flow("{Not: x, Next: z}"))[0],
        "TC0206 a rule of a choice rule of `c` is a mapping, not a string @x"
    );
    assert_eq!(
        check(&flow(&format!("{{Not: {test}, IsNull: true, Next: z}}")))[0],
        "TC0208 a choice rule of `c` has both `Not` and `IsNull` @IsNull; put it among the rules of `Not`"
    );
}

#[test]
fn rules_lead_somewhere() {
    assert_eq!(check(&flow("{Variable: $.x, IsNull: true}")), ["TC0205 a choice rule of `c` needs `Next` @Variable"]);
    assert_eq!(
        check(&flow("{Variable: $.x, IsNull: true, End: true}")),
        [
            "TC0201 a choice rule of `c` has no field `End` @End; only a state ends the flow: go to one with `End: true`",
            "TC0205 a choice rule of `c` needs `Next` @Variable",
        ]
    );
    assert_eq!(check(&flow("")), ["TC0205 `Choices` of state `c` has no rule @[]"]);
    assert_eq!(check(&flow("x")), ["TC0206 a rule of state `c` is a mapping, not a string @x"]);
}

#[test]
fn jsonata_rules_have_a_condition() {
    passes(&jsonata("{Condition: '{% $states.input.x = 1 %}', Next: z, Output: {a: '{% $states.input %}'}}"));
    passes(&jsonata("{Condition: true, Next: z}"));
    assert_eq!(check(&jsonata("{Next: z}")), ["TC0205 a choice rule of `c` needs `Condition` @Next"]);
    assert_eq!(
        check(&jsonata("{Condition: x, Next: z}")),
        ["TC0206 `Condition` of a choice rule of `c` is a boolean or an expression (`{% … %}`), not a string @x"]
    );
    assert_eq!(
        check(&jsonata("{Variable: $.x, IsNull: true, Next: z}")),
        [
            "TC0212 `IsNull` is a JSONPath comparison, and a choice rule of `c` is JSONata @IsNull; write `Condition: '{% … %}'`"
        ]
    );
    assert_eq!(
        check(&flow("{Condition: '{% true %}', Next: z}"))[0],
        "TC0212 `Condition` is a JSONata field, and a choice rule of `c` is JSONPath @Condition; write `Variable` and a \
         comparison, or set `QueryLanguage: JSONata`"
    );
}

#[test]
fn patterns_escape_stars_only() {
    assert_eq!(
        check(&flow("{Variable: $.x, StringMatches: 'a\\d', Next: z}")),
        ["TC0207 a backslash in `StringMatches` escapes nothing @'a\\d'; only `\\*` and `\\\\` are escapes"]
    );
}
