//! Writes the JSON Schemas of the input files and of a finding, which are generated from the types, into a directory:
//! `cargo run -p tc-core --example schemas -- schema`.

use std::path::PathBuf;
use tc_core::diagnostic::render::json;
use tc_core::frontend::schema::InputFile;

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("schema"), PathBuf::from);
    for file in InputFile::ALL {
        std::fs::write(directory.join(format!("{}.schema.json", file.name())), file.generate())?;
    }
    std::fs::write(directory.join("finding.schema.json"), json::generate_schema())
}
