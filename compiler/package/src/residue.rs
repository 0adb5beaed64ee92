//! What tools leave behind in directories and make anew: it differs from one machine to the next, so it is never packed,
//! copied or digested. Each function judges an entry by its name, with `/`, below the directory that is walked.

/// Of any directory: version control, tc's own output, compiled Python.
pub(crate) fn of_any(name: &str) -> bool {
    matches!(last(name), ".git" | ".hg" | ".svn" | ".tc" | "__pycache__" | ".DS_Store")
}

/// Of a dependency that lies on this machine: also what is installed there for this machine.
pub(crate) fn of_dependency(name: &str) -> bool {
    of_any(name) || matches!(last(name), ".bundle" | "node_modules")
}

/// Of a Python dependency: also what build backends, test runners and virtual environments leave.
pub(crate) fn of_python_dependency(name: &str) -> bool {
    let last = last(name);
    of_dependency(name)
        || matches!(name, "build" | "dist")
        || matches!(last, ".venv" | "venv" | ".tox" | ".nox" | ".mypy_cache" | ".pytest_cache" | ".ruff_cache")
        || last.ends_with(".egg-info")
        || last.ends_with(".pyc")
}

/// The last part of a name.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_leave_behind_is_left_out_wherever_it_lies() {
        for name in [".git", "a/__pycache__", "x/.tc"] {
            assert!(of_any(name) && of_dependency(name) && of_python_dependency(name), "{name}");
        }
        for name in ["node_modules", "lib/.bundle"] {
            assert!(!of_any(name) && of_dependency(name), "{name}");
        }
        for name in ["build", "dist", "lib.egg-info", "a/b.pyc", "x/.venv"] {
            assert!(!of_dependency(name) && of_python_dependency(name), "{name}");
        }
        for name in ["src/build", "a/dist", "build.py", "lib/__init__.py", ".env", "a.git"] {
            assert!(!of_python_dependency(name), "{name}");
        }
    }
}
