//! `moorline webhooks`: consumers, their secrets and messages.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use egress::Secret;
use uuid::Uuid;

use super::choose_client;
use platform::app::App;
use platform::events::webhooks::{self, Certificate, Changes, Replay, samples};
use store::messages::{self, Message, Range};
use store::model::{ClientId, EventType, MessageState, WebhookId};
use store::{webhooks as rows, webhooks::Webhook};

#[derive(Args)]
pub struct Webhooks {
    /// The client organisation, by id or name, where there are several.
    #[arg(long, global = true)]
    client: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List consumers.
    List,
    /// Make a consumer; its signing secret is printed.
    Create {
        url: String,
        /// An event type or pattern, such as 'connection.*' or '{dataType}.write.*'; can be repeated.
        #[arg(long = "event", required = true)]
        events: Vec<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Change a consumer.
    Update {
        id: WebhookId,
        #[arg(long)]
        url: Option<String>,
        /// In place of all it has; can be repeated.
        #[arg(long = "event")]
        events: Vec<String>,
        #[command(flatten)]
        settings: Settings,
        /// Send to it again; what waited is sent.
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
        /// Send nothing more to it.
        #[arg(long)]
        disable: bool,
        /// Go without a rate.
        #[arg(long, conflicts_with = "rate")]
        no_rate: bool,
        /// Go without a client certificate.
        #[arg(long, conflicts_with = "certificate")]
        no_certificate: bool,
    },
    /// Delete a consumer with its messages.
    Delete { id: WebhookId },
    /// Show the secret that signs.
    Secret { id: WebhookId },
    /// Replace the secret; the old one signs beside the new one for a day.
    Rotate {
        id: WebhookId,
        /// The old one stops signing now.
        #[arg(long)]
        at_once: bool,
        /// Read a secret of your own (whsec_…) from standard input.
        #[arg(long)]
        own: bool,
    },
    /// List the event types that there are.
    Events,
    /// Send a sample event.
    Test {
        id: WebhookId,
        /// Without it: the first that the consumer asks for.
        #[arg(long)]
        event: Option<String>,
    },
    /// List a consumer's messages, newest first.
    Messages {
        id: WebhookId,
        /// waiting, delivered or failed.
        #[arg(long)]
        status: Option<String>,
        /// From this time on (ISO 8601).
        #[arg(long)]
        from: Option<DateTime<Utc>>,
        /// Up to this time.
        #[arg(long)]
        to: Option<DateTime<Utc>>,
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Show a message with each attempt to deliver it.
    Inspect { id: WebhookId, message: Uuid },
    /// Send a message again, or all that happened in a time.
    Resend {
        id: WebhookId,
        message: Option<Uuid>,
        /// From this time on (ISO 8601), in place of one message.
        #[arg(long, conflicts_with = "message", required_unless_present = "message")]
        from: Option<DateTime<Utc>>,
        #[arg(long, conflicts_with = "message")]
        to: Option<DateTime<Utc>>,
        #[arg(long, conflicts_with = "message")]
        status: Option<String>,
        /// An event type or pattern.
        #[arg(long, conflicts_with = "message")]
        event: Option<String>,
        /// Also what was never a message to this consumer.
        #[arg(long, conflicts_with = "message")]
        missed: bool,
    },
}

#[derive(Args)]
struct Settings {
    #[arg(long)]
    description: Option<String>,
    /// key:value; a company with any of them is meant. Can be repeated.
    #[arg(long = "company-tag")]
    company_tags: Vec<String>,
    /// 'Name: value', or @FILE with one a line, which keeps secrets out of the list of processes; in place of all it has.
    /// Can be repeated.
    #[arg(long = "header")]
    headers: Vec<String>,
    /// Messages a second.
    #[arg(long)]
    rate: Option<i64>,
    /// A PEM file with a client certificate, for mutual TLS.
    #[arg(long, requires = "key", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// A PEM file with its key.
    #[arg(long, requires = "certificate", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Settings {
    fn changes(self) -> anyhow::Result<Changes> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} can't be read", path.display()))
        };
        let mut headers = BTreeMap::new();
        for given in &self.headers {
            let lines = match given.strip_prefix('@') {
                Some(file) => read(Path::new(file))?,
                None => given.clone(),
            };
            for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                let (name, value) = line
                    .split_once(':')
                    .context("a header has the form 'Name: value', or @FILE with one a line")?;
                headers.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        let certificate = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some(Some(Certificate {
                certificate: read(certificate)?,
                key: Secret::new(read(key)?),
            })),
            _ => None,
        };
        Ok(Changes {
            description: self.description.map(Some),
            company_tags: (!self.company_tags.is_empty()).then_some(self.company_tags),
            headers: (!self.headers.is_empty()).then_some(headers),
            rate_limit: self.rate.map(Some),
            certificate,
            ..Changes::default()
        })
    }
}

