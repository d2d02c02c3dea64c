//! An example of every event's payload, for test messages and docs/WEBHOOKS.md.

use records::DataType;
use serde_json::{Value, json};

use store::model::EventType;

/// The name of every event that can be sent, writes with each data type.
pub(super) fn names() -> impl Iterator<Item = String> {
    EventType::ALL.iter().flat_map(|kind| {
        if kind.is_write() {
            DataType::ALL
                .iter()
                .map(|data_type| kind.name(Some(data_type.as_str())))
                .collect()
        } else {
            vec![kind.name(None)]
        }
    })
}

/// The meaning of each event.
pub const fn meaning(kind: EventType) -> &'static str {
    match kind {
        EventType::CompanyCreated => "A company was created.",
        EventType::CompanyUpdated => {
            "A company's name, description or tags were changed. An event of Moorline's own."
        }
        EventType::CompanyDeleted => "A company was deleted, with its connections and data.",
        EventType::CompanyProductAdded => "A product was enabled for a company.",
        EventType::CompanyProductRemoved => "A product was disabled for a company.",
        EventType::DataRequestCreated => {
            "A business asks for a copy of the data that it shared, or for its deletion, by `dueDate`. An event of Moorline's own."
        }
        EventType::DataRequestAnswered => {
            "The client answered a business's request. An event of Moorline's own."
        }
        EventType::PlatformRequested => {
            "A business's people use a platform that isn't on offer, and say which. An event of Moorline's own."
        }
        EventType::ConnectionCreated => "A connection was created and waits for its customer.",
        EventType::ConnectionConnected => "A customer gave access: the connection is Linked.",
        EventType::ConnectionFailed => {
            "A customer's attempt to give access failed or was cancelled."
        }
        EventType::ConnectionDisconnected => {
            "A connection was unlinked, or its platform no longer honours the grant."
        }
        EventType::ConnectionReconnected => {
            "A customer gave access again to a connection that was disconnected."
        }
        EventType::ConnectionDeleted => "A connection was deleted, with its data.",
        EventType::TokenRefreshFailing => {
            "The platform doesn't renew the connection's access; sent once each time it begins. An event of Moorline's own."
        }
        EventType::TokenRefreshRecovered => {
            "The platform renews the access again. An event of Moorline's own."
        }
        EventType::CredentialExpiring => {
            "The grant will end soon unless the customer gives access again. An event of Moorline's own."
        }
        EventType::GrantEnded => {
            "A grant came to its end: given back to the platform, or what became of it. An event of Moorline's own."
        }
        EventType::ConsentRequired => {
            "More is wanted of a connection than its customer agreed to, or its platform allowed: let the customer open its link again. An event of Moorline's own."
        }
        EventType::AdditionalConsentGiven => {
            "A customer agreed, in Link, to a further purpose for what is connected already. An event of Moorline's own."
        }
        EventType::AdditionalConsentRefused => {
            "A customer didn't agree, in Link, to a further purpose for what is connected already. An event of Moorline's own."
        }
        EventType::TimesChanged => {
            "The times at which a program on the customer's machine is asked were changed: paused until a time, or hours of the day. An event of Moorline's own."
        }
        EventType::SyncPaused => {
            "Pulling a data type waits, for `reason` and until `nextAttempt`. An event of Moorline's own."
        }
        EventType::DataExpiring => {
            "Data pulled through a connection whose access ended will be deleted at `expiryDate`, as the client's settings say. An event of Moorline's own."
        }
        EventType::DataDeleted => {
            "Data pulled through a connection whose access ended was deleted, as the client's settings say. An event of Moorline's own."
        }
        EventType::ReadCompleted => {
            "All pulls that were queued together for a connection have ended."
        }
        EventType::ReadCompletedInitial => {
            "The first pulls after a connection was authorised have ended."
        }
        EventType::WriteSuccessful => "A write to a platform succeeded.",
        EventType::WriteUnsuccessful => "A write to a platform failed or timed out.",
        EventType::RateLimitReached => "The client's requests for the day are used up.",
        EventType::RateLimitReset => "The client's quota of requests was renewed for a new day.",
        EventType::WebhookDisabled => {
            "A consumer was disabled for its answers, or for failing too long. An event of Moorline's own."
        }
    }
}

