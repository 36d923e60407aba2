// SPDX-License-Identifier: Apache-2.0

//! The points at which a wallet dies.

use cso_tests::{
    Message::{self, Answered, Called, Told},
    Moment,
};
use std::fmt;

/// A command of the patient, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Command {
    /// `account import`.
    Import,
    /// `consult request`.
    Request,
    /// `consult resume`.
    Resume,
    /// `consult wait`.
    Wait,
    /// `consult open`, the first time.
    Open,
    /// `consult export`.
    Export,
    /// `consult export --force`, where the file exists.
    ExportAgain,
    /// `consult accept`.
    Accept,
    /// `consult erase`.
    Erase,
    /// `consult forget`.
    Forget,
}

/// What `consult list` says afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// No consultation.
    Nothing,
    /// One that is prepared.
    Prepared,
    /// One that is sent.
    Sent,
    /// One with a number.
    Numbered,
    /// One that is erased.
    Erased,
}

/// Where a wallet dies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) command: Command,
    pub(crate) place: &'static str,
    pub(crate) moment: Moment,
    pub(crate) left: Left,
}

/// A consultation and where its patient's wallet dies.
pub(crate) struct Plan {
    pub(crate) points: Vec<Point>,
    /// Whether the opinion is accepted; else the request is forgotten.
    pub(crate) is_paid: bool,
}

/// How a wallet sends a transaction.
const SEND: &str = "author_submitAndWatchExtrinsic";
const NEW_WALLET: &str = "wallet.age.unfinished";

const fn wire(message: Message) -> Moment {
    Moment::Wire(message)
}

/// Before the `nth` wallet that the command writes takes the old one's place.
const fn replaces(nth: usize) -> Moment {
    Moment::Disk { call: "rename", file: NEW_WALLET, nth }
}

/// After the `nth` wallet that the command writes took the old one's place, before the folder is
/// flushed.
const fn replaced(nth: usize) -> Moment {
    Moment::Disk { call: "fsync", file: "", nth }
}

const fn disk(call: &'static str, file: &'static str, nth: usize) -> Moment {
    Moment::Disk { call, file, nth }
}

macro_rules! points {
    ($command:ident: $($place:literal => $moment:expr => $left:ident,)+) => {
        &[$(Point {
            command: Command::$command,
            place: $place,
            moment: $moment,
            left: Left::$left,
        }),+]
    };
}

const IMPORT: &[Point] = points! { Import:
    "before the first byte of the first wallet" => disk("write", NEW_WALLET, 1) => Nothing,
    "before the first wallet gets its name" => replaces(1) => Nothing,
    "the first wallet is there, its folder not flushed" => replaced(1) => Nothing,
};

const REQUEST: &[Point] = points! { Request:
    "before the record gets its name in the outbox"
        => disk("rename", "wallet.age.outbox/*", 1) => Nothing,
    "the record is there, before the wallet is locked"
        => disk("openat", "wallet.age.lock", 1) => Nothing,
    "before the first byte of the wallet with the keys"
        => disk("write", NEW_WALLET, 1) => Nothing,
    "before the wallet with the keys takes the old one's place" => replaces(1) => Nothing,
    "the wallet with the keys is there, its folder not flushed" => replaced(1) => Prepared,
    "before the wallet with the signed transfer takes the old one's place"
        => replaces(2) => Prepared,
    "before the signed transfer is sent" => wire(Called(SEND, 1)) => Prepared,
    "the node has the transfer, the wallet doesn't know" => wire(Answered(SEND, 1)) => Prepared,
    "the transfer is in a block, the wallet doesn't know" => wire(Told("inBlock", 1)) => Prepared,
    "before the record is handed off" => wire(Called("hop_submit", 1)) => Prepared,
    "the pool has the record, the wallet doesn't know"
        => wire(Answered("hop_submit", 1)) => Prepared,
    "before the wallet with the signed request takes the old one's place"
        => replaces(3) => Prepared,
    "before the signed request is sent" => wire(Called(SEND, 2)) => Sent,
    "the node has the request, the wallet doesn't know" => wire(Answered(SEND, 2)) => Sent,
    "the request is in a block, the wallet doesn't know" => wire(Told("inBlock", 2)) => Sent,
    "it's final, before the wallet with the number takes the old one's place"
        => replaces(4) => Sent,
    "the wallet with the number is there, its folder not flushed" => replaced(4) => Numbered,
    "before the record's folder is removed" => disk("rmdir", "wallet.age.outbox", 1) => Numbered,
    "all is done, before it says so" => Moment::Said => Numbered,
};

/// Each after the request whose number stands in [`RESUMED`].
const RESUME: &[Point] = points! { Resume:
    "before the wallet with the signed transfer takes the old one's place"
        => replaces(1) => Prepared,
    "before the transfer that was saved is sent" => wire(Called(SEND, 1)) => Prepared,
    "the pool has the record, the wallet doesn't know"
        => wire(Answered("hop_submit", 1)) => Prepared,
    "the signed request is saved, before it's sent" => wire(Called(SEND, 1)) => Sent,
    "the node has the request that was saved, the wallet doesn't know"
        => wire(Answered(SEND, 1)) => Sent,
    "before the wallet with the number takes the old one's place" => replaces(1) => Sent,
};

/// Which of [`REQUEST`] it is that is resumed.
const RESUMED: [usize; 6] = [5, 6, 9, 11, 12, 14];

