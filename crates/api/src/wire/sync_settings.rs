//! `SyncSettings` and `CompanySyncSettings`.

use connectors::DataType;
use serde::{Deserialize, Serialize};

use super::time;
use crate::around::errors::ApiError;
use platform::data::pulling::settings::Held;
use store::model::{ClientId, CompanyId, SyncSetting, SyncSettings};
use store::query::read_time;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfClient {
    client_id: ClientId,
    settings: Vec<Setting>,
    overrides_defaults: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfCompany {
    company_id: CompanyId,
    settings: Vec<Setting>,
    overrides_defaults: bool,
}

impl OfClient {
    pub(crate) fn new(client_id: ClientId, held: &Held) -> Self {
        Self {
            client_id,
            settings: shape(&held.settings),
            overrides_defaults: held.overrides_defaults,
        }
    }
}

impl OfCompany {
    pub(crate) fn new(company_id: CompanyId, held: &Held) -> Self {
        Self {
            company_id,
            settings: shape(&held.settings),
            overrides_defaults: held.overrides_defaults,
        }
    }
}

fn shape(settings: &SyncSettings) -> Vec<Setting> {
    settings.in_order().into_iter().map(Setting::from).collect()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Setting {
    data_type: DataType,
    fetch_on_first_link: bool,
    sync_schedule: u32,
    sync_order: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_from_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_from_window: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    months_to_sync: Option<u32>,
    is_locked: bool,
}

impl From<&SyncSetting> for Setting {
    fn from(setting: &SyncSetting) -> Self {
        Self {
            data_type: setting.data_type,
            fetch_on_first_link: setting.fetch_on_first_link,
            sync_schedule: setting.sync_schedule,
            sync_order: setting.sync_order,
            sync_from_utc: setting.sync_from_utc.map(time),
            sync_from_window: setting.sync_from_window,
            months_to_sync: setting.months_to_sync,
            is_locked: setting.is_locked,
        }
    }
}

/// The body of a POST, for a client or a company.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsIn {
    pub(crate) client_id: Option<String>,
    pub(crate) company_id: Option<String>,
    settings: Option<Vec<SettingIn>>,
    overrides_defaults: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingIn {
    data_type: Option<String>,
    fetch_on_first_link: Option<bool>,
    sync_schedule: Option<u32>,
    sync_order: Option<u32>,
    sync_from_utc: Option<String>,
    sync_from_window: Option<u32>,
    months_to_sync: Option<u32>,
    is_locked: Option<bool>,
}

impl SettingsIn {
    /// The settings to store; none if the defaults are to hold again. A wrong value is refused even if it would not be used.
    pub(crate) fn checked(self) -> Result<Option<Vec<SyncSetting>>, ApiError> {
        let given = self.settings.ok_or_else(|| {
            ApiError::invalid(
                "settings",
                "settings is required: a list of settings, one for each data type.",
            )
        })?;
        let mut settings: Vec<SyncSetting> = Vec::with_capacity(given.len());
        for one in given {
            let setting = one
                .read()
                .and_then(|setting| setting.check().map(|()| setting))
                .map_err(|message| ApiError::invalid("settings", message))?;
            let twice = settings
                .iter()
                .any(|other| other.data_type == setting.data_type);
            if twice {
                return Err(ApiError::invalid(
                    "settings",
                    format!(
                        "{} is given twice; give one setting for each data type.",
                        setting.data_type
                    ),
                ));
            }
            settings.push(setting);
        }
        // Its default is true.
        Ok(self.overrides_defaults.unwrap_or(true).then_some(settings))
    }
}

impl SettingIn {
    fn read(self) -> Result<SyncSetting, String> {
        let name = self.data_type.ok_or("Each setting needs a dataType.")?;
        let data_type: DataType = name.parse().map_err(|_| {
            let valid: Vec<_> = DataType::ALL.iter().map(|known| known.as_str()).collect();
            format!(
                "There is no data type '{}'. Valid values: {}.",
                name.chars().take(60).collect::<String>(),
                valid.join(", ")
            )
        })?;
        let missing = |field: &str| format!("{data_type}: {field} is required.");
        let sync_from_utc = match self.sync_from_utc.filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(read_time(&text).ok_or_else(|| {
                format!("{data_type}: syncFromUtc must be a time such as 2020-01-01T12:00:00Z.")
            })?),
        };
        Ok(SyncSetting {
            data_type,
            fetch_on_first_link: self
                .fetch_on_first_link
                .ok_or_else(|| missing("fetchOnFirstLink"))?,
            sync_schedule: self.sync_schedule.ok_or_else(|| missing("syncSchedule"))?,
            sync_order: self.sync_order.ok_or_else(|| missing("syncOrder"))?,
            sync_from_utc,
            sync_from_window: self.sync_from_window,
            months_to_sync: self.months_to_sync,
            is_locked: self.is_locked.unwrap_or_default(),
        })
    }
}
