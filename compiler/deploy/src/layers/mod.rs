//! Layers: published where they differ from what is there, shared with whom the project says, and listed.
//!
//! A layer that is split is published as the layers `NAME`, `NAME-1`, `NAME-2`, which a function uses together. Each
//! version's description says which set it belongs to ([`SetMark`]), and `NAME` is published last, so whoever looks for
//! the newest `NAME` finds its companions.

mod find;
mod list;
mod mark;
mod publish;
mod share;

pub(crate) use find::find;
pub use find::{Found, Wanted};
pub use list::{Listed, list};
pub use mark::SetMark;
pub use publish::{Published, publish};
pub use share::Sharing;

use crate::upload::File;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;

/// Bytes of a zip that Lambda takes in a request; a larger one comes from S3 ("Lambda Developer Guide, Lambda quotas":
/// 50 MB zipped, for direct upload).
pub const DIRECT_LIMIT: u64 = 52_428_800;

/// Layers that a function takes, and so the most zips of a split layer ("Lambda Developer Guide, Lambda quotas").
const MAX_CHUNKS: usize = 5;

/// "Lambda API Reference, PublishLayerVersion": `LayerName`, `CompatibleRuntimes`, `Description`.
const MAX_NAME: usize = 140;
const MAX_RUNTIMES: usize = 15;
const MAX_DESCRIPTION: usize = 256;

/// A layer to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its name: letters, digits, hyphens and underscores.
    pub name: String,
    /// Its zips: one, or the chunks of a split layer in their order.
    pub chunks: Vec<File>,
    /// The runtimes it is for, as Lambda calls them: `python3.12`.
    pub runtimes: Vec<String>,
    /// The architectures it is for: `x86_64`, `arm64`.
    pub architectures: Vec<String>,
    /// What it is, for people; cut where it does not fit.
    pub description: String,
}

impl Layer {
    /// The name of a chunk, counted from 0: `NAME`, `NAME-1`, `NAME-2`.
    pub fn chunk_name(&self, chunk: usize) -> String {
        match chunk {
            0 => self.name.clone(),
            chunk => format!("{}-{chunk}", self.name),
        }
    }

    /// What Lambda would refuse.
    fn check(&self) -> Result<(), Box<Diagnostic>> {
        let Self { name, chunks, runtimes, .. } = self;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let refused = |reason: String| {
            let message = format!("the layer `{name}` cannot be published: {reason}");
            Err(Box::new(Diagnostic::without_place(&codes::LAYER_REFUSED, message)))
        };
        if let Some(stranger) = name.chars().find(|c| !fits(*c)) {
            return refused(format!("`{}` cannot stand in its name", stranger.escape_default()));
        }
        if name.is_empty() || self.chunk_name(chunks.len().saturating_sub(1)).len() > MAX_NAME {
            return refused(format!("its name must have 1 to {MAX_NAME} characters"));
        }
        if chunks.is_empty() || chunks.len() > MAX_CHUNKS {
            return refused(format!("it has {} zips, and a function takes 1 to {MAX_CHUNKS} layers", chunks.len()));
        }
        if runtimes.len() > MAX_RUNTIMES {
            return refused(format!("it is for {} runtimes, at most {MAX_RUNTIMES} are allowed", runtimes.len()));
        }
        Ok(())
    }
}
