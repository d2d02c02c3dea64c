//! A client's own texts on hosted pages: those of its settings of Link.

use super::markdown;
use super::reader::languages;
use platform::app::App;
use platform::companies::link::{self, Settings};
use platform::disclosure::language::Languages;
use store::StoreError;
use store::clients::Client;

pub(crate) struct OwnTexts {
    pub(crate) settings: Settings,
    languages: Languages,
    client: String,
    platform: String,
}

impl OwnTexts {
    /// The client's texts for the reader at hand. `platform` is the name of the page's platform, or empty.
    pub(crate) async fn of(app: &App, client: &Client, platform: &str) -> Result<Self, StoreError> {
        let settings = link::of_client(app, client.id).await?;
        let languages = languages();
        let own = settings.text("companyName", &languages);
        Ok(Self {
            client: own.unwrap_or(&client.name).to_owned(),
            platform: platform.to_owned(),
            settings,
            languages,
        })
    }

    /// A text without its markup, with the names filled in.
    pub(crate) fn plain(&self, name: &str) -> Option<String> {
        self.filled(name).map(|text| markdown::to_text(&text))
    }

    /// A text as HTML that is safe to show.
    pub(crate) fn html(&self, name: &str) -> Option<String> {
        self.filled(name).map(|text| markdown::to_html(&text))
    }

    fn filled(&self, name: &str) -> Option<String> {
        let text = self.settings.text(name, &self.languages)?;
        Some(
            text.replace("{companyName}", &self.client)
                .replace("{platformName}", &self.platform),
        )
    }
}
