//! `tc deploy`: a version, or a plan that was looked at.

use crate::args;
use crate::composition;
use crate::deployment::{self, Care, Deployment, Manner, Target, Wanted};
use crate::release;
use crate::shell::Shell;
use clap::ArgGroup;
use std::path::PathBuf;
use std::process::ExitCode;

/// Deploy a version, or execute a plan that `--no-execute` has written
///
/// With `--version`: the very bytes that `tc release` has kept, digests checked; where it has kept none for this sandbox and
/// environment, what the commit of the version's tag compiles to. An older version than the deployed one is the way back,
/// and what it undoes is told. The whole is one change set.
///
/// With `--plan`: exactly the change set that was shown is executed. It is refused when the topology compiles to another
/// template than the plan was made of, or when the stack has changed since.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("what").required(true).args(["plan", "version"])))]
pub struct Arguments {
    /// The topology's directory
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,

    /// The plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sandbox", "env", "service", "imports"])]
    plan: Option<PathBuf>,

    /// The version: 0.1.4
    #[arg(long, value_name = "X.Y.Z", requires_all = ["sandbox", "env"])]
    version: Option<String>,

    /// The sandbox
    #[arg(short, long, value_parser = args::sandbox)]
    sandbox: Option<String>,

    /// The environment
    #[arg(short, long, value_parser = args::environment)]
    env: Option<String>,

    /// The topology, by its name, wherever it lies in the repository
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Give a parameter of the template its value instead of looking it up
    #[arg(long = "import", value_name = "PARAMETER=VALUE", value_parser = deployment::import)]
    imports: Vec<(String, String)>,

    #[command(flatten)]
    care: Care,

    #[command(flatten)]
    manner: Manner,
}

/// Deploys a version, or executes a plan.
pub fn run(arguments: Arguments, shell: &mut Shell) -> ExitCode {
    let Arguments { directory, plan, version, sandbox, env, service, imports, care, manner } = arguments;
    if let Some(plan) = plan {
        return match deployment::is_of_tree(&plan) {
            true => composition::execute_plan(&plan, directory, manner, &care, shell),
            false => deployment::execute_plan(&plan, directory, manner, &care, shell),
        };
    }
    // clap has seen to it that none of them is missing.
    let (version, sandbox, env) = (version.unwrap_or_default(), sandbox.unwrap_or_default(), env.unwrap_or_default());
    let refusing = manner.clone();
    let target = Target::new(directory.clone(), sandbox, env, manner);
    let deployment = Deployment::new(Wanted { target, imports }, care);
    match release::deploy(&deployment, (directory, service.as_deref()), &version, shell) {
        Ok((deployed, product)) => {
            deployment::print(&deployment.wanted.target, &deployed, &product, shell);
            ExitCode::SUCCESS
        }
        Err(report) => {
            let status = deployment::exit_status(report.findings.iter());
            refusing.refuse(*report, shell);
            status
        }
    }
}
