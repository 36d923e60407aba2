// SPDX-License-Identifier: Apache-2.0
//! `cso wallet`: the wallet's file over the years: its passphrase, backups, and how they come back.

use crate::{
    context::{Context, Vault},
    input_file::{self, read_secret},
    output_file::OutputFile,
    report::{counted, table, Report},
};
use anyhow::{bail, Context as _, Result};
use clap::{Args, Subcommand};
use cso_client::{
    secret::SecretText,
    vault::{Backup, BackupError, Merged, Restored, RestoredAccount, RestoredDossier, Stage},
};
use serde_json::{json, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Longest backup: 256 MiB. A consultation takes below 512 KiB (72 KiB of answer, 6 KiB of note and
/// 10 KiB of envelope as two hex digits a byte, 32 KiB of description, the intake's answers), so
/// that is 512 of the longest.
const MAX_BACKUP_BYTES: usize = 256 << 20;

/// What passphrases are called, and where else than from the terminal they come from.
const NEW: &str = "the new passphrase";
const INSTEAD_OF_NEW: &str = "--new-passphrase-file FILE";
const OF_BACKUP: &str = "the backup's passphrase";
const OTHER_OF_BACKUP: &str = "the backup's passphrase, which isn't the wallet's,";
const INSTEAD_OF_BACKUP: &str = "--backup-passphrase-file FILE";

/// What a backup means for erasing, wherever one is made.
const AFTER_ERASING: &str = "It has the keys of all consultations that aren't erased yet: after `cso consult erase` make a new one and destroy the older ones.";

/// Verbs of the wallet's file.
#[derive(Subcommand, Debug)]
pub(crate) enum Wallet {
    /// Change the passphrase; copies and backups made before keep the old one
    #[command(
        after_help = "Examples:\n  cso wallet passphrase                                 asks for the old one, and twice for the new one\n  cso wallet passphrase --passphrase-file old --new-passphrase-file new"
    )]
    Passphrase {
        /// File whose first line is the new passphrase; else the terminal is asked
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Write all accounts and consultations to a file of their own, under the wallet's passphrase
    ///
    /// The keys of records and notes are random: no mnemonic brings them back, and without them an
    /// opinion can't be read. A backup has them. Erasing a consultation destroys its keys in the
    /// wallet, not in backups that were made before.
    #[command(
        after_help = "Examples:\n  cso wallet backup /media/stick/cso-backup.age\n  cso wallet backup --force /media/stick/cso-backup.age      in the place of the last one"
    )]
    Backup {
        /// File to write
        file: PathBuf,
        /// Replace the file if it's there
        #[arg(long)]
        force: bool,
    },
    /// Bring back what a backup has and the wallet hasn't; without a wallet, make it of the backup
    ///
    /// Nothing that the wallet has is set back. A consultation that is erased in the wallet or in
    /// the backup is erased afterwards. A copy of a wallet's file is taken as a backup too.
    #[command(
        after_help = "Examples:\n  cso wallet restore /media/stick/cso-backup.age\n  cso wallet restore cso-backup.age --backup-passphrase-file old --yes"
    )]
    Restore(Restore),
}

/// Flags of `restore`.
#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The backup
    file: PathBuf,
    /// File whose first line is the backup's passphrase, if that isn't the wallet's
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    /// File whose first line is a passphrase for the wallet that is made [default: the backup's]
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl Wallet {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Passphrase { new_passphrase_file } => {
                passphrase(context, new_passphrase_file.as_deref()).await
            }
            Self::Backup { file, force } => backup(context, &file, force).await,
            Self::Restore(flags) => restore(context, flags).await,
        }
    }
}

async fn passphrase(context: &mut Context, file: Option<&Path>) -> Result<Report> {
    let given = file.map(|file| new_passphrase(context, file)).transpose()?;
    let mut vault = context.vault().await?;
    let new = match given {
        Some(new) => new,
        None => {
            let check = |text: &SecretText| context.check_new(text, NEW);
            let prompt = "New passphrase: ";
            context.prompt().secret_that(prompt, true, NEW, INSTEAD_OF_NEW, check)?
        }
    };
    context.steps.begin("save", "saving");
    vault.rekey(new).await?;
    context.steps.end();
    let path = context.wallet_path()?;
    let mut text = format!("the passphrase of {} is changed\nCopies and backups made before keep the old one: who has one of them, and the old passphrase, has all that is in it. Make a new one with `cso wallet backup FILE`, and destroy the older ones.", path.display());
    if let Some(stale) = where_the_old_one_is(context)? {
        text.push_str(&format!("\n{stale} still has the old one."));
    }
    Ok(Report::new(text, json!({ "wallet": path })))
}

