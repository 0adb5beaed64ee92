//! A version is taken once, whoever releases at the same time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use tc_tests::project::Run;
use tc_tests::releases::Releases;
use tc_tests::repository::git;

#[test]
fn a_version_is_taken_once() {
    let etl = Releases::new();
    let clone = etl.cloned("other");
    etl.project.write("notes.md", "ours");
    etl.repository.commit("docs: ours");
    std::fs::write(clone.join("etl/theirs.md"), "theirs").unwrap();
    for arguments in [["add", "--all", "--"], ["commit", "--quiet", "--message=docs: theirs"]] {
        assert!(git(&clone, &arguments).status().unwrap().success());
    }
    assert_eq!(etl.tc("release").well().out, "0.1.0\n");
    let commit = etl.repository.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let said = etl.tc_in(&clone, "release").refused();
    assert!(said.contains(&format!("error[TC1412]: version 0.1.0 of `etl` is taken by the commit {commit}")), "{said}");
    assert!(said.contains("git fetch --tags"), "{said}");
    let tags = git(&clone, &["tag", "--list"]).output().unwrap();
    assert!(tags.stdout.is_empty(), "nothing is half tagged");

    // With `--push` the remote says so before anything is asked of AWS.
    let said = etl.tc_in(&clone, "release --push").refused();
    assert!(said.contains("error[TC1412]"), "{said}");
    assert!(git(&clone, &["pull", "--quiet", "--no-rebase", "--no-edit", "--tags"]).status().unwrap().success());
    assert_eq!(etl.tc_in(&clone, "release --push").well().out, "0.2.0\n");
    assert_eq!(etl.tags(), ["etl-0.1.0", "etl-0.2.0"], "exactly the tag was pushed");
    assert_eq!(etl.repository.git(&["rev-parse", "HEAD"]).trim(), commit);
    etl.tc_in(&clone, "release --push --require-merged main").refused();
}

#[test]
fn two_releases_at_once_are_one() {
    let etl = Releases::new();
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| etl.tc("release"))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(runs.iter().any(|run| run.status == Some(0)), "{runs:?}");
    for run in &runs {
        match run.status {
            Some(0) => assert_eq!(run.out, "0.1.0\n"),
            _ => assert!(run.err.contains("error[TC1112]"), "{run:?}"),
        }
    }
    assert_eq!(etl.tags(), ["etl-0.1.0"]);
    assert_eq!(etl.tc("release").well().out, "0.1.0\n");
    assert_eq!(etl.status(&etl.qa), "CREATE_COMPLETE", "{runs:?}");
    assert_eq!(etl.answer(&etl.qa), "enhanced-data", "{runs:?}");
}

#[test]
fn of_two_commits_released_at_once_one_has_the_version() {
    let etl = Releases::new();
    let clones = ["ann", "bob"].map(|name| {
        let clone = etl.cloned(name);
        std::fs::write(clone.join(format!("etl/{name}.md")), name).unwrap();
        for arguments in [["add", "--all", "--"], ["commit", "--quiet", "--message=docs: ours"]] {
            assert!(git(&clone, &arguments).status().unwrap().success());
        }
        clone
    });
    let etl = &etl;
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let runs: Vec<_> = clones.iter().map(|clone| scope.spawn(|| etl.tc_in(clone, "release --push"))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let (won, lost): (Vec<&Run>, Vec<&Run>) = runs.iter().partition(|run| run.status == Some(0));
    assert_eq!((won.len(), lost.len()), (1, 1), "{runs:?}");
    assert_eq!(won[0].out, "0.1.0\n");
    assert!(lost[0].err.contains("error[TC1412]: version 0.1.0 of `etl` is taken by the commit "), "{runs:?}");
    assert_eq!(etl.tags(), ["etl-0.1.0"]);
}
