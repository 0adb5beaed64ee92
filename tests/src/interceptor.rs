//! A server between the SDK and an AWS: it sees every request, and can answer in AWS's place, or not at all.

use crate::emulator::Emulator;
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A request, of a form or of JSON with what it says, of others the head alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `PUT`, ...
    pub method: String,
    /// The path with the query.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// What a form says, as it is sent: `Action=DescribeStacks&Version=2010-05-15&...`; or what JSON does. Empty of other
    /// requests.
    pub form: String,
}

impl Request {
    /// The action that a form asks for: `DescribeStacks`; empty of other requests.
    pub fn action(&self) -> &str {
        self.field("Action")
    }

    /// A field of a form, as it is sent; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        let fields = self.form.split('&').filter_map(|field| field.split_once('='));
        fields.into_iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It goes on to the AWS behind.
    Forward,
    /// It is answered with this status, these headers and this body.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// The connection is cut.
    Cut,
}

/// A running server. It ends with the process.
#[derive(Debug)]
pub struct Interceptor {
    /// Where it answers.
    pub address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

/// What decides on a request, given how many came before it.
type Rule = dyn Fn(usize, &Request) -> Reply + Send + Sync;

impl Interceptor {
    /// Starts a server before `upstream`, an address such as [`Emulator::address`](crate::emulator::Emulator); without
    /// one, what is forwarded is cut.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(
        upstream: Option<&str>,
        rule: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let upstream = upstream.map(|address| address.trim_start_matches("http://").to_owned());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let rule: Arc<Rule> = Arc::new(rule);
        let list = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (upstream, rule, seen) = (upstream.clone(), Arc::clone(&rule), Arc::clone(&list));
                // A connection that fails is the client's to notice.
                thread::spawn(move || serve(client, upstream.as_deref(), &*rule, &seen));
            }
        });
        Ok(Self { address, seen })
    }

    /// [`Interceptor::start`] before the local AWS that tests share.
    ///
    /// # Panics
    /// When there is no port.
    pub fn before_aws(rule: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(Some(&Emulator::shared().address), rule).expect("a port")
    }

    /// Whether an action has been asked for: `DeleteStack`.
    pub fn has_asked(&self, action: &str) -> bool {
        self.requests().iter().any(|request| request.action() == action)
    }

    /// The requests that have come, in their order.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Serves one request; its answer closes the connection.
fn serve(client: TcpStream, upstream: Option<&str>, rule: &Rule, seen: &Mutex<Vec<Request>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let Some(mut request) = read_head(&mut reader)? else { return Ok(()) };
    let length = request.header("content-length").parse().unwrap_or(0);
    let kind = request.header("content-type");
    if kind.starts_with("application/x-www-form-urlencoded") || kind == "application/json" {
        reader.by_ref().take(length).read_to_string(&mut request.form)?;
    }
    let sent = Cursor::new(request.form.clone().into_bytes()).chain(reader);
    let reply = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(request.clone());
        rule(seen.len() - 1, &request)
    };
    match (reply, upstream) {
        (Reply::Forward, Some(upstream)) => forward(client, sent, upstream, &request),
        (Reply::Forward | Reply::Cut, _) => client.shutdown(Shutdown::Both),
        (Reply::Answer(status, headers, body), _) => {
            // What is not read when a connection is closed resets it, and the answer with it.
            io::copy(&mut sent.take(length), &mut io::sink())?;
            answer(client, status, headers, &body)
        }
    }
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => return Ok(Some(Request { method, target, headers, form: String::new() })),
        }
    }
}

fn answer(mut client: TcpStream, status: u16, headers: &[(&str, &str)], body: &str) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} \r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    client.write_all(format!("{head}\r\n{body}").as_bytes())?;
    client.shutdown(Shutdown::Write)
}

/// Passes a request on. The AWS behind is told to close the connection, so its end is the answer's.
fn forward(
    client: TcpStream,
    mut body: impl Read + Send + 'static,
    upstream: &str,
    request: &Request,
) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method, request.target);
    let others = request.headers.iter().filter(|(name, _)| name != "connection");
    others.for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    server.write_all(format!("{head}\r\n").as_bytes())?;
    let (mut answered, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || io::copy(&mut body, &mut server));
    io::copy(&mut answered, &mut to_client)?;
    client.shutdown(Shutdown::Both)
}
