//! `tc.yml`: found upwards from the topology to the project's root.

use super::input::{Entries, FilesystemInput, GatewayInput, ProjectInput};
use super::schema::InputFile;
use super::{Options, Session};
use crate::diagnostic::{Diagnostic, codes::command};
use crate::suggest;
use crate::world::SourcePath;
use std::collections::BTreeMap;

/// What the project file says, with the defaults filled in.
pub(super) struct Project {
    /// The sandbox to compile for.
    pub sandbox: String,
    /// The environment to compile for.
    pub env: String,
    /// The sandbox releases go to.
    pub release_sandbox: String,
    /// Gateways that are only linked.
    pub gateways: BTreeMap<String, GatewayInput>,
    /// File systems that are only linked.
    pub filesystems: BTreeMap<String, FilesystemInput>,
}

/// What a compilation takes from the project file.
pub(super) fn project(input: &ProjectInput, session: &mut Session<'_>, options: &Options) -> Project {
    let release_sandbox = input.release_sandbox().to_owned();
    let named: Vec<&str> = input.environments.0.iter().map(|(name, _)| name.as_str()).collect();
    if let (Some(env), false) = (&options.env, named.is_empty())
        && let Some(near) = suggest::nearest(env, named.iter().copied()).filter(|near| near != env)
        && !named.contains(&env.as_str())
    {
        let message = format!("the environment `{env}` is not in `tc.yml`");
        let finding = Diagnostic::without_place(&command::UNKNOWN_ENVIRONMENT, message);
        session
            .findings
            .push(finding.help(format!("did you mean `{near}`? As it is, the AWS profile `{env}` is meant")));
    }
    Project {
        sandbox: options.sandbox.clone().unwrap_or_else(|| release_sandbox.clone()),
        env: options.env.as_deref().unwrap_or_else(|| input.release_environment()).to_owned(),
        release_sandbox,
        gateways: by_name(&input.gateways),
        filesystems: by_name(&input.filesystems),
    }
}

fn by_name<T: Clone + Default>(entries: &Entries<Option<T>>) -> BTreeMap<String, T> {
    entries.0.iter().map(|(name, value)| (name.value.clone(), value.clone().unwrap_or_default())).collect()
}

/// The nearest project file as it is written; `None` where there is none, or what is wrong with it is among the findings.
pub(super) fn read(session: &mut Session<'_>) -> Option<ProjectInput> {
    for up in 0..=session.world.depth() {
        let path = SourcePath::new(&format!("{}tc.yml", "../".repeat(up)));
        let Some(file) = session.read(&path) else { continue };
        let node = session.parse(file)?;
        if node.value == crate::source::Value::Null {
            return None;
        }
        let findings = InputFile::Project.check(&node);
        if !findings.is_empty() {
            session.findings.extend(findings);
            return None;
        }
        node.as_map()?;
        return session.decode(&node);
    }
    None
}
