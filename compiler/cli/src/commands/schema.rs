//! `tc schema`: the JSON Schemas of what tc reads and prints.

use crate::shell::Shell;
use clap::ValueEnum;
use std::process::ExitCode;
use tc_core::diagnostic::render::json;
use tc_core::frontend::schema::InputFile;
use tc_package::layer::LayerManifest;
use tc_package::{Document, Manifest};

/// Print the JSON Schema of a file that tc reads, for editors to complete and check against
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Whose schema; without one, all are listed
    #[arg(value_enum)]
    name: Option<Name>,
}

/// What there are schemas of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// topology.yml
    Topology,
    /// function.json or function.yml
    Function,
    /// vars/FUNCTION.json
    Vars,
    /// roles/FUNCTION.json
    Roles,
    /// tc.yml
    Project,
    /// manifest.json in the output directory
    Manifest,
    /// manifest.json in the directory of layers
    Layers,
    /// A line of `tc compile --message-format json`
    Finding,
}

/// Prints one schema, or lists them.
pub fn run(arguments: &Arguments, shell: &mut Shell) -> ExitCode {
    match arguments.name {
        Some(name) => shell.out(&schema(name)),
        None => shell.out(&list()),
    }
    ExitCode::SUCCESS
}

fn schema(name: Name) -> String {
    let input = match name {
        Name::Topology => InputFile::Topology,
        Name::Function => InputFile::Function,
        Name::Vars => InputFile::Vars,
        Name::Roles => InputFile::Roles,
        Name::Project => InputFile::Project,
        Name::Manifest => return Manifest::SCHEMA.to_owned(),
        Name::Layers => return LayerManifest::SCHEMA.to_owned(),
        Name::Finding => return json::schema().to_owned(),
    };
    input.text().to_owned()
}

fn list() -> String {
    let values = Name::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let line = |value: clap::builder::PossibleValue| {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{:10}  {help}\n", value.get_name())
    };
    values.map(line).collect()
}
