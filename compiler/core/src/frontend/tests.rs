//! The front end on small topologies in memory.

use super::{Options, load};
use crate::world::MemoryWorld;

fn run(files: &[(&str, &str)]) -> (Option<serde_json::Value>, Vec<String>) {
    let world = MemoryWorld::new(files.iter().map(|(path, text)| (*path, *text)));
    let options = Options { sandbox: Some("bob".into()), env: Some("dev".into()), version: None };
    let loaded = load(&world, &options);
    let show = |d: &crate::diagnostic::Diagnostic| {
        let place = d.primary.as_ref().and_then(|label| loaded.sources.locate(label.span));
        let place = place.map(|(path, at)| format!("{path}:{}:{}", at.line, at.column)).unwrap_or_default();
        format!("{} {place} {}", d.code.id, d.message)
    };
    let findings = loaded.findings.iter().map(show).collect();
    (loaded.topology.map(|topology| serde_json::to_value(topology).unwrap()), findings)
}

const HANDLER: &str = "def handler(event, context):\n    return {}\n";

#[test]
fn the_least_topology_is_a_name_and_a_handler() {
    let (topology, findings) = run(&[("topology.yml", "name: etl\n"), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, [""; 0]);
    let topology = topology.unwrap();
    assert_eq!(topology["functions"]["enhancer"]["runtime"], "python3.13");
    assert_eq!(topology["functions"]["enhancer"]["handler"], "handler.handler");
    assert_eq!(topology["version"], "0.0.1");
}

#[test]
fn both_spellings_of_a_reference_mean_the_same() {
    for target in ["proxy: '{{namespace}}_enhancer_{{sandbox}}'", "function: enhancer"] {
        let text = format!("name: etl\nroutes:\n  etl:\n    path: /api/etl\n    {target}\n");
        let (topology, findings) = run(&[("topology.yml", &text), ("enhancer/handler.py", HANDLER)]);
        assert_eq!(findings, [""; 0]);
        assert_eq!(topology.unwrap()["routes"]["etl"]["target"]["function"], "enhancer");
    }
}

#[test]
fn vars_are_merged_by_environment_and_sandbox() {
    let vars = r#"{"default": {"timeout": 5, "environment": {"A": "1", "B": "1"}},
        "dev": {"environment": {"B": "2", "C": "ssm:/x"}}, "bob": {"memory_size": 512}, "ann": {"timeout": 9}}"#;
    let (topology, findings) = run(&[
        ("topology.yml", "name: etl\n"),
        ("enhancer/handler.py", HANDLER),
        ("../../infrastructure/tc/etl/vars/enhancer.json", vars),
        ("../../infrastructure/tc/etl/vars/enhancr.json", "{}"),
    ]);
    assert_eq!(
        findings,
        ["TC0113 ../../infrastructure/tc/etl/vars/enhancr.json:1:1 `vars/enhancr.json` is of no function"]
    );
    let function = &topology.unwrap()["functions"]["enhancer"];
    assert_eq!((&function["timeout"], &function["memory"]), (&5.into(), &512.into()));
    assert_eq!(function["environment"]["B"]["plain"], "2");
    assert_eq!(function["environment"]["C"]["ssm_parameter"], "/x");
}

