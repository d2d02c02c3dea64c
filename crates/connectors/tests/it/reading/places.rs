//! Mistakes in a manifest, each reported at the line that it stands on, with the word that was meant.

use std::collections::BTreeMap;

use connectors::LoadProblem;

use crate::stand::{folder, load};

/// Two ways beside a sign-in, texts, look-ups, values within values.
const MANIFEST: &str = r#"key = "test"
name = "A platform"
source_type = "Accounting"
integration_id = "0f20c943-12d0-4800-9f6c-d218f62d494c"
source_id = "8a156a5a-39cb-4f9d-856e-76ef9b9a9607"

[variables]
host = "https://api.example.com"

[texts]
account = { of = "company", lower_case = true, replace = { "_" = "-" } }
book = { by = "books", values = { T = " and book = 1", F = "" } }
columns = { text = "id, name${book}" }
tracking = { text = ", place" }
widened = { by = "books", values = { T = "${columns}${tracking}" }, otherwise = "id" }

[auth]
kind = "oauth2"
authorize_url = "${host}/authorize"
token_url = "${host}/token"
client_authentication = "basic"
callback_parameters = ["company", "realm"]

[auth.approval]
url = "${host}/approve"
parameters = { client = "${client_id}", back = "${redirect_uri}", state = "${state}" }
approved = { approved = "yes" }
needed = ["E-17"]

[[auth.way]]
key = "key"
kind = "fields"
title = "A key"
body = "Make a key."
refused = "Check the key."
manage_access = "Delete the key."
headers = { "X-Key" = "${secret_key}" }
values = { realm = "eu" }
[[auth.way.field]]
name = "company"
label = "Company"
[[auth.way.field]]
name = "secret_key"
label = "Key"
secret = true

[[auth.way]]
key = "certificate"
kind = "certificate"
title = "A certificate"
body = "Register it."
refused = "Check the id."
manage_access = "Remove it."
token_url = "${host}/token"
client_id = "${application}"
key_id = "k"
values = { realm = "eu" }
[[auth.way.field]]
name = "company"
label = "Company"
[[auth.way.field]]
name = "application"
label = "Application"

[identity]
path = "/me"
query = { realm = "${realm}" }
lookup = { money = { path = "/money", query = { of = "${company}" } } }
map = "identity.jq"
variables = ["books", "tenant"]

[api]
base_url = "${host}/${account}/v1"
bases = { reports = "${host}/reports" }
headers = { "X-Tenant" = "a", "X.Realm" = "${realm}" }

[limits.headers]
retry_after = ["X-Wait"]
day_remaining = "X-Left"

[[data]]
type = "customers"
method = "POST"
path = "/customers"
body = { q = "select ${widened}${since}", filters = [{ a = "1" }] }
plainer = [{ body = { q = "select ${columns}" } }]
paging = { style = "offset", size_parameter = "size", size = 5, parameter = "start" }
since = { text = " and updated > '${time}'", otherwise = "", format = "date" }
map = "rows.jq"

[[data]]
type = "suppliers"
path = "/suppliers/${tenant}"
query = { place = "${place}" }
headers = { "X-Place" = "${place}" }
each = { name = "place", path = "/places", query = { of = "${town}" }, items = "", value = "id", within = { name = "town", path = "/towns/${company}", items = "", value = "id" } }
lookup = { rates = { base = "reports", path = "/rates", query = { at = "${today}" }, items = "rates" } }
paging = { style = "none" }
empty_statuses = [404]
map = "rows.jq"

[[data]]
type = "suppliers"
method = "POST"
path = "/more"
body = { list = [{ n = 1 }] }
since = { body = "list.1.since", format = "date" }
paging = { style = "none" }
map = "rows.jq"
"#;

