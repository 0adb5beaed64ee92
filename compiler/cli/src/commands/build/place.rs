//! Layers into the output directory, and what became of everything.

use super::product::Entry;
use super::row::{Row, Verdict};
use super::{Arguments, Project, finding};
use crate::report::Report;
use tc_core::diagnostic::Diagnostics;
use tc_core::ir::{Architecture, Topology};
use tc_deploy::layers::Sharing;
use tc_package::inline::is_inline;
use tc_package::layer::manifest::LayerEntry;
use tc_package::layer::output::{self, MANIFEST};
use tc_package::layer::{Built, Outcome, has_layer};
use tc_package::product::Kind;

/// The layers of a topology, in the output directory.
pub struct Placed {
    /// What was found.
    pub report: Report,
    pub layers: Vec<PlacedLayer>,
    /// What became of programs and images.
    pub others: Vec<Row>,
    /// The account that they are published to, by its place among those that were signed in to.
    pub account: Option<usize>,
    /// Who may use them.
    pub sharing: Sharing,
}

/// A layer in the output directory.
pub struct PlacedLayer {
    /// What became of it.
    pub row: Row,
    /// What is to be published; `None` where it was not built, not placed, or is forbidden by what was found.
    pub publishable: Option<Built>,
}

impl Arguments {
    /// Puts the layers of a topology into the output directory, and says what became of everything.
    pub(super) fn place(&self, project: Project, built: super::Built) -> Placed {
        let super::Built { dependencies: mut outcomes, products } = built;
        let out = self.output(&project.world);
        let is_allowed: Vec<bool> = outcomes.iter().map(|outcome| !self.forbids(outcome)).collect();
        let Project { paths, topology, chosen, mut findings, .. } = project;
        for outcome in &mut outcomes {
            findings.extend(std::mem::take(&mut outcome.findings));
        }
        let layers: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.layer.as_ref()).collect();
        let is_stale = |entry: &LayerEntry| {
            let is_known = topology.functions.get(&entry.function).is_some_and(has_layer);
            chosen.is_whole && entry.topology == topology.name.value && !is_known
        };
        let mut is_placed = true;
        if !layers.is_empty() || out.join(MANIFEST).is_file() {
            match output::place(&out, &layers, &is_stale) {
                Ok(placed) => findings.extend(placed.damage.map(|damage| finding::damaged(&paths, &out, &damage))),
                Err(error) => {
                    is_placed = false;
                    findings.push(finding::unwritten(&paths, &error.path, &error.error));
                }
            }
        }
        let directory = is_placed.then(|| paths.shown(&out));
        let placed = |((function, outcome), is_allowed): ((&String, Outcome), bool)| PlacedLayer {
            row: row(&topology, function, &outcome, directory.as_deref()),
            publishable: outcome.layer.filter(|_| is_placed && is_allowed),
        };
        let layers = chosen.dependencies.iter().zip(outcomes).zip(is_allowed).map(placed).collect();
        let asked = self.arch.map(Architecture::from);
        let mut others = Vec::new();
        for ((function, kind), made) in chosen.products.iter().zip(products) {
            let function = topology.functions.get(function);
            others.extend(function.map(|function| Row {
                result: Verdict::of(&made),
                product: Entry::of_made(&made, function, asked, &paths),
                ..Row::new(&topology, &function.name, *kind)
            }));
            findings.extend(made.findings);
        }
        Placed {
            report: Report { findings, sources: project.sources.into_inner(), paths: Some(paths) },
            layers,
            others,
            account: project.account,
            sharing: Sharing::of(&project.input),
        }
    }

    /// Whether what was found of a layer is an error as the user weighs it.
    fn forbids(&self, outcome: &Outcome) -> bool {
        let mut findings = Diagnostics::default();
        findings.extend(outcome.findings.iter().cloned());
        self.reporting.is_forbidden(&mut findings)
    }
}

fn row(topology: &Topology, function: &str, outcome: &Outcome, directory: Option<&str>) -> Row {
    let is_inline = topology.functions.get(function).is_some_and(is_inline);
    Row {
        result: match outcome.layer.as_ref().or(outcome.inlined.as_ref()) {
            Some(_) if outcome.layer.is_some() && directory.is_none() => Verdict::Failed,
            Some(built) if built.is_new => Verdict::Built,
            Some(_) => Verdict::Unchanged,
            None if outcome.is_empty => Verdict::Empty,
            None => Verdict::Failed,
        },
        directory: outcome.layer.as_ref().and(directory).map(str::to_owned),
        layer: outcome.layer.as_ref().map(|layer| layer.entry.clone()),
        product: outcome.inlined.as_ref().map(Entry::of_inlined),
        ..Row::new(topology, function, if is_inline { Kind::Inline } else { Kind::Layer })
    }
}
