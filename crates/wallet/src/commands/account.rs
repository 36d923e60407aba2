// SPDX-License-Identifier: Apache-2.0
//! `cso account`: keys in the wallet, and the money they hold.

mod recover;

use crate::{
    consent::{self, named},
    context::{signer, Context, Vault},
    input_file::{self, read_secret, MAX_ACCOUNT_FILE_BYTES},
    output_file::OutputFile,
    report::{list as rows_of, table, Report},
};
use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args, Subcommand};
use cso_client::{
    address::parse_address,
    chain::{Balance, Call, Chain, Until},
    keys::new_mnemonic,
    polkadot_js,
    secret::SecretText,
    vault::{Asker, Dossier, VaultError},
    AccountId, Amount, Pair,
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Verbs of accounts.
#[derive(Subcommand, Debug)]
pub(crate) enum Account {
    /// Make a new account; the first one makes the wallet
    #[command(
        after_help = "Examples:\n  cso account create anna\n  cso account export anna --suri      write the mnemonic down: it brings the account back"
    )]
    Create {
        /// How to call it
        name: String,
    },
    /// Take an existing account in
    #[command(
        after_help = "Examples:\n  cso account import anna                       asks for the mnemonic\n  cso account import anna --suri-file words.txt\n  cso account import anna --polkadot-js anna.json\n  cso account import alice --suri //Alice       a development account"
    )]
    Import(Import),
    /// Write an account's secret out
    #[command(
        after_help = "Examples:\n  cso account export anna --suri                    prints the mnemonic or secret URI\n  cso account export anna --polkadot-js anna.json   for the polkadot-js extension and apps"
    )]
    Export(Export),
    /// List the wallet's accounts
    #[command(after_help = "Example:\n  cso account list")]
    List,
    /// What accounts hold: free, and held as fees, deposits and bonds
    #[command(
        after_help = "Examples:\n  cso account balance          all of the wallet\n  cso account balance anna"
    )]
    Balance {
        /// Name or address
        account: Option<String>,
    },
    /// Send CSO
    #[command(
        after_help = "Example:\n  cso account transfer --from anna --to 5Fxyz… --amount 2.5"
    )]
    Transfer {
        /// Paying account
        #[arg(long, value_name = "NAME")]
        from: Option<String>,
        /// Receiving account
        #[arg(long, value_name = "NAME|ADDRESS")]
        to: String,
        /// CSO to send
        #[arg(long, value_name = "CSO")]
        amount: Amount,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Bring back the money in accounts of consultations that a lost wallet has made
    ///
    /// Their keys follow from the account that paid, which its mnemonic brings back, and a number
    /// that only the lost wallet knew: the numbers that it may have begun with since that day are
    /// tried out, about a minute for each month.
    #[command(
        after_help = "Example:\n  cso account import anna && cso account recover anna --since 2026-09-01"
    )]
    Recover(recover::Recover),
    /// Remove an account from the wallet
    #[command(
        after_help = "Example:\n  cso account remove anna      export it first: without its secret, what it holds is lost"
    )]
    Remove {
        /// Its name
        name: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
}

/// Flags of `import`.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// How to call it
    name: String,
    /// Mnemonic or secret URI; other users of this machine can see it while the command runs
    #[arg(long, value_name = "SURI", group = "source")]
    suri: Option<String>,
    /// File whose first line is the mnemonic or secret URI
    #[arg(long, value_name = "FILE", group = "source")]
    suri_file: Option<PathBuf>,
    /// Account file exported by polkadot-js
    #[arg(long, value_name = "FILE", group = "source")]
    polkadot_js: Option<PathBuf>,
    /// File with that account file's password; else CSO_EXPORT_PASSWORD, else the terminal is
    /// asked
    #[arg(long, value_name = "FILE", requires = "polkadot_js")]
    password_file: Option<PathBuf>,
}

/// Flags of `export`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("form").required(true))]
pub(crate) struct Export {
    /// Its name
    name: String,
    /// Print the mnemonic or secret URI
    #[arg(long, group = "form")]
    suri: bool,
    /// Write an account file for polkadot-js; `-` prints it, with --json as `account`
    #[arg(long, value_name = "FILE", group = "form")]
    polkadot_js: Option<PathBuf>,
    /// File with a password for the account file; else CSO_EXPORT_PASSWORD, else the terminal is
    /// asked
    #[arg(long, value_name = "FILE", requires = "polkadot_js")]
    password_file: Option<PathBuf>,
    /// Replace the file that --polkadot-js names
    #[arg(long, requires = "polkadot_js")]
    force: bool,
}

