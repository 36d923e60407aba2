// SPDX-License-Identifier: Apache-2.0
//! `cso expert`: what an expert does. The private side (sealing key, models) lives in the expert's
//! directory, never in the wallet.

use super::directory;
use crate::{
    consent,
    context::{signer, Context, Vault},
    input_file,
    report::{warn, Report},
};
use anyhow::{anyhow, bail, Context as _, Result};
use clap::{ArgGroup, Args, Subcommand};
use cso_client::{
    address::parse_address,
    chain::{node::NodeChain, Call, Chain, Until},
    expert::{self, Application, Applied, ExpertError, Published},
    AccountId, Amount, Pair,
};
use cso_clinical::Protocol;
use cso_expert_dir::ExpertDir;
use cso_primitives::bounds::MAX_PROTOCOL_FILE_BYTES;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Verbs of an expert.
#[derive(Subcommand, Debug)]
pub(crate) enum Expert {
    /// Make the expert's directory: a new sealing key, room for protocols
    #[command(
        after_help = "Example:\n  cso expert init --dir ./expert      then start the node with --expert-dir ./expert"
    )]
    Init {
        /// Where
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Apply to become an expert, with a bond
    #[command(
        after_help = "Example:\n  cso account create worker\n  cso expert apply --as me --dir ./expert --endpoint wss://expert.example:443 --price 5 --worker worker"
    )]
    Apply(Apply),
    /// Check a protocol, keep its model in the expert's directory, put description and commitment
    /// on chain
    #[command(
        after_help = "Example:\n  cso expert publish --as me --dir ./expert cha2ds2-vasc.toml"
    )]
    Publish {
        /// Protocol file
        file: PathBuf,
        /// The expert's directory
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        by: By,
    },
    /// Take a protocol off the chain
    #[command(after_help = "Example:\n  cso expert retire --as me 3")]
    Retire {
        /// Its number
        protocol: u32,
        #[command(flatten)]
        by: By,
    },
    /// What the chain says of this expert
    #[command(after_help = "Example:\n  cso expert status --as me")]
    Status {
        #[command(flatten)]
        by: By,
    },
    /// Change endpoint, price or sealing key
    #[command(
        after_help = "Examples:\n  cso expert update --as me --price 7.5\n  cso expert update --as me --endpoint wss://new.example:443"
    )]
    Update(Update),
    /// Bring the bond up to what is asked of experts, after a slash
    #[command(after_help = "Example:\n  cso expert top-up --as me")]
    TopUp {
        #[command(flatten)]
        by: By,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Stop being an expert: bond and deposits come back
    #[command(after_help = "Example:\n  cso expert withdraw --as me")]
    Withdraw {
        #[command(flatten)]
        by: By,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Give the node a worker's key, or name the workers anew
    #[command(
        after_help = "Examples:\n  cso expert worker --insert worker                 into the keystore of the node at --url\n  cso expert worker --as me --set worker --set w2   on chain"
    )]
    Worker(Worker),
    /// Collect the fee of an opinion whose challenge period is over
    #[command(after_help = "Example:\n  cso expert settle --as me 7")]
    Settle {
        /// The consultation's number
        id: u64,
        #[command(flatten)]
        by: By,
    },
}

