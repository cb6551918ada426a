//! URLs: targets of redirects, sites that may receive the token, and what messages show of a URL.

use ureq::http::Uri;

/// Resolves a `Location` header against the page that sent it. `None` if it is not a valid URL.
pub(super) fn join(base: &Uri, location: &str) -> Option<Uri> {
    let scheme = base.scheme_str()?;
    let authority = base.authority()?;
    let absolute = if location.starts_with("http://") || location.starts_with("https://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    let uri: Uri = absolute.parse().ok()?;
    uri.host().is_some().then_some(uri)
}

/// What messages show of a URL: scheme, host, port and path. A name and a password before the host, and the
/// query, which signs addresses of a CDN, are left out.
pub(super) fn shown(url: &Uri) -> String {
    let scheme = url.scheme_str().map_or_else(String::new, |scheme| format!("{scheme}://"));
    let host = url.host().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{scheme}{host}{port}{}", url.path())
}

/// True if two URLs have the same scheme, host and port. A step from http to https on the same host
/// is allowed; the reverse is not, because it would send the token unencrypted.
pub(super) fn same_site(from: &Uri, to: &Uri) -> bool {
    let (Some(from_host), Some(to_host)) = (from.host(), to.host()) else {
        return false;
    };
    let upgrade = (origin(from), origin(to)) == ((Some("http"), 80), (Some("https"), 443));
    from_host.eq_ignore_ascii_case(to_host) && (origin(from) == origin(to) || upgrade)
}

fn origin(uri: &Uri) -> (Option<&str>, u16) {
    let default = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    (uri.scheme_str(), uri.port_u16().unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn locations_are_relative_to_the_page() {
        let base = uri("https://hub.example:8443/a/resolve/main/f?x=1");
        for (location, expected) in [
            ("https://cdn.example/f?sig=%2F", "https://cdn.example/f?sig=%2F"),
            ("//cdn.example/f", "https://cdn.example/f"),
            ("/b/f", "https://hub.example:8443/b/f"),
            ("g", "https://hub.example:8443/a/resolve/main/g"),
        ] {
            assert_eq!(join(&base, location), Some(uri(expected)), "{location}");
        }
        assert_eq!(join(&base, "https://"), None);
        assert_eq!(join(&base, "/with space"), None);
    }

    #[test]
    fn messages_show_no_secret() {
        for (url, expected) in [
            ("https://me:secret@hub.example:8443/a/f?token=secret", "https://hub.example:8443/a/f"),
            ("http://secret@[::1]/x", "http://[::1]/x"),
            ("https://hub.example/", "https://hub.example/"),
        ] {
            assert_eq!(shown(&uri(url)), expected);
        }
    }

    #[test]
    fn the_token_stays_on_its_site() {
        let hub = uri("https://hub.example/x");
        for (other, same) in [
            ("https://HUB.example:443/y", true),
            ("https://cdn.hub.example/x", false),
            ("https://hub.example.evil/x", false),
            ("https://hub.example:8443/x", false),
            ("http://hub.example/x", false),
        ] {
            assert_eq!(same_site(&hub, &uri(other)), same, "{other}");
        }
        assert!(same_site(&uri("http://hub.example/"), &hub));
        assert!(!same_site(&uri("http://127.0.0.1:1/"), &uri("http://127.0.0.1:2/")));
    }
}