/// What gave the passphrase that was changed, if nobody typed it.
fn where_the_old_one_is(context: &Context) -> Result<Option<String>> {
    Ok(match context.passphrase_file() {
        Some(file) => Some(file.display().to_string()),
        None => context.given_passphrase()?.map(|_| "CSO_PASSPHRASE".to_owned()),
    })
}

/// A new passphrase from a file.
fn new_passphrase(context: &Context, file: &Path) -> Result<SecretText> {
    let new = read_secret(file)?;
    context.check_new(&new, NEW)?;
    Ok(new)
}

async fn backup(context: &mut Context, file: &Path, force: bool) -> Result<Report> {
    require_elsewhere(file, &context.wallet_path()?)?;
    let output = OutputFile::backup(file, force)?;
    let mut vault = context.vault().await?;
    context.steps.begin("backup", "writing the backup");
    output.write(&vault.backup().await?)?;
    context.steps.end();
    let (accounts, dossiers) = (vault.wallet().accounts.len(), vault.wallet().dossiers.len());
    let text = format!(
        "{} written: {} and {}, under the wallet's passphrase\nKeep it in another place than this computer. {AFTER_ERASING}",
        file.display(),
        counted(accounts, "account"),
        counted(dossiers, "consultation"),
    );
    let json = json!({ "file": file, "accounts": accounts, "consultations": dossiers });
    Ok(Report::new(text, json))
}

/// Refuses to write a backup over the wallet itself, which `--force` would allow.
fn require_elsewhere(file: &Path, wallet: &Path) -> Result<()> {
    match (fs::canonicalize(file), fs::canonicalize(wallet)) {
        (Ok(file), Ok(wallet)) if file == wallet => {
            bail!("{} is the wallet itself; name another file", file.display())
        }
        _ => Ok(()),
    }
}

async fn restore(context: &mut Context, flags: Restore) -> Result<Report> {
    let Restore { file, backup_passphrase_file, new_passphrase_file, yes } = flags;
    let path = context.wallet_path()?;
    let is_new = !context.storage()?.exists();
    if !is_new && new_passphrase_file.is_some() {
        bail!(
            "the wallet {} is there and keeps its passphrase; change it with `cso wallet passphrase`",
            path.display()
        );
    }
    let bytes = input_file::read(&file, MAX_BACKUP_BYTES)?;
    let of_backup = backup_passphrase_file.map(|file| read_secret(&file)).transpose()?;
    let (mut vault, backup) = match is_new {
        true => begin(context, &file, &bytes, of_backup, new_passphrase_file)?,
        false => open_both(context, &file, &bytes, of_backup).await?,
    };
    let plan = backup.plan(vault.wallet());
    if !is_new && !plan.changes_anything() {
        let text = format!("nothing to add: {} has all of it\n{}", path.display(), list(&plan));
        return Ok(Report::new(text, json(&file, &path, is_new, &plan)));
    }
    let is_shown = !yes && context.interactive();
    if is_shown {
        context.prompt().say(&list(&plan));
    }
    context.confirm(yes, &question(&file, &path, is_new, &plan))?;
    context.steps.begin("save", "saving");
    let restored = vault.restore(&backup).await?;
    context.steps.end();
    let done = match is_new {
        true => format!("{} made of {}", path.display(), file.display()),
        false => format!("{} taken into {}", file.display(), path.display()),
    };
    let list = match is_shown && restored == plan {
        true => String::new(),
        false => format!("\n{}", list(&restored)),
    };
    let text = format!(
        "{done}{list}\nThe chain may have come further than the backup: `cso consult list` shows where each consultation stands now."
    );
    Ok(Report::new(text, json(&file, &path, is_new, &restored)))
}

