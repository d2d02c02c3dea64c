//! Supplemental data that doesn't come with a page and is asked for record by record.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use connectors::{Access, DataType, MappedPage, SupplementalData};

use super::{Pull, Trouble};
use crate::change::Change;
use store::model::Actor;
use store::supplements::Supplement;

/// The platform's answers by their source and the record's id.
pub(super) type Answers = BTreeMap<(String, String), Bytes>;

impl Pull<'_> {
    /// Asks for the supplemental data that doesn't come with the page. Answers that came before the pull had to wait are kept
    /// and not asked for again: a page may hold more records than a platform allows requests in a minute.
    pub(super) async fn supplements(
        &mut self,
        access: &Access<'_>,
        data_type: DataType,
        supplemental: &SupplementalData,
        mapped: &MappedPage,
    ) -> Result<Answers, Trouble> {
        let integration = &self.integration;
        let sources = supplemental
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
            return Ok(Answers::new());
        }
        let kept = store::supplements::list(&self.app.db, self.dataset.id).await?;
        let there: BTreeSet<(&str, &str)> = kept
            .iter()
            .map(|kept| (kept.source.as_str(), kept.record_id.as_str()))
            .collect();
        let mut came = Vec::new();
        let mut trouble = None;
        for (source, id) in wanted.difference(&there) {
            match self.supplement_of(access, data_type, source, id).await {
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
                let company = self.connection.company_id;
                let mut change = Change::of_company(self.app, company, Actor::Moorline).await?;
                store::supplements::keep(&mut change, self.dataset.id, &came).await?;
                change.commit().await?;
                self.advanced = true;
            }
            return Err(trouble);
        }
        let all = kept.into_iter().chain(came);
        Ok(all
            .filter_map(|one| Some(((one.source, one.record_id), Bytes::from(one.body?))))
            .collect())
    }

    async fn supplement_of(
        &self,
        access: &Access<'_>,
        data_type: DataType,
        source: &str,
        id: &str,
    ) -> Result<Option<Bytes>, Trouble> {
        let answer = self.run.waiting(async {
            let permit = self.admitted(1).await?;
            let answer = self
                .integration
                .fetch_supplement(
                    &self.app.door,
                    access,
                    source,
                    (!data_type.is_single()).then_some(id),
                )
                .await?;
            drop(permit);
            Ok::<_, Trouble>(answer)
        });
        let (body, remaining) = answer.await?;
        self.app
            .platform_limits
            .learn(&self.asking(), remaining)
            .await?;
        Ok(body)
    }
}
