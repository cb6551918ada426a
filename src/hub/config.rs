//! Configuration of the client: addresses of the Hub and its cache, token, proxy and timeouts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use ureq::Proxy;
use ureq::http::Uri;

use super::env::Env;
use super::error::HubError;
use super::proxy;
use super::retry::Retry;
use super::url::shown;
use crate::formats::whole;

const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// An access token. Its `Debug` form hides it, so that it cannot appear in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Settings of the client, with the same meaning as in Python's `huggingface_hub`. The `Debug` form has no
/// secrets.
#[derive(Clone)]
pub struct HubConfig {
    endpoint: String,
    pub(super) site: Uri,
    cache: PathBuf,
    pub(super) token: Option<Token>,
    offline: bool,
    pub(super) proxy: Option<Proxy>,
    pub(super) ca_bundle: Option<PathBuf>,
    /// Retries of failed requests.
    pub retry: Retry,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
}

impl HubConfig {
    /// Reads `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`,
    /// `HF_HUB_OFFLINE`, their older names, the proxy variables and `SSL_CERT_FILE`, all through
    /// `get`, for example `|key| std::env::var_os(key)`. The only file it reads is that of the
    /// token. An empty variable counts as not set.
    ///
    /// # Errors
    /// [`HubError::Endpoint`], [`HubError::Token`] or [`HubError::Proxy`] for an invalid value;
    /// [`HubError::NoHome`] if no variable gives the place of the cache.
    pub fn from_env(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, HubError> {
        let env = Env(get);
        let home = match env.path(&["HF_HOME"]) {
            Some(home) => Some(home),
            None => user_cache(&env).map(|cache| cache.join("huggingface")),
        };
        let cache = match env.path(&["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"]) {
            Some(cache) => cache,
            None => home.as_ref().ok_or(HubError::NoHome)?.join("hub"),
        };
        let (endpoint, site) = endpoint(&env)?;
        Ok(Self {
            proxy: proxy::from_env(&env, &endpoint)?,
            endpoint,
            site,
            cache,
            token: token(&env, home.as_deref())?,
            offline: env.flag(&["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]),
            ca_bundle: env.path(&["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]),
            retry: Retry::default(),
            connect_timeout: Duration::from_secs(15),
        })
    }

    /// Address of the Hub or of a mirror, without a slash at the end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The address without a password, for messages.
    pub(super) fn shown_endpoint(&self) -> String {
        shown(&self.site).trim_end_matches('/').to_owned()
    }

    /// Folder of the `models--…` folders.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// True if the network must not be used.
    pub fn offline(&self) -> bool {
        self.offline
    }
}

impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cache, token, offline, .. } = self;
        f.debug_struct("HubConfig")
            .field("endpoint", &self.shown_endpoint())
            .field("cache", cache)
            .field("token", token)
            .field("offline", offline)
            .finish_non_exhaustive()
    }
}

/// Folder of the caches of this user: `XDG_CACHE_HOME`, else `~/.cache`.
pub fn own_cache() -> Option<PathBuf> {
    user_cache(&Env(|key: &str| std::env::var_os(key)))
}

fn user_cache<F: Fn(&str) -> Option<OsString>>(env: &Env<F>) -> Option<PathBuf> {
    let home = || env.path(&["HOME"]).map(|home| home.join(".cache"));
    env.path(&["XDG_CACHE_HOME"]).or_else(home)
}

fn endpoint<F: Fn(&str) -> Option<OsString>>(env: &Env<F>) -> Result<(String, Uri), HubError> {
    let value = match env.text(&["HF_ENDPOINT"]) {
        Some((_, value)) => value,
        None => DEFAULT_ENDPOINT.to_owned(),
    };
    let endpoint = value.trim_end_matches('/').to_owned();
    let usable = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
            && has_whole_host(uri)
    };
    match endpoint.parse::<Uri>() {
        Ok(site) if usable(&site) => Ok((endpoint, site)),
        _ => Err(HubError::Endpoint),
    }
}

/// False if a slash in a password ended the host early, so that the rest of the password became the path.
fn has_whole_host(uri: &Uri) -> bool {
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let host = host.rsplit('@').next().unwrap_or_default();
    let port = uri.port().map_or_else(String::new, |port| format!(":{port}"));
    uri.host().is_some_and(|name| host == format!("{name}{port}")) && !uri.path().contains('@')
}

fn token<F: Fn(&str) -> Option<OsString>>(
    env: &Env<F>,
    home: Option<&Path>,
) -> Result<Option<Token>, HubError> {
    if env.flag(&["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) {
        return Ok(None);
    }
    if let Some((variable, text)) = env.text(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
        return checked(text, variable).map(Some);
    }
    let path = (env.path(&["HF_TOKEN_PATH"])).or_else(|| Some(home?.join("token")));
    let Some(path) = path else {
        return Ok(None);
    };
    match whole::settings(&path) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => checked(text.trim().to_owned(), &path.display().to_string()).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // The released models need no token, so this must not be fatal.
        Err(error) => {
            log::warn!(
                "cannot read the token in {}: {error}; continuing without it",
                path.display()
            );
            Ok(None)
        }
    }
}

/// Checks a token, which becomes part of a header line: a line break must not add another header.
fn checked(token: String, origin: &str) -> Result<Token, HubError> {
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Token(token))
    } else {
        Err(HubError::Token { origin: origin.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<HubConfig, HubError> {
        HubConfig::from_env(|key| {
            let found = pairs.iter().find(|(name, _)| *name == key)?;
            Some(OsString::from(found.1))
        })
    }

    #[test]
    fn the_cache_is_where_python_looks_for_it() {
        let all = [
            ("HF_HUB_CACHE", "/a"),
            ("HUGGINGFACE_HUB_CACHE", "/b"),
            ("HF_HOME", "/c"),
            ("XDG_CACHE_HOME", "/d"),
            ("HOME", "/e"),
        ];
        for (skip, expected) in
            ["/a", "/b", "/c/hub", "/d/huggingface/hub", "/e/.cache/huggingface/hub"]
                .iter()
                .enumerate()
        {
            assert_eq!(config(&all[skip..]).unwrap().cache(), Path::new(expected));
        }
        assert!(matches!(config(&[]), Err(HubError::NoHome)));
    }

    #[test]
    fn the_endpoint_is_an_address() {
        let endpoint = |value| config(&[("HOME", "/e"), ("HF_ENDPOINT", value)]);
        assert_eq!(endpoint("").unwrap().endpoint(), DEFAULT_ENDPOINT);
        assert_eq!(endpoint("http://m:80/hf/ ").unwrap().endpoint(), "http://m:80/hf");
        for bad in ["hf-mirror.com", "ftp://x", "https://", "https://x/?a=b", "https://a b"] {
            assert!(matches!(endpoint(bad), Err(HubError::Endpoint)), "{bad}");
        }
    }

    #[test]
    fn the_debug_form_has_no_secret() {
        let pairs = [
            ("HOME", "/e"),
            ("HF_ENDPOINT", "https://me:secret@hub.example/hf"),
            ("HTTPS_PROXY", "http://me:secret@proxy.example:3128"),
            ("HF_TOKEN", "secret"),
        ];
        let config = config(&pairs).unwrap();
        let shown = format!("{config:?}");
        assert!(shown.contains("https://hub.example/hf") && !shown.contains("secret"), "{shown}");
        assert_eq!(config.endpoint(), pairs[1].1);
        let wrong = [("HOME", "/e"), ("HF_ENDPOINT", "https://me:sec/ret@hub.example")];
        let error = self::config(&wrong).unwrap_err().to_string();
        assert!(error.contains("HF_ENDPOINT") && !error.contains("sec"), "{error}");
    }

    #[test]
    fn the_token_comes_from_a_variable_or_a_file_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        assert_eq!(config(&[("HF_HOME", home)]).unwrap().token, None);
        std::fs::write(folder.path().join("token"), "hf_file\n").unwrap();
        let from_file = config(&[("HF_HOME", home)]).unwrap();
        assert_eq!(from_file.token, Some(Token("hf_file".into())));
        let from_variable = config(&[("HF_HOME", home), ("HF_TOKEN", " hf_var\n")]).unwrap();
        assert_eq!(from_variable.token, Some(Token("hf_var".into())));
        assert!(!format!("{from_variable:?}").contains("hf_var"));
        let disabled = [("HF_HOME", home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")];
        assert_eq!(config(&disabled).unwrap().token, None);
        let split = config(&[("HF_HOME", home), ("HF_TOKEN", "a\nb: c")]);
        assert!(matches!(split, Err(HubError::Token { .. })));
    }
}
