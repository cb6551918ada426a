//! Certificates that the client trusts.

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use super::config::HubConfig;
use super::error::HubError;
use crate::formats::whole;

/// Root certificates: those of `SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE`, else those of Mozilla.
pub(super) fn roots(config: &HubConfig) -> Result<RootCerts, HubError> {
    let Some(path) = &config.ca_bundle else {
        return Ok(RootCerts::WebPki);
    };
    let bad = |reason: String| HubError::Certificates { path: path.clone(), reason };
    let pem = whole::read(path, whole::SETTINGS).map_err(|error| bad(error.to_string()))?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| bad(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(bad("it has no certificates".to_owned()));
    }
    Ok(RootCerts::from(certificates))
}
