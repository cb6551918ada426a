//! What it means that a request got no answer.

use std::io;

use ureq::http::Uri;

use super::error::HubError;

/// A host that is not found is not asked for again: on a compute node without network the user
/// should not wait for the answer.
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

/// The standard library has no error kind for a failed look-up, only this text.
fn is_dns(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound => true,
        ureq::Error::Io(io) => io.to_string().starts_with("failed to lookup address"),
        _ => false,
    }
}

/// TLS failures in a handshake come wrapped as invalid data.
fn is_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => true,
        ureq::Error::Io(io) => io.kind() == io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// The error for a request that never got an answer.
pub(super) fn failure(url: &Uri, attempts: u32, error: ureq::Error) -> HubError {
    let source = Box::new(error);
    let address = url.to_string();
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
    fn transport_failures_are_told_apart() {
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
