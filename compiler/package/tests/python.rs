//! Python dependencies from lists, locks, local directories and git, installed without a registry. uv itself is that of
//! this machine, or is fetched once by tc; where it cannot be, each test says so and passes.

#[path = "support/python.rs"]
mod support;

use std::fs;
use support::{Outcome, Project, commit};
use tc_core::ir::Architecture;

const ANY: &str = "py3-none-any";

/// Installs, or ends the test where there is no uv to be had.
macro_rules! install {
    ($project:expr) => {{
        let outcome: Outcome = $project.install();
        if outcome.is_unreachable() {
            return;
        }
        outcome
    }};
}

#[test]
fn a_list_is_installed_with_what_it_needs() {
    let project = Project::of("\"app\"").wheel("app", "1.0", ANY, &["lib>=1"]).wheel("lib", "1.5", ANY, &[]);
    let done = install!(project);
    assert_eq!(done.distributions(), ["app 1.0", "lib 1.5"]);
    let lib = &done.installed().distributions[1];
    let info = "python/lib-1.5.dist-info";
    let files = ["INSTALLER", "METADATA", "RECORD", "REQUESTED", "WHEEL"].map(|name| format!("{info}/{name}"));
    assert_eq!(lib.files, files.into_iter().chain(["python/lib/__init__.py".to_owned()]).collect::<Vec<_>>());
    let listed: Vec<_> = done.installed().distributions.iter().flat_map(|one| one.files.clone()).collect();
    assert_eq!(listed, done.names(), "a file is of no distribution");
    assert_eq!(done.python("import app, lib; print(lib.VERSION)"), "1.5");
    assert_eq!(done.findings(), [""; 0]);
}

#[test]
fn the_function_decides_the_wheel_and_not_this_machine() {
    let project = || {
        Project::of("\"lib\"")
            .wheel("lib", "1.0", "cp310-cp310-manylinux_2_17_x86_64", &[])
            .wheel("lib", "1.1", "cp310-cp310-manylinux_2_17_aarch64", &[])
            .wheel("lib", "1.2", "cp312-cp312-manylinux_2_34_aarch64", &[])
            .wheel("lib", "1.3", "cp312-cp312-manylinux_2_34_x86_64", &[])
    };
    for (runtime, architecture, wanted) in [
        ("python3.10", Architecture::X86_64, "lib 1.0"),
        ("python3.10", Architecture::Arm64, "lib 1.1"),
        ("python3.12", Architecture::Arm64, "lib 1.2"),
        ("python3.12", Architecture::X86_64, "lib 1.3"),
    ] {
        let done = install!(Project { runtime, architecture, ..project() });
        assert_eq!(done.distributions(), [wanted], "{runtime} {architecture:?}");
    }
}

#[test]
fn what_gives_way_for_want_of_a_wheel_is_said() {
    let project = Project::of("\"app\"")
        .wheel("app", "1.0", ANY, &["lib>=1"])
        .wheel("lib", "1.0", "cp310-cp310-manylinux_2_17_x86_64", &[])
        .wheel("lib", "1.1", "cp310-cp310-manylinux_2_17_x86_64", &[])
        .wheel("lib", "2.0", "cp310-cp310-manylinux_2_28_x86_64", &[]);
    let done = install!(project);
    assert_eq!(done.distributions(), ["app 1.0", "lib 1.1"]);
    assert_eq!(
        done.findings(),
        [
            "note TC0911 enhancer/pyproject.toml:5 `\"app\"`: `lib` gives way to 1.1: 2.0 has no wheel for python3.10 on x86_64 (at \
          most manylinux_2_17)\n  \
          `app` needs `lib>=1`\n  wheels are available for `lib` (v2.0) on the following platform: `manylinux_2_28_x86_64`"
        ]
    );
}

#[test]
fn the_age_of_the_image_is_not_blamed_for_wheels_of_another_python_or_processor() {
    for tag in ["cp311-cp311-manylinux_2_17_x86_64", "cp310-cp310-manylinux_2_17_aarch64"] {
        let project = Project::of("\"lib\"").wheel("lib", "1.1", "cp310-cp310-manylinux_2_17_x86_64", &[]).wheel(
            "lib",
            "2.0",
            tag,
            &[],
        );
        let findings = install!(project).findings();
        assert!(findings[0].contains("2.0 has no wheel for python3.10 on x86_64"), "{findings:?}");
        assert!(!findings[0].contains("at most"), "{findings:?}");
    }
}

