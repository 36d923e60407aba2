// SPDX-License-Identifier: Apache-2.0

//! A relay between the wallet and its node that holds a chosen message back.
//!
//! It reads WebSocket frames as they pass, so that a test can name the message at which a wallet
//! dies. A held message goes nowhere: its connection ends. It can also put other words into the
//! node's mouth.

use serde_json::Value;
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{channel, Receiver, Sender},
        Arc, Mutex, PoisonError,
    },
};

/// A message between a wallet and its node, and which of its kind since the wallet began: 1 is the
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The wallet calls a method, and the node doesn't hear of it.
    Called(&'static str, usize),
    /// The node has answered a call of a method, and the wallet doesn't hear of it.
    Answered(&'static str, usize),
    /// The node says something with these words in it, and the wallet doesn't hear of it.
    Told(&'static str, usize),
}

/// Passes on what a wallet and its node say to each other.
#[derive(Debug)]
pub struct Relay {
    /// Where the wallet reaches it: `ws://127.0.0.1:<port>`.
    pub url: String,
    shared: Arc<Shared>,
}

/// A message is held back as long as this lives.
#[derive(Debug)]
pub(crate) struct Held {
    _go: Sender<()>,
}

#[derive(Debug)]
struct Shared {
    /// The node's address.
    node: String,
    /// Two texts, each of which the wallet hears where the node says the other.
    lie: Option<(&'static str, &'static str)>,
    awaited: Mutex<Option<Awaited>>,
    is_over: AtomicBool,
}

/// What is waited for.
#[derive(Debug)]
struct Awaited {
    message: Message,
    /// How many of its kind have passed.
    seen: usize,
    /// The call whose answer it is: its connection and its id there.
    call: Option<(usize, Value)>,
    reached: Sender<Held>,
}

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaker {
    Wallet,
    Node,
}

/// A frame as it came, and what it says.
struct Frame {
    raw: Vec<u8>,
    said: Vec<u8>,
}

impl Relay {
    /// A relay to the node at `url`, on a free loopback port.
    pub fn start(url: &str) -> Self {
        Self::with(url, None)
    }

    /// One that swaps two texts of equal length in all that the node says.
    pub fn swapping(url: &str, one: &'static str, other: &'static str) -> Self {
        assert_eq!(one.len(), other.len(), "a frame keeps its length");
        Self::with(url, Some((one, other)))
    }

    fn with(url: &str, lie: Option<(&'static str, &'static str)>) -> Self {
        let node = url.strip_prefix("ws://").expect("a node's URL begins with ws://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            node,
            lie,
            awaited: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if theirs.is_over.load(Ordering::SeqCst) {
                    break;
                }
                // Fails where one of both has ended meanwhile.
                let _ = stream.and_then(|stream| theirs.connect(number, stream));
            }
        });
        Self { url: format!("ws://{address}"), shared }
    }

    /// Holds the message back once it comes, and says so.
    pub(crate) fn hold(&self, message: Message) -> Receiver<Held> {
        let (reached, when) = channel();
        *self.shared.awaited() = Some(Awaited { message, seen: 0, call: None, reached });
        when
    }

    /// Lets everything pass again.
    pub(crate) fn hold_nothing(&self) {
        *self.shared.awaited() = None;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.url.trim_start_matches("ws://"));
    }
}

