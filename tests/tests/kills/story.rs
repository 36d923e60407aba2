// SPDX-License-Identifier: Apache-2.0

//! A consultation whose wallet is killed, and whose patient goes on as anybody would: looks at the
//! list, resumes, or gives the same command again.

use crate::{
    points::{Command, Left, Plan, Point, BEFORE_MONEY},
    stage::{Stage, CSO, FEE},
};
use cso_tests::{own_answers, Actor, Relay};
use serde_json::Value;
use std::{
    fs::File,
    path::Path,
    time::{Duration, SystemTime},
};

/// What a patient begins with.
const START: u128 = 20 * CSO;

/// Most that the transactions of a consultation may cost, with those that a kill made the patient
/// repeat.
const TRANSACTIONS: u128 = CSO / 20;

/// How often a command that is refused is given again, and how long after. A transaction that died
/// with its wallet gets into a block within seconds.
const PATIENCE: (usize, Duration) = (5, Duration::from_secs(4));

/// What went wrong.
type Checked<T = ()> = Result<T, String>;

/// A consultation and its patient.
pub(crate) struct Story<'a> {
    stage: &'a Stage,
    plan: &'a Plan,
    patient: Actor,
    relay: Relay,
    suri: String,
    question: String,
    /// From the first time that the opinion was read, it must open.
    is_read: bool,
    /// Points that were reached, in the order they came.
    pub(crate) reached: Vec<Point>,
}

impl<'a> Story<'a> {
    pub(crate) fn new(stage: &'a Stage, plan: &'a Plan, number: usize) -> Self {
        let relay = Relay::start(&stage.node.url);
        Self {
            stage,
            plan,
            patient: Actor::new(&relay.url),
            relay,
            suri: format!("//Kills//{number}"),
            question: format!("Is this seen by anybody, {number} of {}?", std::process::id()),
            is_read: false,
            reached: Vec::new(),
        }
    }

    /// Lives through it.
    pub(crate) fn live(&mut self, funder: &Actor) -> Checked {
        let me = self.import()?;
        let from = ["account", "transfer", "--from", "me", "--to", &me, "--amount", "20", "--yes"];
        funder.cso(&from);
        let handle = match self.plan.is_paid {
            false => {
                self.dies(Command::Request, &self.ask())?;
                // Before that nothing is forgotten: money is on its way.
                self.stage.wait_until_final();
                self.handle()?
            }
            true => {
                let (id, handle) = self.request()?;
                self.read(&id)?;
                self.export(&id)?;
                self.accept(&id)?;
                self.erase(&id)?;
                handle
            }
        };
        self.forget(&handle)?;
        if !self.plan.is_paid {
            self.ask_again()?;
        }
        self.require_nothing_left()
    }

    /// Dies where the plan says so, and looks at what is left.
    fn dies(&mut self, command: Command, arguments: &[impl AsRef<str>]) -> Checked {
        let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
        for point in self.plan.points.iter().filter(|point| point.command == command) {
            self.patient
                .killed(&arguments, &self.relay, point.moment)
                .map_err(|error| format!("{point}: {error}"))?;
            self.reached.push(*point);
            self.look(*point).map_err(|error| format!("after «{point}»: {error}"))?;
        }
        Ok(())
    }

    fn look(&mut self, point: Point) -> Checked {
        let left = match self.patient.wallet().exists() {
            true => left(&self.list()?)?,
            false => Left::Nothing,
        };
        require(left == point.left, || format!("{left:?} is left"))?;
        match left {
            Left::Numbered if self.is_read => self.opens(&self.handle()?),
            Left::Erased => self.opens_no_more(&self.handle()?),
            _ => Ok(()),
        }
    }

    /// Takes an account in and gives its address.
    fn import(&mut self) -> Checked<String> {
        let suri = self.suri.clone();
        let import = ["account", "import", "me", "--suri", &suri];
        self.dies(Command::Import, &import)?;
        if !self.patient.wallet().exists() {
            self.run(&import)?;
        }
        let listed = self.run(&["account", "list"])?;
        let address = listed["accounts"][0]["address"].as_str().map(str::to_owned);
        address.ok_or_else(|| format!("the account is gone: {listed}"))
    }