impl Account {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Create { name } => create(context, &name).await,
            Self::Import(flags) => import(context, flags).await,
            Self::Export(flags) => export(context, flags).await,
            Self::List => list(context).await,
            Self::Balance { account } => balance(context, account).await,
            Self::Transfer { from, to, amount, yes } => {
                transfer(context, from, &to, amount, yes).await
            }
            Self::Recover(flags) => flags.run(context).await,
            Self::Remove { name, yes } => remove(context, &name, yes).await,
        }
    }
}

async fn create(context: &mut Context, name: &str) -> Result<Report> {
    let mut vault = context.vault_or_new().await?;
    let mnemonic = new_mnemonic();
    let pair = Pair::from_suri(mnemonic.expose())?;
    let address = add(&mut vault, name, &pair, Some(mnemonic)).await?;
    let text = format!("{name}  {address}\nWrite its mnemonic down, it brings the account back: `cso account export {name} --suri`\nIt doesn't bring consultations back: make a backup after each request, `cso wallet backup FILE`");
    Ok(Report::new(text, json!({ "name": name, "address": address })))
}

async fn import(context: &mut Context, flags: Import) -> Result<Report> {
    let Import { name, suri, suri_file, polkadot_js: file, password_file } = flags;
    let (pair, suri) = match (suri, suri_file, file) {
        (Some(suri), _, _) => from_suri(suri.into())?,
        (_, Some(file), _) => from_suri(read_secret(&file)?)?,
        (_, _, Some(file)) => {
            let json = input_file::read_text(&file, MAX_ACCOUNT_FILE_BYTES)?;
            let prompt = "Password of the account file: ";
            let password = password(context, password_file.as_deref(), prompt, false)?;
            let pair = polkadot_js::decrypt(&json, password.expose())
                .with_context(|| file.display().to_string())?;
            (pair, None)
        }
        (None, None, None) => from_suri(context.prompt().secret(
            "Mnemonic or secret URI: ",
            false,
            "the account's mnemonic",
            "--suri-file FILE or --polkadot-js FILE",
        )?)?,
    };
    let mut vault = context.vault_or_new().await?;
    let address = add(&mut vault, &name, &pair, suri).await?;
    Ok(Report::new(format!("{name}  {address}"), json!({ "name": name, "address": address })))
}

fn from_suri(suri: SecretText) -> Result<(Pair, Option<SecretText>)> {
    let pair = Pair::from_suri(suri.expose())?;
    Ok((pair, Some(suri.expose().trim().to_owned().into())))
}

async fn add(
    vault: &mut Vault,
    name: &str,
    pair: &Pair,
    suri: Option<SecretText>,
) -> Result<String> {
    vault
        .change(|wallet| -> Result<(), VaultError> { Ok(wallet.add(name, pair, suri.clone())?) })
        .await?;
    Ok(pair.account().to_string())
}

async fn export(context: &mut Context, flags: Export) -> Result<Report> {
    let Export { name, polkadot_js: file, password_file, force, suri: _ } = flags;
    let vault = context.vault().await?;
    let account = vault.wallet().account(&name)?;
    let address = account.address.to_string();
    let Some(file) = file else {
        let suri = account.suri.as_ref().with_context(|| {
            format!("`{name}` was imported without its mnemonic; export it with --polkadot-js FILE")
        })?;
        let json = json!({ "name": name, "address": address, "suri": suri.expose() });
        return Ok(Report::document(suri.expose(), json));
    };
    let prompt = "A password for the account file: ";
    let password = password(context, password_file.as_deref(), prompt, true)?;
    context.check_new(&password, "the account file's password")?;
    let now = jiff::Timestamp::now().as_millisecond();
    let text = polkadot_js::encrypt(&account.pair()?, &name, password.expose(), now);
    if file == Path::new("-") {
        let account: Value = serde_json::from_str(&text)?;
        let json = json!({ "name": name, "address": address, "account": account });
        return Ok(Report::document(text, json));
    }
    let json = json!({ "name": name, "address": address, "file": file });
    OutputFile::private(&file, force)?.write(text.as_bytes())?;
    Ok(Report::new(format!("{} written", file.display()), json))
}

fn password(context: &Context, file: Option<&Path>, prompt: &str, new: bool) -> Result<SecretText> {
    if let Some(file) = file {
        return read_secret(file);
    }
    if let Ok(password) = std::env::var("CSO_EXPORT_PASSWORD") {
        return Ok(password.into());
    }
    context.prompt().secret(
        prompt,
        new,
        "the account file's password",
        "--password-file FILE or set CSO_EXPORT_PASSWORD",
    )
}

