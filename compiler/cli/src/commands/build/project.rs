//! The topologies that are meant, and which of their functions.

use super::{Arguments, finding};
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::report::Report;
use crate::topologies::{self, Located};
use std::path::{Path, PathBuf};
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::frontend::{self, input::ProjectInput};
use tc_core::ir::function::DEPS_PATH;
use tc_core::ir::{Function, Topology};
use tc_package::layer::install::{Sources, Tools};
use tc_package::layer::{Cache, Order, Site, has_layer};
use tc_package::product::{Kind, Task};

/// A topology that is built.
pub struct Project {
    pub world: DiskWorld,
    pub paths: Paths,
    pub topology: Topology,
    /// What `tc.yml` says.
    pub input: ProjectInput,
    pub sources: Sources,
    pub tools: Tools,
    pub cache: Cache,
    pub chosen: Chosen,
    pub findings: Diagnostics,
    /// The account that the layers are published to, by its place among those that were signed in to.
    pub account: Option<usize>,
}

/// What is to be built of a topology.
pub struct Chosen {
    /// The names of the functions whose dependencies are to be built, as layers or for their code.
    pub dependencies: Vec<String>,
    /// The names of the functions whose program or image is to be made.
    pub products: Vec<(String, Kind)>,
    /// Whether no function was left out by its name.
    pub is_whole: bool,
}

impl Chosen {
    /// The dependencies to build.
    pub fn orders<'a>(&self, site: &'a Site<'a>) -> Vec<Order<'a>> {
        let functions = self.dependencies.iter().filter_map(|name| site.topology.functions.get(name));
        functions.map(|function| Order { site, function }).collect()
    }

    /// The programs and images to make; Dockerfiles are put into `output`.
    pub fn tasks<'a>(&self, site: &'a Site<'a>, output: &'a Path) -> Vec<Task<'a>> {
        let find = |(name, kind): &(String, Kind)| {
            let order = Order { site, function: site.topology.functions.get(name)? };
            Some(Task { order, kind: *kind, output })
        };
        self.products.iter().filter_map(find).collect()
    }
}

impl Arguments {
    /// The topologies that are meant.
    pub fn locate(&self) -> Result<Vec<Located>, Box<Diagnostic>> {
        let found = if self.recursive {
            topologies::all(&self.directory)
        } else {
            topologies::one(&self.directory).map(|located| vec![located])
        };
        match found {
            Ok(found) if found.is_empty() => Err(Box::new(finding::no_topology(&self.directory))),
            Ok(found) => Ok(found),
            Err(error) => {
                let finding = finding::no_directory(&self.directory, &error);
                Err(Box::new(finding.help("name the directory of a topology, or of one of its functions")))
            }
        }
    }

    /// Reads a topology and chooses its functions.
    pub fn open(&self, located: &Located) -> Result<Project, Box<Report>> {
        let world = self.world(located)?;
        let paths = Paths::new(&world, &self.directory);
        let options = frontend::Options { sandbox: None, env: self.env.clone(), version: None };
        let frontend::Loaded { sources, mut findings, project: input, topology, .. } = frontend::load(&world, &options);
        let Some(topology) = topology.filter(|_| !findings.has_errors()) else {
            return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
        };
        let root = cache_directory(&world);
        let cache = match Cache::open(&root) {
            Ok(cache) => cache,
            Err(error) => {
                findings.push(finding::unwritten(&paths, &root, &error));
                return Err(Box::new(Report { findings, sources, paths: Some(paths) }));
            }
        };
        let (sources, tools) = (Sources::new(sources), Tools::from_environment(root));
        let chosen = self.choose(&topology, &world, located, &mut findings);
        let account = None;
        Ok(Project { world, paths, topology, input, sources, tools, cache, chosen, findings, account })
    }

    /// The disk around a topology.
    pub fn world(&self, located: &Located) -> Result<DiskWorld, Box<Report>> {
        DiskWorld::open(&located.directory)
            .map_err(|error| Box::new(Report::without_sources(finding::no_directory(&located.directory, &error))))
    }

