//! Requests, one hop at a time: retries of transient failures, manual redirects, and the token for
//! the endpoint only.

use ureq::{
    Agent,
    http::{Method, Request, StatusCode, Uri, header},
    tls::TlsConfig,
};

use super::{
    config::HubConfig,
    error::HubError,
    retry::retry_after,
    target::Target,
    tls,
    transport::{self, may_pass},
    url::{self, shown},
};

pub(super) type Response = ureq::http::Response<ureq::Body>;

/// Most redirects that are followed.
pub(super) const MAX_HOPS: usize = 10;

/// A client for one pull, which reuses connections.
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

    /// Sends a request, and repeats it after connection failures, 5xx and 429. The answer may have
    /// any other status; redirects are not followed.
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
            let requested = match result {
                Ok(response) if !is_passing(response.status()) => return Ok(response),
                Ok(response) if last => {
                    return Err(HubError::Unavailable {
                        url: shown(url),
                        status: response.status().as_u16(),
                        attempts: failures,
                    });
                }
                Ok(response) => {
                    log::info!("{} answered {}; retrying", shown(url), response.status());
                    retry_after(text(&response, header::RETRY_AFTER.as_str()))
                }
                Err(error) if last || !may_pass(&error) => {
                    return Err(transport::failure(url, failures, error));
                }
                Err(error) => {
                    log::info!("{}: {error}; retrying", shown(url));
                    None
                }
            };
            retry.wait(failures, requested);
        }
    }

    /// Sends a request after `before` failed attempts. The limit on stalls also holds while the answer is
    /// read.
    fn attempt(&self, request: Request<()>, before: u32) -> Result<Response, ureq::Error> {
        let patience = Some((self.config.retry.patience)(before));
        let request = self.agent.configure_request(request);
        self.agent.run(request.timeout_per_read(patience).timeout_per_write(patience).build())
    }

    /// Sends a GET from byte `from` (0-based) on, and follows redirects.
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

    /// Converts an unsuccessful status into an error with a remedy.
    pub(super) fn check_status(
        &self,
        target: &Target<'_>,
        url: &Uri,
        response: &Response,
    ) -> Result<(), HubError> {
        // On other sites, such as a CDN, 401 to 404 do not concern the repository.
        let by_hub = url::same_site(&self.config.site, url);
        match response.status().as_u16() {
            200..=299 => Ok(()),
            404 if by_hub => Err(HubError::NotFound { url: shown(url) }),
            status @ (401 | 403) if by_hub => Err(HubError::Denied {
                repo: target.repo.to_owned(),
                page: format!("{}/{}", self.config.shown_endpoint(), target.repo),
                status,
            }),
            status => Err(unexpected(url, &format!("unexpected status {status}"))),
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

/// A header as text; `None` if it is missing or not text.
pub(super) fn text<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// Target of a redirect; `None` if the answer is not one.
pub(super) fn redirect(url: &Uri, response: &Response) -> Result<Option<Uri>, HubError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = text(response, header::LOCATION.as_str()).unwrap_or_default();
    match url::join(url, location) {
        Some(next) => Ok(Some(next)),
        // not shown: it may have a signature or a password
        None => Err(unexpected(url, "redirect to an address that is not valid")),
    }
}

pub(super) fn unexpected(url: &Uri, reason: &str) -> HubError {
    HubError::Unexpected { url: shown(url), reason: reason.to_owned() }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
