//! Python dependencies from the public registry. Where it cannot be reached, each test says so and passes.

#[path = "support/python.rs"]
mod support;

use support::{Project, tools};
use tc_core::ir::Architecture;

fn project(runtime: &'static str, architecture: Architecture, dependencies: &str) -> Project {
    let text = format!("[project]\nname = \"enhancer\"\nversion = \"0.1.0\"\ndependencies = [{dependencies}]\n");
    Project { runtime, architecture, ..Project::new(&[("etl/enhancer/pyproject.toml", &text)]) }
}

#[test]
fn the_tutorials_enhancer_gets_requests_for_both_processors_and_equal_bytes_twice() {
    let caches = tempfile::tempdir().unwrap();
    let mut compiled = Vec::new();
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        let mut project = project("python3.10", architecture, "\"requests==2.32.5\", \"charset-normalizer==3.4.3\"");
        let mut trees = Vec::new();
        for cache in ["one", "two"] {
            project.tools = tools().with_variable("UV_CACHE_DIR", caches.path().join(cache));
            let done = project.install();
            if done.is_unreachable() {
                return;
            }
            assert!(done.distributions().contains(&"requests 2.32.5".to_owned()), "{:?}", done.distributions());
            assert_eq!(done.python("import requests; print(requests.__version__)"), "2.32.5");
            assert!(done.names().iter().all(|name| name.starts_with("python/") && !name.starts_with("python/bin/")));
            trees.push(done.files());
        }
        assert!(trees[0] == trees[1], "the same list gave different bytes");
        compiled.extend(trees[0].keys().filter(|name| name.ends_with(".so")).cloned());
    }
    // It has compiled code, so the two trees are not the same by being pure.
    assert!(compiled.iter().any(|name| name.contains("x86_64")), "{compiled:?}");
    assert!(compiled.iter().any(|name| name.contains("aarch64")), "{compiled:?}");
    assert!(compiled.iter().all(|name| name.contains("cpython-310")), "{compiled:?}");
}

#[test]
fn a_version_without_a_wheel_for_the_image_gives_way_and_that_is_said() {
    let project = project("python3.11", Architecture::X86_64, "\"numpy>=2.2.5,<=2.3.1\"");
    let done = project.install();
    if done.is_unreachable() {
        return;
    }
    assert_eq!(done.distributions(), ["numpy 2.2.6"]);
    let findings = done.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].starts_with(
            "note TC0911 enhancer/pyproject.toml:4 `\"numpy>=2.2.5,<=2.3.1\"`: `numpy` gives way to 2.2.6: "
        )
    );
    assert!(findings[0].contains("no wheel for python3.11 on x86_64 (at most manylinux_2_17)"), "{findings:?}");
}

#[test]
fn a_slim_numpy_is_smaller_and_works() {
    let mut project = project("python3.11", Architecture::X86_64, "\"numpy==2.2.6\"");
    let whole = project.install();
    if whole.is_unreachable() {
        return;
    }
    project.options.slim = true;
    let slim = project.install();
    let size = |outcome: &support::Outcome| outcome.files().values().map(Vec::len).sum::<usize>();
    assert!(size(&slim) + 1_000_000 < size(&whole), "{} {}", size(&slim), size(&whole));
    let bundled = |outcome: &support::Outcome| {
        let files = outcome.files();
        files.into_iter().filter(|(name, _)| name.starts_with("python/numpy.libs/")).collect::<Vec<_>>()
    };
    assert!(bundled(&slim) == bundled(&whole) && !bundled(&whole).is_empty(), "bundled libraries were changed");
    let listed = slim.installed().distributions[0].files.len();
    assert_eq!(listed, slim.names().len(), "{:?}", slim.findings());
    assert!(slim.findings().iter().any(|finding| finding.starts_with("note TC0915")), "{:?}", slim.findings());
    // numpy imports modules of its tests.
    let version = slim.python("import sys, platform; print('%d.%d' % sys.version_info[:2], platform.machine())");
    if version == "3.11 x86_64" {
        let code = "import numpy, numpy.testing; print(int(numpy.linalg.inv(numpy.eye(3)).sum()))";
        assert_eq!(slim.python(code), "3");
    }
}
