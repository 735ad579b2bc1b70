//! Load test of subscriptions: follows the change feed of a server over thousands of WebSockets during writes:
//! `pomost-subscribers BINARY`.
//!
//! Starts the server on an empty database, opens the sockets, writes at a constant rate, and checks that every subscriber
//! receives every change once and in order. There are three rounds: selections from the feed alone; with the record; and the
//! same beside sockets that are not read during the writes. A last round has long texts and sockets that are not read for
//! longer than the server's write time limit: they must be disconnected. Prints the delays of the changes and the load of
//! the server, and exits with 1 if a change was lost, repeated or out of order.

#![allow(clippy::unwrap_used, reason = "a tool that meets what it did not expect stops there")]
#![allow(clippy::pedantic, reason = "figures are counted and divided everywhere")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use futures_util::{SinkExt, StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Number of writers that share the rate, each with a record of its own, so that no write waits for the version of another.
const WRITERS: usize = 8;
/// Number of sockets that are opened concurrently.
const OPENING: usize = 64;
/// Time limit for the last changes after the last write.
const REST: Duration = Duration::from_secs(20);
/// Receive buffer of a socket that is not read; the system doubles it.
const NARROW: u32 = 2_304;
/// The server's write time limit plus a margin (docs/transports.md).
const PATIENCE: Duration = Duration::from_secs(40);
/// This many of these texts exceed the buffers between the server and a socket that is not read.
const ENOUGH: u32 = 1_000;
const LONG: usize = 8_000;

/// Follows the change feed of a server from thousands of sockets.
#[derive(Parser)]
struct Arguments {
    /// The program to start.
    binary: PathBuf,
    /// Number of subscribers
    #[arg(long, default_value_t = 2_000)]
    subscribers: usize,
    /// Writes per second
    #[arg(long, default_value_t = 100)]
    writes_per_second: u32,
    /// Seconds of each round
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Number of additional sockets that are not read during the writes
    #[arg(long, default_value_t = 50)]
    stuck: usize,
    /// Number of sockets of the last round, which are not read until they are disconnected; 0: no last round
    #[arg(long, default_value_t = 20)]
    deaf: usize,
    /// Limit in milliseconds for 99 of 100 changes, from the acknowledgement of the write; 0: no limit
    #[arg(long, default_value_t = 0)]
    limit_ms: u32,
}

