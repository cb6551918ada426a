//! Requests, one hop at a time: repetition of what may succeed later, redirects by hand, and the
//! token only for the endpoint itself.

use ureq::Agent;
use ureq::http::{Method, Request, StatusCode, Uri, header};
use ureq::tls::TlsConfig;

use super::{
    config::HubConfig,
    error::HubError,
    retry::retry_after,
    target::Target,
    tls,
    transport::{self, may_pass},
    url,
};

pub(super) type Response = ureq::http::Response<ureq::Body>;

/// More redirects than any honest server needs.
pub(super) const MAX_HOPS: usize = 10;

/// A client for one pull; connections are reused.
pub(super) struct Client<'a> {
    config: &'a HubConfig,
    agent: Agent,
}

impl<'a> Client<'a> {
    pub(super) fn new(config: &'a HubConfig) -> Result<Self, HubError> {
        let settings = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(config.proxy.clone())
            .tls_config(TlsConfig::builder().root_certs(tls::roots(config)?).build())
            .user_agent(concat!("hyenadna/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(config.connect_timeout))
            .timeout_connect(Some(config.connect_timeout))
            .build();
        Ok(Self { config, agent: settings.new_agent() })
    }

    pub(super) fn config(&self) -> &'a HubConfig {
        self.config
    }

    /// One request, repeated after connection failures, 5xx and 429; redirects are not followed.
    /// The answer may have any other status.
    pub(super) fn send(
        &self,
        method: &Method,
        url: &Uri,
        range: Option<u64>,
    ) -> Result<Response, HubError> {
        let retry = self.config.retry;
        let mut failures = 0;
        loop {
            let result = self.attempt(self.request(method, url, range), failures);
            failures += 1;
            let last = failures >= retry.attempts;
            let asked = match result {
                Ok(response) if !is_passing(response.status()) => return Ok(response),
                Ok(response) if last => {
                    return Err(HubError::Unavailable {
                        url: url.to_string(),
                        status: response.status().as_u16(),
                        attempts: failures,
                    });
                }
                Ok(response) => {
                    log::info!("{url} answers {}; trying again", response.status());
                    retry_after(text(&response, header::RETRY_AFTER.as_str()))
                }
                Err(error) if last || !may_pass(&error) => {
                    return Err(transport::failure(url, failures, error));
                }
                Err(error) => {
                    log::info!("{url}: {error}; trying again");
                    None
                }
            };
            retry.wait(failures, asked);
        }
    }

    /// One attempt after so many others; also what is read of the answer later may not stall.
    fn attempt(&self, request: Request<()>, before: u32) -> Result<Response, ureq::Error> {
        let patience = Some((self.config.retry.patience)(before));
        let request = self.agent.configure_request(request);
        self.agent.run(request.timeout_per_read(patience).timeout_per_write(patience).build())
    }

    /// A GET from this byte on, through all redirects.
    pub(super) fn get(&self, target: &Target<'_>, from: u64) -> Result<Response, HubError> {
        let mut url = target.url(self.config)?;
        for _ in 0..MAX_HOPS {
            let response = self.send(&Method::GET, &url, (from > 0).then_some(from))?;
            match redirect(&url, &response)? {
                Some(next) => url = next,
                None if response.status() == StatusCode::RANGE_NOT_SATISFIABLE => {
                    return Ok(response);
                }
                None => {
                    self.check_status(target, &url, &response)?;
                    return Ok(response);
                }
            }
        }
        Err(unexpected(&url, "too many redirects"))
    }

    /// Turns an answer without success into the error that tells the user what to do.
    pub(super) fn check_status(
        &self,
        target: &Target<'_>,
        url: &Uri,
        response: &Response,
    ) -> Result<(), HubError> {
        // Elsewhere, as on a CDN, these say nothing about the repository.
        let by_hub = url::same_site(&self.config.site, url);
        match response.status().as_u16() {
            200..=299 => Ok(()),
            404 if by_hub => Err(HubError::NotFound { url: url.to_string() }),
            status @ (401 | 403) if by_hub => Err(HubError::Denied {
                repo: target.repo.to_owned(),
                page: format!("{}/{}", self.config.endpoint(), target.repo),
                status,
            }),
            status => Err(unexpected(url, &format!("unexpected answer {status}"))),
        }
    }

    fn request(&self, method: &Method, url: &Uri, range: Option<u64>) -> Request<()> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(url.clone())
            // Compressed content would have another length and another hash.
            .header(header::ACCEPT_ENCODING, "identity");
        if let Some(from) = range {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        if let Some(token) = &self.config.token
            && url::same_site(&self.config.site, url)
        {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.secret()));
        }
        request
            .body(())
            .expect("the token was checked to be printable and the other headers are fixed")
    }
}

/// A header as text; absent if it is not.
pub(super) fn text<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// Where an answer sends us on to.
pub(super) fn redirect(url: &Uri, response: &Response) -> Result<Option<Uri>, HubError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = text(response, header::LOCATION.as_str()).unwrap_or_default();
    match url::join(url, location) {
        Some(next) => Ok(Some(next)),
        None => Err(unexpected(url, &format!("redirect to {location:?}"))),
    }
}

pub(super) fn unexpected(url: &Uri, reason: &str) -> HubError {
    HubError::Unexpected { url: url.to_string(), reason: reason.to_owned() }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
