//! Native libraries in a layer's tree: made by hand, one fault each.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use tc_core::ir::{Architecture, Runtime};
use tc_core::source::{SourceMap, Span};
use tc_core::world::SourcePath;
use tc_package::layer::Target;
use tc_package::layer::elf::{Check, Elf, Libraries, Machine, Report, Unread, Version, check};
use tc_package::layer::image::LAYER;
use tc_package::layer::install::Distribution;
use tc_tests::elf::{AARCH64, Library, X86_64};
use tempfile::TempDir;

/// A tree, and what is known of it.
struct Tree {
    root: TempDir,
    distributions: Vec<Distribution>,
    runtime: &'static str,
    architecture: Architecture,
    mount: &'static str,
    libs: Option<PathBuf>,
    host: Vec<PathBuf>,
    threads: usize,
}

impl Tree {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let root = TempDir::new().unwrap();
        write(root.path(), files);
        Self {
            root,
            distributions: Vec::new(),
            runtime: "python3.12",
            architecture: Architecture::X86_64,
            mount: LAYER,
            libs: None,
            host: Vec::new(),
            threads: 2,
        }
    }

    /// The files below the directories belong to a distribution.
    fn with(mut self, name: &str, directories: &[&str]) -> Self {
        let all = files(self.root.path());
        let is_own = |file: &String| directories.iter().any(|directory| file.starts_with(directory));
        let files = all.into_iter().filter(is_own).collect();
        self.distributions.push(Distribution { name: name.to_owned(), version: "1.0".to_owned(), files });
        self
    }

    fn on(self, runtime: &'static str, architecture: Architecture) -> Self {
        Self { runtime, architecture, ..self }
    }

    /// The report, and the findings in one text each: weight, code, message, and each line of help after `?`.
    fn check(&self) -> (Report, Vec<String>) {
        let file = SourceMap::default().add(SourcePath::new("pyproject.toml"), "x\n".to_owned());
        let target = Target { runtime: Runtime::parse(self.runtime).unwrap(), architecture: self.architecture };
        let checked = check(&Check {
            tree: self.root.path(),
            mount: self.mount,
            target,
            distributions: &self.distributions,
            libraries: Libraries { given: self.libs.as_deref(), host: &self.host },
            place: &|_| Span::new(file, 0, 1),
            threads: self.threads,
        })
        .unwrap();
        let show = |finding: tc_core::diagnostic::Diagnostic| {
            let help: String = finding.help.iter().map(|help| format!(" ? {help}")).collect();
            format!("{} {} {}{help}", finding.severity.as_str(), finding.code.id, finding.message)
        };
        (checked.report, checked.findings.into_iter().map(show).collect())
    }

    fn findings(&self) -> Vec<String> {
        self.check().1
    }

    /// The only finding.
    fn finding(&self) -> String {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings[0].clone()
    }
}

