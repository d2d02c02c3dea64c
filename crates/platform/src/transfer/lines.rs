//! One line of another service's export: companies, connections and tokens, in Codat's shapes, Nango's and our own.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use egress::Secret;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use store::model::company::{Tags, check_tags, clean_name};
use store::model::{ClientId, CompanyId, ConnectionId, ConnectionStatus};

/// A thing to import. A Codat company brings its connections, a Nango connection its company and tokens.
#[derive(Debug)]
pub(super) enum Item {
    Company(Company),
    Connection(Connection),
    Tokens(Tokens),
}

impl Item {
    /// The company that it is, or belongs to.
    pub(super) fn company(&self) -> CompanyId {
        match self {
            Item::Company(company) => company.id,
            Item::Connection(connection) => connection.company,
            Item::Tokens(tokens) => tokens.company,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Company {
    pub(super) id: CompanyId,
    pub(super) name: String,
    /// The name as the other service has it, if characters of it may not stand in one here.
    pub(super) renamed_from: Option<String>,
    pub(super) description: Option<String>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) company: CompanyId,
    /// The platform's name at the other service; `--map` gives ours.
    pub(super) platform: String,
    pub(super) status: ConnectionStatus,
    pub(super) created: Option<DateTime<Utc>>,
    /// The account's name at the platform.
    pub(super) account: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) company: CompanyId,
    pub(super) connection: ConnectionId,
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) expires: Option<DateTime<Utc>>,
    pub(super) scope: Option<String>,
    /// The account's values that the platform's calls need.
    pub(super) variables: BTreeMap<String, String>,
}

/// Reads a line for a client, to which ids that are made here belong.
pub(super) fn read(client: ClientId, line: &str) -> Result<Vec<Item>, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Object(line) = value else {
        return Err("a line is a JSON object".to_owned());
    };
    let has = |name: &str| line.get(name).is_some_and(|value| !value.is_null());
    if has("connection_id") && has("provider_config_key") {
        nango(client, &line)
    } else if has("connectionId") && (has("accessToken") || has("authorization")) {
        tokens(&line).map(|tokens| vec![Item::Tokens(tokens)])
    } else if has("integrationKey") && has("companyId") {
        let company = id(&line, "companyId").map(CompanyId)?;
        connection(&line, company).map(|connection| vec![Item::Connection(connection)])
    } else if has("name") && has("id") {
        codat_company(&line)
    } else {
        Err(
            "neither a company (id, name), a connection (id, companyId, integrationKey), tokens (companyId, connectionId, \
             accessToken) nor a connection of Nango's (connection_id, provider_config_key)"
                .to_owned(),
        )
    }
}

fn codat_company(line: &Map<String, Value>) -> Result<Vec<Item>, String> {
    let given = needed(line, "name")?;
    let name = name(&given)?;
    let company = Company {
        id: CompanyId(id(line, "id")?),
        renamed_from: (name != given).then_some(given),
        name,
        description: text(line, "description")?,
        created: time(line, "created")?,
        tags: tags(line)?,
    };
    let mut items = Vec::new();
    let connections = match line.get("dataConnections") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(connections)) => connections.as_slice(),
        Some(_) => return Err("dataConnections is a list".to_owned()),
    };
    for (place, one) in connections.iter().enumerate() {
        let read = one
            .as_object()
            .ok_or_else(|| "no object".to_owned())
            .and_then(|one| connection(one, company.id));
        let read = read.map_err(|error| format!("dataConnections[{place}]: {error}"))?;
        items.push(Item::Connection(read));
    }
    items.insert(0, Item::Company(company));
    Ok(items)
}

fn connection(line: &Map<String, Value>, company: CompanyId) -> Result<Connection, String> {
    let status = match text(line, "status")? {
        None => ConnectionStatus::PendingAuth,
        Some(word) => ConnectionStatus::from_word(&word)
            .ok_or_else(|| format!("'{word}' is not a status of a connection"))?,
    };
    let info = line.get("connectionInfo").and_then(Value::as_object);
    Ok(Connection {
        id: ConnectionId(id(line, "id")?),
        company,
        platform: needed(line, "integrationKey")?,
        status,
        created: time(line, "created")?,
        account: info
            .map(|info| text(info, "companyName"))
            .transpose()?
            .flatten(),
    })
}

/// The members of `PUT …/authorization`, in an object of their own or next to the ids.
fn tokens(line: &Map<String, Value>) -> Result<Tokens, String> {
    let given = match line.get("authorization") {
        None | Some(Value::Null) => line,
        Some(Value::Object(given)) => given,
        Some(_) => return Err("authorization is an object".to_owned()),
    };
    let mut variables = strings(given.get("variables"), "variables")?;
    const KNOWN: [&str; 10] = [
        "companyId",
        "connectionId",
        "accessToken",
        "refreshToken",
        "expiresAt",
        "expiresIn",
        "scope",
        "tokenType",
        "variables",
        "type",
    ];
    for (name, value) in given {
        if let (false, Value::String(value)) = (KNOWN.contains(&name.as_str()), value) {
            variables.insert(name.clone(), value.clone());
        }
    }
    if given.contains_key("expiresIn") {
        return Err(
            "expiresIn can't be used: it counts from a time that isn't known; give expiresAt as a date and time"
                .to_owned(),
        );
    }
    Ok(Tokens {
        company: CompanyId(id(line, "companyId")?),
        connection: ConnectionId(id(line, "connectionId")?),
        access: Secret::new(needed(given, "accessToken")?),
        refresh: text(given, "refreshToken")?.map(Secret::new),
        expires: time(given, "expiresAt")?,
        scope: text(given, "scope")?,
        variables,
    })
}

