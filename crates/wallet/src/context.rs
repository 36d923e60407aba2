// SPDX-License-Identifier: Apache-2.0
//! What all commands share: the global flags, the wallet, the chain, names and addresses.

use crate::{
    input_file::read_secret, interrupt::Interrupt, prompt::Prompt, report::warn, steps::Steps,
};
use anyhow::{anyhow, bail, Context as _, Result};
use clap::Args;
use cso_client::{
    address::parse_address,
    chain::{node::NodeChain, ChainError},
    clock::SystemClock,
    consultation::Session,
    expert::require_this_computer,
    hand_off::NodeHandOff,
    secret::{require_strong, SecretText, WeakPassphrase},
    vault::{self, Account, FileStorage, VaultError, WalletError},
    AccountId, Pair,
};
use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// What the wallet's passphrase is called, and where else than from the terminal it comes from.
const PASSPHRASE: &str = "the wallet's passphrase";
const INSTEAD: &str = "--passphrase-file FILE or set CSO_PASSPHRASE";

/// A wallet file that is open.
pub(crate) type Vault = vault::Vault<FileStorage>;

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Globals {
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
    /// The wallet file [default: cso/wallet.age in $XDG_DATA_HOME, else in ~/.local/share]
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
    /// Take a new passphrase or password that is easily guessed: for tests and development
    #[arg(long, global = true, help_heading = "Global options")]
    pub weak_passphrase: bool,
    /// Language of protocols' texts, like de; where a protocol hasn't got it, its own [default:
    /// that of the system, by LC_ALL, LC_MESSAGES or LANG]
    #[arg(
        long,
        global = true,
        env = "CSO_LANGUAGE",
        value_name = "LANGUAGE",
        help_heading = "Global options"
    )]
    pub language: Option<String>,
    /// Print one JSON object instead of text, with `timings_ms`: how long each step took
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
}

/// A running command.
pub(crate) struct Context {
    globals: Globals,
    clock: SystemClock,
    interrupt: Interrupt,
    /// Which consultation it is about.
    subject: OnceLock<String>,
    /// The way to experts' nodes.
    hand_off: OnceLock<NodeHandOff>,
    /// Its steps.
    pub steps: Steps,
}

impl Context {
    /// Begins a command.
    pub(crate) fn new(globals: Globals) -> Self {
        Self {
            globals,
            clock: SystemClock::start(),
            interrupt: Interrupt::default(),
            subject: OnceLock::new(),
            hand_off: OnceLock::new(),
            steps: Steps::new(),
        }
    }

    /// Says which consultation the command is about, by handle or number, so that hints can name
    /// it.
    pub(crate) fn is_about(&self, consultation: &str) {
        // It is about one.
        let _ = self.subject.set(consultation.to_owned());
    }

    /// The consultation that it is about, if it is about one.
    pub(crate) fn subject(&self) -> Option<String> {
        self.subject.get().cloned()
    }

    /// From now on Ctrl-C says this: what is kept, and how to go on.
    pub(crate) fn at_interrupt(&self, text: impl Into<String>) {
        self.interrupt.says(text, &self.steps, self.globals.json);
    }

    /// Contacts experts' nodes wherever they are: the user has said so.
    pub(crate) fn allow_any_endpoint(&self) {
        // Said before the chain is connected to, which says otherwise.
        let _ = self.hand_off.set(NodeHandOff::to_all());
    }

    /// The way to experts' nodes: as far as they may be contacted beside the own node.
    pub(crate) fn hand_off(&self) -> &NodeHandOff {
        self.hand_off.get_or_init(NodeHandOff::default)
    }

    /// Says that others on the way to the own node can read along, if they can. `None` if not.
    pub(crate) fn warning_of_plain_node(&self) -> Option<String> {
        let url = self.url();
        let is_plain = url.starts_with("ws://") && require_this_computer(url).is_err();
        is_plain.then(|| format!("the way to the node at {url} isn't encrypted: everyone on it sees which accounts and consultations are yours; use one on this computer, or wss://"))
    }

    /// Whether a person sits in front of it, who can be asked.
    pub(crate) fn interactive(&self) -> bool {
        !self.globals.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Begins to ask that person.
    pub(crate) fn prompt(&self) -> Prompt<'_> {
        Prompt::open(&self.steps)
    }

    /// The node to talk to.
    pub(crate) fn url(&self) -> &str {
        &self.globals.url
    }

