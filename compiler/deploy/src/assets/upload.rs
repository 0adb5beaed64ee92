//! Parts to the artifact bucket, each once.

use super::{PREFIX, Progress, Step, Tree};
use crate::bucket::Bucket;
use crate::connection::Connection;
use crate::upload::{self, File};
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::{account, asset as codes};
use tc_core::digest::hexadecimal;
use tc_core::world::WorldError;
use tempfile::NamedTempFile;

/// How many parts are under way at once. Each goes up in several requests at once itself.
const AT_ONCE: usize = 2;

/// Uploads what is not in the bucket: the parts, then the manifest that names them.
pub(super) async fn all(
    connection: &Connection,
    bucket: &Bucket,
    tree: &Tree<'_>,
    progress: Progress<'_>,
) -> Result<(), Box<Diagnostic>> {
    let mut seen = BTreeSet::new();
    let mut repeated = 0;
    // Each part is known by its bytes: of equal ones the first stands for all.
    let wanted: Vec<usize> = (0..tree.parts.len())
        .filter(|place| {
            let part = tree.parts.get(*place);
            let is_first = part.is_some_and(|part| seen.insert(&part.sha256));
            repeated += part.filter(|_| !is_first).map_or(0, |part| part.size);
            is_first
        })
        .collect();
    progress(Step::Uploaded(repeated));
    stream::iter(wanted)
        .map(|place| part(connection, bucket, tree, place, progress))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    manifest(connection, bucket, tree).await
}

/// Uploads the object of this digest, which the helper misses: a part or the manifest.
pub(super) async fn again(
    connection: &Connection,
    bucket: &Bucket,
    tree: &Tree<'_>,
    sha256: &str,
) -> Result<(), Box<Diagnostic>> {
    match tree.parts.iter().position(|part| part.sha256 == sha256) {
        Some(place) => part(connection, bucket, tree, place, &|_| {}).await,
        None => manifest(connection, bucket, tree).await,
    }
}

async fn part(
    connection: &Connection,
    bucket: &Bucket,
    tree: &Tree<'_>,
    place: usize,
    progress: Progress<'_>,
) -> Result<(), Box<Diagnostic>> {
    let Some(part) = tree.parts.get(place) else { return Ok(()) };
    let key = format!("{PREFIX}{}.part", part.sha256);
    if upload::is_there(connection, bucket, key.clone(), part.size).await? {
        progress(Step::Uploaded(part.size));
        return Ok(());
    }
    let reader = (tree.open)(place);
    let file = laid_down(reader, part.sha256.clone()).await?;
    let upload = File { path: file.path().to_owned(), sha256: part.sha256.clone() };
    upload::put_at(connection, bucket, &upload, key, &|bytes| progress(Step::Uploaded(bytes))).await.map(drop)
}

async fn manifest(connection: &Connection, bucket: &Bucket, tree: &Tree<'_>) -> Result<(), Box<Diagnostic>> {
    let file = laid_down(Box::new(io::Cursor::new(tree.manifest.clone())), tree.digest.clone()).await?;
    let upload = File { path: file.path().to_owned(), sha256: tree.digest.clone() };
    upload::put_at(connection, bucket, &upload, format!("{PREFIX}{}.json", tree.digest), &|_| {}).await.map(drop)
}

/// A file of its own for bytes that may lie in many, so that an upload that was cut off can begin anywhere in it.
async fn laid_down(mut from: Box<dyn Read + Send>, sha256: String) -> Result<NamedTempFile, Box<Diagnostic>> {
    let laid = tokio::task::spawn_blocking(move || {
        let mut file = NamedTempFile::new().map_err(Failure::Write)?;
        let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 18]);
        loop {
            let length = match from.read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::Read(Some(error))),
            };
            let bytes = buffer.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            hasher.update(bytes);
            file.write_all(bytes).map_err(Failure::Write)?;
        }
        let digest = hexadecimal(hasher.finalize());
        if digest == sha256 { Ok(file) } else { Err(Failure::Read(None)) }
    });
    let laid = laid.await.unwrap_or_else(|error| Err(Failure::Write(io::Error::other(error))));
    laid.map_err(|failure| Box::new(failure.finding()))
}

/// Why a part could not be laid down.
enum Failure {
    /// The tree is not what it was; with the reason where it cannot be read at all.
    Read(Option<io::Error>),
    /// There is no room for it.
    Write(io::Error),
}

impl Failure {
    fn finding(self) -> Diagnostic {
        match self {
            Self::Read(reason) => {
                let reason = reason.map_or_else(String::new, |error| format!(": {}", WorldError::from(&error)));
                let message = format!("a file changed while it was published{reason}");
                Diagnostic::without_place(&codes::CHANGED_MEANWHILE, message)
                    .help("run the same command again once nothing writes to the files any more")
            }
            Self::Write(error) => {
                let message = format!("a part cannot be written to upload it: {}", WorldError::from(&error));
                Diagnostic::without_place(&account::UPLOAD_FAILED, message)
                    .help("make room, or set TMPDIR to a larger disk")
            }
        }
    }
}
