//! What is kept of a release: its files in the artifact bucket, and what they are for.
//!
//! | file | |
//! |---|---|
//! | `claim.json` | the commit that has the version |
//! | `templates/ENV.json` | the template for each environment |
//! | `templates/ENV/STACK.json` | those of the stacks nested in it, where it is large |
//! | `manifests/ENV.json` | what the compiler says of it |
//! | `ir.json` | the topology |
//! | `changelog.md` | what is new |
//! | `manifest.json` | where all of it comes from, with digests: written last, so where it is, all is |

use super::statement::{Parameters, Statement};
use super::{Compiled, Source};
use crate::deployment::Site;
use crate::pipeline::{self, NestedTemplate, Product};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tc_core::backend;
use tc_core::backend::stacks::{Lock, Placement};
use tc_core::diagnostic::Diagnostic;
use tc_core::digest::hexadecimal;
use tc_deploy::release::Place;
use tc_deploy::upload::{self, File};
use tc_deploy::{Connection, change_set};
use tc_package::Artifact;
use tc_package::manifest::ARTIFACTS;

const MANIFEST: &str = "manifest.json";
const IR: &str = "ir.json";
const CHANGELOG: &str = "changelog.md";

fn template_of(env: &str) -> String {
    format!("templates/{env}.json")
}

fn nested_template_of(env: &str, stack: &str) -> String {
    format!("templates/{env}/{stack}.json")
}

fn manifest_of(env: &str) -> String {
    format!("manifests/{env}.json")
}

/// A release that is complete.
pub struct Bundle {
    /// Where it comes from.
    pub statement: Statement,
}

/// What a version was compiled to, for each environment, the one that it is released to first.
pub struct Contents<'a> {
    /// For each environment.
    pub compiled: &'a [Compiled],
    /// The artifacts of all of them.
    pub artifacts: &'a Path,
    /// What is new, as Markdown.
    pub changelog: &'a str,
}

impl Bundle {
    /// The release of a version in an account; `None` where there is none, or it is not complete.
    ///
    /// # Errors
    /// When it is of something else, or S3 refuses.
    pub fn find(connection: &Connection, source: &Source<'_>) -> Result<Option<Self>, Box<Diagnostic>> {
        let version = source.version.to_string();
        let place = Place { connection, service: &source.service.name, version: &version };
        let Some(bytes) = place.read(MANIFEST)? else { return Ok(None) };
        match Statement::read(&bytes, source.service, source.version, &source.commit) {
            Ok(statement) => Ok(Some(Self { statement })),
            Err(fault) => Err(place.unusable(MANIFEST, &fault)),
        }
    }

    /// Writes a release.
    ///
    /// # Errors
    /// When S3 refuses; what is not complete is written again by the next attempt.
    pub fn write(
        connection: &Connection,
        source: &Source<'_>,
        contents: &Contents<'_>,
    ) -> Result<Self, Box<Diagnostic>> {
        let version = source.version.to_string();
        let place = Place { connection, service: &source.service.name, version: &version };
        let all = || contents.compiled.iter();
        let digests: BTreeSet<&str> =
            all().flat_map(|one| one.product.artifacts.values()).map(|artifact| artifact.sha256.as_str()).collect();
        let file = |sha256: &&str| File {
            path: contents.artifacts.join(format!("{sha256}.zip")),
            sha256: (*sha256).to_owned(),
        };
        let files: Vec<File> = digests.iter().map(file).collect();
        upload::upload_all(connection, &files, "zip")?;

        let templates = all().flat_map(templates).map(|(file, text)| (file, text.to_owned()));
        let mut beside: BTreeMap<String, String> =
            all().map(|one| (manifest_of(&one.env), one.product.manifest.clone())).collect();
        let ir = contents.compiled.first().and_then(|one| one.site.front());
        let ir = ir.map(|(topology, _)| serde_json::to_string_pretty(topology).unwrap_or_default());
        beside.insert(IR.to_owned(), format!("{}\n", ir.unwrap_or_default()));
        beside.insert(CHANGELOG.to_owned(), contents.changelog.to_owned());
        let templates: BTreeMap<String, String> = templates.collect();

        let statement = Statement::new(
            source.service,
            &source.commit,
            Parameters {
                service: source.service.name.clone(),
                directory: source.service.repository.relative(&source.service.directory).unwrap_or_default(),
                version: version.clone(),
                sandbox: contents.compiled.first().map(|one| one.sandbox.clone()).unwrap_or_default(),
                environments: all().map(|one| one.env.clone()).collect(),
            },
            (subject(contents.compiled), sums(&beside)),
        )?;
        for (file, text) in templates.into_iter().chain(beside) {
            place.write(&file, text.into_bytes())?;
        }
        let manifest = serde_json::to_string_pretty(&statement).unwrap_or_default();
        place.write(MANIFEST, format!("{manifest}\n").into_bytes())?;
        Ok(Self { statement })
    }

    /// Whether it has a template for a sandbox.
    pub fn is_for(&self, sandbox: &str, env: &str) -> bool {
        let parameters = self.statement.parameters();
        parameters.sandbox == sandbox && parameters.environments.iter().any(|one| one == env)
    }

