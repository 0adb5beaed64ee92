//! The command line of tc: reads the arguments, runs one command, and turns what came of it into output and an exit
//! status. The work is done elsewhere: compiling in `tc-core`, code zips and layers in `tc-package`, whatever touches an
//! account in `tc-deploy`.
//!
//! ```text
//! args       the command line as it is written
//! commands   one file a command
//! cache      what may be made again, kept for the user
//! pipeline   the stages in their order
//! deployment what commands share that change a sandbox
//! site       where a command runs that looks at a sandbox or starts something in it
//! payload    what is handed to what is started
//! service    a topology by its name, and its versions
//! git        the repository around a project
//! changelog  what changed between two versions
//! release    versions: made, deployed and verified
//! composition the topologies of a tree as one
//! comparison two states of a topology, of which one is deployed
//! shell      the two output streams; nothing else prints
//! report     findings in the format that was asked for
//! disk       the project's files as the compiler may see them
//! output     the output directory, whole or absent
//! progress   what is being done, while it is done
//! ```

mod args;
mod cache;
mod changelog;
mod commands;
mod comparison;
mod composition;
mod deployment;
mod disk;
mod git;
mod invocation;
mod markdown;
mod os_error;
mod output;
mod paths;
mod payload;
mod pipeline;
mod placement;
mod progress;
mod release;
mod report;
mod service;
mod shell;
mod site;
mod size;
mod summary;
mod table;
mod topologies;
mod version;

use clap::Parser;
use shell::Shell;
use std::process::ExitCode;

/// Quicker for many small values than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let mut shell = Shell::new(arguments.color);
    let code = match arguments.command {
        args::Command::Compile(arguments) => commands::compile::run(&arguments, &mut shell),
        args::Command::Build(arguments) => commands::build::run(&arguments, &mut shell),
        args::Command::Create(arguments) => commands::create::run(&arguments, &mut shell),
        args::Command::Update(arguments) => commands::update::run(&arguments, &mut shell),
        args::Command::Diff(arguments) => commands::diff::run(arguments, &mut shell),
        args::Command::Deploy(arguments) => commands::deploy::run(arguments, &mut shell),
        args::Command::Rebalance(arguments) => commands::rebalance::run(&arguments, &mut shell),
        args::Command::Release(arguments) => commands::release::run(arguments, &mut shell),
        args::Command::Verify(arguments) => commands::verify::run(&arguments, &mut shell),
        args::Command::Delete(arguments) => commands::delete::run(&arguments, &mut shell),
        args::Command::Login(arguments) => commands::login::run(&arguments, &mut shell),
        args::Command::Local(arguments) => commands::local::run(&arguments, &mut shell),
        args::Command::Invoke(arguments) => commands::invoke::run(&arguments, &mut shell),
        args::Command::List(arguments) => commands::list::run(&arguments, &mut shell),
        args::Command::Logs(arguments) => commands::logs::run(&arguments, &mut shell),
        args::Command::Scaffold(arguments) => commands::scaffold::run(&arguments, &mut shell),
        args::Command::Init(arguments) => commands::init::run(&arguments, &mut shell),
        args::Command::Explain(arguments) => commands::explain::run(&arguments, &mut shell),
        args::Command::Schema(arguments) => commands::schema::run(&arguments, &mut shell),
        args::Command::Completions(arguments) => commands::completions::run(&arguments, &mut shell),
    };
    if let Some(error) = shell.failure() {
        shell.err(&format!("error: standard output cannot be written: {}\n", os_error::words(&error)));
        return ExitCode::FAILURE;
    }
    code
}
