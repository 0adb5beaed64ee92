//! Two states of a topology as they are written: `0.1.4..@stable.qa`.

use crate::args;
use std::fmt;
use std::str::FromStr;

/// A state of a topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The files as they are now; nothing is written for them.
    WorkingTree,
    /// A version, as it was written: whether there is one is known to the repository alone.
    Version(String),
    /// What is deployed to a sandbox: `@bob.dev`.
    Sandbox {
        /// The sandbox.
        sandbox: String,
        /// The environment.
        env: String,
    },
}

/// Two states, of which at least one is not the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// What it is told from.
    pub from: Side,
    /// What it is told to.
    pub to: Side,
}

impl Between {
    /// Whether what is deployed is one of them.
    pub fn has_sandbox(&self) -> bool {
        [&self.from, &self.to].iter().any(|side| matches!(side, Side::Sandbox { .. }))
    }
}

impl FromStr for Between {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").unwrap_or((text, ""));
        let between = Self { from: from.parse()?, to: to.parse()? };
        match between {
            Self { from: Side::WorkingTree, to: Side::WorkingTree } => {
                Err("write a version or a sandbox on one side at least: `0.1.4..`, `@bob.dev..`".to_owned())
            }
            Self { from: Side::WorkingTree, to: Side::Version(version) } => {
                Err(format!("the files as they are now come last: `{version}..`"))
            }
            between => Ok(between),
        }
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(functor) = text.strip_prefix('@') else {
            return Ok(if text.is_empty() { Self::WorkingTree } else { Self::Version(text.to_owned()) });
        };
        let Some((sandbox, env)) = functor.split_once('.') else {
            return Err(format!("`{text}` names no environment: write `@SANDBOX.ENV`, as in `@bob.dev`"));
        };
        let refused = |what: &str, name: &str, why: String| format!("`{name}` is no {what}: {why}");
        Ok(Self::Sandbox {
            sandbox: args::sandbox(sandbox).map_err(|why| refused("sandbox", sandbox, why))?,
            env: args::environment(env).map_err(|why| refused("environment", env, why))?,
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingTree => f.write_str("working tree"),
            Self::Version(version) => f.write_str(version),
            Self::Sandbox { sandbox, env } => write!(f, "@{sandbox}.{env}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox(sandbox: &str, env: &str) -> Side {
        Side::Sandbox { sandbox: sandbox.to_owned(), env: env.to_owned() }
    }

    #[test]
    fn states_are_read() {
        let read = |text: &str| text.parse::<Between>().map(|Between { from, to }| (from, to));
        let version = |text: &str| Side::Version(text.to_owned());
        assert_eq!(read("0.1.4..0.2.0"), Ok((version("0.1.4"), version("0.2.0"))));
        assert_eq!(read("0.1.4.."), Ok((version("0.1.4"), Side::WorkingTree)));
        assert_eq!(read("0.1.4"), Ok((version("0.1.4"), Side::WorkingTree)));
        assert_eq!(read("0.1.4..@stable.qa"), Ok((version("0.1.4"), sandbox("stable", "qa"))));
        assert_eq!(read("@pr-12.dev..@stable.a.b"), Ok((sandbox("pr-12", "dev"), sandbox("stable", "a.b"))));
        assert_eq!(read("..@bob.dev"), Ok((Side::WorkingTree, sandbox("bob", "dev"))));
        assert_eq!(sandbox("bob", "dev").to_string(), "@bob.dev");
    }

    #[test]
    fn what_is_none_is_refused() {
        let refused = |text: &str| text.parse::<Between>().unwrap_err();
        assert_eq!(refused("@bob.."), "`@bob` names no environment: write `@SANDBOX.ENV`, as in `@bob.dev`");
        assert_eq!(refused("@Bob.dev.."), "`Bob` is no sandbox: it must begin with a lower case letter");
        assert_eq!(refused("0.1.0..@bob."), "`` is no environment: it must begin with a letter or a digit");
        assert_eq!(refused(".."), "write a version or a sandbox on one side at least: `0.1.4..`, `@bob.dev..`");
        assert_eq!(refused("..0.1.0"), "the files as they are now come last: `0.1.0..`");
    }
}
