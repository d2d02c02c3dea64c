//! `/companies`.

pub(crate) mod products;
pub(crate) mod relations;
pub(crate) mod stream;
pub(crate) mod timeline;
pub(crate) mod tokens;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::AppState;
use crate::around::auth::Client;
use crate::around::body::Body;
use crate::around::errors::ApiError;
use crate::around::paging::{Envelope, Paging};
use crate::around::tenancy::{ForLink, OwnCompany};
use crate::wire::company::{Company, CompanyIn, shape, shape_one};
use crate::wire::time;
use platform::companies::{self, New, missed, products as catalogue};
use platform::connecting;
use store::companies as rows;
use store::model::company::{MAX_DESCRIPTION_CHARS, MAX_NAME_CHARS, Tags, check_tags, clean_name};
use store::model::{Actor, EventType};
use store::query;

pub(crate) async fn list(
    State(app): State<AppState>,
    client: Client,
    paging: Paging,
) -> Result<Json<Envelope<Company>>, ApiError> {
    let filter = paging.filter(&rows::SCHEMA)?;
    let order = paging.order(&rows::SCHEMA)?;
    let tags = paging
        .tags
        .as_deref()
        .filter(|text| !text.trim().is_empty())
        .map(query::parse_tags)
        .transpose()?;
    let slice = rows::list(
        &app.db,
        client.id,
        paging.wanted(&filter, &order),
        tags.as_ref(),
    )
    .await?;
    Ok(Json(
        paging.envelope(shape(&app, slice.rows).await?, slice.total),
    ))
}

pub(crate) async fn create(
    State(app): State<AppState>,
    client: Client,
    Body(body): Body<CompanyIn>,
) -> Result<Json<Company>, ApiError> {
    let name = required_name(body.name.as_deref())?;
    let tags = checked_tags(body.tags)?.unwrap_or_default();
    let family = relations::read(
        body.reference_parent_company,
        body.reference_subsidiary_companies,
    )?;
    let products = checked_products(&app, body.products.unwrap_or_default())?;
    let new = New {
        name,
        description: checked_description(body.description)?,
        tags,
        products,
        family,
    };
    let company = companies::create(&app, client.id, new).await?;
    Ok(Json(shape_one(&app, company).await?))
}

pub(crate) async fn get(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<Company>, ApiError> {
    Ok(Json(shape_one(&app, company).await?))
}

/// PUT: name, description and tags become as given; those that are missing are emptied. Products are changed by operations
/// of their own, and parent and subsidiaries only if they are given.
pub(crate) async fn replace(
    State(app): State<AppState>,
    OwnCompany(mut company): OwnCompany,
    Body(body): Body<CompanyIn>,
) -> Result<Json<Company>, ApiError> {
    company.name = required_name(body.name.as_deref())?;
    company.description = checked_description(body.description)?;
    let tags = checked_tags(body.tags)?.unwrap_or_default();
    let family = relations::read(
        body.reference_parent_company,
        body.reference_subsidiary_companies,
    )?;
    let company = companies::update(&app, company, Some(tags), family).await?;
    Ok(Json(shape_one(&app, company).await?))
}

/// PATCH: what is absent or null stays as it is; an empty object of tags empties them.
pub(crate) async fn update(
    State(app): State<AppState>,
    OwnCompany(mut company): OwnCompany,
    Body(body): Body<CompanyIn>,
) -> Result<Json<Company>, ApiError> {
    if body.name.is_some() {
        company.name = required_name(body.name.as_deref())?;
    }
    if body.description.is_some() {
        company.description = checked_description(body.description)?;
    }
    // Null leaves what there is, as with the other members; an object without an id takes the parent away.
    let parent = body.reference_parent_company.filter(Option::is_some);
    let family = relations::read(parent, body.reference_subsidiary_companies)?;
    let company = companies::update(&app, company, checked_tags(body.tags)?, family).await?;
    Ok(Json(shape_one(&app, company).await?))
}

pub(crate) async fn delete(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<StatusCode, ApiError> {
    connecting::delete_company(&app, &company, Actor::Client).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn required_name(name: Option<&str>) -> Result<String, ApiError> {
    let name = name.ok_or_else(|| ApiError::invalid("name", "A company's name is required."))?;
    let name = clean_name(name).ok_or_else(|| {
        ApiError::invalid(
            "name",
            "A company's name needs at least one letter, digit or one of -',&@.?! in it.",
        )
    })?;
    ApiError::check_length("name", &name, MAX_NAME_CHARS)?;
    Ok(name)
}

fn checked_description(text: Option<String>) -> Result<Option<String>, ApiError> {
    if let Some(text) = &text {
        ApiError::check_length("description", text, MAX_DESCRIPTION_CHARS)?;
    }
    Ok(text)
}

fn checked_products(app: &AppState, ids: Vec<String>) -> Result<Vec<String>, ApiError> {
    if let Some(unknown) = ids
        .iter()
        .find(|id| catalogue::find(&app.config, id).is_none())
    {
        let known: Vec<String> = catalogue::all(&app.config)
            .into_iter()
            .map(|product| product.id)
            .collect();
        return Err(ApiError::invalid(
            "products",
            format!(
                "Unknown product \"{}\". There are: {}.",
                unknown.chars().take(64).collect::<String>(),
                known.join(", ")
            ),
        ));
    }
    let sorted: BTreeSet<String> = ids.into_iter().collect();
    Ok(sorted.into_iter().collect())
}

fn checked_tags(tags: Option<Tags>) -> Result<Option<Tags>, ApiError> {
    if let Some(tags) = &tags {
        check_tags(tags).map_err(|message| ApiError::invalid("tags", message))?;
    }
    Ok(tags)
}

/// A platform that a company's people use, and that isn't on offer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestedPlatform {
    pub(crate) platform_name: Option<String>,
    requested_date: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct RequestedPlatforms {
    results: Vec<RequestedPlatform>,
}

/// The most answers that are listed.
const MOST_REQUESTED: i64 = 100;

/// An answer to "My platform isn't in the list", as its event has it.
pub(crate) fn requested(event: &store::events::Event) -> RequestedPlatform {
    let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap_or_default();
    RequestedPlatform {
        platform_name: payload["platformName"].as_str().map(str::to_owned),
        requested_date: time(event.occurred),
    }
}

pub(crate) async fn requested_platforms(
    State(app): State<AppState>,
    OwnCompany(company): OwnCompany,
) -> Result<Json<RequestedPlatforms>, ApiError> {
    let kind = EventType::PlatformRequested;
    let found = store::events::of_kind(&app.db, company.id, kind, MOST_REQUESTED).await?;
    let results = found.iter().map(requested).collect();
    Ok(Json(RequestedPlatforms { results }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestedPlatformIn {
    platform_name: String,
}

/// Takes the answer to "My platform isn't in the list", from Link or from a page of the client's own.
pub(crate) async fn request_platform(
    State(app): State<AppState>,
    ForLink { company, actor }: ForLink,
    Body(body): Body<RequestedPlatformIn>,
) -> Result<(StatusCode, Json<RequestedPlatform>), ApiError> {
    let name = missed::one_line(&body.platform_name).ok_or_else(|| {
        ApiError::invalid(
            "platformName",
            "platformName is empty: give the platform's name, as its users call it.",
        )
    })?;
    let requested = missed::report(&app, &company, actor, &name).await?;
    let answer = RequestedPlatform {
        platform_name: Some(name),
        requested_date: time(requested),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}
