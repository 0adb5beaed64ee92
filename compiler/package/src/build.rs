//! Each function's code, from its directory to its artifact.

use crate::archive::{EntryName, Member, ReadError, Reader, Stored, WriteError, Writer};
use crate::check::{UNPACKED_LIMIT, check};
use crate::command::BuildCommand;
use crate::finding;
use crate::inline;
use crate::select::bootstrap::{self, BOOTSTRAP};
use crate::select::ignore::IgnoreRules;
use crate::select::operands;
use crate::select::walk::{Selection, walk};
use crate::select::{Contents, Fault, File, Origin, add};
use crate::staging::{End, Product, Shell, Staging, StagingError};
use crate::store::Store;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::{Family, Function, PackageType, Topology};
use tc_core::world::{World, WorldError};

/// A function's zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of the files in it.
    pub unpacked: u64,
}

impl Artifact {
    /// What its file is called: `SHA256.zip`.
    pub fn file_name(&self) -> String {
        format!("{}.zip", self.sha256)
    }
}

/// What packaging made.
#[derive(Debug, Clone, Default)]
pub struct Packaged {
    /// The artifacts by the function's name. A function that is an image has none, nor one with an error.
    pub artifacts: BTreeMap<String, Artifact>,
    /// What was found, in the order of the functions' names.
    pub findings: Vec<Diagnostic>,
}

/// Bytes that one thread packs before others help it, unless there are build commands to run: to start a thread takes longer
/// than to pack a few handlers.
const ALONE: u64 = 1 << 20;

/// Packs functions.
pub struct Packager<'a> {
    /// The source tree.
    pub world: &'a dyn World,
    /// What runs `tasks.build` where it is not a plain `zip`.
    pub shell: &'a dyn Shell,
    /// Where the zips go.
    pub store: &'a dyn Store,
    /// How many threads work, and so how many build commands run at a time. Nothing else depends on it.
    pub threads: usize,
}

impl Packager<'_> {
    /// Packs the code of each function of a topology. Functions with equal code share an artifact.
    pub fn package(&self, topology: &Topology) -> Packaged {
        let functions: Vec<_> =
            topology.functions.values().filter(|function| function.package_type == PackageType::Zip).collect();
        let workers = self.threads.min(functions.len()).max(1);
        let (functions, next, rules) = (&functions, &AtomicUsize::new(0), &IgnoreRules::new(self.world));
        let (sender, receiver) = mpsc::channel();
        // Packs one function after another; `before` is given each and how much was packed before it.
        let work = |sender: &mpsc::Sender<_>, before: &mut dyn FnMut(&Function, u64)| {
            let mut writer = Writer::new(self.threads / workers);
            let mut unpacked = 0;
            while let Some(function) = functions.get(next.fetch_add(1, Ordering::Relaxed)) {
                before(function, unpacked);
                let packed = Packing { packager: self, namespace: &topology.name, function, rules }.run(&mut writer);
                unpacked += packed.artifact.as_ref().map_or(0, |artifact| artifact.unpacked);
                // The receiver outlives this scope.
                let _ = sender.send((&function.name, packed));
            }
        };
        std::thread::scope(|scope| {
            let mut others = 1..workers;
            work(&sender, &mut |function, unpacked| {
                if unpacked >= ALONE || function.build_task.is_some() {
                    for _ in others.by_ref() {
                        let sender = sender.clone();
                        scope.spawn(move || work(&sender, &mut |_, _| {}));
                    }
                }
            });
        });
        drop(sender);
        let results: BTreeMap<_, _> = receiver.into_iter().collect();
        let mut packaged = Packaged::default();
        for (name, Packed { artifact, findings }) in results {
            packaged.artifacts.extend(artifact.map(|artifact| (name.clone(), artifact)));
            packaged.findings.extend(findings);
        }
        packaged
    }
}

/// Bytes that the code of a function unpacks to; `None` where that is known only after its build command has run, or its
/// source cannot be packed.
pub(crate) fn code_size(world: &dyn World, function: &Function) -> Option<u64> {
    let rules = IgnoreRules::new(world);
    let contents = match &function.build_task {
        Some(task) => match BuildCommand::parse(task) {
            BuildCommand::Zip(command) => operands::take(world, &function.directory, &command).contents,
            BuildCommand::Shell(_) => return None,
        },
        None => {
            let (found, _) = walk(world, &function.directory, "", Selection::Code(&rules), function.model_directory());
            return Some(found.iter().map(|file| file.size).fold(0, u64::saturating_add));
        }
    };
    Some(contents.values().map(|member| member.source.size).fold(0, u64::saturating_add))
}

