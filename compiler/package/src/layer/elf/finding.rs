//! Findings about native libraries: one for a distribution and a cause, however many files it has.

use super::Taken;
use super::judge::{Cause, Fault};
use super::mend::Obstacle;
use super::optional::Optional;
use super::owner::{Owner, Owners};
use crate::layer::image::{Image, System};
use crate::layer::install::Distribution;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use tc_core::diagnostic::codes::dependency as codes;
use tc_core::diagnostic::{Code, Diagnostic, Severity};
use tc_core::ir::Family;
use tc_core::source::Span;
use tc_core::world::WorldError;

/// How many libraries a finding names, for how many it says which files need them, and how many files.
const NAMED: usize = 5;
const EXPLAINED: usize = 3;
const FILES: usize = 2;

/// Distributions that have one beside them which needs less.
const BETTER: [(&str, &str); 3] = [
    ("opencv-contrib-python", "opencv-contrib-python-headless"),
    ("opencv-python", "opencv-python-headless"),
    ("psycopg2", "psycopg2-binary"),
];

/// Puts faults into words.
pub(super) struct Words<'a> {
    pub(super) image: Image,
    pub(super) owners: &'a Owners<'a>,
    pub(super) mount: &'a str,
    pub(super) place: &'a dyn Fn(Option<&Distribution>) -> Span,
}

/// What is told in one finding.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    owner: Owner,
    kind: u8,
    severity: Severity,
    optional: Option<Optional>,
}