/// Accounts made for consultations that aren't erased: handle and address.
fn consultation_accounts(vault: &Vault) -> Result<Vec<(String, AccountId)>> {
    let live = |one: &&Dossier| matches!(one.account, Asker::Fresh { .. }) && !one.is_erased();
    let wallet = vault.wallet();
    wallet
        .dossiers
        .iter()
        .filter(live)
        .map(|one| Ok((one.handle.clone(), wallet.asking_pair(one)?.account())))
        .collect()
}

async fn list(context: &mut Context) -> Result<Report> {
    let vault = context.vault().await?;
    let mut rows = Vec::new();
    let mut accounts = Vec::new();
    for account in &vault.wallet().accounts {
        let address = account.address.to_string();
        rows.push(vec![account.name.clone(), address.clone()]);
        accounts
            .push(json!({ "name": account.name, "address": address, "for_consultation": null }));
    }
    for (handle, address) in consultation_accounts(&vault)? {
        let address = address.to_string();
        rows.push(vec![handle.clone(), address.clone(), "made for that consultation".into()]);
        accounts.push(json!({ "name": handle, "address": address, "for_consultation": handle }));
    }
    Ok(Report::new(table(&rows), json!({ "accounts": accounts })))
}

async fn balance(context: &mut Context, account: Option<String>) -> Result<Report> {
    let accounts = match account {
        Some(text) => match parse_address(&text)? {
            Some(address) => vec![(String::new(), address)],
            None => {
                let vault = context.vault().await?;
                let address = vault.wallet().account(&text)?.address;
                vec![(text, address)]
            }
        },
        None => {
            let vault = context.vault().await?;
            let own = vault.wallet().accounts.iter().map(|one| (one.name.clone(), one.address));
            own.chain(consultation_accounts(&vault)?).collect()
        }
    };
    let chain = context.chain().await?;
    context.steps.begin("read", "reading balances");
    let mut rows = vec![["account", "free", "held", "address"].map(str::to_owned).to_vec()];
    let mut shown = Vec::new();
    for (name, address) in accounts {
        let balance = chain.balance(&address).await?;
        let address = address.to_string();
        rows.push(vec![
            name.clone(),
            balance.free.to_string(),
            balance.held.to_string(),
            address.clone(),
        ]);
        shown.push(balance_json(&name, &address, balance));
    }
    Ok(Report::new(rows_of(&rows), json!({ "accounts": shown })))
}

fn balance_json(name: &str, address: &str, balance: Balance) -> Value {
    let name = (!name.is_empty()).then_some(name);
    let total = Amount(balance.free.0.saturating_add(balance.held.0));
    json!({ "name": name, "address": address, "free": balance.free, "held": balance.held, "total": total })
}

async fn transfer(
    context: &mut Context,
    from: Option<String>,
    to: &str,
    amount: Amount,
    yes: bool,
) -> Result<Report> {
    let vault = context.vault().await?;
    let (account, pair) = signer(&vault, from.as_deref(), "--from")?;
    let (to_name, to) = (to, context.address(Some(&vault), to).await?);
    let question =
        consent::transfer(amount, &named(&account.name, &account.address), &named(to_name, &to));
    context.confirm(yes, &question)?;
    context.at_interrupt("nothing was sent");
    let chain = context.chain().await?;
    context.steps.begin("submit", "waiting for the transfer to be final");
    context.at_interrupt("the transfer may be on its way: see `cso account balance` in a minute, before it is sent again");
    let receipt = chain.submit(&Call::Transfer { to, amount }, &pair, Until::Finalized).await?;
    let from = account.address.to_string();
    let json =
        json!({ "from": from, "to": to.to_string(), "amount": amount, "block": receipt.block });
    Ok(Report::new(format!("{amount} CSO sent to {to} in block {}", receipt.block), json))
}

async fn remove(context: &mut Context, name: &str, yes: bool) -> Result<Report> {
    let mut vault = context.vault().await?;
    let address = vault.wallet().account(name)?.address;
    vault.wallet().check_removable(name)?;
    context.confirm(
        yes,
        &format!(
            "Remove {name} ({address}) from the wallet? Without its secret, what it holds is lost."
        ),
    )?;
    vault.change(|wallet| -> Result<(), VaultError> { Ok(wallet.remove(name)?) }).await?;
    Ok(Report::new(
        format!("{name} removed"),
        json!({ "name": name, "address": address.to_string() }),
    ))
}
