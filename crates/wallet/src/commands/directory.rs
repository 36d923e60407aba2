// SPDX-License-Identifier: Apache-2.0
//! `cso directory`: who can be asked.

use crate::{
    commands::protocol::questionnaire,
    context::Context,
    report::{one_line, table, Report},
};
use anyhow::{anyhow, Result};
use clap::Subcommand;
use cso_client::{
    chain::{Block, Chain, Expert, ExpertStatus},
    consultation::Offer,
    directory::{self, Entry, Listed},
    AccountId, Amount,
};
use cso_clinical::Setting;
use serde_json::{json, Value};

/// Verbs of the directory.
#[derive(Subcommand, Debug)]
pub(crate) enum Directory {
    /// List the experts that can be asked, with price and protocols
    #[command(
        after_help = "Examples:\n  cso directory list            those who can be asked now\n  cso directory list --all      also those who wait, are suspended or expired"
    )]
    List {
        /// Also those who can't be asked now
        #[arg(long)]
        all: bool,
    },
    /// Show one expert: accreditation, price, protocols with what they ask and say
    #[command(after_help = "Example:\n  cso directory show 5Fxyz…")]
    Show {
        /// Address, or name in the wallet
        expert: String,
    },
    /// Print the questions of a protocol as a FHIR Questionnaire
    #[command(
        after_help = "Example:\n  cso directory questionnaire 5Fxyz… cha2ds2-vasc --out questionnaire.json"
    )]
    Questionnaire {
        /// Address of the expert, or name in the wallet
        expert: String,
        /// Number or id of the protocol
        protocol: String,
        #[command(flatten)]
        to: questionnaire::Out,
    },
}

impl Directory {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::List { all } => list(context, all).await,
            Self::Show { expert } => {
                let expert = context.address(None, &expert).await?;
                let chain = context.chain().await?;
                context.steps.begin("read", "reading the expert");
                show(&chain, &expert, &context.language()).await
            }
            Self::Questionnaire { expert, protocol, to } => {
                let expert = context.address(None, &expert).await?;
                let chain = context.chain().await?;
                context.steps.begin("read", "reading the protocol");
                let offer = Offer::fetch(&chain, expert, &protocol).await?;
                questionnaire::questionnaire(&offer.description, &to)
            }
        }
    }
}

async fn list(context: &mut Context, all: bool) -> Result<Report> {
    let chain = context.chain().await?;
    context.steps.begin("read", "reading the directory");
    let language = context.language();
    let (experts, now) = directory::experts(&chain).await?;
    let mut parts = Vec::new();
    let mut shown = Vec::new();
    for (address, expert) in experts {
        let status = expert.status.word(now);
        if !all && status != "accredited" {
            continue;
        }
        let protocols = directory::protocols(&chain, &address).await?.into_iter();
        let protocols: Vec<_> = protocols.map(|one| one.in_language(&language)).collect();
        let until = until(&expert.status, now);
        let mut lines = vec![format!("{address}  {} CSO, {until}", expert.price())];
        lines.extend(protocols.iter().map(short));
        parts.push(lines.join("\n"));
        let mut json = expert_json(&address, &expert, now);
        json["protocols"] = protocols
            .iter()
            .map(|listed| json!({ "id": listed.id, "title": title(listed), "setting": setting(listed) }))
            .collect();
        shown.push(json);
    }
    let text = match shown.len() {
        0 if all => "there are no experts yet".into(),
        0 => "no expert can be asked now; see all with `cso directory list --all`".into(),
        _ => parts.join("\n\n"),
    };
    Ok(Report::new(text, json!({ "experts": shown })))
}

/// The end of the accreditation, or why there is none.
fn until(status: &ExpertStatus, now: Block) -> String {
    match (status.word(now), status.until()) {
        ("accredited", Some(until)) => format!("until block {until}"),
        ("expired", Some(until)) => format!("expired at block {until}"),
        (word, _) => word.to_owned(),
    }
}

fn title(listed: &Listed) -> String {
    match &listed.description {
        Ok(description) => description.meta().title.to_string(),
        Err(_) => "(unreadable)".into(),
    }
}

fn setting(listed: &Listed) -> Option<Setting> {
    listed.description.as_ref().ok().map(|description| description.meta().setting)
}

/// A protocol in a line: number, title, and the id by which it can be asked for.
fn short(listed: &Listed) -> String {
    let id = listed.id;
    match &listed.description {
        Ok(description) => {
            let meta = description.meta();
            let setting = match meta.setting {
                Setting::Elective | Setting::Placeholder => "",
                Setting::Urgent => "; urgent",
                Setting::Emergency => "; emergencies, for clinicians",
            };
            format!("  {id:>3}  {} ({}{setting})", meta.title, meta.id)
        }
        Err(_) => format!("  {id:>3}  (unreadable)"),
    }
}

