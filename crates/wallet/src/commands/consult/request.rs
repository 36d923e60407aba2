// SPDX-License-Identifier: Apache-2.0
//! Asking: what would leave, and the request itself.

use super::given::{self, GivenFlags};
use super::question::{self, QuestionFlags};
use crate::{
    consent::{self, Way},
    context::{choose, Context, Vault},
    hint, profile,
    report::{one_line, warn, Report, NOTICE},
};
use anyhow::{anyhow, Result};
use clap::Args;
use cso_client::{
    chain::{node::NodeChain, Chain},
    consultation::{Filling, Offer, Payer, RequestError, Requested, Terms},
    Amount, HandOff,
};
use cso_clinical::{Description, Eligibility};
use cso_fhe::Profile;
use serde_json::json;

/// What the consultation is about.
#[derive(Args, Debug)]
pub(crate) struct About {
    /// Address of the expert, or name in the wallet
    #[arg(long, value_name = "EXPERT")]
    expert: String,
    /// Number or id of the protocol, see `cso directory show`
    #[arg(long, value_name = "PROTOCOL")]
    protocol: String,
    #[command(flatten)]
    given: GivenFlags,
}

/// Flags of `request`.
#[derive(Args, Debug)]
pub(crate) struct Request {
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
    /// Refuse if the expert gets more than that; --yes needs it, or --fee
    #[arg(long, value_name = "CSO")]
    max_fee: Option<Amount>,
    /// Blocks (of 3 s) after which the fee returns if there is no answer [default: 1200]
    #[arg(long, value_name = "N")]
    deadline_blocks: Option<u32>,
    #[command(flatten)]
    question: QuestionFlags,
    /// Node that takes the record [default: the expert's endpoint on chain]
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    #[command(flatten)]
    contact: ContactFlags,
    /// How the record is encrypted
    #[arg(long, value_parser = profile::parser(), default_value = Profile::Private.word())]
    profile: Profile,
    /// Don't ask, neither for a question nor whether to go on; needs --max-fee or --fee
    #[arg(long)]
    yes: bool,
}

/// Which endpoints are contacted.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ContactFlags {
    /// Contact the expert's node also without encryption (ws://), in a private network, or on this
    /// computer. Without this, only where the node at --url is too
    #[arg(long)]
    any_endpoint: bool,
}

impl ContactFlags {
    fn apply(self, context: &Context) {
        if self.any_endpoint {
            context.allow_any_endpoint();
        }
    }
}

fn heading(offer: &Offer, shown: &Description) -> String {
    let meta = shown.meta();
    let mut lines =
        vec![format!("{} (protocol {}, version {})", meta.title, offer.protocol, meta.version)];
    lines.extend(shown.warning().map(str::to_owned));
    lines.push(format!("for: {}", meta.intended_use));
    lines.extend(meta.not_for.as_ref().map(|text| format!("not for: {text}")));
    lines.push(format!("expert {}, {} CSO", offer.address, offer.expert.price()));
    lines.join("\n")
}

/// Why the protocol isn't for the patient, or why that can't be told.
fn unfit(filling: &Filling<'_>, shown: &Description) -> String {
    filling.require_fit(shown).err().map(|error| error.to_string()).unwrap_or_default()
}

