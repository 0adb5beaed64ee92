//! Calls of the helper, until the tree stands.

use super::{FUNCTION, Progress, Step, Tree, upload};
use crate::bucket::Bucket;
use crate::connection::Connection;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::asset as codes;

/// How long a call goes on, in seconds: long enough that its beginning does not count, and short enough that there is
/// something to show, and an answer before the connection is given up.
const SECONDS: u32 = 40;

/// How many calls in a row may come to nothing. Others may be putting a tree there, and a helper that was not called for
/// weeks needs a while to begin.
const PATIENCE: usize = 20;
/// The same where the helper says that it cannot reach something.
const UNREACHED: usize = 3;

/// The pause after a call that came to nothing.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The helper, asked for one tree.
pub(super) struct Helper<'a> {
    pub connection: &'a Connection,
    pub bucket: &'a Bucket,
    pub tree: &'a Tree<'a>,
    /// Below the root of the file system.
    pub path: &'a str,
    pub progress: Progress<'a>,
}

/// What is asked.
#[derive(Debug, Serialize)]
struct Question<'a> {
    action: &'static str,
    bucket: &'a str,
    owner: &'a str,
    manifest: &'a str,
    path: &'a str,
    seconds: u32,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
struct Answer {
    state: String,
    /// Bytes on the file system.
    bytes: u64,
    /// Those of them that were read back.
    checked: u64,
    /// The digest of what is not in the bucket, where `state` is `wanting`.
    object: String,
    /// Where it is `refused`: which kind of reason.
    cause: String,
    /// The reason in words.
    reason: String,
}

/// What became of a call.
enum Call {
    Answered(Answer),
    /// It came to nothing, but the next may come to something; with how often that may be, and what to say then.
    Lost(usize, Box<Diagnostic>),
}

