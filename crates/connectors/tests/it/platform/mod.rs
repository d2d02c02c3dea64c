//! A platform of the tests' own, configured through nothing but a manifest folder: OAuth, identity, pages, writes.

mod lists;
mod refused_folders;
mod revoking;
mod tokens;
mod writing;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use connectors::{Catalogue, ClientCredentials, Integration, Said};
use egress::Secret;
use tempfile::TempDir;

use crate::emulator::Platform;

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
authorize_url = "${host}/authorize?realm=a"
authorize_parameters = { prompt = "consent" }
token_url = "${host}/token"
revoke_url = "${host}/revoke"
userinfo_url = "${host}/userinfo"
issuer = "${host}"
scopes = ["read", "offline_access"]
client_authentication = "basic"
callback_parameters = ["realm"]

[[auth.scope]]
scope = "openid"
identity = ["identifier"]
[[auth.scope]]
scope = "email"
identity = ["email"]

[[steps]]
kind = "confirm_company_name"
[[steps]]
kind = "instructions"
title = "First"
body = "Do *this*."
confirm = "Done"

[identity]
path = "/${realm}/me"
map = "identity.jq"
variables = ["tenant"]

[api]
base_url = "${host}/v1"
headers = { "X-Tenant" = "${tenant}" }
error_message = "errors.0.detail"

[limits]
requests_per_minute = 60

[[data]]
type = "payments"
path = "/payments"
query = { kind = "in & out" }
paging = { style = "page", parameter = "page", size_parameter = "size", size = 2, pages = "pages", total = "total" }
since = { query = "since", format = "epoch_milliseconds" }
items = "data"
map = "payments.jq"

[[data]]
type = "invoices"
path = "/invoices"
paging = { style = "page", parameter = "page", first = 0, size = 2 }
since = { header = "If-Modified-Since", format = "http_date" }
items = "data"
map = "payments.jq"

[[data]]
type = "bills"
path = "/bills"
paging = { style = "cursor", parameter = "after", next = "page.next", more = "page.more" }
items = "data"
map = "payments.jq"

[[data]]
type = "suppliers"
path = "/suppliers"
paging = { style = "link", next = "links.next" }
items = "data"
map = "payments.jq"

[[data]]
type = "company"
path = "/company"
paging = { style = "none" }
map = "payments.jq"
"#;

fn write(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

const IDENTITY: &str = "{id: .org, companyName: .title, variables: {tenant: .tenant}}";
const PAYMENTS: &str = "{id: .id, totalAmount: .sum}";

/// A folder with the manifest, read.
fn integration(platform: &Platform, manifest: &str) -> (TempDir, Arc<Integration>) {
    let dir = TempDir::new().unwrap();
    write(
        &dir.path().join("test"),
        &[
            ("manifest.toml", manifest),
            ("identity.jq", IDENTITY),
            ("payments.jq", PAYMENTS),
            ("logo-square.svg", "<svg/>"),
        ],
    );
    let variables = BTreeMap::from([("test.host".to_owned(), platform.base.clone())]);
    let (catalogue, problems) = Catalogue::load(&[], &[dir.path().to_owned()], &variables);
    assert!(problems.is_empty(), "{problems:?}");
    let integration = catalogue.get("test").unwrap().clone();
    (dir, integration)
}

fn credentials() -> ClientCredentials {
    ClientCredentials {
        client_id: "a client:1".to_owned(),
        client_secret: Some(Secret::new("s/e+c%ret")),
    }
}

const TOKENS: &str = r#"{"access_token":"at-1","token_type":"bearer","refresh_token":"rt-1","expires_in":"1800",
    "refresh_token_expires_in":7776000,"scope":"read","tenant":"t"}"#;

fn variables() -> BTreeMap<String, String> {
    let pairs = [("realm", "r/1"), ("tenant", "t 2")];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn said(status: u16, error: Option<&str>) -> Said {
    let error = error.map(str::to_owned);
    Said { status, error }
}