pub(super) fn loaded(manifest: &str) -> Result<(), LoadProblem> {
    let files = [
        ("manifest.toml", manifest),
        ("identity.jq", "{id: .id, companyName: .name}"),
        ("rows.jq", "{id: .id}"),
        ("setup.xml", "<Setup>${user}</Setup>"),
        (
            "service.xml",
            "<definitions targetNamespace=\"http://desk.example/\"/>",
        ),
    ];
    load(&folder(&files), &[]).map(drop)
}

/// Changes a manifest, and holds the problem against the line on which `at` stands then.
pub(super) fn refused(manifest: &str, changes: &[(&str, &str)], at: &str, words: &str) {
    let mut changed = manifest.to_owned();
    for (old, new) in changes {
        assert!(changed.contains(old), "{old}");
        changed = changed.replacen(old, new, 1);
    }
    let problem = loaded(&changed).expect_err(words);
    assert!(problem.message.contains(words), "{words}: {problem}");
    let line = changed.lines().position(|line| line.contains(at)).unwrap();
    assert_eq!(problem.line, Some(line + 1), "{at}: {problem}");
}

#[test]
fn a_name_without_a_value_is_reported_where_it_stands_with_the_one_that_was_meant() {
    loaded(MANIFEST).unwrap();
    for (old, new, words) in [
        // In every part of a list.
        (
            "path = \"/customers\"",
            "path = \"/customers/${compny}\"",
            "data.customers.path: no value for ${compny}: did you mean ${company}?",
        ),
        (
            "${widened}${since}",
            "${widned}${since}",
            "did you mean ${widened}?",
        ),
        (
            "filters = [{ a = \"1\" }]",
            "filters = [{ a = \"${relm}\" }]",
            "data.customers.body.filters.0.a: no value for ${relm}: did you mean ${realm}?",
        ),
        (
            "{ q = \"select ${columns}\" }",
            "{ q = \"select ${colums}\" }",
            "data.customers.plainer.0.body.q: no value for ${colums}: did you mean ${columns}?",
        ),
        (
            "'${time}'",
            "'${tim}'",
            "data.customers.since.text: no value for ${tim}: did you mean ${time}?",
        ),
        (
            "query = { place = \"${place}\" }",
            "query = { place = \"${plac}\" }",
            "data.suppliers.query.place: no value for ${plac}: did you mean ${place}?",
        ),
        (
            "\"X-Place\" = \"${place}\"",
            "\"X-Place\" = \"${plce}\"",
            "data.suppliers.headers.X-Place",
        ),
        (
            "of = \"${town}\"",
            "of = \"${twn}\"",
            "data.suppliers.each.query.of: no value for ${twn}: did you mean ${town}?",
        ),
        (
            "/towns/${company}",
            "/towns/${compani}",
            "data.suppliers.each.within.path",
        ),
        (
            "at = \"${today}\"",
            "at = \"${todai}\"",
            "data.suppliers.lookup.rates.query.at: no value for ${todai}: did you mean ${today}?",
        ),
        (
            "base = \"reports\"",
            "base = \"report\"",
            "there is no base `report` in [api.bases]: did you mean `reports`?",
        ),
        // Beside the lists.
        (
            "realm = \"${realm}\" }",
            "realm = \"${relm}\" }",
            "identity.query.realm",
        ),
        (
            "of = \"${company}\" } } }",
            "of = \"${compny}\" } } }",
            "identity.lookup.money.query.of",
        ),
        (
            "${account}/v1",
            "${acount}/v1",
            "api.base_url: no value for ${acount}: did you mean ${account}?",
        ),
        (
            "\"X.Realm\" = \"${realm}\"",
            "\"X.Realm\" = \"${relm}\"",
            "api.headers.X.Realm",
        ),
        (
            "client_id = \"${application}\"",
            "client_id = \"${aplication}\"",
            "auth.way.1.client_id: no value for ${aplication}: did you mean ${application}?",
        ),
        (
            "X-Key\" = \"${secret_key}\"",
            "X-Key\" = \"${secretkey}\"",
            "auth.way.0.headers.X-Key",
        ),
        (
            "= \"https://api.example.com\"",
            "= \"https://${hst}.example.com\"",
            "variables.host: no value for ${hst}",
        ),
        (
            "path = \"/more\"",
            "path = \"/more/${company of\"",
            "no `}` ends the name that begins with `${company`",
        ),
    ] {
        refused(MANIFEST, &[(old, new)], new, words);
    }
}