#[test]
fn references_that_lead_nowhere_are_findings() {
    let text = "name: etl\nroutes:\n  /a: {function: enhancr}\n  /b: {queue: jobs, function: enhancer}\n  /c: {}\n  \
                d: {function: enhancer}\nevents:\n  consumes:\n    E: {function: '{{namespace}}_x_{{sandbx}}'}\n";
    let (_, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(
        findings,
        [
            "TC0105 topology.yml:9:19 unknown placeholder `{{sandbx}}`",
            "TC0107 topology.yml:3:18 the function `enhancr` does not exist",
            "TC0109 topology.yml:4:15 the route `/b` names two targets",
            "TC0110 topology.yml:5:3 the route `/c` leads nowhere",
            "TC0102 topology.yml:6:3 the route `d` has no `path`",
        ]
    );
}

#[test]
fn naming_a_function_with_a_fault_is_no_fault_of_its_own() {
    let text = "name: etl\nfunctions:\n  ship: {uri: ../../../ship}\nroutes:\n  /a: {function: enhancer}\n  \
                /b: {function: ship}\n";
    let (_, findings) = run(&[
        ("topology.yml", text),
        ("enhancer/handler.py", HANDLER),
        ("enhancer/function.json", r#"{"runtime": {"memory": "much"}}"#),
    ]);
    let codes: Vec<_> = findings.iter().filter_map(|finding| finding.split(' ').next()).collect();
    assert_eq!(codes, ["TC0108", "TC0103"], "{findings:?}");
}

#[test]
fn a_flow_names_functions_by_reference() {
    let text = "name: etl\nflow:\n  StartAt: a\n  States:\n    a:\n      Type: Task\n      Resource: arn:aws:states:::lambda:invoke\n      \
                Parameters:\n        FunctionName: '{{namespace}}_enhancer_{{sandbox}}'\n      End: true\n";
    let (topology, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, [""; 0]);
    let flow = &topology.unwrap()["flow"]["definition"]["States"]["a"];
    assert_eq!(flow["Parameters"]["FunctionName"], "{{functions/enhancer}}");
}

#[test]
fn only_the_arguments_of_a_task_are_references() {
    let flow = |state: &str| {
        let text = format!(
            "name: etl\nqueues: {{jobs: {{}}}}\nflow:\n  StartAt: a\n  States:\n    a: {{{state}, End: true}}\n"
        );
        run(&[("topology.yml", &text), ("enhancer/handler.py", HANDLER)]).1
    };
    assert_eq!(flow("Type: Pass, Result: {FunctionName: elsewhere, QueueUrl: other}"), [""; 0]);
    let invoke =
        |arguments: &str| flow(&format!("Type: Task, Resource: 'arn:aws:states:::lambda:invoke', {arguments}"));
    assert_eq!(
        invoke(
            "Parameters: {FunctionName: enhancer, Payload: {FunctionName: x, Resource: '{{namespace}}_y_{{sandbox}}'}}"
        ),
        [""; 0]
    );
    assert_eq!(
        invoke("Parameters: {FunctionName: enhancr}"),
        ["TC0107 topology.yml:6:92 the function `enhancr` does not exist"]
    );
    let send = |url: &str| {
        flow(&format!("Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: {{QueueUrl: '{url}'}}"))
    };
    assert_eq!(send("jobs"), [""; 0]);
    assert_eq!(send("https://sqs.us-east-1.amazonaws.com/123456789012/other"), [""; 0]);
    assert_eq!(send("jobz"), ["TC0108 topology.yml:6:90 the queue `jobz` does not exist"]);
    assert_eq!(send("{{namespace}}_jobz_{{sandbox}}"), ["TC0108 topology.yml:6:90 the queue `jobz` does not exist"]);
}

#[test]
fn two_functions_of_one_name_are_an_error() {
    let (_, findings) = run(&[
        ("topology.yml", "name: etl\n"),
        ("enhancer/handler.py", HANDLER),
        ("functions/enhancer/handler.rb", ""),
    ]);
    assert_eq!(findings, ["TC0112 functions/enhancer/handler.rb:1:1 two functions are called `enhancer`"]);
}

#[test]
fn ignored_directories_are_no_functions() {
    let (topology, findings) = run(&[
        ("topology.yml", "name: etl\nnodes: {ignore: ['old*']}\n"),
        (".gitignore", "skipped/\n"),
        ("enhancer/handler.py", HANDLER),
        ("older/handler.py", HANDLER),
        ("skipped/handler.py", HANDLER),
        ("docs/readme.md", ""),
    ]);
    assert_eq!(findings, [""; 0]);
    assert_eq!(topology.unwrap()["functions"].as_object().unwrap().len(), 1);
}

#[test]
fn routes_agree_on_their_gateway_in_any_order() {
    let text = "name: etl\nroutes:\n  /a: {gateway: web, function: enhancer}\n  \
                /b: {gateway: web, function: enhancer, kind: rest, stage: v1}\n";
    let (topology, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, [""; 0]);
    let gateway = &topology.unwrap()["gateways"]["web"];
    assert_eq!((&gateway["kind"], &gateway["stage"]), (&"rest".into(), &"v1".into()));
    let text = "name: etl\nroutes:\n  /a: {gateway: web, function: enhancer, kind: http}\n  \
                /b: {gateway: web, function: enhancer, kind: rest}\n";
    let (_, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, ["TC0111 topology.yml:4:48 the gateway `web` has another `kind` in another route"]);
}

#[test]
fn the_default_route_is_one_of_http_apis_and_of_any_method() {
    let found = |route: &str| {
        let text = format!("name: etl\nroutes:\n  $default: {{function: enhancer{route}}}\n");
        let (topology, findings) = run(&[("topology.yml", &text), ("enhancer/handler.py", HANDLER)]);
        (topology.unwrap()["routes"]["$default"]["path"].clone(), findings)
    };
    assert_eq!(found(""), ("$default".into(), Vec::new()));
    assert_eq!(found(", method: GET").1, ["TC0104 topology.yml:3:42 `$default` takes every method"]);
    assert_eq!(found(", kind: rest").1, ["TC0104 topology.yml:3:3 a REST API has no route `$default`"]);
    let stage = "name: etl\nroutes:\n  /a: {function: enhancer, kind: rest, stage: $default}\n";
    let (_, findings) = run(&[("topology.yml", stage), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, ["TC0104 topology.yml:3:47 a REST API has no stage `$default`"]);
}

#[test]
fn cross_origin_rules_have_defaults() {
    let text = "name: etl\nroutes:\n  /a: {function: enhancer, method: PUT, cors: {}}\n";
    let (topology, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings, [""; 0]);
    let expected = serde_json::json!({
        "methods": ["PUT"], "origins": ["*"], "allowed_headers": ["authorization", "content-type"],
    });
    assert_eq!(topology.unwrap()["routes"]["/a"]["cors"], expected);
    let text = "name: etl\nroutes:\n  /a: {function: enhancer, cors: {origins: [example.com]}}\n";
    let (_, findings) = run(&[("topology.yml", text), ("enhancer/handler.py", HANDLER)]);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn origins_are_those_that_a_gateway_can_compare() {
    let found = |kind: &str, origin: &str| {
        let cors = format!("cors: {{origins: ['{origin}']}}");
        let text = format!("name: etl\nroutes:\n  /a: {{function: enhancer, kind: {kind}, {cors}}}\n");
        run(&[("topology.yml", &text), ("enhancer/handler.py", HANDLER)]).1
    };
    for origin in ["*", "https://a.example:8443", "http://localhost:3000", "http://[::1]:8080"] {
        assert_eq!((found("http", origin), found("rest", origin)), (Vec::new(), Vec::new()), "{origin}");
    }
    assert_eq!(found("http", "https://*"), [""; 0]);
    assert_eq!(
        found("rest", "https://*"),
        ["TC0104 topology.yml:3:46 a REST API does not know the origin `https://*`"]
    );
    assert!(
        found("http", "https://*.example.com")[0].starts_with("TC0104 topology.yml:3:"),
        "no gateway compares parts"
    );
}

#[test]
fn an_image_has_no_runtime_and_brings_its_dependencies() {
    let function = |runtime: &str, build: &str| {
        let json = format!("{{\"runtime\": {{{runtime}}}, \"build\": {{{build}}}}}");
        let files = [("topology.yml", "name: etl\n"), ("m/function.json", &json), ("m/requirements.txt", "requests\n")];
        let (topology, findings) = run(&files);
        let function = &topology.unwrap()["functions"]["m"];
        let keys = ["/package_type", "/build/kind", "/runtime", "/handler", "/layers"];
        (keys.map(|key| function.pointer(key).unwrap().clone()).to_vec(), findings)
    };
    let image = serde_json::json!(["image", "image", null, null, []]);
    assert_eq!(function(r#""package_type": "image""#, "").0, *image.as_array().unwrap());
    assert_eq!(function("", r#""kind": "image""#).0, *image.as_array().unwrap());
    let command = function(r#""package_type": "image", "handler": "app.main", "lang": "python3.12""#, "");
    assert_eq!((&command.0[2..4], command.1), (&[serde_json::Value::Null, "app.main".into()][..], Vec::new()));
    let zip = function(r#""lang": "python3.12""#, "").0;
    assert_eq!(zip[4], serde_json::json!([{"name": "etl-m", "version": null}]));
    assert_eq!(function(r#""lang": "python3.12""#, r#""kind": "inline""#).0[4], serde_json::json!([]));
    for (package_type, kind) in [("image", "layer"), ("image", "inline"), ("zip", "image")] {
        let (_, findings) =
            function(&format!(r#""package_type": "{package_type}", "lang": "go""#), &format!(r#""kind": "{kind}""#));
        let expected = format!("dependencies of the kind `{kind}` do not go with this `package_type`");
        assert!(
            findings[0].starts_with("TC0111 m/function.json:1:") && findings[0].ends_with(&expected),
            "{findings:?}"
        );
    }
    let (_, findings) = function(r#""package_type": "image", "lang": "pythn3.12""#, "");
    assert_eq!(findings, ["TC0501 m/function.json:1:47 the runtime `pythn3.12` is not known"]);
}

#[test]
fn a_layer_is_imported_where_dependencies_are_declared() {
    let layers = |manifest: &str| {
        let (topology, findings) =
            run(&[("topology.yml", "name: etl\n"), ("f/handler.mjs", ""), ("f/package.json", manifest)]);
        assert_eq!(findings, [""; 0]);
        topology.unwrap()["functions"]["f"]["layers"].clone()
    };
    assert_eq!(layers(r#"{"type": "module"}"#), serde_json::json!([]));
    let own = serde_json::json!([{"name": "etl-f", "version": null}]);
    assert_eq!(layers(r#"{"dependencies": {"left-pad": "1.3.0"}}"#), own);
}

#[test]
fn assets_need_their_file_system() {
    let found = |mounts: &str| {
        let json = format!("{{\"assets\": {{\"A\": \"/mnt/assets/a\"}}, \"runtime\": {{{mounts}}}}}");
        run(&[("topology.yml", "name: etl\n"), ("f/handler.py", HANDLER), ("f/function.json", &json)]).1
    };
    assert_eq!((found(""), found("\"mount_fs\": true")), (Vec::new(), Vec::new()));
    assert_eq!(
        found("\"mount_fs\": false"),
        ["TC0111 f/function.json:1:60 `mount_fs: false` leaves the asset `A` without its file system"]
    );
}
