//! What a layer is known by: the digest of everything that decides what it comes to.

use crate::inline::is_inline;
use crate::layer::Target;
use crate::layer::install::{Inputs, Options};
use sha2::{Digest, Sha256};
use tc_core::ir::Function;

/// The version of what tc itself does to a layer: raised whenever equal inputs come to another layer or record.
const FORMAT: u32 = 2;

/// What a layer is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of a function's layer.
    pub fn new(function: &Function, target: &Target, options: &Options, inputs: &Inputs) -> Self {
        let mut key = KeyWriter::default();
        key.put("format", &FORMAT.to_le_bytes());
        key.put("runtime", target.runtime.spelling().as_bytes());
        key.put("architecture", target.architecture.as_str().as_bytes());
        key.put("slim", &[options.slim.into()]);
        // A layer may be divided, and what goes into the code never is.
        key.put("inline", &[is_inline(function).into()]);
        let commands = [("pre", &function.build.pre), ("post", &function.build.post)];
        for (name, commands) in commands {
            commands.iter().for_each(|command| key.put(name, command.as_bytes()));
        }
        function.build.command.iter().for_each(|command| key.put("command", command.as_bytes()));
        inputs.iter().for_each(|(name, bytes)| key.put(&format!("input {name}"), bytes));
        key.finish()
    }

    /// Its 64 lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Digests named values so that no two sequences of them are taken for the same.
#[derive(Debug, Default)]
pub struct KeyWriter(Sha256);

impl KeyWriter {
    /// Adds a value.
    pub fn put(&mut self, name: &str, value: &[u8]) {
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// The key.
    pub fn finish(self) -> Key {
        Key(super::hex(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_run_into_each_other() {
        let key = |values: &[(&str, &[u8])]| {
            let mut key = KeyWriter::default();
            values.iter().for_each(|(name, value)| key.put(name, value));
            key.finish()
        };
        assert_eq!(key(&[("a", b"b")]), key(&[("a", b"b")]));
        assert_ne!(key(&[("a", b"b")]), key(&[("ab", b"")]));
        assert_ne!(key(&[("a", b""), ("b", b"")]), key(&[("a", b"b")]));
    }
}
