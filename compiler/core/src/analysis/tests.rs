//! All rules together on the tutorial's topology.

use super::run;
use crate::frontend::{Options, load};
use crate::graph::Graph;
use crate::world::MemoryWorld;

const BEGINNING: &str = "\
name: etl
routes:
  etl:
    gateway: api-test
    proxy: '{{namespace}}_enhancer_{{sandbox}}'
    kind: http
    timeout: 10
    async: false
    method: POST
    path: \"/api/etl\"
";

const EVENT: &str = "\
events:
  consumes:
    StartETL:
      producer: default
      function: '{{namespace}}_enhancer_{{sandbox}}'
";

/// The flow, with what `transform` goes to left open.
fn flow(next: &str) -> String {
    let task = |name: &str, function: &str, then: &str| {
        format!(
            "    {name}:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      OutputPath: $.Payload\n      \
             InputPath: $\n      Parameters:\n        FunctionName: '{{{{namespace}}}}_{function}_{{{{sandbox}}}}'\n        \
             Payload:\n          data.$: $\n      {then}\n"
        )
    };
    format!(
        "flow:\n  Comment: ETL\n  StartAt: enhance\n  TimeoutSeconds: 1200\n  States:\n{}{}{}",
        task("enhance", "enhancer", "Next: transform"),
        task("transform", "transformer", &format!("Next: {next}")),
        task("load", "loader", "End: true"),
    )
}

/// The metadata of a function as the tutorial writes it.
fn function(name: &str, lang: &str, file: &str, rest: &str) -> String {
    format!(
        "{{\"name\": \"{name}\", \"runtime\": {{\"lang\": \"{lang}\", \"package_type\": \"zip\", \"handler\": \
         \"handler.handler\", \"layers\": [], \"extensions\": []}}, {rest}\"tasks\": {{\"build\": \"zip lambda.zip {file}\", \
         \"clean\": \"rm *.zip\"}}}}"
    )
}

fn codes(files: &[(&str, &str)]) -> Vec<&'static str> {
    let world = MemoryWorld::new(files.iter().map(|(path, text)| (*path, *text)));
    let loaded = load(&world, &Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None });
    assert!(loaded.findings.is_empty());
    let topology = loaded.topology.unwrap();
    let graph = Graph::build(&topology);
    run(&world, &topology, &graph).iter().map(|finding| finding.code.id).collect()
}

const PYTHON: &str = "def handler(event, context):\n    return {\"data\": \"enhanced-data\"}\n";
const RUBY: &str = "def handler(event:, context:)\n  { data: 'loaded' }\nend\n";

#[test]
fn the_first_steps_have_no_findings() {
    let enhancer = ("enhancer/handler.py", PYTHON);
    assert_eq!(codes(&[("topology.yml", "name: etl\n"), enhancer]), [""; 0]);
    assert_eq!(codes(&[("topology.yml", BEGINNING), enhancer]), [""; 0]);
    assert_eq!(codes(&[("topology.yml", &format!("{BEGINNING}{EVENT}")), enhancer]), [""; 0]);
}

#[test]
fn the_whole_has_deprecated_runtimes_and_one_broken_transition() {
    let assets = "\"assets\": {\"MODEL_PATH\": \"/mnt/assets/etl/transformer/1.0/artifacts\", \"DEPS_PATH\": \
                  \"/mnt/assets/etl/transformer/deps\"}, ";
    let enhancer = function("enhancer", "python3.10", "handler.py", "");
    let transformer = function("transformer", "python3.10", "handler.py", assets);
    let loader = function("loader", "ruby3.2", "handler.rb", "");
    let codes = |next: &str| {
        let topology = format!("{BEGINNING}{EVENT}{}", flow(next));
        codes(&[
            ("topology.yml", &topology),
            ("enhancer/handler.py", PYTHON),
            ("enhancer/function.json", &enhancer),
            ("transformer/handler.py", PYTHON),
            ("transformer/function.json", &transformer),
            ("loader/handler.rb", RUBY),
            ("loader/function.json", &loader),
        ])
    };
    assert_eq!(codes("load"), ["TC0503"; 3]);
    let printed = codes("transform");
    assert!(printed.contains(&"TC0203"), "{printed:?}");
    assert!(printed.iter().all(|code| *code == "TC0503" || code.starts_with("TC02")), "{printed:?}");
}
