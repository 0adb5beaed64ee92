//! The artifact bucket of an environment: one an account and region, made on first use by a stack of its own.

mod template;

pub use template::template;

use crate::connection::Connection;
use crate::stack;
use aws_sdk_s3::error::SdkError;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;

/// The stack that makes the bucket.
pub const STACK: &str = "tc-artifacts";

/// A bucket and the account that must own it. Each request names that account, so a bucket of the same name in
/// somebody else's account is refused by S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account, 12 digits.
    pub owner: String,
}

impl Bucket {
    /// The artifact bucket of an environment as it would be, whether it is there or not.
    pub(crate) fn of(connection: &Connection) -> Self {
        let name = template::name(connection.account(), connection.region());
        Self { name, owner: connection.account().to_owned() }
    }
}

/// The artifact bucket of an environment; made if it is not there.
///
/// # Errors
/// When it belongs to somebody else, may not be looked at, or cannot be made.
pub fn ensure(connection: &Connection) -> Result<Bucket, Box<Diagnostic>> {
    connection.block_on(get(connection))
}

/// As [`ensure`]; looked for once a connection.
pub(crate) async fn get(connection: &Connection) -> Result<Bucket, Box<Diagnostic>> {
    connection.bucket.get_or_try_init(|| find(connection)).await.cloned()
}

async fn find(connection: &Connection) -> Result<Bucket, Box<Diagnostic>> {
    let bucket = Bucket::of(connection);
    if is_there(connection, &bucket).await? {
        return Ok(bucket);
    }
    stack::create(connection, STACK, &template(connection.region())).await?;
    match is_there(connection, &bucket).await? {
        true => Ok(bucket),
        // Somebody has deleted the bucket under its stack.
        false => {
            let message = format!("the stack `{STACK}` is there, but its bucket `{}` is not", bucket.name);
            let finding = Diagnostic::without_place(&codes::STACK_FAILED, message);
            Err(Box::new(finding.help(format!("delete the stack `{STACK}` and run the same command again"))))
        }
    }
}

async fn is_there(connection: &Connection, bucket: &Bucket) -> Result<bool, Box<Diagnostic>> {
    let request = connection.s3.head_bucket().bucket(&bucket.name).expected_bucket_owner(&bucket.owner);
    match request.send().await {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(error)) => match error.raw().status().as_u16() {
            404 => Ok(false),
            // Of another account, in another region, or not to be looked at: the answer has no body that would tell.
            301 | 400 | 403 => {
                let Bucket { name, owner } = bucket;
                let message = format!("the bucket `{name}` cannot be used");
                let finding = Diagnostic::without_place(&codes::FOREIGN_BUCKET, message);
                Err(Box::new(finding.help(format!("it must belong to {owner}, and `s3:ListBucket` on it be allowed"))))
            }
            _ => Err(connection.finding("s3:ListBucket", &SdkError::ServiceError(error))),
        },
        Err(error) => Err(connection.finding("s3:ListBucket", &error)),
    }
}
