//! What is said when uv fails for reasons outside of the list: its own words as it writes them, told by a program that
//! stands in for it. And uv itself: absent, too old, not to be fetched.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/python.rs"]
mod support;

use support::{Project, fake_uv, program, tools};
use tc_package::layer::install::Tools;

/// What tc says where uv says this. The list asks for `app` in line 6 and for `lib` in line 7.
fn told(says: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    let mut project = Project::of("\n  \"app\",\n  \"lib @ git+https://user:hunter2@example.com/lib.git\",\n");
    project.tools = fake_uv(place.path(), says, 2);
    let findings = project.install().findings().join("\n");
    assert!(!findings.contains("hunter2"), "a secret is shown: {findings}");
    findings
}

#[test]
fn a_full_disk_is_told() {
    let says = "Resolved 1 package in 380ms\nerror: Failed to install: app-1.0-py3-none-any.whl (app==1.0)\n  cause: Failed to \
        copy to `/t/app/x.so`\n  cause: failed to copy file from /c/x.so to /t/app/.tmp: No space left on device (os error 28)\n";
    assert_eq!(
        told(says),
        "error TC0904 enhancer/pyproject.toml:1 ``: no room on the disk to install dependencies\n  > failed to copy file from \
         /c/x.so to /t/app/.tmp: No space left on device (os error 28)\n  make room; `uv cache prune` removes old downloads"
    );
}

#[test]
fn a_registry_that_is_down_is_told() {
    for cause in [
        "cause: error sending request for url (https://registry.example.com/simple/app/)\n  cause: client error (Connect)\n  \
         cause: tcp connect error\n  cause: Connection refused (os error 111)",
        "cause: HTTP status server error (503 Service Unavailable) for url (https://registry.example.com/simple/app/)",
        "cause: error sending request for url (https://registry.example.com/simple/app/)\n  cause: invalid peer certificate: \
         UnknownIssuer",
    ] {
        let told = told(&format!("error: Failed to fetch: https://registry.example.com/simple/app/\n  {cause}\n"));
        let start =
            "error TC0902 enhancer/pyproject.toml:1 ``: the registry at `registry.example.com` cannot be reached\n  > ";
        assert!(told.starts_with(start), "{told}");
    }
}

#[test]
fn a_registry_that_refuses_is_told() {
    let says = "error: No solution found when resolving dependencies\n  cause: Because app was not found in the package registry \
        and you require app, we can conclude that your requirements are unsatisfiable.\n\nhint: An index URL \
        (https://registry.example.com/simple) could not be queried due to a lack of valid authentication credentials (401 \
        Unauthorized)\n";
    let told = told(says);
    let start = "error TC0903 enhancer/pyproject.toml:1 ``: the registry at `registry.example.com` refuses access\n";
    assert!(told.starts_with(start), "{told}");
}

