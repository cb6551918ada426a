//! A minimal HTTP server for the tests: one request for each connection, a bounded number of
//! requests, and a loopback port chosen by the system.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// More than any test sends; a client that loops runs into refused connections.
const MAX_REQUESTS: usize = 60;

#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// First byte of a `Range: bytes=N-`.
    pub(super) fn range(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    cut: Option<usize>,
    silent: bool,
    endless: bool,
}

impl Reply {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: None,
            silent: false,
            endless: false,
        }
    }

    /// Says nothing until the client hangs up.
    pub(super) fn none() -> Self {
        Self { silent: true, ..Self::new(0) }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Closes the connection after so many bytes of the body, though its full length is announced.
    pub(super) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    /// Announces no length, and sends the body again and again until the client hangs up.
    pub(super) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    fn write(&self, stream: &mut TcpStream, head_only: bool) -> std::io::Result<()> {
        if self.silent {
            return stream.read_to_end(&mut Vec::new()).map(drop);
        }
        write!(stream, "HTTP/1.1 {} X\r\nConnection: close\r\n", self.status)?;
        if !self.endless {
            write!(stream, "Content-Length: {}\r\n", self.body.len())?;
        }
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        if !head_only {
            let body = &self.body[..self.cut.unwrap_or(self.body.len())];
            stream.write_all(body)?;
            if self.endless {
                loop {
                    stream.write_all(body)?;
                }
            }
        }
        stream.flush()
    }
}

#[derive(Debug, Clone)]
pub(super) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&log);
        // Ends with the last request that is allowed, or with the test process.
        thread::spawn(move || {
            for stream in listener.incoming().take(MAX_REQUESTS) {
                let mut stream = stream.unwrap();
                if let Some(request) = read_request(&stream) {
                    seen.lock().unwrap().push(request.clone());
                    // A client that hangs up early is part of some tests.
                    let _ = answer(&request).write(&mut stream, request.method == "HEAD");
                }
            }
        });
        Self { address, log }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    for line in lines {
        let line = line.ok()?;
        match line.split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    Some(Request { method, path, headers })
}
