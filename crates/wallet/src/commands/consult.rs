// SPDX-License-Identifier: Apache-2.0
//! `cso consult`: the patient's commands.

use crate::amount::Amount;
use crate::chain::Chain;
use crate::consult::{
    close,
    intake::{Given, Intake},
    offer::Offer,
    opinion,
    prepare::{self, Profile, Terms},
    request, watch,
};
use crate::context::Context;
use crate::export;
use crate::keys::Pair;
use crate::report::{plain, Report, NOTICE};
use crate::vault::{consultation_pair, Asker, Outbox, Vault};
use anyhow::{bail, Result};
use clap::{Args, Subcommand};
use serde_json::json;

/// Blocks to the deadline if none is given: an hour of 3-second blocks.
const DEADLINE_BLOCKS: u32 = 1200;

/// Verbs of consultations.
#[derive(Subcommand, Debug)]
pub enum Consult {
    /// Show what would be asked and sent: every answer with its source
    #[command(
        after_help = "Examples:\n  cso consult preview --expert 5Fxyz… --protocol cha2ds2-vasc --bundle record.json\n  cso consult preview --expert 5Fxyz… --protocol 3 --answers answers.json -a smoker=no"
    )]
    Preview {
        #[command(flatten)]
        about: About,
    },
    /// Encrypt the answers, hand them to the expert's node, and request an opinion
    #[command(
        after_help = "Examples:\n  cso consult request --expert 5Fxyz… --protocol cha2ds2-vasc --bundle record.json\n  cso consult request --expert 5Fxyz… --protocol 3 --answers a.json --from anna --yes"
    )]
    Request(Box<Request>),
    /// Go on with a request that was interrupted
    #[command(
        after_help = "Example:\n  cso consult resume r-3f9a01b2      see `cso consult list`"
    )]
    Resume {
        /// Its handle
        id: String,
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
    #[command(after_help = "Example:\n  cso consult wait 7 --timeout 120 && cso consult open 7")]
    Wait {
        /// Number or handle [default: the newest]
        id: Option<String>,
        /// Give up after that long
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
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
    },
    /// Remove a consultation from the wallet only
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

/// What the consultation is about.
#[derive(Args, Debug)]
pub struct About {
    /// Address of the expert, or name in the wallet
    #[arg(long, value_name = "EXPERT")]
    expert: String,
    /// Number or id of the protocol, see `cso experts show`
    #[arg(long, value_name = "PROTOCOL")]
    protocol: String,
    #[command(flatten)]
    given: Given,
}

/// Flags of `request`.
#[derive(Args, Debug)]
pub struct Request {
    #[command(flatten)]
    about: About,
    /// Account that pays; the request is sent from a new account made for it
    #[arg(long, value_name = "NAME", conflicts_with = "use_account")]
    from: Option<String>,
    /// Send from this account itself: cheaper by one transfer, but links your consultations to
    /// each other
    #[arg(long, value_name = "NAME")]
    use_account: Option<String>,
    /// What the expert gets [default: the expert's price]
    #[arg(long, value_name = "CSO")]
    fee: Option<Amount>,
    /// Blocks (of 3 s) after which the fee returns if there is no answer [default: 1200]
    #[arg(long, value_name = "N")]
    deadline_blocks: Option<u32>,
    /// A question in words, sealed to the expert
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    question: String,
    /// Node that takes the record [default: the expert's endpoint on chain]
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// How the record is encrypted
    #[arg(long, value_enum, default_value = "private")]
    profile: Profile,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl Consult {
    pub async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Preview { about } => preview(context, about).await,
            Self::Request(flags) => ask(context, *flags).await,
            Self::Resume { id } => {
                let mut vault = context.vault()?;
                let handle = vault.wallet().consultation(Some(&id))?.handle.clone();
                let outbox = Outbox::of(&context.wallet_path()?);
                let chain = context.chain().await?;
                request::send(context, &chain, &mut vault, &outbox, &handle).await
            }
            Self::List => watch::list(context).await,
            Self::Status { id } => watch::status(context, id.as_deref()).await,
            Self::Wait { id, timeout } => watch::wait(context, id.as_deref(), timeout).await,
            Self::Open { id } => opinion::open(context, id.as_deref()).await,
            Self::Export(flags) => flags.run(context).await,
            Self::Accept { id } => close::accept(context, &id).await,
            Self::Expire { id, by } => close::expire(context, &id, by.as_deref()).await,
            Self::Erase { id, to } => close::erase(context, &id, to.as_deref()).await,
            Self::Forget { id, yes, abandon } => close::forget(context, &id, yes, abandon).await,
        }
    }
}

fn heading(offer: &Offer) -> String {
    let meta = offer.description.meta();
    let mut lines = vec![
        format!("{} (protocol {}, version {})", meta.title, offer.protocol, meta.version),
        format!("for: {}", meta.intended_use),
    ];
    lines.extend(meta.not_for.as_ref().map(|text| format!("not for: {text}")));
    lines.push(format!("expert {}, {} CSO", offer.address, offer.expert.price()));
    plain(&lines.join("\n"))
}

