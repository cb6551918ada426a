//! Metadata of a file on the Hub, requested before its download.

use ureq::http::{Method, StatusCode, Uri, header};

use super::{
    cache::is_commit,
    client::{Client, MAX_HOPS, Response, redirect, text, unexpected},
    error::HubError,
    etag::Etag,
    target::Target,
    url::same_site,
};

/// Answer to a HEAD request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    /// Current commit of the revision.
    pub(super) commit: String,
    /// Tag of the content.
    pub(super) etag: Etag,
    /// Size in bytes; some mirrors do not report it.
    pub(super) size: Option<u64>,
}

/// Requests the metadata of a file from the endpoint. Redirects within the endpoint are followed (a
/// renamed repository, a small file); one to another site leads to the content and has the metadata
/// in its own headers.
pub(super) fn head(client: &Client<'_>, target: &Target<'_>) -> Result<Metadata, HubError> {
    let mut url = target.url(client.config())?;
    let mut facts = Facts::default();
    for _ in 0..MAX_HOPS {
        let response = client.send(&Method::HEAD, &url, None)?;
        facts.note(&response);
        match redirect(&url, &response)? {
            Some(next) if same_site(&client.config().site, &next) => url = next,
            // A mirror may redirect to the Hub itself without any metadata.
            Some(next) if facts.commit.is_none() || facts.tag().is_none() => url = next,
            Some(_) => return facts.finish(&url),
            None => {
                client.check_status(target, &url, &response)?;
                return facts.finish(&url);
            }
        }
    }
    Err(unexpected(&url, "too many redirects"))
}

/// Headers collected over all hops. Those about the file in the repository may come with any hop;
/// the plain tag and length are those of the last answer.
#[derive(Default)]
struct Facts {
    commit: Option<String>,
    linked_etag: Option<String>,
    linked_size: Option<u64>,
    etag: Option<String>,
    size: Option<u64>,
}

impl Facts {
    fn note(&mut self, response: &Response) {
        let owned = |name| text(response, name).map(str::to_owned);
        let number = |name| text(response, name).and_then(|value| value.trim().parse().ok());
        self.commit = owned("x-repo-commit").or(self.commit.take());
        self.linked_etag = owned("x-linked-etag").or(self.linked_etag.take());
        self.linked_size = number("x-linked-size").or(self.linked_size);
        self.etag = owned(header::ETAG.as_str());
        self.size = (response.status() == StatusCode::OK)
            .then(|| number(header::CONTENT_LENGTH.as_str()))
            .flatten();
    }

    fn tag(&self) -> Option<&str> {
        self.linked_etag.as_deref().or(self.etag.as_deref())
    }

    fn finish(self, url: &Uri) -> Result<Metadata, HubError> {
        let commit = (self.commit.as_deref()).filter(|commit| is_commit(commit));
        let commit = commit.ok_or_else(|| unexpected(url, "no commit in X-Repo-Commit"))?;
        let etag = self.tag().and_then(Etag::parse);
        Ok(Metadata {
            commit: commit.to_owned(),
            etag: etag.ok_or_else(|| unexpected(url, "no usable ETag"))?,
            size: self.linked_size.or(self.size),
        })
    }
}
