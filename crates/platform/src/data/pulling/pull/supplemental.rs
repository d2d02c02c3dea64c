//! Supplemental data that doesn't come with a page: asked for record by record.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use connectors::{Access, DataType, MappedPage, SupplementalData};

use super::{Pull, Trouble};

use store::supplements::Supplement;

/// By where it was asked for and for which record.
pub(super) type Found = BTreeMap<(String, String), Bytes>;

impl Pull<'_> {
    /// What supplemental data has to be asked for record by record. What came of it before the pull had to wait is kept, and not
    /// asked for again: a page may hold more records than a platform allows requests in a minute.
    pub(super) async fn beside(
        &mut self,
        access: &Access<'_>,
        data_type: DataType,
        added: &SupplementalData,
        mapped: &MappedPage,
    ) -> Result<Found, Trouble> {
        let integration = &self.integration;
        let sources = added
            .values()
            .filter(|supplement| supplement.pull_data.is_some())
            .filter(|supplement| !integration.comes_with(access.variables, data_type, supplement))
            .filter_map(|supplement| supplement.data_source.as_deref());
        let wanted: BTreeSet<(&str, &str)> = sources
            .flat_map(|source| {
                let records = mapped.records.iter().filter(|record| !record.deleted);
                records.map(move |record| (source, record.id.as_str()))
            })
            .collect();
        if wanted.is_empty() {
            return Ok(Found::new());
        }
        let kept = store::supplements::list(&self.app.db, self.dataset.id).await?;
        let there: BTreeSet<(&str, &str)> = kept
            .iter()
            .map(|kept| (kept.source.as_str(), kept.record_id.as_str()))
            .collect();
        let mut came = Vec::new();
        let mut trouble = None;
        for (source, id) in wanted.difference(&there) {
            match self.one_beside(access, data_type, source, id).await {
                Ok(body) => came.push(Supplement {
                    source: (*source).to_owned(),
                    record_id: (*id).to_owned(),
                    body: body.map(Vec::from),
                }),
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
        }
        if let Some(trouble) = trouble {
            if !came.is_empty() {
                let mut tx = self.app.db.write().await?;
                store::connections::lock_company(&mut tx, self.connection.company_id).await?;
                store::supplements::keep(&mut tx, self.dataset.id, &came).await?;
                tx.commit().await?;
                self.advanced = true;
            }
            return Err(trouble);
        }
        let all = kept.into_iter().chain(came);
        Ok(all
            .filter_map(|one| Some(((one.source, one.record_id), Bytes::from(one.body?))))
            .collect())
    }

    async fn one_beside(
        &self,
        access: &Access<'_>,
        data_type: DataType,
        source: &str,
        id: &str,
    ) -> Result<Option<Bytes>, Trouble> {
        let single = matches!(data_type, DataType::Company | DataType::CommerceCompanyInfo);
        let permit = self.admitted().await?;
        let (body, remaining) = self
            .integration
            .fetch_beside(&self.app.door, access, source, (!single).then_some(id))
            .await?;
        drop(permit);
        self.app
            .platform_limits
            .learn(&self.asking(), remaining)
            .await?;
        Ok(body)
    }
}
