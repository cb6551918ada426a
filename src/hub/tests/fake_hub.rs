//! A fake Hub with one repository: it serves a small file itself, and weights from a "CDN" on
//! another port. Tests add rules to either.

use std::sync::{Arc, Mutex};

use super::super::etag::Etag;
use super::server::{Reply, Request, Server};

pub(super) const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

type Rule = Box<dyn Fn(&Request) -> Option<Reply> + Send>;
type Rules = Arc<Mutex<Vec<Rule>>>;

pub(super) struct FakeHub {
    hub: Server,
    cdn: Server,
    hub_rules: Rules,
    cdn_rules: Rules,
}

impl FakeHub {
    /// Serves `config.json`, `model.safetensors` and `weights.ckpt` of this repository.
    pub(super) fn start(repo: &'static str) -> Self {
        let hub_rules = Rules::default();
        let cdn_rules = Rules::default();
        let rules = Arc::clone(&cdn_rules);
        let cdn = Server::start(move |request| {
            first(&rules, request).unwrap_or_else(|| content(request, &weights()))
        });
        let rules = Arc::clone(&hub_rules);
        let cdn_url = cdn.url();
        let hub = Server::start(move |request| {
            first(&rules, request).unwrap_or_else(|| resolve(request, repo, &cdn_url))
        });
        Self { hub, cdn, hub_rules, cdn_rules }
    }

    /// Adds a rule to the Hub; the latest rule that answers wins.
    pub(super) fn on(&self, rule: impl Fn(&Request) -> Option<Reply> + Send + 'static) {
        self.hub_rules.lock().unwrap().push(Box::new(rule));
    }

    /// Adds a rule to the CDN.
    pub(super) fn on_cdn(&self, rule: impl Fn(&Request) -> Option<Reply> + Send + 'static) {
        self.cdn_rules.lock().unwrap().push(Box::new(rule));
    }

    pub(super) fn without(self, file: &'static str) -> Self {
        self.on(move |request| request.path.ends_with(file).then(|| Reply::new(404)));
        self
    }

    pub(super) fn endpoint(&self) -> String {
        self.hub.url()
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.hub.requests()
    }

    pub(super) fn cdn_requests(&self) -> Vec<Request> {
        self.cdn.requests()
    }

    pub(super) fn config(&self) -> Vec<u8> {
        config()
    }

    pub(super) fn weights(&self) -> Vec<u8> {
        weights()
    }
}

fn first(rules: &Rules, request: &Request) -> Option<Reply> {
    rules.lock().unwrap().iter().rev().find_map(|rule| rule(request))
}

fn resolve(request: &Request, repo: &str, cdn: &str) -> Reply {
    let at = |revision| format!("/{repo}/resolve/{revision}/");
    let file =
        (request.path.strip_prefix(&at("main"))).or_else(|| request.path.strip_prefix(&at(COMMIT)));
    match file {
        Some("config.json") => content(request, &config())
            .with("X-Repo-Commit", COMMIT)
            .with("ETag", &format!("W/\"{}\"", tag(&config(), 40))),
        Some("model.safetensors" | "weights.ckpt") => Reply::new(302)
            .with("X-Repo-Commit", COMMIT)
            .with("ETag", "\"of-the-redirect\"")
            .with("X-Linked-ETag", &format!("\"{}\"", tag(&weights(), 64)))
            .with("X-Linked-Size", &weights().len().to_string())
            .with("Location", &format!("{cdn}/blob?signature=%2Fabc")),
        _ => Reply::new(404).with("X-Error-Code", "RepoNotFound"),
    }
}

/// Content with support for resuming.
pub(super) fn content(request: &Request, content: &[u8]) -> Reply {
    let size = content.len();
    match request.range() {
        Some(from) if from < size => {
            let range = format!("bytes {from}-{}/{size}", size - 1);
            Reply::new(206).with("Content-Range", &range).body(&content[from..])
        }
        Some(_) => Reply::new(416).with("Content-Range", &format!("bytes */{size}")),
        None => Reply::new(200).body(content),
    }
}

/// Hash of the content as the client computes it, which is tested in `etag`.
pub(super) fn tag(content: &[u8], digits: usize) -> String {
    let like = Etag::parse(&"0".repeat(digits)).unwrap();
    like.hash_like(content, content.len() as u64).unwrap().unwrap()
}

fn config() -> Vec<u8> {
    b"{\"d_model\": 256}\n".to_vec()
}

/// Longer than one buffer of the client.
pub(super) fn weights() -> Vec<u8> {
    (0..700_001u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
