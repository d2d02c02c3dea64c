//! A visit by a one-time link: the client, the company and the connection behind it, and the check that it is unspent.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use http::HeaderMap;

use super::browser::{Browser, is_own_form};
use super::parts::fields::Fields;
use super::parts::reader::{self, carry, words};
use super::parts::views::Brand;
use super::trouble::Trouble;
use platform::access::links;
use platform::access::links::passwords::{self, Genuine, Purpose};
use platform::app::App;
use platform::connecting::{self, CompanyStage, Stage};
use store::StoreError;
use store::clients::Client;
use store::companies::Company;
use store::connections::Connection;
use store::model::{CompanyId, ConnectionId};

/// A link to one connection.
pub(crate) struct Visit {
    pub(crate) client: Client,
    pub(crate) brand: Brand,
    pub(crate) company: Company,
    pub(crate) connection: Connection,
    pub(crate) password: Genuine,
    /// True if this browser has set out by this link before, and its way has no end yet.
    pub(crate) under_way: bool,
}

impl Visit {
    pub(crate) async fn open(
        app: &App,
        ids: &(String, String),
        fields: &Fields,
        browser: &Browser,
    ) -> Result<Self, Trouble> {
        let (Ok(company), Ok(connection)) =
            (ids.0.parse::<CompanyId>(), ids.1.parse::<ConnectionId>())
        else {
            return Err(Trouble::gone());
        };
        let password = genuine(app, Purpose::Connection, connection.0, fields.get("otp"))?;
        let (client, company) = owner(app, company).await?.ok_or_else(Trouble::gone)?;
        let connection = store::connections::get(&app.db, client.id, company.id, connection)
            .await?
            .ok_or_else(Trouble::gone)?;
        let brand = Brand::of(&client);
        let stage = connecting::stage(app, &connection, &password, Some(browser.id())).await?;
        let under_way = match stage {
            Stage::Unused => false,
            Stage::UnderWay => true,
            Stage::Ended(address) => return Err(Trouble::elsewhere(address)),
            Stage::Over => {
                let all = carry(links::company_url(app, company.id));
                return Err(
                    Trouble::spent(&brand).with(&words().say("trouble-see").to_string(), all)
                );
            }
            Stage::Taken => return Err(Trouble::spent(&brand)),
        };
        Ok(Self {
            client,
            brand,
            company,
            connection,
            password,
            under_way,
        })
    }
}

/// A link to everything of one company.
pub(super) struct CompanyVisit {
    pub(super) client: Client,
    pub(super) brand: Brand,
    pub(super) company: Company,
    pub(super) password: Genuine,
    /// The use that this browser has made of the link.
    pub(super) stage: CompanyStage,
}

impl CompanyVisit {
    pub(super) async fn open(
        app: &App,
        id: &str,
        fields: &Fields,
        browser: &Browser,
    ) -> Result<Self, Trouble> {
        let id: CompanyId = id.parse().map_err(|_| Trouble::gone())?;
        let password = genuine(app, Purpose::Company, id.0, fields.get("link.otp"))?;
        let (client, company) = owner(app, id).await?.ok_or_else(Trouble::gone)?;
        let brand = Brand::of(&client);
        let stage = connecting::company_stage(app, &password, Some(browser.id())).await?;
        if let CompanyStage::Taken = stage {
            return Err(Trouble::spent(&brand));
        }
        Ok(Self {
            client,
            brand,
            company,
            password,
            stage,
        })
    }
}

pub(super) fn genuine(
    app: &App,
    purpose: Purpose,
    subject: uuid::Uuid,
    given: Option<&str>,
) -> Result<Genuine, Trouble> {
    passwords::check(
        &app.vault,
        purpose,
        subject,
        "",
        given.unwrap_or_default(),
        app.clock.now(),
    )
    .ok_or_else(Trouble::gone)
}

/// A company and the client that it belongs to. A link's password stands for both, so that the company alone finds them.
pub(crate) async fn owner(
    app: &App,
    company: CompanyId,
) -> Result<Option<(Client, Company)>, StoreError> {
    let Some(client) = store::companies::owner(&app.db, company).await? else {
        return Ok(None);
    };
    let company = store::companies::get(&app.db, client, company).await?;
    let client = store::clients::get(&app.db, client).await?;
    Ok(client.zip(company))
}

/// The fields of a form of ours.
pub(super) fn form(
    app: &App,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Fields, Trouble> {
    if !is_own_form(app, headers) {
        return Err(Trouble::foreign_form());
    }
    let body = body.map_err(|_| Trouble::too_much())?;
    let fields = Fields::read(&body);
    reader::prefer(fields.get(reader::LOCALE));
    Ok(fields)
}
