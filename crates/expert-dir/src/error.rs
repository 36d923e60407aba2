// SPDX-License-Identifier: Apache-2.0

//! What can go wrong with an expert's directory.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why an expert's directory, or a file in it, cannot be used. Every message says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExpertDirError {
    /// There is no expert's directory at this path.
    #[error("{} is no expert's directory: make one with `cso expert init --dir`", .0.display())]
    NotADirectory(PathBuf),
    /// A file exists that would have to be overwritten.
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// Other users of the machine may read a secret.
    #[error("{} has mode {mode:03o}: others can read it, run `chmod 600` on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key or salt is not 64 hexadecimal digits.
    #[error("{} must hold 64 hexadecimal digits", .0.display())]
    NotHex(PathBuf),
    /// A text file is not UTF-8.
    #[error("{} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// A file is too long.
    #[error("{} has more than {max} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Most bytes it may have.
        max: usize,
    },
    /// A protocol's name would make an unsafe file name.
    #[error(
        "protocol name {0:?} is not made of 1 to 64 of the characters a-z, A-Z, 0-9, '.', '_' and \
         '-', the first of them a letter or digit"
    )]
    Name(String),
    /// Another protocol has the name already.
    #[error(
        "{} exists with other content, which open consultations may need: publish under another \
         file name", .0.display()
    )]
    Taken(PathBuf),
    /// A protocol file has no salt, so nothing can have been committed to it.
    #[error("{} has no salt beside it: publish it with `cso expert publish`", .0.display())]
    NoSalt(PathBuf),
    /// The operating system refused.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said. No source: who prints an error with its sources would say it twice.
        reason: io::Error,
    },
}
