//! Small native libraries, made byte by byte: what the loader reads of them is all there is.

/// The processors, as `e_machine` names them.
pub const X86_64: u16 = 62;
/// 64-bit Arm.
pub const AARCH64: u16 = 183;

/// A library, or a program where it has an interpreter.
#[derive(Debug, Clone)]
pub struct Library {
    /// `e_machine`.
    pub machine: u16,
    /// `DT_SONAME`.
    pub soname: Option<&'static str>,
    /// `DT_NEEDED`.
    pub needed: Vec<&'static str>,
    /// `DT_RPATH`.
    pub rpath: Option<&'static str>,
    /// `DT_RUNPATH`.
    pub runpath: Option<&'static str>,
    /// Needed versions, by library.
    pub versions: Vec<(&'static str, Vec<&'static str>)>,
    /// Needed versions that are marked as weak, of the C library.
    pub weak: Vec<&'static str>,
    /// The loader that a program names.
    pub interpreter: Option<&'static str>,
}

impl Library {
    /// One that needs nothing.
    pub fn new(machine: u16) -> Self {
        Self {
            machine,
            soname: None,
            needed: Vec::new(),
            rpath: None,
            runpath: None,
            versions: Vec::new(),
            weak: Vec::new(),
            interpreter: None,
        }
    }

    /// With libraries that it needs.
    #[must_use]
    pub fn needs(mut self, names: &[&'static str]) -> Self {
        self.needed.extend(names);
        self
    }

    /// With versions of the C library that it needs.
    #[must_use]
    pub fn glibc(mut self, versions: &[&'static str]) -> Self {
        self.versions.push(("libc.so.6", versions.to_vec()));
        self
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut strings = Strings(vec![0]);
        let mut dynamic: Vec<(u64, u64)> = Vec::new();
        dynamic.extend(self.needed.iter().map(|name| (1, strings.add(name))));
        dynamic.extend(self.soname.map(|name| (14, strings.add(name))));
        dynamic.extend(self.rpath.map(|path| (15, strings.add(path))));
        dynamic.extend(self.runpath.map(|path| (29, strings.add(path))));
        let mut wanted: Vec<(&str, Vec<(&str, u16)>)> = self
            .versions
            .iter()
            .map(|(library, names)| (*library, names.iter().map(|name| (*name, 0)).collect()))
            .collect();
        if !self.weak.is_empty() {
            wanted.push(("libc.so.6", self.weak.iter().map(|name| (*name, 2)).collect()));
        }
        let versions = version_needs(&wanted, &mut strings);
        let interpreter = self.interpreter.map(|path| [path.as_bytes(), &[0]].concat()).unwrap_or_default();
        // Header, three segments, interpreter, strings, versions, dynamic; loaded where no place is its address.
        let base = 0x0040_0000_u64;
        let interpreter_at = 64 + 3 * 56;
        let strings_at = interpreter_at + interpreter.len() as u64;
        let versions_at = strings_at + strings.0.len() as u64;
        let dynamic_at = versions_at + versions.len() as u64;
        dynamic.extend([(5, base + strings_at), (10, strings.0.len() as u64)]);
        if !versions.is_empty() {
            dynamic.extend([(0x6fff_fffe, base + versions_at), (0x6fff_ffff, wanted.len() as u64)]);
        }
        dynamic.push((0, 0));
        let size = dynamic_at + 16 * dynamic.len() as u64;
        let mut out = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0];
        out.extend(self.machine.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
        [0, 64, 0].iter().for_each(|word: &u64| out.extend(word.to_le_bytes()));
        out.extend(0_u32.to_le_bytes());
        [64, 56, 3, 64, 0, 0].iter().for_each(|half: &u16| out.extend(half.to_le_bytes()));
        let segment = |kind: u32, at: u64, size: u64| {
            let words = [at, base + at, base + at, size, size, 8];
            let head = [kind.to_le_bytes(), 4_u32.to_le_bytes()].concat();
            [head, words.iter().flat_map(|word| word.to_le_bytes()).collect()].concat()
        };
        out.extend(segment(1, 0, size));
        out.extend(segment(2, dynamic_at, size - dynamic_at));
        // A segment of no kind where there is no interpreter.
        out.extend(segment(if interpreter.is_empty() { 0 } else { 3 }, interpreter_at, interpreter.len() as u64));
        out.extend(interpreter);
        out.extend(strings.0);
        out.extend(versions);
        dynamic.iter().for_each(|(tag, value)| out.extend([tag.to_le_bytes(), value.to_le_bytes()].concat()));
        out
    }
}

/// A table of strings.
struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, text: &str) -> u64 {
        let at = self.0.len() as u64;
        self.0.extend(text.bytes().chain([0]));
        at
    }
}

/// The section of needed versions.
fn version_needs(wanted: &[(&str, Vec<(&str, u16)>)], strings: &mut Strings) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, (library, names)) in wanted.iter().enumerate() {
        let count = u16::try_from(names.len()).unwrap_or(u16::MAX);
        let next = if index + 1 == wanted.len() { 0 } else { 16 + 16 * u32::from(count) };
        out.extend([1_u16.to_le_bytes(), count.to_le_bytes()].concat());
        out.extend([word(strings.add(library)), 16_u32.to_le_bytes(), next.to_le_bytes()].concat());
        for (at, (name, flags)) in names.iter().enumerate() {
            let next: u32 = if at + 1 == names.len() { 0 } else { 16 };
            out.extend(0_u32.to_le_bytes());
            out.extend([flags.to_le_bytes(), 2_u16.to_le_bytes()].concat());
            out.extend([word(strings.add(name)), next.to_le_bytes()].concat());
        }
    }
    out
}

fn word(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
