//! The code that functions have in AWS, beside the code that they are to have.
//!
//! ```text
//! download  a function's code, downloaded
//! replace   a function's code, replaced past CloudFormation
//! ```

mod download;
mod replace;

pub use replace::replace;

use crate::connection::Connection;
use aws_sdk_lambda::error::SdkError;
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account;
use tc_core::digest::hexadecimal;

/// How many functions are looked at at once.
const AT_ONCE: usize = 8;

/// A function and its code on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The function's name in AWS.
    pub function: String,
    /// The SHA-256 of its zip, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The code that a function has in AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// There is no such function.
    Absent,
    /// It is the same.
    Same,
    /// It is this zip.
    Zip(Vec<u8>),
}

/// What functions have in AWS, in their order. What is the same is not downloaded.
///
/// # Errors
/// When a request fails for another reason than that there is no such function.
pub fn compare(connection: &Connection, functions: &[Local]) -> Result<Vec<Remote>, Box<Diagnostic>> {
    connection.block_on(async {
        let answers = functions.iter().map(|local| remote(connection, local));
        stream::iter(answers).buffered(AT_ONCE).try_collect().await
    })
}

/// The functions that are there with another code, in their order.
///
/// # Errors
/// As [`compare`].
pub fn differing<'f>(connection: &Connection, functions: &'f [Local]) -> Result<Vec<&'f Local>, Box<Diagnostic>> {
    connection.block_on(async {
        let answers = functions.iter().map(|local| digest(connection, &local.function));
        let found: Vec<Option<String>> = stream::iter(answers).buffered(AT_ONCE).try_collect().await?;
        let pairs = functions.iter().zip(found);
        let differs =
            |deployed: &Option<String>, local: &Local| deployed.as_ref().is_some_and(|one| *one != local.sha256);
        Ok(pairs.filter(|(local, deployed)| differs(deployed, local)).map(|(local, _)| local).collect())
    })
}

async fn remote(connection: &Connection, local: &Local) -> Result<Remote, Box<Diagnostic>> {
    let Local { function, sha256 } = local;
    match digest(connection, function).await? {
        None => Ok(Remote::Absent),
        Some(deployed) if deployed == *sha256 => Ok(Remote::Same),
        Some(deployed) => {
            let zip = download::code(connection, function).await?;
            if hexadecimal(Sha256::digest(&zip)) != deployed {
                let message = format!("the code of `{function}` was changed while it was downloaded");
                let finding = Diagnostic::without_place(&account::REFUSED, message);
                return Err(Box::new(finding.help("run the same command again")));
            }
            Ok(Remote::Zip(zip))
        }
    }
}

/// The SHA-256 of the code that a function has, 64 lower-case hexadecimal digits; `None` where there is no such function.
async fn digest(connection: &Connection, function: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let asked = connection.lambda.get_function_configuration().function_name(function).send().await;
    match asked {
        Ok(configuration) => {
            let digest = configuration.code_sha256().unwrap_or_default();
            Ok(Some(aws_smithy_types::base64::decode(digest).map(|bytes| hexadecimal(&bytes)).unwrap_or_default()))
        }
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => Ok(None),
        Err(error) => Err(connection.finding("lambda:GetFunctionConfiguration", &error)),
    }
}