impl Shared {
    fn awaited(&self) -> std::sync::MutexGuard<'_, Option<Awaited>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what is said on a connection, both ways, until it ends.
    fn connect(self: &Arc<Self>, number: usize, wallet: TcpStream) -> io::Result<()> {
        let node = TcpStream::connect(&self.node)?;
        for (from, source, sink) in
            [(Speaker::Wallet, &wallet, &node), (Speaker::Node, &node, &wallet)]
        {
            let (source, sink) = (source.try_clone()?, sink.try_clone()?);
            sink.set_nodelay(true)?;
            let shared = Arc::clone(self);
            std::thread::spawn(move || {
                // Ends when either side does.
                let _ = shared.pass(number, from, &source, &sink);
                let _ = source.shutdown(Shutdown::Both);
                let _ = sink.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn pass(
        &self,
        number: usize,
        from: Speaker,
        source: &TcpStream,
        mut sink: &TcpStream,
    ) -> io::Result<()> {
        let mut source = BufReader::new(source);
        sink.write_all(&head(&mut source)?)?;
        loop {
            let mut frame = Frame::read(&mut source)?;
            if let Some(end) = self.held(number, from, &frame.said) {
                // Nobody sends anything: it ends when `Held` is dropped.
                let _ = end.recv();
                return Ok(());
            }
            if let (Speaker::Node, Some((one, other))) = (from, self.lie) {
                swap(&mut frame.raw, one.as_bytes(), other.as_bytes());
            }
            sink.write_all(&frame.raw)?;
        }
    }

    /// Whether this is the message that is waited for. The receiver ends when it may go.
    fn held(&self, number: usize, from: Speaker, said: &[u8]) -> Option<Receiver<()>> {
        let mut awaited = self.awaited();
        if !awaited.as_mut()?.is_it(number, from, said) {
            return None;
        }
        let (go, end) = channel();
        // Fails if nobody waits any more.
        awaited.take()?.reached.send(Held { _go: go }).ok()?;
        Some(end)
    }
}

impl Awaited {
    fn is_it(&mut self, number: usize, from: Speaker, said: &[u8]) -> bool {
        let parsed = || serde_json::from_slice::<Value>(said).unwrap_or_default();
        match (self.message, from) {
            (Message::Called(method, nth), Speaker::Wallet) => {
                self.seen += usize::from(parsed()["method"] == method);
                self.seen == nth
            }
            (Message::Answered(method, nth), Speaker::Wallet) if self.seen < nth => {
                let call = parsed();
                self.seen += usize::from(call["method"] == method);
                if self.seen == nth {
                    self.call = Some((number, call["id"].clone()));
                }
                false
            }
            (Message::Answered(..), Speaker::Node) => {
                self.call.as_ref().is_some_and(|(on, id)| *on == number && parsed()["id"] == *id)
            }
            (Message::Told(words, nth), Speaker::Node) => {
                let has = said.windows(words.len()).any(|part| part == words.as_bytes());
                self.seen += usize::from(has);
                has && self.seen == nth
            }
            _ => false,
        }
    }
}

/// Swaps two texts of equal length.
fn swap(bytes: &mut [u8], one: &[u8], other: &[u8]) {
    let mut rest = bytes;
    while rest.len() >= one.len() {
        let (part, _) = rest.split_at_mut(one.len());
        let instead = match &*part {
            part if part == one => Some(other),
            part if part == other => Some(one),
            _ => None,
        };
        if let Some(instead) = instead {
            part.copy_from_slice(instead);
        }
        let step = instead.map_or(1, <[u8]>::len);
        rest = &mut rest[step..];
    }
}

/// The lines of HTTP with which a connection begins.
fn head(source: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if source.read_until(b'\n', &mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

impl Frame {
    /// Reads a frame: RFC 6455, section 5.2.
    fn read(source: &mut impl Read) -> io::Result<Self> {
        let mut raw = Vec::new();
        let [_, second] = take(source, &mut raw)?;
        let length = match second & 127 {
            126 => u64::from(u16::from_be_bytes(take(source, &mut raw)?)),
            127 => u64::from_be_bytes(take(source, &mut raw)?),
            short => u64::from(short),
        };
        // A wallet's frames are masked, a node's are not.
        let mask: [u8; 4] = match second & 128 {
            0 => [0; 4],
            _ => take(source, &mut raw)?,
        };
        let at = raw.len();
        if source.take(length).read_to_end(&mut raw)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let said = raw[at..].iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        Ok(Self { said: said.collect(), raw })
    }
}

fn take<const N: usize>(source: &mut impl Read, raw: &mut Vec<u8>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    raw.extend(bytes);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn awaited(message: Message) -> Awaited {
        Awaited { message, seen: 0, call: None, reached: channel().0 }
    }

    #[test]
    fn texts_are_swapped_both_ways() {
        let mut bytes = *b"accept, expire, accexpire";
        swap(&mut bytes, b"accept", b"expire");
        assert_eq!(&bytes, b"expire, accept, accaccept");
    }

    const CALL: &[u8] = br#"{"id":7,"method":"one"}"#;
    const OTHER: &[u8] = br#"{"id":8,"method":"two"}"#;
    const ANSWER: &[u8] = br#"{"id":7,"result":"inBlock"}"#;

    #[test]
    fn frames_are_unmasked_and_pass_as_they_came() {
        let bytes = [0x81, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3];
        let frame = Frame::read(&mut &bytes[..]).unwrap();
        assert_eq!((frame.said.as_slice(), frame.raw.as_slice()), (&b"abc"[..], &bytes[..]));
        let mut long = vec![0x81, 126, 1, 0];
        long.extend([b'x'; 256]);
        assert_eq!(Frame::read(&mut &long[..]).unwrap().said, [b'x'; 256]);
        assert!(Frame::read(&mut &long[..100]).is_err());
    }

    #[test]
    fn the_nth_call_of_a_method_is_held() {
        let mut awaited = awaited(Message::Called("one", 2));
        assert!(!awaited.is_it(0, Speaker::Wallet, CALL));
        assert!(!awaited.is_it(0, Speaker::Wallet, OTHER));
        assert!(!awaited.is_it(0, Speaker::Node, CALL));
        assert!(awaited.is_it(1, Speaker::Wallet, CALL));
    }

    #[test]
    fn the_answer_to_a_call_is_held_on_its_own_connection() {
        let mut awaited = awaited(Message::Answered("one", 1));
        assert!(!awaited.is_it(0, Speaker::Node, ANSWER));
        assert!(!awaited.is_it(0, Speaker::Wallet, CALL));
        assert!(!awaited.is_it(1, Speaker::Node, ANSWER));
        assert!(awaited.is_it(0, Speaker::Node, ANSWER));
    }

    #[test]
    fn what_a_node_tells_is_held_by_its_words() {
        let mut awaited = awaited(Message::Told("inBlock", 2));
        assert!(!awaited.is_it(0, Speaker::Node, ANSWER));
        assert!(!awaited.is_it(0, Speaker::Wallet, ANSWER));
        assert!(awaited.is_it(0, Speaker::Node, ANSWER));
    }
}
