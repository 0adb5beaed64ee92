//! Publishing a layer where it differs from its newest version.

use super::share::{self, Sharing};
use super::{DIRECT_LIMIT, Layer, MAX_DESCRIPTION, SetMark};
use crate::bucket;
use crate::connection::Connection;
use crate::upload::{self, File, Progress, changed, unreadable};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, LayerVersionContentInput, LayerVersionsListItem, Runtime};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;
use tc_core::diagnostic::Diagnostic;

/// A version of a layer that holds what was to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The layer's name; for a further chunk of a split layer, `NAME-1`.
    pub name: String,
    /// The version.
    pub version: i64,
    /// The version's ARN.
    pub arn: String,
    /// Whether it was published now, or there before.
    pub is_new: bool,
}

/// Publishes a layer, and shares it as `sharing` says. A zip that is what the newest version for the same runtimes and
/// architectures holds, as part of the same set, is not published again; who may use it is brought up to date all the
/// same. `progress` is told of the bytes that are through.
///
/// The versions come in the order of the chunks. Where something fails, run again: what was published is found.
///
/// # Errors
/// What Lambda would refuse; a zip that cannot be read or has changed since it was built; a request that fails.
pub fn publish(
    connection: &Connection,
    layer: &Layer,
    sharing: &Sharing,
    progress: Progress<'_>,
) -> Result<Vec<Published>, Box<Diagnostic>> {
    layer.check()?;
    let marks = SetMark::of_set(layer.chunks.iter().map(|file| file.sha256.as_str()));
    let chunks: Vec<_> = layer.chunks.iter().zip(marks).enumerate().collect();
    connection.block_on(async {
        let chunk = |(index, (file, mark)): &(usize, (&File, SetMark))| Chunk {
            connection,
            layer,
            name: layer.chunk_name(*index),
            file: (*file).clone(),
            description: mark.describe(&layer.description, MAX_DESCRIPTION),
        };
        let (first, others) =
            chunks.split_first().map_or((None, [].as_slice()), |(first, others)| (Some(first), others));
        let others = stream::iter(others).map(|one| {
            let chunk = chunk(one);
            async move { chunk.publish(sharing, progress).await }
        });
        let others: Vec<_> = others.buffered(others_at_once()).try_collect().await?;
        let mut published = Vec::new();
        if let Some(first) = first {
            published.push(chunk(first).publish(sharing, progress).await?);
        }
        published.extend(others);
        Ok(published)
    })
}

/// How many further chunks are under way at once: each is held in memory while it is sent.
const fn others_at_once() -> usize {
    2
}

/// One zip of a layer.
struct Chunk<'a> {
    connection: &'a Connection,
    layer: &'a Layer,
    name: String,
    file: File,
    description: String,
}

