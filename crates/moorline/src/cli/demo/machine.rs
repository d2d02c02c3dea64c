//! `moorline demo-machine`: a customer's computer with QuickBooks Desktop and its Web Connector, played from the set-up file that the link
//! page hands out.

use std::fs;
use std::io::{BufRead, stdin};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use connectors::machine::xml::{Element, escaped};
use egress::{Door, HeaderValue, Policy, Request, header};
use sandbox::{CompanyFile, Library};
use serde_json::{Value, json};
use store::clock::Clock;
use url::Url;

/// Between two calls, of a customer who is watched.
const EVERY: Duration = Duration::from_secs(15);
/// The namespace of the messages.
const SERVICE: &str = "http://developer.intuit.com/";
const LONGEST: usize = 50_000_000;
const MOST_ELEMENTS: usize = 100;

#[derive(Args)]
pub struct Machine {
    /// The set-up file, as the link page hands it out.
    file: PathBuf,
    /// The made-up business whose books the computer has.
    #[arg(long, default_value = "alder-ridge-wholesale")]
    business: String,
    /// Call once, instead of every fifteen seconds until it is stopped.
    #[arg(long)]
    once: bool,
    /// Print a line of JSON for each step.
    #[arg(long)]
    json: bool,
}

/// The end of a call.
enum End {
    Finished,
    Nothing,
    Refused,
    Broken,
}

impl Machine {
    /// Reads the password from the standard input, as the Web Connector asks for it.
    pub(in crate::cli) async fn run(self) -> anyhow::Result<()> {
        let text = fs::read_to_string(&self.file)
            .with_context(|| format!("can't read {}", self.file.display()))?;
        let setup = Element::read(&text, LONGEST, MOST_ELEMENTS)
            .ok()
            .filter(|setup| setup.name == "QBWCXML")
            .with_context(|| {
                format!(
                    "{} isn't a set-up file of the Web Connector's",
                    self.file.display()
                )
            })?;
        if !self.json {
            eprintln!("The password, as the link page shows it:");
        }
        let mut password = String::new();
        stdin().lock().read_line(&mut password)?;
        let business = self.business.clone();
        let mark = setup.text_of("FileID").to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let library = Library::with_clock(1, Arc::new(|| Clock::System.now()));
            let file = CompanyFile::of(&library, &business, &mark);
            file.ok_or_else(|| {
                let known = library.businesses().iter().map(|known| known.id);
                let known: Vec<&str> = known.collect();
                format!(
                    "There is no business `{business}`. Known: {}.",
                    known.join(", ")
                )
            })
        });
        let file = opened.await?.map_err(anyhow::Error::msg)?;
        let url = Url::parse(setup.text_of("AppURL")).context("AppURL is not an address")?;
        let mut computer = Computer {
            door: Door::new(Policy {
                // A demo's address is on this machine.
                allow_private: url.host_str().map(str::to_owned).into_iter().collect(),
                ..Policy::default()
            }),
            url,
            user: setup.text_of("UserName").to_owned(),
            password: password.trim().to_owned(),
            ticket: String::new(),
            file,
            json: self.json,
        };
        computer.say(
            "opened",
            &format!("{} is open on the computer.", computer.file.name()),
            json!({ "company": computer.file.name() }),
        );
        loop {
            let end = computer.update().await?;
            match end {
                End::Refused => {
                    bail!("the password isn't taken: open the link again for a new one")
                }
                End::Broken if self.once => bail!("the call has failed"),
                _ if self.once => return Ok(()),
                _ => tokio::time::sleep(EVERY).await,
            }
        }
    }
}

struct Computer {
    door: Door,
    url: Url,
    user: String,
    password: String,
    ticket: String,
    file: CompanyFile,
    json: bool,
}

impl Computer {
    fn say(&self, step: &str, words: &str, details: Value) {
        if !self.json {
            println!("{words}");
            return;
        }
        let mut line = json!({ "step": step });
        if let (Value::Object(line), Value::Object(details)) = (&mut line, details) {
            line.extend(details);
        }
        println!("{line}");
    }