#[test]
fn a_repository_that_refuses_or_is_down_is_told() {
    let says = |stderr: &str| {
        format!(
            "   Updating https://user:****@example.com/lib.git (HEAD)\nerror: Failed to download and build `lib @ \
             git+https://user:hunter2@example.com/lib.git`\n  cause: Git operation failed\n  cause: failed to clone into: \
             /c/git-v2/db/1\n  cause: process didn't exit successfully: `/usr/bin/git fetch --force \
             'https://user:hunter2@example.com/lib.git' '+HEAD:refs/remotes/origin/HEAD'` (exit status: 128)\n         --- \
             stderr\n         {stderr}\n"
        )
    };
    let at = "enhancer/pyproject.toml:7 `\"lib @ git+https://user:hunter2@example.com/lib.git\"`";
    for (stderr, start) in [
        ("fatal: Authentication failed for 'https://example.com/lib.git/'", "error TC0903"),
        ("fatal: could not read Username for 'https://example.com': terminal prompts disabled", "error TC0903"),
        ("git@example.com: Permission denied (publickey).", "error TC0903"),
        ("fatal: unable to access 'https://example.com/lib.git/': Could not resolve host: example.com", "error TC0902"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let mut project = Project::of("\n  \"app\",\n  \"lib @ git+https://user:hunter2@example.com/lib.git\",\n");
        project.tools = fake_uv(place.path(), &says(stderr), 1);
        let done = project.install();
        let shown = done.findings().join("\n");
        assert!(shown.starts_with(&format!("{start} {at}: the git repository of `lib`")), "{shown}");
        assert!(shown.contains(&format!("  > {stderr}")), "{shown}");
        // The underlined text is the test's; what tc says has no secret, and the excerpt conceals it.
        let finding = &done.result.as_ref().unwrap_err()[0];
        assert!(!finding.message.contains("hunter2") && !finding.help.join("\n").contains("hunter2"));
        let concealed: Vec<_> = finding.conceal.iter().map(|span| done.text(*span)).collect();
        assert_eq!(concealed, ["user:hunter2"]);
    }
}

#[test]
fn what_is_not_understood_is_quoted() {
    assert_eq!(
        told("error: the moon is in the wrong phase\n  cause: it is new\n"),
        "error TC0901 enhancer/pyproject.toml:1 ``: `uv` cannot install the dependencies\n  > the moon is in the wrong phase\n  > \
         it is new"
    );
    assert_eq!(
        told("thread panicked\n"),
        "error TC0901 enhancer/pyproject.toml:1 ``: `uv` cannot install the dependencies\n  > thread panicked"
    );
}

#[test]
fn without_uv_and_python_it_is_told_how_to_get_it() {
    let place = tempfile::tempdir().unwrap();
    let mut project = Project::of("\"app\"");
    project.tools = Tools::on_path(place.path().into(), place.path().join("cache"));
    assert_eq!(
        project.install().findings(),
        [
            "error TC0900 enhancer/pyproject.toml:1 ``: Python dependencies are installed by `uv`, and there is neither `uv` nor a \
          Python to fetch it with\n  install uv and put it on `PATH`: `pip install uv`, or by your system's package manager"
        ]
    );
    // The inputs need it no more than its pinned version.
    assert_eq!(project.inputs()["uv"], b"0.13.9");
    program(place.path(), "python3", "#!/bin/sh\necho \"$0: No module named pip\" >&2\nexit 1\n");
    assert!(project.install().findings()[0].contains("neither `uv` nor `pip`"));
    let says = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': Temporary failure in name \
        resolution: /simple/uv/\nERROR: No matching distribution found for uv==0.13.9";
    program(place.path(), "python3", &format!("#!/bin/sh\necho \"{says}\" >&2\nexit 1\n"));
    let findings = project.install().findings();
    assert!(
        findings[0].starts_with("error TC0902 enhancer/pyproject.toml:1 ``: uv 0.13.9 cannot be fetched"),
        "{findings:?}"
    );
}

#[test]
fn a_download_that_is_not_uv_is_not_taken() {
    let place = tempfile::tempdir().unwrap();
    let mut project = Project::of("\"app\"");
    project.tools = Tools::on_path(
        std::env::join_paths([place.path(), "/usr/bin".as_ref(), "/bin".as_ref()]).unwrap(),
        place.path().join("cache"),
    );
    program(place.path(), "python3", "#!/bin/sh\necho no zip > uv-0.13.9-py3-none-any.whl\n");
    let findings = project.install().findings();
    if project.tools.find("uv").is_none() {
        assert!(findings[0].contains("another SHA-256"), "{findings:?}");
    }
    assert!(!place.path().join("cache/tools/uv-0.13.9").exists());
}

#[test]
fn an_old_uv_is_passed_over_and_that_is_said() {
    let place = tempfile::tempdir().unwrap();
    let bin = place.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    program(&bin, "uv", "#!/bin/sh\necho 'uv 0.4.1'\n");
    let mut project = Project::of("\"app\"").wheel("app", "1.0", "py3-none-any", &[]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    project.tools = Tools::on_path(path, tools().cache().to_owned());
    let done = project.install();
    if done.is_unreachable() {
        return;
    }
    assert_eq!(done.distributions(), ["app 1.0"]);
    assert_eq!(
        done.findings(),
        [
            "note TC0918 enhancer/pyproject.toml:1 ``: uv 0.4.1 on `PATH` is too old: uv 0.13.9 in the project's cache is used\n  \
          `uv self update` to 0.11.33 or newer"
        ]
    );
    assert!(project.tools.cache().join("tools/uv-0.13.9/uv").is_file());
}
