//! Failures of requests that got no answer.

use std::io;

use ureq::http::Uri;

use super::{error::HubError, url::shown};

/// True if a failure may pass, so that a retry is worthwhile. A host that is not found is not
/// retried: on a compute node without a network the user should not wait.
pub(super) fn may_pass(error: &ureq::Error) -> bool {
    matches!(
        error,
        ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::ConnectionFailed
            | ureq::Error::ConnectProxyFailed(_)
    ) && !is_dns(error)
        && !is_tls(error)
}

/// True for a failed look-up of the host. The standard library has no error kind for it, only a
/// text.
fn is_dns(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound => true,
        ureq::Error::Io(io) => io.to_string().starts_with("failed to lookup address"),
        _ => false,
    }
}

/// True for a failure of TLS. Those of a handshake are wrapped as invalid data.
fn is_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => true,
        ureq::Error::Io(io) => io.kind() == io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// Error of a request that got no answer.
pub(super) fn failure(url: &Uri, attempts: u32, error: ureq::Error) -> HubError {
    let source = Box::new(error);
    let address = shown(url);
    if is_dns(&source) {
        HubError::Dns { host: url.host().unwrap_or_default().to_owned() }
    } else if is_tls(&source) {
        HubError::Tls { url: address, source }
    } else {
        HubError::Network { url: address, attempts, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_failures_are_distinguished() {
        let url: Uri = "https://hub.example/f".parse().unwrap();
        let lookup = "failed to lookup address information: Name or service not known";
        let cases = [
            (ureq::Error::HostNotFound, false, "hub.example: is there a network"),
            (io::Error::other(lookup).into(), false, "hub.example: is there a network"),
            (io::Error::from(io::ErrorKind::ConnectionRefused).into(), true, "HTTPS_PROXY"),
            (ureq::Error::Timeout(ureq::Timeout::Connect), true, "HTTPS_PROXY"),
            (io::Error::from(io::ErrorKind::InvalidData).into(), false, "SSL_CERT_FILE"),
        ];
        for (error, again, remedy) in cases {
            assert_eq!(may_pass(&error), again, "{error}");
            let message = failure(&url, 1, error).to_string();
            assert!(message.contains(remedy), "{message}");
        }
    }
}
