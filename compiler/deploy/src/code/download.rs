//! A function's code, downloaded.

use crate::connection::Connection;
use crate::failure::innermost;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account;

/// The zip that a function has.
///
/// # Errors
/// When Lambda gives no address for it, or it cannot be downloaded from there. The address is as good as a password, and
/// stands in no finding.
pub(super) async fn code(connection: &Connection, function: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
    let asked = connection.lambda.get_function().function_name(function).send().await;
    let answer = asked.map_err(|error| connection.finding("lambda:GetFunction", &error))?;
    let failed = |words: &str| {
        let message = format!("the code of `{function}` cannot be downloaded: {words}");
        Box::new(Diagnostic::without_place(&account::REFUSED, message))
    };
    let address = answer.code().and_then(|code| code.location());
    let address = address.ok_or_else(|| failed("Lambda gives no address for it"))?;
    // The names are Lambda's own affair; only the address counts.
    let request = connection.s3.get_object().bucket("code").key(function).customize();
    let object = request.interceptor(Presigned { address: address.to_owned() }).send().await;
    let object = object.map_err(|error| connection.finding("lambda:GetFunction", &error))?;
    let body = object.body.collect().await.map_err(|error| failed(&innermost(&error)))?;
    Ok(body.into_bytes().to_vec())
}

/// Sends a request to an address that carries its own signature.
struct Presigned {
    address: String,
}

impl std::fmt::Debug for Presigned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presigned")
    }
}

impl Intercept for Presigned {
    fn name(&self) -> &'static str {
        "Presigned"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        // S3 takes one signature, and refuses headers of its own that it does not cover.
        let signed = |name: &str| name == "authorization" || name == "host" || name.starts_with("x-amz-");
        let names: Vec<String> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        names.iter().filter(|name| signed(name)).for_each(|name| _ = request.headers_mut().remove(name.clone()));
        request.set_uri(self.address.as_str())?;
        Ok(())
    }
}
