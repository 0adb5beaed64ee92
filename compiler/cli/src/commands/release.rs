//! `tc release`: the next version of a topology.

use crate::args::{self, Reporting};
use crate::deployment::{self, Care, Manner};
use crate::release::{self, Demands, Release};
use crate::shell::Shell;
use crate::version::Bump;
use std::path::PathBuf;
use std::process::ExitCode;

/// Release the next version of a topology
///
/// Compiles the commit that is checked out, keeps what it came to in the artifact bucket, tags the commit, and deploys it
/// to `release.environment` and `release.sandbox` of `tc.yml`. The version is printed. Interrupted and run again, it goes
/// on.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A directory of the repository
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The topology, by its name, wherever it lies in the repository
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Which part of the version is raised
    #[arg(long, value_enum, value_name = "PART", default_value_t = Bump::Minor)]
    bump: Bump,

    /// The environment, instead of the one of `tc.yml`
    #[arg(short, long, value_parser = args::environment)]
    env: Option<String>,

    /// Do nothing, and tell what would be done
    #[arg(long)]
    dry_run: bool,

    /// Push the tag
    #[arg(long)]
    push: bool,

    #[command(flatten)]
    demands: Demands,

    /// Give a parameter of the template its value instead of looking it up
    #[arg(long = "import", value_name = "PARAMETER=VALUE", value_parser = deployment::import)]
    imports: Vec<(String, String)>,

    #[command(flatten)]
    care: Care,

    #[command(flatten)]
    reporting: Reporting,
}

/// Releases a version.
pub fn run(arguments: Arguments, shell: &mut Shell) -> ExitCode {
    let Arguments { directory, service, bump, env, dry_run, push, demands, imports, care, reporting } = arguments;
    let manner = Manner::of_a_line(reporting);
    let refusing = manner.clone();
    let release =
        Release { directory, service, env, bump, demands, pushes: push, is_dry: dry_run, imports, care, manner };
    match release::make(release, shell) {
        Ok(version) => {
            shell.out(&format!("{version}\n"));
            ExitCode::SUCCESS
        }
        Err(report) => {
            let status = deployment::exit_status(report.findings.iter());
            refusing.refuse(*report, shell);
            status
        }
    }
}
