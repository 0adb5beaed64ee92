//! The least that a compile can cost: reads the files that tc reads, hashes and deflates the handlers into the same
//! zips, and writes what tc writes, on one thread and without a thought about any of it.
//! `floor SOURCE TEMPLATE OUT`: TEMPLATE is a directory with the templates and the `manifest.json` that tc made of SOURCE,
//! whose bytes are copied; OUT must not exist.
//!
//! It is the measure in `tests/bench/process.py`. That its output is tc's byte for byte is what makes it one, and
//! `tests/floor.rs` checks that.

use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, template, out] = arguments.as_slice() else {
        return Err("usage: floor SOURCE TEMPLATE OUT".into());
    };
    let (source, template, out) = (Path::new(source), Path::new(template), Path::new(out));
    fs::create_dir_all(out.join("artifacts"))?;
    fs::read(source.join("topology.yml"))?;
    let mut compressor = Compressor::new(CompressionLvl::new(6).unwrap_or_default());
    let mut archive = Vec::new();
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        // What is not a directory with a handler is no function.
        let directory = entry.path();
        let Ok(handler) = fs::read(directory.join("handler.py")) else { continue };
        // Each third function has metadata; so has each fifth vars, which are read below.
        let _ = fs::read(directory.join("function.json"));
        pack(&mut compressor, "handler.py", &handler, &mut archive)?;
        fs::write(out.join(format!("artifacts/{}.zip", digest(&archive))), &archive)?;
    }
    // A small system has no vars.
    if let Ok(namespaces) = fs::read_dir(source.join("infrastructure/tc")) {
        for namespace in namespaces {
            for vars in fs::read_dir(namespace?.path().join("vars"))? {
                fs::read(vars?.path())?;
            }
        }
    }
    // A small system has no lock, and one stack.
    let _ = fs::read(source.join("topology.lock"));
    if let Ok(stacks) = fs::read_dir(template.join("stacks")) {
        fs::create_dir(out.join("stacks"))?;
        for stack in stacks {
            let stack = stack?;
            copy(&stack.path(), &out.join("stacks").join(stack.file_name()))?;
        }
    }
    for name in ["template.yaml", "manifest.json"] {
        copy(&template.join(name), &out.join(name))?;
    }
    Ok(())
}

/// What tc makes of nothing but thought: its bytes are read, hashed and written.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(from)?;
    std::hint::black_box(digest(&bytes));
    fs::write(to, bytes)?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive of one deflated file, as PKWARE's APPNOTE.TXT says: its header (4.3.7), its data, its record in the central
/// directory (4.3.12) and the end (4.3.16).
fn pack(compressor: &mut Compressor, name: &str, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
    let mut data = vec![0; bytes.len()];
    let length = compressor.deflate_compress(bytes, &mut data)?;
    data.truncate(length);
    let (size, packed) = (u32::try_from(bytes.len())?, u32::try_from(length)?);
    let mut shared = Vec::new();
    shared.extend([0u8, 0, 8, 0, 0, 0, 0x21, 0]); // flags, deflate, midnight of 1980-01-01
    for number in [libdeflater::crc32(bytes), packed, size] {
        shared.extend(number.to_le_bytes());
    }
    shared.extend(u16::try_from(name.len())?.to_le_bytes());
    out.clear();
    out.extend([0x50, 0x4b, 3, 4, 20, 0]);
    out.extend(&shared);
    out.extend([0, 0]);
    out.extend(name.as_bytes());
    out.extend(&data);
    let central = u32::try_from(out.len())?;
    out.extend([0x50, 0x4b, 1, 2, 20, 3, 20, 0]);
    out.extend(&shared);
    out.extend([0; 8]); // no extra field, no comment, disk 0, internal attributes
    out.extend((0o100_644u32 << 16).to_le_bytes());
    out.extend([0; 4]); // the header stands at the beginning
    out.extend(name.as_bytes());
    let size = u32::try_from(out.len())? - central;
    out.extend([0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0]);
    out.extend(size.to_le_bytes());
    out.extend(central.to_le_bytes());
    out.extend([0, 0]);
    Ok(())
}