    fn ask(&self) -> Vec<String> {
        let Stage { expert, protocol, bundle, .. } = self.stage;
        let ask = [
            ["consult", "request"],
            ["--expert", &expert.address],
            ["--protocol", protocol],
            ["--bundle", bundle],
            ["--question", &self.question],
            ["--from", "me"],
            ["--endpoint", &self.relay.url],
            ["--max-fee", "5"],
        ];
        ask.concat()
            .into_iter()
            .chain(["--today", "2026-11-23", "--assume-no", "--yes"])
            .chain(own_answers("cha2ds2-vasc"))
            .map(str::to_owned)
            .collect()
    }

    /// Gives the number that the chain has given it, and the wallet's handle.
    fn request(&mut self) -> Checked<(String, String)> {
        let ask = self.ask();
        self.dies(Command::Request, &ask)?;
        if left(&self.list()?)? == Left::Nothing {
            // What was never saved is made anew, and takes what is left of the first with it.
            self.a_minute_passes()?;
            self.run(&ask)?;
            self.require_whole()?;
        }
        let handle = self.handle()?;
        let resume = ["consult", "resume", &handle];
        if left(&self.list()?)? != Left::Numbered {
            self.dies(Command::Resume, &resume)?;
            self.repeat(&resume, |story| Ok(left(&story.list()?)? == Left::Numbered))?;
            self.require_whole()?;
        }
        let status = self.run(&["consult", "status", &handle])?;
        require(status["on_chain"] == true, || format!("{status}"))?;
        self.require_on_chain(&status, 1)?;
        self.require_money("on hold", self.patient.total_of_all(), START)?;
        Ok((status["id"].to_string(), handle))
    }

    /// Waits for the opinion and reads it.
    fn read(&mut self, id: &str) -> Checked {
        let wait = ["consult", "wait", id, "--timeout", "120"];
        self.dies(Command::Wait, &wait)?;
        self.run(&wait)?;
        self.dies(Command::Open, &["consult", "open", id])?;
        self.opens(id)?;
        self.is_read = true;
        Ok(())
    }

    fn export(&mut self, id: &str) -> Checked {
        // Of an opinion that isn't final each reading may note more.
        self.stage.wait_until_final();
        self.opens(id)?;
        let file = self.patient.file("opinion.html");
        let export = ["consult", "export", id, "--out", &file];
        let again = [&export[..], &["--force"]].concat();
        self.dies(Command::Export, &export)?;
        if !Path::new(&file).exists() {
            self.run(&export)?;
        }
        require_page(&file)?;
        self.dies(Command::ExportAgain, &again)?;
        require_page(&file)?;
        self.a_minute_passes()?;
        self.run(&again)?;
        require_page(&file)?;
        self.require_whole()
    }

    fn accept(&mut self, id: &str) -> Checked {
        let accept = ["consult", "accept", id, "--yes"];
        self.dies(Command::Accept, &accept)?;
        self.repeat(&accept, |story| {
            Ok(story.run(&["consult", "status", id])?["status"] == "accepted")
        })?;
        self.require_money("accepted", self.patient.total_of_all(), START - FEE)
    }

    fn erase(&mut self, id: &str) -> Checked {
        let before = self.run(&["consult", "status", id])?;
        let erase = ["consult", "erase", id, "--yes"];
        self.dies(Command::Erase, &erase)?;
        self.repeat(&erase, |story| Ok(left(&story.list()?)? == Left::Erased))?;
        self.require_on_chain(&before, 0)?;
        self.opens_no_more(id)?;
        self.require_money("erased", self.patient.total("me"), START - FEE)
    }

    fn forget(&mut self, handle: &str) -> Checked {
        let forget = ["consult", "forget", handle, "--yes"];
        self.dies(Command::Forget, &forget)?;
        self.repeat(&forget, |story| Ok(left(&story.list()?)? == Left::Nothing))?;
        let paid = if self.plan.is_paid { FEE } else { 0 };
        self.require_money("forgotten", self.patient.total("me"), START - paid)
    }

    /// A record whose keys were destroyed before it was itself goes with the next request. That one
    /// dies before money moves, and is forgotten too.
    fn ask_again(&mut self) -> Checked {
        self.a_minute_passes()?;
        let ask = self.ask();
        let ask: Vec<_> = ask.iter().map(String::as_str).collect();
        self.patient.killed(&ask, &self.relay, BEFORE_MONEY)?;
        let forget = ["consult", "forget", &self.handle()?, "--yes"];
        self.run(&forget).map(drop)
    }

