//! What `tc build` makes of a function: layers, and what is none.
//!
//! Layers, and dependencies that go into the code, are built by [`crate::layer::Builder`]; programs and images by
//! [`Workshop`], side by side.

use crate::image::{self, Image, ImageRequest};
use crate::inline::is_inline;
use crate::layer::install::{Options, Progress};
use crate::layer::{Order, has_layer};
use crate::program::{self, Program, is_compiled};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::{Architecture, Function, PackageType};

/// What `tc build` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Dependencies, as a layer.
    Layer,
    /// Dependencies, for the code's own zip.
    Inline,
    /// A program that is compiled, for the code's own zip.
    Code,
    /// A container image.
    Image,
}

impl Kind {
    /// What a function of the topology in the directory `root` needs.
    pub fn of(function: &Function, root: &Path) -> Vec<Self> {
        if function.package_type == PackageType::Image {
            return vec![Self::Image];
        }
        let dependencies = match (is_inline(function), has_layer(function)) {
            (true, _) => Some(Self::Inline),
            (false, true) => Some(Self::Layer),
            (false, false) => None,
        };
        // A program that lies there without its source was compiled elsewhere.
        let directory = root.join(function.directory.as_str());
        let has = |name: &str| directory.join(name).is_file();
        let is_given = has("bootstrap") && !has("Cargo.toml") && !has("go.mod");
        let code = (is_compiled(function) && !is_given).then_some(Self::Code);
        dependencies.into_iter().chain(code).collect()
    }

    /// The kind in a word, as it is named on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Inline => "inline",
            Self::Code => "code",
            Self::Image => "image",
        }
    }
}

/// A program or image that is to be made.
pub struct Task<'a> {
    /// Of which function.
    pub order: Order<'a>,
    /// [`Kind::Code`] or [`Kind::Image`]; nothing is made of another.
    pub kind: Kind,
    /// Where the Dockerfile of an image is put.
    pub output: &'a Path,
}

/// Makes programs and images.
pub struct Workshop<'a> {
    /// The processor, where it is not to be the function's own.
    pub architecture: Option<Architecture>,
    /// Is told what is being done, by `NAMESPACE-FUNCTION`.
    pub progress: &'a dyn Progress,
    /// How many are made at a time.
    pub threads: usize,
}

/// What became of a task.
#[derive(Debug, Default)]
pub struct Made {
    /// What was made; `None` after an error.
    pub product: Option<Product>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

/// A program or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Product {
    /// A program, where `tc compile` takes it from.
    Program(Program),
    /// An image, or all that is needed to build it.
    Image(Image),
}

impl Workshop<'_> {
    /// Makes these; what becomes of them is in their order. One that fails does not keep the others from being made.
    pub fn make(&self, tasks: &[Task<'_>]) -> Vec<Made> {
        let made: Vec<Mutex<Made>> = tasks.iter().map(|_| Mutex::default()).collect();
        let (next, list) = (&AtomicUsize::new(0), &made);
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(tasks.len()) {
                scope.spawn(move || {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(task), Some(made)) = (tasks.get(place), list.get(place)) else { break };
                        *made.lock().unwrap_or_else(PoisonError::into_inner) = self.task(task);
                    }
                });
            }
        });
        made.into_iter().map(|made| made.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    fn task(&self, task: &Task<'_>) -> Made {
        let order = &task.order;
        let name = order.name();
        let progress = Named { name: &name, progress: self.progress };
        let result = match task.kind {
            Kind::Code => {
                let directory = order.directory();
                match order.request(&directory, self.architecture, Options::default(), &progress) {
                    Some(request) => program::build(&request).map(|program| program.map(Product::Program)),
                    None => Ok(None),
                }
            }
            Kind::Image => {
                let architecture = self.architecture.unwrap_or(order.function.architecture);
                let request = ImageRequest { order: *order, architecture, output: task.output, progress: &progress };
                image::build(&request).map(|image| Some(Product::Image(image)))
            }
            Kind::Layer | Kind::Inline => Ok(None),
        };
        let made = match result {
            Ok(mut product) => {
                let findings = match &mut product {
                    Some(Product::Program(program)) => std::mem::take(&mut program.findings),
                    Some(Product::Image(image)) => std::mem::take(&mut image.findings),
                    None => Vec::new(),
                };
                Made { product, findings }
            }
            Err(findings) => Made { product: None, findings },
        };
        self.progress.done(&name, made.product.is_some());
        made
    }
}

/// Tells of the progress of a function by its layer's name: two topologies may have functions of one name.
pub(crate) struct Named<'a> {
    pub name: &'a str,
    pub progress: &'a dyn Progress,
}

impl Progress for Named<'_> {
    fn step(&self, _: &str, step: &str) {
        self.progress.step(self.name, step);
    }
}
