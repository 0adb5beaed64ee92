//! What the loader reads of one file: for whom it is built, and what it needs.
//!
//! Files for other processors are told by their headers alone; of the others, [`super::segment`] reads the rest.

use super::segment::Segments;
use super::version::Versions;
use object::elf;
use object::read::ReadRef;
use std::fmt;
use tc_core::ir::Architecture;

/// The processor a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Machine {
    /// One that Lambda has.
    Lambda(Architecture),
    /// Another, in words.
    Other(&'static str),
}

/// The C library a file is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Libc {
    /// That of Amazon Linux, or none.
    Glibc,
    /// That of Alpine.
    Musl,
    /// That of Android.
    Bionic,
}

/// For whom a file is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// The processor.
    pub machine: Machine,
    /// The C library.
    pub libc: Libc,
}

impl Platform {
    /// Whether it can run on a processor of Lambda.
    pub fn fits(self, architecture: Architecture) -> bool {
        self.machine == Machine::Lambda(architecture) && self.libc == Libc::Glibc
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.machine {
            Machine::Lambda(architecture) => architecture.as_str(),
            Machine::Other(name) => name,
        })?;
        f.write_str(match self.libc {
            Libc::Glibc => "",
            Libc::Musl => " with musl",
            Libc::Bionic => " with Android's C library",
        })
    }
}

/// A file that the loader may load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elf {
    /// For whom it is built.
    pub platform: Platform,
    /// The name it is known by once it is loaded (`DT_SONAME`).
    pub soname: Option<String>,
    /// The libraries it needs (`DT_NEEDED`), in its order.
    pub needed: Vec<String>,
    /// Where they are looked for before `LD_LIBRARY_PATH` (`DT_RPATH`; void where there is a `RUNPATH`).
    pub rpath: Vec<String>,
    /// Where they are looked for after `LD_LIBRARY_PATH` (`DT_RUNPATH`).
    pub runpath: Vec<String>,
    /// The newest versions it needs.
    pub versions: Versions,
    /// The loader that starts it, where it is a program.
    pub interpreter: Option<String>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is no ELF file, or one that is never loaded: an object file, a core dump.
    Other,
    /// It is cut off or contradicts itself; the loader would refuse it.
    Malformed,
}

impl Elf {
    /// Reads a file, from a slice or a [`object::read::ReadCache`] over an open file.
    ///
    /// # Errors
    /// When it is none that the loader loads, or is malformed.
    pub fn read<'data, R: ReadRef<'data>>(data: R) -> Result<Self, Unread> {
        let start = data.read_bytes_at(0, 20).ok().and_then(<[u8]>::first_chunk::<20>).ok_or(Unread::Other)?;
        if is_mach_o(start) {
            return Ok(Self::of(Machine::Other("macOS")));
        }
        let &[0x7f, b'E', b'L', b'F', class, order, _, system, .., kind, kind_high, machine, machine_high] = start
        else {
            return Err(Unread::Other);
        };
        let number = if order == 2 { u16::from_be_bytes } else { u16::from_le_bytes };
        let kind = elf::FileType(number([kind, kind_high]));
        if ![elf::ET_EXEC, elf::ET_DYN].contains(&kind) {
            return Err(Unread::Other);
        }
        let machine = self::machine(elf::Machine(number([machine, machine_high])), class, order, system);
        let mut file = Self::of(machine);
        if let Machine::Lambda(_) = machine {
            file.read_segments(&Segments::read(data)?)?;
        }
        Ok(file)
    }

    fn of(machine: Machine) -> Self {
        Self {
            platform: Platform { machine, libc: Libc::Glibc },
            soname: None,
            needed: Vec::new(),
            rpath: Vec::new(),
            runpath: Vec::new(),
            versions: Versions::default(),
            interpreter: None,
        }
    }

    fn read_segments<'data, R: ReadRef<'data>>(&mut self, segments: &Segments<'data, R>) -> Result<(), Unread> {
        let dynamic = segments.dynamic()?;
        let directories = |text: String| text.split(':').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        for (tag, value) in dynamic.entries() {
            match tag {
                elf::DT_NEEDED => self.needed.push(dynamic.string(value)?),
                elf::DT_SONAME => self.soname = Some(dynamic.string(value)?),
                elf::DT_RPATH => self.rpath = directories(dynamic.string(value)?),
                elf::DT_RUNPATH => self.runpath = directories(dynamic.string(value)?),
                _ => {}
            }
        }
        dynamic.needed_versions(&mut |name| self.versions.add(name))?;
        self.interpreter = segments.interpreter()?;
        self.platform.libc = libc(&self.needed, self.interpreter.as_deref());
        Ok(())
    }
}

/// Whether a file is of macOS: for one processor, or for several (of which there are few; a class file of Java begins
/// alike, and has its version there, which is 45 or more).
fn is_mach_o(start: &[u8; 20]) -> bool {
    matches!(start, [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 1..=20, ..])
}

