//! Writes the JSON Schemas of the manifests, which are generated from their types, into a directory:
//! `cargo run -p tc-package --example schema -- schema`.

use std::path::PathBuf;
use tc_package::layer::LayerManifest;
use tc_package::{Document, Manifest};

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("schema"), PathBuf::from);
    std::fs::write(directory.join("manifest.schema.json"), Manifest::generate_schema())?;
    std::fs::write(directory.join("layers.schema.json"), LayerManifest::generate_schema())
}
