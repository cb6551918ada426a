//! A file of a repository on the Hub.

use ureq::http::Uri;

use super::{config::HubConfig, error::HubError};

/// A file at a revision of a repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) repo: &'a str,
    pub(super) revision: &'a str,
    pub(super) file: &'a str,
}

impl<'a> Target<'a> {
    pub(super) fn new(repo: &'a str, revision: &'a str, file: &'a str) -> Self {
        Self { repo, revision, file }
    }

    /// Address of the file at the endpoint. No part needs escaping: see [`ModelId`].
    ///
    /// [`ModelId`]: super::ModelId
    pub(super) fn url(&self, config: &HubConfig) -> Result<Uri, HubError> {
        let Self { repo, revision, file } = self;
        let url = format!("{}/{repo}/resolve/{revision}/{file}", config.endpoint());
        url.parse().map_err(|_| HubError::Endpoint)
    }
}