#[test]
fn texts_are_checked_where_they_stand_whatever_uses_them() {
    for (old, new, words) in [
        (
            "of = \"company\"",
            "of = \"compny\"",
            "texts.account.of: a connection has no value `compny`: did you mean `company`?",
        ),
        (
            "of = \"company\"",
            "of = \"host\"",
            "`host` is not a value of a connection's",
        ),
        (
            "book = { by = \"books\"",
            "book = { by = \"bookz\"",
            "texts.book.by: a connection has no value `bookz`: did you mean `books`?",
        ),
        (
            "${columns}${tracking}",
            "${columns}${trackin}",
            "texts.widened.values.T: no value for ${trackin}: did you mean ${tracking}?",
        ),
        (
            "otherwise = \"id\"",
            "otherwise = \"id${trackin}\"",
            "texts.widened.otherwise: no value for ${trackin}: did you mean ${tracking}?",
        ),
        (
            "\", place\"",
            "\", place${tracking}\"",
            "texts.tracking.text: this goes in a circle: ${tracking} → ${tracking}",
        ),
        (
            "replace = { \"_\" = \"-\" }",
            "replace = { \"\" = \"-\" }",
            "texts.account.replace: an empty text",
        ),
    ] {
        refused(MANIFEST, &[(old, new)], new, words);
    }
    let circle = [
        ("name${book}", "name${widened}"),
        ("\", place\"", "\", place${columns}\""),
    ];
    refused(
        MANIFEST,
        &circle,
        "columns = {",
        "goes in a circle: ${columns} → ${widened} → ${columns}",
    );
    let mut long = String::from("[texts]\n");
    for number in 0..10 {
        long.push_str(&format!(
            "t{number} = {{ text = \"${{t{}}}\" }}\n",
            number + 1
        ));
    }
    long.push_str("t10 = { text = \"end\" }\n");
    refused(
        MANIFEST,
        &[("[texts]\n", &long)],
        "t0 = {",
        "more than 8 texts stand within each other",
    );
}

#[test]
fn a_way_that_cannot_bring_the_names_of_requests_is_refused() {
    // What one way brings is nothing to another.
    let without_value = MANIFEST.replacen("values = { realm = \"eu\" }\n", "", 1);
    for (manifest, old, new, at, words) in [
        (
            without_value.as_str(),
            "",
            "",
            "[[auth.way]]",
            "auth.way `key` doesn't bring ${realm}, which identity.query.realm needs",
        ),
        (
            MANIFEST,
            "callback_parameters = [\"company\", \"realm\"]",
            "callback_parameters = [\"company\"]",
            "query = { realm",
            "identity.query.realm needs ${realm}, which a sign-in doesn't bring",
        ),
        (
            MANIFEST,
            "path = \"/more\"",
            "path = \"/more/${application}\"",
            "path = \"/more/",
            "data.2.path needs ${application}, which a sign-in doesn't bring",
        ),
        (
            MANIFEST,
            "key_id = \"k\"",
            "key_id = \"${tenant}\"",
            "key_id",
            "which the way `certificate` has neither a field nor a value",
        ),
    ] {
        refused(manifest, &[(old, new)], at, words);
    }
    // What the identity brings is there for all of them, and a text that has another without a value needs none.
    let changes = [
        ("path = \"/more\"", "path = \"/more/${tenant}\""),
        (
            "{ by = \"books\", values = { T = \"${columns}${tracking}\" }",
            "{ by = \"application\", values = { T = \"${columns}\" }",
        ),
    ];
    let changed = changes
        .iter()
        .fold(MANIFEST.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        });
    loaded(&changed).unwrap();
}

