//! Native libraries: any bytes as one.

use tc_package::layer::elf::{Elf, Machine};

/// The most that a reader may keep of a file, in bytes, whatever it claims.
const KEPT: usize = 64 << 20;

/// Any bytes as a native library: what is read of it is bounded, and can be printed.
pub fn elf(data: &[u8]) {
    let Ok(file) = Elf::read(data) else { return };
    let texts = file.soname.iter().chain(&file.needed).chain(&file.rpath).chain(&file.runpath);
    let mut kept = 0;
    for text in texts {
        assert!(!text.contains(char::is_control), "{text:?}");
        kept += text.len();
    }
    assert!(kept <= KEPT, "{kept} bytes of text of {}", data.len());
    if let Machine::Other(_) = file.platform.machine {
        assert!(file.needed.is_empty());
    }
    assert!(!file.platform.to_string().is_empty());
}
