//! What is built beside layers: programs, images, dependencies for the code's own zip.

use crate::paths::Paths;
use crate::size;
use serde::Serialize;
use tc_core::ir::{Architecture, Function};
use tc_package::layer::Built;
use tc_package::layer::manifest::DistributionEntry;
use tc_package::product::{Made, Product};

/// What was made, as data.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Dependencies for the code's own zip.
    Inline(Inline),
    /// A program.
    Code(Program),
    /// An image, or all that is needed to build it.
    Image(Image),
}

/// Dependencies that `tc compile` packs with the code.
#[derive(Debug, Serialize)]
pub struct Inline {
    pub runtime: String,
    pub architecture: Architecture,
    /// The SHA-256 of their zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of its files unpacked.
    pub unpacked: u64,
    /// The highest version of glibc that a library in it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glibc: Option<String>,
    /// What was installed, in the order of the names.
    pub distributions: Vec<DistributionEntry>,
}

/// A program that `tc compile` packs.
#[derive(Debug, Serialize)]
pub struct Program {
    pub runtime: String,
    pub architecture: Architecture,
    /// Where it is.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// An image.
#[derive(Debug, Serialize)]
pub struct Image {
    pub architecture: Architecture,
    /// Where the Dockerfile is.
    pub dockerfile: String,
    /// What it is tagged.
    pub tag: String,
    /// The command that builds it, in the topology's directory.
    pub command: String,
    /// Its id; absent where there is no Docker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Entry {
    /// What a table shows of it: runtime, architecture, size as a zip and unpacked.
    pub fn cells(&self) -> [String; 4] {
        let architecture = |architecture: &Architecture| architecture.as_str().to_owned();
        match self {
            Self::Inline(one) => {
                let [zip, unpacked] = [one.size, one.unpacked].map(size::human);
                [one.runtime.clone(), architecture(&one.architecture), zip, unpacked]
            }
            Self::Code(one) => {
                [one.runtime.clone(), architecture(&one.architecture), String::new(), size::human(one.size)]
            }
            Self::Image(one) => [String::new(), architecture(&one.architecture), String::new(), String::new()],
        }
    }

    /// Of dependencies that were put where `tc compile` takes them from.
    pub fn of_inlined(built: &Built) -> Self {
        let entry = &built.entry;
        Self::Inline(Inline {
            runtime: entry.runtime.clone(),
            architecture: entry.architecture,
            sha256: entry.sha256.clone(),
            size: entry.size,
            unpacked: entry.unpacked,
            glibc: entry.glibc.clone(),
            distributions: entry.distributions.clone(),
        })
    }

    /// Of a program or an image; `None` where it was not made.
    pub fn of_made(made: &Made, function: &Function, asked: Option<Architecture>, paths: &Paths) -> Option<Self> {
        let architecture = asked.unwrap_or(function.architecture);
        Some(match made.product.as_ref()? {
            Product::Program(program) => Self::Code(Program {
                runtime: function.runtime.as_ref().map(|runtime| runtime.spelling()).unwrap_or_default(),
                architecture,
                path: paths.shown(&program.path),
                size: program.size,
            }),
            Product::Image(image) => Self::Image(Image {
                architecture,
                dockerfile: paths.shown(&image.dockerfile),
                tag: image.tag.clone(),
                command: image.command.clone(),
                id: image.id.clone(),
            }),
        })
    }
}
