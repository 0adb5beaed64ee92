//! What a function brings itself in `lib/` and `vendor/`, merged into its layer's tree.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::{Architecture, Runtime};
use tc_core::source::{SourceMap, Span};
use tc_core::world::SourcePath;
use tc_package::layer::Target;
use tc_package::layer::install::Distribution;
use tc_package::layer::merge::{Merge, merge};
use tempfile::TempDir;

/// A function's directory and a tree.
struct Case {
    directory: TempDir,
    tree: TempDir,
    runtime: &'static str,
    distributions: Vec<Distribution>,
}

fn case(runtime: &'static str, files: &[&str]) -> Case {
    let (directory, tree) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    files.iter().for_each(|file| put(directory.path(), file, file));
    Case { directory, tree, runtime, distributions: Vec::new() }
}

fn put(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

impl Case {
    fn merge(&self) -> Result<Vec<String>, Vec<String>> {
        let file = SourceMap::default().add(SourcePath::new("function.json"), "{}\n".to_owned());
        let runtime = Runtime::parse(self.runtime).unwrap();
        let show = |finding: Diagnostic| {
            let help: String = finding.help.iter().map(|help| format!(" ? {help}")).collect();
            format!("{} {}{help}", finding.code.id, finding.message)
        };
        merge(&Merge {
            directory: self.directory.path(),
            tree: self.tree.path(),
            target: Target { runtime, architecture: Architecture::X86_64 },
            distributions: &self.distributions,
            place: Span::new(file, 0, 1),
        })
        .map_err(|findings| findings.into_iter().map(show).collect())
    }

    fn error(&self) -> String {
        let errors = self.merge().unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0].clone()
    }
}

#[test]
fn python_packages_and_libraries_go_where_they_are_looked_for() {
    let case = case(
        "python3.12",
        &[
            "handler.py",
            "lib/helpers.py",
            "lib/data/x.json",
            "lib/geo/__init__.py",
            "lib/geo/__pycache__/x.pyc",
            "lib/geo/_geo.cpython-312-x86_64-linux-gnu.so",
            "lib/geo-1.0.dist-info/METADATA",
            "lib/geo.libs/libgeo-1.so",
            "lib/libfoo.so",
            "lib/libfoo.so.1.2",
            "lib/_fast.abi3.so",
            "vendor/.git/config",
            "vendor/six.py",
            "vendor/google/cloud/x.py",
            "vendor/libbar.so.2",
            "vendor/README.md",
        ],
    );
    assert_eq!(
        case.merge().unwrap(),
        [
            "lib/libbar.so.2",
            "lib/libfoo.so",
            "lib/libfoo.so.1.2",
            "python/_fast.abi3.so",
            "python/geo-1.0.dist-info/METADATA",
            "python/geo.libs/libgeo-1.so",
            "python/geo/__init__.py",
            "python/geo/_geo.cpython-312-x86_64-linux-gnu.so",
            "python/google/cloud/x.py",
            "python/six.py",
        ]
    );
    let bytes = fs::read_to_string(case.tree.path().join("python/google/cloud/x.py")).unwrap();
    assert_eq!(bytes, "vendor/google/cloud/x.py");
}

#[test]
fn a_package_of_the_code_is_left_to_the_code() {
    let case = case("python3.12", &["lib/__init__.py", "lib/geo/__init__.py", "lib/libfoo.so"]);
    assert_eq!(case.merge(), Ok(vec![]));
}

#[test]
fn other_languages_have_their_own_places() {
    let node = case(
        "nodejs22.x",
        &[
            "lib/index.js",
            "lib/libfoo.so.1",
            "vendor/left-pad/package.json",
            "vendor/left-pad/index.js",
            "vendor/@acme/log/package.json",
            "vendor/node_modules/ms/package.json",
            "vendor/script.js",
            "vendor/data/x.json",
        ],
    );
    assert_eq!(
        node.merge().unwrap(),
        [
            "lib/libfoo.so.1",
            "nodejs/node_modules/@acme/log/package.json",
            "nodejs/node_modules/left-pad/index.js",
            "nodejs/node_modules/left-pad/package.json",
            "nodejs/node_modules/ms/package.json",
        ]
    );
    let java = case("java21", &["lib/x.jar", "lib/libjni.so", "lib/x.txt"]);
    assert_eq!(java.merge().unwrap(), ["java/lib/x.jar", "lib/libjni.so"]);
    let rust = case("rust", &["lib/libssl.so.3", "vendor/serde/Cargo.toml"]);
    assert_eq!(rust.merge().unwrap(), ["lib/libssl.so.3"]);
}

