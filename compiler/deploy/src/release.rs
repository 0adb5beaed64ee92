//! What was released, in the artifact bucket: a directory a version, `releases/NAME/VERSION/`, beside the code under its
//! digests.

use crate::bucket::{self, Bucket};
use crate::connection::Connection;
use crate::failure::innermost;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{account, release as codes};
use tc_core::digest::hexadecimal;
use tc_core::world::WorldError;

/// The file that says whose the version is.
const CLAIM: &str = "claim.json";

/// How often a claim is attempted that is refused though nobody has it: S3 asks for that where two are made at once.
const ATTEMPTS: usize = 3;

/// How many artifacts are read at once.
const AT_ONCE: usize = 8;

/// Whose a version is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    /// The commit, 40 hexadecimal digits.
    commit: String,
}

/// Where a version is kept.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The account.
    pub connection: &'a Connection,
    /// The topology.
    pub service: &'a str,
    /// The version: `0.2.0`.
    pub version: &'a str,
}

impl Place<'_> {
    /// The key of one of its files.
    fn key(&self, file: &str) -> String {
        format!("releases/{}/{}/{file}", self.service, self.version)
    }

    /// One of its files, or an artifact, as people find it.
    fn shown(&self, key: &str) -> String {
        format!("s3://{}/{key}", Bucket::of(self.connection).name)
    }

    /// Takes the version for a commit, once and for all. S3 puts what names `If-None-Match: *` only where nothing stands,
    /// so of two that are made at once one holds ("Amazon S3 User Guide, How to prevent object overwrites with conditional
    /// writes").
    ///
    /// # Errors
    /// When another commit has it, there is no bucket, or S3 refuses.
    pub fn claim(&self, commit: &str) -> Result<(), Box<Diagnostic>> {
        let claim = Claim { commit: commit.to_owned() };
        let text = format!("{}\n", serde_json::to_string(&claim).unwrap_or_default());
        for _ in 0..ATTEMPTS {
            if self.put(CLAIM, text.clone().into_bytes(), true)? {
                return Ok(());
            }
            if let Some(bytes) = self.read(CLAIM)? {
                return match serde_json::from_slice::<Claim>(&bytes) {
                    Ok(holder) if holder == claim => Ok(()),
                    Ok(holder) => Err(Box::new(self.taken(&holder.commit))),
                    Err(_) => Err(Box::new(self.damaged(&self.key(CLAIM), "it is no claim"))),
                };
            }
        }
        Err(Box::new(Diagnostic::without_place(
            &account::REFUSED,
            format!("`{}` cannot be put, since others are putting it", self.shown(&self.key(CLAIM))),
        )))
    }

    fn taken(&self, commit: &str) -> Diagnostic {
        let Self { service, version, .. } = self;
        let message = format!("version {version} of `{service}` is taken by the commit {commit}");
        let finding = Diagnostic::without_place(&codes::VERSION_TAKEN, message);
        finding
            .help("fetch the tags and release again: `git fetch --tags`")
            .help("where that release was interrupted, `tc release` on that commit finishes it")
    }

    /// Writes a file, in place of one that is there.
    ///
    /// # Errors
    /// When there is no bucket, or S3 refuses.
    pub fn write(&self, file: &str, bytes: Vec<u8>) -> Result<(), Box<Diagnostic>> {
        self.put(file, bytes, false).map(drop)
    }

    /// Whether it was put.
    fn put(&self, file: &str, bytes: Vec<u8>, is_new: bool) -> Result<bool, Box<Diagnostic>> {
        self.connection.block_on(async {
            let Bucket { name, owner } = bucket::get(self.connection).await?;
            let kind = if file.ends_with(".json") { "application/json" } else { "text/markdown; charset=utf-8" };
            let request = self.connection.s3.put_object().bucket(name).key(self.key(file)).expected_bucket_owner(owner);
            let request = request.content_type(kind).set_if_none_match(is_new.then(|| "*".to_owned()));
            match request.body(ByteStream::from(bytes)).send().await {
                Ok(_) => Ok(true),
                Err(error)
                    if is_new && matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) =>
                {
                    Ok(false)
                }
                Err(error) => Err(self.connection.finding("s3:PutObject", &error)),
            }
        })
    }

    /// A file; `None` where there is none.
    ///
    /// # Errors
    /// When S3 refuses.
    pub fn read(&self, file: &str) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
        self.connection.block_on(self.get(self.key(file)))
    }

    /// A file that has this SHA-256, in 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// When it is not there or has another, or S3 refuses.
    pub fn read_checked(&self, file: &str, sha256: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
        self.connection.block_on(self.get_checked(self.key(file), sha256))
    }

    /// Puts artifacts into a directory, each as `SHA256.zip` and with the bytes that this says.
    ///
    /// # Errors
    /// When one is not there or has other bytes, S3 refuses, or the directory cannot be written.
    pub fn fetch_artifacts(&self, digests: &[&str], directory: &Path) -> Result<(), Box<Diagnostic>> {
        let fetched = digests.iter().map(|sha256| async move {
            let name = format!("{sha256}.zip");
            let bytes = self.get_checked(name.clone(), sha256).await?;
            std::fs::write(directory.join(&name), bytes).map_err(|error| {
                let message = format!("`{name}` cannot be kept for a while: {}", WorldError::from(&error));
                Box::new(Diagnostic::without_place(&account::UPLOAD_FAILED, message))
            })
        });
        self.connection.block_on(stream::iter(fetched).buffer_unordered(AT_ONCE).try_collect())
    }

    async fn get_checked(&self, key: String, sha256: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
        match self.get(key.clone()).await? {
            None => Err(Box::new(self.damaged(&key, "it is not there"))),
            Some(bytes) if hexadecimal(Sha256::digest(&bytes)) != sha256 => {
                Err(Box::new(self.damaged(&key, "it has another SHA-256")))
            }
            Some(bytes) => Ok(bytes),
        }
    }

    async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
        let Bucket { name, owner } = Bucket::of(self.connection);
        let request = self.connection.s3.get_object().bucket(name).key(&key).expected_bucket_owner(owner);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(error)) if error.raw().status().as_u16() == 404 => return Ok(None),
            Err(error) => return Err(self.connection.finding("s3:GetObject", &error)),
        };
        let body = answer.body.collect().await.map_err(|error| {
            let message = format!("`{}` cannot be read: {}", self.shown(&key), innermost(&error));
            Box::new(Diagnostic::without_place(&account::REFUSED, message))
        })?;
        Ok(Some(body.into_bytes().to_vec()))
    }

    /// An object that is not what it should be.
    fn damaged(&self, key: &str, what: &str) -> Diagnostic {
        let Self { service, version, .. } = self;
        let message = format!("`{}` is not what was released as {service} {version}: {what}", self.shown(key));
        Diagnostic::without_place(&codes::DAMAGED_BUNDLE, message).help("nothing was done")
    }

    /// That a file of it says something that cannot be.
    pub fn unusable(&self, file: &str, what: &str) -> Box<Diagnostic> {
        Box::new(self.damaged(&self.key(file), what))
    }
}
