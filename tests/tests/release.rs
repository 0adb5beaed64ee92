//! Versions released, deployed, gone back to and verified on the local AWS, as a user types it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::Value;
use tc_tests::releases::Releases;
use tc_tests::sandbox::told;

#[test]
fn versions_are_released_and_gone_back_to() {
    let etl = Releases::new();
    let run = etl.tc("release --service etl").well();
    assert_eq!(run.out, "0.1.0\n", "{run:?}");
    assert_eq!((etl.tags(), etl.answer(&etl.qa)), (vec!["etl-0.1.0".to_owned()], "enhanced-data".to_owned()));
    assert_eq!(told(&run).last().unwrap(), "Released etl 0.1.0 to stable in qa");
    assert!(told(&run).contains(&"Initializing functor: etl@stable.qa/0.1.0".to_owned()), "{run:?}");

    etl.enhance("better-data");
    let run = etl.tc("release --service etl").well();
    assert_eq!(run.out, "0.2.0\n", "{run:?}");
    assert_eq!(etl.answer(&etl.qa), "better-data");
    let message = etl.repository.git(&["tag", "--list", "--format=%(objecttype) %(contents)", "etl-0.2.0"]);
    assert!(message.starts_with("tag etl 0.2.0\n\n## etl 0.1.0..0.2.0\n"), "{message}");
    assert!(message.contains("- enhancer: answer better-data ("), "{message}");
    assert!(etl.object("releases/etl/0.2.0/changelog.md").starts_with("## etl 0.1.0..0.2.0\n"));

    // The way back, and forth.
    let run = etl.tc("deploy --sandbox stable --env qa --service etl --version 0.1.0").well();
    assert_eq!(etl.answer(&etl.qa), "enhanced-data");
    assert!(told(&run).contains(&"Going back from 0.2.0 to 0.1.0".to_owned()), "{run:?}");
    assert!(run.err.contains("what it undoes: etl 0.2.0..0.1.0, 1 commit\n"), "{run:?}");
    assert!(run.err.contains("enhancer: answer better-data (Ann)"), "{run:?}");
    let run = etl.tc("deploy --sandbox stable --env qa --service etl --version 0.2.0").well();
    assert_eq!(etl.answer(&etl.qa), "better-data");
    assert!(told(&run).contains(&"Going from 0.1.0 to 0.2.0".to_owned()), "{run:?}");

    let changelog = etl.tc("diff --changelog --between 0.1.0..0.2.0").well();
    assert!(changelog.out.starts_with("etl 0.1.0..0.2.0, 1 commit\n"), "{changelog:?}");

    // The same bytes in another account, from the bucket that the release went to.
    let run = etl.tc("deploy -s stable -e prod --version 0.1.0").well();
    assert!(told(&run).contains(&"Composing etl 0.1.0 as it was released".to_owned()), "{run:?}");
    assert_eq!((etl.answer(&etl.prod), etl.answer(&etl.qa)), ("enhanced-data".to_owned(), "better-data".to_owned()));
    assert_eq!(etl.keys(&etl.prod, "releases/"), [""; 0]);
    let subjects = etl.manifest("0.1.0")["subject"].clone();
    let names = subjects.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    for zip in names.filter_map(|name| name.strip_prefix("artifacts/")) {
        assert_eq!(etl.keys(&etl.prod, zip), [zip]);
    }

    // Once more is nothing new.
    let (change_sets, keys) = (etl.change_sets(), etl.keys(&etl.qa, ""));
    let run = etl.tc("release --service etl --bump major").well();
    assert_eq!(run.out, "0.2.0\n", "{run:?}");
    assert!(run.err.contains("etl 0.2.0 is in the artifact bucket"), "{run:?}");
    assert!(run.err.contains("Nothing to do"), "{run:?}");
    assert_eq!(etl.tags(), ["etl-0.1.0", "etl-0.2.0"]);
    assert_eq!((etl.change_sets(), etl.keys(&etl.qa, "")), (change_sets, keys));

    // A release that is finished later goes back where there is a newer one, and says so.
    etl.repository.git(&["checkout", "--quiet", "etl-0.1.0"]);
    let run = etl.tc("release").well();
    assert_eq!((run.out.as_str(), etl.answer(&etl.qa).as_str()), ("0.1.0\n", "enhanced-data"));
    assert!(told(&run).contains(&"Going back from 0.2.0 to 0.1.0".to_owned()), "{run:?}");
}