#[test]
fn a_pin_without_a_wheel_is_explained_by_its_chain() {
    let project = Project::of("\"strict\"")
        .wheel("strict", "1.0", ANY, &["lib==2.0"])
        .wheel("lib", "1.1", "cp310-cp310-manylinux_2_17_x86_64", &[])
        .wheel("lib", "2.0", "cp310-cp310-manylinux_2_28_x86_64", &[]);
    let done = install!(project);
    assert_eq!(
        done.findings(),
        [
            "error TC0910 enhancer/pyproject.toml:5 `\"strict\"`: `lib` 2.0 has no wheel for python3.10 on x86_64 (at most \
          manylinux_2_17)\n  `strict` needs \
          `lib==2.0`\n  wheels are available for `lib` (v2.0) on the following platform: `manylinux_2_28_x86_64`\n  ask for other \
          versions of those in your list\n  or `tc build --fix`: it writes an override for `lib` into pyproject.toml"
        ]
    );
}

#[test]
fn a_conflict_is_explained_by_its_chain_and_solved_by_an_override() {
    let mut project = Project::of("\n  \"a\",  # first\n  \"mid\",\n")
        .wheel("a", "1.0", ANY, &["common<2"])
        .wheel("mid", "1.0", ANY, &["b"])
        .wheel("b", "1.0", ANY, &["common>=2"])
        .wheel("common", "1.0", ANY, &[])
        .wheel("common", "2.0", ANY, &[]);
    let before = project.read("etl/enhancer/pyproject.toml");
    let done = install!(project);
    assert_eq!(
        done.findings(),
        [
            "error TC0907 enhancer/pyproject.toml:7 `\"mid\"`: no version of `common` satisfies all that need it\n  `mid` needs `b`, \
          which needs `common>=2`\n  `a` needs `common<2`\n  ask for other versions of those in your list\n  or `tc build \
          --fix`: it writes an override for `common` into pyproject.toml"
        ]
    );
    assert_eq!(project.read("etl/enhancer/pyproject.toml"), before);

    project.options.fix = true;
    let done = install!(project);
    assert_eq!(done.distributions(), ["a 1.0", "b 1.0", "common 2.0", "mid 1.0"]);
    assert_eq!(
        done.findings(),
        [
            "note TC0912 enhancer/pyproject.toml:7 `\"mid\"`: wrote the override `common==2.0` into pyproject.toml\n  `mid` needs \
          `b`, which needs `common>=2`\n  `a` needs `common<2`\n  test the function: not all of them may work with that version"
        ]
    );
    let after = project.read("etl/enhancer/pyproject.toml");
    assert_eq!(after, format!("{before}override-dependencies = [\"common==2.0\"]\n"));
    // What was written holds by itself.
    project.options.fix = false;
    assert_eq!(install!(project).distributions(), ["a 1.0", "b 1.0", "common 2.0", "mid 1.0"]);
}

#[test]
fn a_pin_without_a_wheel_is_overridden() {
    let mut project = Project::of("\"strict\"")
        .wheel("strict", "1.0", ANY, &["lib==2.0"])
        .wheel("lib", "1.1", "cp310-cp310-manylinux_2_17_x86_64", &[])
        .wheel("lib", "2.0", "cp310-cp310-manylinux_2_28_x86_64", &[]);
    project.options.fix = true;
    let done = install!(project);
    assert_eq!(done.distributions(), ["lib 1.1", "strict 1.0"]);
    assert!(project.read("etl/enhancer/pyproject.toml").ends_with("override-dependencies = [\"lib==1.1\"]\n"));
}

#[test]
fn an_override_keeps_to_what_the_list_wants_and_takes_what_there_is() {
    let mut project = Project::of("\"common<2\", \"b\"")
        .wheel("b", "1.0", ANY, &["common>=2", "gone>=9"])
        .wheel("common", "1.0", ANY, &[])
        .wheel("common", "2.0", ANY, &[])
        .wheel("gone", "1.0", ANY, &[]);
    project.options.fix = true;
    let done = install!(project);
    assert_eq!(done.distributions(), ["b 1.0", "common 1.0", "gone 1.0"], "{:?}", done.findings());
    let list = project.read("etl/enhancer/pyproject.toml");
    assert!(list.ends_with("override-dependencies = [\"common==1.0\", \"gone==1.0\"]\n"), "{list}");
}