/// Who signs.
#[derive(Args, Debug)]
pub(crate) struct By {
    /// The expert's account in the wallet
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

/// Flags of `apply`.
#[derive(Args, Debug)]
pub(crate) struct Apply {
    #[command(flatten)]
    by: By,
    /// The expert's directory
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Where patients' wallets reach the expert's node: wss://, since they refuse what isn't
    /// encrypted, but on one computer
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// Least fee of a consultation, whichever protocol
    #[arg(long, value_name = "CSO")]
    price: Amount,
    /// Account that signs for the expert on its node; may be given several times
    #[arg(long = "worker", value_name = "NAME|ADDRESS", required = true)]
    workers: Vec<String>,
    /// What each worker's account is topped up to: fees of its transactions are taken before they
    /// come back
    #[arg(long, value_name = "CSO", default_value = "1")]
    worker_funds: Amount,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// Flags of `update`.
#[derive(Args, Debug)]
pub(crate) struct Update {
    #[command(flatten)]
    by: By,
    /// New endpoint
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// New least fee
    #[arg(long, value_name = "CSO")]
    price: Option<Amount>,
    /// Directory whose sealing key is to be used from now on
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Flags of `worker`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("act").required(true))]
pub(crate) struct Worker {
    /// Put this account's key into the keystore of the node at --url
    #[arg(long, value_name = "NAME", group = "act")]
    insert: Option<String>,
    /// Insert it even if --url names another computer: the key goes there over the network
    #[arg(long, requires = "insert")]
    insert_over_network: bool,
    /// The expert's workers from now on, all of them
    #[arg(long, value_name = "NAME|ADDRESS", group = "act")]
    set: Vec<String>,
    #[command(flatten)]
    by: By,
}

impl Expert {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Init { dir } => init(&dir),
            Self::Apply(flags) => apply(context, flags).await,
            Self::Publish { file, dir, by } => publish(context, &file, &dir, by).await,
            Self::Retire { protocol, by } => {
                let session = Session::open(context, &by).await?;
                let block = session.submit(context, &Call::Retire { protocol }).await?;
                let json =
                    json!({ "expert": session.address(), "protocol": protocol, "block": block });
                Ok(Report::new(format!("protocol {protocol} retired in block {block}"), json))
            }
            Self::Status { by } => {
                let session = Session::open(context, &by).await?;
                directory::show(&session.chain, &session.pair.account(), &context.language()).await
            }
            Self::Update(flags) => update(context, flags).await,
            Self::TopUp { by, yes } => top_up(context, &by, yes).await,
            Self::Withdraw { by, yes } => withdraw(context, &by, yes).await,
            Self::Worker(flags) => worker(context, flags).await,
            Self::Settle { id, by } => {
                context.is_about(&id.to_string());
                let session = Session::open(context, &by).await?;
                let block = session.submit(context, &Call::Settle { id }).await?;
                Ok(Report::new(
                    format!("consultation {id} settled in block {block}"),
                    json!({ "id": id, "block": block }),
                ))
            }
        }
    }
}

/// An account, ready to sign on a chain.
struct Session {
    vault: Vault,
    /// The account as the user calls it.
    named: String,
    pair: Pair,
    chain: NodeChain,
}

impl Session {
    async fn open(context: &Context, by: &By) -> Result<Self> {
        let vault = context.vault().await?;
        let (account, pair) = signer(&vault, by.name.as_deref(), "--as")?;
        let named = consent::named(&account.name, &account.address);
        let chain = context.chain().await?;
        Ok(Self { vault, named, pair, chain })
    }

    fn address(&self) -> String {
        self.pair.account().to_string()
    }

    async fn submit(&self, context: &Context, call: &Call) -> Result<u64> {
        context.steps.begin("submit", "waiting for the transaction to be final");
        context.at_interrupt("the transaction may be on its way: see `cso expert status`");
        Ok(self.chain.submit(call, &self.pair, Until::Finalized).await?.block)
    }

    /// Submits a call of which there is nothing more to say.
    async fn simple(&self, context: &Context, call: &Call, done: &str) -> Result<Report> {
        let block = self.submit(context, call).await?;
        let json = json!({ "expert": self.address(), "block": block });
        Ok(Report::new(format!("{done} (block {block})"), json))
    }

    /// What is at stake now.
    async fn bond(&self, context: &Context) -> Result<Amount> {
        context.steps.begin("read", "reading the expert");
        let account = self.pair.account();
        let (found, _) = self.chain.expert(&account).await?;
        context.steps.end();
        let expert = found.ok_or(ExpertError::NoExpert(account))?;
        Ok(Amount(expert.bond))
    }
}