impl Webhooks {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        if let Command::Events = self.command {
            for kind in EventType::ALL {
                let name = kind.name(kind.is_write().then_some("{dataType}"));
                println!("{name:36} {}", samples::meaning(*kind));
            }
            return Ok(());
        }
        let client = choose_client(app, self.client.as_deref()).await?.id;
        match self.command {
            Command::List => list(app, client).await?,
            Command::Create {
                url,
                events,
                settings,
            } => {
                let changes = Changes {
                    url: Some(url),
                    event_types: Some(events),
                    ..settings.changes()?
                };
                let webhook = webhooks::create(app, client, &changes, None).await?;
                show(&webhook);
                let secret = webhooks::secret(app, &webhook).await?;
                println!("secret {}", secret.expose());
            }
            Command::Update {
                id,
                url,
                events,
                settings,
                enable,
                disable,
                no_rate,
                no_certificate,
            } => {
                let mut changes = Changes {
                    url,
                    event_types: (!events.is_empty()).then_some(events),
                    disabled: (enable || disable).then_some(disable),
                    ..settings.changes()?
                };
                if no_rate {
                    changes.rate_limit = Some(None);
                }
                if no_certificate {
                    changes.certificate = Some(None);
                }
                show(&webhooks::update(app, client, id, &changes).await?);
            }
            Command::Delete { id } => {
                webhooks::delete(app, client, id).await?;
                println!("deleted {id}");
            }
            Command::Secret { id } => {
                let webhook = webhooks::find(app, client, id).await?;
                println!("{}", webhooks::secret(app, &webhook).await?.expose());
            }
            Command::Rotate { id, at_once, own } => {
                let own = own.then(read_secret).transpose()?;
                let secret =
                    webhooks::rotate_secret(app, client, id, own.as_ref(), at_once).await?;
                println!("{}", secret.expose());
            }
            Command::Events => {}
            Command::Test { id, event } => {
                let webhook = webhooks::find(app, client, id).await?;
                let message = webhooks::send_test(app, &webhook, event.as_deref()).await?;
                println!("{}  {}", message.id, message.event_type);
                println!(
                    "A running server sends it now; moorline webhooks inspect {id} {}",
                    message.id
                );
            }
            Command::Messages {
                id,
                status,
                from,
                to,
                limit,
            } => {
                let webhook = webhooks::find(app, client, id).await?;
                let range = Range {
                    state: state(status.as_deref())?,
                    event_type: None,
                    from,
                    to,
                };
                let slice = messages::list(&app.db, webhook.id, &range, limit, 0).await?;
                for message in &slice.rows {
                    println!("{}", line(message));
                }
                println!("{} of {}", slice.rows.len(), slice.total);
            }
            Command::Inspect { id, message } => inspect(app, client, id, message).await?,
            Command::Resend {
                id,
                message,
                from,
                to,
                status,
                event,
                missed,
            } => {
                let webhook = webhooks::find(app, client, id).await?;
                let number = match (message, from) {
                    (Some(message), _) => {
                        webhooks::resend(app, &webhook, message).await?;
                        1
                    }
                    (None, Some(from)) => {
                        let replay = Replay {
                            from,
                            to,
                            state: state(status.as_deref())?,
                            event_type: event.as_deref().map(str::parse).transpose()?,
                            missed,
                        };
                        webhooks::resend_range(app, &webhook, &replay).await?
                    }
                    (None, None) => bail!("say which: a message's id, or --from a time"),
                };
                println!("{number} to be sent again");
            }
        }
        Ok(())
    }
}

async fn list(app: &App, client: ClientId) -> anyhow::Result<()> {
    for webhook in rows::list(&app.db, client, None).await? {
        let waiting = messages::waiting(&app.db, webhook.id).await?;
        let state = match (webhook.disabled, webhook.failing_since) {
            (true, _) => "disabled",
            (false, Some(_)) => "failing",
            (false, None) => "good",
        };
        println!(
            "{}  {state:8}  {waiting} waiting  {}  {}",
            webhook.id,
            webhook.url,
            webhooks::names(&webhook.event_types).join(", ")
        );
    }
    Ok(())
}

fn show(webhook: &Webhook) {
    println!("webhook {}  {}", webhook.id, webhook.url);
    println!(
        "events {}",
        webhooks::names(&webhook.event_types).join(", ")
    );
    let tags = webhooks::names(&webhook.company_tags);
    if !tags.is_empty() {
        println!("company tags {}", tags.join(", "));
    }
    if webhook.disabled {
        let reason = webhook.disabled_reason.as_deref().unwrap_or("by request");
        println!("disabled {reason}");
    }
}

fn line(message: &Message) -> String {
    let next = message
        .next_at
        .map(|at| format!("  next {}", at.format("%Y-%m-%dT%H:%M:%SZ")))
        .unwrap_or_default();
    format!(
        "{}  {}  {:9}  {} attempts  {}{next}",
        message.id,
        message.created.format("%Y-%m-%dT%H:%M:%SZ"),
        message.state,
        message.attempts,
        message.event_type
    )
}

async fn inspect(app: &App, client: ClientId, id: WebhookId, message: Uuid) -> anyhow::Result<()> {
    let webhook = webhooks::find(app, client, id).await?;
    let found = messages::get(&app.db, webhook.id, message)
        .await?
        .with_context(|| format!("the consumer has no message {message}"))?;
    println!("{}", line(&found));
    for attempt in messages::attempts(&app.db, webhook.id, message).await? {
        let outcome = match (&attempt.error, attempt.status) {
            (Some(error), _) => error.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => String::new(),
        };
        println!(
            "{:3}  {}  {} ms  {outcome}",
            attempt.number,
            attempt.at.format("%Y-%m-%dT%H:%M:%SZ"),
            attempt.duration_ms
        );
        if let Some(answer) = attempt.answer {
            println!("     {}", answer.escape_debug());
        }
    }
    match webhooks::body(app, &found).await? {
        Some(body) => {
            let body: serde_json::Value = serde_json::from_str(&body)?;
            println!("{body:#}");
        }
        None => println!("What it says is no longer kept."),
    }
    Ok(())
}

fn state(text: Option<&str>) -> anyhow::Result<Option<MessageState>> {
    text.map(|text| {
        MessageState::from_word(text).context("a status is one of waiting, delivered and failed")
    })
    .transpose()
}

fn read_secret() -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input can't be read")?;
    Ok(Secret::new(text.trim()))
}
