//! Topologies in directories below a topology, compiled alone and with `--recursive`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::fs;
use tc_tests::compose::{FILES, STRIPE, tree};
use tc_tests::project::Project;

/// The files of all outputs below a directory, by their paths.
fn outputs(project: &Project, directory: &str) -> Vec<String> {
    let tree = tc_tests::tree::read(&project.root().join(directory)).unwrap();
    let mut templates: Vec<String> = tree.into_keys().filter(|path| path.ends_with("template.yaml")).collect();
    templates.sort();
    templates
}

#[test]
fn a_tree_is_compiled_in_its_order() {
    let project = Project::new(FILES);
    let run = project.tc(&["compile", "--recursive", "-s", "bob", "-e", "dev"]).well();
    let heads: Vec<&str> = run.err.lines().filter(|line| line.contains('@')).collect();
    assert_eq!(heads, ["stripe@bob.dev/0.0.1", "payment@bob.dev/0.0.1", "order@bob.dev/0.0.1"], "{run:?}");
    let written = ["", "payment/", "payment/stripe/"].map(|below| format!("{below}.tc"));
    assert!(written.iter().all(|path| project.root().join(path).is_dir()), "{run:?}");
    // Each alone is the same.
    let whole = outputs(&project, ".");
    let texts = || whole.iter().map(|path| fs::read(project.root().join(path)).unwrap()).collect::<Vec<_>>();
    let before = texts();
    for directory in [".", "payment", "payment/stripe"] {
        let run = project.tc(&["compile", directory, "-s", "bob", "-e", "dev", "--check"]).well();
        assert!(run.err.contains("checked"), "{run:?}");
    }
    project.tc(&["compile", "payment", "--recursive", "-s", "bob", "-e", "dev"]).well();
    assert_eq!(before, texts());
}

#[test]
fn an_output_is_named_by_the_namespace() {
    let project = Project::new(FILES);
    project.tc(&["compile", "--recursive", "-o", "out", "-s", "bob", "-e", "dev"]).well();
    assert_eq!(outputs(&project, "out"), ["order/template.yaml", "payment/template.yaml", "stripe/template.yaml"]);
    let check = ["compile", "--recursive", "-o", "out", "-s", "bob", "-e", "dev", "--check"];
    project.tc(&check).well();
    project.write("payment/stripe/topology.yml", &STRIPE.replace("Pass", "Succeed").replace(", End: true", ""));
    let refused = project.tc(&check).refused();
    assert!(refused.contains("error[TC0805]: `out/stripe` is not what the sources compile to"), "{refused}");
    assert!(refused.contains("`tc compile -s bob -e dev -o out --recursive`"), "{refused}");
}

#[test]
fn all_of_it_is_written_or_nothing() {
    let project = Project::new(FILES);
    project.write("payment/stripe/topology.yml", &STRIPE.replace("StartAt: book", "StartAt: cook"));
    project.write("check/handler.py", "def handle(event, context):\n    return event\n");
    let refused = project.tc(&["compile", "--recursive", "-s", "bob", "-e", "dev"]).refused();
    assert!(refused.contains("--> payment/stripe/topology.yml:3:12"), "{refused}");
    assert!(refused.contains("--> check/handler.py"), "{refused}");
    assert!(refused.contains("2 errors: nothing was emitted"), "{refused}");
    assert!(!project.root().join(".tc").exists() && !project.root().join("payment/.tc").exists());
    // For tools, in the same order, and the same in each run.
    let json = || project.tc(&["compile", "--recursive", "-s", "bob", "--message-format", "json"]).out;
    let places: Vec<String> = json()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(places, ["check/handler.py", "payment/stripe/topology.yml"]);
    assert_eq!(json(), json());
    let sarif = project.tc(&["compile", "--recursive", "-s", "bob", "--message-format", "sarif"]);
    assert_eq!(sarif.data()["runs"][0]["results"].as_array().unwrap().len(), 2);
}

