//! The table of contents: every operation, page and file of the program, and the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, patch, post, put};

use crate::around::{cors, deprecations, idempotency, layers, rate_headers};
use crate::machines::{service, setup, soap};
use crate::openapi::{self, reference};
use crate::pages::{callback, choose, deadline, ending, overview, owner, parts, start};
use crate::resources::companies::{products, stream, timeline, tokens};
use crate::resources::connections::{
    additional, authorization, confirmation, disclosures, funnel, grants, link, machine,
    management, reconciliation,
};
use crate::resources::data::{self, pulls, pushes, supplemental, validation};
use crate::resources::settings::{
    api_keys, disclosure, link as link_settings, linking, profile, retention, sync_settings,
};
use crate::resources::{
    assets, companies, connections, consents, data_requests, files, integrations, operations,
    webhooks,
};
use crate::{AppState, compression};

/// A router of one line a path, below a common beginning.
macro_rules! routes {
    ($base:literal: $($path:literal => $methods:expr,)+) => {
        Router::new()$(.route(concat!($base, $path), $methods))+
    };
}

/// Every route of the program.
pub fn router(app: AppState) -> Router {
    let once = from_fn_with_state(app.clone(), idempotency::layer);

    // For API keys and for a company's own tokens, and so for browsers. What a token reaches, each handler's own extractor says.
    let for_company = routes! { "/companies/{companyId}":
        "/connections"                         => get(connections::list).post(connections::create),
        "/connections/{connectionId}"          => get(connections::get).patch(connections::update).delete(connections::delete),
        "/connections/{connectionId}/timeline" => get(timeline::list),
        "/connections/{connectionId}/grants"   => get(grants::of_connection),
        "/grants"                              => get(grants::of_company),
        "/connections/{connectionId}/disclosure" => get(disclosures::get),
        "/connections/{connectionId}/additionalConsents" => get(additional::list).post(additional::answer),
        "/connections/{connectionId}/machine"  => get(machine::get).put(machine::set),
        "/connectionManagement/view"           => get(management::view),
        "/connectionManagement/events"         => get(stream::events),
        "/link/view"                           => get(link::view),
        "/files"                               => get(files::list),
        "/requestedPlatforms"                  => get(companies::requested_platforms).post(companies::request_platform),
    }
    // Before the layer: set later, it would stand outside of it, and preflights would not be answered.
    .method_not_allowed_fallback(layers::no_such_method)
    .layer(once.clone())
    .layer(from_fn_with_state(app.clone(), cors::layer));

    // For pages that have a company's one-time link, and no credentials.
    let sessions = routes! { "/companies/{companyId}":
        "/link/session" => post(tokens::session),
    }
    .method_not_allowed_fallback(layers::no_such_method)
    .layer(from_fn_with_state(app.clone(), cors::layer));

    // An upload lasts as long as its line is slow, and its body is read as it comes.
    let uploads = routes! { "/companies/{companyId}":
        "/connections/{connectionId}/files" => post(files::upload),
    }
    .method_not_allowed_fallback(layers::no_such_method)
    .layer(from_fn_with_state(app.clone(), cors::layer))
    .layer(from_fn(files::patience))
    .layer(from_fn(layers::no_nul));

    // For API keys alone.
    let companies = routes! { "/companies":
        ""                                                  => get(companies::list).post(companies::create),
        "/{companyId}"                                      => get(companies::get).put(companies::replace).patch(companies::update).delete(companies::delete),
        "/{companyId}/files/download"                       => get(files::download),
        "/{companyId}/sharing"                              => get(data_requests::sharing),
        "/{companyId}/accessToken"                          => get(tokens::company),
        "/{companyId}/connectionManagement/accessToken"     => get(tokens::connection_management),
        "/{companyId}/consents"                             => get(consents::of_company),
        "/{companyId}/consents/{consentId}/receipt"         => get(consents::receipts::get),
        "/{companyId}/products/{productIdentifier}"         => put(products::add).delete(products::remove),
        "/{companyId}/products/{productIdentifier}/refresh" => post(products::refresh),
        "/{companyId}/syncSettings"                         => get(sync_settings::of_company).post(sync_settings::set_of_company),
        "/{companyId}/sync/{datasetId}/validation"          => get(validation::get),
        "/{companyId}/data/all"                             => post(pulls::refresh_all),
        "/{companyId}/data/queue/{dataType}"                => post(pulls::refresh_one),
        "/{companyId}/data/info"                            => post(pulls::refresh_info),
        "/{companyId}/data/history"                         => get(pulls::history),
        "/{companyId}/data/history/{datasetId}"             => get(pulls::get),
        "/{companyId}/dataStatus"                           => get(pulls::status),
        "/{companyId}/push"                                 => get(pushes::list),
        "/{companyId}/push/{pushOperationKey}"              => get(pushes::get),
    };
    let connections = routes! { "/companies/{companyId}/connections/{connectionId}":
        "/authorization"                                     => put(authorization::import),
        "/confirmation"                                      => post(confirmation::confirm),
        "/person"                                            => get(disclosures::person_of),
        "/reconciliation"                                    => get(reconciliation::get),
        "/data/queue/custom/{customDataIdentifier}"          => post(supplemental::refresh),
        "/data/custom/{customDataIdentifier}"                => get(supplemental::list),
        "/options/{dataType}"                                => get(pushes::options),
        "/options/bankAccounts/{accountId}/bankTransactions" => get(pushes::bank_options),
        "/push/{dataType}"                                   => post(pushes::create),
        "/push/{dataType}/{recordId}"                        => put(pushes::update).delete(pushes::delete),
        "/push/bankAccounts/{accountId}/bankTransactions"    => post(pushes::create_bank),
    };
    let clients = routes! { "":
        "/integrations"                        => get(integrations::list),
        "/integrations/{platformKey}"          => get(integrations::get),
        "/integrations/{platformKey}/branding" => get(integrations::branding),
        "/integrations/{platformKey}/dataTypes/{dataType}/supplementalDataConfig" => get(supplemental::get).put(supplemental::configure),
        "/integrations/{platformKey}/dataTypes/custom/{customDataIdentifier}" => get(supplemental::get_custom).put(supplemental::configure_custom),
        "/dataRequests"                        => get(data_requests::list),
        "/dataRequests/{dataRequestId}"        => patch(data_requests::answer),
        "/profile"                             => get(profile::get).put(profile::replace),
        "/profile/retention"                   => get(retention::get).put(retention::replace),
        "/profile/linking"                     => get(linking::get).put(linking::replace),
        "/profile/disclosure"                  => get(disclosure::get).put(disclosure::replace),
        "/profile/link"                        => get(link_settings::get).put(link_settings::replace),
        "/linkFunnel"                          => get(funnel::get),
        "/profile/syncSettings"                => get(sync_settings::of_client).post(sync_settings::set_of_client),
        "/apiKeys"                             => get(api_keys::list).post(api_keys::create),
        "/apiKeys/{apiKeyId}"                  => delete(api_keys::delete),
        "/consents"                            => get(consents::list),
        "/audit"                               => get(consents::audit::list),
        "/corsSettings"                        => get(profile::cors).post(profile::set_cors),
        "/connectionManagement/corsSettings"   => get(profile::cors).post(profile::set_cors),
    };

    // For API keys, and for automation services' integration keys if a handler takes them.
    let webhooks = routes! { "/webhooks":
        ""                                         => get(webhooks::list).post(webhooks::create),
        "/eventTypes"                              => get(webhooks::list_event_types),
        "/integrationKeys/zapier"                  => post(webhooks::rotate_zapier_key),
        "/{webhookId}"                             => get(webhooks::get).patch(webhooks::update).delete(webhooks::delete),
        "/{webhookId}/secret"                      => get(webhooks::get_secret),
        "/{webhookId}/secret/rotate"               => post(webhooks::rotate_secret),
        "/{webhookId}/test"                        => post(webhooks::send_test),
        "/{webhookId}/messages"                    => get(webhooks::list_messages),
        "/{webhookId}/messages/resend"             => post(webhooks::resend_messages),
        "/{webhookId}/messages/{messageId}"        => get(webhooks::get_message),
        "/{webhookId}/messages/{messageId}/resend" => post(webhooks::resend_message),
    };

    // For customers who hold a link: hosted pages.
    let pages = routes! { "":
        "/companies/{companyId}/connections/{connectionId}/start"  => get(start::show).post(start::depart),
        "/companies/{companyId}/connections/{connectionId}/certificate" => get(start::typed::certificate).post(start::typed::make_certificate),
        "/companies/{companyId}/connections/{connectionId}/setup"  => get(setup::show),
        "/companies/{companyId}/connections/{connectionId}/setup/file" => get(setup::file),
        "/companies/{companyId}/connections/{connectionId}/choose" => get(choose::show).post(choose::receive),
        "/companies/{companyId}/connections/{connectionId}/upload" => post(start::upload::receive),
        "/companies/{companyId}/connections/{connectionId}/leave"  => post(start::leave),
        "/companies/{companyId}/connections/{connectionId}/result" => get(ending::of_connection),
        "/oauth/{platformKey}/callback"                            => get(callback::receive),
        "/receipt/{consentId}"                                     => get(consents::receipts::show),
        "/receipt/{consentId}/signed"                              => get(consents::receipts::signed),
        "/company/{companyId}"                                     => get(overview::show),
        "/company/{companyId}/connect"                             => post(overview::connect),
        "/company/{companyId}/not-listed"                          => post(overview::not_listed),
        "/company/{companyId}/leave"                               => post(overview::leave),
        "/company/{companyId}/result"                              => get(ending::of_company),
        "/company/{companyId}/sharing"                             => get(owner::show).post(owner::open),
        "/company/{companyId}/sharing/disconnect"                  => post(owner::disconnect),
        "/company/{companyId}/sharing/requests"                    => post(owner::request),
    };

    // For programs on customers' machines, each with the password of its connection.
    let machines = routes! { "/machines":
        "/{platformKey}" => get(service::describe).post(service::call),
    }
    .layer(DefaultBodyLimit::max(soap::LONGEST));

    // Without credentials: files, the reference, figures for operators.
    let open = routes! { "":
        "/"                                            => get(reference::front::show),
        "/assets/badge.svg"                            => get(parts::assets::badge),
        "/assets/integrations/{platformKey}/{picture}" => get(assets::picture),
        "/link/assets/{file}"                          => get(parts::assets::file),
        "/sdk/connections.js"                          => get(assets::connections),
        "/sdk/{version}/connections.js"                => get(assets::connections_of_version),
        "/sdk/link.js"                                 => get(assets::link),
        "/sdk/{version}/link.js"                       => get(assets::link_of_version),
        "/sdk/words/{file}"                            => get(assets::words),
        "/sdk/parts/{file}"                            => get(assets::part),
        "/.well-known/jwks.json"                       => get(consents::receipts::keys),
        "/openapi.json"                                => get(openapi::json),
        "/reference"                                   => get(reference::show),
        "/reference/{file}"                            => get(reference::asset),
        "/health"                                      => get(operations::health),
        "/ready"                                       => get(operations::ready),
        "/metrics"                                     => get(operations::metrics),
    };

    Router::new()
        .merge(companies)
        .merge(connections)
        .merge(clients)
        .merge(webhooks)
        .layer(once)
        .merge(for_company)
        .merge(sessions)
        // Reads of pulled data, for API keys: two paths a line of the table in resources/data/resources.rs.
        .merge(data::routes())
        .merge(open)
        .merge(machines)
        .layer(from_fn_with_state(app.clone(), layers::count_reads))
        .layer(from_fn_with_state(app.clone(), layers::deadline))
        .layer(from_fn(layers::no_nul))
        // A page has its own deadline, which ends in a page.
        .merge(uploads)
        .merge(pages.layer(from_fn_with_state(app.clone(), deadline::layer)))
        .fallback(layers::no_such_route)
        .method_not_allowed_fallback(layers::no_such_method)
        .layer(DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(from_fn(compression::mark))
        .layer(compression::layer())
        .layer(from_fn(layers::catch_panics))
        .layer(from_fn_with_state(app.clone(), rate_headers::layer))
        .layer(from_fn(deprecations::layer))
        .layer(from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
