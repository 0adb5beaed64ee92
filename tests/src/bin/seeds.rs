//! Writes the seeds of the fuzz targets to `tests/fuzz/corpus`: `cargo run -p tc-tests --bin seeds`. What the fuzzer has
//! added there stays.

use std::fs;
use std::io;
use std::path::Path;
use tc_tests::fuzz::TARGETS;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for target in TARGETS {
        let directory = corpus.join(target.name);
        fs::create_dir_all(&directory)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(directory.join(format!("golden-{number}")), seed)?;
        }
    }
    Ok(())
}