fn nango(client: ClientId, line: &Map<String, Value>) -> Result<Vec<Item>, String> {
    let connection_id = needed(line, "connection_id")?;
    let platform = needed(line, "provider_config_key")?;
    let user = line.get("end_user").and_then(Value::as_object);
    let organization = user
        .and_then(|user| user.get("organization"))
        .and_then(Value::as_object);
    let mut of_whom = None;
    let mut called = None;
    for (kind, one) in [("organization", organization), ("end user", user)] {
        let Some(one) = one else { continue };
        let label = text(one, "display_name")?.or(text(one, "email")?);
        called = called.or(label);
        if let (None, Some(own)) = (&of_whom, text(one, "id")?) {
            of_whom = Some(format!("{kind} {own}"));
        }
    }
    // Without an end user each connection is a company of its own.
    let company = of_whom.unwrap_or_else(|| format!("connection {connection_id}"));
    let company = CompanyId(made_id(client, &["nango company", &company]));
    let id = ConnectionId(made_id(
        client,
        &["nango connection", &platform, &connection_id],
    ));
    let created = time(line, "created_at")?;
    let label = called.unwrap_or_else(|| connection_id.clone());
    let name = name(&label)?;
    let credentials = line
        .get("credentials")
        .and_then(Value::as_object)
        .ok_or("there are no credentials; export connections with them")?;
    let kind = text(credentials, "type")?.unwrap_or_else(|| "OAUTH2".to_owned());
    if kind != "OAUTH2" {
        return Err(format!(
            "credentials of type {kind} can't be used: platforms here are connected by OAuth 2.0"
        ));
    }
    let raw = credentials.get("raw").and_then(Value::as_object);
    Ok(vec![
        Item::Company(Company {
            id: company,
            renamed_from: (name != label).then_some(label),
            name,
            description: None,
            created,
            tags: Tags::new(),
        }),
        Item::Connection(Connection {
            id,
            company,
            platform,
            status: ConnectionStatus::PendingAuth,
            created,
            account: None,
        }),
        Item::Tokens(Tokens {
            company,
            connection: id,
            access: Secret::new(needed(credentials, "access_token")?),
            refresh: text(credentials, "refresh_token")?.map(Secret::new),
            expires: time(credentials, "expires_at")?,
            scope: raw.map(|raw| text(raw, "scope")).transpose()?.flatten(),
            variables: strings(line.get("connection_config"), "connection_config")?,
        }),
    ])
}

/// The same each time the same is imported, so that nothing is doubled; version 8 (RFC 9562 § 5.8).
fn made_id(client: ClientId, parts: &[&str]) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(client.0.as_bytes());
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn text(line: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match line.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let text = text.trim();
            if text.contains('\0') {
                return Err(format!("{name} holds a NUL character"));
            }
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        // Some services number what others name.
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("{name} is a text")),
    }
}

fn needed(line: &Map<String, Value>, name: &str) -> Result<String, String> {
    text(line, name)?.ok_or_else(|| format!("{name} is missing"))
}

fn id(line: &Map<String, Value>, name: &str) -> Result<Uuid, String> {
    let text = needed(line, name)?;
    text.parse()
        .map_err(|_| format!("{name} '{text}' is no UUID"))
}

fn time(line: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = text(line, name)? else {
        return Ok(None);
    };
    // Codat writes no zone in places; its times are UTC.
    let zoned = DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    zoned
        .map(|time| Some(store::clock::to_microseconds(time.to_utc())))
        .map_err(|_| format!("{name} '{text}' is no date and time"))
}

fn strings(value: Option<&Value>, name: &str) -> Result<BTreeMap<String, String>, String> {
    match value {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(members)) => {
            let texts = members.iter().filter_map(|(name, value)| match value {
                Value::String(text) => Some((name.clone(), text.clone())),
                Value::Number(_) | Value::Bool(_) => Some((name.clone(), value.to_string())),
                _ => None,
            });
            Ok(texts.collect())
        }
        Some(_) => Err(format!("{name} is an object")),
    }
}

fn name(given: &str) -> Result<String, String> {
    clean_name(given)
        .ok_or_else(|| format!("the name '{given}' has no letter that may stand in one"))
}

