// SPDX-License-Identifier: Apache-2.0

//! An accredited expert with a node of its own.

use crate::{protocol_file, Actor, Node, NodeOptions};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// `//Charlie`, who offers protocols at 5 CSO; with the node that evaluates them.
#[derive(Debug)]
pub struct Expert {
    folder: TempDir,
    /// The expert's own wallet: accounts `me` and `worker`.
    pub actor: Actor,
    /// The expert's address.
    pub address: String,
}

impl Expert {
    /// Makes the expert's directory and starts a node on it. Nothing is on chain yet.
    pub fn with_node(arguments: &[&str]) -> (Node, Self) {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let directory = folder.path().join("expert");
        // The directory is made before there is a node to talk to.
        Actor::new("ws://127.0.0.1:9").cso(&["expert", "init", "--dir", path(&directory)]);
        let node = Node::start(NodeOptions {
            expert_dir: Some(directory),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        });
        let actor = Actor::with_account(&node, "//Charlie");
        let address = actor.cso(&["account", "list"])["accounts"][0]["address"]
            .as_str()
            .expect("an address")
            .to_owned();
        actor.cso(&["account", "create", "worker"]);
        (node, Self { folder, actor, address })
    }

    /// Gives the node the worker's key, so that it answers.
    pub fn start_worker(&self) {
        self.actor.cso(&["expert", "worker", "--insert", "worker"]);
    }

    /// Applies; `endpoint` is where patients hand records off.
    pub fn apply(&self, endpoint: &str) {
        self.actor.cso(&[
            "expert",
            "apply",
            "--as",
            "me",
            "--dir",
            path(&self.directory()),
            "--endpoint",
            endpoint,
            "--price",
            "5",
            "--worker",
            "worker",
            "--worker-funds",
            "1",
            "--yes",
        ]);
    }

    /// Publishes a protocol that ships with the project and gives its number.
    pub fn publish(&self, name: &str) -> String {
        let file = protocol_file(name);
        let answer = self.actor.cso(&[
            "expert",
            "publish",
            "--as",
            "me",
            "--dir",
            path(&self.directory()),
            path(&file),
        ]);
        answer["protocol"].to_string()
    }

    /// The expert's directory.
    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("expert")
    }

    /// An expert who is ready for patients: worker in place, accredited for a year, protocols
    /// published.
    pub fn ready(arguments: &[&str], protocols: &[&str]) -> (Node, Self, Vec<String>) {
        let (node, expert) = Self::with_node(arguments);
        expert.start_worker();
        expert.apply(&node.url);
        Actor::with_account(&node, "//Alice").cso(&[
            "board",
            "accredit",
            &expert.address,
            "--days",
            "365",
        ]);
        let published = protocols.iter().map(|name| expert.publish(name)).collect();
        (node, expert, published)
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}