#[test]
fn what_no_override_solves_is_left_alone() {
    let mut project =
        Project::of("\"common<2\", \"common>=2\"").wheel("common", "1.0", ANY, &[]).wheel("common", "2.0", ANY, &[]);
    project.options.fix = true;
    let before = project.read("etl/enhancer/pyproject.toml");
    let done = install!(project);
    assert_eq!(
        done.findings(),
        [
            "error TC0907 enhancer/pyproject.toml:5 `\"common<2\"`: no version of `common` satisfies all that need it\n  your list \
          wants `common<2`\n  your list wants `common>=2`\n  ask for other versions of those in your list"
        ]
    );
    assert_eq!(project.read("etl/enhancer/pyproject.toml"), before);
}

#[test]
fn names_and_versions_that_are_not_there_are_told() {
    let project = Project::of("\"nosuch\"");
    assert_eq!(
        install!(project).findings(),
        [
            "error TC0906 enhancer/pyproject.toml:5 `\"nosuch\"`: no registry has `nosuch`\n  mind the spelling; a private registry \
          is set by `[[tool.uv.index]]` or `UV_INDEX`, as uv does not read pip.conf"
        ]
    );
    let project = Project::of("\"lib>=9\"").wheel("lib", "1.0", ANY, &[]);
    assert_eq!(
        install!(project).findings(),
        [
            "error TC0906 enhancer/pyproject.toml:5 `\"lib>=9\"`: there is no version of `lib` that satisfies `lib>=9`\n  ask for a \
          version that there is"
        ]
    );
}

#[test]
fn requirements_are_read_with_what_they_include() {
    let project = Project::new(&[
        ("etl/enhancer/requirements.txt", "--no-index\n-f ../../wheels\n-r more/base.txt  # all\n-c limits.txt\napp\n"),
        ("etl/enhancer/more/base.txt", "other ; python_version < '3'\nlib>=1\n"),
        ("etl/enhancer/limits.txt", "lib<2\n"),
    ]);
    let project = project.wheel("app", "1.0", ANY, &[]).wheel("lib", "1.0", ANY, &[]).wheel("lib", "2.0", ANY, &[]);
    let done = install!(project);
    assert_eq!(done.distributions(), ["app 1.0", "lib 1.0"]);
    let names = project.input_names();
    assert_eq!(names, ["file limits.txt", "file more/base.txt", "file requirements.txt", "uv", "wheels ../../wheels"]);
    project.write("etl/enhancer/requirements.txt", "-r nosuch.txt\n");
    assert_eq!(
        install!(project).findings(),
        ["error TC0906 enhancer/requirements.txt:1 `-r nosuch.txt`: `nosuch.txt` is not there"]
    );
    project.write("etl/enhancer/requirements.txt", "# all\nlib===\n");
    let findings = install!(project).findings();
    assert!(
        findings[0].starts_with("error TC0905 enhancer/requirements.txt:2 `lib===`: `requirements.txt` says"),
        "{findings:?}"
    );
}

#[test]
fn a_wrong_hash_is_not_installed() {
    let zeros = "0".repeat(64);
    let list = format!("--no-index\n-f ../../wheels\nlib==1.0 --hash=sha256:{zeros}\n");
    let project = Project::new(&[("etl/enhancer/requirements.txt", &list)]).wheel("lib", "1.0", ANY, &[]);
    let done = install!(project);
    let finding = &done.findings()[0];
    assert!(finding.starts_with("error TC0909 enhancer/requirements.txt:3"), "{finding}");
    assert!(!done.names().iter().any(|name| name.contains("lib")));
}