async fn preview(context: &mut Context, about: About) -> Result<Report> {
    let expert = context.address(None, &about.expert)?;
    let chain = context.chain().await?;
    context.steps.begin("check", "reading expert and protocol");
    let offer = Offer::fetch(&chain, expert, &about.protocol).await?;
    context.steps.begin("import", "reading the answers");
    let intake = Intake::collect(context, offer.description.intake(), &about.given)?;
    context.steps.end();
    let missing = intake.missing();
    let closing = match missing.as_slice() {
        [] => {
            format!("This is all that leaves, encrypted, in {} bits.", intake.encode()?.bits.len())
        }
        _ => format!(
            "{} to be answered: give them with -a ID=VALUE ({})",
            missing.len(),
            missing.join(", ")
        ),
    };
    let text = format!("{}\n\n{}\n\n{closing}\n{NOTICE}", heading(&offer), intake.text());
    let json = json!({
        "expert": expert.to_string(),
        "protocol": { "id": offer.protocol, "name": offer.description.meta().id, "title": offer.description.meta().title },
        "price": offer.expert.price(),
        "features": intake.json(),
        "missing": missing,
        "ready": missing.is_empty(),
        "notice": NOTICE,
    });
    Ok(Report::new(text, json))
}

async fn ask(context: &mut Context, flags: Request) -> Result<Report> {
    let Request {
        about,
        from,
        use_account,
        fee,
        deadline_blocks,
        question,
        endpoint,
        profile,
        yes,
    } = flags;
    prepare::check_question(&question)?;
    let mut vault = context.vault()?;
    let expert = context.address(Some(&vault), &about.expert)?;
    let fresh = use_account.is_none();
    let flag = if fresh { "--from" } else { "--use-account" };
    let payer = vault.wallet().choose(use_account.as_deref().or(from.as_deref()), flag)?;
    let (payer_name, payer_pair) = (payer.name.clone(), payer.pair()?);

    let chain = context.chain().await?;
    context.steps.begin("check", "reading expert and protocol");
    let offer = Offer::fetch(&chain, expert, &about.protocol).await?;
    offer.description.require_profile(profile.fhe())?;
    let fee = fee_or_price(fee, &offer)?;
    let deadline_blocks = deadline(&chain, deadline_blocks).await?;
    context.steps.begin("import", "reading the answers");
    let intake = Intake::collect(context, offer.description.intake(), &about.given)?;
    intake.require_complete()?;
    intake.encode()?;
    context.steps.begin("check", "checking balance and the expert's node");
    request::check_funds(&chain, &payer_name, &payer_pair.account(), fee, fresh).await?;
    let endpoint = endpoint.unwrap_or_else(|| offer.expert.endpoint());
    request::connect_pool(&endpoint).await?;
    context.steps.end();
    if context.interactive() {
        eprintln!("{}\n\n{}\n", heading(&offer), intake.text());
    }
    context.confirm(yes, &format!("Encrypt these answers, hand them to the expert's node, and hold {fee} CSO for the opinion?"))?;

    let account = asker(&chain, &vault, &payer_name, &payer_pair, fresh).await?;
    let next_index = match &account {
        Asker::Fresh { index, .. } => Some(index + 1),
        Asker::Existing { .. } => None,
    };
    context.steps.begin("encrypt", "encrypting the record");
    let terms = Terms { fee, deadline_blocks, question, endpoint, profile, account };
    let (consultation, record) =
        tokio::task::block_in_place(|| prepare::encrypt(chain.genesis(), &offer, &intake, terms))?;
    let handle = consultation.handle.clone();

    // All secrets are on disk before anything leaves.
    context.steps.begin("save", "saving keys and record");
    let outbox = Outbox::of(&context.wallet_path()?);
    outbox.put(&handle, &record)?;
    vault.change(|wallet| -> Result<()> {
        wallet.next_index = wallet.next_index.max(next_index.unwrap_or_default());
        wallet.consultations.push(consultation);
        Ok(())
    })?;
    request::send(context, &chain, &mut vault, &outbox, &handle).await
}

fn fee_or_price(fee: Option<Amount>, offer: &Offer) -> Result<Amount> {
    let price = offer.expert.price();
    match fee {
        Some(fee) if fee < price => bail!("the expert's price is {price} CSO, and the fee {fee} CSO is less; leave --fee out to pay the price"),
        Some(fee) => Ok(fee),
        None => Ok(price),
    }
}

async fn deadline(chain: &Chain, blocks: Option<u32>) -> Result<u32> {
    let bound = |value: u128| u32::try_from(value).unwrap_or(u32::MAX);
    let least = bound(chain.constant("Consultations", "MinTerm").await?);
    let most = bound(chain.constant("Consultations", "MaxTerm").await?);
    match blocks {
        Some(blocks) if blocks < least || blocks > most => {
            bail!(
                "--deadline-blocks {blocks} is not within this network's {least} to {most} blocks"
            )
        }
        Some(blocks) => Ok(blocks),
        None => Ok(DEADLINE_BLOCKS.clamp(least, most)),
    }
}

/// The account that asks: the chosen one, or the next below it that was never used.
async fn asker(
    chain: &Chain,
    vault: &Vault,
    name: &str,
    pair: &Pair,
    fresh: bool,
) -> Result<Asker> {
    if !fresh {
        return Ok(Asker::Existing { name: name.to_owned() });
    }
    let mut index = vault.wallet().next_index;
    loop {
        let own = consultation_pair(pair, index);
        let account = own.account();
        // A restored wallet counts from 0 again: step over accounts that were used before.
        if chain.nonce(&account).await? == 0 && chain.balance(&account).await?.free == Amount(0) {
            return Ok(Asker::Fresh { funded_by: name.to_owned(), index, secret: own.secret() });
        }
        index += 1;
    }
}
