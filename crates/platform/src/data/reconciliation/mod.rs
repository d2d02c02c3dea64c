//! Reconciliation: sums over a connection's records that should agree across their data types.
//!
//! | test | source | must agree |
//! |---|---|---|
//! | `receivables` | accounting | open invoices less credit notes and payments on account; the receivables' balance in the books |
//! | `payables` | accounting | the same of bills |
//! | `cash/{account}` | accounting | a bank account's opening balance and transactions; its balance |
//! | `cashBooks/{account}` | accounting | a bank account's balance; that of its account in the ledger |
//! | `cashMovements/{account}` | accounting | the bank's transactions; the postings to the account |
//! | `profitAndLoss` | accounting | the statements' net profit; journal entries on accounts of income and expense |
//! | `balanceSheet` | accounting | assets; liabilities and equity |
//! | `bankBalance/{account}` | banking | an earlier balance and the transactions since; the balance |
//! | `processorPayouts` | commerce | payments less fees, refunds and what is still held; payouts |
//! | `processorPayments` | commerce | payments that reach the processor; its transactions for them |
//!
//! Sums are made of the stored records, page by page, when the result is read, and kept in memory until another pull has
//! ended: so the result is that of the newest sync on every node, and nothing more has to be stored, moved or erased. A
//! difference counts as one only if no other reason for it is known ([`judging::Claim`]).

mod banking;
mod books;
mod cash;
mod documents;
mod entries;
mod judging;
mod kinds;
mod processor;
mod pulled;
mod running;
mod statements;

use std::sync::Arc;
use std::time::Duration;

pub use judging::{Culprit, Outcome, Reconciliation, Side, Test};

use crate::app::App;
use books::Books;
use pulled::{Basis, Pulled};
use store::StoreError;
use store::connections::Connection;
use store::model::{ConnectionId, SourceType};

/// The results that this process has made, each with the pulls that it rests on.
#[derive(Debug)]
pub struct Reconciled(moka::future::Cache<ConnectionId, (Basis, Arc<Reconciliation>)>);

impl Default for Reconciled {
    fn default() -> Self {
        const MOST: u64 = 1_000;
        const IDLE: Duration = Duration::from_secs(3600);

        let kept = moka::future::Cache::builder();
        Self(kept.max_capacity(MOST).time_to_idle(IDLE).build())
    }
}

/// The tests of a connection, over the records as they are stored.
///
/// # Errors
/// The database can't be read.
pub async fn of(app: &App, connection: &Connection) -> Result<Arc<Reconciliation>, StoreError> {
    let (pulled, basis) = Pulled::read(app, connection).await?;
    if let Some(basis) = &basis
        && let Some((of, known)) = app.reconciled.0.get(&connection.id).await
        && of == *basis
    {
        return Ok(known);
    }
    let made = Arc::new(compute(app, connection, pulled).await?);
    // A pull that began or ended meanwhile may have changed some of the records that were read.
    let (_, after) = Pulled::read(app, connection).await?;
    if let Some(basis) = basis.filter(|basis| after.as_ref() == Some(basis)) {
        let entry = (basis, Arc::clone(&made));
        app.reconciled.0.insert(connection.id, entry).await;
    }
    Ok(made)
}

async fn compute(
    app: &App,
    connection: &Connection,
    pulled: Pulled,
) -> Result<Reconciliation, StoreError> {
    let books = Books::open(app, connection, pulled).await?;
    let tests = match connection.source_type {
        SourceType::Accounting => {
            let mut tests = vec![
                documents::test(&books, &kinds::RECEIVABLES).await?,
                documents::test(&books, &kinds::PAYABLES).await?,
            ];
            tests.extend(cash::tests(&books).await?);
            tests.push(statements::profit(&books).await?);
            tests.push(statements::balance_sheet(&books).await?);
            tests
        }
        SourceType::Banking => banking::tests(&books).await?,
        SourceType::Commerce => processor::tests(&books).await?,
        _ => Vec::new(),
    };
    Ok(Reconciliation {
        company_id: connection.company_id,
        connection_id: connection.id,
        computed: app.clock.now(),
        tests,
    })
}