#[test]
fn findings_are_weighed_in_all_of_them() {
    let project = Project::new(FILES);
    let old = "mode: Standard\nflow:\n  StartAt: book\n  States:\n    book: {Type: Pass, Next: pay}\n    \
               pay: {Type: Pass, InputPath: $.a.b, Parameters: {x: $.y}, End: true}\n";
    project.write("payment/stripe/topology.yml", &format!("name: stripe\n{old}"));
    let command = ["compile", "--recursive", "-s", "bob", "-e", "dev"];
    let run = project.tc(&command).well();
    assert!(run.err.contains("warning[TC0227]"), "{run:?}");
    let denied = project.tc(&[&command[..], &["-D", "warnings"]].concat()).refused();
    assert!(denied.contains("error[TC0227]"), "{denied}");
    let allowed = project.tc(&[&command[..], &["-D", "warnings", "-A", "TC0227"]].concat()).well();
    assert!(!allowed.err.contains("TC0227"), "{allowed:?}");
}

#[test]
fn the_graph_is_one() {
    let project = Project::new(FILES);
    let run = project.tc(&["compile", "--recursive", "--emit", "graph", "-s", "bob"]).well();
    for line in [
        "  subgraph topology_stripe [\"stripe\"]",
        "  topology_order__flow_order -->|runs| topology_payment__flow_payment",
        "  topology_payment__flow_payment -->|runs| topology_stripe__flow_stripe",
    ] {
        assert!(run.out.lines().any(|one| one == line), "{line}\n{}", run.out);
    }
    assert_eq!(run.out.matches("[[\"flow ").count(), 3, "what another has is shown there alone: {}", run.out);
    let refused = project.tc(&["compile", "--recursive", "--emit", "template"]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
}

#[test]
fn circles_and_names_that_are_taken_are_found_once() {
    let project = Project::new(FILES);
    project.write(
        "payment/stripe/topology.yml",
        &format!("{STRIPE}schedules: {{again: {{rate: 1 day, state: order}}}}\n"),
    );
    let refused = project.tc(&["compile", "--recursive", "-s", "bob"]).refused();
    let message = "topologies start each other: `order` -> `payment` -> `stripe` -> `order`";
    assert_eq!(refused.matches(message).count(), 1, "{refused}");
    // Alone it is found as well.
    let refused = project.tc(&["compile", "payment/stripe", "-s", "bob"]).refused();
    assert!(refused.contains(message), "{refused}");

    let project = Project::new(FILES);
    project.write("refund/topology.yml", STRIPE);
    let refused = project.tc(&["compile", "--recursive", "-s", "bob"]).refused();
    assert_eq!(refused.matches("two topologies are called `stripe`").count(), 1, "{refused}");
    assert!(
        refused.contains("payment/stripe/topology.yml:1:7") && refused.contains("refund/topology.yml:1:7"),
        "{refused}"
    );
    project.write("topology.yml", &format!("{}nodes: {{ignore: [refund]}}\n", tree("topology.yml")));
    project.tc(&["compile", "--recursive", "-s", "bob"]).well();
}

#[test]
fn a_directory_without_a_topology_says_so() {
    let project = Project::new(&[("payment/topology.yml", STRIPE)]);
    fs::remove_file(project.root().join("topology.yml")).unwrap();
    let refused = project.tc(&["compile", "--recursive", "-s", "bob"]).refused();
    assert!(refused.contains("no `topology.yml` in this directory"), "{refused}");
    assert!(refused.contains("there is `payment/topology.yml`: name its directory"), "{refused}");
}

#[test]
fn what_is_of_one_topology_is_not_asked_of_a_tree() {
    let project = Project::new(FILES);
    for command in [
        "update --recursive -c flow -s bob -e dev",
        "delete --recursive --keep Flow -s bob -e dev",
        "diff --recursive -c flow -s bob -e dev",
        "compile --recursive --emit manifest -s bob -e dev",
    ] {
        let run = project.tc(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(run.status, Some(2), "{command}: {run:?}");
    }
}

#[test]
fn a_tree_needs_neither_git_nor_settings() {
    let project = Project::new(FILES);
    let directory = project.root().join("..");
    // Whichever of the two a project here is marked by.
    let _ = (fs::remove_file(directory.join("tc.yml")), fs::remove_dir_all(directory.join(".git")));
    assert!(!directory.join("tc.yml").exists() && !directory.join(".git").exists());
    project
        .write("functions/refund/topology.yml", &tree("payment/topology.yml").replace("name: payment", "name: refund"));
    project.write("functions/refund/charge/handler.py", tree("check/handler.py"));
    project.tc(&["compile", "--recursive", "-s", "bob"]).well();
    project.tc(&["compile", "functions/refund", "-s", "bob"]).well();
}
