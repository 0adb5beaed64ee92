//! The path to a property, kept on the stack and written out only for a finding.

use std::fmt;

/// A place in a resource's properties: a chain from the innermost key outwards.
#[derive(Debug, Clone, Copy)]
pub enum Path<'a> {
    /// The properties as a whole.
    Root,
    /// A key of a map.
    Key(&'a Path<'a>, &'a str),
    /// An item of a list, from 0.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// The nearest key: of an item, its list's.
    pub fn key(&self) -> Option<&'a str> {
        match self {
            Self::Root => None,
            Self::Key(_, key) => Some(key),
            Self::Item(outer, _) => outer.key(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(outer, key) => write!(f, "{outer}.{key}"),
            Self::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn paths_read_as_in_a_template() {
        let targets = Path::Key(&Path::Root, "Targets");
        let target = Path::Item(&targets, 1);
        assert_eq!(Path::Key(&target, "Arn").to_string(), "Targets[1].Arn");
        assert_eq!(target.key(), Some("Targets"));
        assert_eq!(Path::Root.to_string(), "");
    }
}
