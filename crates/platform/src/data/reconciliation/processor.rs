//! Money that a payment processor holds for a shop: what came in and wasn't paid out is what it holds, and every payment that
//! it took is among its transactions.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use connectors::DataType;
use records::{Money, PaymentMethodRef};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::StoreError;

use super::books::Books;
use super::judging::{Claim, Culprit, Side, Suspects, Suspicion, Test, Total, add};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    id: String,
    r#type: String,
    total_amount: Option<Money>,
    currency: Option<String>,
    transaction_source_ref: Option<Source>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    id: String,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    id: String,
    #[serde(default)]
    status: String,
    amount: Option<Money>,
    currency: Option<String>,
    payment_method_ref: Option<PaymentMethodRef>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shop {
    account_balances: Option<Vec<Held>>,
}

#[derive(Deserialize)]
struct Held {
    available: Option<Money>,
    pending: Option<Money>,
    reserved: Option<Money>,
    currency: Option<String>,
}

impl Transaction {
    fn amount(&self) -> Decimal {
        self.total_amount.unwrap_or_default().0
    }

    fn is_in(&self, currency: &str) -> bool {
        self.currency.as_deref().unwrap_or_default() == currency
    }

    fn is_payout(&self) -> bool {
        matches!(&*self.r#type, "Payout" | "FailedPayout")
    }

    fn is_payment(&self) -> bool {
        matches!(&*self.r#type, "Payment" | "Refund")
    }

    /// The payment that it is for.
    fn payment(&self) -> Option<&str> {
        let source = self.transaction_source_ref.as_ref()?;
        (source.r#type == "Payment").then_some(source.id.as_str())
    }

    fn culprit(&self, reason: String) -> Culprit {
        let amount = self.amount();
        Culprit::new(
            DataType::CommerceTransactions,
            &self.id,
            None,
            amount,
            reason,
        )
    }
}

impl Payment {
    fn amount(&self) -> Decimal {
        self.amount.unwrap_or_default().0
    }

    fn is_in(&self, currency: &str) -> bool {
        self.currency.as_deref().unwrap_or_default() == currency
    }

    fn is_taken(&self) -> bool {
        self.status == "Paid"
    }

    fn method(&self) -> &str {
        let method = self.payment_method_ref.as_ref();
        method.map_or("", |method| method.id.as_str())
    }

    fn culprit(&self, reason: String) -> Culprit {
        let amount = self.amount();
        Culprit::new(DataType::CommercePayments, &self.id, None, amount, reason)
    }
}

/// Eight bytes for an id, so that a shop's every payment can be remembered.
fn mark(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The processor's transactions in one currency, summed.
struct Account {
    paid_in: Total,
    paid_out: Total,
    payments: Total,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            paid_in: Some(Decimal::ZERO),
            paid_out: Some(Decimal::ZERO),
            payments: Some(Decimal::ZERO),
        }
    }
}

impl Account {
    fn add(&mut self, transaction: &Transaction) {
        let amount = transaction.amount();
        if transaction.is_payout() {
            add(&mut self.paid_out, -amount);
        } else {
            add(&mut self.paid_in, amount);
        }
        if transaction.is_payment() {
            add(&mut self.payments, amount);
        }
    }
}

/// A currency's code: empty if it isn't told.
type Currency = String;

/// The processor's transactions by their currency.
#[derive(Default)]
struct Accounts {
    by_currency: BTreeMap<Currency, Account>,
    /// Marks of the payments that transactions are for.
    seen: HashSet<u64>,
}

impl Accounts {
    fn add(&mut self, transaction: &Transaction) {
        let currency = transaction.currency.clone().unwrap_or_default();
        self.by_currency
            .entry(currency)
            .or_default()
            .add(transaction);
        if transaction.is_payment()
            && let Some(payment) = transaction.payment()
        {
            self.seen.insert(mark(payment));
        }
    }
}

/// The tests of a shop's money.
pub(super) async fn tests(books: &Books<'_>) -> Result<Vec<Test>, StoreError> {
    let mut accounts = Accounts::default();
    books
        .each(
            DataType::CommerceTransactions,
            |transaction: Transaction| {
                accounts.add(&transaction);
            },
        )
        .await?;
    let mut tests = payouts(books, &accounts).await?;
    tests.extend(payments(books, &accounts).await?);
    Ok(tests)
}

/// A test for each currency, its id with the currency if there are several. One without amounts has none.
fn claim_of(
    (id, name): (&str, &str),
    currency: &str,
    all: &BTreeSet<Currency>,
    sides: [Side; 2],
) -> Claim {
    let code = Some(currency).filter(|code| !code.is_empty());
    let sides = sides.map(|side| side.within(code));
    if all.len() < 2 {
        return Claim::new(id, name, sides);
    }
    let told = if currency.is_empty() {
        "none"
    } else {
        currency
    };
    let claim = Claim::new(format!("{id}/{told}"), format!("{name}, {told}"), sides);
    let unknown = "Some amounts don't tell their currency.".to_owned();
    claim.lacking(all.contains("").then_some(unknown))
}

/// Everything that came in, less the money that is still held, against the payouts.
async fn payouts(books: &Books<'_>, accounts: &Accounts) -> Result<Vec<Test>, StoreError> {
    let (id, name) = (
        "processorPayouts",
        "The payment processor's money and its payouts",
    );
    let pulled = &books.pulled;
    let labels = [
        "Payments less fees, refunds and what is still held",
        "Payouts",
    ];
    let needed = [DataType::CommerceTransactions];
    if let Some(reason) = pulled.missing(&needed) {
        let claim = Claim::new(id, name, labels.map(Side::new)).doubting(vec![reason]);
        return Ok(vec![claim.judge(None)]);
    }
    let mut shop: Option<Vec<Held>> = None;
    books
        .each(DataType::CommerceCompanyInfo, |info: Shop| {
            shop = info.account_balances;
        })
        .await?;
    let shop = shop.filter(|held| !held.is_empty());
    let is_told = shop.is_some();
    let mut held: BTreeMap<Currency, Total> = BTreeMap::new();
    for part in shop.into_iter().flatten() {
        let currency = part.currency.unwrap_or_default();
        let sum = held.entry(currency).or_insert(Some(Decimal::ZERO));
        let amounts = [part.available, part.pending, part.reserved];
        for amount in amounts.into_iter().flatten() {
            add(sum, amount.0);
        }
    }
    let moved = accounts.by_currency.keys();
    // Of a currency in which nothing moved, there is nothing to compare.
    let holding = held.iter().filter(|(_, sum)| **sum != Some(Decimal::ZERO));
    let all: BTreeSet<Currency> = moved
        .chain(holding.map(|(code, _)| code))
        .cloned()
        .collect();
    let nothing = BTreeSet::from([Currency::new()]);
    let none = Account::default();
    let mut tests = Vec::new();
    for currency in if all.is_empty() { &nothing } else { &all } {
        let account = accounts.by_currency.get(currency).unwrap_or(&none);
        let still = held.get(currency).copied().unwrap_or(Some(Decimal::ZERO));
        let paid_in = account.paid_in.zip(still);
        let paid_in = paid_in.and_then(|(all, held)| all.checked_sub(held));
        let day = pulled.day(DataType::CommerceTransactions);
        let side = |label, amount| Side::new(label).of(amount).at(day);
        let sides = [side(labels[0], paid_in), side(labels[1], account.paid_out)];
        let mut claim = claim_of((id, name), currency, &all, sides).resting_on(
            pulled,
            &[
                DataType::CommerceTransactions,
                DataType::CommerceCompanyInfo,
            ],
        );
        if !is_told {
            claim.doubts.push(
                "The platform doesn't tell the money that the processor still holds, which may be the difference."
                    .to_owned(),
            );
        }
        let suspects = match claim.gap() {
            Some(gap) => {
                let mut suspects = Suspects::of(gap);
                books
                    .each(DataType::CommerceTransactions, |one: Transaction| {
                        if one.is_in(currency) {
                            suspects.compare(one.amount(), |reason| one.culprit(reason));
                        }
                    })
                    .await?;
                Some(suspects)
            }
            None => None,
        };
        tests.push(claim.judge(suspects));
    }
    Ok(tests)
}

/// The payments of each way of paying.
#[derive(Default)]
struct Methods {
    sums: BTreeMap<(Currency, String), Total>,
    /// The ways of which the processor has a transaction for a payment.
    held: BTreeSet<String>,
}

impl Methods {
    fn add(&mut self, payment: &Payment, is_held: bool) {
        let method = payment.method().to_owned();
        if is_held {
            self.held.insert(method.clone());
        }
        let currency = payment.currency.clone().unwrap_or_default();
        let sum = self.sums.entry((currency, method));
        add(sum.or_insert(Some(Decimal::ZERO)), payment.amount());
    }

    /// The sums of payments that reach the processor.
    fn of_processor(&self) -> BTreeMap<Currency, Total> {
        let mut sums: BTreeMap<Currency, Total> = BTreeMap::new();
        for ((currency, method), one) in &self.sums {
            if self.held.contains(method) {
                let sum = sums.entry(currency.clone()).or_insert(Some(Decimal::ZERO));
                *sum = sum.zip(*one).and_then(|(all, one)| all.checked_add(one));
            }
        }
        sums
    }
}

/// Payments in the ways that reach the processor against its transactions for payments and refunds.
async fn payments(books: &Books<'_>, accounts: &Accounts) -> Result<Vec<Test>, StoreError> {
    let (id, name) = (
        "processorPayments",
        "Payments and the processor's transactions",
    );
    let pulled = &books.pulled;
    let labels = [
        "Payments in the ways that reach the processor, less refunds",
        "The processor's transactions for payments and refunds",
    ];
    let needed = [DataType::CommercePayments, DataType::CommerceTransactions];
    if let Some(reason) = pulled.missing(&needed) {
        let claim = Claim::new(id, name, labels.map(Side::new)).doubting(vec![reason]);
        return Ok(vec![claim.judge(None)]);
    }
    let mut methods = Methods::default();
    books
        .each(DataType::CommercePayments, |payment: Payment| {
            if payment.is_taken() {
                methods.add(&payment, accounts.seen.contains(&mark(&payment.id)));
            }
        })
        .await?;
    let taken = methods.of_processor();
    let all: BTreeSet<Currency> = (taken.keys())
        .chain(accounts.by_currency.keys())
        .cloned()
        .collect();
    let nothing = BTreeSet::from([Currency::new()]);
    let mut tests = Vec::new();
    for currency in if all.is_empty() { &nothing } else { &all } {
        let nought = Some(Decimal::ZERO);
        let sum = taken.get(currency).copied().unwrap_or(nought);
        let account = accounts.by_currency.get(currency);
        let known = account.map_or(nought, |account| account.payments);
        let side = |label, amount, data_type| Side::new(label).of(amount).at(pulled.day(data_type));
        let sides = [
            side(labels[0], sum, needed[0]),
            side(labels[1], known, needed[1]),
        ];
        let claim = claim_of((id, name), currency, &all, sides).resting_on(pulled, &needed);
        let suspects = match claim.gap() {
            Some(gap) => Some(explain(books, &methods, currency, gap).await?),
            None => None,
        };
        tests.push(claim.judge(suspects));
    }
    Ok(tests)
}

/// Compares each payment with its transaction: only now, because it takes a list of all of them.
async fn explain(
    books: &Books<'_>,
    methods: &Methods,
    currency: &str,
    gap: Decimal,
) -> Result<Suspects, StoreError> {
    let mut suspects = Suspects::of(gap);
    let mut amounts: HashMap<u64, Decimal> = HashMap::new();
    books
        .each(DataType::CommerceTransactions, |one: Transaction| {
            if one.r#type == "Payment"
                && let Some(payment) = one.payment()
            {
                let known = amounts.entry(mark(payment)).or_default();
                *known = known.checked_add(one.amount()).unwrap_or(*known);
            }
        })
        .await?;
    books
        .each(DataType::CommercePayments, |payment: Payment| {
            let is_held = methods.held.contains(payment.method());
            let amount = payment.amount();
            if !payment.is_taken() || !is_held || !payment.is_in(currency) {
                return;
            }
            match amounts.get(&mark(&payment.id)) {
                Some(known) if *known != amount => {
                    let exact = amount.checked_sub(*known) == Some(gap);
                    let suspicion = if exact {
                        Suspicion::Exact
                    } else {
                        Suspicion::Odd
                    };
                    let reason = format!("The processor's transaction for it is of {known}.");
                    suspects.add(suspicion, payment.culprit(reason));
                }
                Some(_) => {}
                None => suspects.compare(amount, |reason| {
                    payment.culprit(format!("The processor has no transaction for it. {reason}"))
                }),
            }
        })
        .await?;
    Ok(suspects)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accounts(all: &[serde_json::Value]) -> Accounts {
        let mut accounts = Accounts::default();
        for json in all {
            accounts.add(&serde_json::from_str(&json.to_string()).expect("a transaction"));
        }
        accounts
    }

    #[test]
    fn payouts_and_everything_else_are_summed_apart() {
        let accounts = accounts(&[
            json!({"id": "1", "type": "Payment", "totalAmount": "20.00", "currency": "EUR", "transactionSourceRef": {"id": "p", "type": "Payment"}}),
            json!({"id": "2", "type": "PaymentFee", "totalAmount": "-0.60", "currency": "EUR"}),
            json!({"id": "3", "type": "Refund", "totalAmount": "-5.00", "currency": "EUR"}),
            json!({"id": "4", "type": "Payout", "totalAmount": "-14.00", "currency": "EUR"}),
            json!({"id": "5", "type": "FailedPayout", "totalAmount": "-1.00", "currency": "EUR"}),
        ]);
        let account = &accounts.by_currency["EUR"];
        let amounts = [account.paid_in, account.paid_out, account.payments];
        let expected = ["14.40", "15.00", "15.00"].map(|amount| amount.parse().ok());
        assert_eq!(amounts, expected);
        assert!(accounts.seen.contains(&mark("p")));
    }

    #[test]
    fn each_currency_has_sums_of_its_own() {
        let accounts = accounts(&[
            json!({"id": "1", "type": "Payment", "totalAmount": "20.00", "currency": "GBP", "transactionSourceRef": {"id": "p", "type": "Payment"}}),
            json!({"id": "2", "type": "Payment", "totalAmount": "3.00", "currency": "EUR"}),
        ]);
        let codes: Vec<&str> = accounts.by_currency.keys().map(String::as_str).collect();
        assert_eq!(codes, ["EUR", "GBP"]);
        let mut methods = Methods::default();
        for (json, is_held) in [
            (
                json!({"id": "p", "amount": "20.00", "currency": "GBP", "paymentMethodRef": {"id": "card"}}),
                true,
            ),
            (
                json!({"id": "q", "amount": "3.00", "currency": "EUR", "paymentMethodRef": {"id": "card"}}),
                false,
            ),
            (
                json!({"id": "r", "amount": "7.00", "currency": "EUR", "paymentMethodRef": {"id": "cash"}}),
                false,
            ),
        ] {
            let payment = serde_json::from_str(&json.to_string()).expect("a payment");
            methods.add(&payment, is_held);
        }
        let sums = methods.of_processor();
        let sum = |code: &str| sums.get(code).copied().flatten();
        assert_eq!(
            [sum("EUR"), sum("GBP")],
            ["3.00", "20.00"].map(|sum| sum.parse().ok())
        );
        let all: BTreeSet<Currency> = sums.keys().cloned().collect();
        let sides = ["One", "Other"].map(|label| Side::new(label).of(sum("EUR")));
        let test = claim_of(("processorPayments", "Payments"), "EUR", &all, sides).judge(None);
        assert_eq!(
            (&*test.id, &*test.reason),
            ("processorPayments/EUR", "Both sides are 3.00 EUR.")
        );
    }
}