/// `cso consult preview`.
pub(super) async fn preview(context: &mut Context, about: About) -> Result<Report> {
    let expert = context.address(None, &about.expert).await?;
    let chain = context.chain().await?;
    context.steps.begin("check", "reading expert and protocol");
    let offer = Offer::fetch(&chain, expert, &about.protocol).await?;
    about.given.check_clock(&chain).await?;
    context.steps.begin("import", "reading the answers");
    let shown = offer.description.in_language(&context.language());
    let filling = about.given.fill(context, &shown)?;
    context.steps.end();
    let gaps = filling.gaps();
    let missing: Vec<_> = gaps.iter().map(|gap| gap.id.as_str()).collect();
    let unconfirmed = filling.unconfirmed();
    let silent: Vec<_> = unconfirmed.features.iter().map(|one| one.feature.as_str()).collect();
    let eligibility = shown.eligibility(&filling.answers());
    let fits = eligibility == Eligibility::Fits;
    let closing = match (missing.as_slice(), silent.as_slice()) {
        _ if matches!(eligibility, Eligibility::DoesNotFit { .. }) => unfit(&filling, &shown),
        ([], []) if !fits => unfit(&filling, &shown),
        ([], []) => {
            let bits = filling.encode()?.bits.len();
            // Where it leads isn't looked up: a preview asks the own node only.
            let way = Way { endpoint: offer.expert.endpoint(), addresses: Vec::new() };
            let visible = consent::visible(None, &expert, &way);
            format!(
                "This is all that leaves of your history, but for what stays with you, encrypted, in {bits} bits.\n{visible}"
            )
        }
        ([], _) => format!(
            "{}\n{} to be confirmed: at a terminal it's asked once; else answer in a file (--answers FILE), or with -a ID=VALUE, which others on this machine can see ({})",
            given::unconfirmed_text(&unconfirmed),
            silent.len(),
            silent.join(", ")
        ),
        (_, [_, ..]) => format!(
            "{}\n{} to be answered and {} to be confirmed: at a terminal they are asked; else answer in a file (--answers FILE), or with -a ID=VALUE, which others on this machine can see ({}, {})",
            given::unconfirmed_text(&unconfirmed),
            missing.len(),
            silent.len(),
            missing.join(", "),
            silent.join(", ")
        ),
        _ => format!(
            "{} to be answered: give them in a file (--answers FILE), or with -a ID=VALUE, which others on this machine can see ({})",
            missing.len(),
            missing.join(", ")
        ),
    };
    let text = format!(
        "{}\n\n{}\n\n{closing}\n{}",
        heading(&offer, &shown),
        given::text(&filling),
        cso_clinical::disclaimer(shown.language())
    );
    let meta = shown.meta();
    let json = json!({
        "expert": expert.to_string(),
        "protocol": { "id": offer.protocol, "name": meta.id, "title": meta.title.as_str(), "setting": meta.setting },
        "eligibility": eligibility,
        "price": offer.expert.price(),
        "features": given::json(&filling),
        "missing": missing,
        "unconfirmed": unconfirmed,
        "ready": missing.is_empty() && silent.is_empty() && fits,
        "notice": NOTICE,
    });
    Ok(Report::new(text, json))
}

/// `cso consult request`.
pub(super) async fn request(context: &mut Context, flags: Request) -> Result<Report> {
    let Request {
        about,
        from,
        use_account,
        fee: named_fee,
        max_fee,
        deadline_blocks,
        question,
        endpoint,
        contact,
        profile,
        yes,
    } = flags;
    contact.apply(context);
    let question = question.read(&about.given)?;
    let is_asked = context.interactive() && !yes;
    let mut vault = context.vault().await?;
    let expert = context.address(Some(&vault), &about.expert).await?;
    let paying = match &use_account {
        Some(name) => choose(&vault, Some(name), "--use-account")?,
        None => choose(&vault, from.as_deref(), "--from")?,
    };
    let paying_named = consent::named(&paying.name, &paying.address);
    let payer = match use_account {
        Some(_) => Payer::Existing(paying.name.clone()),
        None => Payer::Fresh(paying.name.clone()),
    };

    context.at_interrupt("nothing was sent, nothing was paid");
    let chain = context.chain().await?;
    context.steps.begin("check", "reading expert and protocol");
    let offer = Offer::fetch(&chain, expert, &about.protocol).await?;
    offer.description.require_profile(profile)?;
    let fee = Terms::fee(named_fee, &offer)?;
    consent::check_fee(fee, named_fee, max_fee, is_asked)?;
    let deadline_blocks = Terms::deadline(deadline_blocks, &chain.parameters().await?)?;
    // Whoever resolves names is asked; the expert's node isn't yet.
    let endpoint = endpoint.unwrap_or_else(|| offer.expert.endpoint());
    let found = context.hand_off().look_up(&endpoint).await?;
    let way = Way { endpoint: endpoint.clone(), addresses: found.addresses().collect() };
    about.given.check_clock(&chain).await?;
    context.steps.begin("import", "reading the answers");
    let shown = offer.description.in_language(&context.language());
    // At a terminal it's said before the first question.
    if let (false, Some(warning)) = (context.interactive(), shown.warning()) {
        warn(warning);
    }
    let filling = about.given.fill(context, &shown)?;
    filling.require_not_refused(&shown)?;
    filling.require_complete()?;
    filling.require_fit(&shown)?;
    filling.encode()?;
    context.steps.begin("check", "checking the balance");
    Terms::check_funds(&payer, fee, vault.wallet(), &chain).await?;
    context.steps.end();
    let question = match question {
        Some(question) => question,
        None if is_asked => question::ask(context)?,
        None => String::new(),
    };
    if context.interactive() {
        let parts = [
            heading(&offer, &shown),
            given::text(&filling),
            consent::costs(&payer, &paying_named, fee, deadline_blocks),
            consent::visible(Some((&payer, paying_named.as_str())), &expert, &way),
        ];
        context.prompt().say(&format!("{}\n", parts.join("\n\n")));
    }
    context.confirm(
        yes,
        &format!(
            "Encrypt these answers, hand them to the expert's node at {}, and pay {fee} CSO, with deposit and transaction fees up to {} CSO, from {paying_named}?",
            one_line(&endpoint),
            payer.needed(fee)
        ),
    )?;
    // Not before there is consent: a node that is asked knows from where.
    context.steps.begin("check", "checking the expert's node");
    context.hand_off().connect(&endpoint).await?;
    context.steps.end();

    context.at_interrupt("nothing was sent, nothing was paid; if `cso consult list` shows it already, go on with `cso consult resume HANDLE`, or drop it with `cso consult forget HANDLE`");
    let terms = Terms { fee, deadline_blocks, question, endpoint, profile, payer };
    let prepared = context.session(&chain, &mut vault).prepare(&offer, &filling, terms).await?;
    send(context, &chain, &mut vault, prepared.handle(), false).await
}