impl Chunk<'_> {
    async fn publish(&self, sharing: &Sharing, progress: Progress<'_>) -> Result<Published, Box<Diagnostic>> {
        let published = match self.unchanged().await? {
            Some(published) => {
                progress(self.size().await?);
                published
            }
            None => self.publish_version(progress).await?,
        };
        share::apply(self.connection, &published, sharing).await?;
        Ok(published)
    }

    async fn size(&self) -> Result<u64, Box<Diagnostic>> {
        let metadata = tokio::fs::metadata(&self.file.path).await;
        Ok(metadata.map_err(|error| unreadable(&self.file, &error))?.len())
    }

    /// The newest version for the same runtimes and architectures, where it holds the same.
    async fn unchanged(&self) -> Result<Option<Published>, Box<Diagnostic>> {
        let Some(newest) = self.newest().await? else { return Ok(None) };
        if newest.description() != Some(&self.description)
            && SetMark::parse(newest.description().unwrap_or_default()) != SetMark::parse(&self.description)
        {
            return Ok(None);
        }
        let version = newest.version();
        let request = self.connection.lambda.get_layer_version().layer_name(&self.name).version_number(version);
        let found = request.send().await.map_err(|error| self.connection.finding("lambda:GetLayerVersion", &error))?;
        let held = found.content().and_then(|content| content.code_sha256());
        let is_same = held.is_some() && held == base64(&self.file.sha256).as_deref();
        let arn = newest.layer_version_arn().unwrap_or_default().to_owned();
        Ok(is_same.then(|| Published { name: self.name.clone(), version, arn, is_new: false }))
    }

    /// The newest version that is for the same runtimes and architectures.
    async fn newest(&self) -> Result<Option<LayerVersionsListItem>, Box<Diagnostic>> {
        let same = |these: &mut dyn Iterator<Item = &str>, those: &[String]| {
            these.collect::<BTreeSet<_>>() == those.iter().map(String::as_str).collect()
        };
        let mut versions =
            self.connection.lambda.list_layer_versions().layer_name(&self.name).into_paginator().items().send();
        // The newest comes first.
        while let Some(version) = versions.next().await {
            let version = match version {
                Ok(version) => version,
                Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                    return Ok(None);
                }
                Err(error) => return Err(self.connection.finding("lambda:ListLayerVersions", &error)),
            };
            let runtimes = &mut version.compatible_runtimes().iter().map(Runtime::as_str);
            let architectures = &mut version.compatible_architectures().iter().map(Architecture::as_str);
            if same(runtimes, &self.layer.runtimes) && same(architectures, &self.layer.architectures) {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    async fn publish_version(&self, progress: Progress<'_>) -> Result<Published, Box<Diagnostic>> {
        let content = LayerVersionContentInput::builder();
        let size = self.size().await?;
        let (content, sent_later) = if size > DIRECT_LIMIT {
            let bucket = bucket::get(self.connection).await?;
            let object = upload::put(self.connection, &bucket, &self.file, "zip", progress).await?;
            let content = content.s3_bucket(object.bucket).s3_key(object.key);
            (content.set_s3_object_version(object.version), 0)
        } else {
            let bytes = tokio::fs::read(&self.file.path).await.map_err(|error| unreadable(&self.file, &error))?;
            (content.zip_file(Blob::new(bytes)), size)
        };
        let runtimes = self.layer.runtimes.iter().map(|runtime| Runtime::from(runtime.as_str())).collect();
        let architectures = self.layer.architectures.iter().map(|one| Architecture::from(one.as_str())).collect();
        let request = self
            .connection
            .lambda
            .publish_layer_version()
            .layer_name(&self.name)
            .description(&self.description)
            .content(content.build())
            .set_compatible_runtimes(Some(runtimes))
            .set_compatible_architectures(Some(architectures));
        let made =
            request.send().await.map_err(|error| self.connection.finding("lambda:PublishLayerVersion", &error))?;
        let held = made.content().and_then(|content| content.code_sha256());
        if held != base64(&self.file.sha256).as_deref() {
            return self.withdraw(made.version()).await;
        }
        progress(sent_later);
        let arn = made.layer_version_arn().unwrap_or_default().to_owned();
        Ok(Published { name: self.name.clone(), version: made.version(), arn, is_new: true })
    }

    /// Takes back a version that holds something else than was to be published: the file has changed.
    async fn withdraw(&self, version: i64) -> Result<Published, Box<Diagnostic>> {
        let request = self.connection.lambda.delete_layer_version().layer_name(&self.name).version_number(version);
        request.send().await.map_err(|error| self.connection.finding("lambda:DeleteLayerVersion", &error))?;
        Err(changed(&self.file))
    }
}

/// A digest as Lambda spells it, from its hexadecimal digits.
fn base64(hex: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let bytes: Vec<u8> = digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    Some(aws_smithy_types::base64::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_spelt_as_lambda_does() {
        assert_eq!(base64("00ff10").as_deref(), Some("AP8Q"));
        assert_eq!(base64("xx"), None);
    }
}