async fn top_up(context: &Context, by: &By, yes: bool) -> Result<Report> {
    let session = Session::open(context, by).await?;
    let has = session.bond(context).await?;
    let bond = session.chain.parameters().await?.bond;
    let lacking = Amount(bond.0.saturating_sub(has.0));
    if lacking == Amount(0) {
        bail!("the bond of {} is whole: {has} CSO of {bond} CSO; nothing was done", session.named);
    }
    context.confirm(yes, &consent::top_up(&session.named, lacking, bond))?;
    session.simple(context, &Call::TopUp, "the bond is whole again").await
}

async fn withdraw(context: &Context, by: &By, yes: bool) -> Result<Report> {
    let session = Session::open(context, by).await?;
    let bond = session.bond(context).await?;
    let load = session.chain.load(&session.pair.account()).await?;
    let open = load.requested + load.delivered;
    if open > 0 {
        bail!(
            "{open} consultations of {} are open; none may be when an expert withdraws",
            session.named
        );
    }
    context.confirm(yes, &consent::withdraw(&session.named, bond))?;
    session.simple(context, &Call::Withdraw, "withdrawn; bond and deposits came back").await
}

fn init(dir: &Path) -> Result<Report> {
    let made = ExpertDir::init(dir)?;
    let public = made.sealing_key()?.public();
    let text = format!(
        "{} made. Its sealing.key opens what patients seal to you: keep a copy of it in a safe place.\nStart your node with --expert-dir {0}",
        dir.display()
    );
    let json = json!({ "dir": dir, "sealing_key": format!("0x{:x}", public.as_bytes()) });
    Ok(Report::new(text, json))
}

async fn apply(context: &mut Context, flags: Apply) -> Result<Report> {
    let Apply { by, dir, endpoint, price, workers, worker_funds, yes } = flags;
    expert::check_endpoint(&endpoint)?;
    warn_if_refused(&endpoint);
    let key = ExpertDir::open(dir)?.sealing_key()?.public();
    let session = Session::open(context, &by).await?;
    let workers = addresses(context, &session.vault, &workers).await?;
    if session.chain.expert(&session.pair.account()).await?.0.is_some() {
        bail!("{} is an expert already; change it with `cso expert update`", session.named);
    }
    let bond = session.chain.parameters().await?.bond;
    let question = consent::apply(&session.named, bond, workers.len(), worker_funds);
    context.confirm(yes, &question)?;
    context.at_interrupt("the application may be on its way: see `cso expert status`");
    let application = Application {
        endpoint: endpoint.clone(),
        sealing_key: Box::new(key.as_bytes().clone()),
        workers: workers.clone(),
        price,
        worker_funds,
    };
    let Applied { bond, block } =
        expert::apply(&session.chain, &context.steps, &session.pair, application).await?;
    let text = format!(
        "applied in block {block} with a bond of {bond} CSO. The board accredits with `cso board accredit {} --days 365`",
        session.address()
    );
    let json = json!({
        "expert": session.address(),
        "price": price,
        "endpoint": endpoint,
        "workers": workers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "bond": bond,
        "block": block,
    });
    Ok(Report::new(text, json))
}

/// Warns of an endpoint that patients' wallets refuse, wherever they are.
fn warn_if_refused(endpoint: &str) {
    if !endpoint.starts_with("wss://") && expert::require_this_computer(endpoint).is_err() {
        warn(format!("patients' wallets refuse {endpoint}, as it isn't encrypted, unless they are given --any-endpoint; put TLS in front of the node, and give a wss:// endpoint"));
    }
}

async fn addresses(context: &Context, vault: &Vault, names: &[String]) -> Result<Vec<AccountId>> {
    let mut addresses = Vec::new();
    for name in names {
        addresses.push(context.address(Some(vault), name).await?);
    }
    Ok(addresses)
}