/// `cso consult resume`.
pub(super) async fn resume(
    context: &mut Context,
    id: &str,
    not_asked: bool,
    contact: ContactFlags,
) -> Result<Report> {
    contact.apply(context);
    let mut vault = context.vault().await?;
    let handle = vault.wallet().dossier(Some(id))?.handle.clone();
    let chain = context.chain().await?;
    send(context, &chain, &mut vault, &handle, not_asked).await
}

/// Sends a prepared consultation, from wherever it stopped before. Failures keep all that was
/// prepared.
async fn send(
    context: &Context,
    chain: &NodeChain,
    vault: &mut Vault,
    handle: &str,
    not_asked: bool,
) -> Result<Report> {
    let kept = format!("what was prepared is kept: go on with `cso consult resume {handle}`, or drop it with `cso consult forget {handle}`");
    context.is_about(handle);
    context.at_interrupt(kept.as_str());
    let mut session = context.session(chain, vault);
    let sent = match not_asked {
        true => session.send_vouched(handle).await,
        false => session.send(handle).await,
    };
    let kept = |error: anyhow::Error| anyhow!("{}; {kept}", hint::with(&error, Some(handle)));
    let requested = match sent {
        Ok(requested) => requested,
        // Nothing can go on, or not here: its own hint says more.
        Err(error @ (RequestError::State(_) | RequestError::Restored { .. })) => {
            return Err(error.into())
        }
        Err(error @ RequestError::OnItsWay { .. }) => {
            return Err(anyhow!(
                "{error}; go on with `cso consult resume {handle}`, which sends the very same transaction again"
            ))
        }
        Err(error) => return Err(kept(error.into())),
    };
    context.steps.end();
    requested_report(context, chain, vault, &requested).await.map_err(kept)
}

async fn requested_report(
    context: &Context,
    chain: &NodeChain,
    vault: &Vault,
    requested: &Requested,
) -> Result<Report> {
    let Requested { handle, id, block } = requested;
    let (found, _) = chain.consultation(*id).await?;
    let dossier = vault.wallet().dossier(Some(handle))?;
    let account = vault.wallet().asking_pair(dossier)?.account();
    let title = Description::from_json(&dossier.description)
        .map(|it| it.in_language(&context.language()).meta().title.to_string())
        .unwrap_or_default();
    let deposit = found.as_ref().map(|found| Amount(found.deposit));
    let deadline = found.as_ref().map(|found| found.deadline);
    let json = json!({
        "handle": handle,
        "id": id,
        "expert": dossier.expert.to_string(),
        "protocol": { "id": dossier.protocol, "title": title },
        "account": account.to_string(),
        "fee": dossier.fee,
        "deposit": deposit,
        "deadline": deadline,
        "block": block,
        "record": {
            "commitment": dossier.record.to_string(),
            "bits": dossier.bits,
            "bytes": dossier.bytes,
            "chunks": dossier.chunks.len(),
            "profile": dossier.profile.word(),
        },
    });
    let until = deadline
        .map_or_else(String::new, |block| format!(", or your fee back after block {block}"));
    let text = format!(
        "consultation {id} requested ({handle}); {title}\nan opinion{until}: `cso consult wait {id}`"
    );
    Ok(Report::new(text, json))
}
