//! Whose a file is: findings are told by distribution, and what one distribution brings it can load.

use crate::layer::install::Distribution;
use std::collections::BTreeMap;

/// What a file came with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// The distribution at this place in the list.
    Distribution(usize),
    /// None: it was vendored. The directory of its package, or the file itself.
    Directory(String),
}

/// The owners of all files.
pub(super) struct Owners<'a> {
    distributions: &'a [Distribution],
    by_file: BTreeMap<&'a str, usize>,
}

impl<'a> Owners<'a> {
    /// Of the files in these distributions' lists.
    pub(super) fn new(distributions: &'a [Distribution]) -> Self {
        let mut by_file = BTreeMap::new();
        for (index, distribution) in distributions.iter().enumerate() {
            for file in &distribution.files {
                by_file.entry(file.as_str()).or_insert(index);
            }
        }
        Self { distributions, by_file }
    }

    /// The owner of a file.
    pub(super) fn of(&self, file: &str) -> Owner {
        match self.by_file.get(file) {
            Some(index) => Owner::Distribution(*index),
            None => Owner::Directory(package(file).to_owned()),
        }
    }

    /// The distribution of an owner.
    pub(super) fn distribution(&self, owner: &Owner) -> Option<&'a Distribution> {
        match owner {
            Owner::Distribution(index) => self.distributions.get(*index),
            Owner::Directory(_) => None,
        }
    }

    /// Its name as findings print it: with the version, so that one knows which to replace.
    pub(super) fn name(&self, owner: &Owner) -> String {
        match (owner, self.distribution(owner)) {
            (_, Some(Distribution { name, version, .. })) if version.is_empty() => format!("`{name}`"),
            (_, Some(Distribution { name, version, .. })) => format!("`{name}` {version}"),
            (Owner::Directory(directory), None) => format!("`{directory}`"),
            (Owner::Distribution(_), None) => "a distribution".to_owned(),
        }
    }
}

/// The directory of the package that a file without a distribution belongs to; the file where there is none.
fn package(file: &str) -> &str {
    let mut parts = file.split('/');
    let depth = match [parts.next(), parts.next(), parts.next(), parts.next()] {
        [Some("nodejs"), Some("node_modules"), Some(scope), _] if scope.starts_with('@') => 4,
        [Some("nodejs"), Some("node_modules"), ..] => 3,
        // `ruby/gems/3.3.0/gems/NAME` and `ruby/gems/3.3.0/extensions/PLATFORM/3.3.0/NAME`.
        [Some("ruby"), Some("gems"), _, Some("gems")] => 5,
        [Some("ruby"), Some("gems"), _, Some("extensions")] => 7,
        // `python/lib/python3.13/site-packages/NAME`.
        [Some("python"), Some("lib"), Some(version), Some("site-packages")] if version.starts_with("python3") => 5,
        [Some("python"), ..] => 2,
        _ => usize::MAX,
    };
    let end = file.match_indices('/').nth(depth.saturating_sub(1)).map_or(file.len(), |(at, _)| at);
    let package = file.get(..end).unwrap_or(file);
    // What a wheel brings for `NAME` lies in `NAME.libs`.
    package.strip_suffix(".libs").unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_their_distribution_or_package() {
        let files = vec!["python/numpy/a.so".to_owned(), "python/numpy.libs/b.so".to_owned()];
        let distributions = [Distribution { name: "numpy".to_owned(), version: "2.2.6".to_owned(), files }];
        let owners = Owners::new(&distributions);
        let name = |file| owners.name(&owners.of(file));
        assert_eq!(owners.of("python/numpy/a.so"), owners.of("python/numpy.libs/b.so"));
        assert_eq!(name("python/numpy/a.so"), "`numpy` 2.2.6");
        for (file, wanted) in [
            ("python/x/y/z.so", "`python/x`"),
            ("python/x.libs/z.so", "`python/x`"),
            ("python/x.so", "`python/x.so`"),
            ("python/lib/python3.13/site-packages/x/y.so", "`python/lib/python3.13/site-packages/x`"),
            ("nodejs/node_modules/@img/sharp/a/b.node", "`nodejs/node_modules/@img/sharp`"),
            ("nodejs/node_modules/bcrypt/b.node", "`nodejs/node_modules/bcrypt`"),
            ("ruby/gems/3.3.0/gems/pg-1.5/lib/pg.so", "`ruby/gems/3.3.0/gems/pg-1.5`"),
            (
                "ruby/gems/3.3.0/extensions/x86_64-linux/3.3.0/pg-1.5/pg.so",
                "`ruby/gems/3.3.0/extensions/x86_64-linux/3.3.0/pg-1.5`",
            ),
            ("lib/libx.so.1", "`lib/libx.so.1`"),
        ] {
            assert_eq!(name(file), wanted);
        }
    }
}
