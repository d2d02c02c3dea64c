//! Receivables and payables: open documents, less credit notes and payments that no document was named for, against the
//! account that they are posted to.

use chrono::NaiveDate;
use connectors::DataType;
use records::{Money, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use store::StoreError;

use super::books::{Account, Books, Stated, day_of};
use super::entries::Entry;
use super::judging::{Claim, Culprit, Side, Suspects, Suspicion, Test, Total, add};
use super::kinds::Kind;

/// An invoice, a bill, or a credit note of either side.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(
        rename = "invoiceNumber",
        alias = "creditNoteNumber",
        alias = "billCreditNoteNumber",
        alias = "reference"
    )]
    number: Option<String>,
    currency: Option<String>,
    currency_rate: Option<Money>,
    total_amount: Option<Money>,
    #[serde(alias = "remainingCredit")]
    amount_due: Option<Money>,
    issue_date: Option<Timestamp>,
    payment_allocations: Option<Vec<Settlement>>,
    withholding_tax: Option<Vec<Withheld>>,
}

#[derive(Deserialize)]
struct Settlement {
    allocation: Allocation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allocation {
    total_amount: Option<Money>,
}

#[derive(Deserialize)]
struct Withheld {
    amount: Money,
}

/// A payment of either side.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    id: String,
    reference: Option<String>,
    currency: Option<String>,
    currency_rate: Option<Money>,
    lines: Option<Vec<Line>>,
}

#[derive(Deserialize)]
struct Line {
    amount: Money,
    links: Option<Vec<Link>>,
}

#[derive(Deserialize)]
struct Link {
    r#type: String,
    amount: Option<Money>,
}

impl Document {
    /// In the ledger: neither a draft nor voided.
    fn is_posted(&self) -> bool {
        !matches!(self.status.as_str(), "Draft" | "Void")
    }

    fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    fn culprit(&self, data_type: DataType, amount: Decimal, reason: String) -> Culprit {
        Culprit::new(data_type, &self.id, self.number(), amount, reason)
    }

    /// The part that its settlements leave open: none if an amount is missing.
    fn left(&self) -> Option<Decimal> {
        let settlements = self.payment_allocations.as_ref()?;
        let mut left = Some(self.total_amount?.0);
        for settlement in settlements {
            add(&mut left, -settlement.allocation.total_amount?.0);
        }
        for tax in self.withholding_tax.iter().flatten() {
            add(&mut left, -tax.amount.0);
        }
        left
    }
}

impl Payment {
    /// The part that no document was named for.
    fn on_account(&self) -> Decimal {
        let mut sum = Some(Decimal::ZERO);
        for line in self.lines.iter().flatten() {
            match line.links.as_deref() {
                None | Some([]) => add(&mut sum, line.amount.0),
                Some(links) => {
                    let free = links
                        .iter()
                        .filter(|link| matches!(&*link.r#type, "Unlinked" | "PaymentOnAccount"));
                    for link in free {
                        add(
                            &mut sum,
                            link.amount.map_or(line.amount.0, |amount| -amount.0),
                        );
                    }
                }
            }
        }
        sum.unwrap_or_default()
    }
}

/// The sum of what is open, in the base currency, and what makes it uncertain.
struct Open<'a> {
    base: Option<&'a str>,
    sum: Total,
    on_account: Total,
    /// Converted at their own rates.
    foreign: u32,
    without_rate: u32,
    without_amount: u32,
    newest: Option<NaiveDate>,
}

impl<'a> Open<'a> {
    fn new(base: Option<&'a str>) -> Self {
        Self {
            base,
            sum: Some(Decimal::ZERO),
            on_account: Some(Decimal::ZERO),
            foreign: 0,
            without_rate: 0,
            without_amount: 0,
            newest: None,
        }
    }

    /// An amount in the base currency; none if its rate is missing.
    fn convert(&mut self, amount: Decimal, currency: Option<&str>, rate: Option<Money>) -> Total {
        let is_foreign = matches!((currency, self.base), (Some(own), Some(base)) if own != base);
        if !is_foreign || amount.is_zero() {
            return Some(amount);
        }
        match rate {
            Some(rate) => {
                self.foreign += 1;
                let decimals = self.base.map_or(2, records::currency_exponent);
                let half_up = RoundingStrategy::MidpointAwayFromZero;
                Some(
                    amount
                        .checked_mul(rate.0)?
                        .round_dp_with_strategy(decimals, half_up),
                )
            }
            None => {
                self.without_rate += 1;
                None
            }
        }
    }