/// The processor by `e_machine`, the class (1 is 32 bits), the order of bytes (2 is big-endian) and the system.
fn machine(machine: elf::Machine, class: u8, order: u8, system: u8) -> Machine {
    // Linux marks its files as of System V (0) or GNU (3); what is 64 and above belongs to the processor.
    if ![0, 3].contains(&system) && system < 64 {
        return Machine::Other("another operating system");
    }
    match (machine, class, order) {
        (elf::EM_X86_64, 2, 1) => Machine::Lambda(Architecture::X86_64),
        (elf::EM_AARCH64, 2, 1) => Machine::Lambda(Architecture::Arm64),
        (elf::EM_386, ..) => Machine::Other("32-bit x86"),
        (elf::EM_ARM, ..) => Machine::Other("32-bit Arm"),
        (elf::EM_RISCV, ..) => Machine::Other("RISC-V"),
        (elf::EM_PPC64, ..) => Machine::Other("PowerPC"),
        (elf::EM_S390, ..) => Machine::Other("IBM Z"),
        (elf::EM_LOONGARCH, ..) => Machine::Other("LoongArch"),
        (elf::EM_BPF, ..) => Machine::Other("the kernel (BPF)"),
        _ => Machine::Other("another processor"),
    }
}

/// The C library, by the names under which files link to it.
fn libc(needed: &[String], interpreter: Option<&str>) -> Libc {
    let needs = |name: &str| needed.iter().any(|needed| needed == name);
    let is_musl = needed.iter().any(|name| name.starts_with("libc.musl-"));
    if is_musl || interpreter.is_some_and(|path| path.contains("/ld-musl-")) {
        return Libc::Musl;
    }
    // Both give it a plain name; in musl it is the only one.
    match needs("libc.so") {
        true if ["libdl.so", "libm.so", "liblog.so"].into_iter().any(needs) => Libc::Bionic,
        true => Libc::Musl,
        false => Libc::Glibc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(class: u8, order: u8, system: u8, kind: [u8; 2], machine: [u8; 2]) -> Vec<u8> {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', class, order, 1, system, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(kind.into_iter().chain(machine));
        bytes
    }

    #[test]
    fn the_processor_is_told_by_the_header() {
        let machine = |class, order, system, kind, machine| {
            Elf::read(&header(class, order, system, kind, machine)[..]).map(|file| file.platform.to_string())
        };
        assert_eq!(machine(1, 1, 0, [3, 0], [3, 0]), Ok("32-bit x86".to_owned()));
        assert_eq!(machine(1, 1, 0, [3, 0], [40, 0]), Ok("32-bit Arm".to_owned()));
        assert_eq!(machine(2, 2, 0, [0, 3], [0, 22]), Ok("IBM Z".to_owned()));
        assert_eq!(machine(2, 1, 9, [3, 0], [62, 0]), Ok("another operating system".to_owned()));
        // The x32 ABI: the processor's registers with 32-bit addresses.
        assert_eq!(machine(1, 1, 0, [3, 0], [62, 0]), Ok("another processor".to_owned()));
        // An object file, and a header without its file.
        assert_eq!(machine(2, 1, 0, [1, 0], [62, 0]), Err(Unread::Other));
        assert_eq!(machine(2, 1, 0, [3, 0], [62, 0]), Err(Unread::Malformed));
        assert_eq!(Elf::read(&b"#!/bin/sh\n"[..]), Err(Unread::Other));
        assert_eq!(Elf::read(&[][..]), Err(Unread::Other));
    }

    #[test]
    fn files_of_macos_are_told_from_classes_of_java() {
        let machine =
            |start: [u8; 8]| Elf::read(&[&start[..], &[0; 20]].concat()[..]).map(|file| file.platform.machine);
        assert_eq!(machine([0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1]), Ok(Machine::Other("macOS")));
        assert_eq!(machine([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]), Ok(Machine::Other("macOS")));
        assert_eq!(machine([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65]), Err(Unread::Other));
    }

    #[test]
    fn the_c_library_is_told_by_its_names() {
        let libc = |names: &[&str], interpreter| {
            libc(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), interpreter)
        };
        assert_eq!(libc(&["libm.so.6", "libc.so.6"], Some("/lib64/ld-linux-x86-64.so.2")), Libc::Glibc);
        assert_eq!(libc(&[], None), Libc::Glibc);
        assert_eq!(libc(&["libc.musl-x86_64.so.1"], None), Libc::Musl);
        assert_eq!(libc(&["libgcc_s.so.1", "libc.so"], None), Libc::Musl);
        assert_eq!(libc(&[], Some("/lib/ld-musl-aarch64.so.1")), Libc::Musl);
        assert_eq!(libc(&["liblog.so", "libm.so", "libdl.so", "libc.so"], None), Libc::Bionic);
    }
}