    /// Gives a command again until what it was to do is done.
    fn repeat(&self, command: &[&str], done: impl Fn(&Self) -> Checked<bool>) -> Checked {
        let mut said = String::new();
        for _ in 0..PATIENCE.0 {
            if done(self)? {
                return Ok(());
            }
            if let Err(refusal) = self.run(command) {
                said = refusal;
                std::thread::sleep(PATIENCE.1);
            }
        }
        require(done(self)?, || said)
    }

    fn run(&self, command: &[impl AsRef<str>]) -> Checked<Value> {
        let command: Vec<_> = command.iter().map(AsRef::as_ref).collect();
        self.patient
            .try_cso(&command)
            .map_err(|refusal| format!("cso {}: {refusal:?}", command.join(" ")))
    }

    fn list(&self) -> Checked<Value> {
        self.run(&["consult", "list"])
    }

    fn handle(&self) -> Checked<String> {
        let listed = self.list()?;
        let handle = listed["consultations"][0]["handle"].as_str().map(str::to_owned);
        handle.ok_or_else(|| format!("no consultation: {listed}"))
    }

    /// The opinion opens and is right.
    fn opens(&self, which: &str) -> Checked {
        let opened = self.run(&["consult", "open", which])?;
        require(opened["outputs"] == self.stage.outputs, || format!("another opinion: {opened}"))
    }

    fn opens_no_more(&self, which: &str) -> Checked {
        require(self.run(&["consult", "open", which]).is_err(), || "it opens after all".into())
    }

    fn require_on_chain(&self, status: &Value, count: usize) -> Checked {
        let record = status["record"].as_str().ok_or_else(|| format!("no record: {status}"))?;
        let found = self.stage.consultations_on(record);
        require(found == count, || format!("{found} consultations about the record, not {count}"))
    }

    /// Nothing is missing but what transactions cost, and nothing came from elsewhere.
    fn require_money(&self, when: &str, held: u128, owned: u128) -> Checked {
        let range = owned - TRANSACTIONS..owned;
        require(range.contains(&held), || format!("{when}: {held} held, {range:?} expected"))
    }

    /// No file is unfinished.
    fn require_whole(&self) -> Checked {
        let unfinished = self.patient.files().into_iter().find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".unfinished") || name.starts_with(".cso-")
        });
        require(unfinished.is_none(), || format!("left behind: {unfinished:?}"))
    }

    /// Of an ended consultation only what the patient has exported is left.
    fn require_nothing_left(&self) -> Checked {
        for file in self.patient.files() {
            let name = file.strip_prefix(self.patient.folder()).unwrap_or(&file);
            if is_lock(name) && file.metadata().is_ok_and(|found| found.len() == 0) {
                continue;
            }
            let is_known =
                ["wallet.age", "opinion.html"].iter().any(|known| name == Path::new(known));
            require(is_known, || format!("left behind: {}", name.display()))?;
            let content = std::fs::read(&file).map_err(|error| error.to_string())?;
            let question = self.question.as_bytes();
            let is_plain = content.windows(question.len()).any(|part| part == question);
            let may_be = name == Path::new("opinion.html");
            require(may_be || !is_plain, || format!("in plaintext: {}", name.display()))?;
        }
        let outbox = self.patient.folder().join("wallet.age.outbox");
        require(!outbox.exists(), || format!("left behind: {}", outbox.display()))
    }

    /// Makes all files a minute older: the wallet leaves younger ones to their writer.
    fn a_minute_passes(&self) -> Checked {
        let before = SystemTime::now() - Duration::from_secs(61);
        for path in self.patient.files() {
            File::options()
                .write(true)
                .open(path)
                .and_then(|file| file.set_modified(before))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

fn require(holds: bool, why_not: impl FnOnce() -> String) -> Checked {
    match holds {
        true => Ok(()),
        false => Err(why_not()),
    }
}

/// What `consult list` says. There is never more than one.
fn left(listed: &Value) -> Checked<Left> {
    let all = listed["consultations"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(match all {
        [] => Left::Nothing,
        [one] => match one["status"].as_str() {
            Some("prepared") => Left::Prepared,
            Some("sent") => Left::Sent,
            Some("erased") => Left::Erased,
            _ => Left::Numbered,
        },
        _ => return Err(format!("more than one consultation: {listed}")),
    })
}

/// The wallet's lock. The system unlocks it when a program is killed; the file stays.
fn is_lock(name: &Path) -> bool {
    name == Path::new("wallet.age.lock")
}

/// A page that is whole.
fn require_page(file: &str) -> Checked {
    let page = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    require(page.trim_end().ends_with("</html>"), || format!("{file} isn't whole"))
}