    /// Calls an operation, and gives its result.
    async fn call(&self, operation: &str, parts: &[(&str, &str)]) -> anyhow::Result<Element> {
        let parts: String = (parts.iter())
            .map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value)))
            .collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><{operation} xmlns=\"{SERVICE}\">{parts}</{operation}></soap:Body></soap:Envelope>"
        );
        let mut request = Request::post(self.url.clone(), body);
        let kind = HeaderValue::from_static("text/xml; charset=utf-8");
        request.headers.insert(header::CONTENT_TYPE, kind);
        let answer = self.door.send(request).await;
        let answer = answer.with_context(|| format!("{} doesn't answer", self.url))?;
        let text = String::from_utf8_lossy(&answer.body);
        if !answer.status.is_success() {
            bail!("{} answers {}: {text}", self.url, answer.status);
        }
        let envelope = Element::read(&text, LONGEST, MOST_ELEMENTS);
        let envelope = envelope.with_context(|| format!("{operation}: the answer isn't XML"))?;
        let body = envelope
            .child("Body")
            .and_then(|body| body.children.first());
        let result = body.and_then(|body| body.child(&format!("{operation}Result")));
        let result = result.with_context(|| format!("{operation}: the answer has no result"))?;
        Ok(result.clone())
    }

    /// One call, from the password to the goodbye.
    async fn update(&mut self) -> anyhow::Result<End> {
        let parts = [
            ("strUserName", self.user.as_str()),
            ("strPassword", self.password.as_str()),
        ];
        let admitted = self.call("authenticate", &parts).await?;
        let said = |at: usize| {
            let text = admitted.children.get(at);
            text.map_or("", |text| text.text.as_str())
        };
        match said(1) {
            "nvu" => return Ok(End::Refused),
            "none" => {
                let wait = said(2);
                let words = match wait {
                    "" => "Called: nothing is to be read.".to_owned(),
                    wait => format!("Called: not to be read for {wait} seconds."),
                };
                self.say(
                    "nothing",
                    &words,
                    json!({ "wait": wait.parse::<u64>().ok() }),
                );
                return Ok(End::Nothing);
            }
            _ => {}
        }
        self.ticket = said(0).to_owned();
        self.file.begin();
        self.say("called", "Called.", json!({}));
        self.answer_questions().await
    }

    async fn answer_questions(&mut self) -> anyhow::Result<End> {
        let ticket = self.ticket.clone();
        loop {
            let parts = [
                ("ticket", ticket.as_str()),
                ("strHCPResponse", ""),
                ("strCompanyFileName", "C:\\Books\\Company.QBW"),
                ("qbXMLCountry", "US"),
                ("qbXMLMajorVers", "13"),
                ("qbXMLMinorVers", "0"),
            ];
            let question = self.call("sendRequestXML", &parts).await?.text;
            if question.is_empty() {
                let parts = [("ticket", ticket.as_str())];
                let words = self.call("getLastError", &parts).await?.text;
                // There may be one in a moment.
                if words == "NoOp" {
                    continue;
                }
                return self.close(End::Broken, &words).await;
            }
            let answered = self.file.answer(&question);
            let answered = answered.with_context(|| format!("not a question: {question}"))?;
            self.say(
                "answered",
                &format!("  asked for {}: {}", answered.kind, answered.records),
                json!({ "asked": answered.kind, "records": answered.records }),
            );
            let parts = [
                ("ticket", ticket.as_str()),
                ("response", answered.text.as_str()),
                ("hresult", ""),
                ("message", ""),
            ];
            let percent = self.call("receiveResponseXML", &parts).await?.text;
            match percent.trim().parse::<i32>().unwrap_or(-1) {
                100.. => return self.close(End::Finished, "").await,
                0.. => {}
                _ => {
                    let parts = [("ticket", ticket.as_str())];
                    let words = self.call("getLastError", &parts).await?.text;
                    return self.close(End::Broken, &words).await;
                }
            }
        }
    }

    async fn close(&mut self, end: End, trouble: &str) -> anyhow::Result<End> {
        let ticket = self.ticket.clone();
        let parts = [("ticket", ticket.as_str())];
        let words = self.call("closeConnection", &parts).await?.text;
        let words = if trouble.is_empty() { &words } else { trouble };
        self.say(
            "ended",
            &format!("The Web Connector shows: {words}"),
            json!({ "shown": words, "wentWell": matches!(end, End::Finished) }),
        );
        Ok(end)
    }
}
