// SPDX-License-Identifier: Apache-2.0
//! What all commands share: the global flags, the wallet, the chain, names and addresses.

use crate::chain::{Chain, ChainError};
use crate::keys::Pair;
use crate::report::Steps;
use crate::secret::SecretText;
use crate::vault::{Account, Vault};
use anyhow::{bail, Context as _, Result};
use clap::Args;
use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    str::FromStr,
};
use subxt::utils::AccountId32;
use zeroize::Zeroizing;

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Globals {
    /// The node to talk to
    #[arg(
        long,
        global = true,
        env = "CSO_URL",
        default_value = "ws://127.0.0.1:9944",
        value_name = "URL",
        help_heading = "Global options"
    )]
    pub url: String,
    /// The wallet file [default: ~/.local/share/cso/wallet.age]
    #[arg(
        long,
        global = true,
        env = "CSO_WALLET",
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub wallet: Option<PathBuf>,
    /// A file with the wallet's passphrase; else CSO_PASSPHRASE, else the terminal is asked
    #[arg(
        long,
        global = true,
        env = "CSO_PASSPHRASE_FILE",
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub passphrase_file: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
}

/// A running command.
pub struct Context {
    globals: Globals,
    /// Its steps.
    pub steps: Steps,
}

impl Context {
    /// Begins a command.
    pub fn new(globals: Globals) -> Self {
        Self { globals, steps: Steps::new() }
    }

    /// Whether a person sits in front of it, who can be asked.
    pub fn interactive(&self) -> bool {
        !self.globals.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Where the wallet lies.
    pub fn wallet_path(&self) -> Result<PathBuf> {
        if let Some(path) = &self.globals.wallet {
            return Ok(path.clone());
        }
        let set = |name: &str| {
            std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let data = set("XDG_DATA_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| set("HOME").map(|home| home.join(".local/share")))
            .context(
                "neither HOME nor XDG_DATA_HOME is set; say where the wallet is with --wallet FILE",
            )?;
        Ok(data.join("cso/wallet.age"))
    }

    /// Opens the wallet.
    pub fn vault(&mut self) -> Result<Vault> {
        let path = self.wallet_path()?;
        if !Vault::exists(&path) {
            return Err(crate::vault::VaultError::Missing(path).into());
        }
        let passphrase = self.passphrase(&path, false)?;
        self.steps.begin("wallet", "opening the wallet");
        let vault = Vault::open(&path, passphrase)?;
        self.steps.end();
        Ok(vault)
    }

    /// Opens the wallet, or begins one.
    pub fn vault_or_new(&mut self) -> Result<Vault> {
        let path = self.wallet_path()?;
        if Vault::exists(&path) {
            return self.vault();
        }
        let passphrase = self.passphrase(&path, true)?;
        Ok(Vault::create(&path, passphrase)?)
    }

    /// Connects to the node.
    pub async fn chain(&mut self) -> Result<Chain, ChainError> {
        let url = self.globals.url.clone();
        self.steps.begin("connect", format!("connecting to {url}"));
        let chain = Chain::connect(&url).await?;
        self.steps.end();
        Ok(chain)
    }

    /// The address of an account: an SS58 address, or a name in the wallet, which is opened only
    /// for that.
    pub fn address(&mut self, vault: Option<&Vault>, text: &str) -> Result<AccountId32> {
        if let Some(account) = parse_address(text)? {
            return Ok(account);
        }
        let opened;
        let vault = match vault {
            Some(vault) => vault,
            None => {
                let path = self.wallet_path()?;
                if !Vault::exists(&path) {
                    bail!("`{text}` is no address, and there is no wallet at {} where it could be a name", path.display());
                }
                opened = self.vault()?;
                &opened
            }
        };
        Ok(vault.wallet().account(text)?.pair()?.account())
    }

    /// The passphrase of the wallet at `path`.
    fn passphrase(&self, path: &Path, new: bool) -> Result<SecretText> {
        if let Some(file) = &self.globals.passphrase_file {
            return read_secret(file);
        }
        if let Ok(text) = std::env::var("CSO_PASSPHRASE") {
            return Ok(text.into());
        }
        let prompt = match new {
            true => format!("Passphrase for the new wallet {}: ", path.display()),
            false => format!("Passphrase of {}: ", path.display()),
        };
        ask_secret(
            &prompt,
            new,
            "the wallet's passphrase",
            "--passphrase-file FILE or set CSO_PASSPHRASE",
        )
    }

    /// Asks whether to go on, unless `yes`. Without a terminal, `--yes` is needed.
    pub fn confirm(&self, yes: bool, question: &str) -> Result<()> {
        if yes {
            return Ok(());
        }
        if !self.interactive() {
            bail!("{question} Nobody can be asked here: add --yes");
        }
        match ask_line(&format!("{question} [y/N] "))?.to_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => bail!("nothing was done"),
        }
    }
}

/// An SS58 address of this network; `None` if the text can't be an address.
pub fn parse_address(text: &str) -> Result<Option<AccountId32>> {
    let Ok(account) = AccountId32::from_str(text) else {
        // Long and in the alphabet of addresses, but it doesn't decode: a typo, not a name.
        let alphabet = text.len() > 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if alphabet {
            bail!("`{text}` is no address: a letter is wrong or missing");
        }
        return Ok(None);
    };
    let here = account.to_string();
    if here != text {
        bail!("`{text}` is an address in another network's form; here the same account is {here}");
    }
    Ok(Some(account))
}

/// The signing account: `--as NAME`, or the only one.
pub fn signer<'a>(
    vault: &'a Vault,
    name: Option<&str>,
    flag: &'static str,
) -> Result<(&'a Account, Pair)> {
    let account = vault.wallet().choose(name, flag)?;
    let pair = account.pair()?;
    Ok((account, pair))
}

/// The first line of a file with a secret.
pub fn read_secret(file: &Path) -> Result<SecretText> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let text = Zeroizing::new(text);
    Ok(text.lines().next().unwrap_or_default().to_owned().into())
}

/// Asks for a secret without showing it; twice if it's a new one.
pub fn ask_secret(prompt: &str, new: bool, what: &str, instead: &str) -> Result<SecretText> {
    if !io::stdin().is_terminal() {
        bail!("{what} is needed: give {instead}");
    }
    let text = Zeroizing::new(
        rpassword::prompt_password(prompt).with_context(|| format!("can't ask for {what}"))?,
    );
    if new {
        let again = Zeroizing::new(
            rpassword::prompt_password("The same again: ")
                .with_context(|| format!("can't ask for {what}"))?,
        );
        if *text != *again {
            bail!("the two differ; nothing was done");
        }
    }
    Ok(text.to_string().into())
}

/// Asks for a line.
pub fn ask_line(prompt: &str) -> Result<String> {
    eprint!("{prompt}");
    io::stderr().flush().ok();
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("can't read from the terminal")?;
    if read == 0 {
        bail!("the input ended; nothing was done");
    }
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn addresses_are_told_from_names() {
        assert_eq!(parse_address(ALICE).unwrap().unwrap().to_string(), ALICE);
        assert!(parse_address("anna").unwrap().is_none());
    }

    #[test]
    fn mistyped_and_foreign_addresses_are_refused() {
        let typo = ALICE.replace("5Grw", "5Grv");
        assert!(parse_address(&typo).unwrap_err().to_string().contains("wrong or missing"));
        // The same key in Polkadot's form, with prefix 0.
        let foreign = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
        let error = parse_address(foreign).unwrap_err().to_string();
        assert!(error.contains(ALICE), "{error}");
    }
}
