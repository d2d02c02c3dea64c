//! Measurements inside one process: mapping, storing, issuing, recording.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::Utc;
use connectors::{Catalogue, DataType, Page};
use platform::access::company_tokens::{self, Audience, Bearer};
use platform::app::App;
use platform::change::Change;
use platform::events::Event;
use serde_json::{Value, json};
use store::clock::new_id;
use store::companies;
use store::model::{Actor, ClientId, CompanyId, ConnectionId, DatasetId, EventType};
use store::records::upsert_page;
use uuid::Uuid;

const LENGTH: Duration = Duration::from_secs(2);
const RUNS: usize = 5;
/// Records of one page, as the platforms send them.
const PAGE: usize = 500;
/// Pages of a first sync.
const PAGES: usize = 40;
/// Records that [`storing`] leaves.
pub(crate) const STORED: usize = RUNS * PAGES * PAGE;

/// Repeats `run_once`, which does `each` things, for two seconds, five times; returns the median a second.
fn per_second(each: usize, mut run_once: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let mut done = 0;
        while began.elapsed() < LENGTH {
            run_once()?;
            done += each;
        }
        runs.push(done as f64 / began.elapsed().as_secs_f64());
    }
    Ok(crate::load::median(runs, |run| *run))
}

/// A page of invoices of three lines each, in the sandbox's own format.
fn invoices() -> Page {
    let line = |number: u32| {
        json!({
            "no": number, "text": "Working lunch, 12 people", "qty_milli": 12_500, "unit_price": 950, "discount": 475,
            "net": 11_400, "tax": 2_280, "gross": 13_680, "ledger_account_id": "LA-4000", "ledger_account_title": "Sales",
            "tax_code_id": "TX-STD", "tax_code_title": "VAT 20%", "tax_rate_bp": 2_000, "item_id": "IT-0012",
            "item_title": "Working lunch",
        })
    };
    let invoice = |number: usize| {
        json!({
            "id": format!("SD-{number:07}"), "kind": "INV", "number": format!("INV-{number}"), "state": "OPEN",
            "contact_id": "CT-00042", "contact_name": "Marlowe & Finch Solicitors", "issued_on": "2026-03-02",
            "due_on": "2026-03-16", "settled_on": null, "their_reference": "PO 7781", "note": null, "currency": "GBP",
            "exponent": 2, "lines": [line(1), line(2), line(3)], "net_total": 34_200, "tax_total": 6_840,
            "gross_total": 41_040, "discount_total": 1_425, "outstanding": 41_040, "settlements": [],
            "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-21T09:00:00Z",
        })
    };
    let data: Vec<Value> = (0..PAGE).map(invoice).collect();
    Page {
        body: Bytes::from(json!({ "data": data }).to_string()),
        ..Page::default()
    }
}

/// Three-line invoices mapped a second, on one core.
pub(crate) fn mapping() -> Result<f64> {
    let (catalogue, _) = Catalogue::load(connectors::BUILTIN, &[], &Default::default());
    let integration = catalogue
        .get("mqjo")
        .context("the built-in integration `mqjo` (accounting sandbox) is missing")?;
    let page = invoices();
    per_second(PAGE, || {
        let mapped = integration.map_page(DataType::Invoices, &page)?;
        anyhow::ensure!(
            mapped.records.len() == PAGE,
            "{} of {PAGE} records were mapped",
            mapped.records.len()
        );
        Ok(())
    })
}

/// Company tokens issued a second, on one core.
pub(crate) fn tokens(app: &App, bearer: Bearer) -> Result<f64> {
    per_second(100, || {
        for _ in 0..100 {
            let token =
                company_tokens::issue(&app.vault, "http://localhost:7400", bearer, Utc::now());
            std::hint::black_box(token);
        }
        Ok(())
    })
}

pub(crate) fn bearer(client: ClientId, company: CompanyId) -> Bearer {
    Bearer {
        client,
        company,
        audience: Audience::Company,
    }
}

