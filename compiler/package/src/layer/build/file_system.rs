//! Dependencies for a file system: built as a layer's, without its limits, and kept unpacked.

use super::{Builder, Building, Completed, Failure, Order, changes, finding};
use crate::assets::{self, Built, Manifest, Rule, deps};
use crate::layer::cache::{Draft, Found, Key, Record, Remark};
use crate::layer::install::Installer;
use crate::product::Named;
use std::path::PathBuf;
use tc_core::diagnostic::Diagnostic;
use tc_core::ir::function::DEPS_PATH;

impl Builder<'_> {
    /// Builds the dependencies of a function as they stand on its file system; `None` after an error. With what was found.
    pub fn unpacked(&self, order: &Order<'_>) -> (Option<Built>, Vec<Diagnostic>) {
        let name = order.name();
        let progress = Named { name: &name, progress: self.progress };
        let directory = order.directory();
        let Some(request) = order.request(&directory, self.architecture, self.options, &progress) else {
            return (None, Vec::new());
        };
        let mut building =
            Building { builder: self, site: order.site, name: &name, request: &request, findings: Vec::new() };
        let result = building.unpacked();
        let mut findings = building.findings;
        match result {
            Ok(unpacked) => (Some(unpacked), findings),
            Err(failure) => {
                findings.extend(failure);
                (None, findings)
            }
        }
    }
}

impl Building<'_> {
    fn unpacked(&mut self) -> Result<Built, Failure> {
        let request = self.request;
        let Some(installer) = (self.builder.installer)(request.function) else {
            return Err(vec![finding::no_installer(request)]);
        };
        let not_written = |error| vec![finding::not_written(request, &error)];
        let inputs = self.inputs(installer)?;
        let key = Key::new(request.function, &request.target, &request.options, &inputs);
        // Apart from the zips of the same: neither is made of the other.
        let place = format!("{}-{}.unpacked", self.name, request.target.architecture.as_str());
        let wait = || request.progress.step(self.name, "waiting for another run of tc");
        let shelf = self.site.cache.shelf(&place, wait).map_err(not_written)?;
        match shelf.find(&key).map_err(not_written)? {
            Found::Hit(entry) if entry.record.changed_library().is_some() => {
                let changed = entry.record.changed_library();
                self.findings.extend(changed.map(|library| finding::changed_library(request, library)));
            }
            Found::Hit(entry) => match self.read(entry.tree()) {
                Ok(manifest) if manifest.digest() == entry.record.sha256 => {
                    let remarks = entry.record.remarks.iter();
                    let again = remarks.filter_map(|remark| remark.finding(request.root, request.sources));
                    self.findings.extend(again);
                    return Ok(Built::kept(shelf, entry.tree(), manifest, false));
                }
                _ => self.findings.push(finding::damaged(request, "its files are not what was written")),
            },
            Found::Damaged(reason) => self.findings.push(finding::damaged(request, &reason)),
            Found::Absent => {}
        }
        let draft = shelf.begin().map_err(not_written)?;
        let (manifest, record) = self.lay_down(installer, &draft)?;
        let changed = changes(&inputs, &self.inputs(installer)?);
        if !changed.is_empty() && !request.options.fix {
            self.findings.push(finding::changed(request, &changed));
        }
        request.progress.step(self.name, "writing");
        let entry = shelf.keep(draft, changed.is_empty().then_some(&key), record).map_err(not_written)?;
        Ok(Built::kept(shelf, entry.tree(), manifest, true))
    }

    /// Installs, checks and lays out.
    fn lay_down(&mut self, installer: &dyn Installer, draft: &Draft) -> Result<(Manifest, Record), Failure> {
        let request = self.request;
        let root = draft.tree();
        request.progress.step(self.name, "installing");
        let installed = installer.install(request, &root, &draft.scratch())?;
        let Completed { findings, libraries, glibc } = self.complete(&root, &installed.distributions)?;
        let findings: Vec<Diagnostic> = installed.findings.into_iter().chain(findings).collect();
        let remarks = findings.iter().filter_map(|finding| Remark::new(finding, request.sources)).collect();
        self.findings.extend(findings);
        let not_written = |error| vec![finding::not_written(request, &error)];
        deps::lay_out(&root).map_err(not_written)?;
        let manifest = self.read(root)?;
        if manifest.files() == 0 {
            let message = format!("nothing was installed for function `{}`", request.function.name);
            let help = "name what it depends on in its list of dependencies";
            return Err(vec![assets::no_source(request.function, DEPS_PATH, message, help)]);
        }
        draft.keep_tree().map_err(not_written)?;
        let (sha256, size) = (manifest.digest(), manifest.size());
        let (chunks, distributions) = (Vec::new(), Vec::new());
        let record = Record { sha256, size, unpacked: size, chunks, distributions, libraries, glibc, remarks };
        Ok((manifest, record))
    }

    fn read(&self, root: PathBuf) -> Result<Manifest, Failure> {
        self.request.progress.step(self.name, "digesting");
        let unusable = |error| vec![assets::unusable(self.request.function, DEPS_PATH, &error)];
        assets::read(&root, Rule::default(), &|_| {}).map_err(unusable)
    }
}
