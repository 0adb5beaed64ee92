//! Functions that are container images: the Dockerfile, and what Docker is asked to do.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "what does not hold fails the test")]

use std::fs;
use tc_tests::layer::{Fixture, executable};

/// A function that is an image, and its Dockerfile without the two lines on top.
fn dockerfile(lang: &str, files: &[(&str, &str)]) -> String {
    let function =
        format!(r#"{{"runtime": {{"lang": "{lang}", "architecture": "arm64"}}, "build": {{"kind": "image"}}}}"#);
    let mut all = vec![("fn/function.json", function.as_str())];
    all.extend(files);
    let project = Fixture::new(&all).with_path("/nonexistent");
    let (image, findings) = project.image("fn").unwrap();
    assert!(findings[0].starts_with("TC0943 note the image of function `fn` is left to be built: `docker` is not"));
    assert!(
        findings[0].contains("--platform linux/arm64 --provenance=false") && findings[0].ends_with(" fn`"),
        "{findings:?}"
    );
    assert!(image.id.is_none() && image.dockerfile.ends_with(".tc/layers/fn.Dockerfile"));
    let ignore = fs::read_to_string(image.dockerfile.with_extension("Dockerfile.dockerignore")).unwrap();
    assert!(ignore.contains("**/.*\n") && ignore.contains("**/node_modules\n"));
    assert_eq!(ignore.contains("\ntarget\n"), lang == "rust");
    let text = fs::read_to_string(image.dockerfile).unwrap();
    let (head, body) = text.split_at(text.match_indices('\n').nth(1).unwrap().0 + 1);
    assert!(head.starts_with("# The image of the function fn, written by `tc build`."));
    body.to_owned()
}

#[test]
fn dependencies_are_a_stage_of_their_own() {
    let python = dockerfile("python3.13", &[("fn/pyproject.toml", ""), ("fn/uv.lock", "")]);
    assert!(python.starts_with("FROM public.ecr.aws/lambda/python:3.13 AS dependencies\n"), "{python}");
    assert!(python.contains("COPY pyproject.toml uv.lock ./\n") && python.contains("uv export --frozen"), "{python}");
    let code = "COPY --from=dependencies /dependencies ${LAMBDA_TASK_ROOT}/\nCOPY --chmod=755 . ${LAMBDA_TASK_ROOT}/\n";
    assert!(python.ends_with(&format!("{code}CMD [\"handler.handler\"]\n")), "{python}");
    let unlocked = dockerfile("python3.11", &[("fn/requirements.txt", "")]);
    assert!(unlocked.contains("--target /dependencies --requirement requirements.txt\n"), "{unlocked}");
    let node = dockerfile("nodejs22.x", &[("fn/package.json", "{}"), ("fn/package-lock.json", "{}")]);
    assert!(node.contains("COPY package.json package-lock.json ./\n") && node.contains("npm ci --omit=dev"), "{node}");
    let ruby = dockerfile("ruby3.2", &[("fn/Gemfile", ""), ("fn/vendor/cache/x.gem", "")]);
    assert!(ruby.contains("RUN yum install") && ruby.contains("COPY Gemfile vendor ./\n"), "{ruby}");
    assert!(!ruby.contains("frozen true"), "{ruby}");
}

#[test]
fn without_dependencies_there_is_the_code_alone() {
    let plain =
        "FROM public.ecr.aws/lambda/python:3.13\nCOPY --chmod=755 . ${LAMBDA_TASK_ROOT}/\nCMD [\"handler.handler\"]\n";
    assert_eq!(dockerfile("python3.13", &[]), plain);
}

#[test]
fn programs_are_compiled_in_a_stage_of_their_own() {
    let cargo = "[package]\nname = \"loader\"\n";
    let rust = dockerfile("rust", &[("fn/Cargo.toml", cargo), ("fn/Cargo.lock", "")]);
    assert!(rust.contains("cargo build --release --locked --target aarch64-unknown-linux-musl && \\\n"), "{rust}");
    assert!(rust.contains("cp target/aarch64-unknown-linux-musl/release/loader /bootstrap\n"), "{rust}");
    assert!(rust.contains("\nFROM public.ecr.aws/lambda/provided:al2023\n"), "{rust}");
    let named = format!("{cargo}[[bin]]\nname = \"bootstrap\"\n");
    assert!(dockerfile("rust", &[("fn/Cargo.toml", &named)]).contains("/release/bootstrap /bootstrap\n"));
    let go = dockerfile("go", &[("fn/go.mod", ""), ("fn/go.sum", "")]);
    assert!(go.contains("COPY go.mod go.sum ./\n") && go.contains("CMD [\"bootstrap\"]\n"), "{go}");
}

const IMAGE: (&str, &str) = ("fn/function.json", r#"{"runtime": {"lang": "python3.13"}, "build": {"kind": "image"}}"#);

#[test]
fn a_dockerfile_of_the_authors_is_taken_as_it_is() {
    let function = ("fn/function.json", r#"{"build": {"kind": "image"}}"#);
    let fixture = Fixture::new(&[function, ("fn/Dockerfile", "FROM scratch\n")]).with_path("/nonexistent");
    let (image, _) = fixture.image("fn").unwrap();
    assert_eq!(image.dockerfile, fixture.root().join("fn/Dockerfile"));
    assert!(!fixture.root().join(".tc").exists());
    let none = Fixture::new(&[function]).image("fn").unwrap_err();
    assert!(none[0].starts_with("TC0945 error the image of function `fn` has neither a Dockerfile nor a runtime @"));
    let java = Fixture::new(&[("fn/function.json", &IMAGE.1.replace("python3.13", "java21"))]).image("fn").unwrap_err();
    assert!(java[0].starts_with("TC0945 error tc has no Dockerfile for function `fn` on `java21` @"), "{java:?}");
}

/// A Docker that does as it is told by `answer` and writes down how it was called.
fn docker(answer: &str) -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("log");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{}'\ncase $1 in version) echo 28.0;; image) echo sha256:abc;; *) {answer};; esac\n",
        log.display()
    );
    executable(&place.path().join("docker"), &script);
    let path = format!("{}:/bin:/usr/bin", place.path().display());
    (place, path)
}

#[test]
fn where_there_is_docker_the_image_is_built() {
    let (place, path) = docker("exit 0");
    let fixture = Fixture::new(&[IMAGE, ("fn/handler.py", "")]).with_path(path);
    let (image, findings) = fixture.image("fn").unwrap();
    assert_eq!((image.id.as_deref(), image.tag.as_str()), (Some("sha256:abc"), "etl-fn:x86_64"));
    assert_eq!(findings, [""; 0]);
    let log = fs::read_to_string(place.path().join("log")).unwrap();
    let build = log.lines().find(|line| line.starts_with("build ")).unwrap();
    assert!(build.starts_with("build --platform linux/amd64 --provenance=false "), "{build}");
    assert!(build.ends_with(&format!("--tag etl-fn:x86_64 {}", fixture.root().join("fn").display())), "{build}");
}

#[test]
fn what_docker_says_is_shown_without_secrets() {
    let (_place, path) = docker("echo 'ERROR: failed to fetch https://user:s3cret@h/x' >&2; exit 1");
    let said = Fixture::new(&[IMAGE, ("fn/handler.py", "")]).with_path(path).image("fn").unwrap_err();
    assert_eq!(
        said,
        ["TC0944 error Docker cannot build the image of function `fn` @ fn/function.json:1; \
          > ERROR: failed to fetch https://***@h/x"]
    );
}