#[test]
fn a_release_says_where_it_comes_from() {
    let etl = Releases::new();
    etl.repository.git(&["remote", "add", "origin", "https://ann:secret@git.example.com/etl.git"]);
    etl.tc("release").well();
    let commit = etl.repository.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let manifest = etl.manifest("0.1.0");
    assert_eq!(manifest["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(manifest["predicateType"], "https://slsa.dev/provenance/v1");
    let definition = &manifest["predicate"]["buildDefinition"];
    assert_eq!(
        definition["externalParameters"],
        serde_json::json!({
            "service": "etl", "directory": "etl", "version": "0.1.0", "sandbox": "stable", "environments": ["qa", "prod"]
        })
    );
    let source = serde_json::json!({
        "uri": "git+https://git.example.com/etl.git@refs/tags/etl-0.1.0", "digest": {"gitCommit": commit}
    });
    assert_eq!(definition["resolvedDependencies"], serde_json::json!([source]));
    assert_eq!(manifest["predicate"]["runDetails"]["builder"]["version"]["tc"], env!("CARGO_PKG_VERSION"));
    assert!(!manifest.to_string().contains("secret"));
    assert_eq!(
        etl.keys(&etl.qa, "releases/"),
        [
            "changelog.md",
            "claim.json",
            "ir.json",
            "manifest.json",
            "manifests/prod.json",
            "manifests/qa.json",
            "templates/prod.json",
            "templates/qa.json"
        ]
        .map(|file| format!("releases/etl/0.1.0/{file}"))
    );
    // The version that is released is the one that the compiler knows.
    let ir: Value = serde_json::from_str(&etl.object("releases/etl/0.1.0/ir.json")).unwrap();
    assert_eq!((&ir["version"], &ir["sandbox"], &ir["env"]), (&"0.1.0".into(), &"stable".into(), &"qa".into()));
}

#[test]
fn a_clean_clone_compiles_to_what_was_released() {
    let etl = Releases::new();
    etl.tc("release").well();
    etl.enhance("better-data");
    let clone = etl.cloned("elsewhere");
    let run = etl.tc_in(&clone, "verify 0.1.0").well();
    assert!(run.out.starts_with("etl 0.1.0 is what the commit "), "{run:?}");
    assert!(run.out.ends_with(" compiles to: 5 digests equal\n"), "{run:?}");

    let manifest = etl.object("releases/etl/0.1.0/manifest.json");
    let sha256 = etl.manifest("0.1.0")["subject"][0]["digest"]["sha256"].as_str().unwrap().to_owned();
    etl.put("releases/etl/0.1.0/manifest.json", &manifest.replace(&sha256, &"0".repeat(64)));
    let said = etl.tc_in(&clone, "verify 0.1.0").refused();
    assert!(
        said.contains("error[TC1415]: etl 0.1.0 compiles to something else than was released: `artifacts/"),
        "{said}"
    );
    etl.repository.tag("etl-0.2.0");
    let said = etl.tc("verify etl-0.2.0").refused();
    assert!(said.contains("error[TC1414]: nothing was released as etl 0.2.0 to qa"), "{said}");
}

#[test]
fn a_version_without_a_release_is_compiled_from_its_commit() {
    let etl = Releases::new();
    etl.repository.tag("etl-0.1.0");
    etl.enhance("better-data");
    // What is not committed is no part of it, and stays as it is.
    etl.project.write("enhancer/handler.py", "not Python (");
    let run = etl.tc("deploy -s stable -e qa --version 0.1.0").well();
    assert!(run.err.contains("Composing etl 0.1.0 from its commit, since it was not released for this"), "{run:?}");
    assert_eq!(etl.answer(&etl.qa), "enhanced-data");
    assert!(etl.repository.git(&["status", "--porcelain"]).contains(" M etl/enhancer/handler.py"));

    let said = etl.tc("deploy -s stable -e qa --version 0.3.0").refused();
    assert!(said.contains("error[TC1403]") && said.contains("the nearest are 0.1.0"), "{said}");
    let run = etl.tc("deploy");
    assert_eq!(run.status, Some(2));
    assert!(run.err.contains("<--plan <FILE>|--version <X.Y.Z>>"), "{run:?}");
    assert_eq!(etl.tc("deploy --version 0.1.0").status, Some(2));
}
