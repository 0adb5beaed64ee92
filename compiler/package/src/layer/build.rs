//! The layers of functions, side by side: from the cache where nothing has changed, else installed, checked, packed and
//! kept there. What belongs into a function's own code is built alike, and then put where `tc compile` takes it from.

mod file_system;

use super::cache::{self, Cache, Draft, Entry, Found, Key, Record, Remark, Shelf, TakenLibrary};
use super::elf::{self, Libraries};
use super::image::LAYER;
use super::install::local::digest;
use super::install::{Distribution, Inputs, Installer, Options, Progress, Request, Sources, Tools};
use super::manifest::{ChunkEntry, LayerEntry, LibraryEntry, LibraryOrigin};
use super::merge::{Merge, merge};
use super::pack;
use super::size::{Ownership, largest, unpacked};
use super::{Target, finding, tree};
use crate::archive::{Members, Writer};
use crate::build::code_size;
use crate::check::UNPACKED_LIMIT;
use crate::inline::{self, is_inline};
use crate::product::Named;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use tc_core::diagnostic::{Diagnostic, Severity};
use tc_core::ir::name::{LAYER_LIMIT, layer};
use tc_core::ir::{Architecture, BuildKind, Function, PackageType, Topology};
use tc_core::world::World;

/// How many distributions a finding about size names.
const NAMED: usize = 5;

/// Where the layers of a topology are built.
pub struct Site<'a> {
    /// The source tree, for the size of the code.
    pub world: &'a dyn World,
    /// The topology.
    pub topology: &'a Topology,
    /// The topology's directory on disk.
    pub root: &'a Path,
    /// Where findings point.
    pub sources: &'a Sources,
    /// The programs.
    pub tools: &'a Tools,
    /// What was built before.
    pub cache: &'a Cache,
}

/// A function whose layer is to be built.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// Where.
    pub site: &'a Site<'a>,
    /// The function, one of the site's topology.
    pub function: &'a Function,
}

impl<'a> Order<'a> {
    /// The layer's name.
    pub fn name(&self) -> String {
        layer(&self.site.topology.name, &self.function.name)
    }

    /// The function's directory on disk.
    pub fn directory(&self) -> PathBuf {
        self.site.root.join(self.function.directory.as_str())
    }

    /// What is to be installed or compiled, for `architecture` or else the function's own. `directory` is
    /// [`Order::directory`]. `None` where the function has no runtime: an image brings it, and one that is not known was
    /// reported.
    pub(crate) fn request<'b>(
        &self,
        directory: &'b Path,
        architecture: Option<Architecture>,
        options: Options,
        progress: &'b dyn Progress,
    ) -> Option<Request<'b>>
    where
        'a: 'b,
    {
        let Self { site, function } = *self;
        Some(Request {
            function,
            target: Target {
                runtime: function.runtime.as_ref()?.value,
                architecture: architecture.unwrap_or(function.architecture),
            },
            root: site.root,
            directory,
            options,
            tools: site.tools,
            sources: site.sources,
            progress,
        })
    }
}

/// Builds layers.
pub struct Builder<'a> {
    /// Who installs the dependencies of a function; `None` where nobody can.
    pub installer: fn(&Function) -> Option<&'static dyn Installer>,
    /// What was asked for.
    pub options: Options,
    /// The processor, where it is not to be the function's own.
    pub architecture: Option<Architecture>,
    /// The directories of this machine that missing libraries may be taken from, [`elf::host_directories`] but in tests.
    pub host: &'a (dyn Fn(Architecture) -> Vec<PathBuf> + Sync),
    /// Is told what is being done, by the layer's name.
    pub progress: &'a dyn Progress,
    /// The most bytes of a zip, [`super::CHUNK_LIMIT`] but in tests.
    pub chunk_limit: u64,
    /// How many functions are built at a time, and how many threads pack. The layers do not depend on it.
    pub threads: usize,
}

/// What became of an order.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The layer; `None` after an error, and where there is nothing to put into one.
    pub layer: Option<Built>,
    /// In the place of a layer, dependencies that were put where `tc compile` takes them into the function's code.
    pub inlined: Option<Built>,
    /// Whether there is neither because there is nothing to put into it.
    pub is_empty: bool,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

/// A layer in the cache, where it stays for as long as this is held.
#[derive(Debug)]
pub struct Built {
    /// What it is.
    pub entry: LayerEntry,
    /// The zips of its chunks.
    pub zips: Vec<PathBuf>,
    /// Whether it was built by this run, and not found.
    pub is_new: bool,
    _shelf: Shelf,
}