fn tags(line: &Map<String, Value>) -> Result<Tags, String> {
    let tags = match line.get("tags") {
        None | Some(Value::Null) => return Ok(Tags::new()),
        Some(Value::Object(tags)) => tags,
        Some(_) => return Err("tags is an object".to_owned()),
    };
    let mut read = Tags::new();
    for (key, value) in tags {
        match value {
            Value::String(value) => read.insert(key.clone(), value.clone()),
            _ => return Err(format!("the tag {key} is a text")),
        };
    }
    check_tags(&read)?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> ClientId {
        ClientId(Uuid::from_u128(7))
    }

    #[test]
    fn a_codat_company_brings_its_connections() {
        let line = r#"{"id":"0498e921-9b53-4396-a412-4f2f5983b0a2","platform":"Xero","redirect":"https://x",
            "created":"2022-01-01T12:00:00.000","name":"Toft (stores)","description":null,"tags":{"region":"uk"},
            "dataConnections":[{"id":"ee2eb431-c0fa-4dc9-93fa-d29781c12bcd","integrationId":"fd321cb6-7963-4506-b873-e99593a45e30",
              "integrationKey":"gbol","platformName":"Xero","sourceType":"Accounting","linkUrl":"https://y","status":"Linked",
              "lastSync":null,"created":"2022-01-02T12:00:00Z","connectionInfo":{"companyName":"Toft"}}]}"#;
        let items = read(client(), line).unwrap();
        let [Item::Company(company), Item::Connection(connection)] = &items[..] else {
            panic!("{items:?}");
        };
        assert_eq!(company.name, "Toft stores");
        assert_eq!(
            company.created.unwrap().to_rfc3339(),
            "2022-01-01T12:00:00+00:00"
        );
        assert_eq!(company.tags["region"], "uk");
        assert_eq!(connection.company, company.id);
        assert_eq!(connection.platform, "gbol");
        assert_eq!(connection.status, ConnectionStatus::Linked);
        assert_eq!(connection.account.as_deref(), Some("Toft"));
    }

    #[test]
    fn a_nango_connection_is_a_company_a_connection_and_tokens_with_the_same_ids_each_time() {
        let line = |id: &str| {
            format!(
                r#"{{"id":1,"connection_id":"{id}","provider_config_key":"xero","provider":"xero","created_at":"2023-03-08T09:43:03.725Z",
                "end_user":{{"id":"u1","email":"a@b.example","display_name":null,"organization":{{"id":"o1","display_name":"Toft"}}}},
                "connection_config":{{"tenant_id":"t-1","number":5}},"metadata":null,
                "credentials":{{"type":"OAUTH2","access_token":"at","refresh_token":"rt","expires_at":"2030-01-01T00:00:00.000Z",
                "raw":{{"scope":"accounting offline_access"}}}}}}"#
            )
        };
        let items = read(client(), &line("c-1")).unwrap();
        let [
            Item::Company(company),
            Item::Connection(connection),
            Item::Tokens(tokens),
        ] = &items[..]
        else {
            panic!("{items:?}");
        };
        assert_eq!(company.name, "Toft");
        assert_eq!(tokens.variables["tenant_id"], "t-1");
        assert_eq!(tokens.variables["number"], "5");
        assert_eq!(tokens.refresh.as_ref().unwrap().expose(), "rt");
        assert_eq!(tokens.scope.as_deref(), Some("accounting offline_access"));
        assert!(!format!("{items:?}").contains("\"rt\""));
        let again = read(client(), &line("c-1")).unwrap();
        let Item::Connection(same) = &again[1] else {
            panic!()
        };
        assert_eq!(same, connection);
        let other = read(client(), &line("c-2")).unwrap();
        let [Item::Company(own), Item::Connection(another), _] = &other[..] else {
            panic!()
        };
        assert_eq!(own, company, "one organisation is one company");
        assert_ne!(another.id, connection.id);
        let foreign = read(ClientId(Uuid::from_u128(8)), &line("c-1")).unwrap();
        let Item::Connection(foreign) = &foreign[1] else {
            panic!()
        };
        assert_ne!(foreign.id, connection.id);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told() {
        for (line, part) in [
            ("", "no JSON"),
            ("[]", "a JSON object"),
            ("{}", "neither a company"),
            (r#"{"id":"x","name":"A"}"#, "no UUID"),
            (
                r#"{"id":"0498e921-9b53-4396-a412-4f2f5983b0a2","name":"()"}"#,
                "the name '()'",
            ),
            (
                r#"{"id":"0498e921-9b53-4396-a412-4f2f5983b0a2","name":"A","created":"yesterday"}"#,
                "no date and time",
            ),
            (
                r#"{"id":"0498e921-9b53-4396-a412-4f2f5983b0a2","name":"A","dataConnections":[{}]}"#,
                "dataConnections[0]",
            ),
            (
                r#"{"companyId":"0498e921-9b53-4396-a412-4f2f5983b0a2","connectionId":"x","accessToken":"a"}"#,
                "no UUID",
            ),
            (
                r#"{"connection_id":"1","provider_config_key":"x"}"#,
                "no credentials",
            ),
            (
                r#"{"connection_id":"1","provider_config_key":"x","credentials":{"type":"API_KEY"}}"#,
                "API_KEY",
            ),
        ] {
            let error = read(client(), line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