async fn publish(context: &mut Context, file: &Path, dir: &Path, by: By) -> Result<Report> {
    context.steps.begin("check", "compiling the protocol");
    let content = input_file::read(file, MAX_PROTOCOL_FILE_BYTES)?;
    let text =
        std::str::from_utf8(&content).with_context(|| format!("{} is no text", file.display()))?;
    let companion = cso_expert_dir::companion(file);
    let in_file = || file.display().to_string();
    let protocol = Protocol::from_toml_with(text, &companion).with_context(in_file)?;
    let compiled = cso_clinical::compile(&protocol).with_context(in_file)?;
    // Before anything is sent or written.
    let description = cso_clinical::publication(&protocol, &compiled).with_context(in_file)?;
    let name = file
        .file_stem()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{} has no name", file.display()))?;
    context.steps.end();

    let session = Session::open(context, &by).await?;
    expert::require_expert(&session.chain, &session.pair.account()).await?;
    let directory = ExpertDir::open(dir)?;
    let stored = match Protocol::model_file(text)? {
        None => directory.add_protocol(name, &content)?,
        Some(model) => {
            let bytes = companion(&model).map_err(anyhow::Error::msg)?;
            directory.add_model(&model, &bytes)?;
            directory.add_protocol(name, &content)?.with_model(&model)?
        }
    };
    let model = stored.commitment();
    context.at_interrupt("the protocol may be on its way: see `cso expert status`");
    let Published { protocol: id, block } = expert::publish(
        &session.chain,
        &context.steps,
        &session.pair,
        description.to_json(),
        model,
    )
    .await
    .with_context(|| name.to_owned())?;
    let title = &description.meta().title;
    let json = json!({
        "expert": session.address(),
        "protocol": id,
        "title": title,
        "model": model.to_string(),
        "file": stored.path,
        "block": block,
    });
    Ok(Report::new(
        format!("{title} published as protocol {id} in block {block}; model commitment {model}"),
        json,
    ))
}

async fn update(context: &mut Context, flags: Update) -> Result<Report> {
    let Update { by, endpoint, price, dir } = flags;
    if endpoint.is_none() && price.is_none() && dir.is_none() {
        bail!("nothing to change; give --endpoint, --price or --dir");
    }
    if let Some(endpoint) = &endpoint {
        expert::check_endpoint(endpoint)?;
        warn_if_refused(endpoint);
    }
    let key = dir.map(|dir| ExpertDir::open(dir)?.sealing_key()).transpose()?;
    let sealing_key = key.map(|key| Box::new(key.public().as_bytes().clone()));
    let session = Session::open(context, &by).await?;
    session.simple(context, &Call::Update { endpoint, sealing_key, price }, "updated").await
}

async fn worker(context: &mut Context, flags: Worker) -> Result<Report> {
    let Worker { insert, insert_over_network, set, by } = flags;
    if let Some(name) = insert {
        return insert_worker(context, &name, insert_over_network).await;
    }
    let session = Session::open(context, &by).await?;
    let workers = addresses(context, &session.vault, &set).await?;
    let call = Call::SetWorkers { workers: workers.clone() };
    let block = session.submit(context, &call).await?;
    let workers: Vec<_> = workers.iter().map(ToString::to_string).collect();
    let json = json!({ "expert": session.address(), "workers": workers, "block": block });
    Ok(Report::new(format!("workers from block {block} on: {}", workers.join(", ")), json))
}

/// Gives a worker's key to the node: its seed only, and to a node on this computer unless the user
/// has said otherwise.
async fn insert_worker(context: &mut Context, name: &str, over_network: bool) -> Result<Report> {
    if parse_address(name)?.is_some() {
        bail!("--insert takes the name of an account in the wallet: the node needs its secret");
    }
    if !over_network {
        expert::require_this_computer(context.url()).map_err(|error| {
            anyhow!("{error}; run this where the node runs, or give --insert-over-network too")
        })?;
    }
    let vault = context.vault().await?;
    let account = vault.wallet().account(name)?;
    let seed = expert::worker_seed(account).map_err(|error| {
        let error = anyhow::Error::from(error);
        anyhow!("{error:#}; make a new account for the worker, or give the node this one's secret URI where it runs: cso-node key insert")
    })?;
    let public = account.address;
    let chain = context.chain().await?;
    context.steps.begin("insert", "giving the key to the node");
    chain.insert_worker_key(&seed, &public).await?;
    let json = json!({ "worker": public.to_string(), "inserted": true });
    Ok(Report::new(format!("the node at {} signs as worker {public}", chain.url()), json))
}
