//! `Integration` and `Branding`.

use connectors::{AssetRole, DataType, Integration as Manifest};
use serde::Serialize;
use uuid::Uuid;

use platform::app::App;
use platform::data::files::sources::Source;
use store::model::SourceType;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Integration {
    key: String,
    logo_url: String,
    name: String,
    enabled: bool,
    source_id: Uuid,
    source_type: String,
    integration_id: Uuid,
    is_offline_connector: bool,
    is_beta: bool,
    data_provided_by: String,
    datatype_features: Vec<DataTypeFeature>,
    /// Real answers have these two, the published schema doesn't.
    pub(crate) linked_connections_count: i64,
    pub(crate) total_connections_count: i64,
}

/// The published schema calls it `dataType` and requires `datatype`, as real answers have it: both are given.
#[derive(Debug, Serialize)]
struct DataTypeFeature {
    datatype: &'static str,
    #[serde(rename = "dataType")]
    data_type: &'static str,
    #[serde(rename = "supportedFeatures")]
    supported_features: Vec<SupportedFeature>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SupportedFeature {
    feature_type: &'static str,
    feature_state: &'static str,
}

impl Integration {
    /// One by which files are uploaded.
    pub(crate) fn of_files(app: &App, source: &Source, enabled: bool) -> Self {
        Self {
            key: source.key.to_owned(),
            logo_url: picture_of_files(app, source),
            name: source.name.to_owned(),
            enabled,
            source_id: source.source_id,
            source_type: SourceType::Other.to_string(),
            integration_id: source.integration_id,
            is_offline_connector: false,
            is_beta: false,
            data_provided_by: "Moorline".into(),
            datatype_features: Vec::new(),
            linked_connections_count: 0,
            total_connections_count: 0,
        }
    }

    pub(crate) fn new(app: &App, manifest: &Manifest, enabled: bool) -> Self {
        let state = if manifest.beta() { "Beta" } else { "Release" };
        Self {
            key: manifest.key().to_owned(),
            logo_url: asset_url(app, manifest, AssetRole::LogoSquare),
            name: manifest.name().to_owned(),
            enabled,
            source_id: manifest.source_id(),
            source_type: manifest.source_type().to_string(),
            integration_id: manifest.integration_id(),
            is_offline_connector: false,
            is_beta: manifest.beta(),
            data_provided_by: "Moorline".into(),
            datatype_features: manifest
                .data()
                .iter()
                .map(|support| DataTypeFeature {
                    datatype: support.data_type.as_str(),
                    data_type: support.data_type.as_str(),
                    supported_features: features(manifest, support.data_type)
                        .into_iter()
                        .map(|feature_type| SupportedFeature {
                            feature_type,
                            feature_state: state,
                        })
                        .collect(),
                })
                .chain(
                    manifest
                        .unsupported()
                        .map(|(data_type, _)| DataTypeFeature {
                            datatype: data_type.as_str(),
                            data_type: data_type.as_str(),
                            supported_features: vec![SupportedFeature {
                                feature_type: "Get",
                                feature_state: "NotSupported",
                            }],
                        }),
                )
                .collect(),
            linked_connections_count: 0,
            total_connections_count: 0,
        }
    }
}

/// The contract's words for reading, creating and updating.
fn features(manifest: &Manifest, data_type: DataType) -> Vec<&'static str> {
    let write = manifest.writes(data_type);
    let mut features = vec!["Get"];
    if write.is_some_and(|write| write.create) {
        features.push("Post");
    }
    if write.is_some_and(|write| write.update) {
        features.push("Put");
    }
    features
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Branding {
    logo: Logo,
    button: Button,
    source_id: Uuid,
}

#[derive(Debug, Serialize)]
struct Logo {
    full: Picture,
    square: Picture,
}

#[derive(Debug, Serialize)]
struct Button {
    default: Picture,
    hover: Picture,
}

#[derive(Debug, Serialize)]
struct Picture {
    image: Image,
}

#[derive(Debug, Serialize)]
struct Image {
    src: String,
    alt: String,
}

/// The only picture there is of it.
fn picture_of_files(app: &App, source: &Source) -> String {
    format!(
        "{}/assets/integrations/{}/logo-square",
        app.config.origin(),
        source.key
    )
}

impl Branding {
    pub(crate) fn of_files(app: &App, source: &Source) -> Self {
        let picture = || Picture {
            image: Image {
                src: picture_of_files(app, source),
                alt: source.name.to_owned(),
            },
        };
        Self {
            logo: Logo {
                full: picture(),
                square: picture(),
            },
            button: Button {
                default: picture(),
                hover: picture(),
            },
            source_id: source.source_id,
        }
    }

    pub(crate) fn new(app: &App, manifest: &Manifest) -> Self {
        let picture = |role: AssetRole, words: &str| Picture {
            image: Image {
                src: asset_url(app, manifest, role),
                alt: format!("{} {words}", manifest.name()),
            },
        };
        Self {
            logo: Logo {
                full: picture(AssetRole::LogoFull, "full logo"),
                square: picture(AssetRole::LogoSquare, "square logo"),
            },
            button: Button {
                default: picture(AssetRole::ButtonDefault, "button"),
                hover: picture(AssetRole::ButtonHover, "button, hovered"),
            },
            source_id: manifest.source_id(),
        }
    }
}

/// The URL of a picture.
pub(crate) fn asset_url(app: &App, manifest: &Manifest, role: AssetRole) -> String {
    format!(
        "{}/assets/integrations/{}/{}",
        app.config.origin(),
        manifest.key(),
        role.as_str().replace('_', "-")
    )
}

/// The same, if the platform has that picture.
pub(crate) fn picture_url(app: &App, manifest: &Manifest, role: AssetRole) -> Option<String> {
    manifest.asset(role).map(|_| asset_url(app, manifest, role))
}
