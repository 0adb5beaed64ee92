//! A request to a gateway.

use crate::connection::{Connection, connector};
use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::HttpConnector;
use tc_core::diagnostic::Diagnostic;
use tc_core::diagnostic::codes::account as codes;
use tc_core::ir::GatewayKind;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The gateway's kind.
    pub kind: GatewayKind,
    /// The method.
    pub method: &'a str,
    /// The URL: `https://API.execute-api.REGION.amazonaws.com/PATH`.
    pub url: &'a str,
    /// JSON, where the method has a body.
    pub body: Option<&'a str>,
}

/// The answer of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Sends a request and waits for the answer, whatever its status. It is not signed.
///
/// # Errors
/// When there is no answer.
pub fn ask(connection: &Connection, request: Request<'_>) -> Result<Answer, Box<Diagnostic>> {
    let failed = |why: String| {
        let message = format!("`{}` cannot be asked: {why}", request.url);
        Box::new(Diagnostic::without_place(&codes::UNREACHABLE, message))
    };
    let (uri, host) = match connection.endpoint() {
        Some(endpoint) => local(endpoint, request).ok_or_else(|| failed("it is no URL".to_owned()))?,
        None => (request.url.to_owned(), None),
    };
    let mut message = HttpRequest::new(SdkBody::from(request.body.unwrap_or_default()));
    message.set_method(request.method).map_err(|error| failed(error.to_string()))?;
    message.set_uri(uri.as_str()).map_err(|error| failed(error.to_string()))?;
    let mut put = |name: &'static str, value: String| {
        message.headers_mut().try_insert(name, value).map(drop).map_err(|error| failed(error.to_string()))
    };
    if let Some(host) = host {
        put("host", host)?;
    }
    if let Some(body) = request.body {
        put("content-type", "application/json".to_owned())?;
        put("content-length", body.len().to_string())?;
    }
    let connector = connector(uri.starts_with("http://"));
    connection.block_on(async {
        let answer = connector.call(message).await;
        let answer = answer.map_err(|error| failed(crate::failure::innermost(&error)))?;
        let status = answer.status().as_u16();
        let body = aws_sdk_s3::primitives::ByteStream::new(answer.into_body()).collect().await;
        let body = body.map_err(|error| failed(crate::failure::innermost(&error)))?;
        Ok(Answer { status, body: String::from_utf8_lossy(&body.to_vec()).into_owned() })
    })
}

/// Where an address that stands for all of AWS has the API of a URL, and the host it is asked for by: an HTTP API by its
/// host, a REST API by a path of its own, as stand-ins for AWS have it.
fn local(endpoint: &str, request: Request<'_>) -> Option<(String, Option<String>)> {
    let (_, rest) = request.url.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let endpoint = endpoint.trim_end_matches('/');
    match request.kind {
        GatewayKind::Http => Some((format!("{endpoint}/{path}"), Some(host.to_owned()))),
        GatewayKind::Rest => {
            let api = host.split('.').next()?;
            let (stage, path) = path.split_once('/').unwrap_or((path, ""));
            Some((format!("{endpoint}/restapis/{api}/{stage}/_user_request_/{path}"), None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_on_this_machine_is_asked_by_its_host_or_by_its_path() {
        let url = "https://a1.execute-api.us-east-1.amazonaws.com/api/etl";
        let ask = |kind| local("http://127.0.0.1:4566/", Request { kind, method: "POST", url, body: None });
        let host = "a1.execute-api.us-east-1.amazonaws.com".to_owned();
        assert_eq!(ask(GatewayKind::Http), Some(("http://127.0.0.1:4566/api/etl".to_owned(), Some(host))));
        let rest = "http://127.0.0.1:4566/restapis/a1/api/_user_request_/etl".to_owned();
        assert_eq!(ask(GatewayKind::Rest), Some((rest, None)));
    }
}
