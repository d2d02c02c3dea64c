//! Lists as real platforms have them: searched by POST, queried by a text, read for each of something, narrowed to changes.

mod answers;
mod contradictions;
mod lists;
mod machines;
mod places;

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use crate::emulator::Platform;
use crate::stand::{Stand, folder, load};

const MANIFEST: &str = r#"
key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0b4bd0fe-8a3f-4d0f-a7a3-51d8e6ab1c9c"
source_id = "5bdbcf7e-5d5c-4a55-9ff2-2f3a3a0a6a5d"

[variables]
host = "http://nowhere.invalid"

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "post"
token_request = "json"
token_headers = { "X-Version" = "2026-01-01" }
expires_at = "expires_at"
refresh_expires_at = "refresh_token_expires_at"
token_error = "errors.0.code"
token_error_description = "errors.0.detail"
grant_lost = ["GRANT_GONE"]
token_claims = ["event"]
callback_parameters = ["realm"]

[[auth.revoke]]
method = "DELETE"
url = "${host}/links/${link}"

[[auth.revoke]]
url = "${host}/revoke"
body = "json"
parameters = { token = "${refresh_token}", client = "${client_id}" }
authorization = "Client ${client_secret}"

[identity]
path = "${host}/links?event=${event}"
map = "identity.jq"
variables = ["tenant", "link"]

[api]
base_url = "${host}/v1"
error_message = ["Fault.Error.0.Message", "Detail"]

[limits.headers]
day_remaining = "X-Day-Left"
minute_remaining = "X-Minute-Left"
problem = "X-Problem"
problems = { day = "day", burst = "concurrent" }

[[data]]
type = "invoices"
path = "/query"
query = { query = "select * from Invoice where A = 1${since} startposition ${offset} maxresults ${size}" }
paging = { style = "offset", first = 1, size = 2 }
since = { text = " and Changed > '${time}'", format = "rfc3339" }
items = "Answer.0.Invoice"
items_may_be_absent = true
map = "invoice.jq"

[[data]]
type = "invoices"
when = "changes"
path = "/gone"
query = { entities = "Invoice", since = "${since}" }
since = { text = "${time}", format = "rfc3339" }
paging = { style = "none", full = 3 }
items = "ids"
map = "gone.jq"

[[data]]
type = "payments"
method = "POST"
path = "/search"
body = { place_ids = ["${place}"], sort = { field = "UPDATED_AT" }, deep = true }
paging = { style = "cursor", parameter = "paging.cursor", size_parameter = "limit", size = 100, next = "cursor" }
since = { body = "query.filter.updated_at.start_at", format = "rfc3339" }
each = { name = "place", path = "/places", items = "places", value = "id" }
items = "payments"
items_may_be_absent = true
map = "record.jq"

[[data]]
type = "journals"
path = "/journals"
paging = { style = "offset", parameter = "offset", size = 2, last = "Number" }
items = "Journals"
map = "record.jq"

[[data]]
type = "accountTransactions"
path = "/moves"
lookup = { banks = { path = "/accounts", query = { kind = "Bank" }, items = "accounts", next = "more.link", full = 4 }, home = { path = "/preferences", next = "more", full = 2, may_be_refused = true } }
paging = { style = "none" }
items = "Move|Movement"
map = "move.jq"

[[data]]
type = "billPayments"
each = { name = "payout", path = "/payouts", query = { place = "${place}", from = "${since}" }, items = "payouts", value = "id", parameter = "cursor", next = "cursor", within = { name = "place", path = "/places", items = "places", value = "id" } }
path = "/payouts/${payout}/entries"
since = { text = "${time}", otherwise = "2009-01-01T00:00:00Z", format = "rfc3339" }
paging = { style = "none" }
items = "entries"
items_may_be_absent = true
empty_statuses = [404]
refusals = [{ status = 400, path = "code", values = ["no-payouts"], means = "empty" }]
map = "record.jq"

[[data]]
type = "profitAndLoss"
path = "/report"
query = { from = "${first_day}", to = "${last_day}", periods = "${months_before}" }
paging = { style = "months", size = 12 }
map = "record.jq"

[[unsupported]]
type = "bankTransactions"
reason = "The platform has no feed of bank lines."
"#;

fn described(manifest: &str) -> TempDir {
    folder(&[
        ("manifest.toml", manifest),
        (
            "identity.jq",
            "[.[] | {id: .tenant, companyName: .name, detail: .since, variables: {tenant, link: .id}}]",
        ),
        ("record.jq", "{id: .id, totalAmount: .sum}"),
        (
            "invoice.jq",
            "{id: .id, totalAmount: .sum, status: \"Submitted\"}",
        ),
        ("gone.jq", "gone(.)"),
        (
            "move.jq",
            "{id: .id, totalAmount: .sum, status: \"Unknown\", currency: $lookup.home.currency} \
             + (.bank as $bank | {bankAccountRef: first($lookup.banks[] | select(.id == $bank))})",
        ),
    ])
}

async fn start() -> Stand {
    let platform = Platform::start().await;
    let integration = load(&described(MANIFEST), &[("host", &platform.base)]).unwrap();
    let variables = [("today", "2026-03-31"), ("months_to_sync", "14")];
    Stand::new(platform, integration, &variables)
}

fn noon() -> Option<DateTime<Utc>> {
    Some("2026-03-31T12:00:00Z".parse().unwrap())
}