#[test]
fn directories_are_built_from_copies_and_change_the_inputs() {
    let mut project = Project::of("\"lib-a\"");
    project.package("libs/a", "lib-a", "dependencies = [\"lib-b\"]\n[tool.uv.sources]\nlib-b = { path = \"../b\" }\n");
    project.package("libs/b", "lib-b", "");
    let list = project.read("etl/enhancer/pyproject.toml");
    let sources = "[tool.uv.sources]\nlib-a = { path = \"../../libs/a\", editable = true }\n";
    project.write("etl/enhancer/pyproject.toml", &format!("{list}{sources}"));
    let done = install!(project);
    assert_eq!(done.distributions(), ["lib_a 1.0", "lib_b 1.0"]);
    assert_eq!(done.python("import lib_a, lib_b; print(lib_a.HERE)"), "True");
    assert!(!project.path("libs/a/build").exists(), "the sources were written to");
    assert!(!done.names().iter().any(|name| name.contains("direct_url") || name.contains("uv_cache")));

    // A module that changed is in the next layer, and in the inputs.
    let inputs = project.inputs();
    assert_eq!(inputs, project.inputs());
    project.write("libs/b/lib_b/__init__.py", "HERE = 2\n");
    assert_ne!(inputs, project.inputs());
    let again = install!(project);
    assert_eq!(again.python("import lib_b; print(lib_b.HERE)"), "2");
    // What is left behind by a build is not.
    let inputs = project.inputs();
    project.write("libs/b/build/x", "");
    project.write("libs/b/lib_b.egg-info/x", "");
    assert_eq!(inputs, project.inputs());

    project.write("libs/b/fail", "");
    assert_eq!(
        install!(project).findings(),
        [
            "error TC0917 enhancer/pyproject.toml:5 `\"lib-a\"`: `lib-b` cannot be built from its source\n  > warming up\n  > the \
          backend does not like it"
        ]
    );
    fs::remove_file(project.path("libs/b/fail")).unwrap();
    project.write("libs/b/compiled", "");
    project.architecture = Architecture::Arm64;
    let findings = install!(project).findings();
    assert!(
        findings[0].starts_with(
            "error TC0913 enhancer/pyproject.toml:5 `\"lib-a\"`: `lib-b` has compiled code, and was built for this machine \
             instead of python3.10 on arm64\n"
        ),
        "{findings:?}"
    );
    fs::remove_file(project.path("libs/b/compiled")).unwrap();
    // An absolute path is built from a copy too.
    let text = project.read("etl/enhancer/pyproject.toml");
    let absolute = project.path("libs/a").canonicalize().unwrap().display().to_string();
    project.write("etl/enhancer/pyproject.toml", &text.replace("../../libs/a", &absolute));
    assert_eq!(install!(project).distributions(), ["lib_a 1.0", "lib_b 1.0"]);
    assert!(!project.path("libs/a/build").exists(), "the sources were written to");
    project.write("etl/enhancer/pyproject.toml", &text);
    fs::remove_dir_all(project.path("libs/a")).unwrap();
    assert_eq!(
        project.install().findings(),
        ["error TC0906 enhancer/pyproject.toml:11 `../../libs/a`: there is nothing at `../../libs/a`"]
    );
}

#[test]
fn git_dependencies_are_built_with_what_they_need_from_git() {
    let project = Project::of("");
    project.package("inner", "inner", "");
    commit(&project.path("inner"));
    let url = |name: &str| format!("git+file://{}", project.path(name).display());
    project.package("outer", "outer", &format!("dependencies = [\"inner @ {}\"]\n", url("inner")));
    commit(&project.path("outer"));
    let list = format!("--no-index\n# from git\n{}\n", url("outer"));
    project.write("etl/enhancer/requirements.txt", &list);
    fs::remove_file(project.path("etl/enhancer/pyproject.toml")).unwrap();
    let done = install!(project);
    assert_eq!(done.distributions(), ["inner 1.0", "outer 1.0"]);
    assert_eq!(done.python("import inner, outer; print(inner.HERE)"), "True");
    let note = format!(
        "note TC0919 enhancer/requirements.txt:3 `{}`: the repository follows a branch: the layer keeps today's commit until \
         the list changes\n  name a tag or commit, or commit a uv.lock",
        url("outer")
    );
    assert_eq!(done.findings(), [note]);

    project.write("etl/enhancer/requirements.txt", &format!("outer @ {}@nosuch\n", url("outer")));
    let findings = install!(project).findings();
    let start = "error TC0906 enhancer/requirements.txt:1";
    assert!(findings[0].starts_with(start), "{findings:?}");
    assert!(findings[0].contains("the repository of `outer` has no such branch, tag or commit"), "{findings:?}");
}

#[test]
fn a_lock_is_installed_as_it_stands() {
    let project = Project::of("\"app\"").wheel("app", "1.0", ANY, &["lib>=1"]).wheel("lib", "1.0", ANY, &[]);
    let uv = install!(project);
    drop(uv);
    project.lock();
    let project = project.wheel("lib", "2.0", ANY, &[]);
    let done = install!(project);
    assert_eq!(done.distributions(), ["app 1.0", "lib 1.0"]);
    let names = project.input_names();
    assert_eq!(names, ["file pyproject.toml", "file uv.lock", "uv", "wheels ../../wheels"]);

    let list = project.read("etl/enhancer/pyproject.toml");
    project.write("etl/enhancer/pyproject.toml", &list.replace("\"app\"", "\"app\", \"lib>=2\""));
    assert_eq!(
        install!(project).findings(),
        ["error TC0908 enhancer/pyproject.toml:1 ``: uv.lock does not fit pyproject.toml\n  run `uv lock`"]
    );
    project.write("etl/enhancer/uv.lock", "version = 1\n");
    assert_eq!(
        project.install().findings(),
        ["error TC0908 enhancer/pyproject.toml:1 ``: uv.lock does not know `enhancer`, or is no lock\n  run `uv lock`"]
    );
}

