//! Access points and the networks that reach them.

use super::{Answer, Linker, give};
use crate::assets::{Links, STACK};
use tc_core::backend::template::{Import, ImportKind};

/// The file system that `tc build --kind artifacts|deps --publish` makes.
const OWN: &str = "assets";

/// What `tc.yml` says of a file system is in the template already; what is left is of the environment's own.
pub(super) fn resolve(linker: &Linker<'_>, parameter: &str, import: &Import) -> Answer {
    let links = if import.name == OWN { Links::find(linker.connection)? } else { None };
    if let Some(links) = links {
        let value = match import.kind {
            ImportKind::Subnets => links.subnets,
            ImportKind::SecurityGroups => links.security_groups,
            _ => links.access_point,
        };
        return Ok((value, format!("the stack {STACK}")));
    }
    let name = &import.name;
    let (message, help) = if name == OWN {
        let environment = linker.connection.environment();
        let message = format!("nothing was published to the file system `{name}` of {environment}");
        (message, format!("publish what it holds: `tc build --kind artifacts --publish -e {environment}`"))
    } else {
        let key = match import.kind {
            ImportKind::Subnets => "subnets: [...]",
            ImportKind::SecurityGroups => "security_groups: [...]",
            _ => "access_point: ARN",
        };
        let message = format!("nothing says how the file system `{name}` is reached");
        (message, format!("write `{key}` at `filesystems.{name}` in `tc.yml`"))
    };
    Err(Box::new(linker.missing(parameter, import, message).help(help).help(give(parameter, "VALUE"))))
}
