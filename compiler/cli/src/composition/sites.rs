//! The topologies of a tree, read and compiled for one sandbox.

use super::report;
use super::schedule::{self, AT_ONCE, End};
use super::tree::{self, Member, Order, Place};
use crate::commands::build::finding;
use crate::deployment::{Site, Target, Wanted};
use crate::disk::DiskWorld;
use crate::paths::Paths;
use crate::pipeline::Product;
use crate::report::Report;
use crate::shell::Shell;
use std::process::ExitCode;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::Topology;

/// A tree.
pub struct Sites {
    /// In the order of their paths.
    pub members: Vec<Sited>,
    /// In what order one needs another.
    pub order: Order,
}

/// A topology of the tree.
pub struct Sited {
    /// Its directory.
    pub place: Place,
    /// The sandbox of it that is meant.
    pub target: Target,
    /// What was read.
    pub site: Site,
    /// What it compiled to, and the directory of its artifacts.
    pub compiled: Option<(Product, tempfile::TempDir)>,
}

impl Sited {
    /// The topology. Those that could not be read are refused before.
    pub fn topology(&self) -> Option<&Topology> {
        self.site.front().map(|(topology, _)| topology)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.topology().map_or("", |topology| topology.name.as_str())
    }
}

impl Sites {
    /// Reads all topologies of the tree in a target's directory; compiles them where `compiles` says so.
    ///
    /// # Errors
    /// The exit status, where something that was found is an error. It has been told then.
    pub fn open(target: &Target, compiles: bool, shell: &mut Shell) -> Result<Self, ExitCode> {
        let unreachable = |error| {
            let finding = finding::no_directory(target.directory(), &error);
            Box::new(finding.help("name the directory of a topology"))
        };
        let refuse = |refusal, shell: &mut Shell| {
            target.refuse(refusal, shell);
            ExitCode::FAILURE
        };
        let places = tree::places(target.directory()).map_err(|error| refuse(unreachable(error), shell))?;
        let alone: Vec<Vec<usize>> = places.iter().map(|_| Vec::new()).collect();
        let read = schedule::run(&alone, AT_ONCE, |at| match places.get(at) {
            Some(place) => read(target, place, compiles).map(Some),
            None => Ok(None),
        });
        let mut members = Vec::new();
        for end in read {
            match end {
                End::Done(member) => members.extend(member),
                End::Failed(refusal) => return Err(refuse(refusal, shell)),
                End::NotBegun(_) => {}
            }
        }
        let mut reports = Vec::new();
        let order = arrange(target, &members, &mut reports);
        let is_forbidden = |member: &mut Sited| match compiles {
            true => target.is_forbidden(&mut member.site.outcome.findings) || member.compiled.is_none(),
            // What is wrong in it does not keep it from being deleted.
            false => member.site.front().is_none(),
        };
        let bad = members.iter_mut().map(is_forbidden).filter(|is_bad| *is_bad).count();
        match order.filter(|_| bad == 0) {
            Some(order) => {
                if !compiles {
                    members.iter_mut().for_each(|member| _ = member.site.take_report());
                } else if !target.is_told_at_end() {
                    reports.extend(members.iter_mut().map(|member| member.site.take_report()));
                    report::once(&mut reports);
                    target.print(&reports, shell);
                }
                Ok(Self { members, order })
            }
            None => {
                reports.extend(members.iter_mut().map(|member| member.site.take_report()));
                report::once(&mut reports);
                target.print(&reports, shell);
                Err(ExitCode::FAILURE)
            }
        }
    }

    /// Does something about each member, all at once as far as that is well.
    ///
    /// # Errors
    /// What went wrong, by the member's place.
    pub fn each<T: Send>(
        &self,
        work: impl Fn(&Sited) -> Result<T, Vec<Diagnostic>> + Sync,
    ) -> Result<Vec<T>, Vec<(usize, Vec<Diagnostic>)>> {
        let alone: Vec<Vec<usize>> = self.members.iter().map(|_| Vec::new()).collect();
        let ends = schedule::run(&alone, AT_ONCE, |at| match self.members.get(at) {
            Some(member) => work(member),
            None => Err(Vec::new()),
        });
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for (place, end) in ends.into_iter().enumerate() {
            match end {
                End::Done(one) => done.push(one),
                End::Failed(findings) => failed.push((place, findings)),
                End::NotBegun(_) => {}
            }
        }
        if failed.is_empty() { Ok(done) } else { Err(failed) }
    }

    /// Prints what went wrong with members, and what is left to be told of the others.
    pub fn tell(&mut self, target: &Target, failed: Vec<(usize, Vec<Diagnostic>)>, shell: &mut Shell) {
        for (place, findings) in failed {
            if let Some(member) = self.members.get_mut(place) {
                member.site.outcome.findings.extend(findings);
            }
        }
        let mut reports: Vec<Report> = Vec::new();
        for place in &self.order.members {
            reports.extend(self.members.get_mut(*place).map(|member| member.site.take_report()));
        }
        report::once(&mut reports);
        target.print(&reports, shell);
    }

    /// A shell whose lines begin with a member's name.
    pub fn shell(&self, member: &Sited, shell: &Shell) -> Shell {
        let width = self.members.iter().map(|member| member.name().chars().count()).max().unwrap_or(0);
        shell.part(&format!("{:width$} | ", member.name()))
    }
}

fn read(target: &Target, place: &Place, compiles: bool) -> Result<Sited, Box<Diagnostic>> {
    let target = target.at(&place.directory);
    let mut site = target.open()?;
    let wanted = Wanted::of(target.clone());
    let compiled = if compiles { wanted.compile(&mut site) } else { None };
    Ok(Sited { place: place.clone(), target, site, compiled })
}

/// The order of the tree; `None`, with a report, where it has none.
fn arrange(target: &Target, members: &[Sited], reports: &mut Vec<Report>) -> Option<Order> {
    let readable = members.iter().filter_map(|member| {
        let (topology, _) = member.site.front()?;
        Some(Member { place: &member.place, topology, sources: &member.site.outcome.sources })
    });
    let readable: Vec<Member<'_>> = readable.collect();
    let has_errors = members.iter().any(|member| member.site.outcome.findings.has_errors());
    match tree::arrange(&readable) {
        Ok(order) => (readable.len() == members.len()).then_some(order),
        Err((findings, sources)) => {
            // That members need each other is told by one of them, with the places.
            if !has_errors || sources.iter().next().is_some() {
                let world = DiskWorld::open(target.directory()).ok();
                let paths = world.map(|world| Paths::new(&world, target.directory()));
                reports.push(Report { findings, sources, paths });
            }
            None
        }
    }
}
