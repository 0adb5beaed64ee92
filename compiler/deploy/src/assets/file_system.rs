//! Which file system an environment has, and the network that it stands in.

use super::STACK;
use crate::connection::Connection;
use std::collections::BTreeMap;
use tc_core::backend::expr::Expr;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::asset as codes;
use tc_core::frontend::input::ProjectInput;
use tc_core::source::{Spanned, Text};

/// The name of the file system in `tc.yml`.
const NAME: &str = "assets";

/// The file system of an environment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileSystem {
    /// The ARN of an access point that exists already; without one, tc has a file system of its own.
    pub(super) access_point: Option<Expr>,
    /// The network; without one, tc has one of its own.
    pub(super) network: Option<Network>,
}

/// A network that exists already.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    /// Ids of subnets, each in another zone.
    pub subnets: Vec<Expr>,
    /// Ids of security groups.
    pub security_groups: Vec<Expr>,
}

impl FileSystem {
    /// What `tc.yml` says of the file system `assets`.
    ///
    /// # Errors
    /// When it says so little of the network that nothing can be put there.
    pub fn find(project: &ProjectInput) -> Result<Self, Box<Diagnostic>> {
        let named = project.filesystems.0.iter().find(|(name, _)| name.value == NAME);
        let Some((name, Some(input))) = named else { return Ok(Self::default()) };
        let all = |ids: &[Spanned<Text>]| -> Vec<Expr> { ids.iter().map(|id| (&id.value).into()).collect() };
        let network = Network { subnets: all(&input.subnets), security_groups: all(&input.security_groups) };
        let access_point = input.access_point.as_ref().or(input.arn.as_ref());
        let lacks = match (network.subnets.is_empty(), network.security_groups.is_empty()) {
            (false, false) => None,
            (true, true) => access_point.map(|_| "`subnets` and `security_groups`"),
            (true, false) => Some("`subnets`"),
            (false, true) => Some("`security_groups`"),
        };
        if let Some(lacks) = lacks {
            let message = format!("the file system `{NAME}` lacks {lacks}");
            let finding = Diagnostic::new(&codes::NO_NETWORK, name.span, message);
            return Err(Box::new(finding.help("write down the subnets and security groups that it is reached with")));
        }
        let network = (!network.subnets.is_empty()).then_some(network);
        Ok(Self { access_point: access_point.map(|arn| (&arn.value).into()), network })
    }
}

/// What a function's stack imports to mount the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The ARN of the access point.
    pub access_point: String,
    /// Ids of subnets, with commas between.
    pub subnets: String,
    /// Ids of security groups, with commas between.
    pub security_groups: String,
}

impl Links {
    /// What the environment's stack gives; `None` where nothing was ever published.
    ///
    /// # Errors
    /// When the stack cannot be looked at.
    pub fn find(connection: &Connection) -> Result<Option<Self>, Box<Diagnostic>> {
        let outputs = connection.block_on(crate::stack::outputs(connection, STACK))?;
        let take = |outputs: &BTreeMap<String, String>, name: &str| outputs.get(name).cloned();
        Ok(outputs.and_then(|outputs| {
            Some(Self {
                access_point: take(&outputs, "AccessPoint")?,
                subnets: take(&outputs, "Subnets")?,
                security_groups: take(&outputs, "SecurityGroups")?,
            })
        }))
    }
}
