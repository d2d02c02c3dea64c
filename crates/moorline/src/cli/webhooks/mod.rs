//! `moorline webhooks`: consumers, their secrets and messages.

mod messages;
mod settings;

use std::io::Read;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use egress::Secret;
use serde::Serialize;
use uuid::Uuid;

use super::operating::{Shown, print_all, print_one};
use super::{choose_client, command};
use platform::app::App;
use platform::events::webhooks::{self, Changes, Replay, samples};
use settings::Settings;
use store::messages::Range;
use store::model::{ClientId, EventType, WebhookId};
use store::webhooks::Webhook;

#[derive(Args)]
pub struct Webhooks {
    /// The client organisation, by id or name, if there are several.
    #[arg(long, global = true)]
    client: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List consumers.
    List,
    /// Create a consumer; its signing secret is printed.
    Create {
        /// The address that messages are posted to.
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
        /// The address that messages are posted to.
        #[arg(long)]
        url: Option<String>,
        /// An event type or pattern. Replaces all that the consumer has; can be repeated.
        #[arg(long = "event")]
        events: Vec<String>,
        #[command(flatten)]
        settings: Settings,
        /// Enable it again; waiting messages are sent.
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
        /// Disable it: nothing more is sent.
        #[arg(long)]
        disable: bool,
        /// Remove the rate limit.
        #[arg(long, conflicts_with = "rate")]
        no_rate: bool,
        /// Remove the client certificate.
        #[arg(long, conflicts_with = "certificate")]
        no_certificate: bool,
    },
    /// Delete a consumer with its messages.
    Delete { id: WebhookId },
    /// Show the signing secret.
    Secret { id: WebhookId },
    /// Replace the signing secret; the old one signs beside the new one for a day.
    Rotate {
        id: WebhookId,
        /// Stop signing with the old secret now.
        #[arg(long)]
        at_once: bool,
        /// Read a secret of your own (whsec_…) from standard input.
        #[arg(long)]
        own: bool,
    },
    /// List every event type with its meaning.
    Events,
    /// Send a sample event.
    Test {
        id: WebhookId,
        /// The event type to send. Without it: the first that the consumer receives.
        #[arg(long)]
        event: Option<String>,
    },
    /// List a consumer's messages, newest first.
    Messages {
        id: WebhookId,
        /// Only messages in this state: waiting, delivered or failed.
        #[arg(long)]
        status: Option<String>,
        /// Only messages from this time on (ISO 8601).
        #[arg(long)]
        from: Option<DateTime<Utc>>,
        /// Only messages up to this time (ISO 8601).
        #[arg(long)]
        to: Option<DateTime<Utc>>,
        /// The most messages to list.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Show a message with each attempt to deliver it.
    Inspect { id: WebhookId, message: Uuid },
    /// Send one message again, or all messages of a period.
    Resend {
        id: WebhookId,
        message: Option<Uuid>,
        /// The beginning of the period (ISO 8601), in place of one message.
        #[arg(long, conflicts_with = "message", required_unless_present = "message")]
        from: Option<DateTime<Utc>>,
        /// The end of the period (ISO 8601). Without it: now.
        #[arg(long, conflicts_with = "message")]
        to: Option<DateTime<Utc>>,
        /// Only messages in this state: waiting, delivered or failed.
        #[arg(long, conflicts_with = "message")]
        status: Option<String>,
        /// Only this event type or pattern.
        #[arg(long, conflicts_with = "message")]
        event: Option<String>,
        /// Also send events of which this consumer never had a message.
        #[arg(long, conflicts_with = "message")]
        missed: bool,
    },
}

impl Webhooks {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let json = self.json;
        if let Command::Events = self.command {
            let shown = EventType::ALL.iter().map(|kind| {
                Shown::default()
                    .with("name", kind.name(kind.is_write().then_some("{dataType}")))
                    .with("meaning", samples::meaning(*kind))
            });
            print_all(&shown.collect::<Vec<_>>(), json);
            return Ok(());
        }
        let client = choose_client(app, self.client.as_deref()).await?.id;
        match self.command {
            Command::List => list(app, client, json).await?,
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
                let secret = webhooks::secret(app, &webhook).await?;
                if json {
                    let shown = of_webhook(&webhook).with("secret", secret.expose());
                    print_one(&shown, &[], true);
                    return Ok(());
                }
                show(&webhook);
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
                let webhook = webhooks::update(app, client, id, &changes).await?;
                match json {
                    true => print_one(&of_webhook(&webhook), &[], true),
                    false => show(&webhook),
                }
            }
            Command::Delete { id } => {
                webhooks::delete(app, client, id).await?;
                did(json, ("deleted", id), &format!("deleted {id}"));
            }
            Command::Secret { id } => {
                let webhook = webhooks::find(app, client, id).await?;
                let secret = webhooks::secret(app, &webhook).await?;
                did(json, ("secret", secret.expose()), secret.expose());
            }
            Command::Rotate { id, at_once, own } => {
                let own = own.then(read_secret).transpose()?;
                let secret =
                    webhooks::rotate_secret(app, client, id, own.as_ref(), at_once).await?;
                did(json, ("secret", secret.expose()), secret.expose());
            }
            Command::Events => {}
            Command::Test { id, event } => {
                let webhook = webhooks::find(app, client, id).await?;
                let message = webhooks::send_test(app, &webhook, event.as_deref()).await?;
                if json {
                    let shown = Shown::default()
                        .with("id", message.id)
                        .with("eventType", &message.event_type);
                    print_one(&shown, &[], true);
                    return Ok(());
                }
                println!("{}  {}", message.id, message.event_type);
                println!(
                    "A running server sends it now. See its attempts with: {}",
                    command(&format!("webhooks inspect {id} {}", message.id))
                );
            }
            Command::Messages {
                id,
                status,
                from,
                to,
                limit,
            } => {
                let range = Range {
                    state: messages::parse_state(status.as_deref())?,
                    event_type: None,
                    from,
                    to,
                };
                messages::list(app, client, id, &range, limit, json).await?;
            }
            Command::Inspect { id, message } => {
                messages::inspect(app, client, id, message, json).await?;
            }
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
                            state: messages::parse_state(status.as_deref())?,
                            event_type: event.as_deref().map(str::parse).transpose()?,
                            missed,
                        };
                        webhooks::resend_range(app, &webhook, &replay).await?
                    }
                    (None, None) => bail!("give a message's id, or --from a time"),
                };
                did(
                    json,
                    ("number", number),
                    &format!("{number} to be sent again"),
                );
            }
        }
        Ok(())
    }
}

