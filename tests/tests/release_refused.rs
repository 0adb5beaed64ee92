//! What may not be released is not, and what was changed after its release is not deployed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use tc_tests::releases::Releases;
use tc_tests::repository::git;
use tc_tests::sandbox::Sandbox;

#[test]
fn what_was_changed_after_its_release_is_not_deployed() {
    let etl = Releases::new();
    etl.tc("release").well();
    etl.enhance("better-data");
    etl.tc("release").well();
    let change_sets = etl.change_sets();
    let refused = |what: &str| {
        let said = etl.tc("deploy -s stable -e qa --version 0.1.0").refused();
        assert!(said.contains("error[TC1413]: `s3://") && said.contains(what), "{said}");
        assert_eq!((etl.change_sets(), etl.answer(&etl.qa)), (change_sets, "better-data".to_owned()));
    };
    let subjects = etl.manifest("0.1.0")["subject"].clone();
    let zip = subjects[0]["name"].as_str().unwrap().strip_prefix("artifacts/").unwrap().to_owned();
    let template = "releases/etl/0.1.0/templates/qa.json";
    let whole = etl.object(template);
    etl.put(template, &whole.replace("python3.13", "python3.12"));
    refused(&format!("{template}` is not what was released as etl 0.1.0: it has another SHA-256"));
    etl.put(template, &whole);
    etl.put(&zip, "something else");
    refused(&format!("{zip}` is not what was released as etl 0.1.0: it has another SHA-256"));
    etl.put("releases/etl/0.1.0/manifest.json", &etl.object("releases/etl/0.2.0/manifest.json"));
    refused("manifest.json` is not what was released as etl 0.1.0: it is of etl 0.2.0");
}

#[test]
fn what_may_not_be_released_is_not() {
    let said = Sandbox::new(&[]).project.tc(&["release"]).refused();
    assert!(said.contains("error[TC1401]"), "{said}");
    let etl = Releases::new();
    // Tags that are none of its versions.
    for tag in ["etl-1.0.0-rc1", "etl-v2", "etl-1.2", "other-3.0.0"] {
        etl.repository.tag(tag);
    }
    let nothing = |etl: &Releases| {
        assert_eq!(
            (etl.tags().len(), etl.keys(&etl.qa, "releases/").len(), etl.status(&etl.qa)),
            (4, 0, String::new())
        );
    };
    let run = etl.tc("release --dry-run").well();
    assert_eq!(run.out, "0.1.0\n");
    assert!(
        run.err.contains("etl 0.1.0 would be released:\n  upload  3 artifacts and templates for qa, prod\n"),
        "{run:?}"
    );
    assert!(run.err.contains("  tag     etl-0.1.0\n  deploy  to stable in qa\n"), "{run:?}");
    nothing(&etl);

    etl.project.write("enhancer/more.py", "");
    etl.project.write("../elsewhere/notes.txt", "no part of it");
    let said = etl.tc("release").refused();
    assert!(
        said.contains("error[TC1410]: `etl` has changes that are not committed: `etl/enhancer/more.py`\n"),
        "{said}"
    );
    std::fs::remove_file(etl.project.root().join("enhancer/more.py")).unwrap();
    let said = etl.tc("release --require-pushed").refused();
    assert!(said.contains("error[TC1411]: no branch of a remote has the commit"), "{said}");
    let said = etl.tc("release --require-merged stable").refused();
    assert!(said.contains("error[TC1411]: there is no branch `stable`"), "{said}");
    etl.repository.git(&["branch", "stable"]);
    etl.tc("release --require-merged stable --dry-run").well();
    etl.enhance("better-data");
    let said = etl.tc("release --require-merged stable").refused();
    assert!(said.contains("is no part of `stable`"), "{said}");
    let said = etl.tc("release --push").refused();
    assert!(said.contains("error[TC1404]: there is no remote `origin`"), "{said}");
    etl.repository.git(&["config", "--unset", "user.email"]);
    etl.repository.git(&["config", "user.useConfigOnly", "true"]);
    let said = etl.tc("release").refused();
    assert!(said.contains("error[TC1404]: git does not know who makes the tag"), "{said}");
    nothing(&etl);

    let shallow = etl.cloned("whole").with_file_name("shallow");
    let origin = format!("file://{}", etl.project.root().join("..").display());
    let cloned = git(shallow.parent().unwrap(), &["clone", "--quiet", "--depth=1", &origin, "shallow"]).status();
    assert!(cloned.unwrap().success());
    let said = etl.tc_in(&shallow, "release").refused();
    assert!(said.contains("error[TC1402]: no release can be made"), "{said}");
}