/// What became of one function.
#[derive(Default)]
struct Packed {
    artifact: Option<Artifact>,
    findings: Vec<Diagnostic>,
}

/// The packing of one function.
struct Packing<'a> {
    packager: &'a Packager<'a>,
    namespace: &'a str,
    function: &'a Function,
    rules: &'a IgnoreRules<'a>,
}

impl Packing<'_> {
    fn run(&self, writer: &mut Writer) -> Packed {
        match &self.function.build_task {
            Some(task) => match BuildCommand::parse(task) {
                BuildCommand::Zip(command) => {
                    let taken = operands::take(self.packager.world, &self.function.directory, &command);
                    let mut findings = self.faults(&taken.faults);
                    findings.extend(taken.skipped.iter().map(|name| finding::skipped(self.function, name)));
                    self.pack_source(writer, taken.contents, findings)
                }
                BuildCommand::Shell(command) => {
                    self.build(writer, command).unwrap_or_else(|findings| Packed { artifact: None, findings })
                }
            },
            None => match self.source() {
                Ok(contents) => self.pack_source(writer, contents, Vec::new()),
                Err(findings) => Packed { artifact: None, findings },
            },
        }
    }

    /// What a function without `tasks.build` is packed from.
    fn source(&self) -> Result<Contents, Vec<Diagnostic>> {
        let function = self.function;
        match function.runtime.as_ref().map(|runtime| runtime.family) {
            Some(family @ (Family::Rust | Family::Go)) => {
                let places = bootstrap::places(&function.name, function.architecture, &function.directory);
                bootstrap::find(self.packager.world, &places)
                    .map_err(|fault| self.faults(&[fault]))?
                    .ok_or_else(|| vec![finding::not_built(function, family, &places)])
            }
            Some(family @ (Family::Java | Family::Dotnet)) => Err(vec![finding::not_built(function, family, &[])]),
            _ => self.code(),
        }
    }

    /// The code in the function's directory.
    fn code(&self) -> Result<Contents, Vec<Diagnostic>> {
        let selection = Selection::Code(self.rules);
        let (found, mut faults) =
            walk(self.packager.world, &self.function.directory, "", selection, self.function.model_directory());
        let mut contents = Contents::new();
        for file in found {
            let name = file.name.clone();
            faults.extend(add(&mut contents, &name, file).err());
        }
        if faults.is_empty() { Ok(contents) } else { Err(self.faults(&faults)) }
    }

    /// Runs the build command in a copy and packs what it made.
    fn build(&self, writer: &mut Writer, command: &str) -> Result<Packed, Vec<Diagnostic>> {
        let function = self.function;
        let staging =
            Staging::copy(self.packager.world, &function.directory, function.model_directory()).map_err(|error| {
                match error {
                    StagingError::Faults(faults) => self.faults(&faults),
                    StagingError::Io(error) => vec![finding::not_staged(function, &error)],
                }
            })?;
        let outcome =
            staging.run(self.packager.shell, command).map_err(|error| vec![finding::not_started(function, &error)])?;
        if outcome.end != End::Success {
            return Err(vec![finding::failed(function, &staging, &outcome)]);
        }
        let unusable = |error| vec![finding::product(function, &error)];
        match staging.product().map_err(unusable)? {
            Product::Archive(name) => {
                let bytes = staging.read(&name, UNPACKED_LIMIT).map_err(unusable)?;
                let refused = |error: ReadError| vec![finding::archive(function, &name, &error)];
                let (reader, members) = Reader::open(&bytes).map_err(refused)?;
                let file = |Stored { index, size }| File { origin: Origin::Archive(index), size };
                let contents = members
                    .into_iter()
                    .map(|(name, Member { executable, source })| (name, Member { executable, source: file(source) }));
                let read = |file: &File| match file.origin {
                    Origin::Archive(index) => reader.read(Stored { index, size: file.size }).map_err(|e| e.to_string()),
                    _ => read_file(self.packager.world, file),
                };
                Ok(self.pack(writer, contents.collect(), &read, Vec::new()))
            }
            Product::Directory => {
                let contents = match function.runtime.as_ref().map(|runtime| runtime.family) {
                    // Beside the program there are its sources and all that a compiler leaves.
                    Some(Family::Rust | Family::Go) => {
                        staging.contents(|name| name == BOOTSTRAP, |name| name == BOOTSTRAP)
                    }
                    _ => {
                        let code: BTreeSet<_> = self.code()?.into_keys().collect();
                        staging.contents(|name| code.contains(name), |_| true)
                    }
                };
                let contents = contents.map_err(unusable)?;
                let read = |file: &File| read_file(self.packager.world, file);
                Ok(self.pack(writer, contents, &read, Vec::new()))
            }
        }
    }

    fn pack_source(&self, writer: &mut Writer, contents: Contents, findings: Vec<Diagnostic>) -> Packed {
        self.pack(writer, contents, &|file| read_file(self.packager.world, file), findings)
    }

    /// Checks what is to be packed and, if there is no error, writes it.
    fn pack(
        &self,
        writer: &mut Writer,
        mut contents: Contents,
        read: &(dyn Fn(&File) -> Result<Vec<u8>, String> + Sync),
        mut findings: Vec<Diagnostic>,
    ) -> Packed {
        if let Some(bootstrap) = contents.get_mut(BOOTSTRAP) {
            bootstrap.executable = true;
        }
        // What `tc build` installed for the code itself. It is read from its zip, which lives as long as it is packed.
        let dependencies = inline::load(self.packager.world, self.function).unwrap_or_else(|finding| {
            findings.push(*finding);
            None
        });
        let added = dependencies.as_ref().map(|dependencies| dependencies.add_to(self.function, &mut contents));
        let added = added.transpose().unwrap_or_else(|finding| {
            findings.push(*finding);
            None
        });
        let read = &|file: &File| match (&file.origin, &added) {
            (Origin::Dependency(index), Some(reader)) => {
                reader.read(Stored { index: *index, size: file.size }).map_err(|error| error.to_string())
            }
            _ => read(file),
        };
        // What a missing file would have held is not to be judged.
        if !findings.iter().any(|finding| finding.severity == Severity::Error) {
            findings.extend(check(self.namespace, self.function, &contents, &|file| read(file).ok()));
        }
        let mut artifact = None;
        if !findings.iter().any(|finding| finding.severity == Severity::Error) {
            match self.write(writer, &contents, read) {
                Ok(written) => artifact = Some(written),
                Err(finding) => findings.push(*finding),
            }
        }
        Packed { artifact, findings }
    }

    fn write(
        &self,
        writer: &mut Writer,
        contents: &Contents,
        read: &(dyn Fn(&File) -> Result<Vec<u8>, String> + Sync),
    ) -> Result<Artifact, Box<Diagnostic>> {
        let function = self.function;
        let not_written = |error| Box::new(finding::not_written(function, &error));
        let unreadable =
            |name: &EntryName, reason: &str| Box::new(finding::unreadable(function, name.as_str(), reason));
        let mut pending = self.packager.store.begin().map_err(not_written)?;
        let written = writer.write(contents, &read, &mut pending).map_err(|error| match error {
            WriteError::Source(name, reason) => unreadable(&name, &reason),
            WriteError::TooLarge(name) => unreadable(&name, "it has 4 GiB or more"),
            WriteError::Output(error) => not_written(error),
        })?;
        let artifact = Artifact { sha256: written.sha256, size: written.size, unpacked: written.unpacked };
        pending.keep(&artifact.file_name()).map_err(not_written)?;
        Ok(artifact)
    }

    fn faults(&self, faults: &[Fault]) -> Vec<Diagnostic> {
        faults.iter().map(|fault| finding::fault(self.function, fault)).collect()
    }
}

/// The bytes of a file in the source tree or in a copy of it, not more than it had when it was listed.
fn read_file(world: &dyn World, file: &File) -> Result<Vec<u8>, String> {
    match &file.origin {
        Origin::World(path) => {
            let bytes = world.read_within(path, file.size).map_err(|error| error.to_string())?;
            bytes.ok_or_else(|| "it vanished meanwhile".to_owned())
        }
        Origin::Disk(path) => {
            let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
            let read = std::fs::File::open(path).and_then(|opened| opened.take(file.size).read_to_end(&mut bytes));
            read.map(|_| bytes).map_err(|error| WorldError::from(&error).to_string())
        }
        Origin::Archive(_) | Origin::Dependency(_) => Err("it stands in an archive".to_owned()),
    }
}
