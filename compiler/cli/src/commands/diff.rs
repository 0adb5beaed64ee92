//! `tc diff`: what an update would change, or what differs between two versions or sandboxes.

use crate::args::{self, Reporting};
use crate::changelog::Changelog;
use crate::comparison::{Between, Comparison, Side};
use crate::composition;
use crate::deployment::{self, Manner, Part, Target, Wanted};
use crate::report;
use crate::service::{Revision, Service};
use crate::shell::Shell;
use crate::version::Version;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::ExitCode;
use tc_core::diagnostic::{Diagnostic, Diagnostics};
use tc_core::source::SourceMap;

/// Show what an update would change, or what differs between two versions or sandboxes
///
/// With a sandbox: compares the topology with the deployed template, by entity and down to the property, with the old and
/// the new value; and the code on this machine with the code that each function has. What is replaced, and what is lost
/// with it, is marked.
///
/// With `--between`: compares two versions of the topology, entity by entity. `--changelog` adds the commits that touched
/// it; without `--between` it tells what is new since the last version, or what that version brought. A sandbox is written
/// `@bob.dev`: `0.1.4..@stable.qa` and `@stable.qa..@stable.prod` compare what is deployed, resource by resource.
///
/// Nothing is changed.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The sandbox
    #[arg(short, long, value_parser = args::sandbox, required_unless_present_any = ["changelog", "between"])]
    sandbox: Option<String>,

    /// The environment
    #[arg(short, long, value_parser = args::environment, required_unless_present_any = ["changelog", "between"])]
    env: Option<String>,

    /// Give a parameter of the template its value instead of looking it up
    #[arg(long = "import", value_name = "PARAMETER=VALUE", value_parser = deployment::import)]
    imports: Vec<(String, String)>,

    #[command(flatten)]
    part: Part,

    /// Tell what changed between two versions: entities, and the commits that changed them
    #[arg(long, conflicts_with_all = ["sandbox", "env", "imports", "components"])]
    changelog: bool,

    /// Two versions or sandboxes: 0.1.4..0.2.0, @bob.dev..@stable.qa; without the second the files as they are now
    #[arg(long, value_name = "FROM..TO", conflicts_with_all = ["sandbox", "env", "imports", "components"])]
    between: Option<Between>,

    /// The topology, by its name, wherever it lies in the repository
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sandbox", "env"])]
    service: Option<String>,

    /// Compare the topologies in the directories below as well
    #[arg(long, conflicts_with_all = ["changelog", "between", "service", "components"])]
    recursive: bool,

    /// Exit with status 1 when something differs
    #[arg(long)]
    exit_code: bool,

    /// How the result is printed [default: text]
    #[arg(long, value_enum)]
    format: Option<Format>,

    #[command(flatten)]
    reporting: Reporting,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// A page, of what changed between two versions
    Markdown,
    /// An object
    Json,
}

/// Shows what is different.
pub fn run(arguments: Arguments, shell: &mut Shell) -> ExitCode {
    let Arguments { directory, sandbox, env, imports, part, exit_code, format, reporting, recursive, .. } = arguments;
    let is_of_sandboxes = sandbox.is_some() || arguments.between.as_ref().is_some_and(Between::has_sandbox);
    if is_of_sandboxes && format == Some(Format::Markdown) {
        return args::refuse("diff", "a page is made of what changed between two versions alone");
    }
    if let (Some(sandbox), Some(env)) = (sandbox, env) {
        let manner = Manner::new(format == Some(Format::Json), reporting);
        let wanted = Wanted { target: Target::new(directory, sandbox, env, manner), imports };
        return match recursive {
            true => composition::show_differences(&wanted, exit_code, shell),
            false => deployment::show_differences(&wanted, &part, exit_code, shell),
        };
    }
    let service = arguments.service.as_deref();
    if let Some(between) = arguments.between.as_ref().filter(|between| between.has_sandbox()) {
        if arguments.changelog {
            return args::refuse("diff", "a changelog is of versions: a sandbox has no commits");
        }
        let compared = Comparison::of(&directory, service, between);
        return match compared {
            Ok(comparison) => {
                shell.out(&match format {
                    Some(Format::Json) => {
                        format!("{}\n", serde_json::to_string_pretty(&comparison).unwrap_or_default())
                    }
                    _ => comparison.text(shell),
                });
                if exit_code && comparison.differs { ExitCode::FAILURE } else { ExitCode::SUCCESS }
            }
            Err(report) => {
                report::print_all(&[*report], reporting.message_format, true, shell);
                ExitCode::FAILURE
            }
        };
    }
    let told = tell(&directory, service, arguments.between.as_ref(), arguments.changelog);
    match told {
        Ok(changelog) => {
            shell.out(&match format.unwrap_or(Format::Text) {
                Format::Text => changelog.text(),
                Format::Markdown => changelog.markdown(),
                Format::Json => format!("{}\n", serde_json::to_string_pretty(&changelog).unwrap_or_default()),
            });
            let differs = !changelog.entities.is_empty() || !changelog.groups.is_empty();
            if exit_code && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(refusal) => {
            let mut findings = Diagnostics::default();
            findings.push(*refusal);
            report::print(&findings, &SourceMap::default(), None, reporting.message_format, true, shell);
            ExitCode::FAILURE
        }
    }
}

fn tell(
    directory: &std::path::Path,
    service: Option<&str>,
    between: Option<&Between>,
    with_commits: bool,
) -> Result<Changelog, Box<Diagnostic>> {
    let service = Service::find(directory, service)?;
    let (from, to) = match between {
        Some(Between { from, to }) => {
            let to = match to {
                Side::Version(to) => Revision::Version(service.version(to)?),
                _ => Revision::WorkingTree,
            };
            let from = match from {
                Side::Version(from) => Some(service.version(from)?),
                _ => None,
            };
            (from, to)
        }
        None => latest(&service)?,
    };
    let mut changelog = Changelog::of(&service, from, to)?;
    if !with_commits {
        changelog.groups.clear();
    }
    Ok(changelog)
}

/// What is new since the last version; of a commit that is a version, what that one brought.
fn latest(service: &Service) -> Result<(Option<Version>, Revision), Box<Diagnostic>> {
    let mut versions = service.repository.versions(&service.name, "HEAD")?;
    let Some(last) = versions.pop() else {
        if service.repository.is_shallow()? {
            return Err(Box::new(service.shallow("no version of it can be seen")));
        }
        return Ok((None, Revision::WorkingTree));
    };
    let is_here = service.repository.commit(&last.tag(&service.name))? == service.repository.commit("HEAD")?;
    if is_here { Ok((versions.pop(), Revision::Version(last))) } else { Ok((Some(last), Revision::WorkingTree)) }
}
