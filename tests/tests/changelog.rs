//! `tc diff --changelog` and `tc diff --between`: what changed between two versions of a topology.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use std::process::Command;
use tc_tests::project::Project;
use tc_tests::repository::Repository;

const HANDLER: &str = "def handler(event, context):\n    return {}\n";
const FIRST: &str = "name: etl\nroutes:\n  /etl: {function: enhancer, method: POST}\n";
const SECOND: &str =
    "name: etl\nroutes:\n  /etl: {function: enhancer, method: POST}\nqueues:\n  jobs: {consumer: enhancer}\n";

/// A topology `etl` with the versions 0.1.0 and 0.2.0, beside one of another name.
fn project() -> (Project, Repository) {
    let project = Project::new(&[
        ("topology.yml", FIRST),
        ("enhancer/handler.py", HANDLER),
        ("enhancer/function.json", "{\"runtime\": {\"timeout\": 10}}"),
        ("../other/topology.yml", "name: other\nroutes:\n  /o: {function: enhancer}\n"),
        ("../other/enhancer/handler.py", HANDLER),
    ]);
    let repository = Repository::new(&project);
    repository.commit("feat: begin");
    repository.tag("etl-0.1.0");
    project.write("enhancer/function.json", "{\"runtime\": {\"timeout\": 20}}");
    repository.commit("fix(enhancer): wait longer");
    project.write("../other/enhancer/handler.py", "def handler(event, context):\n    return {\"other\": True}\n");
    repository.commit("feat: nothing of etl");
    project.write("topology.yml", SECOND);
    repository.commit("feat!: take jobs from a queue");
    repository.tag("etl-0.2.0");
    // Tags of another topology, and of another form.
    repository.tag("other-9.0.0");
    repository.tag("etl-1.0.0-rc1");
    (project, repository)
}

#[test]
fn a_changelog_tells_entities_and_commits() {
    let (project, _) = project();
    let run = project.tc(&["diff", "--changelog"]).well();
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "etl 0.1.0..0.2.0, 2 commits");
    assert_eq!(lines[2..5], ["  + queues/jobs", "  ~ functions/enhancer", "      timeout: 10 -> 20"], "{}", run.out);
    let rest: Vec<&str> = lines[5..].iter().map(|line| line.split_once(' ').map_or(*line, |_| line.trim())).collect();
    assert!(rest.contains(&"Breaking changes") && rest.contains(&"Fixes"), "{}", run.out);
    assert!(run.out.contains("2026-11-23 take jobs from a queue (Ann)"), "{}", run.out);
    assert!(run.out.contains("2026-11-23 enhancer: wait longer (Ann)"), "{}", run.out);
    assert!(!run.out.contains("nothing of etl"), "{}", run.out);

    let markdown = project.tc(&["diff", "--changelog", "--between", "0.1.0..0.2.0", "--format", "markdown"]).well();
    assert!(
        markdown.out.starts_with("## etl 0.1.0..0.2.0\n\n| | entity | what |\n|---|---|---|\n"),
        "{}",
        markdown.out
    );
    assert!(markdown.out.contains("| changed | `functions/enhancer` | timeout: 10 -> 20 |\n"), "{}", markdown.out);
    assert!(markdown.out.contains("\n### Breaking changes\n\n- take jobs from a queue ("), "{}", markdown.out);

    let json = project.tc(&["diff", "--changelog", "--format", "json", "--exit-code"]);
    assert_eq!(json.status, Some(1), "{json:?}");
    let changelog: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&changelog["from"], &changelog["to"]), (&"0.1.0".into(), &"0.2.0".into()));
    assert_eq!(
        changelog["entities"][0],
        serde_json::json!({"action": "add", "entity": "queues/jobs", "properties": []})
    );
    assert_eq!(changelog["groups"][1]["commits"][0]["scope"], "enhancer");
}

#[test]
fn what_is_not_released_is_told_since_the_last_version() {
    let (project, repository) = project();
    project.write("loader/handler.py", HANDLER);
    repository.commit("Load");
    project.write("topology.yml", &SECOND.replace("jobs", "tasks"));
    let run = project.tc(&["diff", "--changelog"]).well();
    assert!(run.out.starts_with("etl 0.2.0..unreleased, 1 commit\n"), "{}", run.out);
    for entity in ["- queues/jobs", "+ queues/tasks", "+ functions/loader"] {
        assert!(run.out.contains(&format!("\n  {entity}\n")), "{}", run.out);
    }
    assert!(run.out.contains("\nChanges\n"), "{}", run.out);
    // Between versions in either direction, and without commits.
    let run = project.tc(&["diff", "--between", "0.2.0..0.1.0"]).well();
    assert!(run.out.contains("\n  - queues/jobs\n") && !run.out.contains("Fixes"), "{}", run.out);
    // From elsewhere in the repository.
    let elsewhere = project.root().join("../other");
    let mut command = project.command(&["diff", "--changelog", "--service", "etl", "--between", "etl-0.1.0..0.2.0"]);
    let output = command.current_dir(elsewhere).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("etl 0.1.0..0.2.0, 2 commits\n"), "{output:?}");
}

