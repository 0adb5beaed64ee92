//! The HTTP client that all requests go through.

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};

/// A client that honours `HTTPS_PROXY` and its like, with TLS by rustls and ring; for an address on this machine neither
/// is wanted, and the machine's certificates need not be read.
pub(crate) fn client(is_local: bool) -> SharedHttpClient {
    // The function that the SDK makes its own client by; there is no other that takes a proxy.
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        if is_local {
            return builder.build_http();
        }
        builder.set_proxy_config(Some(ProxyConfig::from_env()));
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    })
}

/// What carries a single request that is none of the SDK's, as [`client`] does.
pub(crate) fn connector(is_local: bool) -> Connector {
    let mut builder = Connector::builder();
    if is_local {
        return builder.build_http();
    }
    builder.set_proxy_config(Some(ProxyConfig::from_env()));
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
}
