//! The choice of a business, if a platform named several, or another one than before.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use connectors::{AssetRole, Identity};
use http::{HeaderMap, StatusCode};

use super::browser::Browser;
use super::callback;
use super::parts::fields::Fields;
use super::parts::page::{Forms, respond, see_other};
use super::parts::reader::{self, words};
use super::parts::views::{Brand, Business, ChoosePage, DifferentPage, TwicePage};
use super::trouble::Trouble;
use super::visit::{form, owner};
use crate::AppState;
use crate::around::errors::ErrorKind;
use crate::wire::integration::asset_url;
use platform::app::App;
use platform::connecting::{
    self, Answer, Answered, CallbackError, LinkError, MOST_AT_ONCE, Question,
};
use store::connections::Connection;
use store::model::{CompanyId, ConnectionId};

/// The characters of a number's end that people compare.
const LEAST_NUMBER: usize = 4;

/// The address of a ticket's question.
pub(crate) fn address(connection: &Connection, ticket: &str) -> String {
    let path = path(connection);
    format!("{path}/choose?ticket={ticket}")
}

fn path(connection: &Connection) -> String {
    format!(
        "/companies/{}/connections/{}",
        connection.company_id, connection.id
    )
}

/// The question, or the end that it came to by an answer of the same browser: a second click is shown the first one's outcome.
async fn open(
    app: &App,
    ids: &(String, String),
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Result<Question, Response>, Trouble> {
    let (Ok(company), Ok(connection)) = (ids.0.parse::<CompanyId>(), ids.1.parse::<ConnectionId>())
    else {
        return Err(Trouble::gone());
    };
    let browser = Browser::of(app, headers);
    let id = browser.as_ref().map(Browser::id);
    let ticket = fields.get("ticket").unwrap_or_default();
    match connecting::question(app, (company, connection), ticket, id).await {
        Err(CallbackError::Spent) => match browser {
            Some(browser) => Ok(Err(ended(app, &browser, ticket).await?)),
            None => Err(CallbackError::Spent.into()),
        },
        question => {
            let question = question?;
            reader::prefer(question.parameter(reader::LOCALE).as_deref());
            Ok(Ok(question))
        }
    }
}

async fn ended(app: &App, browser: &Browser, ticket: &str) -> Result<Response, Trouble> {
    let ended = connecting::end_of_choice(app, ticket, Some(browser.id())).await?;
    callback::end(app, browser, &ended.ok_or(CallbackError::Spent)?, None).await
}

pub(crate) async fn show(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    match open(&app, &ids, &headers, &fields).await? {
        Ok(question) => page(&app, &question, &fields, None).await,
        Err(ended) => Ok(ended),
    }
}

pub(crate) async fn receive(
    State(app): State<AppState>,
    Path(ids): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    let fields = form(&app, &headers, body)?;
    let question = match open(&app, &ids, &headers, &fields).await? {
        Ok(question) => question,
        Err(ended) => return Ok(ended),
    };
    let Some(answer) = read(&question, &fields) else {
        let w = words();
        let problem = match question.several {
            true => w.say("several-missing"),
            false => w.say("choose-missing"),
        };
        let problem = problem.to_string();
        return page(&app, &question, &fields, Some(problem)).await;
    };
    if let Answer::Businesses(chosen) = &answer
        && chosen.len() > MOST_AT_ONCE
    {
        let w = words();
        let problem = w.say("several-most").with("most", MOST_AT_ONCE);
        let problem = problem.to_string();
        return page(&app, &question, &fields, Some(problem)).await;
    }
    let connection = &question.connection;
    let browser = Browser::known_or_new(&app, &headers);
    let answered = connecting::answer(&app, &question, answer).await;
    let answered = match answered {
        Ok(answered) => answered,
        // Two clicks at once: the other one was first.
        Err(LinkError::Spent) => {
            let ticket = fields.get("ticket").unwrap_or_default();
            return ended(&app, &browser, ticket).await;
        }
        Err(error) => {
            let (client, _) = owner(&app, connection.company_id)
                .await?
                .ok_or_else(Trouble::gone)?;
            let brand = Brand::of(&client);
            return Err(Trouble::of_link(error, &brand, &connection.platform_name));
        }
    };
    match answered {
        Answered::Ended(ended) => callback::end(&app, &browser, &ended, None).await,
        Answered::AsksMore => {
            let ticket = fields.get("ticket").unwrap_or_default();
            Ok(see_other(&address(connection, ticket), Some(&browser)))
        }
        Answered::Back(url) => Ok(see_other(&url, Some(&browser))),
    }
}

/// None if nothing on offer was chosen.
fn read(question: &Question, fields: &Fields) -> Option<Answer> {
    match fields.get("answer")? {
        "leave" => Some(Answer::Leave),
        "back" => Some(Answer::Back),
        "twice" if question.twice.is_some() => Some(Answer::Twice),
        "new" if question.other.is_some() && question.twice.is_none() => Some(Answer::AsNew),
        "choose" if question.several => {
            let wanted = fields.iter().filter(|(name, _)| *name == "business");
            let wanted: Vec<&str> = wanted.map(|(_, id)| id).collect();
            let all = question.businesses.iter().enumerate();
            let chosen = all.filter(|(_, business)| wanted.contains(&business.id.as_str()));
            let chosen: Vec<usize> = chosen
                .filter(|(_, business)| question.is_free(business))
                .map(|(at, _)| at)
                .collect();
            match chosen.as_slice() {
                [] => None,
                [one] => Some(Answer::Business(*one)),
                _ => Some(Answer::Businesses(chosen)),
            }
        }
        "choose" if question.other.is_none() && question.twice.is_none() => {
            let chosen = fields.get("business")?;
            let mut businesses = question.businesses.iter();
            businesses
                .position(|business| business.id == chosen)
                .map(Answer::Business)
        }
        _ => None,
    }
}

/// The end of a business's number, if another one has the same name and detail: as much of it as tells them apart.
fn number_among(all: &[Identity], business: &Identity) -> Option<String> {
    let alike = |other: &&Identity| {
        other.id != business.id
            && (&other.company_name, &other.detail) == (&business.company_name, &business.detail)
    };
    let others: Vec<&Identity> = all.iter().filter(alike).collect();
    if others.is_empty() {
        return None;
    }
    let end = |id: &str, length: usize| -> String {
        let chars: Vec<char> = id.chars().collect();
        chars[chars.len().saturating_sub(length)..].iter().collect()
    };
    let own = |length: &usize| {
        let own = end(&business.id, *length);
        others.iter().all(|other| end(&other.id, *length) != own)
    };
    let length = (LEAST_NUMBER..business.id.chars().count()).find(own);
    Some(length.map_or_else(|| business.id.clone(), |length| end(&business.id, length)))
}

async fn page(
    app: &App,
    question: &Question,
    fields: &Fields,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let connection = &question.connection;
    let (client, company) = owner(app, connection.company_id)
        .await?
        .ok_or_else(Trouble::gone)?;
    let brand = Brand::of(&client);
    let platform = connection.platform_name.clone();
    let logo = app
        .catalogue
        .get(&connection.integration_key)
        .filter(|integration| integration.asset(AssetRole::LogoSquare).is_some())
        .map(|integration| asset_url(app, integration, AssetRole::LogoSquare));
    let ticket = fields.get("ticket").unwrap_or_default().to_owned();
    let hidden = vec![("ticket".to_owned(), ticket)];
    let action = format!("{}/choose", path(connection));
    let forms = Forms::towards(app, &client);
    let named = |business: &Identity| {
        let name = business.company_name.clone();
        name.unwrap_or_else(|| business.id.clone())
    };
    let w = words();
    if let Some((at, same)) = &question.twice
        && let Some(business) = question.businesses.get(*at)
    {
        let since = same.first_authorized;
        let page = TwicePage {
            w: Arc::clone(&w),
            brand: Some(brand.clone()),
            platform,
            platform_logo: logo,
            client: client.name.clone(),
            action,
            hidden,
            business: named(business),
            since: since.map(|at| w.date(at.date_naive())),
        };
        return Ok(respond(StatusCode::OK, Some(&brand), forms, &page));
    }
    if let Some(other) = question.other.and_then(|at| question.businesses.get(at)) {
        let before = connection.account_name.clone();
        let page = DifferentPage {
            w: Arc::clone(&w),
            brand: Some(brand.clone()),
            platform,
            platform_logo: logo,
            client: client.name.clone(),
            action,
            hidden,
            before: before.unwrap_or_else(|| w.say("different-another").to_string()),
            now: named(other),
            occupied: question.occupied.clone(),
        };
        return Ok(respond(StatusCode::OK, Some(&brand), forms, &page));
    }
    let before = connection.account_id.as_deref();
    let detail = |business: &Identity| {
        let number = number_among(&question.businesses, business);
        let number = number.map(|end| w.say("choose-number").with("end", end).to_string());
        let parts: Vec<String> = business.detail.clone().into_iter().chain(number).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    };
    let mut free = 0;
    let businesses = question.businesses.iter().map(|business| {
        free += usize::from(question.is_free(business));
        let was_this = before == Some(business.id.as_str());
        Business {
            id: business.id.clone(),
            name: named(business),
            detail: detail(business),
            chosen: was_this,
            connected: question.connected.contains(&business.id),
            before: was_this || question.before.contains(&business.id),
            ticked: problem.is_none() && question.is_free(business) && free <= MOST_AT_ONCE,
        }
    });
    let businesses: Vec<Business> = businesses.collect();
    let again = !question.before.is_empty();
    let most = (question.several && free > MOST_AT_ONCE).then_some(MOST_AT_ONCE);
    let title = match question.several {
        true => w.say("several-title"),
        false => w.say("choose-title"),
    };
    let title = title.to_string();
    let status = match problem {
        Some(_) => ErrorKind::Unprocessable.status(),
        None => StatusCode::OK,
    };
    let page = ChoosePage {
        w,
        brand: Some(brand.clone()),
        platform,
        platform_logo: logo,
        client: client.name.clone(),
        company: company.name.clone(),
        action,
        hidden,
        businesses,
        lacks: question.lacks.clone(),
        several: question.several,
        again,
        most,
        title,
        problem,
    };
    Ok(respond(status, Some(&brand), forms, &page))
}