#[test]
fn files_elsewhere_belong_to_their_topology() {
    let (project, repository) = project();
    project.write("../infrastructure/tc/etl/vars/enhancer.json", "{\"timeout\": 25}\n");
    repository.commit("fix: wait even longer");
    project.write("../infrastructure/tc/other/vars/enhancer.json", "{\"timeout\": 5}\n");
    repository.commit("fix: other waits less");
    let run = project.tc(&["diff", "--changelog"]).well();
    assert!(run.out.contains("wait even longer") && !run.out.contains("other waits less"), "{}", run.out);
    assert!(run.out.contains("timeout: 20 -> 25"), "{}", run.out);
}

#[test]
fn a_first_version_has_all_commits() {
    let (project, repository) = project();
    repository.git(&["checkout", "--quiet", "etl-0.1.0"]);
    let run = project.tc(&["diff", "--changelog"]).well();
    assert!(run.out.starts_with("etl 0.1.0, 1 commit\n\nFeatures\n"), "{}", run.out);
}

#[test]
fn what_cannot_be_told_says_why() {
    let (project, repository) = project();
    let said = project.tc(&["diff", "--between", "0.3.0..0.2.0"]).refused();
    assert!(said.contains("error[TC1403]: there is no version `0.3.0` of `etl`"), "{said}");
    assert!(said.contains("the nearest are 0.2.0, 0.1.0"), "{said}");
    let said = project.tc(&["diff", "--between", "first.."]).refused();
    assert!(said.contains("versions are written `X.Y.Z`; there are 0.2.0, 0.1.0"), "{said}");
    let said = project.tc(&["diff", "--changelog", "--service", "elt"]).refused();
    assert!(
        said.contains("error[TC1405]: no topology is called `elt`") && said.contains("did you mean `etl`?"),
        "{said}"
    );

    project.write("../copy/topology.yml", "name: etl\n");
    let said = project.tc(&["diff", "--changelog", "--service", "etl"]).refused();
    assert!(said.contains("error[TC1406]: several topologies are called `etl`: `copy`, `etl`"), "{said}");
    std::fs::remove_dir_all(project.root().join("../copy")).unwrap();

    // An option that is no tag's name.
    let said = project.tc(&["diff", "--between=--upload-pack=x.."]).refused();
    assert!(said.contains("error[TC1403]"), "{said}");

    // A version in which the topology has an error by what is checked today.
    project.write("topology.yml", "name: etl\nroutes: 7\n");
    repository.commit("break");
    repository.tag("etl-0.3.0");
    let said = project.tc(&["diff", "--between", "0.2.0..0.3.0"]).refused();
    assert!(said.contains("error[TC1407]: the topology of version 0.3.0 cannot be read"), "{said}");
}

#[test]
fn a_clone_that_is_cut_off_is_told() {
    let (project, _) = project();
    let origin = format!("file://{}", project.root().join("..").display());
    let shallow = project.root().join("../../shallow");
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--depth", "1", "--no-tags", &origin]).arg(&shallow);
    assert!(clone.output().unwrap().status.success());
    let output = project.command(&["diff", "--changelog"]).current_dir(shallow.join("etl")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[TC1402]") && said.contains("git fetch --unshallow --tags"), "{said}");
    let output = project.command(&["diff", "--between", "0.1.0.."]).current_dir(shallow.join("etl")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("error[TC1402]"), "{output:?}");

    // Without a repository, and without git.
    let plain = Project::new(&[("topology.yml", FIRST)]);
    let said = plain.tc(&["diff", "--changelog"]).refused();
    assert!(said.contains("error[TC1401]: `.` lies in no git repository"), "{said}");
    let said = plain.with_path("/nowhere").tc(&["diff", "--changelog"]).refused();
    assert!(said.contains("error[TC1404]: versions are git tags, and there is no `git` on the PATH"), "{said}");
}