/// Prints what was done: as a JSON object of one member, or in words.
fn did(json: bool, (name, value): (&'static str, impl Serialize), words: &str) {
    match json {
        true => print_one(&Shown::default().with(name, value), &[], true),
        false => println!("{words}"),
    }
}

fn of_webhook(webhook: &Webhook) -> Shown {
    Shown::default()
        .with("id", webhook.id)
        .with("url", &webhook.url)
        .with("eventTypes", webhooks::names(&webhook.event_types))
        .with("companyTags", webhooks::names(&webhook.company_tags))
        .with("disabled", webhook.disabled)
        .with("reason", &webhook.disabled_reason)
}

async fn list(app: &App, client: ClientId, json: bool) -> anyhow::Result<()> {
    let mut shown = Vec::new();
    for webhook in store::webhooks::list(&app.db, client, None).await? {
        let waiting = store::messages::waiting(&app.db, webhook.id).await?;
        let state = match (webhook.disabled, webhook.failing_since) {
            (true, _) => "disabled",
            (false, Some(_)) => "failing",
            (false, None) => "good",
        };
        if json {
            shown.push(
                Shown::default()
                    .with("id", webhook.id)
                    .with("url", &webhook.url)
                    .with("state", state)
                    .with("reason", &webhook.disabled_reason)
                    .with("failingSince", webhook.failing_since)
                    .with("waiting", waiting)
                    .with("eventTypes", webhooks::names(&webhook.event_types)),
            );
            continue;
        }
        println!(
            "{}  {state:8}  {waiting} waiting  {}  {}",
            webhook.id,
            webhook.url,
            webhooks::names(&webhook.event_types).join(", ")
        );
    }
    if json {
        print_all(&shown, true);
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

fn read_secret() -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("the secret could not be read from standard input")?;
    Ok(Secret::new(text.trim()))
}