    fn add(&mut self, document: &Document, sign: Decimal) {
        if !document.is_posted() {
            return;
        }
        let due = match document.amount_due {
            Some(due) => due.0,
            None if document.status == "Paid" => Decimal::ZERO,
            None => {
                self.without_amount += 1;
                return;
            }
        };
        if !due.is_zero() {
            self.newest = self.newest.max(day_of(document.issue_date));
        }
        let (currency, rate) = (document.currency.as_deref(), document.currency_rate);
        if let Some(due) = self.convert(due, currency, rate) {
            add(&mut self.sum, sign * due);
        }
    }

    fn add_payment(&mut self, payment: &Payment) {
        let amount = payment.on_account();
        let (currency, rate) = (payment.currency.as_deref(), payment.currency_rate);
        if let Some(amount) = self.convert(amount, currency, rate) {
            add(&mut self.sum, -amount);
            add(&mut self.on_account, amount);
        }
    }

    /// The difference that converting each document can make.
    fn tolerance(&self) -> Decimal {
        records::currency_unit(self.base) * Decimal::from(self.foreign)
    }

    /// The reasons for which a difference from `booked` would prove nothing.
    fn doubts(&self, booked: &Stated) -> Vec<String> {
        let mut doubts = booked.doubts.clone();
        let base = self.base.unwrap_or("the base currency");
        if self.without_rate > 0 {
            doubts.push(format!(
                "{} open documents in other currencies have no rate to {base}.",
                self.without_rate
            ));
        }
        if self.foreign > 0 {
            doubts.push(format!(
                "{} open documents are in other currencies, and books may value them at a newer rate than their own.",
                self.foreign
            ));
        }
        if self.without_amount > 0 {
            doubts.push(format!(
                "{} documents don't tell the amount that is due.",
                self.without_amount
            ));
        }
        if let (Some(sum), Some(on_account), Some(amount)) =
            (self.sum, self.on_account, booked.amount)
            && !on_account.is_zero()
            && (sum.min(sum + on_account)..=sum.max(sum + on_account)).contains(&amount)
        {
            doubts.push(format!(
                "Payments on account come to {on_account}, and the platform doesn't tell how much of them was used since."
            ));
        }
        if booked.data_type == DataType::BalanceSheet
            && self.newest.max(booked.as_of) != booked.as_of
        {
            doubts.push("Some documents are dated after the balance sheet.".to_owned());
        }
        doubts
    }
}

/// The test of receivables or payables.
pub(super) async fn test(books: &Books<'_>, kind: &Kind) -> Result<Test, StoreError> {
    let pulled = &books.pulled;
    let day = pulled.day(kind.documents);
    let sides = [
        Side::new(kind.sum).at(day),
        Side::new(format!("{} in the books", kind.account)),
    ];
    if let Some(reason) = pulled.missing(&[kind.documents]) {
        return Ok(Claim::new(kind.id, kind.name, sides)
            .doubting(vec![reason])
            .judge(None));
    }
    let accounts: Vec<&Account> = books
        .accounts
        .values()
        .filter(|account| kind.is_account(account))
        .collect();
    let named = |text: &str| kind.is_named(text);
    let booked = books.balance_of(&accounts, named, kind.account, day, kind.owed);
    let of_account = booked.as_ref().and_then(|booked| booked.currency.clone());
    let base = books.base_currency.clone().or(of_account);
    let currency = base.as_deref();
    let mut open = Open::new(currency);
    for (data_type, sign) in [
        (kind.documents, Decimal::ONE),
        (kind.credits, -Decimal::ONE),
    ] {
        books
            .each(data_type, |document| open.add(&document, sign))
            .await?;
    }
    books
        .each(kind.payments, |payment| open.add_payment(&payment))
        .await?;
    let [sum, account] = sides;
    let sum = sum.of(open.sum).within(currency);
    let Some(booked) = booked else {
        let reason = match pulled.missing(&[DataType::ChartOfAccounts, DataType::BalanceSheet]) {
            Some(reason) => reason,
            None => format!(
                "No account of the books is known as that of {}, or none has a balance.",
                kind.account.to_lowercase()
            ),
        };
        return Ok(Claim::new(kind.id, kind.name, [sum, account])
            .doubting(vec![reason])
            .judge(None));
    };
    let account = Side::new(&*booked.label)
        .of(booked.amount)
        .at(booked.as_of)
        .within(currency);
    let types = [kind.documents, kind.credits, kind.payments];
    let mut claim = Claim::new(kind.id, kind.name, [sum, account])
        .doubting(pulled.not_pulled(&types))
        .resting_on(
            pulled,
            &[
                kind.documents,
                kind.credits,
                kind.payments,
                booked.data_type,
            ],
        )
        .doubting(open.doubts(&booked));
    let of_books = |account: &&Account| account.currency.is_none() || account.currency == base;
    if !accounts.iter().all(of_books) {
        claim
            .doubts
            .push("Some of these accounts are in another currency than the books.".to_owned());
    }
    claim.tolerance = open.tolerance();
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, kind, &accounts, gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

/// Looks through the documents once more for those that explain a difference.
async fn explain(
    books: &Books<'_>,
    kind: &Kind,
    accounts: &[&Account],
    gap: Decimal,
) -> Result<Suspects, StoreError> {
    let mut suspects = Suspects::of(gap);
    for (data_type, sign) in [
        (kind.documents, Decimal::ONE),
        (kind.credits, -Decimal::ONE),
    ] {
        books
            .each(data_type, |document: Document| {
                suspect(&mut suspects, &document, data_type, sign);
            })
            .await?;
    }
    books
        .each(kind.payments, |payment: Payment| {
            suspects.compare(payment.on_account(), |reason| {
                let (id, number) = (&payment.id, payment.reference.as_deref());
                let amount = payment.on_account();
                let reason = format!("It is on account. {reason}");
                Culprit::new(kind.payments, id, number, amount, reason)
            });
        })
        .await?;
    // Such an account is moved by documents: a journal that moves it is in none of them.
    let is_one = |account: &str| accounts.iter().any(|one| one.id == account);
    books
        .each(DataType::JournalEntries, |entry: Entry| {
            if !entry.is_of_a_document() {
                let amount = entry.moved(is_one);
                suspects.compare(amount, |reason| {
                    let reason = format!("It is posted to the account itself. {reason}");
                    let text = entry.description.as_deref();
                    Culprit::new(DataType::JournalEntries, &entry.id, text, amount, reason)
                });
            }
        })
        .await?;
    Ok(suspects)
}

fn suspect(suspects: &mut Suspects, document: &Document, data_type: DataType, sign: Decimal) {
    let total = document.total_amount.unwrap_or_default().0;
    if !document.is_posted() {
        suspects.compare(total, |reason| {
            let status = document.status.to_lowercase();
            document.culprit(
                data_type,
                total,
                format!("Its status is {status}. {reason}"),
            )
        });
        return;
    }
    let due = document.amount_due.unwrap_or_default().0;
    if let (Some(Money(due)), Some(left)) = (document.amount_due, document.left())
        && let Some(odd) = due.checked_sub(left)
        && !odd.is_zero()
    {
        let suspicion = if sign * odd == suspects.difference {
            Suspicion::Exact
        } else {
            Suspicion::Odd
        };
        let reason =
            format!("Its amount due is {due}, and its total less its settlements is {left}.");
        suspects.add(suspicion, document.culprit(data_type, odd, reason));
        return;
    }
    suspects.compare(due, |reason| document.culprit(data_type, due, reason));
    if total != due {
        suspects.compare(total, |reason| document.culprit(data_type, total, reason));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read<T: serde::de::DeserializeOwned>(json: &Value) -> T {
        serde_json::from_str(&json.to_string()).expect("a record")
    }

    fn document(json: &Value) -> Document {
        read(json)
    }

    fn money(text: &str) -> Decimal {
        text.parse().expect("an amount")
    }

    fn booked(amount: &str) -> Stated {
        Stated {
            label: "Receivables".into(),
            amount: Some(money(amount)),
            as_of: None,
            currency: None,
            data_type: DataType::ChartOfAccounts,
            doubts: Vec::new(),
        }
    }

    #[test]
    fn what_is_open_is_summed_in_the_base_currency_without_drafts_and_voids() {
        let mut open = Open::new(Some("GBP"));
        for (sign, json) in [
            (
                1,
                json!({"id": "1", "status": "Submitted", "amountDue": "100.10"}),
            ),
            (
                1,
                json!({"id": "2", "status": "Draft", "amountDue": "5.00"}),
            ),
            (1, json!({"id": "3", "status": "Void", "amountDue": "7.00"})),
            (1, json!({"id": "4", "status": "Paid"})),
            (
                -1,
                json!({"id": "5", "status": "Submitted", "remainingCredit": "0.10"}),
            ),
            (
                1,
                json!({"id": "6", "status": "Submitted", "amountDue": "10.00", "currency": "EUR", "currencyRate": "0.855"}),
            ),
            (
                1,
                json!({"id": "7", "status": "Submitted", "amountDue": "10.00", "currency": "USD"}),
            ),
        ] {
            open.add(&document(&json), Decimal::from(sign));
        }
        assert_eq!(open.sum, Some(money("108.55")));
        assert_eq!((open.foreign, open.without_rate), (1, 1));
        assert_eq!(open.doubts(&booked("0")).len(), 2);
    }

    #[test]
    fn an_amount_is_converted_to_the_decimals_of_the_base_currency() {
        for (base, rate, sum, tolerance) in [
            ("JPY", "150.123", "1501", "1"),
            ("KWD", "0.3077", "3.077", "0.001"),
            ("GBP", "0.78125", "7.81", "0.01"),
        ] {
            let mut open = Open::new(Some(base));
            let json = json!({"id": "1", "status": "Submitted", "amountDue": "10", "currency": "USD", "currencyRate": rate});
            open.add(&document(&json), Decimal::ONE);
            assert_eq!(open.sum, Some(money(sum)), "{base}");
            assert_eq!(open.tolerance(), money(tolerance), "{base}");
        }
    }

    #[test]
    fn a_payment_on_account_lowers_the_sum_and_is_doubted_if_it_may_have_been_used() {
        let mut open = Open::new(None);
        let invoice = json!({"id": "1", "status": "Submitted", "amountDue": "100.00"});
        open.add(&document(&invoice), Decimal::ONE);
        let payment = json!({"id": "2", "lines": [
            {"amount": "30.00", "links": [{"type": "Invoice", "amount": "-30.00"}]},
            {"amount": "15.00", "links": [{"type": "PaymentOnAccount", "amount": "-15.00"}]},
            {"amount": "5.00", "links": []}]});
        open.add_payment(&read(&payment));
        assert_eq!(open.sum, Some(money("80.00")));
        assert_eq!(open.doubts(&booked("90.00")).len(), 1);
        assert!(open.doubts(&booked("110.00")).is_empty());
    }

    #[test]
    fn a_document_that_contradicts_its_payments_is_the_first_suspect() {
        let mut suspects = Suspects::of(money("40.00"));
        let whole = json!({"id": "1", "invoiceNumber": "I-1", "status": "Submitted", "totalAmount": "40.00", "amountDue": "40.00", "paymentAllocations": []});
        let odd = json!({"id": "2", "invoiceNumber": "I-2", "status": "PartiallyPaid", "totalAmount": "100.00", "amountDue": "100.00",
            "paymentAllocations": [{"payment": {"id": "p"}, "allocation": {"totalAmount": "40.00"}}]});
        let half = json!({"id": "3", "invoiceNumber": "I-3", "status": "Submitted", "totalAmount": "20.00", "amountDue": "20.00"});
        for json in [whole, odd, half] {
            let document = document(&json);
            suspect(&mut suspects, &document, DataType::Invoices, Decimal::ONE);
        }
        let sides = [
            Side::new("Sum").of(Some(money("140.00"))),
            Side::new("Books").of(Some(money("100.00"))),
        ];
        let test = Claim::new("receivables", "", sides).judge(Some(suspects));
        let ids: Vec<&str> = test.records.iter().map(|record| &*record.id).collect();
        assert_eq!(ids, ["2", "1", "3"]);
        assert_eq!(
            test.records[0].reason,
            "Its amount due is 100.00, and its total less its settlements is 60.00."
        );
    }
}