    /// In which language a person reads protocols: a tag like `de` or `en-GB`; empty if nobody
    /// says.
    pub(crate) fn language(&self) -> String {
        let of_system = || {
            let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)
        };
        let language = self.globals.language.clone().or_else(of_system).unwrap_or_default();
        // `de_DE.UTF-8@euro` is de-DE; C and POSIX are no languages.
        let tag = language.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        if ["C", "POSIX"].contains(&tag.as_str()) {
            return String::new();
        }
        tag
    }

    /// Where the wallet lies.
    pub(crate) fn wallet_path(&self) -> Result<PathBuf> {
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

    /// The file with the passphrase, if one was given.
    pub(crate) fn passphrase_file(&self) -> Option<&Path> {
        self.globals.passphrase_file.as_deref()
    }

    /// The wallet's file.
    pub(crate) fn storage(&self) -> Result<FileStorage> {
        Ok(FileStorage::new(self.wallet_path()?))
    }

    /// Opens the wallet.
    pub(crate) async fn vault(&self) -> Result<Vault> {
        let (path, storage) = (self.wallet_path()?, self.storage()?);
        if !storage.exists() {
            return Err(VaultError::Missing(path.display().to_string()).into());
        }
        let passphrase = self.passphrase(&path)?;
        self.steps.begin("wallet", "opening the wallet");
        let vault = Vault::open(storage, passphrase).await?;
        self.steps.end();
        Ok(vault)
    }

    /// Opens the wallet, or begins one.
    pub(crate) async fn vault_or_new(&self) -> Result<Vault> {
        let (path, storage) = (self.wallet_path()?, self.storage()?);
        if storage.exists() {
            return self.vault().await;
        }
        let passphrase = self.new_passphrase(&path)?;
        Ok(Vault::create(storage, passphrase)?)
    }

    /// Connects to the node.
    pub(crate) async fn chain(&self) -> Result<NodeChain, ChainError> {
        let url = &self.globals.url;
        if let Some(text) = self.warning_of_plain_node().filter(|_| !self.globals.json) {
            warn(text);
        }
        self.steps.begin("connect", format!("connecting to {url}"));
        let chain = NodeChain::connect(url).await?;
        if self.hand_off.get().is_none() {
            let _ = self.hand_off.set(NodeHandOff::beside(url).await);
        }
        self.steps.end();
        Ok(chain)
    }

    /// What the steps of a consultation work with.
    pub(crate) fn session<'a>(
        &'a self,
        chain: &'a NodeChain,
        vault: &'a mut Vault,
    ) -> Session<'a, NodeChain, NodeHandOff, FileStorage> {
        let (hand_off, clock) = (self.hand_off(), &self.clock);
        Session { chain, hand_off, vault, clock, progress: &self.steps }
    }

    /// The address of an account: an SS58 address, or a name in the wallet, which is opened only
    /// for that.
    pub(crate) async fn address(&self, vault: Option<&Vault>, text: &str) -> Result<AccountId> {
        if let Some(account) = parse_address(text)? {
            return Ok(account);
        }
        if let Some(vault) = vault {
            return Ok(vault.wallet().account(text)?.address);
        }
        if !self.storage()?.exists() {
            bail!(
                "`{text}` is no address, and there is no wallet at {} where it could be a name",
                self.wallet_path()?.display()
            );
        }
        Ok(self.vault().await?.wallet().account(text)?.address)
    }

    /// The passphrase, if a file or the environment has it: without asking.
    pub(crate) fn given_passphrase(&self) -> Result<Option<SecretText>> {
        match &self.globals.passphrase_file {
            Some(file) => read_secret(file).map(Some),
            None => Ok(std::env::var("CSO_PASSPHRASE").ok().map(SecretText::from)),
        }
    }

    /// The passphrase of the wallet at `path`.
    fn passphrase(&self, path: &Path) -> Result<SecretText> {
        if let Some(given) = self.given_passphrase()? {
            return Ok(given);
        }
        let prompt = format!("Passphrase of {}: ", path.display());
        self.prompt().secret(&prompt, false, PASSPHRASE, INSTEAD)
    }

    /// A passphrase for a wallet that is to be made at `path`.
    fn new_passphrase(&self, path: &Path) -> Result<SecretText> {
        let check = |text: &SecretText| self.check_new(text, PASSPHRASE);
        if let Some(given) = self.given_passphrase()? {
            check(&given)?;
            return Ok(given);
        }
        let prompt = format!("Passphrase for the new wallet {}: ", path.display());
        self.prompt().secret_that(&prompt, true, PASSPHRASE, INSTEAD, check)
    }

    /// Refuses a new passphrase or password that is easily guessed, unless the user has said that
    /// it may be. Errors call it `what`.
    pub(crate) fn check_new(&self, text: &SecretText, what: &str) -> Result<()> {
        match require_strong(text) {
            Err(WeakPassphrase::Empty) => bail!("{what} is empty; choose one of at least four words"),
            Err(weak) if !self.globals.weak_passphrase => bail!(
                "{what} is too weak: {weak}; choose at least four random words, or give --weak-passphrase if nothing of worth is behind it"
            ),
            _ => Ok(()),
        }
    }

    /// Asks whether to go on, unless `yes`. Without a terminal, `--yes` is needed.
    pub(crate) fn confirm(&self, yes: bool, question: &str) -> Result<()> {
        if yes {
            return Ok(());
        }
        if !self.interactive() {
            bail!("{question} Nobody can be asked here: add --yes");
        }
        match self.prompt().line(&format!("{question} [y/N] "))?.to_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => bail!("nothing was done"),
        }
    }
}

/// The signing account: the named one, or the only one. `flag` is what names it.
pub(crate) fn signer<'a>(
    vault: &'a Vault,
    name: Option<&str>,
    flag: &'static str,
) -> Result<(&'a Account, Pair)> {
    let account = choose(vault, name, flag)?;
    let pair = account.pair()?;
    Ok((account, pair))
}

/// The named account, or the only one. `flag` is what names it.
pub(crate) fn choose<'a>(
    vault: &'a Vault,
    name: Option<&str>,
    flag: &'static str,
) -> Result<&'a Account> {
    vault.wallet().choose(name).map_err(|error| match error {
        WalletError::Ambiguous(_) => anyhow!("{error}; say which with {flag} NAME"),
        other => other.into(),
    })
}
