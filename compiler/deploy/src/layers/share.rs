//! Who may use a layer beside the account it is in.

use super::Published;
use crate::connection::Connection;
use std::collections::BTreeSet;
use tc_core::diagnostic::Diagnostic;
use tc_core::frontend::input::ProjectInput;

/// What the ids of the statements begin with that tc writes; others are left alone.
const OURS: &str = "tc-";

/// Who may use layers beside the account they are published to. By default nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// The accounts of this AWS organisation: `o-...`.
    pub organization: Option<String>,
    /// These accounts.
    pub accounts: Vec<String>,
    /// Everybody.
    pub public: bool,
}

impl Sharing {
    /// What `layers` of `tc.yml` says.
    pub fn of(project: &ProjectInput) -> Self {
        let Some(layers) = &project.layers else { return Self::default() };
        Self {
            organization: layers.organization.as_ref().map(|organization| organization.value.clone()),
            accounts: layers.accounts.iter().map(|account| account.value.clone()).collect(),
            public: layers.public.as_ref().is_some_and(|public| public.value),
        }
    }

    /// The statements that it comes to.
    fn grants(&self, owner: &str) -> Vec<Grant> {
        let mut grants = Vec::new();
        if let Some(organization) = &self.organization {
            // With an organisation the principal must be everybody ("Lambda API Reference, AddLayerVersionPermission").
            let id = format!("{OURS}organization-{organization}");
            grants.push(Grant { id, principal: "*".to_owned(), organization: Some(organization.clone()) });
        }
        let accounts: BTreeSet<&String> = self.accounts.iter().filter(|account| *account != owner).collect();
        grants.extend(accounts.into_iter().map(|account| {
            let id = format!("{OURS}account-{account}");
            Grant { id, principal: account.clone(), organization: None }
        }));
        if self.public {
            grants.push(Grant { id: format!("{OURS}public"), principal: "*".to_owned(), organization: None });
        }
        grants
    }
}

/// A statement of a version's policy. Its id says all that is in it.
#[derive(Debug, PartialEq, Eq)]
struct Grant {
    id: String,
    principal: String,
    organization: Option<String>,
}

/// Brings a version's policy up to date: adds what is missing, and takes away what tc once wrote and is wanted no more.
pub(super) async fn apply(
    connection: &Connection,
    version: &Published,
    sharing: &Sharing,
) -> Result<(), Box<Diagnostic>> {
    let wanted = sharing.grants(connection.account());
    // A version that was made just now has none.
    let there = if version.is_new { BTreeSet::new() } else { statements(connection, version).await? };
    for grant in wanted.iter().filter(|grant| !there.contains(&grant.id)) {
        add(connection, version, grant).await?;
    }
    for id in there.iter().filter(|id| id.starts_with(OURS) && wanted.iter().all(|grant| grant.id != **id)) {
        let request = connection.lambda.remove_layer_version_permission().layer_name(&version.name);
        let removed = request.version_number(version.version).statement_id(id).send().await;
        removed.map_err(|error| connection.finding("lambda:RemoveLayerVersionPermission", &error))?;
    }
    Ok(())
}

async fn add(connection: &Connection, version: &Published, grant: &Grant) -> Result<(), Box<Diagnostic>> {
    let request = connection
        .lambda
        .add_layer_version_permission()
        .layer_name(&version.name)
        .version_number(version.version)
        .statement_id(&grant.id)
        .action("lambda:GetLayerVersion")
        .principal(&grant.principal)
        .set_organization_id(grant.organization.clone());
    match request.send().await {
        Ok(_) => Ok(()),
        // Somebody else was quicker with the same.
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_conflict_exception()) => Ok(()),
        Err(error) => Err(connection.finding("lambda:AddLayerVersionPermission", &error)),
    }
}

/// The ids of the statements in a version's policy.
async fn statements(connection: &Connection, version: &Published) -> Result<BTreeSet<String>, Box<Diagnostic>> {
    let request = connection.lambda.get_layer_version_policy().layer_name(&version.name);
    let policy = match request.version_number(version.version).send().await {
        Ok(policy) => policy,
        // A version that nothing was ever granted on has no policy at all.
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            return Ok(BTreeSet::new());
        }
        Err(error) => return Err(connection.finding("lambda:GetLayerVersionPolicy", &error)),
    };
    let policy = policy.policy().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let statements = policy.as_ref().and_then(|policy| policy.get("Statement")?.as_array());
    let ids = statements.into_iter().flatten().filter_map(|statement| statement.get("Sid")?.as_str());
    Ok(ids.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::frontend;
    use tc_core::world::MemoryWorld;

    fn grants(text: &str) -> Vec<(String, String, Option<String>)> {
        let loaded = frontend::load_project(&MemoryWorld::new([("tc.yml", text)]));
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let grants = Sharing::of(&loaded.project).grants("111111111111");
        grants.into_iter().map(|grant| (grant.id, grant.principal, grant.organization)).collect()
    }

    #[test]
    fn nobody_gets_anything_unasked() {
        assert_eq!(grants("layers: {environment: cicd}"), []);
        assert_eq!(grants("layers: {public: false, accounts: ['111111111111']}"), []);
    }

    #[test]
    fn each_who_is_named_gets_a_statement() {
        let text = "layers: {organization: o-abcdefghij, accounts: ['222222222222', '222222222222']}";
        let organization = Some("o-abcdefghij".to_owned());
        assert_eq!(
            grants(text),
            [
                ("tc-organization-o-abcdefghij".to_owned(), "*".to_owned(), organization),
                ("tc-account-222222222222".to_owned(), "222222222222".to_owned(), None),
            ]
        );
        assert_eq!(grants("layers: {public: true}"), [("tc-public".to_owned(), "*".to_owned(), None)]);
    }
}
