//! Names and versions as Python's packaging spells them.

/// A distribution's name in the one spelling in which names are compared. Source: Python Packaging User Guide, "Names
/// and normalization": runs of `-`, `_` and `.` are one `-`, in lower case.
pub(super) fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other.to_ascii_lowercase()),
        }
    }
    normal
}

/// The name that a requirement such as `Requests[socks] >= 2 ; python_version < "4"` begins with, normalised, and what
/// stands behind it. `None` where it begins with a path or URL.
pub(super) fn split(requirement: &str) -> Option<(String, &str)> {
    let text = requirement.trim_start();
    let length = text.find(|char: char| !(char.is_ascii_alphanumeric() || "._-".contains(char))).unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    let rest = rest.trim_start();
    let rest =
        rest.strip_prefix('[').and_then(|extras| extras.split_once(']')).map_or(rest, |(_, rest)| rest.trim_start());
    let is_name = name.starts_with(|char: char| char.is_ascii_alphanumeric())
        && name.ends_with(|char: char| char.is_ascii_alphanumeric())
        && (rest.is_empty() || rest.starts_with(['<', '>', '=', '!', '~', ';', '@', '(', ',']));
    is_name.then(|| (normalised(name), rest))
}

/// Whether a runtime of Python `major.minor`, whatever its patch, is admitted by specifiers such as `>=3.10,<4`.
/// `None` where they are none. An upper bound that speaks of a patch is taken to admit the runtime, whose patch AWS
/// chooses.
pub(super) fn admits(specifiers: &str, (major, minor): (u32, u32)) -> Option<bool> {
    let mut all = true;
    for specifier in specifiers.split(',').map(str::trim).filter(|specifier| !specifier.is_empty()) {
        let length = specifier.find(|char: char| !"<>=!~".contains(char))?;
        let (operator, version) = specifier.split_at(length);
        let version = version.trim();
        let any_patch = version.ends_with(".*");
        let parts: Vec<u32> = numbers(version.trim_end_matches(".*"))?;
        let wanted = (*parts.first()?, parts.get(1).copied().unwrap_or_default());
        let of_a_patch = parts.get(2).is_some_and(|patch| *patch > 0);
        let runtime = (major, minor);
        all &= match operator {
            ">=" => runtime >= wanted,
            // 3.10.1 is greater than 3.10.
            ">" => runtime >= wanted && (parts.len() > 1 || major > wanted.0 || minor > 0),
            "<" => runtime < wanted || of_a_patch && runtime == wanted,
            "<=" => runtime <= wanted,
            "==" | "===" if any_patch && parts.len() == 1 => major == wanted.0,
            "==" | "===" => runtime == wanted,
            "!=" if any_patch && parts.len() == 1 => major != wanted.0,
            "!=" if any_patch => runtime != wanted,
            "!=" => true,
            "~=" if parts.len() > 2 => runtime == wanted,
            "~=" if parts.len() == 2 => major == wanted.0 && runtime >= wanted,
            _ => return None,
        };
    }
    Some(all)
}

/// The numbers of `3.10.1`.
pub(super) fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (given, wanted) in [("Flask", "flask"), ("ruamel.yaml", "ruamel-yaml"), ("a-_.b", "a-b")] {
            assert_eq!(normalised(given), wanted);
        }
    }

    #[test]
    fn requirements_begin_with_a_name_or_do_not() {
        for (given, wanted) in [
            ("requests", Some(("requests", ""))),
            ("  Requests[socks, x] >= 2 ; a", Some(("requests", ">= 2 ; a"))),
            ("ruamel.yaml~=0.18", Some(("ruamel-yaml", "~=0.18"))),
            ("lib @ git+https://example.com/x", Some(("lib", "@ git+https://example.com/x"))),
            ("./lib", None),
            ("../lib[x]", None),
            ("lib/sub", None),
            ("git+https://example.com/x", None),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(split(given), wanted.map(|(name, rest)| (name.to_owned(), rest)), "{given}");
        }
    }

    #[test]
    fn a_runtime_is_admitted_whatever_its_patch() {
        for (specifiers, wanted) in [
            (">=3.10", Some(true)),
            (">=3.11", Some(false)),
            (">=3.10.5, <4", Some(true)),
            ("<3.10", Some(false)),
            ("<3.10.9", Some(true)),
            ("<=3.10", Some(true)),
            (">3.10", Some(true)),
            (">3", Some(true)),
            ("==3.10.*", Some(true)),
            ("==3.*", Some(true)),
            ("==3.9", Some(false)),
            ("!=3.10.*", Some(false)),
            ("!=3.10.1", Some(true)),
            ("~=3.9", Some(true)),
            ("~=3.10.2", Some(true)),
            ("~=3.11", Some(false)),
            ("", Some(true)),
            ("new", None),
            (">=3.x", None),
            ("~=3", None),
        ] {
            assert_eq!(admits(specifiers, (3, 10)), wanted, "{specifiers}");
        }
    }
}
