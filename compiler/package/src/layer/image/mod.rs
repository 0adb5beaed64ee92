//! The image that a runtime runs in: Amazon Linux with its C library, and the shared libraries that are there.
//!
//! Sources. Which runtime runs on which Amazon Linux: AWS Lambda Developer Guide, "Lambda runtimes". The versions of the
//! C library: Amazon Linux 2 has glibc 2.26 and GCC 7.3, Amazon Linux 2023 glibc 2.34 (AL2023 User Guide, "Core glibc")
//! and GCC 14's libstdc++. AWS publishes no list of the libraries in the managed runtimes, and the container images
//! hold more than these (aws-lambda-base-images#120: `libcurl` is in the image of python3.11 and not in Lambda;
//! eoapi-cdk#182: the same of `libexpat` and python3.12). The lists in this folder are therefore compared from what
//! people read inside of Lambda and in the containers, each named with its list; what only some of them saw is
//! [`Presence::Unsure`].

mod amazon_linux_2;
mod amazon_linux_2023;

use super::Target;
use super::elf::Version;
use tc_core::ir::{Architecture, Family};

/// Where a layer's tree appears in a function.
pub const LAYER: &str = "/opt";

/// The directories that the loader looks in before a library's own `RUNPATH`, in order: `LD_LIBRARY_PATH` as the base
/// images set it (`ENV` in their Dockerfiles; AWS Lambda Developer Guide, "Defined runtime environment variables").
/// Those of the image come first, so that a library of a layer cannot stand in for one of the image.
pub const SEARCH_PATH: [&str; 8] = [
    "/var/lang/lib",
    "/lib64",
    "/usr/lib64",
    "/var/runtime",
    "/var/runtime/lib",
    "/var/task",
    "/var/task/lib",
    "/opt/lib",
];

/// The operating system of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Amazon Linux 2.
    AmazonLinux2,
    /// Amazon Linux 2023.
    AmazonLinux2023,
}

/// Whether a library is in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It is there.
    Present,
    /// It is in the container image, or was seen in Lambda by some and missed by others.
    Unsure,
    /// It is not there.
    Absent,
}

/// The image of a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    target: Target,
    /// The operating system.
    pub system: System,
}

/// The runtimes that AWS runs on Amazon Linux 2; every later one runs on Amazon Linux 2023.
const ON_AMAZON_LINUX_2: [&str; 13] = [
    "dotnet6",
    "java11",
    "java17",
    "java8.al2",
    "nodejs16.x",
    "nodejs18.x",
    "provided.al2",
    "python3.10",
    "python3.11",
    "python3.8",
    "python3.9",
    "ruby2.7",
    "ruby3.2",
];

impl Image {
    /// The image of a target's runtime.
    pub fn of(target: Target) -> Self {
        let system = match ON_AMAZON_LINUX_2.contains(&target.runtime.id()) {
            true => System::AmazonLinux2,
            false => System::AmazonLinux2023,
        };
        Self { target, system }
    }

    /// The version of its C library.
    pub fn glibc(&self) -> Version {
        match self.system {
            System::AmazonLinux2 => amazon_linux_2::GLIBC,
            System::AmazonLinux2023 => amazon_linux_2023::GLIBC,
        }
    }

    /// The newest version of symbols (`GLIBCXX`) in its libstdc++.
    pub fn glibcxx(&self) -> Version {
        match self.system {
            System::AmazonLinux2 => amazon_linux_2::GLIBCXX,
            System::AmazonLinux2023 => amazon_linux_2023::GLIBCXX,
        }
    }

    /// The newest version of the C++ ABI (`CXXABI`) in its libstdc++.
    pub fn cxxabi(&self) -> Version {
        match self.system {
            System::AmazonLinux2 => amazon_linux_2::CXXABI,
            System::AmazonLinux2023 => amazon_linux_2023::CXXABI,
        }
    }

    /// Whether a library of this name is in it.
    pub fn library(&self, soname: &str) -> Presence {
        let is = |list: &[&str]| list.contains(&soname);
        let loader = match self.target.architecture {
            Architecture::X86_64 => "ld-linux-x86-64.so.2",
            Architecture::Arm64 => "ld-linux-aarch64.so.1",
        };
        // glibc before 2.38 has the vector library for x86_64 alone.
        let vector = self.target.architecture == Architecture::X86_64 && soname == "libmvec.so.1";
        if soname == loader || vector || self.interpreter().is_some_and(|name| name == soname) {
            return Presence::Present;
        }
        let is_language = self.target.runtime.family != Family::Provided;
        let (present, unsure) = match self.system {
            System::AmazonLinux2 => {
                if is_language && is(&amazon_linux_2::MISSED) {
                    return Presence::Absent;
                }
                (&amazon_linux_2::PRESENT[..], &amazon_linux_2::UNSURE[..])
            }
            System::AmazonLinux2023 => (&amazon_linux_2023::PRESENT[..], &amazon_linux_2023::UNSURE[..]),
        };
        match () {
            () if is(present) => Presence::Present,
            () if is(unsure) => Presence::Unsure,
            () => Presence::Absent,
        }
    }

