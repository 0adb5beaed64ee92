//! Where a command works: what `tc.yml`, or an AWS profile, says of an environment.

use tc_core::frontend::input::{EnvironmentInput, ProjectInput};
use tc_core::source::Spanned;

/// The environment that needs no configuration: an AWS on this machine.
pub const LOCAL: &str = "local";

/// The port of [`LOCAL`], which local stand-ins for AWS share by convention.
pub const LOCAL_PORT: u16 = 4566;

/// Where [`LOCAL`] answers.
pub const LOCAL_ENDPOINT: &str = "http://127.0.0.1:4566";

/// The region of [`LOCAL`].
pub const LOCAL_REGION: &str = "us-east-1";

/// An environment as it is configured. Places are those of `tc.yml`, so findings about it are shown with the sources
/// that were loaded with the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// What it is called on the command line.
    pub name: String,
    /// Whether `tc.yml` names it.
    pub is_named: bool,
    /// What `tc.yml` says of it.
    pub input: EnvironmentInput,
    /// The environments that `tc.yml` names, for who meant one of them; and [`LOCAL`].
    pub(crate) others: Vec<String>,
}

impl Environment {
    /// The environment of a name. One that the project does not name is the AWS profile of that name, except
    /// [`LOCAL`], which is then the AWS on this machine.
    pub fn find(name: &str, project: &ProjectInput) -> Self {
        let named = project.environments.0.iter().find(|(other, _)| other.value == name);
        let input = named.and_then(|(_, input)| input.clone()).unwrap_or_default();
        let mut others: Vec<String> = project.environments.0.iter().map(|(other, _)| other.value.clone()).collect();
        others.push(LOCAL.to_owned());
        Self { name: name.to_owned(), is_named: named.is_some(), input, others }
    }

    /// The environment whose account holds the layers of an environment: `layers.environment`, else the same.
    pub fn find_of_layers(name: &str, project: &ProjectInput) -> Self {
        let central = project.layers.as_ref().and_then(|layers| layers.environment.as_ref());
        Self::find(central.map_or(name, |central| &central.value), project)
    }

    /// The AWS profile.
    pub fn profile(&self) -> &str {
        self.input.profile.as_ref().map_or(&self.name, |profile| &profile.value)
    }

    /// The address that every request goes to in place of AWS's.
    pub fn endpoint(&self) -> Option<&str> {
        match &self.input.endpoint {
            Some(endpoint) => Some(&endpoint.value),
            None => self.is_unconfigured_local().then_some(LOCAL_ENDPOINT),
        }
    }

    /// The region, where one is configured outside of the AWS profile.
    pub fn region(&self) -> Option<&str> {
        match &self.input.region {
            Some(region) => Some(&region.value),
            None => self.needs_no_credentials().then_some(LOCAL_REGION),
        }
    }

    /// The account that the credentials must belong to.
    pub fn account(&self) -> Option<&Spanned<String>> {
        self.input.account.as_ref()
    }

    /// Whether any credentials do, since requests stay on this machine and no profile is asked for.
    pub fn needs_no_credentials(&self) -> bool {
        self.input.profile.is_none() && self.endpoint().is_some_and(is_loopback)
    }

    fn is_unconfigured_local(&self) -> bool {
        self.name == LOCAL && !self.is_named
    }
}

/// Whether an address is one of this machine alone. A name that only resolves to it is not enough, except `localhost`.
fn is_loopback(endpoint: &str) -> bool {
    let Some((_, rest)) = endpoint.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tc_core::frontend;
    use tc_core::world::MemoryWorld;

    fn project(text: &str) -> ProjectInput {
        let loaded = frontend::load_project(&MemoryWorld::new([("tc.yml", text)]));
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        loaded.project
    }

    #[test]
    fn an_environment_without_tc_yml_is_the_profile_of_its_name() {
        let dev = Environment::find("dev", &ProjectInput::default());
        assert_eq!((dev.profile(), dev.region(), dev.endpoint()), ("dev", None, None));
        assert!(!dev.is_named && !dev.needs_no_credentials());
    }

    #[test]
    fn the_local_environment_needs_no_configuration() {
        let local = Environment::find("local", &ProjectInput::default());
        assert_eq!((local.endpoint(), local.region()), (Some(LOCAL_ENDPOINT), Some(LOCAL_REGION)));
        assert!(local.needs_no_credentials());
        // Named, it is what is written.
        let local = Environment::find("local", &project("environments: {local: {profile: me}}"));
        assert_eq!((local.endpoint(), local.profile()), (None, "me"));
    }

    #[test]
    fn layers_go_to_the_central_account() {
        let project = project("environments: {dev: {}, cicd: {profile: ci}}\nlayers: {environment: cicd}");
        assert_eq!(Environment::find_of_layers("dev", &project).profile(), "ci");
        assert_eq!(Environment::find_of_layers("dev", &ProjectInput::default()).profile(), "dev");
    }

    #[test]
    fn only_an_address_of_this_machine_goes_without_credentials() {
        for (endpoint, wanted) in [
            ("http://127.0.0.1:5000", true),
            ("http://localhost", true),
            ("http://[::1]:4566/x", true),
            ("http://127.0.0.1.example.com", false),
            ("https://aws.example.com", false),
            ("http://user@127.0.0.1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_loopback(endpoint), wanted, "{endpoint}");
        }
    }
}
