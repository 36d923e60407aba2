// SPDX-License-Identifier: Apache-2.0
//! The key from which the edges of bins are made that a model doesn't need. It lies beside the
//! protocol files that it served, since their later versions need the same.

use crate::output_file::OutputFile;
use anyhow::{bail, Context as _, Result};
use std::path::Path;

/// The file's name.
const NAME: &str = "edges.key";
/// Hexadecimal digits of a key.
const DIGITS: usize = 64;

/// The key of a folder; made, if there is none yet.
pub(super) fn edges_key(folder: &Path) -> Result<[u8; 32]> {
    let path = folder.join(NAME);
    let mut key = [0; 32];
    if path.exists() {
        let text = crate::input_file::read_text(&path, DIGITS + 2)?;
        if hex::decode_to_slice(text.trim(), &mut key).is_err() {
            bail!("{}: it holds no key of {DIGITS} hexadecimal digits", path.display());
        }
        return Ok(key);
    }
    rand::RngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut key)
        .context("no randomness for the key of edges")?;
    OutputFile::private(&path, false)?.write(format!("{}\n", hex::encode(key)).as_bytes())?;
    Ok(key)
}
