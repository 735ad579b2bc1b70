//! Runs the program in a temporary folder.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder for the program, and its environment variables.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    variables: Vec<(String, String)>,
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same folder, without the variables.
    pub(crate) fn without_variables(self) -> Self {
        Self { variables: Vec::new(), ..self }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomost"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("POMOST_") || name.starts_with("OTEL_")) {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ended { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Runs a command that must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        ended.out
    }

    /// Starts a server on a free port and waits until it listens. Its log goes to a file with this name.
    pub(crate) fn serve(&self, log: &str, arguments: &[&str]) -> Server {
        let log = self.path().join(log);
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = self.command(&all).stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let url = line.trim().strip_prefix("http://")?.strip_suffix("/graphql")?;
            Some(url.to_owned())
        });
        let mut server = Server { child, address: String::new(), log };
        server.address = address.unwrap_or_else(|| panic!("the server ended: {}", server.log()));
        server
    }
}

/// A running server; it is killed at the end of its test.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    log: std::path::PathBuf,
}

impl Server {
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The log lines about requests, once there are this many.
    pub(crate) fn requests(&self, count: usize) -> Vec<serde_json::Value> {
        let begin = Instant::now();
        loop {
            let log = self.log();
            let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let requests: Vec<_> = lines.filter(|line| line["message"] == "request").collect();
            if requests.len() >= count {
                return requests;
            }
            assert!(begin.elapsed() < Duration::from_secs(10), "{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a request; returns its status and body.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        get(&self.address, path, headers)
    }

    /// Queries the API.
    pub(crate) fn query(&self, query: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        self.get(&format!("/graphql?query={encoded}"), headers)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn get(address: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut request =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\naccept: application/json\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    write!(stream, "{request}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