/// Whether a function's dependencies are to be a layer: it has a list of them or a command that makes them, and they go
/// neither into its code nor into an image.
pub fn has_layer(function: &Function) -> bool {
    (function.dependencies.is_some() || function.build.command.is_some())
        && function.build.kind == BuildKind::Layer
        && function.package_type == PackageType::Zip
}

impl Builder<'_> {
    /// Builds the layers of these functions; the outcomes are in their order. One that fails does not keep the others from
    /// being built.
    pub fn build(&self, orders: &[Order<'_>]) -> Vec<Outcome> {
        let workers = self.threads.min(orders.len()).max(1);
        let outcomes: Vec<Mutex<Outcome>> = orders.iter().map(|_| Mutex::default()).collect();
        let mut names = BTreeSet::new();
        // Two of one name would wait for each other's place in the cache, and one of them be lost.
        let is_first: Vec<bool> = orders.iter().map(|order| names.insert(order.name())).collect();
        let (next, list) = (&AtomicUsize::new(0), &outcomes);
        let is_first = &is_first;
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(move || {
                    let mut writer = Writer::new(self.threads / workers);
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(order), Some(outcome)) = (orders.get(place), list.get(place)) else { break };
                        let done = self.order(order, is_first.get(place) == Some(&true), &mut writer);
                        *outcome.lock().unwrap_or_else(PoisonError::into_inner) = done;
                    }
                });
            }
        });
        outcomes.into_iter().map(|outcome| outcome.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    fn order(&self, order: &Order<'_>, is_first: bool, writer: &mut Writer) -> Outcome {
        let name = order.name();
        let progress = Named { name: &name, progress: self.progress };
        let directory = order.directory();
        let Some(request) = order.request(&directory, self.architecture, self.options, &progress) else {
            return Outcome::default();
        };
        let mut building =
            Building { builder: self, site: order.site, name: &name, request: &request, findings: Vec::new() };
        let result = match (is_first, is_inline(order.function)) {
            (false, _) => Err(vec![finding::repeated_name(&request, &name)]),
            (true, false) => building.run(writer).map(|layer| (layer, None)),
            (true, true) => building.inline(writer).map(|inlined| (None, inlined)),
        };
        let mut findings = building.findings;
        let outcome = match result {
            Ok((layer, inlined)) => {
                Outcome { is_empty: layer.is_none() && inlined.is_none(), layer, inlined, ..Outcome::default() }
            }
            Err(failure) => {
                findings.extend(failure);
                Outcome::default()
            }
        };
        self.progress.done(&name, outcome.layer.is_some() || outcome.inlined.is_some());
        Outcome { findings, ..outcome }
    }
}

/// What a tree is once it lacks nothing.
struct Completed {
    /// What was mended and the like; no errors.
    findings: Vec<Diagnostic>,
    /// The libraries that were taken into it.
    libraries: Vec<TakenLibrary>,
    /// The highest version of glibc that a library in it asks for.
    glibc: Option<String>,
}

/// The building of one layer.
struct Building<'a> {
    builder: &'a Builder<'a>,
    site: &'a Site<'a>,
    name: &'a str,
    request: &'a Request<'a>,
    findings: Vec<Diagnostic>,
}

/// Findings of which at least one is an error.
type Failure = Vec<Diagnostic>;