/// Mapped records stored a second, a transaction a page, as a first sync does; then the same pages again, as a second one does.
pub(crate) async fn storing(
    app: &App,
    connection: ConnectionId,
    company: CompanyId,
) -> Result<(f64, f64)> {
    let (catalogue, _) = Catalogue::load(connectors::BUILTIN, &[], &Default::default());
    let integration = catalogue
        .get("mqjo")
        .context("the built-in integration `mqjo` (accounting sandbox) is missing")?;
    let mapped = integration.map_page(DataType::Invoices, &invoices())?;
    let page_of = |run: usize, number: usize| -> Vec<_> {
        mapped
            .records
            .iter()
            .map(|record| {
                let mut record = record.clone();
                record.id = format!("{run}-{number}-{}", record.id);
                record
            })
            .collect()
    };
    let mut figures = [Vec::new(), Vec::new()];
    for run in 0..RUNS {
        // New records first, then the same again.
        let pages: Vec<Vec<_>> = (0..PAGES).map(|number| page_of(run, number)).collect();
        for figures in &mut figures {
            let dataset = DatasetId(new_id(Utc::now()));
            let began = Instant::now();
            for page in &pages {
                let mut tx = app.db.write().await?;
                upsert_page(
                    &mut tx,
                    connection,
                    company,
                    DataType::Invoices.as_str(),
                    dataset,
                    page,
                    Utc::now(),
                )
                .await?;
                tx.commit().await?;
            }
            figures.push((pages.len() * PAGE) as f64 / began.elapsed().as_secs_f64());
        }
    }
    let [first, again] = figures;
    Ok((
        crate::load::median(first, |run| *run),
        crate::load::median(again, |run| *run),
    ))
}

/// Records a second of a pull of everything that finds nothing new: taken apart, looked up by what they were made from, seen.
pub(crate) async fn seeing(app: &App, connection: ConnectionId, company: CompanyId) -> Result<f64> {
    const KIND: DataType = DataType::Invoices;
    let (catalogue, _) = Catalogue::load(connectors::BUILTIN, &[], &Default::default());
    let integration = catalogue
        .get("mqjo")
        .context("the built-in integration `mqjo` (accounting sandbox) is missing")?;
    let page = invoices();
    // The first page teaches where the ids are.
    integration.map_page(KIND, &page)?;
    let form = "the platform's form of the page is wrong";
    let apart = integration.apart(KIND, &page, "bench").context(form)?;
    let mapped = integration.map_apart(KIND, &page, &apart, &HashSet::new())?;
    let dataset = DatasetId(new_id(Utc::now()));
    let mut tx = app.db.write().await?;
    let records = &mapped.records;
    upsert_page(
        &mut tx,
        connection,
        company,
        KIND.as_str(),
        dataset,
        records,
        Utc::now(),
    )
    .await?;
    tx.commit().await?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let dataset = DatasetId(new_id(Utc::now()));
        let began = Instant::now();
        let mut seen = 0;
        while began.elapsed() < LENGTH {
            let apart = integration.apart(KIND, &page, "bench").context(form)?;
            let candidates = apart.candidates();
            let sent: Vec<_> = (candidates.iter())
                .map(|candidate| (candidate.id, candidate.source))
                .collect();
            let found =
                store::records::unaltered(&app.db, connection, KIND.as_str(), &sent).await?;
            anyhow::ensure!(found.len() == PAGE, "{} of {PAGE} were known", found.len());
            let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            let mut tx = app.db.write().await?;
            store::records::see(&mut tx, connection, KIND.as_str(), dataset, &ids).await?;
            tx.commit().await?;
            seen += PAGE;
        }
        runs.push(seen as f64 / began.elapsed().as_secs_f64());
    }
    Ok(crate::load::median(runs, |run| *run))
}

/// Events recorded a second, each in a transaction of its own, by `writers` at once.
pub(crate) async fn recording(
    app: &platform::app::Shared,
    client: ClientId,
    company: Uuid,
    writers: usize,
) -> Result<f64> {
    let company = companies::get(&app.db, client, CompanyId(company))
        .await?
        .context("a company of the seed is missing")?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..writers {
            let (app, company) = (app.clone(), company.clone());
            tasks.push(tokio::spawn(async move {
                let mut written = 0_u64;
                while began.elapsed() < LENGTH {
                    let mut change = Change::begin(&app, Actor::Client).await?;
                    change
                        .event(Event::Company(&company, EventType::CompanyUpdated))
                        .await?;
                    change.commit().await?;
                    written += 1;
                }
                Ok::<u64, store::StoreError>(written)
            }));
        }
        let mut written = 0;
        for task in tasks {
            written += task.await??;
        }
        runs.push(written as f64 / began.elapsed().as_secs_f64());
    }
    Ok(crate::load::median(runs, |run| *run))
}