    /// The very bytes that were released for an environment, with their artifacts in a directory. `site` is the topology
    /// in the commit that was released.
    ///
    /// # Errors
    /// When something is not what was released, or this tc cannot link it.
    pub fn product(
        &self,
        connection: &Connection,
        source: &Source<'_>,
        (site, env): (&Site, &str),
        directory: &Path,
    ) -> Result<Product, Box<Diagnostic>> {
        let version = source.version.to_string();
        let place = Place { connection, service: &source.service.name, version: &version };
        let text = |file: String| {
            let sha256 = self.statement.sha256(&file);
            let sha256 = sha256.ok_or_else(|| place.unusable(MANIFEST, &format!("it does not name `{file}`")))?;
            let bytes = place.read_checked(&file, sha256)?;
            String::from_utf8(bytes).map_err(|_| place.unusable(&file, "it is no text"))
        };
        let (template, manifest) = (text(template_of(env))?, text(manifest_of(env))?);
        let artifacts = artifacts(&manifest).ok_or_else(|| place.unusable(&manifest_of(env), "it is no manifest"))?;
        let subject = self.statement.subject();
        if let Some(stranger) = artifacts.values().find(|one| !subject.contains_key(&*artifact_file(&one.sha256))) {
            let fault = format!("it does not name `{}`", artifact_file(&stranger.sha256));
            return Err(place.unusable(MANIFEST, &fault));
        }
        let digests: BTreeSet<&str> = artifacts.values().map(|artifact| artifact.sha256.as_str()).collect();
        place.fetch_artifacts(&digests.into_iter().collect::<Vec<_>>(), directory)?;
        let Some((topology, graph)) = site.front() else {
            return Err(place.unusable(MANIFEST, "the topology of its commit cannot be read"));
        };
        let lowered = backend::lower(topology, graph, &pipeline::code(topology, &artifacts)).template;
        let released: Value = serde_json::from_str(&template).unwrap_or_default();
        let parameters = released.get("Parameters").and_then(Value::as_object);
        let parameters: BTreeSet<&str> = parameters.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if parameters != lowered.parameters.keys().map(String::as_str).collect() {
            let made_by = self.statement.tool().unwrap_or("of an unknown version");
            let fault = format!("tc {made_by} gave it other parameters than this tc knows; use that one");
            return Err(place.unusable(&template_of(env), &fault));
        }
        let mut stacks = Vec::new();
        for (name, sha256) in nested(&manifest) {
            stacks.push(NestedTemplate { text: text(nested_template_of(env, &name))?, name, sha256 });
        }
        let texts: Vec<&str> = stacks.iter().map(|stack| stack.text.as_str()).collect();
        let placement = Placement {
            stacks: change_set::places(&template, &texts),
            lock: places(&manifest),
            ..Placement::default()
        };
        Ok(Product { name: "template.json", lowered, template, stacks, placement, manifest, artifacts })
    }
}

/// What is deployed of a version, by files, with their SHA-256.
pub fn subject(compiled: &[Compiled]) -> BTreeMap<String, String> {
    let templates = compiled.iter().flat_map(templates).map(|(file, text)| (file, sum(text)));
    let artifacts = compiled.iter().flat_map(|one| one.product.artifacts.values());
    templates.chain(artifacts.map(|one| (artifact_file(&one.sha256), one.sha256.clone()))).collect()
}

/// The templates of a version for one environment, by their files.
fn templates(one: &Compiled) -> impl Iterator<Item = (String, &str)> {
    let nested = one.product.stacks.iter();
    let nested = nested.map(|stack| (nested_template_of(&one.env, &stack.name), stack.text.as_str()));
    std::iter::once((template_of(&one.env), one.product.template.as_str())).chain(nested)
}

/// The nested stacks that the compiler's manifest tells of, with the digests of their templates.
fn nested(manifest: &str) -> Vec<(String, String)> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let stacks = manifest.get("stacks").and_then(Value::as_object).into_iter().flatten();
    stacks.filter_map(|(name, file)| Some((name.clone(), file.get("sha256")?.as_str()?.to_owned()))).collect()
}

/// What is in which stack, as the compiler's manifest tells; `None` where there is one stack.
fn places(manifest: &str) -> Option<Lock> {
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    Lock::of(manifest.get("places")?)
}

fn artifact_file(sha256: &str) -> String {
    format!("{ARTIFACTS}/{sha256}.zip")
}

fn sums(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    files.iter().map(|(name, text)| (name.clone(), sum(text))).collect()
}

fn sum(text: &str) -> String {
    hexadecimal(Sha256::digest(text))
}

/// The code of functions that the compiler's manifest tells of, by their names. Only that is read of it, so that what
/// another version of tc wrote can be read too.
fn artifacts(manifest: &str) -> Option<BTreeMap<String, Artifact>> {
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    let artifact = |one: &Value| {
        let number = |name: &str| one.get(name).and_then(Value::as_u64);
        let sha256 = one.get("sha256")?.as_str()?.to_owned();
        Some(Artifact { sha256, size: number("size")?, unpacked: number("unpacked")? })
    };
    let artifacts = manifest.get("artifacts")?.as_object()?.iter();
    artifacts.map(|(function, one)| Some((function.clone(), artifact(one)?))).collect()
}