const WAIT: &[Point] = points! { Wait:
    "at the first look at the chain" => wire(Answered("state_getStorage", 1)) => Numbered,
    "the opinion is there, before it says so" => Moment::Said => Numbered,
};

const OPEN: &[Point] = points! { Open:
    "decrypted, before the wallet is locked" => disk("openat", "wallet.age.lock", 1) => Numbered,
    "before the wallet with the opinion takes the old one's place" => replaces(1) => Numbered,
    "the wallet with the opinion is there, its folder not flushed" => replaced(1) => Numbered,
    "the opinion is kept, before it's shown" => Moment::Said => Numbered,
};

const EXPORT: &[Point] = points! { Export:
    "all is written, before it's flushed" => disk("fsync", "#*", 1) => Numbered,
    "before the file gets its name" => disk("linkat", "opinion*", 1) => Numbered,
    "the file is there, before the wallet that knows takes the old one's place"
        => replaces(1) => Numbered,
    "the file is there, before it says so" => Moment::Said => Numbered,
};

const EXPORT_AGAIN: &[Point] = points! { ExportAgain:
    "before the new file takes the old one's place" => disk("rename", ".cso-*", 1) => Numbered,
};

const ACCEPT: &[Point] = points! { Accept:
    "before it's sent" => wire(Called(SEND, 1)) => Numbered,
    "the node has it, the wallet doesn't know" => wire(Answered(SEND, 1)) => Numbered,
    "it's in a block, the wallet doesn't know" => wire(Told("inBlock", 1)) => Numbered,
    "it's final, before it says so" => Moment::Said => Numbered,
};

const ERASE: &[Point] = points! { Erase:
    "before it's sent" => wire(Called(SEND, 1)) => Numbered,
    "the node has it, the wallet doesn't know" => wire(Answered(SEND, 1)) => Numbered,
    "it's in a block, the wallet doesn't know" => wire(Told("inBlock", 1)) => Numbered,
    "before the rest of the money is sent back" => wire(Called(SEND, 2)) => Numbered,
    "the node has the transfer back, the wallet doesn't know"
        => wire(Answered(SEND, 2)) => Numbered,
    "the transfer back is in a block, the wallet doesn't know"
        => wire(Told("inBlock", 2)) => Numbered,
    "before the pool is asked to drop the record" => wire(Called("hop_ack", 1)) => Numbered,
    "the pool has answered, the wallet doesn't know" => wire(Answered("hop_ack", 1)) => Numbered,
    "before the wallet without the keys takes the old one's place" => replaces(1) => Numbered,
    "the wallet without the keys is there, its folder not flushed" => replaced(1) => Erased,
    "all is done, before it says so" => Moment::Said => Erased,
};

const FORGET_ERASED: &[Point] = points! { Forget:
    "an erased one, before the wallet without it takes the old one's place"
        => replaces(1) => Erased,
    "an erased one, before it says so" => Moment::Said => Nothing,
};

/// Of a request that died after its account was filled and its record was handed off.
const FORGET: &[Point] = points! { Forget:
    "before the money is sent back" => wire(Called(SEND, 1)) => Prepared,
    "the node has the transfer back, the wallet doesn't know"
        => wire(Answered(SEND, 1)) => Prepared,
    "the transfer back is in a block, the wallet doesn't know"
        => wire(Told("inBlock", 1)) => Prepared,
    "before the pool is asked to drop the record" => wire(Called("hop_ack", 1)) => Prepared,
    "before the wallet without it takes the old one's place" => replaces(1) => Prepared,
    "the wallet without it is there, its folder not flushed" => replaced(1) => Nothing,
};

/// In a request: all is saved, no money has moved and none is on its way.
pub(crate) const BEFORE_MONEY: Moment = replaces(2);

/// Where the requests of [`FORGET`] die.
const HANDED_OFF: usize = 10;

/// A consultation for each point of a request, the points of the other commands spread over them;
/// then those that are forgotten.
pub(crate) fn plans() -> Vec<Plan> {
    // Of which consultation the first point of a list is, the second one of the next, and so on.
    let spread: [(&[Point], usize); 8] = [
        (IMPORT, 16),
        (REQUEST, 0),
        (WAIT, 14),
        (OPEN, 10),
        (EXPORT, 15),
        (EXPORT_AGAIN, 18),
        (ACCEPT, 0),
        (ERASE, 4),
    ];
    let mut plans: Vec<_> = (0..REQUEST.len())
        .map(|number| {
            let nth = |(of, first): &(&[Point], usize)| {
                number.checked_sub(*first).and_then(|at| of.get(at)).copied()
            };
            let mut points: Vec<_> = spread.iter().filter_map(nth).collect();
            let resumed = RESUMED.iter().position(|of| *of == number);
            points.extend(resumed.and_then(|at| RESUME.get(at)));
            points.extend(nth(&(FORGET_ERASED, 2)));
            points.sort_by_key(|point| point.command);
            Plan { points, is_paid: true }
        })
        .collect();
    let handed_off = REQUEST[HANDED_OFF];
    plans.extend(
        FORGET.iter().map(|forget| Plan { points: vec![handed_off, *forget], is_paid: false }),
    );
    plans
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = match self.command {
            Command::Import => "account import",
            Command::Request => "request",
            Command::Resume => "resume",
            Command::Wait => "wait",
            Command::Open => "open",
            Command::Export => "export",
            Command::ExportAgain => "export --force",
            Command::Accept => "accept",
            Command::Erase => "erase",
            Command::Forget => "forget",
        };
        write!(f, "{command}: {}", self.place)
    }
}