    /// The functions that are meant.
    pub fn meant<'t>(
        &self,
        topology: &'t Topology,
        world: &DiskWorld,
        located: &Located,
        findings: &mut Diagnostics,
    ) -> Vec<&'t Function> {
        let is_meant = |function: &&Function| self.name.as_ref().is_none_or(|name| *name == function.name);
        let functions = topology.functions.values().filter(is_meant);
        match &located.within {
            None => functions.collect(),
            Some(within) => {
                let is_there = |function: &&Function| {
                    let directory = world.root().join(function.directory.as_str()).canonicalize();
                    directory.is_ok_and(|directory| within.starts_with(directory))
                };
                let there: Vec<_> = functions.filter(is_there).collect();
                if there.is_empty() && self.name.is_none() {
                    let message = format!(
                        "`{}` is no function of the topology `{}`",
                        self.directory.display(),
                        topology.name.value
                    );
                    findings.push(finding::unknown_function(message, "", [topology]));
                }
                there
            }
        }
    }

    /// What is to be built.
    fn choose(&self, topology: &Topology, world: &DiskWorld, located: &Located, findings: &mut Diagnostics) -> Chosen {
        let functions = self.meant(topology, world, located, findings);
        let is_whole = self.name.is_none() && located.within.is_none();
        let mut chosen = Chosen { dependencies: Vec::new(), products: Vec::new(), is_whole };
        let is_asked = |kind: &Kind| self.kind.is_none_or(|asked| asked.product() == Some(*kind));
        for function in functions {
            for kind in Kind::of(function, world.root()).into_iter().filter(is_asked) {
                match kind {
                    Kind::Layer if function.assets.contains_key(DEPS_PATH) && self.kind.is_none() => {
                        findings.push(finding::elsewhere(function));
                    }
                    Kind::Layer | Kind::Inline => chosen.dependencies.push(function.name.clone()),
                    Kind::Code | Kind::Image => chosen.products.push((function.name.clone(), kind)),
                }
            }
        }
        chosen
    }

    /// Reports a `--name` that no topology has.
    pub fn check_name<'a>(&self, topologies: impl IntoIterator<Item = &'a Topology>, reports: &mut Vec<Report>) {
        let topologies: Vec<&Topology> = topologies.into_iter().collect();
        let Some(name) = &self.name else { return };
        if topologies.is_empty() || topologies.iter().any(|topology| topology.functions.contains_key(name)) {
            return;
        }
        let message = match topologies.as_slice() {
            [topology] => format!("the topology `{}` has no function `{name}`", topology.name.value),
            _ => format!("no topology has a function `{name}`"),
        };
        let finding = finding::unknown_function(message, name, topologies.iter().copied());
        reports.push(Report::without_sources(finding));
    }
}

impl Project {
    /// Where its layers are built.
    pub fn site(&self) -> Site<'_> {
        Site {
            world: &self.world,
            topology: &self.topology,
            root: self.world.root(),
            sources: &self.sources,
            tools: &self.tools,
            cache: &self.cache,
        }
    }

    /// Whether one of what is to be built is a layer.
    pub fn has_layers(&self) -> bool {
        let functions = self.chosen.dependencies.iter().filter_map(|name| self.topology.functions.get(name));
        functions.into_iter().any(has_layer)
    }

    /// What there is to say of it where it goes no further.
    pub fn into_report(self) -> Report {
        Report { findings: self.findings, sources: self.sources.into_inner(), paths: Some(self.paths) }
    }
}

/// Where a project keeps what can be made again: beside its tc.yml, else beside the topology.
fn cache_directory(world: &DiskWorld) -> PathBuf {
    let up_to_project = world.root().ancestors().take_while(|directory| directory.starts_with(world.project()));
    let settings = up_to_project.into_iter().find(|directory| directory.join("tc.yml").is_file());
    settings.unwrap_or(world.root()).join(".tc").join("cache")
}
