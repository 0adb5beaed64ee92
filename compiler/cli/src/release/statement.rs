//! Where a release comes from: a statement of in-toto whose predicate is provenance as SLSA defines it ("in-toto Attestation
//! Framework, Statement v1"; "SLSA, Provenance v1"). It holds no time, so one that is written again is the same.

use crate::service::Service;
use crate::version::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tc_core::diagnostic::Diagnostic;

/// The type of a statement.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// The type of its predicate.
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

/// How a release is made: `docs/release.md` says it.
const BUILD_TYPE: &str = "urn:tc:release:v1";

/// Who makes it: whoever runs tc, wherever that is.
const BUILDER: &str = "urn:tc:builder";

/// The digest of a file, by what SLSA calls it; and that of a commit.
const SHA256: &str = "sha256";
const GIT_COMMIT: &str = "gitCommit";

/// What was released, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    /// What is deployed: templates and code.
    subject: Vec<Resource>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    external_parameters: Parameters,
    resolved_dependencies: Vec<Resource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RunDetails {
    builder: Builder,
    byproducts: Vec<Resource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Builder {
    id: String,
    version: BTreeMap<String, String>,
}

/// A file or a commit and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Resource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    digest: BTreeMap<String, String>,
}

/// What was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// The topology.
    pub service: String,
    /// Its directory from the root of the repository.
    pub directory: String,
    /// The version.
    pub version: String,
    /// The sandbox that it was compiled for.
    pub sandbox: String,
    /// The environments that it was compiled for.
    pub environments: Vec<String>,
}

impl Statement {
    /// Of files with their SHA-256 in hexadecimal digits: what is deployed, and what is kept beside.
    ///
    /// # Errors
    /// When git does not tell where the repository is from.
    pub fn new(
        service: &Service,
        commit: &str,
        parameters: Parameters,
        (subject, byproducts): (BTreeMap<String, String>, BTreeMap<String, String>),
    ) -> Result<Self, Box<Diagnostic>> {
        let address = service.repository.address()?.and_then(|address| uri(&address));
        let tag = format!("refs/tags/{}-{}", parameters.service, parameters.version);
        let source = Resource {
            name: None,
            uri: address.map(|address| format!("git+{address}@{tag}")),
            digest: [(GIT_COMMIT.to_owned(), commit.to_owned())].into(),
        };
        let version = [("tc".to_owned(), env!("CARGO_PKG_VERSION").to_owned())].into();
        Ok(Self {
            kind: STATEMENT.to_owned(),
            subject: files(subject),
            predicate_type: PROVENANCE.to_owned(),
            predicate: Predicate {
                build_definition: BuildDefinition {
                    build_type: BUILD_TYPE.to_owned(),
                    external_parameters: parameters,
                    resolved_dependencies: vec![source],
                },
                run_details: RunDetails {
                    builder: Builder { id: BUILDER.to_owned(), version },
                    byproducts: files(byproducts),
                },
            },
        })
    }

    /// A statement that is written down, of this version and commit; else what is wrong with it.
    ///
    /// # Errors
    /// When it is none, or of something else.
    pub fn read(bytes: &[u8], service: &Service, version: Version, commit: &str) -> Result<Self, String> {
        let statement: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let definition = &statement.predicate.build_definition;
        let kinds = [&statement.kind, &statement.predicate_type, &definition.build_type];
        if kinds != [STATEMENT, PROVENANCE, BUILD_TYPE] {
            return Err("it is no statement of a release by tc".to_owned());
        }
        let parameters = &definition.external_parameters;
        if parameters.service != service.name || parameters.version != version.to_string() {
            return Err(format!("it is of {} {}", parameters.service, parameters.version));
        }
        let source = definition.resolved_dependencies.iter().find_map(|source| source.digest.get(GIT_COMMIT));
        match source {
            Some(source) if source == commit => Ok(statement),
            source => Err(format!(
                "it is of the commit {}, and the tag of {commit}",
                source.map_or("of nobody", String::as_str)
            )),
        }
    }

    /// What was released.
    pub fn parameters(&self) -> &Parameters {
        &self.predicate.build_definition.external_parameters
    }

    /// The version of the tc that made it.
    pub fn tool(&self) -> Option<&str> {
        self.predicate.run_details.builder.version.get("tc").map(String::as_str)
    }

    /// What is deployed: files with their SHA-256.
    pub fn subject(&self) -> BTreeMap<&str, &str> {
        self.subject.iter().filter_map(Resource::file).collect()
    }

    /// The SHA-256 of a file.
    pub fn sha256(&self, file: &str) -> Option<&str> {
        let byproducts = &self.predicate.run_details.byproducts;
        let mut files = self.subject.iter().chain(byproducts).filter_map(Resource::file);
        files.find(|(name, _)| *name == file).map(|(_, sha256)| sha256)
    }
}

impl Resource {
    fn file(&self) -> Option<(&str, &str)> {
        Some((self.name.as_deref()?, self.digest.get(SHA256)?))
    }
}

fn files(files: BTreeMap<String, String>) -> Vec<Resource> {
    let resource =
        |(name, sha256)| Resource { name: Some(name), uri: None, digest: [(SHA256.to_owned(), sha256)].into() };
    files.into_iter().map(resource).collect()
}

/// The address of a repository as a URI; `None` of a directory, which says nothing elsewhere.
fn uri(address: &str) -> Option<String> {
    if address.contains("://") {
        return (!address.starts_with("file:")).then(|| address.to_owned());
    }
    // `USER@HOST:PATH`, as ssh has it.
    let (host, path) = address.split_once(':')?;
    (!host.contains('/')).then(|| format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn repositories_have_addresses() {
        assert_eq!(uri("https://git.example.com/etl.git").as_deref(), Some("https://git.example.com/etl.git"));
        assert_eq!(uri("git@git.example.com:a/etl.git").as_deref(), Some("ssh://git@git.example.com/a/etl.git"));
        assert_eq!(uri("/srv/etl.git"), None);
        assert_eq!(uri("file:///srv/etl.git"), None);
    }
}