/// An example by the event's whole name. None if there is no such event.
pub(super) fn payload(name: &str) -> Option<Value> {
    let kind = EventType::ALL.iter().find(|kind| {
        if kind.is_write() {
            DataType::ALL
                .iter()
                .any(|data_type| kind.name(Some(data_type.as_str())) == name)
        } else {
            kind.as_str() == name
        }
    })?;
    Some(of_kind(*kind))
}

/// An example payload of a kind of event.
pub fn of_kind(kind: EventType) -> Value {
    match kind {
        EventType::CompanyCreated | EventType::CompanyUpdated | EventType::CompanyDeleted => {
            company()
        }
        EventType::CompanyProductAdded | EventType::CompanyProductRemoved => json!({
            "id": COMPANY, "name": "Lindqvist Snickeri AB", "description": "Joinery, Malmö",
            "productId": "lending", "productName": "Lending",
            "products": if kind == EventType::CompanyProductAdded { json!(["lending"]) } else { json!([]) },
        }),
        EventType::DataRequestCreated | EventType::DataRequestAnswered => {
            let answered = kind == EventType::DataRequestAnswered;
            json!({
                "id": "019ebf0a-7c00-7000-8000-000000000007", "referenceCompany": reference(), "kind": "Copy",
                "status": if answered { "Completed" } else { "Open" },
                "requestedDate": "2026-06-15T09:30:00Z", "dueDate": "2026-07-15T09:30:00Z",
                "answeredDate": if answered { json!("2026-06-20T09:30:00Z") } else { Value::Null },
                "note": if answered { json!("We sent the copy by e-mail.") } else { Value::Null },
            })
        }
        EventType::PlatformRequested => json!({
            "referenceCompany": reference(), "platformName": "Abacus Books 4", "requestedDate": "2026-06-15T09:30:00Z",
        }),
        EventType::ConnectionCreated => connection("PendingAuth", json!({})),
        EventType::ConnectionFailed => connection("PendingAuth", json!({})),
        EventType::ConnectionConnected | EventType::ConnectionReconnected => {
            connection("Linked", json!({}))
        }
        EventType::ConnectionDisconnected => connection("Deauthorized", json!({})),
        EventType::ConnectionDeleted => connection("Unlinked", json!({})),
        EventType::TokenRefreshFailing => connection(
            "Linked",
            json!({ "failingSince": "2026-06-15T09:30:00Z", "reason": "The platform answered 503 to the last three refreshes." }),
        ),
        EventType::TokenRefreshRecovered => connection(
            "Linked",
            json!({ "failingSince": "2026-06-15T09:30:00Z", "reason": null }),
        ),
        EventType::CredentialExpiring => connection(
            "Linked",
            json!({ "expiring": "refreshToken", "expiryDate": "2026-06-22T09:30:00Z", "daysLeft": 7 }),
        ),
        EventType::GrantEnded => json!({
            "referenceCompany": reference(), "connectionId": CONNECTION,
            "grant": {
                "id": "019ebf0a-7c00-7000-8000-000000000007", "integrationKey": "abcd", "platformName": "Sandbox accounting",
                "accountName": "Lindqvist Snickeri AB", "origin": "authorised", "begun": "2026-06-01T08:00:00Z",
                "state": "givenBack", "ended": "2026-06-15T09:30:00Z", "reason": "disconnected",
                "answer": { "status": 200, "error": null }, "remedy": null,
            },
        }),
        EventType::ConsentRequired => connection(
            "Linked",
            json!({
                "missing": {
                    "dataTypes": ["bills"], "history": [], "further": [], "writes": [], "scopes": ["accounting.invoices.read"],
                },
                "reason": "Harbour Lending asks for more than was agreed to: reading bills.",
            }),
        ),
        EventType::AdditionalConsentGiven | EventType::AdditionalConsentRefused => connection(
            "Linked",
            json!({
                "additionalConsent": {
                    "version": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "language": "en",
                    "title": "Use your books for your loan, too",
                    "subtitle": "Harbour Lending asks to use what you share from Sandbox accounting to decide on your loan.",
                },
            }),
        ),
        EventType::TimesChanged => connection(
            "Linked",
            json!({
                "pausedUntil": "2026-06-16T09:30:00Z",
                "hours": { "timeZone": "America/Chicago", "from": "19:00", "to": "07:00", "wholeWeekends": true },
                "reason": "Nothing is read before 16 June 2026, 09:30 UTC.",
            }),
        ),
        EventType::SyncPaused => connection(
            "Linked",
            json!({
                "dataType": "invoices", "reason": "The platform's rate limit was reached.",
                "nextAttempt": "2026-06-15T09:31:00Z",
            }),
        ),
        EventType::DataExpiring => connection(
            "Unlinked",
            json!({
                "expiryDate": "2026-06-22T00:00:00Z",
                "reason": "Data is deleted 30 days after access has ended: on 22 June 2026.",
            }),
        ),
        EventType::DataDeleted => connection(
            "Unlinked",
            json!({
                "expiryDate": "2026-06-15T00:00:00Z",
                "reason": "Data is deleted 30 days after access has ended.",
            }),
        ),
        EventType::ReadCompleted => json!({
            "referenceCompany": reference(), "modifiedFromDate": "2026-06-14T09:30:00Z",
            "dataTypes": [
                { "connectionId": CONNECTION, "dataType": "invoices", "recordsModified": true, "status": "Complete" },
                { "connectionId": CONNECTION, "dataType": "bills", "recordsModified": false, "status": "FetchError" },
            ],
        }),
        EventType::ReadCompletedInitial => json!({
            "referenceCompany": reference(), "modifiedFromDate": null,
            "dataTypes": [
                { "connectionId": CONNECTION, "dataType": "invoices", "recordsModified": false, "status": "Complete" },
            ],
        }),
        EventType::WriteSuccessful | EventType::WriteUnsuccessful => {
            let good = kind == EventType::WriteSuccessful;
            json!({
                "id": "019ebf0a-7c00-7000-8000-000000000004", "type": "Create", "referenceCompany": reference(),
                "connectionId": CONNECTION, "requestedOnDate": "2026-06-15T09:29:58Z",
                "completedOnDate": "2026-06-15T09:30:00Z", "status": if good { "Success" } else { "Failed" },
                "record": if good { json!({ "id": "inv-1042" }) } else { Value::Null }, "attachmentId": null,
            })
        }
        EventType::RateLimitReached => quota(0),
        EventType::RateLimitReset => quota(10_000),
        EventType::WebhookDisabled => json!({
            "id": "019ebf0a-7c00-7000-8000-000000000005", "url": "https://example.com/hooks",
            "reason": "The consumer accepted nothing for 120 hours.", "failingSince": "2026-06-10T09:30:00Z",
            "disabledOnDate": "2026-06-15T09:30:00Z",
        }),
    }
}

