//! A prepared platform, and a folder that describes it.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use connectors::{
    Access, Catalogue, ClientCredentials, Cursor, DataType, FetchError, Integration, LoadProblem,
    Narrowing, Page,
};
use egress::Secret;
use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::Platform;

/// A folder of these files.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

/// The integration `test` that a folder describes, or its first problem.
pub fn load(dir: &TempDir, variables: &[(&str, &str)]) -> Result<Arc<Integration>, LoadProblem> {
    let (catalogue, mut problems) =
        Catalogue::load(&[], &[dir.path().to_owned()], &values(variables));
    match catalogue.get("test") {
        Some(integration) => Ok(integration.clone()),
        None => Err(problems.remove(0)),
    }
}

pub fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// A client without a secret.
pub fn client() -> ClientCredentials {
    ClientCredentials {
        client_id: "cid".into(),
        client_secret: None,
    }
}

/// A cursor as the store keeps it.
pub fn stored(cursor: &Option<Cursor>) -> Option<Cursor> {
    let stored = serde_json::to_string(cursor).unwrap();
    serde_json::from_str(&stored).unwrap()
}

/// A platform with answers, and its integration in use by a connection.
pub struct Stand {
    pub platform: Platform,
    pub integration: Arc<Integration>,
    pub token: Secret,
    pub variables: BTreeMap<String, String>,
    /// What stands before every target that answers are prepared for.
    pub below: &'static str,
}

impl Stand {
    pub fn new(
        platform: Platform,
        integration: Arc<Integration>,
        variables: &[(&str, &str)],
    ) -> Self {
        Self {
            platform,
            integration,
            token: Secret::new("at-1"),
            variables: values(variables),
            below: "",
        }
    }

    pub fn answers(&self, target: &str, status: u16, body: &Value) {
        let target = format!("{}{target}", self.below);
        self.platform
            .answers(&target, status, "", &body.to_string());
    }

    pub fn access(&self) -> Access<'_> {
        Access {
            token: &self.token,
            variables: &self.variables,
        }
    }

    pub async fn page(
        &self,
        data_type: DataType,
        cursor: Option<&Cursor>,
        narrowing: impl Into<Narrowing>,
    ) -> Result<Page, FetchError> {
        let (door, access) = (self.platform.door(), self.access());
        self.integration
            .fetch_page(&door, &access, data_type, cursor, narrowing)
            .await
    }

    /// The ids of a page's records.
    pub fn ids(&self, data_type: DataType, page: &Page) -> Vec<String> {
        let mapped = self.integration.map_page(data_type, page).unwrap();
        mapped.records.into_iter().map(|record| record.id).collect()
    }

    /// The ids of the records of all pages, and the target of each request.
    pub async fn all(&self, data_type: DataType) -> (Vec<String>, Vec<String>) {
        let (mut records, mut targets, mut at) = (Vec::new(), Vec::new(), None);
        loop {
            let page = self.page(data_type, at.as_ref(), None).await.unwrap();
            targets.push(self.platform.last().target().to_owned());
            records.extend(self.ids(data_type, &page));
            at = page.next;
            if at.is_none() {
                return (records, targets);
            }
        }
    }

    /// The parameters of the last request.
    pub fn last_query(&self) -> BTreeMap<String, String> {
        let url = format!("http://a{}", self.platform.last().target());
        let url = url::Url::parse(&url).unwrap();
        url.query_pairs().into_owned().collect()
    }

    pub fn last_body(&self) -> Value {
        serde_json::from_str(&self.platform.last().body).unwrap()
    }
}
