//! Asks a running worker how it is: one GET over plain TCP. No TLS and no redirects: workers listen on loopback or on a
//! network of their own.

use super::StatusReport;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// The port of workers that were told none.
const PORT: u16 = 9470;
/// An answer is there within this time.
const WITHIN: Duration = Duration::from_secs(5);
/// Longest answer, bytes: some hundred for each camera.
const ANSWER_BYTES_MAX: u64 = 16 << 20;
/// Between head and body of an answer.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Where a worker listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerAddress {
    host: String,
    port: u16,
}

/// Why nothing was heard of a worker.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address can't be read.
    #[error("a worker's address is such as http://127.0.0.1:9470")]
    Address,
    /// The address begins with `https://`.
    #[error("workers don't speak https; reach one elsewhere through a tunnel: ssh -L 9470:127.0.0.1:9470 HOST")]
    Tls,
    /// Nobody is there.
    #[error(
        "no worker answers at {address} ({source}); start one with `pantau watch`, or give its address (`listen` in [watch]) with --url or --config"
    )]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else is there.
    #[error(
        "what answers at {address} is no worker: {found}; give the worker's address (`listen` in [watch]) with --url or --config"
    )]
    NotAWorker {
        /// Host and port.
        address: String,
        /// What came.
        found: String,
    },
}

impl std::fmt::Display for WorkerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Where a worker with this `listen` is reached from its own machine.
impl From<SocketAddr> for WorkerAddress {
    fn from(listen: SocketAddr) -> Self {
        let host = match listen {
            SocketAddr::V4(_) if listen.ip().is_unspecified() => "127.0.0.1".to_owned(),
            SocketAddr::V6(_) if listen.ip().is_unspecified() => "::1".to_owned(),
            _ => listen.ip().to_string(),
        };
        Self { host, port: listen.port() }
    }
}

impl WorkerAddress {
    /// From `http://HOST:PORT`; scheme, port and path may be left out. A user in it is dropped.
    pub fn parse(text: &str) -> Result<Self, AskError> {
        let text = text.trim();
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => return Err(AskError::Tls),
            Some(_) => return Err(AskError::Address),
            None => text,
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => six.split_once(']').map(|(host, port)| (host, port.strip_prefix(':'))),
            None => Some(authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))),
        }
        .ok_or(AskError::Address)?;
        let port = port.map_or(Ok(PORT), str::parse).map_err(|_| AskError::Address)?;
        let is_host = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(AskError::Address);
        }
        Ok(Self { host: host.to_owned(), port })
    }

    /// How the worker is.
    pub fn ask(&self) -> Result<StatusReport, AskError> {
        let address = self.to_string();
        let not_a_worker = |found: String| AskError::NotAWorker { address: address.clone(), found };
        let answer =
            self.get("/status").map_err(|source| AskError::Unreachable { address: address.clone(), source })?;
        let body = body(&answer).map_err(not_a_worker)?;
        let status: StatusReport = serde_json::from_slice(body).map_err(|error| not_a_worker(error.to_string()))?;
        if status.version.is_empty() {
            return Err(not_a_worker("it tells no version".into()));
        }
        Ok(status)
    }

    /// The whole answer. HTTP/1.0 is asked for: its bodies come in one piece, up to the end of the connection.
    fn get(&self, path: &str) -> io::Result<Vec<u8>> {
        let until = Instant::now() + WITHIN;
        let mut stream = self.connect()?;
        stream.set_write_timeout(Some(WITHIN))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {self}\r\nAccept: application/json\r\n\r\n")?;
        let mut answer = Vec::new();
        let mut piece = [0; 16 << 10];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || answer.len() as u64 > ANSWER_BYTES_MAX {
                return Err(io::ErrorKind::TimedOut.into());
            }
            stream.set_read_timeout(Some(left))?;
            match stream.read(&mut piece) {
                Ok(0) => return Ok(answer),
                Ok(read) => answer.extend_from_slice(&piece[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
                Err(error) => return Err(error),
            }
        }
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, WITHIN) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// The body of an answer that says 200.
fn body(answer: &[u8]) -> Result<&[u8], String> {
    let end = answer.windows(HEAD_END.len()).position(|window| window == HEAD_END);
    let (Some(end), true) = (end, answer.starts_with(b"HTTP/1.")) else { return Err("not HTTP".into()) };
    let head = String::from_utf8_lossy(&answer[..end]);
    match head.split(' ').nth(1) {
        Some("200") => Ok(&answer[end + HEAD_END.len()..]),
        Some(code) => Err(format!("status {}", code.chars().filter(char::is_ascii_digit).take(3).collect::<String>())),
        None => Err("not HTTP".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Answers once with these bytes.
    fn server(answer: &'static [u8]) -> WorkerAddress {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().into();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let read = stream.read(&mut asked).unwrap();
            assert!(asked[..read].starts_with(b"GET /status HTTP/1."));
            stream.write_all(answer).unwrap();
        });
        address
    }

    #[test]
    fn addresses_are_read_with_and_without_scheme_port_and_path() {
        let told = |text: &str| WorkerAddress::parse(text).map(|address| address.to_string()).ok();
        for text in ["http://127.0.0.1:9470", "127.0.0.1", "http://u:p@127.0.0.1:9470/status", " 127.0.0.1:9470/ "] {
            assert_eq!(told(text).as_deref(), Some("127.0.0.1:9470"), "{text}");
        }
        assert_eq!(told("[::1]:80").as_deref(), Some("[::1]:80"));
        assert_eq!(told("http://edge-3").as_deref(), Some("edge-3:9470"));
        for text in ["", "ftp://x", "http://", "x:y", "x:70000", "a b", "[::1"] {
            assert_eq!(told(text), None, "{text}");
        }
        assert!(matches!(WorkerAddress::parse("https://x"), Err(AskError::Tls)));
    }

    #[test]
    fn a_worker_that_listens_everywhere_is_asked_on_loopback() {
        let asked = |listen: &str| WorkerAddress::from(listen.parse::<SocketAddr>().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:9470"), "127.0.0.1:9470");
        assert_eq!(asked("[::]:9470"), "[::1]:9470");
        assert_eq!(asked("10.0.0.7:9471"), "10.0.0.7:9471");
    }

    #[test]
    fn an_answer_is_read_and_what_a_newer_worker_adds_is_passed_over() {
        let address = server(b"HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\n{\"version\":\"9\",\"site\":\"hall\",\"cameras\":[{\"camera\":\"a\",\"new\":1}]}");
        let status = address.ask().unwrap();
        assert_eq!((status.site.as_str(), status.cameras[0].camera.as_str()), ("hall", "a"));
    }

    #[test]
    fn others_and_nobody_are_told_apart() {
        let told = |answer| server(answer).ask().unwrap_err().to_string();
        assert!(told(b"HTTP/1.1 404 Not Found\r\n\r\n").contains("is no worker: status 404"));
        assert!(told(b"SSH-2.0-OpenSSH_9.2\r\n").contains("is no worker: not HTTP"));
        assert!(told(b"HTTP/1.1 200 OK\r\n\r\n<html>").contains("is no worker: expected value"));
        assert!(told(b"HTTP/1.1 200 OK\r\n\r\n{}").contains("is no worker: it tells no version"));
        let error = WorkerAddress::parse("127.0.0.1:9").unwrap().ask().unwrap_err();
        assert!(matches!(error, AskError::Unreachable { .. }), "{error}");
        assert!(error.to_string().contains("start one with `pantau watch`"));
    }
}
