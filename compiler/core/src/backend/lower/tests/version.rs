//! Versions and aliases, and who calls them.

use super::{lowered, only, property, statements};
use crate::backend::expr::Expr;
use crate::backend::template::Template;
use std::collections::BTreeSet;

const TOPOLOGY: &str = "name: etl\nroutes: {/a: {function: f}}\nevents: {consumes: {E: {function: f}}}\n\
    queues: {jobs: {consumer: f}}\nschedules: {s: {rate: 5 minutes, function: f}}\n\
    flow: {StartAt: x, States: {x: {Type: Task, Resource: '{{namespace}}_f_{{sandbox}}', End: true}}}\n";

fn template(metadata: &str) -> Template {
    lowered(TOPOLOGY, &[("f", metadata), ("g", "")]).template
}

#[test]
fn everybody_calls_the_alias() {
    let template = template("runtime: {lang: python3.13, snapstart: true, layers: [common]}\n");
    let expected = r"FunctionFVersion:
  Type: AWS::Lambda::Version
  Properties:
    FunctionName: !Ref FunctionF
    Description: !Join
      - ' '
      -
        - 'DIGEST'
        - !Select
          - 7
          - !Split
            - ':'
            - !Sub '${LayerCommon}::::::::::::::'
        - !Select
          - 14
          - !Split
            - ':'
            - !Sub '${LayerCommon}::::::::::::::'
        - !Select
          - 21
          - !Split
            - ':'
            - !Sub '${LayerCommon}::::::::::::::'
FunctionFAlias:
  Type: AWS::Lambda::Alias
  Properties:
    FunctionName: !Ref FunctionF
    FunctionVersion: !GetAtt FunctionFVersion.Version
    Name: live
";
    let text = only(&template, &["FunctionFVersion", "FunctionFAlias"]);
    let digest = text.split("        - ").nth(1).unwrap().trim_matches(['\n', ' ', '\'']);
    assert!(digest.len() == 16 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{digest}");
    assert_eq!(text.replace(digest, "DIGEST").replace("- DIGEST", "- 'DIGEST'"), expected);
    assert_eq!(property(&template, "FunctionF", "SnapStart"), "ApplyOn: PublishedVersions\n");

    let alias = "!Ref FunctionFAlias\n";
    assert_eq!(property(&template, "RouteAIntegration", "IntegrationUri"), alias);
    assert_eq!(property(&template, "RouteAPermission", "FunctionName"), alias);
    assert!(property(&template, "EventE", "Targets").contains("  Arn: !Ref FunctionFAlias\n"));
    assert_eq!(property(&template, "EventEPermission", "FunctionName"), alias);
    assert_eq!(property(&template, "QueueJobsConsumer", "FunctionName"), alias);
    assert!(property(&template, "ScheduleS", "Target").starts_with("Arn: !Ref FunctionFAlias\n"));
    assert!(statements(&template, "ScheduleSRole").contains("  Resource: !Ref FunctionFAlias\n"));
    assert_eq!(property(&template, "Flow", "DefinitionSubstitutions"), "FunctionFArn: !Ref FunctionFAlias\n");
    assert!(statements(&template, "FlowRole").contains("  Resource: !Ref FunctionFAlias\n"));
}

#[test]
fn without_a_version_the_function_itself_is_called() {
    let template = template("");
    let text = only(&template, &template.resources.keys().map(String::as_str).collect::<Vec<_>>());
    assert!(!text.contains("Alias"), "{text}");
    assert_eq!(property(&template, "RouteAIntegration", "IntegrationUri"), "!GetAtt FunctionF.Arn\n");
    assert!(statements(&template, "FlowRole").contains("  Resource: !GetAtt FunctionF.Arn\n"));
}

#[test]
fn provisioned_concurrency_is_the_aliass() {
    let template = template("runtime: {provisioned_concurrency: 2, reserved_concurrency: 5}\n");
    let expected = "ProvisionedConcurrentExecutions: 2\n";
    assert_eq!(property(&template, "FunctionFAlias", "ProvisionedConcurrencyConfig"), expected);
    assert_eq!(property(&template, "FunctionF", "ReservedConcurrentExecutions"), "5\n");
}

#[test]
fn a_version_changes_with_its_function_and_with_nothing_else() {
    let of = |topology: &str, metadata: &str, other: &str| {
        let lowered = lowered(topology, &[("f", metadata), ("g", other)]);
        property(&lowered.template, "FunctionFVersion", "Description")
    };
    let own = "runtime: {provisioned_concurrency: 2}\n";
    let base = of(TOPOLOGY, own, "");
    assert_eq!(of(TOPOLOGY, own, "runtime: {memory: 512}\n"), base);
    assert_eq!(of(&format!("{TOPOLOGY}tags: {{a: b}}\nlogs: {{retention: 7}}\n"), own, ""), base);
    assert_eq!(of(TOPOLOGY, "runtime: {provisioned_concurrency: 3, reserved_concurrency: 9}\n", ""), base);
    assert_ne!(of(TOPOLOGY, "runtime: {provisioned_concurrency: 2, memory: 512}\n", ""), base);
    assert_ne!(of(TOPOLOGY, "runtime: {provisioned_concurrency: 2, environment: {AB: c}}\n", ""), base);
}

/// What CloudFormation makes of the description for these values of the layer's parameter.
fn description_with(layer: &str) -> String {
    fn value(expr: &Expr, layer: &str) -> Vec<String> {
        match expr {
            Expr::String(text) => vec![text.clone()],
            Expr::Sub(text) => vec![text.replace("${LayerCommon}", layer)],
            Expr::Split(by, inner) => value(inner, layer)[0].split(by).map(str::to_owned).collect(),
            Expr::Select(at, inner) => vec![value(inner, layer)[*at as usize].clone()],
            Expr::Join(by, parts) => {
                vec![parts.iter().flat_map(|part| value(part, layer)).collect::<Vec<_>>().join(by)]
            }
            other => panic!("{other:?}"),
        }
    }
    let template = template("runtime: {lang: python3.13, snapstart: true, layers: [common]}\n");
    let description = template.resources["FunctionFVersion"].properties.get("Description").unwrap();
    value(description, layer).remove(0)
}

#[test]
fn a_version_changes_with_every_chunk_of_a_layer() {
    let arn = |chunk: &str, version: u32| {
        format!("arn:aws:lambda:us-west-2:111111111111:layer:{}{chunk}:{version}", "n".repeat(138))
    };
    let layers = [
        arn("", 1),
        arn("", 2),
        [arn("", 1), arn("-1", 1)].join(","),
        [arn("", 1), arn("-1", 2)].join(","),
        [arn("", 1), arn("-1", 1), arn("-2", 1)].join(","),
        [arn("", 1), arn("-1", 1), arn("-2", 2)].join(","),
        [arn("", 11), arn("-1", 1), arn("-2", 2)].join(","),
    ];
    let descriptions: BTreeSet<String> = layers.iter().map(|layer| description_with(layer)).collect();
    assert_eq!(descriptions.len(), layers.len(), "{descriptions:?}");
    assert!(descriptions.iter().all(|description| description.len() <= 256));
    assert_eq!(description_with(&layers[5])[16..], *" 1,arn 1,arn 2");
}