const COMPANY: &str = "019ebf0a-7c00-7000-8000-000000000001";
const CONNECTION: &str = "019ebf0a-7c00-7000-8000-000000000002";

fn company() -> Value {
    json!({
        "id": COMPANY, "name": "Lindqvist Snickeri AB", "description": "Joinery, Malmö", "platform": "",
        "redirect": format!("https://moorline.example/company/{COMPANY}?link.otp=one-time-password"),
        "lastSync": "2026-06-15T09:00:00Z", "created": "2026-06-01T08:00:00Z", "products": [], "tags": { "region": "se" },
    })
}

fn reference() -> Value {
    json!({
        "id": COMPANY, "name": "Lindqvist Snickeri AB", "description": "Joinery, Malmö",
        "links": { "portal": format!("https://moorline.example/companies/{COMPANY}") }, "tags": { "region": "se" },
    })
}

fn connection(status: &str, further: Value) -> Value {
    let mut payload = json!({
        "referenceCompany": reference(),
        "connection": {
            "id": CONNECTION, "integrationId": "019ebf0a-7c00-7000-8000-000000000006", "integrationKey": "abcd",
            "sourceId": "019ebf0a-7c00-7000-8000-000000000003", "sourceType": "Accounting",
            "platformName": "Sandbox accounting", "status": status, "created": "2026-06-01T08:00:00Z",
            "linkUrl": format!(
                "https://moorline.example/companies/{COMPANY}/connections/{CONNECTION}/start?otp=one-time-password"
            ),
        },
    });
    if let (Value::Object(payload), Value::Object(further)) = (&mut payload, further) {
        payload.extend(further);
    }
    payload
}

fn quota(remaining: i64) -> Value {
    json!({ "dailyQuota": 10_000, "quotaRemaining": remaining, "expiryDate": "2026-06-16T00:00:00Z" })
}
