//! Choice of the proxy from the environment of the configuration. `ureq` could read the process
//! environment itself, but would use `HTTP_PROXY` for https addresses too, and silently ignore a
//! proxy that it cannot parse.

use std::ffi::OsString;

use ureq::Proxy;

use super::env::Env;
use super::error::HubError;

/// The proxy for this endpoint, with the exceptions of `NO_PROXY`.
///
/// # Errors
/// [`HubError::Proxy`] if the variable is not a proxy address. The error omits the value, which may
/// have a password.
pub(super) fn from_env<F: Fn(&str) -> Option<OsString>>(
    env: &Env<F>,
    endpoint: &str,
) -> Result<Option<Proxy>, HubError> {
    let keys = if endpoint.starts_with("https:") {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let Some((variable, value)) = env.text(&keys) else {
        return Ok(None);
    };
    let bad = |_| HubError::Proxy { variable: variable.to_owned() };
    let proxy = Proxy::new(&value).map_err(bad)?;
    match env.text(&["no_proxy", "NO_PROXY"]) {
        Some((_, exceptions)) => with_exceptions(&proxy, &exceptions).map_err(bad).map(Some),
        None => Ok(Some(proxy)),
    }
}

fn with_exceptions(proxy: &Proxy, exceptions: &str) -> Result<Proxy, ureq::Error> {
    let mut builder = Proxy::builder(proxy.protocol())
        .host(proxy.host())
        .port(proxy.port())
        .resolve_target(proxy.resolve_target());
    if let Some(name) = proxy.username() {
        builder = builder.username(name);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    for entry in exceptions.split(',').map(str::trim).filter(|e| !e.is_empty()) {
        // In curl and Python, both `example.org` and `.example.org` mean the host and all hosts
        // below it; ureq distinguishes the two.
        let host = entry.trim_start_matches('.');
        builder = builder.no_proxy(host);
        if !host.starts_with('*') {
            builder = builder.no_proxy(&format!(".{host}"));
        }
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::Uri;

    fn choose(pairs: &[(&str, &str)], endpoint: &str) -> Result<Option<Proxy>, HubError> {
        let get = |key: &str| {
            let found = pairs.iter().find(|(name, _)| *name == key)?;
            Some(OsString::from(found.1))
        };
        from_env(&Env(get), endpoint)
    }

    #[test]
    fn the_scheme_of_the_endpoint_decides() {
        let pairs = [
            ("HTTPS_PROXY", "http://secure:1"),
            ("HTTP_PROXY", "http://plain:2"),
            ("ALL_PROXY", "http://all:3"),
        ];
        let host = |pairs, endpoint| choose(pairs, endpoint).unwrap().map(|p| p.host().to_owned());
        assert_eq!(host(&pairs, "https://x").as_deref(), Some("secure"));
        assert_eq!(host(&pairs, "http://x").as_deref(), Some("plain"));
        assert_eq!(host(&pairs[2..], "https://x").as_deref(), Some("all"));
        assert_eq!(host(&pairs[1..2], "https://x"), None);
    }

    #[test]
    fn exceptions_cover_the_hosts_below() {
        let pairs = [
            ("https_proxy", "http://me:p%40ss@proxy:3128"),
            ("no_proxy", "localhost, .lab.org,10.0.0.1"),
        ];
        let proxy = choose(&pairs, "https://x").unwrap().unwrap();
        assert_eq!((proxy.username(), proxy.password()), (Some("me"), Some("p@ss")));
        let bypassed = ["localhost", "lab.org", "hub.lab.org", "10.0.0.1", "huggingface.co"]
            .map(|host| proxy.is_no_proxy(&format!("https://{host}/").parse::<Uri>().unwrap()));
        assert_eq!(bypassed, [true, true, true, true, false]);
    }

    #[test]
    fn a_bad_address_is_an_error_without_its_password() {
        let error = choose(&[("ALL_PROXY", "gopher://me:secret@x")], "https://x").unwrap_err();
        assert!(error.to_string().contains("ALL_PROXY"));
        assert!(!error.to_string().contains("secret"));
    }
}
