//! What a layer may weigh, unpacked.

use super::install::Distribution;
use super::manifest::DistributionEntry;
use super::tree::TreeFile;
use crate::archive::Members;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Which distribution each file of a tree belongs to.
pub struct Ownership<'a> {
    distributions: &'a [Distribution],
    /// The place of a distribution by each of its files.
    owner: BTreeMap<&'a str, usize>,
}

impl<'a> Ownership<'a> {
    /// By the lists of files of these distributions. A file that two of them list belongs to the first.
    pub fn new(distributions: &'a [Distribution]) -> Self {
        let mut owner = BTreeMap::new();
        for (place, distribution) in distributions.iter().enumerate() {
            for file in &distribution.files {
                owner.entry(file.as_str()).or_insert(place);
            }
        }
        Self { distributions, owner }
    }

    /// The place of the distribution that a file belongs to; one past the last for a file that belongs to none.
    pub fn group(&self, file: &str) -> usize {
        self.owner.get(file).copied().unwrap_or(self.distributions.len())
    }

    /// The distributions with the bytes of those of their files that are in the tree, in the order of their names.
    pub fn entries(&self, members: &Members<TreeFile>) -> Vec<DistributionEntry> {
        let mut sizes = vec![0u64; self.distributions.len() + 1];
        for (name, member) in members {
            if let Some(size) = sizes.get_mut(self.group(name.as_str())) {
                *size = size.saturating_add(member.source.size);
            }
        }
        let entry = |(distribution, unpacked): (&Distribution, u64)| DistributionEntry {
            name: distribution.name.clone(),
            version: distribution.version.clone(),
            unpacked,
        };
        let mut entries: Vec<_> = self.distributions.iter().zip(sizes).map(entry).collect();
        entries.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
        entries
    }
}

/// Bytes of the files of a tree.
pub fn unpacked(members: &Members<TreeFile>) -> u64 {
    members.values().map(|member| member.source.size).fold(0, u64::saturating_add)
}

/// The `count` largest distributions, or where there are none the largest files, with their bytes.
pub fn largest(entries: &[DistributionEntry], members: &Members<TreeFile>, count: usize) -> Vec<(String, u64)> {
    let mut found: Vec<(String, u64)> = if entries.is_empty() {
        members.iter().map(|(name, member)| (name.to_string(), member.source.size)).collect()
    } else {
        entries.iter().map(|entry| (format!("{} {}", entry.name, entry.version), entry.unpacked)).collect()
    };
    found.sort_by_key(|(_, size)| Reverse(*size));
    found.truncate(count);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{EntryName, Member};

    fn tree(files: &[(&str, u64)]) -> Members<TreeFile> {
        let member = |(name, size): &(&str, u64)| {
            let source = TreeFile { path: name.into(), size: *size };
            (EntryName::new(*name).unwrap(), Member { executable: false, source })
        };
        files.iter().map(member).collect()
    }

    #[test]
    fn files_count_once_and_only_where_they_are() {
        let distribution = |name: &str, files: &[&str]| Distribution {
            name: name.to_owned(),
            version: "1".to_owned(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
        };
        let distributions = [distribution("b", &["shared", "b/x", "gone"]), distribution("a", &["shared", "a/x"])];
        let members = tree(&[("a/x", 3), ("b/x", 4), ("shared", 5), ("nobodys", 6)]);
        let ownership = Ownership::new(&distributions);
        let entries = ownership.entries(&members);
        let shown: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.unpacked)).collect();
        assert_eq!(shown, [("a", 3), ("b", 9)]);
        assert_eq!(unpacked(&members), 18);
        assert_eq!(ownership.group("nobodys"), 2);
        assert_eq!(largest(&entries, &members, 1), [("b 1".to_owned(), 9)]);
        assert_eq!(largest(&[], &members, 2), [("nobodys".to_owned(), 6), ("shared".to_owned(), 5)]);
    }
}
