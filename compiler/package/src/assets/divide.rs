//! Which bytes make a part.
//!
//! A file of at least a part's size begins a part of its own and ends the last that it needs; smaller files share parts in
//! the order of their paths. So a large file's parts do not change when other files do, and need not be uploaded again.

/// The most bytes of a part. The helper holds several parts in memory, and each is uploaded as one object.
pub const PART_SIZE: u64 = 64 << 20;

/// The most files that a part has bytes of. On a network file system a file takes some milliseconds whatever its size, and
/// a part must be written within one call of the helper.
pub const PART_FILES: usize = 2_000;

/// How a tree is divided. [`Rule::default`] but in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The most bytes of a part, at least one.
    pub size: u64,
    /// The most files that a part has bytes of, at least one.
    pub files: usize,
}

impl Default for Rule {
    fn default() -> Self {
        Self { size: PART_SIZE, files: PART_FILES }
    }
}

/// The sizes of the parts of files of these sizes, in their order.
pub(super) fn divide(files: impl IntoIterator<Item = u64>, rule: Rule) -> Vec<u64> {
    let (limit, most) = (rule.size.max(1), rule.files.max(1));
    let mut parts = Vec::new();
    let (mut open, mut count) = (0, 0);
    for size in files.into_iter().filter(|size| *size > 0) {
        if open > 0 && (open + size > limit || count == most) {
            parts.push(open);
            (open, count) = (0, 0);
        }
        if size < limit {
            open += size;
            count += 1;
            continue;
        }
        let mut left = size;
        while left > 0 {
            parts.push(left.min(limit));
            left -= left.min(limit);
        }
    }
    if open > 0 {
        parts.push(open);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(files: &[u64]) -> Vec<u64> {
        divide(files.iter().copied(), Rule { size: 10, files: 3 })
    }

    #[test]
    fn small_files_share_parts_and_large_ones_do_not() {
        assert_eq!(divided(&[]), [0; 0]);
        assert_eq!(divided(&[0, 0]), [0; 0]);
        assert_eq!(divided(&[4, 6, 1]), [10, 1]);
        assert_eq!(divided(&[4, 7]), [4, 7]);
        assert_eq!(divided(&[1, 10, 1]), [1, 10, 1]);
        assert_eq!(divided(&[1, 25, 0, 2, 3]), [1, 10, 10, 5, 5]);
        assert_eq!(divided(&[1, 1, 1, 1]), [3, 1]);
    }
}
