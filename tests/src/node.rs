// SPDX-License-Identifier: Apache-2.0

//! A running `cso-node`.

use crate::{binary, files_in};
use serde_json::{json, Value};
use std::{
    fs::File,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How a node is started.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
    /// The expert's directory; turns the evaluator and the hand-off pool on.
    pub expert_dir: Option<PathBuf>,
    /// Further command line arguments.
    pub arguments: Vec<String>,
}

/// A development chain of one node on free loopback ports. Ended by its own process id when
/// dropped.
#[derive(Debug)]
pub struct Node {
    process: Child,
    base: TempDir,
    options: NodeOptions,
    address: String,
    /// Where the wallet reaches it: `ws://127.0.0.1:<port>`.
    pub url: String,
}

impl Node {
    /// Starts a fresh chain and waits until its RPC answers.
    pub fn start(options: NodeOptions) -> Self {
        let base = TempDir::new().expect("a temporary folder can be made");
        let (process, address) = spawn(base.path(), &options, 0);
        Self { process, base, options, url: format!("ws://{address}"), address }
    }

    /// Kills the process as a power cut would and starts it again on the same data and port.
    pub fn restart(&mut self) {
        self.kill();
        let port = self
            .address
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("an address has a port");
        (self.process, self.address) = spawn(self.base.path(), &self.options, port);
        self.url = format!("ws://{}", self.address);
    }

    /// The folder where the hand-off pool keeps its blobs.
    pub fn pool_blobs(&self) -> Vec<PathBuf> {
        let lies_in =
            |path: &Path, name: &str| path.components().any(|part| part.as_os_str() == name);
        let mut files = files_in(self.base.path());
        files.retain(|path| lies_in(path, "hop") && lies_in(path, "blobs"));
        files
    }

    /// Calls a JSON-RPC method over plain HTTP.
    pub fn rpc(&self, method: &str, params: Value) -> Value {
        let body =
            json!({ "id": 1, "jsonrpc": "2.0", "method": method, "params": params }).to_string();
        let mut stream = TcpStream::connect(&self.address).expect("the node listens");
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("the request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer can be read");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer has a body");
        let answer: Value =
            serde_json::from_str(body).unwrap_or_else(|error| panic!("{method}: {error}: {body}"));
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// What the node has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_file(self.base.path())).unwrap_or_default()
    }

    /// Waits until `done` holds, or panics with `what` and the end of the log.
    pub fn wait_until(&self, what: &str, timeout: Duration, done: impl Fn() -> bool) {
        let end = Instant::now() + timeout;
        while !done() {
            assert!(
                Instant::now() < end,
                "{what}: not within {timeout:?}. The node's log:\n{}",
                tail(&self.log())
            );
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    fn kill(&mut self) {
        // Fails only if it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the node's log:\n{}", tail(&self.log()));
        }
    }
}

fn log_file(base: &Path) -> PathBuf {
    base.join("node.log")
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Starts the process and waits for the line that names its RPC address.
fn spawn(base: &Path, options: &NodeOptions, port: u16) -> (Child, String) {
    let log = File::create(log_file(base)).expect("the log can be made");
    let mut command = Command::new(binary("cso-node"));
    command.args([
        "--dev",
        "--rpc-port",
        &port.to_string(),
        "--listen-addr",
        "/ip4/127.0.0.1/tcp/0",
    ]);
    command.args(["--no-mdns", "--no-prometheus", "--base-path"]).arg(base);
    if let Some(folder) = &options.expert_dir {
        command.arg("--expert-dir").arg(folder);
    }
    command.args(&options.arguments);
    let mut process = command
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file can be shared"))
        .stderr(log)
        .spawn()
        .expect("the node starts");
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let text = std::fs::read_to_string(log_file(base)).unwrap_or_default();
        if let Some(address) = text.lines().find_map(rpc_address) {
            return (process, address);
        }
        let ended = process.try_wait().expect("a child can be waited for");
        assert!(
            ended.is_none() && Instant::now() < end,
            "the node opened no RPC port:\n{}",
            tail(&text)
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn rpc_address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Running JSON-RPC server: addr=")?;
    Some(rest.split(',').next()?.trim().to_owned())
}
