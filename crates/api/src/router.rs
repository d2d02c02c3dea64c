//! The route table: every operation and page of the program on one screen, and the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};

use crate::AppState;
use crate::around::{cors, deprecations, layers, rate_headers};
use crate::resources::companies::{products, stream, timeline, tokens};
use crate::resources::connections::{authorization, management};
use crate::resources::data::{pulls, pushes, supplemental, sync_settings, validation};
use crate::resources::settings::{api_keys, profile};
use crate::resources::{assets, companies, connections, data, integrations, operations, webhooks};
use crate::{openapi, pages};

/// Every route of the program.
pub fn router(app: AppState) -> Router {
    // What a company's own token reaches, and browsers with it; docs/API.md lists the same.
    let for_company = Router::new()
        .route(
            "/companies/{companyId}/connections",
            get(connections::list).post(connections::create),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}",
            get(connections::get)
                .patch(connections::update)
                .delete(connections::delete),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/timeline",
            get(timeline::list),
        )
        .route(
            "/companies/{companyId}/connectionManagement/view",
            get(management::view),
        )
        .route(
            "/companies/{companyId}/connectionManagement/events",
            get(stream::events),
        )
        // Before the layer: set later, it would stand outside of it, and preflights would not be answered.
        .method_not_allowed_fallback(layers::no_such_method)
        .layer(from_fn_with_state(app.clone(), cors::layer));

    let for_clients = Router::new()
        .route("/companies", get(companies::list).post(companies::create))
        .route(
            "/companies/{companyId}",
            get(companies::get)
                .put(companies::replace)
                .patch(companies::update)
                .delete(companies::delete),
        )
        .route("/companies/{companyId}/accessToken", get(tokens::company))
        .route(
            "/companies/{companyId}/connectionManagement/accessToken",
            get(tokens::connection_management),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/authorization",
            put(authorization::import),
        )
        .route(
            "/companies/{companyId}/products/{productIdentifier}",
            put(products::add).delete(products::remove),
        )
        .route(
            "/companies/{companyId}/products/{productIdentifier}/refresh",
            post(products::refresh),
        )
        .route(
            "/companies/{companyId}/sync/{datasetId}/validation",
            get(validation::get),
        )
        .route("/companies/{companyId}/data/all", post(pulls::refresh_all))
        .route(
            "/companies/{companyId}/data/queue/{dataType}",
            post(pulls::refresh_one),
        )
        .route("/companies/{companyId}/data/history", get(pulls::history))
        .route(
            "/companies/{companyId}/data/history/{datasetId}",
            get(pulls::get),
        )
        .route("/companies/{companyId}/dataStatus", get(pulls::status))
        .route("/integrations", get(integrations::list))
        .route("/integrations/{platformKey}", get(integrations::get))
        .route(
            "/integrations/{platformKey}/branding",
            get(integrations::branding),
        )
        .route("/profile", get(profile::get).put(profile::replace))
        .route("/apiKeys", get(api_keys::list).post(api_keys::create))
        .route("/apiKeys/{apiKeyId}", delete(api_keys::delete))
        .route(
            "/profile/syncSettings",
            get(sync_settings::of_client).post(sync_settings::set_of_client),
        )
        .route(
            "/companies/{companyId}/syncSettings",
            get(sync_settings::of_company).post(sync_settings::set_of_company),
        )
        .route("/corsSettings", get(profile::cors).post(profile::set_cors))
        .route(
            "/connectionManagement/corsSettings",
            get(profile::cors).post(profile::set_cors),
        )
        .route(
            "/integrations/{platformKey}/dataTypes/{dataType}/supplementalDataConfig",
            get(supplemental::supplemental).put(supplemental::configure_supplemental),
        )
        .route(
            "/integrations/{platformKey}/dataTypes/custom/{customDataIdentifier}",
            get(supplemental::custom).put(supplemental::configure_custom),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/data/queue/custom/{customDataIdentifier}",
            post(supplemental::refresh),
        )
        .route(
            "/companies/{companyId}/connections/{connectionId}/data/custom/{customDataIdentifier}",
            get(supplemental::list),
        )
        .merge(data::routes())
        .merge(pushes::routes())
        .merge(webhooks::routes());

    let in_the_open = Router::new()
        .route(
            "/assets/integrations/{platformKey}/{picture}",
            get(assets::picture),
        )
        .route("/sdk/connections.js", get(assets::component))
        .route(
            "/sdk/{version}/connections.js",
            get(assets::component_of_version),
        )
        .route("/openapi.json", get(openapi::json))
        .route("/reference", get(openapi::reference::show))
        .route("/reference/{file}", get(openapi::reference::asset))
        .route("/health", get(operations::health))
        .route("/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics));

    Router::new()
        .merge(for_company)
        .merge(for_clients)
        .merge(in_the_open)
        .layer(from_fn_with_state(app.clone(), layers::deadline))
        .merge(pages::routes(&app))
        .fallback(layers::no_such_route)
        .method_not_allowed_fallback(layers::no_such_method)
        .layer(DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(from_fn(layers::catch_panics))
        .layer(from_fn_with_state(app.clone(), rate_headers::layer))
        .layer(from_fn(deprecations::layer))
        .layer(from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