impl Words<'_> {
    /// The findings of faults, by owner.
    pub(super) fn faults(&self, faults: &[Fault], obstacles: &BTreeMap<String, Obstacle>) -> Vec<Diagnostic> {
        let mut groups: BTreeMap<Group, Vec<&Fault>> = BTreeMap::new();
        for fault in faults {
            let kind = match fault.cause {
                Cause::Platform(_) => 0,
                Cause::Glibc(_) => 1,
                Cause::Cpp(_) => 2,
                Cause::Missing { .. } => 3,
                Cause::Unsure(_) => 4,
                Cause::Malformed => 5,
            };
            let group = Group { owner: fault.owner.clone(), kind, severity: fault.severity, optional: fault.optional };
            groups.entry(group).or_default().push(fault);
        }
        groups.iter().map(|(group, faults)| self.group(group, faults, obstacles)).collect()
    }

    fn group(&self, group: &Group, faults: &[&Fault], obstacles: &BTreeMap<String, Obstacle>) -> Diagnostic {
        let name = self.owners.name(&group.owner);
        let mut finding = match group.kind {
            0 => self.platform(group, &name, faults),
            1 | 2 => self.newer(group, &name, faults),
            3 => self.missing(group, &name, faults, obstacles),
            4 => self.unsure(group, &name, faults),
            _ => {
                let message = format!("{name} has a native library that cannot be read");
                self.about(group, &codes::MALFORMED_LIBRARY, message).help(files(faults.iter().copied())).help(
                    "the loader would refuse it; install the distribution again, or remove the file in `build.post`",
                )
            }
        };
        finding.severity = group.severity;
        finding.help_opt(group.optional.map(|optional| optional.help().to_owned()))
    }

    fn about(&self, group: &Group, code: &'static Code, message: String) -> Diagnostic {
        Diagnostic::new(code, (self.place)(self.owners.distribution(&group.owner)), message)
    }

    fn platform(&self, group: &Group, name: &str, faults: &[&Fault]) -> Diagnostic {
        let platforms: BTreeSet<String> = faults
            .iter()
            .filter_map(|fault| match fault.cause {
                Cause::Platform(platform) => Some(platform.to_string()),
                _ => None,
            })
            .collect();
        let platforms: Vec<_> = platforms.into_iter().collect();
        let wanted = self.image.architecture().as_str();
        let about = |runs: &str| {
            let message =
                format!("{name} is built for {}, but runs on {runs}", enumerate(platforms.iter().cloned(), NAMED));
            self.about(group, &codes::WRONG_MACHINE, message).help(files(faults.iter().copied()))
        };
        match platforms.as_slice() {
            [one] if ["x86_64", "arm64"].contains(&one.as_str()) => {
                about(wanted).help(format!("install it for {wanted}, or set `runtime.architecture` to `{one}`"))
            }
            _ => about(&format!("Linux on {wanted} with glibc"))
                .help("install it for that system, or let `tc build` install it; musl is the C library of Alpine"),
        }
    }

    fn newer(&self, group: &Group, name: &str, faults: &[&Fault]) -> Diagnostic {
        let version = faults.iter().filter_map(|fault| match fault.cause {
            Cause::Glibc(version) | Cause::Cpp(version) => Some(version),
            _ => None,
        });
        let needed = version.max().map(|version| version.to_string()).unwrap_or_default();
        let image = self.image.describe();
        let message = match group.kind {
            1 => format!("{name} needs glibc {needed}, which is newer than that of {image}"),
            _ => format!(
                "{name} needs libstdc++ with version {needed} of its symbols, which is newer than that of {image}"
            ),
        };
        let finding = self.about(group, &codes::NEWER_LIBC, message).help(files(faults.iter().copied()));
        let newer = match (self.image.system, self.image.family()) {
            (System::AmazonLinux2, Family::Python) => ", or take python3.12 or later, which run on Amazon Linux 2023",
            (System::AmazonLinux2, _) => ", or take a runtime on Amazon Linux 2023",
            (System::AmazonLinux2023, _) => "",
        };
        let glibc = self.image.glibc();
        finding.help(format!("take a version that is built for glibc {glibc} or older{newer}"))
    }

    fn missing(
        &self,
        group: &Group,
        name: &str,
        faults: &[&Fault],
        obstacles: &BTreeMap<String, Obstacle>,
    ) -> Diagnostic {
        let (libraries, needing) = self.libraries(faults);
        let (are, these) = if needing.len() == 1 { ("is", "it") } else { ("are", "them") };
        let message =
            format!("{name} needs {libraries}, which {are} neither in the layer nor in {}", self.image.describe());
        let mut finding = self.about(group, &codes::MISSING_LIBRARY, message);
        finding = needing_files(finding, &needing);
        for fault in faults {
            if let Cause::Missing { name, elsewhere: Some(elsewhere) } = &fault.cause {
                let help = format!(
                    "`{name}` is in the layer as `{elsewhere}`, where the loader does not look: put it into `lib/`"
                );
                finding.help.extend((!finding.help.contains(&help)).then_some(help));
            }
        }
        let unfit = needing.keys().filter_map(|name| obstacles.get(*name)).flat_map(|obstacle| &obstacle.unfit);
        for reason in unfit.take(EXPLAINED) {
            finding = finding.help(format!("not taken from this machine: {reason}"));
        }
        if group.optional.is_some() {
            return finding.help("nothing has to be done; to be rid of the warning, remove the file in `build.post`");
        }
        let better = self.owners.distribution(&group.owner).and_then(|distribution| {
            BETTER.iter().find(|(one, _)| distribution.name.eq_ignore_ascii_case(one)).map(|(_, better)| better)
        });
        if let Some(better) = better {
            finding = finding.help(format!("depend on `{better}` instead, which does not need {these}"));
        }
        let (machine, glibc) = (self.image.architecture().as_str(), self.image.glibc());
        finding
            .help(format!(
                "put {these}, built for {machine} and glibc {glibc} or older, into a directory that `build.libs` names"
            ))
            .help("if nothing loads the file, remove it in `build.post`")
    }

    fn unsure(&self, group: &Group, name: &str, faults: &[&Fault]) -> Diagnostic {
        let (libraries, needing) = self.libraries(faults);
        let these = if needing.len() == 1 { "it" } else { "them" };
        let message = format!("{name} needs {libraries}, which may not be in {}", self.image.describe());
        needing_files(self.about(group, &codes::UNSURE_LIBRARY, message), &needing)
            .help(format!("to be sure, put {these} into a directory that `build.libs` names"))
    }

    /// The libraries that faults ask for in one text, and the files that need each.
    fn libraries<'f>(&self, faults: &[&'f Fault]) -> (String, BTreeMap<&'f str, Vec<&'f Fault>>) {
        let mut needing: BTreeMap<&str, Vec<&Fault>> = BTreeMap::new();
        for fault in faults {
            if let Cause::Missing { name, .. } | Cause::Unsure(name) = &fault.cause {
                needing.entry(name).or_default().push(fault);
            }
        }
        (enumerate(needing.keys().map(|name| format!("`{name}`")), NAMED), needing)
    }

    /// A library that was taken.
    pub(super) fn taken(&self, taken: &Taken, owner: &Owner) -> Diagnostic {
        let name = self.owners.name(owner);
        let place = (self.place)(self.owners.distribution(owner));
        let message = format!("took `{}` from `{}` into the layer for {name}", taken.name, taken.from.display());
        Diagnostic::new(&codes::LIBRARY_TAKEN, place, message).help(format!(
            "it is found as `{}/{}`; the image of {} lacks it",
            self.mount,
            taken.file,
            self.image.runtime()
        ))
    }

    /// `build.libs` cannot be listed.
    pub(super) fn no_libraries(&self, error: &io::Error) -> Diagnostic {
        let message = format!("the directory that `build.libs` names cannot be read: {}", WorldError::from(error));
        Diagnostic::new(&codes::NO_LIBRARIES, (self.place)(None), message)
            .help("give the path of a directory of shared libraries, relative to the function's")
    }
}

/// A line for each of the first libraries, with the files that need it.
fn needing_files(finding: Diagnostic, needing: &BTreeMap<&str, Vec<&Fault>>) -> Diagnostic {
    needing.iter().take(EXPLAINED).fold(finding, |finding, (name, faults)| {
        finding.help(format!("`{name}` is needed by {}", files(faults.iter().copied())))
    })
}

/// The first files of faults, and how many there are beyond.
fn files<'f>(faults: impl Iterator<Item = &'f Fault>) -> String {
    enumerate(faults.map(|fault| format!("`{}`", fault.path)), FILES)
}

/// `a, b and 3 more`, with at most so many named.
fn enumerate(texts: impl Iterator<Item = String>, most: usize) -> String {
    let all: Vec<String> = texts.collect();
    let named = all.get(..most).unwrap_or(&all);
    match (all.len() - named.len(), named) {
        (0, [before @ .., last]) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        (0, named) => named.join(", "),
        (more, named) => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        let list = |count: usize| enumerate((1..=count).map(|number| number.to_string()), 2);
        assert_eq!([list(1), list(2), list(5)], ["1", "1 and 2", "1, 2 and 3 more"]);
    }
}