#[test]
fn a_pin_of_a_lock_without_a_wheel_is_told() {
    let project = Project::of("\"lib\"").wheel("lib", "2.0", "cp310-cp310-manylinux_2_28_x86_64", &[]);
    if project.install().is_unreachable() {
        return;
    }
    project.lock();
    assert_eq!(
        install!(project).findings(),
        [
            "error TC0910 enhancer/pyproject.toml:5 `\"lib\"`: `lib` 2.0, which the lock pins, has no wheel for python3.10 on \
          x86_64 (at most manylinux_2_17)\n  its wheels are for `manylinux_2_28_x86_64`\n  lock an older version, or move the function to a newer runtime \
          or the other processor"
        ]
    );
}

#[test]
fn members_of_a_workspace_are_installed_by_its_lock() {
    let project = Project::new(&[
        (
            "pyproject.toml",
            "[tool.uv.workspace]\nmembers = [\"etl/enhancer\", \"libs/*\"]\n[tool.uv]\nno-index = true\n",
        ),
        (
            "etl/enhancer/pyproject.toml",
            "[project]\nname = \"enhancer\"\nversion = \"0\"\nrequires-python = \">=3.10\"\ndependencies = [\"lib-a\"]\n\
             [tool.uv.sources]\nlib-a = { workspace = true }\n",
        ),
    ]);
    let needs = "dependencies = [\"lib-b\"]\n[tool.uv.sources]\nlib-b = { workspace = true }\n";
    project.package("libs/a", "lib-a", needs);
    project.package("libs/b", "lib-b", "");
    project.package("libs/other", "other", "");
    assert_eq!(
        project.install().findings(),
        [
            "error TC0908 enhancer/pyproject.toml:1 ``: a project that depends on other members of its workspace needs the \
          workspace's `uv.lock`\n  run `uv lock`"
        ]
    );
    let uv = install!(Project::of("\"lib\"").wheel("lib", "1.0", ANY, &[]));
    drop(uv);
    project.lock();
    let done = install!(project);
    assert_eq!(done.distributions(), ["lib_a 1.0", "lib_b 1.0"]);
    let names = project.input_names();
    assert_eq!(
        names,
        [
            "directory ../../libs/a",
            "directory ../../libs/b",
            "file ../../pyproject.toml",
            "file ../../uv.lock",
            "file pyproject.toml",
            "uv"
        ]
    );
}

#[test]
fn lists_that_cannot_be_taken_are_refused() {
    for (list, finding) in [
        (
            "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\nrequests = '^2'\n",
            "error TC0905 enhancer/pyproject.toml:4 `requests`: tc does not read Poetry's own list of dependencies\n  write them \
             as `dependencies` of `[project]`, which Poetry 2 reads too\n  or run `poetry export -o requirements.txt` and leave \
             the table out",
        ),
        (
            "[project]\nname = 'x'\ndynamic = ['dependencies']\n",
            "error TC0905 enhancer/pyproject.toml:3 `'dependencies'`: `dependencies` are dynamic, and would be known only after \
             running the project's build\n  write them into `[project]`, or into a requirements.txt beside it",
        ),
        (
            "[project]\nname = 'x'\nrequires-python = '>=3.12'\ndependencies = ['a']\n",
            "error TC0914 enhancer/pyproject.toml:3 `'>=3.12'`: `requires-python` is `>=3.12`, and the function runs on \
             python3.10\n  change `requires-python`, or `runtime.lang` of the function",
        ),
        (
            "[project]\nname = 'x\n",
            "error TC0905 enhancer/pyproject.toml:2 ``: pyproject.toml is no TOML: invalid literal string, expected `'`",
        ),
    ] {
        let done = Project::new(&[("etl/enhancer/pyproject.toml", list)]).install();
        assert_eq!(done.findings(), [finding]);
    }
}

#[test]
fn what_asks_for_nothing_installs_nothing() {
    for files in [
        &[("etl/enhancer/pyproject.toml", "[tool.black]\nline-length = 100\n")][..],
        &[("etl/enhancer/pyproject.toml", "[project]\nname = 'x'\nversion = '0'\n")],
        &[("etl/enhancer/requirements.txt", "# none\n--pre\n")],
        &[],
    ] {
        let project = Project::new(files);
        assert!(project.install().distributions().is_empty() && project.inputs().is_empty(), "{files:?}");
    }
}
