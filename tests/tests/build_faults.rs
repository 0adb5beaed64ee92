//! What `tc build` makes of bad input and a bad day: registries that are down, repositories that refuse, archives that are
//! broken or hostile, a disk that is full. Nothing half-built is taken for a result.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "what does not hold fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tc_tests::layer::executable;
use tc_tests::project::{Project, Run};
use tc_tests::{uv, wheel};

const LOCAL: &str = "[tool.uv]\nno-index = true\nfind-links = [\"../../wheels\"]\n";

/// A topology with one function in Python that depends on these, and settings of uv.
fn python(dependencies: &str, settings: &str) -> Project {
    let list = format!(
        "[project]\nname = \"enhancer\"\nversion = \"0.1.0\"\ndependencies = [\n    {dependencies},\n]\n\n{settings}"
    );
    let files = [
        ("enhancer/handler.py", "def handler(event, context):\n    return {}\n"),
        ("enhancer/function.json", r#"{"runtime": {"lang": "python3.12"}}"#),
        ("enhancer/pyproject.toml", list.as_str()),
    ];
    Project::new(&files).with_uv()
}

/// A run that fails and leaves nothing that could be taken for a result.
fn refused(project: &Project, run: Run) -> String {
    let said = run.refused();
    assert!(said.contains("1 layer failed"), "{said}");
    assert_eq!(project.names(".tc/layers"), [""; 0]);
    nothing_half_built(project);
    said
}

fn nothing_half_built(project: &Project) {
    let left: Vec<String> = project.names(".tc").into_iter().filter(|name| name.contains("draft-")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn an_index_that_is_down_is_told_at_the_dependency() {
    // Nothing listens there: the port is reserved.
    let project = python("\"requests\"", "[tool.uv]\nindex-url = \"http://127.0.0.1:1/simple\"\n");
    let run = Run::of(&project.command(&["build"]).env("UV_HTTP_RETRIES", "0").output().unwrap());
    let said = refused(&project, run);
    assert!(said.contains("error[TC0902]"), "{said}");
    assert!(said.contains("enhancer/pyproject.toml"), "{said}");
    assert!(said.contains("127.0.0.1:1"), "{said}");
}

/// A project whose `ssh` writes down how it was called and is refused.
fn with_ssh(place: &Path) -> Project {
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{}'\necho 'git@git.example: Permission denied (publickey).' >&2\nexit 255\n",
        place.join("log").display()
    );
    executable(&place.join("ssh"), &script);
    executable(&place.join("own-ssh"), &script.replace("$@", "own"));
    let path: Vec<_> = std::iter::once(place.to_owned()).chain(std::env::split_paths(uv::path())).collect();
    python("\"private @ git+ssh://git@git.example/team/private.git@v1.0\"", "")
        .with_path(std::env::join_paths(path).unwrap())
}

#[test]
fn a_repository_that_refuses_is_told_and_nobody_is_asked_for_a_passphrase() {
    let place = tempfile::tempdir().unwrap();
    let project = with_ssh(place.path());
    let calls = || fs::read_to_string(place.path().join("log")).unwrap();
    let said = refused(&project, project.tc(&["build"]));
    assert!(said.contains("error[TC0903]"), "{said}");
    assert!(said.contains("enhancer/pyproject.toml:5"), "{said}");
    assert!(said.contains("Permission denied (publickey)"), "{said}");
    assert!(calls().lines().all(|call| call.starts_with("-o BatchMode=yes ")), "{}", calls());

    // Who says how ssh is to be called is obeyed, by a variable or in git's settings.
    fs::remove_file(place.path().join("log")).unwrap();
    let own = place.path().join("own-ssh");
    let run = Run::of(&project.command(&["build"]).env("GIT_SSH_COMMAND", &own).output().unwrap());
    refused(&project, run);
    let settings = format!("[core]\n\tsshCommand = {}\n", own.display());
    let git = place.path().join("gitconfig");
    fs::write(&git, settings).unwrap();
    let run = Run::of(&project.command(&["build"]).env("GIT_CONFIG_GLOBAL", &git).output().unwrap());
    refused(&project, run);
    assert!(calls().lines().all(|call| call == "own"), "{}", calls());
}

/// Puts a wheel made by a script of Python, which gets the open archive `z` and its name, where dependencies come from.
fn odd_wheel(project: &Project, script: &str) {
    let wheels = project.root().join("../wheels");
    wheel::write(&wheels, "odd", "1.0", &[], &[("odd/__init__.py", "")]);
    let path = wheels.join("odd-1.0-py3-none-any.whl");
    let program = format!("import sys, zipfile\nname = sys.argv[1]\n{script}\n");
    let output = Command::new("python3").args(["-S", "-c", &program]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A run with a cache of its own: what is in the wheel is to be looked at.
fn build_afresh(project: &Project) -> Run {
    let cache = project.root().join("../uv");
    Run::of(&project.command(&["build"]).env("UV_CACHE_DIR", cache).output().unwrap())
}

#[test]
fn archives_that_are_broken_are_refused() {
    for script in [
        // Cut off, damaged in the middle, none at all.
        "data = open(name, 'rb').read(); open(name, 'wb').write(data[:len(data) // 2])",
        "data = bytearray(open(name, 'rb').read()); data[40] ^= 255; data[45] ^= 255; open(name, 'wb').write(data)",
        "open(name, 'w').write('<html>sign in</html>')",
    ] {
        let project = python("\"odd\"", LOCAL);
        odd_wheel(&project, script);
        let said = refused(&project, build_afresh(&project));
        assert!(said.contains("error[TC09") && said.contains("odd"), "{said}");
        assert!(said.contains("enhancer/pyproject.toml"), "{said}");
    }
}

#[test]
fn archives_cannot_reach_out_of_the_layer() {
    for entry in ["../../../../../../escaped.py", "/ABSOLUTE/escaped.py", "odd/../../../../../escaped.py"] {
        let project = python("\"odd\"", LOCAL);
        let absolute = project.temporary().to_string_lossy().into_owned();
        let entry = entry.replace("/ABSOLUTE", &absolute);
        odd_wheel(&project, &format!("z = zipfile.ZipFile(name, 'a'); z.writestr({entry:?}, 'raise 1'); z.close()"));
        let run = build_afresh(&project);
        let mut find = Command::new("find");
        let found = find.arg(project.root().join("../..")).args(["-name", "escaped.py"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{run:?}");
        // Whether it is refused or left out, no layer holds it.
        for zip in project.names(".tc/layers").iter().filter(|name| name.ends_with(".zip")) {
            let files = tc_tests::project::unzip(&fs::read(project.root().join(".tc/layers").join(zip)).unwrap());
            assert!(files.keys().all(|name| !name.contains("escaped")), "{files:?}");
        }
        nothing_half_built(&project);
    }
}

#[test]
fn a_link_out_of_the_layer_is_refused() {
    let project = python("\"odd\"", LOCAL);
    wheel::write(&project.root().join("../wheels"), "odd", "1.0", &[], &[("odd/__init__.py", "")]);
    project.write(
        "enhancer/function.json",
        r#"{"runtime": {"lang": "python3.12"}, "build": {"post": ["ln -s /etc/passwd $TC_OUTPUT/python/odd/users"]}}"#,
    );
    let said = refused(&project, project.tc(&["build"]));
    assert!(
        said.contains("error[TC0963]: the link `python/odd/users` in the layer of function `enhancer` leads out"),
        "{said}"
    );
}

/// Runs a script in a namespace of its own, where it may mount; `None` where the system does not let it.
fn in_namespace(project: &Project, script: &str) -> Option<Run> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", script]);
        command
    };
    let can = unshare("mount -t tmpfs tmpfs /mnt").stdin(Stdio::null()).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return None;
    }
    // The environment of the project's tc, whose path is `$1`.
    let tc = project.command(&["build"]);
    let mut command = unshare(script);
    command.arg("sh").arg(tc.get_program()).current_dir(project.root()).stdin(Stdio::null()).env_clear();
    command.envs(tc.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(Run::of(&command.output().unwrap()))
}

#[test]
fn a_full_disk_is_told_and_the_same_command_goes_on_once_there_is_room() {
    let project = python("\"large\"", LOCAL);
    let text = "x = 1\n".repeat(1 << 20);
    wheel::write(&project.root().join("../wheels"), "large", "1.0", &[], &[("large/__init__.py", &text)]);
    fs::create_dir_all(project.root().join(".tc")).unwrap();
    let script = "mount -t tmpfs -o size=3m tmpfs .tc\n\
                  if \"$1\" build; then echo 'it fits' >&2; exit 3; fi\n\
                  echo left: $(find .tc -type f ! -name .gitignore ! -name CACHEDIR.TAG) >&2\n\
                  mount -o remount,size=64m .tc\n\
                  \"$1\" build\n\
                  find .tc -name '*.zip' >&2\n";
    let Some(run) = in_namespace(&project, script) else {
        println!("skipped: no file system can be mounted here");
        return;
    };
    let said = run.well().err;
    assert!(said.contains("error[TC0904]"), "{said}");
    assert!(said.contains("enhancer/pyproject.toml"), "{said}");
    assert!(said.contains("\nleft:\n"), "{said}");
    assert!(said.contains("\n.tc/layers/etl-enhancer-x86_64.zip\n"), "{said}");
}

#[test]
fn a_file_that_may_not_grow_is_told_and_what_was_there_stays() {
    let project = python("\"large\"", LOCAL);
    let wheels = project.root().join("../wheels");
    wheel::write(&wheels, "large", "1.0", &[], &[("large/__init__.py", "x = 1\n")]);
    project.tc(&["build"]).well();
    let layers = || tc_tests::tree::read(&project.root().join(".tc/layers")).unwrap();
    let before = layers();
    let text = "x = 1\n".repeat(1 << 20);
    wheel::write(&wheels, "large", "2.0", &[], &[("large/__init__.py", &text)]);
    // In blocks of 512 bytes. Without the trap the system would end the program.
    let tc = project.command(&[]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" build"]).arg(tc.get_program());
    limited.current_dir(project.root()).stdin(Stdio::null()).env_clear();
    limited.envs(tc.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let said = Run::of(&limited.output().unwrap()).refused();
    assert!(said.contains("file too large") || said.contains("File too large"), "{said}");
    assert_eq!(layers(), before);
    nothing_half_built(&project);
    project.tc(&["build"]).well();
    assert_ne!(layers(), before);
}