#[test]
fn values_that_cannot_work_are_refused() {
    for (old, new, words) in [
        (
            "retry_after = [\"X-Wait\"]",
            "retry_after = [\"X Wait\"]",
            "`X Wait` is not a header name",
        ),
        (
            "day_remaining = \"X-Left\"",
            "day_remaining = \"X:Left\"",
            "`X:Left` is not a header name",
        ),
        (
            "empty_statuses = [404]",
            "empty_statuses = [404, 200]",
            "200 is not a refusal's status, which is from 400 to 599",
        ),
        (
            "empty_statuses = [404]",
            "empty_statuses = [4000]",
            "4000 is not a refusal's status",
        ),
        (
            "list.1.since",
            "list.99.since",
            "`list.99.since` leads past the end of `list`, which has 1 in the body: valid places are from 0 to 1",
        ),
        (
            "list.1.since",
            "list.first.since",
            "`list` is a list in the body, in which `first` is not a place",
        ),
        (
            "size_parameter = \"size\"",
            "size_parameter = \"filters.2\"",
            "data.0.paging.size_parameter: `filters.2` leads past the end",
        ),
        (
            "size = 5, parameter = \"start\"",
            "size = 5, first = -1, parameter = \"start\"",
            "a start below zero is for ids, with `last`",
        ),
        (
            "size = 5, parameter = \"start\"",
            "size = 5, first = \"a\", parameter = \"start\"",
            "expected a whole number",
        ),
        (
            "{ client = \"${client_id}\", ",
            "{ client = \"${client_ident}\", ",
            "auth.approval.parameters.client: no value for ${client_ident}: did you mean ${client_id}?",
        ),
        (
            ", state = \"${state}\" }",
            " }\n",
            "auth.approval.parameters: ${state} must stand in one of them",
        ),
        (
            "url = \"${host}/approve\"",
            "url = \"approve\"",
            "auth.approval.url: ",
        ),
        (
            "approved = { approved = \"yes\" }",
            "approved = { }",
            "auth.approval.approved: give the parameters",
        ),
        (
            "approved = { approved = \"yes\" }",
            "approved = { state = \"yes\" }",
            "`state` has a meaning of its own",
        ),
        (
            "needed = [\"E-17\"]",
            "needed = [\" \"]",
            "empty words stand in every error",
        ),
        (
            "needed = [\"E-17\"]",
            "neded = [\"E-17\"]",
            "did you mean `needed`?",
        ),
        (
            "body = { list = [{ n = 1 }] }\nsince = { body = \"list.1.since\", format = \"date\" }",
            "body = { xml = \"<Rq/>\" }",
            "there is no [machine]",
        ),
    ] {
        let at = new.lines().next().unwrap();
        let at = if at == " }" {
            "parameters = { client"
        } else {
            at
        };
        refused(MANIFEST, &[(old, new)], at, words);
    }
    let each = "path = \"/me\"\neach = { name = \"place\", path = \"/places\", value = \"id\" }\nskipped_statuses = [200]";
    refused(
        MANIFEST,
        &[("path = \"/me\"", &each.replace("/me", "/me/${place}"))],
        "skipped_statuses",
        "200 is not a refusal's status",
    );
}

#[test]
fn a_value_of_the_settings_is_held_to_the_same_names() {
    let dir = folder(&[
        ("manifest.toml", MANIFEST),
        ("identity.jq", "{id: .id, companyName: .name}"),
        ("rows.jq", "{id: .id}"),
    ]);
    let given = BTreeMap::from([("host", "https://${compny}.example.com")]);
    let given: Vec<(&str, &str)> = given.into_iter().collect();
    let problem = load(&dir, &given).unwrap_err();
    assert!(
        problem
            .message
            .starts_with("variables.host: no value for ${compny}"),
        "{problem}"
    );
}