/// The program serving an empty database.
struct Server {
    process: Child,
    address: SocketAddr,
    token: String,
    /// Stays open, because the server may print more.
    _said: BufReader<ChildStdout>,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> Self {
        let command = |words: &[&str]| {
            let mut command = Command::new(binary.canonicalize().unwrap());
            for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("POMOST_")) {
                command.env_remove(name);
            }
            let database = format!("sqlite://{}/pomost.db", folder.display());
            command.args(words).args(["--database", &database]).current_dir(folder).stderr(Stdio::inherit());
            // Without budgets, and without a log line per operation.
            command.env("POMOST_RATE_BURST", "0").env("POMOST_LOG", "error");
            command
        };
        assert!(command(&["migrate", "up"]).stdout(Stdio::null()).status().unwrap().success());
        let token = command(&["token", "create", "--role", "admin"]).output().unwrap();
        let mut process = command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let address = said
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.trim().strip_prefix("http://")?.strip_suffix("/graphql")?.parse().ok());
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        Self { process, address: address.unwrap(), token, _said: said }
    }

    /// Resident memory in bytes.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1_024.0
    }

    /// Processor time in seconds.
    fn worked(&self) -> f64 {
        worked(&self.process.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Processor time of a process in seconds; the system counts hundredths.
fn worked(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    [fields[11], fields[12]].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

struct Socket(WebSocketStream<tokio::net::TcpStream>);

impl Socket {
    /// A socket after `connection_init`.
    async fn open(address: SocketAddr, token: Option<&str>, narrow: bool) -> Self {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let socket = TcpSocket::new_v4().unwrap();
        if narrow {
            socket.set_recv_buffer_size(NARROW).unwrap();
        }
        let stream = socket.connect(address).await.unwrap();
        let config = WebSocketConfig::default().read_buffer_size(8 << 10).write_buffer_size(1 << 10);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await.unwrap();
        let mut socket = Self(socket);
        let shown = token.map(|token| json!({ "Authorization": format!("Bearer {token}") }));
        socket.say(&json!({ "type": "connection_init", "payload": shown })).await;
        assert!(socket.hear().await.unwrap().contains("connection_ack"));
        socket
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message; `None` if the socket is closed.
    async fn hear(&mut self) -> Option<String> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Ping(_)) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }

    async fn subscribe(&mut self, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(&json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
    }
}

/// The number of the change in a message, from the bytes of its cursor: this runs 200 000 times a second.
fn seq(message: &str) -> Option<i64> {
    let (_, rest) = message.split_once("\"cursor\":\"")?;
    let (cursor, _) = rest.split_once('"')?;
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    std::str::from_utf8(&text).ok()?.strip_prefix("change:")?.parse().ok()
}

/// An acknowledged write.
struct Written {
    seq: i64,
    sent: Instant,
    acknowledged: Instant,
}

const CREATE: &str = "mutation ($input: OrganizationInput!) { done: createOrganization(input: $input) \
    { changeSeq record { id version } errors { message } } }";
const PUBLISH: &str = "mutation ($id: ID!, $version: Int!) { done: publishRecord(id: $id, expectedVersion: $version) \
    { changeSeq record { id version } errors { message } } }";
const CORRECT: &str = "mutation ($id: ID!, $version: Int!, $changes: OrganizationChanges!) { done: updateOrganization( \
    id: $id, expectedVersion: $version, changes: $changes, reason: \"counted\") \
    { changeSeq record { id version } errors { message } } }";

/// A writer that changes one record repeatedly.
struct Writer {
    socket: Socket,
    record: Value,
    times: u64,
    /// The text that it adds in each change.
    note: String,
}

impl Writer {
    async fn new(server: &Server, number: usize) -> Self {
        let socket = Socket::open(server.address, Some(&server.token), false).await;
        let mut writer = Self { socket, record: Value::Null, times: 0, note: String::new() };
        let input = json!({ "slug": format!("office-{number}"), "name": format!("Office {number}"),
            "note": "An office that is changed repeatedly, so that subscribers have something to read." });
        writer.command(CREATE, json!({ "input": input })).await;
        writer.command(PUBLISH, json!({ "id": writer.record["id"], "version": writer.record["version"] })).await;
        writer
    }

    async fn command(&mut self, query: &str, variables: Value) -> i64 {
        self.socket.subscribe(query, variables).await;
        let answer: Value = serde_json::from_str(&self.socket.hear().await.unwrap()).unwrap();
        let done = &answer["payload"]["data"]["done"];
        assert_eq!(done["errors"], json!([]), "{answer}");
        self.record = done["record"].clone();
        let seq = seq(&format!("\"cursor\":{}", done["changeSeq"])).unwrap();
        assert!(self.socket.hear().await.unwrap().contains("complete"));
        seq
    }

    async fn write(&mut self) -> Written {
        self.times += 1;
        let website = format!("https://office.example/{}", self.times);
        let changes = match &self.note[..] {
            "" => json!({ "website": website }),
            note => json!({ "website": website, "note": format!("{} {note}", self.times) }),
        };
        let variables = json!({ "id": self.record["id"], "version": self.record["version"], "changes": changes });
        let sent = Instant::now();
        let seq = self.command(CORRECT, variables).await;
        Written { seq, sent, acknowledged: Instant::now() }
    }
}

/// The changes that a subscriber received, with the times.
type Received = Arc<Mutex<Vec<(i64, Instant)>>>;

/// A subscribed socket, which records its messages until it is closed.
struct Subscriber {
    received: Received,
    listening: JoinHandle<()>,
}

impl Subscriber {
    fn of(mut socket: Socket) -> Self {
        let received = Received::default();
        let noted = Arc::clone(&received);
        let listening = tokio::spawn(async move {
            loop {
                match socket.0.next().await {
                    Some(Ok(Message::Text(text))) => match seq(text.as_str()) {
                        Some(seq) => noted.lock().unwrap().push((seq, Instant::now())),
                        None => {
                            eprintln!("not a change: {text}");
                            return;
                        }
                    },
                    Some(Ok(Message::Ping(_))) => {}
                    _ => return,
                }
            }
        });
        Self { received, listening }
    }
}

async fn opened(server: &Server, number: usize, query: &str, narrow: bool) -> Vec<Socket> {
    let open = async |_| {
        let mut socket = Socket::open(server.address, None, narrow).await;
        socket.subscribe(query, Value::Null).await;
        socket
    };
    stream::iter(0..number).map(open).buffer_unordered(OPENING).collect().await
}

/// Writes at a constant rate; the writers take turns.
async fn write(writers: Vec<Writer>, rate: u32, seconds: u32) -> (Vec<Writer>, Vec<Written>) {
    let (orders, working): (Vec<_>, Vec<_>) = writers
        .into_iter()
        .map(|mut writer| {
            let (order, mut orders) = mpsc::unbounded_channel::<()>();
            let working = tokio::spawn(async move {
                let mut written = Vec::new();
                while orders.recv().await.is_some() {
                    written.push(writer.write().await);
                }
                (writer, written)
            });
            (order, working)
        })
        .unzip();
    let start = tokio::time::Instant::now();
    for number in 0..rate * seconds {
        tokio::time::sleep_until(start + Duration::from_secs(1) * number / rate).await;
        orders[number as usize % orders.len()].send(()).unwrap();
    }
    drop(orders);
    let (mut writers, mut written) = (Vec::new(), Vec::new());
    for work in working {
        let (writer, more) = work.await.unwrap();
        writers.push(writer);
        written.extend(more);
    }
    written.sort_by_key(|written| written.seq);
    (writers, written)
}

/// The number of milliseconds that this part of the values does not exceed.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted.get(((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Checks the changes of a subscriber: all of them, each once and in order. For a disconnected one, only up to the
/// disconnection.
fn check(received: &[i64], expected: &[i64], is_cut_off: bool) -> Option<String> {
    let first_wrong = received.iter().zip(expected).position(|(received, expected)| received != expected);
    match first_wrong {
        Some(place) => Some(format!("change {} instead of {}", received[place], expected[place])),
        None if received.len() > expected.len() => {
            Some(format!("{} changes too many", received.len() - expected.len()))
        }
        None if received.len() < expected.len() && !is_cut_off => {
            Some(format!("the last {} changes are lost", expected.len() - received.len()))
        }
        None => None,
    }
}

struct Round<'a> {
    server: &'a Server,
    arguments: &'a Arguments,
    name: &'a str,
    query: &'a str,
    subscribers: usize,
    stuck: usize,
    seconds: u32,
    /// How long the stuck sockets are not read after the last write.
    deaf_for: Duration,
}

impl Round<'_> {
    /// Opens the sockets, writes, and prints a line of figures. Returns the errors.
    async fn run(&self, writers: Vec<Writer>) -> (Vec<Writer>, Vec<String>) {
        let Self { server, arguments, .. } = self;
        let before = server.memory();
        let sockets = opened(server, self.subscribers, self.query, false).await;
        let stuck = opened(server, self.stuck, self.query, true).await;
        let subscribers: Vec<Subscriber> = sockets.into_iter().map(Subscriber::of).collect();
        // The subscriptions were sent, but may not all be active yet.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let opened = server.memory();
        let (start, server_worked, worked_here) = (Instant::now(), server.worked(), worked("self"));
        let (writers, written) = write(writers, arguments.writes_per_second, self.seconds).await;
        let took = start.elapsed();
        let server_worked = (server.worked() - server_worked) / took.as_secs_f64();
        let worked_here = (worked("self") - worked_here) / took.as_secs_f64();
        let is_open = |subscriber: &Subscriber| !subscriber.listening.is_finished();
        let has_all = |subscriber: &Subscriber| subscriber.received.lock().unwrap().len() >= written.len();
        let due = Instant::now() + REST;
        while Instant::now() < due && !subscribers.iter().all(|one| has_all(one) || !is_open(one)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Repeated changes have time to arrive.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let after = server.memory();
        let expected: Vec<i64> = written.iter().map(|written| written.seq).collect();
        let (mut faults, mut delivered) = (Vec::new(), 0);
        let mut delays: Vec<f64> = Vec::new();
        let mut delays_from_sending: Vec<f64> = Vec::new();
        let by_seq: HashMap<i64, &Written> = written.iter().map(|written| (written.seq, written)).collect();
        for (number, subscriber) in subscribers.iter().enumerate() {
            let received = subscriber.received.lock().unwrap();
            let seqs: Vec<i64> = received.iter().map(|(seq, _)| *seq).collect();
            faults.extend(check(&seqs, &expected, false).map(|fault| format!("subscriber {number}: {fault}")));
            delivered += received.len();
            for (seq, at) in received.iter() {
                let Some(written) = by_seq.get(seq) else { continue };
                let since = |moment| at.saturating_duration_since(moment).as_secs_f64() * 1_000.0;
                delays.push(since(written.acknowledged));
                delays_from_sending.push(since(written.sent));
            }
        }
        delays.sort_by(f64::total_cmp);
        delays_from_sending.sort_by(f64::total_cmp);
        let (mut caught_up, mut cut_off) = (0, 0);
        tokio::time::sleep(self.deaf_for).await;
        for (number, socket) in stuck.into_iter().enumerate() {
            let subscriber = Subscriber::of(socket);
            let due = Instant::now() + REST;
            while Instant::now() < due && !has_all(&subscriber) && is_open(&subscriber) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let seqs: Vec<i64> = subscriber.received.lock().unwrap().iter().map(|(seq, _)| *seq).collect();
            let is_cut_off = !is_open(&subscriber);
            *(if is_cut_off { &mut cut_off } else { &mut caught_up }) += 1;
            faults.extend(check(&seqs, &expected, is_cut_off).map(|fault| format!("stuck socket {number}: {fault}")));
            if !is_cut_off && self.deaf_for > Duration::ZERO {
                faults.push(format!("stuck socket {number} was not cut off"));
            }
            subscriber.listening.abort();
        }
        for subscriber in subscribers {
            subscriber.listening.abort();
        }
        let p99 = quantile(&delays, 0.99);
        if arguments.limit_ms > 0 && p99 > f64::from(arguments.limit_ms) {
            faults.push(format!("99 of 100 changes took up to {p99:.0} ms, not {} ms", arguments.limit_ms));
        }
        println!(
            "{}: {} subscribers, {} writes at {:.0}/s\n  \
             delivered {delivered} of {}, {} of them wrong\n  \
             ms after the acknowledgement: p50 {:.1}, p99 {p99:.1}, max {:.1}; after sending: p50 {:.1}, p99 {:.1}\n  \
             server: {:.1} kB for each, {:+.1} MB while it was written; processors: server {server_worked:.2}, here {worked_here:.2}",
            self.name,
            self.subscribers,
            written.len(),
            written.len() as f64 / took.as_secs_f64(),
            written.len() * self.subscribers,
            faults.len(),
            quantile(&delays, 0.5),
            quantile(&delays, 1.0),
            quantile(&delays_from_sending, 0.5),
            quantile(&delays_from_sending, 0.99),
            (opened - before) / 1_024.0 / (self.subscribers + self.stuck) as f64,
            (after - opened) / f64::from(1 << 20),
        );
        if self.stuck > 0 {
            println!("  of {} stuck sockets, {caught_up} caught up and {cut_off} were cut off", self.stuck);
        }
        (writers, faults)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&arguments.binary, folder.path());
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        writers.push(Writer::new(&server, number).await);
    }
    let (feed, record) = (
        "subscription { changes { cursor op id version } }",
        "subscription { changes { cursor op record { id } content } }",
    );
    let round = |name, query, subscribers, stuck, deaf_for| Round {
        server: &server,
        arguments: &arguments,
        name,
        query,
        subscribers,
        stuck,
        seconds: arguments.seconds,
        deaf_for,
    };
    let mut rounds = vec![
        round("the feed", feed, arguments.subscribers, 0, Duration::ZERO),
        round("with records", record, arguments.subscribers, 0, Duration::ZERO),
        round("beside stuck sockets", record, arguments.subscribers, arguments.stuck, Duration::ZERO),
    ];
    if arguments.deaf > 0 {
        let seconds = arguments.seconds.max(ENOUGH.div_ceil(arguments.writes_per_second));
        let deaf = round("beside deaf sockets, long texts", record, 20, arguments.deaf, PATIENCE);
        rounds.push(Round { seconds, ..deaf });
    }
    let mut failed = false;
    for round in rounds {
        if round.deaf_for > Duration::ZERO {
            writers.iter_mut().for_each(|writer| writer.note = "x".repeat(LONG));
        }
        let (same, faults) = round.run(writers).await;
        writers = same;
        for fault in faults.iter().take(10) {
            eprintln!("fault: {fault}");
        }
        failed |= !faults.is_empty();
        // The server closes the sockets of this round.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    ExitCode::from(u8::from(failed))
}