impl Building<'_> {
    /// Builds dependencies for the function's own code, and puts them where `tc compile` takes them from.
    fn inline(&mut self, writer: &mut Writer) -> Result<Option<Built>, Failure> {
        let Request { function, target, root, .. } = *self.request;
        // What changes while it is built is not what it was built of.
        let record = inline::Record::now(self.site.world, function, target.runtime)
            .map_err(|error| vec![finding::unread_lists(self.request, &error)])?;
        let built = self.run(writer)?;
        let zip = built.as_ref().and_then(|built| built.zips.first());
        record
            .keep(root, function, target.architecture, zip.map(PathBuf::as_path))
            .map_err(|error| vec![finding::not_written(self.request, &error)])?;
        Ok(built)
    }

    fn run(&mut self, writer: &mut Writer) -> Result<Option<Built>, Failure> {
        let request = self.request;
        if self.name.chars().count() > LAYER_LIMIT {
            return Err(vec![finding::long_name(request, self.name)]);
        }
        let Some(installer) = (self.builder.installer)(request.function) else {
            return Err(vec![finding::no_installer(request)]);
        };
        let not_written = |error| vec![finding::not_written(request, &error)];
        let inputs = self.inputs(installer)?;
        let key = Key::new(request.function, &request.target, &request.options, &inputs);
        let place = format!("{}-{}", self.name, request.target.architecture.as_str());
        let wait = || request.progress.step(self.name, "waiting for another run of tc");
        let shelf = self.site.cache.shelf(&place, wait).map_err(not_written)?;
        match shelf.find(&key).map_err(not_written)? {
            Found::Hit(entry) if entry.record.changed_library().is_some() => {
                let changed = entry.record.changed_library();
                self.findings.extend(changed.map(|library| finding::changed_library(request, library)));
            }
            Found::Hit(entry) => {
                let remarks = entry.record.remarks.iter();
                let again = remarks.filter_map(|remark| remark.finding(request.root, request.sources));
                self.findings.extend(again);
                self.check_size(&entry.record)?;
                return self.built(shelf, entry, false);
            }
            Found::Damaged(reason) => self.findings.push(finding::damaged(request, &reason)),
            Found::Absent => {}
        }
        let draft = shelf.begin().map_err(not_written)?;
        let Some(record) = self.make(installer, &draft, writer)? else { return Ok(None) };
        // What changed meanwhile may be in the layer half old and half new, unless it was `--fix` that wrote it.
        let changed = changes(&inputs, &self.inputs(installer)?);
        if !changed.is_empty() && !request.options.fix {
            self.findings.push(finding::changed(request, &changed));
        }
        let key = changed.is_empty().then_some(&key);
        request.progress.step(self.name, "writing");
        let entry = shelf.keep(draft, key, record).map_err(not_written)?;
        self.built(shelf, entry, true)
    }

    /// Installs, checks and packs. `None` where nothing was installed.
    fn make(
        &mut self,
        installer: &dyn Installer,
        draft: &Draft,
        writer: &mut Writer,
    ) -> Result<Option<Record>, Failure> {
        let request = self.request;
        let root = draft.tree();
        request.progress.step(self.name, "installing");
        let installed = installer.install(request, &root, &draft.scratch())?;
        let Completed { findings, libraries, glibc } = self.complete(&root, &installed.distributions)?;
        let findings: Vec<Diagnostic> = installed.findings.into_iter().chain(findings).collect();
        let remarks = findings.iter().filter_map(|finding| Remark::new(finding, request.sources)).collect();
        self.findings.extend(findings);
        let members = tree::files(&root).map_err(|error| vec![finding::tree(request, &root, &error)])?;
        if members.is_empty() {
            self.findings.push(finding::empty(request, &self.site.topology.name));
            return Ok(None);
        }
        let ownership = Ownership::new(&installed.distributions);
        let distributions = ownership.entries(&members);
        let (total, code) = (unpacked(&members), self.code_size());
        if total.saturating_add(code) > UNPACKED_LIMIT {
            let largest = largest(&distributions, &members, NAMED);
            return Err(vec![finding::too_large(request, total, code, &largest, request.options.slim)]);
        }
        request.progress.step(self.name, "packing");
        // What is no layer is never divided.
        let limit = if is_inline(request.function) { u64::MAX } else { self.builder.chunk_limit };
        let packed = pack::pack(draft, &members, &|file| ownership.group(file), writer, limit)
            .map_err(|error| vec![finding::pack(request, &error, request.options.slim)])?;
        Ok(Some(Record {
            sha256: packed.whole.sha256,
            size: packed.whole.size,
            unpacked: packed.whole.unpacked,
            chunks: packed.chunks,
            distributions,
            libraries,
            glibc,
            remarks,
        }))
    }

    /// Adds what the function brings itself in `lib/` and `vendor/`, and checks that the native libraries of the tree can
    /// be loaded, taking those that it lacks.
    fn complete(&self, tree: &Path, distributions: &[Distribution]) -> Result<Completed, Failure> {
        let request = self.request;
        let place = finding::place(request);
        request.progress.step(self.name, "checking native libraries");
        merge(&Merge { directory: request.directory, tree, target: request.target, distributions, place })?;
        let given = request.function.build.libs.as_ref().map(|libs| request.directory.join(&libs.value));
        let host = (self.builder.host)(request.target.architecture);
        let checked = elf::check(&elf::Check {
            tree,
            mount: LAYER,
            target: request.target,
            distributions,
            libraries: Libraries { given: given.as_deref(), host: &host },
            place: &|_| place,
            threads: self.builder.threads,
        })
        .map_err(|error| vec![finding::tree(request, tree, &error)])?;
        if checked.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(checked.findings);
        }
        let taken = |taken: &elf::Taken| {
            let is_given = given.as_ref().is_some_and(|given| taken.from.starts_with(given));
            let entry = LibraryEntry {
                name: taken.name.clone(),
                origin: if is_given { LibraryOrigin::Libs } else { LibraryOrigin::Host },
                sha256: cache::digest(&tree.join(&taken.file))?,
                size: taken.size,
            };
            Ok(TakenLibrary { entry, host: (!is_given).then(|| taken.from.clone()) })
        };
        let libraries = checked.report.taken.iter().map(taken).collect::<io::Result<Vec<_>>>();
        Ok(Completed {
            findings: checked.findings,
            libraries: libraries.map_err(|error| vec![finding::not_written(request, &error)])?,
            glibc: checked.report.glibc.map(|version| version.to_string()),
        })
    }

    /// What decides the layer beyond its key: what the installer names, and what is merged or may be taken.
    fn inputs(&self, installer: &dyn Installer) -> Result<Inputs, Failure> {
        let request = self.request;
        let mut inputs = installer.inputs(request)?;
        let libs = request.function.build.libs.as_ref().map(|libs| libs.value.as_str());
        for name in ["lib", "vendor"].into_iter().chain(libs) {
            let directory = request.directory.join(name);
            if directory.is_dir() {
                let digest =
                    digest(&directory, |_| false).map_err(|error| vec![finding::not_written(request, &error)])?;
                inputs.insert(format!("files of {name}"), digest);
            }
        }
        Ok(inputs)
    }

    /// The bytes of the function's code, as far as they are known.
    fn code_size(&self) -> u64 {
        code_size(self.site.world, self.request.function).unwrap_or_default()
    }

    /// The code may have grown since the layer was built.
    fn check_size(&self, record: &Record) -> Result<(), Failure> {
        let code = self.code_size();
        if record.unpacked.saturating_add(code) <= UNPACKED_LIMIT {
            return Ok(());
        }
        let largest = largest(&record.distributions, &Members::new(), NAMED);
        let request = self.request;
        Err(vec![finding::too_large(request, record.unpacked, code, &largest, request.options.slim)])
    }

    /// What is known of a layer in the cache, if its function can have it.
    fn built(&mut self, shelf: Shelf, entry: Entry, is_new: bool) -> Result<Option<Built>, Failure> {
        let (request, record) = (self.request, &entry.record);
        let architecture = request.target.architecture;
        let chunk = |(number, chunk): (usize, &super::cache::Chunk)| {
            let name = if number == 0 { self.name.to_owned() } else { format!("{}-{number}", self.name) };
            let file = format!("{name}-{}.zip", architecture.as_str());
            ChunkEntry { name, file, sha256: chunk.sha256.clone(), size: chunk.size, unpacked: chunk.unpacked }
        };
        let layer = LayerEntry {
            name: self.name.to_owned(),
            topology: self.site.topology.name.value.clone(),
            function: request.function.name.clone(),
            runtime: request.target.runtime.spelling(),
            architecture,
            sha256: record.sha256.clone(),
            size: record.size,
            unpacked: record.unpacked,
            glibc: record.glibc.clone(),
            chunks: record.chunks.iter().enumerate().map(chunk).collect(),
            distributions: record.distributions.clone(),
            libraries: record.libraries.iter().map(|taken| taken.entry.clone()).collect(),
        };
        if !is_inline(request.function) {
            let mut failure: Failure = finding::too_many_layers(request, &layer).into_iter().collect();
            failure.extend(self.check_names(&layer));
            if !failure.is_empty() {
                return Err(failure);
            }
            self.findings.extend(finding::unused(request, self.name));
        }
        let zips = (0..record.chunks.len()).map(|chunk| entry.zip(chunk)).collect();
        Ok(Some(Built { entry: layer, zips, is_new, _shelf: shelf }))
    }

    /// The chunks that have the name of another function's layer, or one that is too long.
    fn check_names(&self, entry: &LayerEntry) -> Vec<Diagnostic> {
        let topology = self.site.topology;
        let others = topology.functions.values().filter(|function| has_layer(function));
        let others: Vec<_> = others.map(|other| (layer(&topology.name, &other.name), &other.name)).collect();
        let mut findings = Vec::new();
        for chunk in entry.chunks.iter().skip(1) {
            if let Some((_, other)) = others.iter().find(|(name, _)| *name == chunk.name) {
                findings.push(finding::taken_name(self.request, &chunk.name, other));
            }
            if chunk.name.chars().count() > LAYER_LIMIT {
                findings.push(finding::long_name(self.request, &chunk.name));
            }
        }
        findings
    }
}

/// The names of inputs that differ.
fn changes(before: &Inputs, after: &Inputs) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