/// A wallet that is to be made of the backup.
fn begin(
    context: &Context,
    file: &Path,
    bytes: &[u8],
    of_backup: Option<SecretText>,
    new_passphrase_file: Option<PathBuf>,
) -> Result<(Vault, Backup)> {
    let new = new_passphrase_file.map(|file| new_passphrase(context, &file)).transpose()?;
    let given = context.given_passphrase()?;
    // With a passphrase for the backup alone, the other one is the wallet's.
    let new = match (new, &of_backup, &given) {
        (None, Some(_), Some(given)) => {
            context.check_new(given, NEW)?;
            Some(given.clone())
        }
        (new, _, _) => new,
    };
    let of_backup = match of_backup.or(given) {
        Some(given) => given,
        None => ask_for_backup(context, file, OF_BACKUP)?,
    };
    let backup = open(context, file, || Backup::open(bytes, &of_backup))?;
    let vault = Vault::create(context.storage()?, new.unwrap_or(of_backup))?;
    Ok((vault, backup))
}

/// The wallet, and the backup that is to be taken in: under the wallet's passphrase, unless another
/// one is given or typed.
async fn open_both(
    context: &Context,
    file: &Path,
    bytes: &[u8],
    of_backup: Option<SecretText>,
) -> Result<(Vault, Backup)> {
    let vault = context.vault().await?;
    if let Some(passphrase) = of_backup {
        let backup = open(context, file, || Backup::open(bytes, &passphrase))?;
        return Ok((vault, backup));
    }
    let backup = match vault.open_backup(bytes) {
        Err(BackupError::Passphrase) => {
            let passphrase = ask_for_backup(context, file, OTHER_OF_BACKUP)?;
            open(context, file, || Backup::open(bytes, &passphrase))?
        }
        opened => open(context, file, || opened)?,
    };
    Ok((vault, backup))
}

fn ask_for_backup(context: &Context, file: &Path, what: &str) -> Result<SecretText> {
    let prompt = format!("Passphrase of the backup {}: ", file.display());
    context.prompt().secret(&prompt, false, what, INSTEAD_OF_BACKUP)
}

fn open(
    context: &Context,
    file: &Path,
    open: impl FnOnce() -> Result<Backup, BackupError>,
) -> Result<Backup> {
    context.steps.begin("backup", "opening the backup");
    let backup = open().with_context(|| file.display().to_string())?;
    context.steps.end();
    Ok(backup)
}

fn question(file: &Path, path: &Path, is_new: bool, plan: &Restored) -> String {
    let accounts = plan.accounts.iter().filter(|one| one.merged == Merged::Added).count();
    let count = |merged| plan.dossiers.iter().filter(|one| one.merged == merged).count();
    let (file, path) = (file.display(), path.display());
    let what = format!(
        "{} and {}",
        counted(accounts, "account"),
        counted(count(Merged::Added), "consultation")
    );
    let erased = match count(Merged::Erased) {
        0 => String::new(),
        erased => format!(
            " The keys of {} that the backup has as erased are destroyed here too.",
            counted(erased, "consultation")
        ),
    };
    let advanced = match count(Merged::Advanced) {
        0 => String::new(),
        advanced => format!(
            " {} in which the backup has come further are brought up to date.",
            counted(advanced, "consultation")
        ),
    };
    match is_new {
        true => format!("Make the wallet {path} of {file}, with {what}?"),
        false => format!("Add {what} of {file} to the wallet {path}?{advanced}{erased}"),
    }
}

/// What becomes of everything in the backup, a line each.
fn list(restored: &Restored) -> String {
    let accounts = restored.accounts.iter().map(|one| {
        let RestoredAccount { name, name_in_backup, address, merged } = one;
        let other = match name_in_backup {
            Some(other) => format!(", `{other}` in the backup"),
            None => String::new(),
        };
        vec![word(*merged).to_owned(), format!("account {name} ({address}){other}")]
    });
    let dossiers = restored.dossiers.iter().map(|one| {
        let handle = &one.handle;
        let name = match number(one.stage) {
            Some(id) => format!("consultation {id} ({handle})"),
            None => format!("consultation {handle}"),
        };
        vec![word(one.merged).to_owned(), format!("{name}{}", fate(one))]
    });
    table(&accounts.chain(dossiers).collect::<Vec<_>>())
}

fn word(merged: Merged) -> &'static str {
    match merged {
        Merged::Added => "added",
        Merged::Present => "there already",
        Merged::StaysErased => "not brought back",
        Merged::Advanced => "brought up to date",
        Merged::Erased => "erased",
    }
}