#[test]
fn bundled_gems_are_merged_for_the_right_ruby() {
    let gem = "vendor/bundle/ruby/3.3.0/gems/rack-3.0/lib/rack.rb";
    let files = [
        gem,
        "vendor/bundle/ruby/3.3.0/specifications/rack-3.0.gemspec",
        "vendor/bundle/ruby/3.3.0/cache/rack-3.0.gem",
    ];
    let merged = ["ruby/gems/3.3.0/gems/rack-3.0/lib/rack.rb", "ruby/gems/3.3.0/specifications/rack-3.0.gemspec"];
    assert_eq!(case("ruby3.3", &files).merge().unwrap(), merged);
    // Gems of nothing but Ruby run on any.
    let other: Vec<_> = merged.iter().map(|name| name.replace("3.3.0", "3.4.0")).collect();
    assert_eq!(case("ruby3.4", &files).merge().unwrap(), other);
    let extension = "vendor/bundle/ruby/3.3.0/extensions/x86_64-linux/3.3.0/pg-1.5/pg_ext.so";
    assert!(case("ruby3.3", &[gem, extension]).merge().is_ok());
    assert_eq!(
        case("ruby3.4", &[gem, extension]).error(),
        "TC0958 `vendor/bundle/ruby/3.3.0` has gems with extensions for Ruby 3.3, but the function runs on Ruby 3.4 ? install \
         them with Ruby 3.4, or remove the directory and let `tc build` install them"
    );
    // Where a Gemfile was installed, the directory is bundler's own copy.
    let installed = case("ruby3.3", &files);
    put(installed.tree.path(), "ruby/gems/3.3.0/gems/rack-3.0/lib/rack.rb", "other");
    assert_eq!(installed.merge(), Ok(vec![]));
}

#[test]
fn equal_files_are_one_and_others_an_error_that_names_both() {
    let mut case =
        case("python3.12", &["lib/requests/__init__.py", "vendor/requests/__init__.py", "vendor/requests/api.py"]);
    put(case.directory.path(), "lib/requests/__init__.py", "same");
    put(case.directory.path(), "vendor/requests/__init__.py", "same");
    assert_eq!(case.merge().unwrap(), ["python/requests/__init__.py", "python/requests/api.py"]);
    // Once more, all of it is there.
    assert_eq!(case.merge(), Ok(vec![]));

    put(case.tree.path(), "python/requests/api.py", "newer");
    let files = vec!["python/requests/api.py".to_owned()];
    case.distributions = vec![Distribution { name: "requests".to_owned(), version: "2.32.5".to_owned(), files }];
    assert_eq!(
        case.error(),
        "TC0957 `vendor/requests/api.py` and that of the installed `requests` 2.32.5 both belong at `python/requests/api.py` \
         in the layer, and differ ? keep one of them: remove the directory, or the dependency from the list"
    );
}

#[test]
fn conflicts_are_told_by_package() {
    let case = case("python3.12", &["lib/a/__init__.py", "lib/a/x.py", "lib/b/__init__.py", "lib/b/y"]);
    put(case.directory.path(), "vendor/a/__init__.py", "other");
    put(case.directory.path(), "vendor/a/x.py", "other");
    // A directory where a file is.
    put(case.directory.path(), "vendor/b/y/z.py", "other");
    let errors = case.merge().unwrap_err();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors[0].starts_with("TC0957 `vendor/a/__init__.py` and `lib/a/__init__.py` both belong"), "{errors:#?}");
    assert!(errors[0].contains(" ? so does 1 more file of it ?"), "{errors:#?}");
    assert!(
        errors[1].starts_with("TC0957 `vendor/b/y/z.py` and the one that was installed both belong"),
        "{errors:#?}"
    );
}

#[test]
fn modes_are_kept_as_far_as_they_matter() {
    let case = case("python3.12", &["vendor/a/run.sh", "vendor/a/x.py"]);
    let mode = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(case.directory.path().join("vendor/a/run.sh"), mode(0o700)).unwrap();
    fs::set_permissions(case.directory.path().join("vendor/a/x.py"), mode(0o600)).unwrap();
    case.merge().unwrap();
    let mode = |name: &str| fs::metadata(case.tree.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("python/a/run.sh"), mode("python/a/x.py")], [0o755, 0o644]);
}

#[test]
fn links_are_followed_inside_and_refused_outside() {
    let case = case("python3.12", &["lib/libfoo.so.1", "vendor/a/x.py"]);
    symlink("libfoo.so.1", case.directory.path().join("lib/libfoo.so")).unwrap();
    assert_eq!(case.merge().unwrap(), ["lib/libfoo.so", "lib/libfoo.so.1", "python/a/x.py"]);
    assert!(case.tree.path().join("lib/libfoo.so").symlink_metadata().unwrap().is_file());

    symlink("/etc/passwd", case.directory.path().join("vendor/a/y.py")).unwrap();
    assert_eq!(
        case.error(),
        "TC0958 `vendor/a/y.py` is a link that leads out of its directory, nowhere, or to a directory ? replace it by a \
         file, or remove it"
    );
    fs::remove_file(case.directory.path().join("vendor/a/y.py")).unwrap();
    symlink("/etc/hostname", case.directory.path().join("lib/libbar.so")).unwrap();
    assert!(case.error().starts_with("TC0958 `lib/libbar.so` is a link"), "{}", case.error());
    fs::remove_file(case.directory.path().join("lib/libbar.so")).unwrap();
    let elsewhere = TempDir::new().unwrap();
    put(elsewhere.path(), "x.py", "elsewhere");
    symlink(elsewhere.path(), case.directory.path().join("vendor/b")).unwrap();
    assert!(case.error().starts_with("TC0958 `vendor/b` is a link"), "{}", case.error());
}