    /// The library of the language's interpreter, in `/var/lang/lib`, where extensions may be linked to it. Python and
    /// Ruby (since 2.7) are built with one.
    fn interpreter(&self) -> Option<String> {
        let version = self.target.version()?;
        match self.target.runtime.family {
            Family::Python => Some(format!("libpython{version}.so.1.0")),
            Family::Ruby => Some(format!("libruby.so.{version}")),
            _ => None,
        }
    }

    /// The processor.
    pub fn architecture(&self) -> Architecture {
        self.target.architecture
    }

    /// The language.
    pub fn family(&self) -> Family {
        self.target.runtime.family
    }

    /// The identifier of the runtime.
    pub fn runtime(&self) -> &'static str {
        self.target.runtime.id()
    }

    /// In words: `python3.12 (Amazon Linux 2023, glibc 2.34)`.
    pub fn describe(&self) -> String {
        let system = match self.system {
            System::AmazonLinux2 => "Amazon Linux 2",
            System::AmazonLinux2023 => "Amazon Linux 2023",
        };
        format!("{} ({system}, glibc {})", self.target.runtime.id(), self.glibc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::ir::Runtime;
    use tc_core::ir::runtime::TABLE;

    fn image(runtime: &str, architecture: Architecture) -> Image {
        Image::of(Target { runtime: Runtime::parse(runtime).unwrap(), architecture })
    }

    #[test]
    fn runtimes_have_the_c_library_of_their_amazon_linux() {
        for (runtime, wanted) in [
            ("python3.11", "python3.11 (Amazon Linux 2, glibc 2.26)"),
            ("python3.12", "python3.12 (Amazon Linux 2023, glibc 2.34)"),
            ("nodejs18.x", "nodejs18.x (Amazon Linux 2, glibc 2.26)"),
            ("nodejs20.x", "nodejs20.x (Amazon Linux 2023, glibc 2.34)"),
            ("ruby3.2", "ruby3.2 (Amazon Linux 2, glibc 2.26)"),
            ("ruby3.3", "ruby3.3 (Amazon Linux 2023, glibc 2.34)"),
            ("rust", "provided.al2023 (Amazon Linux 2023, glibc 2.34)"),
        ] {
            assert_eq!(image(runtime, Architecture::X86_64).describe(), wanted);
        }
    }

    #[test]
    fn the_libraries_that_every_wheel_may_need_are_everywhere() {
        let names = ["libc.so.6", "libm.so.6", "libpthread.so.0", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"];
        for entry in TABLE {
            for architecture in [Architecture::X86_64, Architecture::Arm64] {
                let image = image(entry.id, architecture);
                for name in names {
                    assert_eq!(image.library(name), Presence::Present, "{name} in {}", entry.id);
                }
                for name in ["libGL.so.1", "libexpat.so.1", "libgomp.so.1", "libuuid.so.2"] {
                    assert_eq!(image.library(name), Presence::Absent, "{name} in {}", entry.id);
                }
            }
        }
    }

    #[test]
    fn what_depends_on_processor_system_and_language_is_told_apart() {
        let library = |runtime, architecture, name| image(runtime, architecture).library(name);
        let (x86_64, arm64) = (Architecture::X86_64, Architecture::Arm64);
        assert_eq!(library("python3.12", x86_64, "ld-linux-x86-64.so.2"), Presence::Present);
        assert_eq!(library("python3.12", arm64, "ld-linux-x86-64.so.2"), Presence::Absent);
        assert_eq!(library("python3.12", arm64, "libmvec.so.1"), Presence::Absent);
        assert_eq!(library("python3.12", x86_64, "libssl.so.3"), Presence::Present);
        assert_eq!(library("python3.11", x86_64, "libssl.so.3"), Presence::Absent);
        assert_eq!(library("python3.11", x86_64, "libssl.so.10"), Presence::Present);
        assert_eq!(library("python3.11", x86_64, "libcurl.so.4"), Presence::Absent);
        assert_eq!(library("provided.al2", x86_64, "libcurl.so.4"), Presence::Unsure);
        assert_eq!(library("python3.12", x86_64, "libcrypt.so.1"), Presence::Absent);
        assert_eq!(library("python3.12", x86_64, "libgcrypt.so.20"), Presence::Unsure);
        assert_eq!(library("python3.12", x86_64, "libpython3.12.so.1.0"), Presence::Present);
        assert_eq!(library("python3.12", x86_64, "libpython3.11.so.1.0"), Presence::Absent);
        assert_eq!(library("ruby3.3", x86_64, "libruby.so.3.3"), Presence::Present);
        assert_eq!(library("ruby3.3", x86_64, "libruby-3.1.so.3.1"), Presence::Absent);
    }
}
