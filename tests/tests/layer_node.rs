//! Node packages are installed for Lambda, from a registry on this machine, and loaded by Node.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use serde_json::json;
use std::process::Command;
use tc_package::layer::install::Node;
use tc_tests::layer::{Fixture, Outcome};
use tc_tests::npm_registry::Registry;

const HANDLER: (&str, &str) = ("fn/handler.js", "exports.handler = () => 1\n");

/// What Node prints of an expression with the layer where Lambda puts it.
fn node(outcome: &Outcome, expression: &str) -> String {
    let layer = outcome.tree.path().join("nodejs");
    let paths = std::env::join_paths([layer.join("node22/node_modules"), layer.join("node_modules")]).unwrap();
    let output =
        Command::new("node").args(["-p", expression]).env("NODE_PATH", paths).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn greeter() -> Registry {
    Registry::new(&[
        (
            json!({"name": "greet", "version": "1.2.0", "main": "index.js", "bin": {"greet": "index.js"},
                   "dependencies": {"@s/words": "^1.0.0"}, "engines": {"node": ">=18"}}),
            &[("index.js", "module.exports = () => require('@s/words').hello\n")],
        ),
        (json!({"name": "@s/words", "version": "1.0.1"}), &[("index.js", "exports.hello = 'hello'\n")]),
        (json!({"name": "@s/words", "version": "2.0.0"}), &[("index.js", "exports.hello = 'hi'\n")]),
        (json!({"name": "tool", "version": "1.0.0"}), &[("index.js", "")]),
        (
            json!({"name": "native", "version": "3.0.0", "engines": {"node": ">=30"},
                   "scripts": {"install": "node-gyp rebuild"}}),
            &[("binding.gyp", "{}"), ("index.js", "exports.x = 1\n")],
        ),
        (
            json!({"name": "chatty", "version": "1.0.0", "scripts": {"install": "node hello.js"}}),
            &[("hello.js", "require('fs').writeFileSync('ran', '')\n")],
        ),
        (json!({"name": "mac", "version": "1.0.0", "os": ["darwin"]}), &[("index.js", "")]),
        (json!({"name": "host", "version": "1.0.0", "peerDependencies": {"@s/words": "^1.0.0"}}), &[("index.js", "")]),
    ])
}

/// The lock that npm writes for the function.
fn lock(registry: &Registry, package: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("package.json"), package).unwrap();
    std::fs::write(place.path().join(".npmrc"), registry.npmrc()).unwrap();
    let output = Command::new("npm")
        .args(["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(place.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(place.path().join("package-lock.json")).unwrap()
}

#[test]
fn locked_packages_are_installed_alike_twice_and_load() {
    let registry = greeter();
    let package = r#"{"name": "fn", "dependencies": {"greet": "^1.0.0"}, "devDependencies": {"tool": "1.0.0"}}"#;
    let lock = lock(&registry, package);
    let npmrc = registry.npmrc();
    let files = [HANDLER, ("fn/package.json", package), ("fn/package-lock.json", &lock), ("fn/.npmrc", &npmrc)];
    let outcomes = [(); 2].map(|()| Fixture::new(&files).install(&Node, "fn"));
    assert_eq!(outcomes[0].findings, [""; 0]);
    assert_eq!(outcomes[0].distributions(), ["@s/words 1.0.1", "greet 1.2.0"]);
    assert_eq!(outcomes[0].files(), outcomes[1].files());
    let names: Vec<_> = outcomes[0].files().into_keys().collect();
    let wanted = ["@s/words/index.js", "@s/words/package.json", "greet/index.js", "greet/package.json"];
    assert_eq!(names, wanted.map(|name| format!("nodejs/node_modules/{name}")));
    let listed = outcomes[0].installed.as_ref().unwrap().distributions.iter().flat_map(|one| one.files.clone());
    assert_eq!(listed.collect::<Vec<_>>(), names);
    assert_eq!(node(&outcomes[0], "require('greet')()"), "hello");
}

#[test]
fn without_a_lock_it_is_resolved_and_said() {
    let registry = greeter();
    let files =
        [HANDLER, ("fn/package.json", r#"{"dependencies": {"greet": "1.2.0"}}"#), ("fn/.npmrc", &registry.npmrc())];
    let outcome = Fixture::new(&files).install(&Node, "fn");
    assert_eq!(outcome.distributions(), ["@s/words 1.0.1", "greet 1.2.0"]);
    assert_eq!(
        outcome.findings,
        ["TC0930 warning the dependencies of function `fn` are not locked @ fn/package.json:1; \
          another build may install other versions; lock them and commit the lock: `npm install --package-lock-only`"]
    );
}

#[test]
fn install_scripts_are_not_run_and_other_nodes_are_said() {
    let registry = greeter();
    let package = "{\"dependencies\": {\n\"native\": \"3.0.0\",\n\"chatty\": \"1.0.0\"}}";
    let lock = lock(&registry, package);
    let files =
        [HANDLER, ("fn/package.json", package), ("fn/package-lock.json", &lock), ("fn/.npmrc", &registry.npmrc())];
    let outcome = Fixture::new(&files).install(&Node, "fn");
    assert!(!outcome.files().contains_key("nodejs/node_modules/chatty/ran"));
    let starts: Vec<_> = outcome.findings.iter().map(|finding| finding.split(';').next().unwrap()).collect();
    assert_eq!(
        starts,
        [
            "TC0933 warning `native` 3.0.0 would compile code when installed, and was not let to @ fn/package.json:2",
            "TC0933 note `chatty` 1.0.0 has an install script, which was not run @ fn/package.json:3",
            "TC0934 warning `native` 3.0.0 is not made for `nodejs22.x` @ fn/package.json:2",
        ]
    );
}

#[test]
fn linked_directories_are_copied_with_what_they_need() {
    let registry = greeter();
    let shared = r#"{"name": "shared", "version": "0.1.0", "main": "index.js", "files": ["index.js"],
                     "dependencies": {"@s/words": "2.0.0", "deep": "file:../deep"}}"#;
    let shared_lock = {
        let own = r#"{"name": "shared", "version": "0.1.0", "dependencies": {"@s/words": "2.0.0"}}"#;
        lock(&registry, own)
    };
    // The lock says what npm would have written with the directory beside it.
    let shared_lock = shared_lock
        .replace(r#""@s/words": "2.0.0""#, r#""@s/words": "2.0.0", "deep": "file:../deep""#)
        .replace(
            r#""node_modules/@s/words""#,
            r#""../deep": {"version": "1.0.0"}, "node_modules/deep": {"resolved": "../deep", "link": true}, "node_modules/@s/words""#,
        );
    let npmrc = registry.npmrc();
    let files = [
        HANDLER,
        ("fn/package.json", r#"{"dependencies": {"greet": "1.2.0", "shared": "file:../../libs/shared"}}"#),
        ("fn/.npmrc", &npmrc),
        ("../libs/shared/package.json", shared),
        ("../libs/shared/package-lock.json", &shared_lock),
        ("../libs/shared/.npmrc", &npmrc),
        ("../libs/shared/index.js", "exports.all = [require('@s/words').hello, require('deep')]\n"),
        ("../libs/shared/notes.txt", "not published"),
        ("../libs/shared/node_modules/@s/words/index.js", "exports.hello = 'of this machine'"),
        ("../libs/deep/package.json", r#"{"version": "1.0.0"}"#),
        ("../libs/deep/index.js", "module.exports = 'deep'\n"),
    ];
    let fixture = Fixture::new(&files);
    let outcome = fixture.install(&Node, "fn");
    assert_eq!(
        outcome.distributions(),
        ["@s/words 1.0.1", "@s/words 2.0.0", "deep 1.0.0", "greet 1.2.0", "shared 0.1.0"]
    );
    assert_eq!(node(&outcome, "require('shared').all.concat(require('greet')()).join()"), "hi,deep,hello");
    assert!(!outcome.files().keys().any(|name| name.contains("notes.txt") || name.contains(".npmrc")));
    assert_eq!(outcome.findings.len(), 1, "{:#?}", outcome.findings);

    let before = fixture.inputs(&Node, "fn");
    assert!(before.contains_key("local libs/shared") && before.contains_key("local libs/deep"), "{before:?}");
    std::fs::write(fixture.root().join("../libs/deep/index.js"), "module.exports = 'changed'\n").unwrap();
    assert_ne!(before, fixture.inputs(&Node, "fn"));
}

#[test]
fn a_function_of_a_workspace_is_installed_from_the_workspaces_lock() {
    let registry = greeter();
    let place = tempfile::tempdir().unwrap();
    let root = r#"{"name": "all", "workspaces": ["topology/*", "libs/*"]}"#;
    let function = r#"{"name": "fn", "version": "1.0.0", "dependencies": {"@s/words": "2.0.0", "lib": "*"}}"#;
    let lib = r#"{"name": "lib", "version": "1.0.0", "dependencies": {"greet": "1.2.0"}}"#;
    for (name, text) in [
        ("package.json", root),
        (".npmrc", &registry.npmrc()),
        ("topology/fn/package.json", function),
        ("libs/lib/package.json", lib),
    ] {
        let path = place.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]);
    assert!(npm.current_dir(place.path()).status().unwrap().success());
    let lock = std::fs::read_to_string(place.path().join("package-lock.json")).unwrap();
    let files = [
        HANDLER,
        ("fn/package.json", function),
        ("../package.json", root),
        ("../package-lock.json", &lock),
        ("../.npmrc", &registry.npmrc()),
        ("../.git/HEAD", ""),
        ("../libs/lib/package.json", lib),
        ("../libs/lib/index.js", "module.exports = require('greet')()\n"),
    ];
    let outcome = Fixture::new(&files).install(&Node, "fn");
    assert_eq!(outcome.findings, [""; 0]);
    assert_eq!(outcome.distributions(), ["@s/words 1.0.1", "@s/words 2.0.0", "greet 1.2.0", "lib 1.0.0"]);
    assert_eq!(node(&outcome, "require('@s/words').hello + require('lib')"), "hihello");
}

#[test]
fn nothing_to_install_needs_no_npm() {
    let files = [HANDLER, ("fn/package.json", r#"{"type": "module"}"#)];
    let fixture = Fixture::new(&files).with_path("/nonexistent");
    let outcome = fixture.install(&Node, "fn");
    assert!(outcome.findings.is_empty() && outcome.files().is_empty() && outcome.distributions().is_empty());
    assert_eq!(fixture.inputs(&Node, "fn").len(), 1);
}

/// The first findings of a package.json that cannot be installed, with more files.
fn refused(package: &str, more: &[(&str, &str)]) -> Vec<String> {
    let mut files = vec![HANDLER, ("fn/package.json", package)];
    files.extend(more);
    let outcome = Fixture::new(&files).install(&Node, "fn");
    assert!(outcome.installed.is_none(), "it was installed: {:?}", outcome.distributions());
    outcome.findings
}

#[test]
fn what_npm_refuses_is_said_at_its_place() {
    let registry = greeter();
    let npmrc = registry.npmrc();
    let npmrc = [("fn/.npmrc", npmrc.as_str())];
    let first = |package: &str, more: &[(&str, &str)]| {
        let more: Vec<_> = npmrc.iter().chain(more).copied().collect();
        let findings = refused(package, &more);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings[0].clone()
    };
    assert_eq!(
        first("{\"dependencies\": {\n\"nothing\": \"1\"}}", &[]),
        "TC0906 error no package `nothing` in the registry, or no right to see it @ fn/package.json:2; \
         for a private registry, name it in `.npmrc` and log in: `@SCOPE:registry=https://...`"
    );
    assert_eq!(
        first("{\"dependencies\": {\n\"greet\": \"^9.0.0\"}}", &[]),
        "TC0906 error no version of the registry fits `greet@^9.0.0` @ fn/package.json:2; \
         `npm view greet versions` lists what there is"
    );
    assert_eq!(
        first("{\"dependencies\": {\n\"mac\": \"1.0.0\"}}", &[]),
        "TC0936 error `mac@1.0.0` is not made for Linux on x86_64 @ fn/package.json:2; it wants {\"os\":\"darwin\"}; \
         take a package that has it, or list it under `optionalDependencies` if the code does without"
    );
    let conflict = first("{\"dependencies\": {\n\"@s/words\": \"2.0.0\",\n\"host\": \"1.0.0\"}}", &[]);
    assert!(
        conflict.starts_with("TC0907 error `host@1.0.0` wants @s/words@^1.0.0 beside it @ fn/package.json:3; > Found:"),
        "{conflict}"
    );
    let old = lock(&registry, r#"{"dependencies": {"greet": "1.2.0"}}"#);
    let stale =
        first("{\"dependencies\": {\"greet\": \"1.2.0\",\n\"tool\": \"1.0.0\"}}", &[("fn/package-lock.json", &old)]);
    assert!(
        stale.starts_with(
            "TC0908 error `package-lock.json` was made for another list of dependencies @ fn/package.json:2; > Missing: tool@1.0.0"
        ),
        "{stale}"
    );
    let digest = old.split("sha512-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let forged = old.replace(&digest, &format!("{}==", "A".repeat(86)));
    let wrong = first(r#"{"dependencies": {"greet": "1.2.0"}}"#, &[("fn/package-lock.json", &forged)]);
    assert!(
        wrong.starts_with("TC0909 error a package that npm fetched is not what `package-lock.json` says @"),
        "{wrong}"
    );
    assert!(wrong.contains(&digest), "{wrong}");
}

#[test]
fn what_is_wrong_before_npm_runs_is_said_at_its_place() {
    assert_eq!(
        refused("{\n \"dependencies\": {},\n}", &[]),
        ["TC0905 error package.json cannot be read: trailing comma @ fn/package.json:3"]
    );
    assert_eq!(
        refused("{\"dependencies\": {\n\"a\": \"file:../none\",\n\"b\": \"file:/abs\"}}", &[]),
        [
            "TC0932 error `a` is to come from `file:../none`, where nothing is @ fn/package.json:2",
            "TC0932 error `b` is named by a path of this machine alone @ fn/package.json:3; \
             write it relative to package.json: `file:../NAME`",
        ]
    );
    let foreign = refused(r#"{"dependencies": {"ms": "2"}}"#, &[("fn/pnpm-lock.yaml", "")]);
    assert!(foreign[0].starts_with("TC0931 error the dependencies of function `fn` are locked by pnpm"), "{foreign:?}");
    let files = [HANDLER, ("fn/package.json", r#"{"dependencies": {"ms": "2"}}"#)];
    let absent = Fixture::new(&files).with_path("/nonexistent").install(&Node, "fn");
    assert_eq!(
        absent.findings,
        ["TC0900 error the dependencies of function `fn` need `node` @ fn/package.json:1; \
          install Node.js, which brings npm; `node` is not on the PATH"]
    );
}

#[test]
fn a_registry_that_refuses_or_is_down_is_told_apart_and_secrets_stay_secret() {
    let package = "{\"dependencies\": {\n\"ms\": \"2\"}}";
    let with = |npmrc: &str| refused(package, &[("fn/.npmrc", npmrc)]).remove(0);
    for status in [401, 403] {
        let said = with(&format!("{}//127.0.0.1/:_authToken=s3cret\n", Registry::refusing(status).npmrc()));
        assert!(said.starts_with("TC0903 error the registry refuses access: "), "{said}");
        assert!(said.contains("@ fn/package.json:2") && !said.contains("s3cret"), "{said}");
    }
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let said = with(&format!("registry=http://user:s3cret@127.0.0.1:{closed}/\nfetch-retries=0\n"));
    assert!(said.starts_with("TC0902 error "), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let git = "{\"dependencies\": {\n\"x\": \"git+http://user:s3cret@127.0.0.1:1/x.git\"}}";
    let said = refused(git, &[]).remove(0);
    assert!(said.starts_with("TC0902 error ") && said.contains("@ fn/package.json:2"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}
