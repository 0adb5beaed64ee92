//! Packs a directory by tc's own writer, as the tree of a layer is packed: `pack DIRECTORY OUT THREADS`. It is measured in
//! `tests/bench/layer.py`.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use tc_package::archive::Writer;
use tc_package::layer::tree::{TreeFile, files};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, out, threads] = arguments.as_slice() else {
        return Err("usage: pack DIRECTORY OUT THREADS".into());
    };
    let members = files(Path::new(directory)).map_err(|error| format!("{error:?}"))?;
    let read = |file: &TreeFile| fs::read(&file.path);
    let mut out = BufWriter::new(File::create(out)?);
    Writer::new(threads.parse()?).write(&members, &read, &mut out).map_err(|error| format!("{error:?}"))?;
    out.flush()?;
    Ok(())
}