impl Helper<'_> {
    /// Whether the tree is at its path.
    pub async fn is_there(&self) -> Result<bool, Box<Diagnostic>> {
        let mut pauses = Pauses::default();
        loop {
            match self.call("look").await? {
                Call::Answered(answer) if answer.state == "refused" => return Err(self.refused(&answer)),
                Call::Answered(answer) => return Ok(answer.state == "done"),
                Call::Lost(limit, finding) => pauses.pause(limit, || finding).await?,
            }
        }
    }

    /// Calls until the tree is at its path.
    pub async fn copy(&self) -> Result<(), Box<Diagnostic>> {
        let mut last = Answer::default();
        let mut pauses = Pauses::default();
        loop {
            match self.call("copy").await? {
                Call::Lost(limit, finding) => pauses.pause(limit, || finding).await?,
                Call::Answered(answer) => {
                    match answer.state.as_str() {
                        "done" => return Ok(()),
                        "refused" if answer.cause == "network" => {
                            pauses.pause(UNREACHED, || self.refused(&answer)).await?;
                        }
                        "refused" => return Err(self.refused(&answer)),
                        "wanting" => {
                            pauses.pause(UNREACHED, || self.refused(&answer)).await?;
                            upload::again(self.connection, self.bucket, self.tree, &answer.object).await?;
                            // Where one part was removed from the bucket, others were.
                            upload::all(self.connection, self.bucket, self.tree, &|_| {}).await?;
                        }
                        // Removing says nothing of how far it is, and comes to an end.
                        "cleaning" if answer.reason.is_empty() => (self.progress)(Step::Cleaning),
                        _ if answer == last => pauses.pause(PATIENCE, || self.stalled(&answer)).await?,
                        state => {
                            pauses = Pauses::default();
                            (self.progress)(match state {
                                "copying" => Step::Copied(answer.bytes),
                                _ => Step::Checked(answer.checked),
                            });
                        }
                    }
                    last = answer;
                }
            }
        }
    }

    async fn call(&self, action: &'static str) -> Result<Call, Box<Diagnostic>> {
        let Bucket { name, owner } = self.bucket;
        let question =
            Question { action, bucket: name, owner, manifest: &self.tree.digest, path: self.path, seconds: SECONDS };
        let question = serde_json::to_vec(&question).unwrap_or_default();
        let request = self.connection.lambda.invoke().function_name(FUNCTION).payload(Blob::new(question));
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) => return self.unanswered(&error),
        };
        let payload = output.payload().map(AsRef::as_ref).unwrap_or_default();
        if output.function_error().is_some() {
            // Its time was over, it was killed, or there is a fault in it: what it had done stays.
            #[derive(Default, Deserialize)]
            #[serde(default, rename_all = "camelCase")]
            struct Failure {
                error_message: String,
            }
            let failure: Failure = serde_json::from_slice(payload).unwrap_or_default();
            return Ok(Call::Lost(UNREACHED, self.failed(&failure.error_message)));
        }
        match serde_json::from_slice(payload) {
            Ok(answer) => Ok(Call::Answered(answer)),
            Err(_) => Err(self.failed(&format!("its answer is `{}`", String::from_utf8_lossy(payload).escape_debug()))),
        }
    }

    /// A call that Lambda did not bring to the helper.
    fn unanswered<E>(&self, error: &SdkError<E>) -> Result<Call, Box<Diagnostic>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let words = error.message().unwrap_or_default();
        match error.code().unwrap_or_default() {
            // "Lambda API Reference, Invoke": what goes with a file system.
            code if code.starts_with("EFS") => {
                let message = format!("the helper cannot mount the file system: {}", one_line(words));
                let finding = Diagnostic::without_place(&codes::UNREACHABLE, message);
                Ok(Call::Lost(
                    UNREACHED,
                    Box::new(finding.help(
                        "let the mount targets take TCP port 2049 from the security groups of the helper, in each zone",
                    )),
                ))
            }
            // The same, of a function whose network is only now made, or made again after weeks without a call.
            "ResourceNotReadyException" | "ResourceConflictException" => {
                Ok(Call::Lost(PATIENCE, self.connection.finding("lambda:InvokeFunction", error)))
            }
            _ => Err(self.connection.finding("lambda:InvokeFunction", error)),
        }
    }

    /// What the helper's refusal comes to.
    fn refused(&self, answer: &Answer) -> Box<Diagnostic> {
        let (path, reason) = (self.path, one_line(&answer.reason));
        let finding = |code, message| Diagnostic::without_place(code, message);
        Box::new(match answer.cause.as_str() {
            "taken" | "path" => finding(&codes::PATH_TAKEN, format!("nothing can be put at `{path}`: {reason}")),
            "network" => finding(&codes::UNREACHABLE, format!("the helper cannot reach S3: {reason}"))
                .help("give its subnets a gateway endpoint for S3, or a NAT gateway"),
            "denied" => finding(&codes::UNREACHABLE, format!("the helper may not read from the bucket: {reason}"))
                .help("look at the policies of the bucket and of the endpoint for S3"),
            "mount" => finding(&codes::COPY_FAILED, format!("the file system refuses: {reason}")),
            "" => finding(&codes::COPY_FAILED, format!("`{}` is lost from the bucket again and again", answer.object)),
            _ => finding(&codes::COPY_FAILED, format!("the tree for `{path}` is refused: {reason}")),
        })
    }

    fn failed(&self, reason: &str) -> Box<Diagnostic> {
        let reason = if reason.is_empty() { "it gives no reason".to_owned() } else { one_line(reason) };
        let message = format!("the helper `{FUNCTION}` failed: {reason}");
        Box::new(
            Diagnostic::without_place(&codes::COPY_FAILED, message)
                .help(format!("see its log `/aws/lambda/{FUNCTION}`; the same command goes on where it was")),
        )
    }

    fn stalled(&self, answer: &Answer) -> Box<Diagnostic> {
        let reason = if answer.reason.is_empty() { String::new() } else { format!(": {}", one_line(&answer.reason)) };
        let message = format!("the copy to `{}` does not go on{reason}", self.path);
        Box::new(
            Diagnostic::without_place(&codes::COPY_FAILED, message)
                .help("somebody else may be putting a tree there; the same command goes on where it was"),
        )
    }
}

/// The pauses between calls that come to nothing, one after the other.
#[derive(Default)]
struct Pauses {
    count: usize,
}

impl Pauses {
    /// Waits, unless it was often enough.
    async fn pause(&mut self, limit: usize, finding: impl FnOnce() -> Box<Diagnostic>) -> Result<(), Box<Diagnostic>> {
        self.count += 1;
        if self.count >= limit {
            return Err(finding());
        }
        let exponent = u32::try_from(self.count - 1).unwrap_or(u32::MAX);
        tokio::time::sleep(PAUSE.saturating_mul(2u32.saturating_pow(exponent)).min(LONGEST_PAUSE)).await;
        Ok(())
    }
}

/// Words of a helper as one line.
fn one_line(words: &str) -> String {
    let line: Vec<&str> = words.split_whitespace().collect();
    line.join(" ").chars().filter(|character| !character.is_control()).take(400).collect()
}