/// What there is to say of a consultation beside that word.
fn fate(one: &RestoredDossier) -> String {
    match (one.merged, one.stage) {
        (Merged::StaysErased, _) => ": it was erased since, and its keys stay destroyed".into(),
        (Merged::Advanced, _) => ": the backup has come further".into(),
        (Merged::Erased, _) => {
            ": the backup has it as erased, and its keys are destroyed here too".into()
        }
        (Merged::Added, Stage::Prepared | Stage::Submitting { .. }) => {
            format!(": go on with `cso consult resume {}`", one.handle)
        }
        _ => String::new(),
    }
}

fn number(stage: Stage) -> Option<u64> {
    match stage {
        Stage::Prepared | Stage::Submitting { .. } => None,
        Stage::Requested { id } | Stage::Erased { id } => Some(id),
    }
}

fn json(file: &Path, wallet: &Path, is_new: bool, restored: &Restored) -> Value {
    let accounts = |merged| -> Vec<Value> {
        let those = restored.accounts.iter().filter(|one| one.merged == merged);
        let shown = those.map(|one| {
            json!({
                "name": one.name,
                "address": one.address.to_string(),
                "name_in_backup": one.name_in_backup,
            })
        });
        shown.collect()
    };
    let dossiers = |merged| -> Vec<Value> {
        let those = restored.dossiers.iter().filter(|one| one.merged == merged);
        those.map(|one| json!({ "handle": one.handle, "id": number(one.stage) })).collect()
    };
    json!({
        "backup": file,
        "wallet": wallet,
        "new": is_new,
        "accounts": {
            "added": accounts(Merged::Added),
            "there": accounts(Merged::Present),
        },
        "consultations": {
            "added": dossiers(Merged::Added),
            "there": dossiers(Merged::Present),
            "brought_up_to_date": dossiers(Merged::Advanced),
            "erased": dossiers(Merged::Erased),
            "not_brought_back": dossiers(Merged::StaysErased),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dossier(handle: &str, stage: Stage, merged: Merged) -> RestoredDossier {
        RestoredDossier { handle: handle.into(), stage, merged }
    }

    fn restored() -> Restored {
        let address = [7; 32].into();
        let name_in_backup = Some("anna".to_owned());
        let account = |name: &str, merged| RestoredAccount {
            name: name.into(),
            name_in_backup: name_in_backup.clone(),
            address,
            merged,
        };
        Restored {
            accounts: vec![account("anna-2", Merged::Added), account("ben", Merged::Present)],
            dossiers: vec![
                dossier("r-1", Stage::Prepared, Merged::Added),
                dossier("r-2", Stage::Requested { id: 2 }, Merged::Present),
                dossier("r-3", Stage::Erased { id: 3 }, Merged::StaysErased),
                dossier("r-4", Stage::Erased { id: 4 }, Merged::Erased),
            ],
        }
    }

    #[test]
    fn what_becomes_of_everything_is_said_in_words_and_as_json() {
        let said = list(&restored());
        assert_eq!(said.lines().count(), 6);
        for words in [
            "account anna-2 (5",
            "`anna` in the backup",
            "consultation r-1: go on with `cso consult resume r-1`",
            "there already     consultation 2 (r-2)",
            "not brought back  consultation 3 (r-3): it was erased since",
            "erased            consultation 4 (r-4): the backup has it as erased",
        ] {
            assert!(said.contains(words), "{words} in: {said}");
        }
        let json = json(Path::new("b"), Path::new("w"), false, &restored());
        assert_eq!(json["accounts"]["added"][0]["name_in_backup"], "anna");
        for (group, handle) in
            [("added", "r-1"), ("there", "r-2"), ("not_brought_back", "r-3"), ("erased", "r-4")]
        {
            let those = json["consultations"][group].as_array().unwrap();
            assert!(those.len() == 1 && those[0]["handle"] == handle, "{group}: {those:?}");
        }
    }

    #[test]
    fn the_question_says_what_is_added_and_what_is_destroyed() {
        let said = question(Path::new("b"), Path::new("w"), false, &restored());
        assert!(!said.contains('\n'));
        for words in ["1 account and 1 consultation", "keys of 1 consultation", "destroyed"] {
            assert!(said.contains(words), "{words} in: {said}");
        }
    }
}