fn write(root: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn files(root: &Path) -> Vec<String> {
    tc_package::layer::tree::files(root).unwrap().into_keys().map(|name| name.to_string()).collect()
}

fn library() -> Library {
    Library::new(X86_64)
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

#[test]
fn a_file_says_what_it_needs() {
    let mut made = Library::new(AARCH64).needs(&["libm.so.6", "libfoo.so.1"]).glibc(&["GLIBC_2.17", "GLIBC_2.28"]);
    made.soname = Some("libbar.so.2");
    made.runpath = Some("$ORIGIN/../x.libs:/opt/lib");
    made.versions.push(("libstdc++.so.6", vec!["GLIBCXX_3.4.21", "CXXABI_1.3.9"]));
    made.weak = vec!["GLIBC_2.99"];
    let file = Elf::read(&made.bytes()[..]).unwrap();
    assert_eq!(file.platform.machine, Machine::Lambda(Architecture::Arm64));
    assert_eq!(file.soname.as_deref(), Some("libbar.so.2"));
    assert_eq!(file.needed, ["libm.so.6", "libfoo.so.1"]);
    assert_eq!((file.rpath, file.runpath), (vec![], vec!["$ORIGIN/../x.libs".to_owned(), "/opt/lib".to_owned()]));
    assert_eq!(file.versions.glibc, Some(version("2.28")), "what is weak is not needed");
    assert_eq!((file.versions.glibcxx, file.versions.cxxabi), (Some(version("3.4.21")), Some(version("1.3.9"))));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused_and_none_makes_a_panic() {
    let mut made = library().needs(&["libc.so.6"]).glibc(&["GLIBC_2.17"]);
    made.interpreter = Some("/lib64/ld-linux-x86-64.so.2");
    let bytes = made.bytes();
    assert!(Elf::read(&bytes[..]).is_ok());
    for end in 0..bytes.len() {
        let read = Elf::read(&bytes[..end]);
        assert!(matches!(read, Err(Unread::Other | Unread::Malformed)), "{end} of {}: {read:?}", bytes.len());
    }
    // Any byte may be any other.
    for at in 0..bytes.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            let _ = Elf::read(&bytes[..]);
        }
    }
}

#[test]
fn a_tree_without_faults_is_reported_without_a_word() {
    let tree = Tree::new(&[
        ("python/a/x.so", library().needs(&["libc.so.6", "libz.so.1"]).glibc(&["GLIBC_2.17"]).bytes()),
        ("python/a/y.so", library().needs(&["libstdc++.so.6"]).glibc(&["GLIBC_2.34", "GLIBC_2.3.4"]).bytes()),
        ("python/a/__init__.py", b"# not native, though longer than a header would be: 0123456789 0123456789".to_vec()),
        ("python/a/model.o", vec![0; 100]),
    ]);
    let (report, findings) = tree.check();
    assert_eq!(findings, [""; 0]);
    assert_eq!((report.files, report.glibc, report.taken), (2, Some(version("2.34")), vec![]));
}

#[test]
fn a_distribution_for_another_processor_is_one_error() {
    let files = [
        ("python/n/a.so", library().bytes()),
        ("python/n/b.so", library().bytes()),
        ("python/n.libs/c.so", library().bytes()),
    ];
    let tree = Tree::new(&files).with("n", &["python/n"]).on("python3.13", Architecture::Arm64);
    assert_eq!(
        tree.finding(),
        "error TC0950 `n` 1.0 is built for x86_64, but runs on arm64 ? `python/n.libs/c.so`, `python/n/a.so` and 1 more \
         ? install it for arm64, or set `runtime.architecture` to `x86_64`"
    );
    assert_eq!(tree.check().0.glibc, None);
}

#[test]
fn what_is_built_for_alpine_is_an_error() {
    let tree = Tree::new(&[("python/n/a.so", library().needs(&["libc.musl-x86_64.so.1"]).bytes())]);
    let finding = tree.finding();
    assert!(
        finding.starts_with(
            "error TC0950 `python/n` is built for x86_64 with musl, but runs on Linux on x86_64 with glibc ?"
        ),
        "{finding}"
    );
}

#[test]
fn what_was_installed_on_a_mac_is_an_error() {
    let mach_o = || [&[0xcf, 0xfa, 0xed, 0xfe][..], &[0; 100]].concat();
    let files = [
        ("python/n/a.cpython-312-darwin.so", mach_o()),
        ("python/n/libn.dylib", mach_o()),
        ("python/n/tool", mach_o()),
    ];
    let finding = Tree::new(&files).finding();
    assert!(
        finding.starts_with("error TC0950 `python/n` is built for macOS, but runs on Linux on x86_64 with glibc ?"),
        "{finding}"
    );
    assert!(finding.contains(" ? `python/n/a.cpython-312-darwin.so` ?"), "{finding}");
}

#[test]
fn a_program_is_started_by_the_images_loader() {
    let program = |loader| {
        let mut program = library().needs(&["libc.so.6"]);
        program.interpreter = Some(loader);
        program.bytes()
    };
    let files = |name, loader| Tree::new(&[(name, program(loader))]);
    assert_eq!(files("bin/tool", "/lib64/ld-linux-x86-64.so.2").findings(), [""; 0]);
    assert_eq!(files("lib/libtool.so.1", "/nix/store/x/ld-linux-x86-64.so.2").findings(), [""; 0]);
    let finding = files("bin/tool", "/nix/store/x/ld-linux-x86-64.so.2").finding();
    assert!(
        finding.starts_with("error TC0952 `bin/tool` needs `/nix/store/x/ld-linux-x86-64.so.2`, which is neither"),
        "{finding}"
    );
}

#[test]
fn a_distribution_that_brings_files_for_all_platforms_loads_its_own() {
    let other = |machine| Library::new(machine).needs(&["libnowhere.so"]).bytes();
    let tree = Tree::new(&[
        ("nodejs/node_modules/b/prebuilds/linux-x64/b.node", library().needs(&["libc.so.6"]).bytes()),
        ("nodejs/node_modules/b/prebuilds/linux-x64/b.musl.node", library().needs(&["libc.musl-x86_64.so.1"]).bytes()),
        ("nodejs/node_modules/b/prebuilds/linux-arm64/b.node", other(AARCH64)),
        (
            "nodejs/node_modules/b/prebuilds/android-arm64/b.node",
            Library::new(AARCH64).needs(&["libc.so", "libm.so"]).bytes(),
        ),
        ("nodejs/node_modules/b/prebuilds/linux-s390x/b.node", other(22)),
    ]);
    let tree = Tree { runtime: "nodejs22.x", ..tree };
    assert_eq!(tree.findings(), [""; 0]);
    // A file that does not say so is odd.
    write(tree.root.path(), &[("nodejs/node_modules/b/odd.node", other(AARCH64))]);
    let finding = tree.finding();
    assert!(
        finding.starts_with("warning TC0950 `nodejs/node_modules/b` is built for arm64, but runs on x86_64 ?"),
        "{finding}"
    );
    // One that brings none that fits cannot work.
    let tree = Tree {
        architecture: Architecture::Arm64,
        ..Tree::new(&[("nodejs/node_modules/b/prebuilds/linux-x64/b.node", library().bytes())])
    };
    assert!(tree.finding().starts_with("error TC0950"), "{:?}", tree.findings());
}

#[test]
fn a_wheel_that_is_said_to_run_everywhere_can_do_without_what_it_names_by_platform() {
    let wheel = |pure: &str| format!("Wheel-Version: 1.0\nRoot-Is-Purelib: {pure}\nTag: py3-none-any\n").into_bytes();
    for (file, pure, weight) in [
        ("python/d/attach_amd64.so", "true", "warning"),
        ("python/d/attach_amd64.so", "false", "error"),
        ("python/d/attach.so", "true", "error"),
    ] {
        let files = [(file, library().bytes()), ("python/d-1.0.dist-info/WHEEL", wheel(pure))];
        let tree = Tree::new(&files).with("d", &["python/d"]).on("python3.12", Architecture::Arm64);
        let finding = tree.finding();
        assert!(finding.starts_with(&format!("{weight} TC0950 `d` 1.0")), "{finding}");
    }
}

#[test]
fn a_newer_c_library_is_an_error_with_the_highest_version() {
    let newer = |needed| library().needs(&["libc.so.6"]).glibc(&[needed]).bytes();
    let files = [
        ("python/c/a.so", newer("GLIBC_2.28")),
        ("python/c/b.so", newer("GLIBC_2.34")),
        ("python/c/c.so", newer("GLIBC_2.17")),
    ];
    let tree = Tree::new(&files).with("c", &["python/c"]).on("python3.11", Architecture::X86_64);
    assert_eq!(
        tree.finding(),
        "error TC0951 `c` 1.0 needs glibc 2.34, which is newer than that of python3.11 (Amazon Linux 2, glibc 2.26) \
         ? `python/c/a.so` and `python/c/b.so` ? take a version that is built for glibc 2.26 or older, or take python3.12 \
         or later, which run on Amazon Linux 2023"
    );
    assert_eq!(tree.on("python3.12", Architecture::X86_64).findings(), [""; 0]);
    // Relative relocations in short form: glibc 2.36 is the first to know them.
    let tree = Tree::new(&[("python/c/a.so", newer("GLIBC_ABI_DT_RELR"))]);
    assert!(tree.finding().contains("`python/c` needs glibc 2.36, which"), "{}", tree.finding());
}

#[test]
fn a_newer_cpp_library_is_an_error_unless_the_files_own_stands_before_the_images() {
    let needing = |rpath, runpath| {
        let mut library = library().needs(&["libstdc++.so.6"]);
        library.versions.push(("libstdc++.so.6", vec!["GLIBCXX_3.4.34"]));
        (library.rpath, library.runpath) = (rpath, runpath);
        library.bytes()
    };
    let own = library().bytes();
    let with = |name: &str, bytes| Tree::new(&[("python/x/x.so", bytes), (name, own.clone())]);
    let finding = with("lib/libstdc++.so.6", needing(None, None)).finding();
    assert!(
        finding.starts_with("error TC0951 `python/x` needs libstdc++ with version 3.4.34 of its symbols"),
        "{finding}"
    );
    // `LD_LIBRARY_PATH`, and so the image's, stands before a RUNPATH and after an RPATH.
    assert_eq!(with("python/x/libstdc++.so.6", needing(None, Some("$ORIGIN"))).findings().len(), 1);
    assert_eq!(with("python/x/libstdc++.so.6", needing(Some("$ORIGIN"), None)).findings(), [""; 0]);
}

#[test]
fn libraries_are_found_where_the_loader_looks() {
    let needing = |rpath, runpath| {
        let mut library = library().needs(&["libfoo.so.1"]);
        (library.rpath, library.runpath) = (rpath, runpath);
        library.bytes()
    };
    let foo = || library().bytes();
    let found =
        |file: Vec<u8>, place: &str| Tree::new(&[("python/x/a/x.so", file), (place, foo())]).findings().is_empty();
    for (rpath, runpath, place) in [
        (None, Some("$ORIGIN/../../x.libs"), "python/x.libs/libfoo.so.1"),
        (Some("${ORIGIN}/b"), None, "python/x/a/b/libfoo.so.1"),
        (None, Some("/nowhere:/opt/y/./z/.."), "y/libfoo.so.1"),
        (None, None, "lib/libfoo.so.1"),
    ] {
        assert!(found(needing(rpath, runpath), place), "{place}");
    }
    // A RUNPATH makes the RPATH void.
    assert!(!found(needing(Some("$ORIGIN/../../y"), Some("$ORIGIN")), "python/y/libfoo.so.1"));
    assert!(!found(needing(None, Some("$ORIGIN/../../../../../y")), "python/y/libfoo.so.1"), "out of the tree");
    // Under another name than that which is looked for, or for another processor, it is not found.
    assert!(!found(needing(None, None), "lib/libfoo.so.1.0"));
    let other =
        Tree::new(&[("python/x/a/x.so", needing(None, None)), ("lib/libfoo.so.1", Library::new(AARCH64).bytes())]);
    assert_eq!(other.findings().len(), 2);
}

#[test]
fn what_a_distribution_brings_is_taken_for_loaded() {
    let mut torch = library();
    torch.soname = Some("libtorch.so");
    let files = [
        ("python/torch/lib/libtorch-1.so", torch.bytes()),
        ("python/torch/_C.so", library().needs(&["libtorch.so"]).bytes()),
        ("python/torchvision/_C.so", library().needs(&["libtorch.so"]).bytes()),
    ];
    let tree = Tree::new(&files).with("torch", &["python/torch/"]).with("torchvision", &["python/torchvision/"]);
    assert_eq!(tree.findings(), [""; 0]);
    // A vendored package has what it brings itself, and what distributions bring, but not what another vendored one has.
    assert_eq!(
        Tree::new(&files).finding(),
        "error TC0952 `python/torchvision` needs `libtorch.so`, which is neither in the layer nor in python3.12 (Amazon \
         Linux 2023, glibc 2.34) ? `libtorch.so` is needed by `python/torchvision/_C.so` ? `libtorch.so` is in the layer as \
         `python/torch/lib/libtorch-1.so`, where the loader does not look: put it into `lib/` ? put it, built for x86_64 and \
         glibc 2.34 or older, into a directory that `build.libs` names ? if nothing loads the file, remove it in `build.post`"
    );
}

#[test]
fn missing_libraries_are_told_by_distribution() {
    let files = [
        ("python/cv2/cv2.abi3.so", library().needs(&["libGL.so.1", "libX11.so.6"]).bytes()),
        ("python/cv2/b.so", library().needs(&["libGL.so.1"]).bytes()),
        ("python/cv2/qt/plugins/libqxcb.so", library().needs(&["libGL.so.1", "libxcb.so.1"]).bytes()),
        ("python/lgb/lib_lgb.so", library().needs(&["libgomp.so.1"]).bytes()),
    ];
    let tree = Tree::new(&files).with("opencv-python", &["python/cv2/"]).with("lightgbm", &["python/lgb/"]);
    let image = "python3.12 (Amazon Linux 2023, glibc 2.34)";
    assert_eq!(
        tree.findings(),
        [
            format!(
                "error TC0952 `opencv-python` 1.0 needs `libGL.so.1` and `libX11.so.6`, which are neither in the layer nor in \
                 {image} ? `libGL.so.1` is needed by `python/cv2/b.so` and `python/cv2/cv2.abi3.so` ? `libX11.so.6` is needed \
                 by `python/cv2/cv2.abi3.so` ? depend on `opencv-python-headless` instead, which does not need them ? put \
                 them, built for x86_64 and glibc 2.34 or older, into a directory that `build.libs` names ? if nothing loads \
                 the file, remove it in `build.post`"
            ),
            format!(
                "warning TC0952 `opencv-python` 1.0 needs `libxcb.so.1`, which is neither in the layer nor in {image} ? \
                 `libxcb.so.1` is needed by `python/cv2/qt/plugins/libqxcb.so` ? nothing has to be done; to be rid of the \
                 warning, remove the file in `build.post` ? a warning, since it is a plug-in that is loaded only when it is \
                 asked for"
            ),
            format!(
                "error TC0952 `lightgbm` 1.0 needs `libgomp.so.1`, which is neither in the layer nor in {image} ? \
                 `libgomp.so.1` is needed by `python/lgb/lib_lgb.so` ? put it, built for x86_64 and glibc 2.34 or older, into \
                 a directory that `build.libs` names ? if nothing loads the file, remove it in `build.post`"
            ),
        ]
    );
}

#[test]
fn missing_libraries_are_taken_with_their_own_needs_and_said() {
    let mut tree = Tree::new(&[
        ("python/a/a.so", library().needs(&["libb.so.1", "libc.so.6"]).bytes()),
        ("python/d/tbbpool.so", library().needs(&["libtbb.so.12"]).bytes()),
    ])
    .with("a", &["python/a/"]);
    let libs = TempDir::new().unwrap();
    let mut named = library().needs(&["libz.so.1"]);
    named.soname = Some("libd.so.2");
    write(
        libs.path(),
        &[
            ("libb.so.1", library().needs(&["libd.so.2", "libz.so.1", "libh.so.1"]).bytes()),
            ("libd.so.2.3.4", named.bytes()),
            ("libtbb.so.12", library().bytes()),
            ("README", b"not a library".to_vec()),
        ],
    );
    let host = TempDir::new().unwrap();
    write(
        host.path(),
        &[("libh.so.1", library().needs(&["libb.so.1"]).bytes()), ("libb.so.1", b"the given stand first".to_vec())],
    );
    tree.libs = Some(libs.path().to_owned());
    tree.host = vec![host.path().to_owned(), PathBuf::from("/nonexistent")];
    let (report, findings) = tree.check();
    let (libs, host) = (libs.path().display(), host.path().display());
    let note = |name: &str, from: String| {
        format!(
            "note TC0954 took `{name}` from `{from}` into the layer for `a` 1.0 ? it is found as `/opt/lib/{name}`; the image of python3.12 lacks it"
        )
    };
    let warning = findings.last().unwrap();
    assert!(
        warning.starts_with("warning TC0952 `python/d` needs `libtbb.so.12`"),
        "what can be done without is not taken: {warning}"
    );
    assert_eq!(
        findings[..3],
        [
            note("libb.so.1", format!("{libs}/libb.so.1")),
            note("libd.so.2", format!("{libs}/libd.so.2.3.4")),
            note("libh.so.1", format!("{host}/libh.so.1"))
        ]
    );
    let taken: Vec<_> = report.taken.iter().map(|taken| taken.file.as_str()).collect();
    assert_eq!(taken, ["lib/libb.so.1", "lib/libd.so.2", "lib/libh.so.1"]);
    assert_eq!(report.files, 5);
    assert_eq!(
        files(tree.root.path()),
        ["lib/libb.so.1", "lib/libd.so.2", "lib/libh.so.1", "python/a/a.so", "python/d/tbbpool.so"]
    );
    assert_eq!(fs::read(tree.root.path().join("lib/libd.so.2")).unwrap(), named.bytes());
    // Nothing is left to be mended.
    assert_eq!(tree.check().0.taken, []);
}

#[test]
fn what_does_not_fit_is_not_taken_and_the_reason_is_told() {
    let cases = [
        (Library::new(AARCH64).bytes(), "is built for arm64"),
        (library().glibc(&["GLIBC_2.38"]).bytes(), "needs glibc 2.38"),
        (library().glibc(&["GLIBC_PRIVATE"]).bytes(), "works with the C library of this machine alone"),
        (b"/* GNU ld script */ INPUT(/lib/libfoo.so.1)".to_vec(), "is no library"),
        (library().needs(&["libother.so.3"]).bytes(), "needs `libother.so.3` in turn"),
        (library().needs(&["libpython3.9.so.1.0"]).bytes(), "needs `libpython3.9.so.1.0` in turn"),
    ];
    for (bytes, reason) in cases {
        let host = TempDir::new().unwrap();
        write(host.path(), &[("libfoo.so.1", bytes), ("libpython3.9.so.1.0", library().bytes())]);
        let tree = Tree::new(&[("python/a/a.so", library().needs(&["libfoo.so.1"]).bytes())]);
        let tree = Tree { host: vec![host.path().to_owned(), host.path().to_owned()], ..tree };
        let finding = tree.finding();
        let told = format!(" ? not taken from this machine: `{}/libfoo.so.1` {reason} ?", host.path().display());
        assert!(finding.starts_with("error TC0952") && finding.contains(&told), "{finding}");
        assert_eq!(files(tree.root.path()), ["python/a/a.so"], "nothing is taken in part");
    }
}

#[test]
fn the_c_library_is_never_taken() {
    let host = TempDir::new().unwrap();
    write(host.path(), &[("libpthread.so.1", library().bytes()), ("libcuda.so.1", library().bytes())]);
    let tree = Tree::new(&[
        ("python/a/a.so", library().needs(&["libpthread.so.1"]).bytes()),
        ("python/b/b.so", library().needs(&["libcuda.so.1"]).bytes()),
    ]);
    let tree = Tree { host: vec![host.path().to_owned()], ..tree };
    let (report, findings) = tree.check();
    assert_eq!(report.taken, []);
    assert!(findings[0].starts_with("error TC0952 `python/a` needs `libpthread.so.1`"), "{findings:#?}");
    assert!(findings[1].starts_with("warning TC0952 `python/b` needs `libcuda.so.1`"), "{findings:#?}");
}

#[test]
fn a_library_that_may_be_there_is_a_warning_until_it_is_given() {
    let needing = || [("python/c/c.so", library().needs(&["libgcrypt.so.20"]).bytes())];
    let tree = Tree::new(&needing());
    let finding = tree.finding();
    assert!(
        finding.starts_with("warning TC0953 `python/c` needs `libgcrypt.so.20`, which may not be in python3.12"),
        "{finding}"
    );
    let libs = TempDir::new().unwrap();
    write(libs.path(), &[("libgcrypt.so.20", library().needs(&["libgpg-error.so.0"]).bytes())]);
    let tree = Tree { libs: Some(libs.path().to_owned()), ..Tree::new(&needing()) };
    let findings = tree.findings();
    assert!(findings[0].starts_with("note TC0954 took `libgcrypt.so.20`"), "{findings:#?}");
    assert!(findings[1].starts_with("warning TC0953 `lib/libgcrypt.so.20` needs `libgpg-error.so.0`"), "{findings:#?}");
}

#[test]
fn a_directory_of_libraries_that_is_absent_is_an_error() {
    let tree = Tree::new(&[("python/a/a.so", library().needs(&["libfoo.so.1"]).bytes())]);
    let tree = Tree { libs: Some(PathBuf::from("/nonexistent")), ..tree };
    let findings = tree.findings();
    assert!(
        findings[0].starts_with("error TC0955 the directory that `build.libs` names cannot be read"),
        "{findings:#?}"
    );
    assert!(findings[1].starts_with("error TC0952 `python/a`"), "{findings:#?}");
}

#[test]
fn on_a_file_system_the_loader_looks_in_no_directory_of_the_tree() {
    let foo = || [("lib/libfoo.so.1", library().bytes()), ("python/a/a.so", library().needs(&["libfoo.so.1"]).bytes())];
    let tree = Tree { mount: "/mnt/assets/deps", ..Tree::new(&foo()) };
    assert!(
        tree.finding().contains("is in the layer as `lib/libfoo.so.1`, where the loader does not look"),
        "{}",
        tree.finding()
    );
    // In the code it does.
    let tree = Tree { mount: "/var/task", ..Tree::new(&foo()) };
    assert_eq!(tree.findings(), [""; 0]);
    let host = TempDir::new().unwrap();
    write(host.path(), &[("libfoo.so.1", library().bytes())]);
    let tree = Tree { mount: "/mnt/assets/deps", host: vec![host.path().to_owned()], ..Tree::new(&foo()[1..]) };
    assert!(tree.finding().starts_with("error TC0952"), "{}", tree.finding());
}

#[test]
fn a_damaged_library_is_told_and_damaged_data_is_not() {
    let bytes = library().needs(&["libc.so.6"]).bytes();
    let cut = bytes[..bytes.len() - 8].to_vec();
    let tree = Tree::new(&[
        ("python/a/a.so", cut.clone()),
        ("python/a/b.so.1.2", cut.clone()),
        ("python/a/tests/data.bin", cut),
    ]);
    let finding = tree.finding();
    assert!(finding.starts_with("warning TC0956 `python/a` has a native library that cannot be read ? `python/a/a.so` and `python/a/b.so.1.2` ?"), "{finding}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let names: Vec<String> = (0..60).map(|number| format!("python/p{number}/x.so")).collect();
    let file = |number: usize| {
        if number.is_multiple_of(3) { library().needs(&["libno.so"]).bytes() } else { Library::new(AARCH64).bytes() }
    };
    let files: Vec<_> = names.iter().enumerate().map(|(number, name)| (name.as_str(), file(number))).collect();
    let [one, four] = [1, 4].map(|threads| Tree { threads, ..Tree::new(&files) }.check());
    assert_eq!(one, four);
    assert_eq!(one.1.len(), 60);
}
