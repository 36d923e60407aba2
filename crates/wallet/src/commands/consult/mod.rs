// SPDX-License-Identifier: Apache-2.0
//! `cso consult`: the patient's commands.
//!
//! | module | what |
//! |---|---|
//! | `given`, `keyboard` | where answers come from; asking them at the terminal |
//! | `question` | the question to the expert |
//! | `request` | preview, request, resume |
//! | `watch` | status, wait, list |
//! | `notify` | a command that is run when waiting is over |
//! | `opinion` | the opinion as text and JSON |
//! | `export` | the opinion as a file |
//! | `close` | accept, expire, erase, forget |

mod close;
mod export;
pub(crate) mod given;
mod keyboard;
mod notify;
pub(crate) mod opinion;
mod question;
mod request;
mod watch;

use crate::{context::Context, report::Report};
use anyhow::Result;
use clap::Subcommand;

/// Verbs of consultations.
#[derive(Subcommand, Debug)]
pub(crate) enum Consult {
    /// Show what would be asked and sent: every answer with its source
    #[command(
        after_help = "Examples:\n  cso consult preview --expert 5Fxyz… --protocol cha2ds2-vasc --bundle history.json\n  cso consult preview --expert 5Fxyz… --protocol 3 --answers answers.json -a smoker=no"
    )]
    Preview {
        #[command(flatten)]
        about: request::About,
    },
    /// Encrypt the answers, hand them to the expert's node, and request an opinion
    #[command(
        after_help = "Examples:\n  cso consult request --expert 5Fxyz… --protocol cha2ds2-vasc --bundle history.json\n  cso consult request --expert 5Fxyz… --protocol 3 --answers a.json --from anna --max-fee 5 --yes"
    )]
    Request(Box<request::Request>),
    /// Go on with a request that was interrupted
    #[command(
        after_help = "Example:\n  cso consult resume r-3f9a01b2      see `cso consult list`"
    )]
    Resume {
        /// Its handle
        id: String,
        /// Of one that came back from a backup you know that the lost wallet hasn't asked it
        #[arg(long)]
        not_asked: bool,
        #[command(flatten)]
        contact: request::ContactFlags,
    },
    /// List the wallet's consultations
    #[command(after_help = "Example:\n  cso consult list")]
    List,
    /// Where a consultation stands
    #[command(
        after_help = "Examples:\n  cso consult status         the newest\n  cso consult status 7"
    )]
    Status {
        /// Number or handle [default: the newest]
        id: Option<String>,
    },
    /// Wait for the opinion; exit code 3 if it's declined or expires, 4 if time runs out
    #[command(
        after_help = "Examples:\n  cso consult wait 7 --timeout 120 && cso consult open 7\n  cso consult wait 7 --notify 'notify-send \"consultation $CSO_ID: $CSO_STATUS\"'"
    )]
    Wait {
        /// Number or handle [default: the newest]
        id: Option<String>,
        /// Give up after that long
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
        /// Run this by `sh -c` (on Windows `cmd /C`) when waiting is over, however it ends:
        /// CSO_HANDLE and CSO_ID say which consultation, CSO_STATUS in a word how it ended
        /// (delivered, declined, expired, timeout, failed, …)
        #[arg(long, value_name = "COMMAND")]
        notify: Option<String>,
    },
    /// Decrypt and show the opinion
    #[command(
        after_help = "Examples:\n  cso consult open         the newest\n  cso consult open 7 --json"
    )]
    Open {
        /// Number or handle [default: the newest]
        id: Option<String>,
    },
    /// Write the opinion to a file, for a doctor or for a program
    #[command(
        after_help = "Examples:\n  cso consult export 7 --out opinion.pdf\n  cso consult export 7 --out opinion.json --format fhir"
    )]
    Export(export::Export),
    /// Accept the opinion: the expert is paid now, not after the challenge period
    #[command(after_help = "Example:\n  cso consult accept 7")]
    Accept {
        /// Number or handle
        id: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Return the fee of a consultation whose deadline has passed; the chain does it by itself
    /// soon after
    #[command(after_help = "Example:\n  cso consult expire 7")]
    Expire {
        /// Number or handle
        id: String,
        /// Who signs, if it's not the wallet's own consultation
        #[arg(long = "as", value_name = "NAME")]
        by: Option<String>,
    },
    /// Remove all of a closed consultation from the chain, bring the rest of the money back,
    /// destroy its keys
    #[command(after_help = "Example:\n  cso consult erase 7")]
    Erase {
        /// Number or handle
        id: String,
        /// Where the rest goes [default: the account that paid]
        #[arg(long, value_name = "NAME|ADDRESS")]
        to: Option<String>,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Drop a request that never got through (its money comes back first), or an erased
    /// consultation's line in the wallet
    #[command(
        after_help = "Example:\n  cso consult forget r-3f9a01b2      for a request that never got through"
    )]
    Forget {
        /// Number or handle
        id: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
        /// Leave behind what money and record may still be out there
        #[arg(long)]
        abandon: bool,
    },
}

impl Consult {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Preview { about } => request::preview(context, about).await,
            Self::Request(flags) => request::request(context, *flags).await,
            Self::Resume { id, not_asked, contact } => {
                request::resume(context, &id, not_asked, contact).await
            }
            Self::List => watch::list(context).await,
            Self::Status { id } => watch::status(context, id.as_deref()).await,
            Self::Wait { id, timeout, notify } => {
                watch::wait(context, id.as_deref(), timeout, notify.as_deref()).await
            }
            Self::Open { id } => opinion::open(context, id.as_deref()).await,
            Self::Export(flags) => flags.run(context).await,
            Self::Accept { id, yes } => close::accept(context, &id, yes).await,
            Self::Expire { id, by } => close::expire(context, &id, by.as_deref()).await,
            Self::Erase { id, to, yes } => close::erase(context, &id, to.as_deref(), yes).await,
            Self::Forget { id, yes, abandon } => close::forget(context, &id, yes, abandon).await,
        }
    }
}
