//! The AWS profiles of this machine.

use aws_config::profile::ProfileSet;
use tc_core::diagnostic::Diagnostic;

/// A profile, as far as an environment is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Option<String>,
    /// The account that it signs in to, 12 digits, where it says so: by SSO, or as a role.
    pub account: Option<String>,
}

/// The profiles in the order of their names.
///
/// # Errors
/// When the configuration of AWS cannot be read.
pub fn all() -> Result<Vec<Profile>, Box<Diagnostic>> {
    let profiles = crate::connection::profiles()?;
    let mut all: Vec<Profile> = profiles.profiles().map(|name| profile(&profiles, name)).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

fn profile(profiles: &ProfileSet, name: &str) -> Profile {
    let get = |key: &str| profiles.get_profile(name)?.get(key);
    // `arn:aws:iam::123456789012:role/deploy`
    let of_role = || get("role_arn")?.split(':').nth(4);
    let account = get("sso_account_id").or_else(of_role);
    let is_account = |account: &&str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    Profile {
        name: name.to_owned(),
        region: get("region").map(str::to_owned),
        account: account.filter(is_account).map(str::to_owned),
    }
}
