//! A client's companies and connections as plain lines, for a client that moves on; with their tokens only if asked for.

use std::io::{BufWriter, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Progress;
use super::archive::{partial, private};
use crate::app::App;
use crate::change::Change;
use crate::consents::Entry;
use crate::credentials::vault::openings::{self, Purpose};
use crate::credentials::{self, SealedTokens, TokenError, owner};
use store::model::company::Tags;
use store::model::{Actor, ClientId, RecordKind};
use store::{StoreError, companies, connections};

const PAGE: i64 = 500;

#[derive(Debug, thiserror::Error)]
pub enum PortableError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("the file can't be written: {0}")]
    File(#[from] std::io::Error),
}

/// Writes the lines that [`super::lines`] reads to `path`. Returns their number. `plain_tokens` opens every token and writes it in clear.
pub async fn run(
    app: &App,
    client: ClientId,
    path: &Path,
    plain_tokens: bool,
    progress: &impl Progress,
) -> Result<u64, PortableError> {
    let mut change = Change::begin(app, Actor::Client).await?;
    let target = json!({ "form": "lines", "tokensInClear": plain_tokens });
    change.record(Entry::new(client, RecordKind::ExportBegun).with("target", target));
    change.commit().await?;
    let partial = partial(path);
    let mut out = BufWriter::new(private(&partial)?);
    let mut lines = 0;
    progress.begin("lines", 0);
    let mut after = Uuid::nil();
    loop {
        let page = companies::after(&app.db, client, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id.0;
        let ids: Vec<_> = page.iter().map(|company| company.id).collect();
        let tags = companies::tags(&app.db, &ids).await?;
        let held = connections::of_companies(&app.db, &ids).await?;
        let mut line = |value: &Value| {
            lines += 1;
            progress.step(1);
            writeln!(out, "{value}")
        };
        for company in &page {
            let own: Tags = tags
                .iter()
                .filter(|(id, _, _)| *id == company.id)
                .map(|(_, key, value)| (key.clone(), value.clone()))
                .collect();
            line(&json!({
                "id": company.id, "name": company.name, "description": company.description,
                "created": written(company.created), "tags": own,
            }))?;
        }
        for connection in &held {
            line(&json!({
                "id": connection.id, "companyId": connection.company_id, "integrationKey": connection.integration_key,
                "platformName": connection.platform_name, "sourceType": connection.source_type,
                "status": connection.status, "created": written(connection.created),
                "connectionInfo": { "companyName": connection.account_name },
            }))?;
            if !plain_tokens {
                continue;
            }
            let Some(credential) = store::credentials::get(&app.db, connection.id).await? else {
                continue;
            };
            let (access, refresh) = SealedTokens::of(&credential)
                .open(app, owner(connection), Purpose::Export)
                .await
                .map_err(TokenError::from)?;
            line(&json!({
                "companyId": connection.company_id, "connectionId": connection.id, "accessToken": access.expose(),
                "refreshToken": refresh.as_ref().map(egress::Secret::expose), "expiresAt": credential.expires.map(written),
                "scope": credential.scope, "variables": credentials::variables_of(connection),
            }))?;
        }
    }
    progress.end();
    openings::flush(app).await?;
    out.flush()?;
    out.get_ref().sync_all()?;
    std::fs::rename(&partial, path)?;
    Ok(lines)
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