fn listed_json(listed: &Listed) -> Value {
    let model = listed.model.to_string();
    let description = match &listed.description {
        Ok(description) => description,
        Err(error) => {
            return json!({ "id": listed.id, "model": model, "unreadable": error.to_string() })
        }
    };
    let meta = description.meta();
    json!({
        "id": listed.id,
        "name": meta.id,
        "title": meta.title.as_str(),
        "version": meta.version,
        "intended_use": meta.intended_use.as_str(),
        "not_for": meta.not_for.as_deref(),
        "setting": meta.setting,
        "languages": meta.languages(),
        "requires": description.requirements().iter().map(|it| it.text.as_str()).collect::<Vec<_>>(),
        "references": meta.references,
        "model": model,
        "features": description.intake().features().iter().map(|feature| {
            json!({ "id": feature.id, "label": feature.label.as_str(), "kind": feature.kind.name(), "may_be_missing": feature.missing, "local": feature.local })
        }).collect::<Vec<_>>(),
        "outputs": description.outputs().iter().map(|output| {
            json!({ "id": output.id, "label": output.label.as_str(), "unit": output.unit.as_deref(), "min": output.min, "max": output.max })
        }).collect::<Vec<_>>(),
    })
}

fn listed_text(listed: &Listed) -> String {
    let description = match &listed.description {
        Ok(description) => description,
        // It quotes what can't be read, which is anything.
        Err(error) => {
            return one_line(&format!("protocol {}: unreadable: {error}", listed.id));
        }
    };
    let meta = description.meta();
    let mut lines = vec![format!(
        "protocol {}: {} ({}, version {}; {})",
        listed.id,
        meta.title,
        meta.id,
        meta.version,
        meta.setting.word()
    )];
    lines.extend(description.warning().map(|text| format!("  {text}")));
    lines.push(format!("  for: {}", meta.intended_use));
    lines.extend(meta.not_for.as_ref().map(|text| format!("  not for: {text}")));
    lines.extend(
        description
            .requirements()
            .iter()
            .map(|required| format!("  turns down with: {}", required.text)),
    );
    lines.extend(meta.references.iter().map(|reference| format!("  source: {}", reference.line())));
    let features: Vec<_> =
        description.intake().features().iter().map(|feature| feature.label.as_str()).collect();
    lines.push(format!("  asks: {}", features.join("; ")));
    let outputs: Vec<_> =
        description.outputs().iter().map(|output| output.label.as_str()).collect();
    lines.push(format!("  says: {}", outputs.join(", ")));
    lines.push(format!("  model commitment: {}", listed.model));
    lines.join("\n")
}

fn expert_json(address: &AccountId, expert: &Expert, now: Block) -> Value {
    json!({
        "address": address.to_string(),
        "status": expert.status.word(now),
        "until": expert.status.until(),
        "price": expert.price(),
        "endpoint": expert.endpoint(),
    })
}

/// One expert in full; `expert status` shows the same.
pub(super) async fn show(
    chain: &impl Chain,
    address: &AccountId,
    language: &str,
) -> Result<Report> {
    let entry = directory::entry(chain, address).await?;
    let entry =
        entry.ok_or_else(|| anyhow!("{address} is no expert; see `cso directory list --all`"))?;
    let Entry { expert, protocols, load, now, .. } = entry;
    let protocols = protocols.into_iter().map(|listed| listed.in_language(language));
    let protocols: Vec<Listed> = protocols.collect();
    let bond = Amount(expert.bond);

    let mut json = expert_json(address, &expert, now);
    json["sealing_key"] = format!("0x{:x}", expert.sealing_key).into();
    json["protocols"] = protocols.iter().map(listed_json).collect();
    json["workers"] = expert.workers.iter().map(ToString::to_string).collect();
    json["bond"] = json!(bond);
    json["open"] = json!(load.requested + load.delivered);

    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("expert", address.to_string()),
        row("status", expert.status.word(now).to_owned()),
        row("price", format!("{} CSO", expert.price())),
        row("endpoint", expert.endpoint()),
        row("bond", format!("{bond} CSO")),
        row(
            "open",
            format!("{} wait for an answer, {} to be accepted", load.requested, load.delivered),
        ),
    ];
    if let Some(until) = expert.status.until() {
        rows.insert(2, row("until", format!("block {until} (now {now})")));
    }
    rows.extend(expert.workers.iter().map(|worker| row("worker", worker.to_string())));
    let mut parts = vec![table(&rows)];
    parts.extend(protocols.iter().map(listed_text));
    Ok(Report::new(parts.join("\n\n"), json))
}
