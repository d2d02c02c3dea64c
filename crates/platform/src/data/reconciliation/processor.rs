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

/// The processor's transactions, summed.
#[derive(Default)]
struct Account {
    currencies: BTreeSet<String>,
    paid_in: Total,
    paid_out: Total,
    payments: Total,
    /// Marks of the payments that transactions are for.
    seen: HashSet<u64>,
}

impl Account {
    fn new() -> Self {
        Self {
            paid_in: Some(Decimal::ZERO),
            paid_out: Some(Decimal::ZERO),
            payments: Some(Decimal::ZERO),
            ..Self::default()
        }
    }

    fn add(&mut self, transaction: &Transaction) {
        self.currencies.extend(transaction.currency.clone());
        let amount = transaction.amount();
        if transaction.is_payout() {
            add(&mut self.paid_out, -amount);
        } else {
            add(&mut self.paid_in, amount);
        }
        if transaction.is_payment() {
            add(&mut self.payments, amount);
            if let Some(payment) = transaction.payment() {
                self.seen.insert(mark(payment));
            }
        }
    }
}

/// The payments of one way of paying.
#[derive(Default)]
struct Method {
    sum: Total,
    /// The processor has a transaction for one of them.
    is_held: bool,
}

/// The tests of a shop's money.
pub(super) async fn tests(books: &Books<'_>) -> Result<Vec<Test>, StoreError> {
    let mut account = Account::new();
    books
        .each(
            DataType::CommerceTransactions,
            |transaction: Transaction| {
                account.add(&transaction);
            },
        )
        .await?;
    Ok(vec![
        payouts(books, &account).await?,
        payments(books, &account).await?,
    ])
}

/// Everything that came in, less the money that is still held, against the payouts.
async fn payouts(books: &Books<'_>, account: &Account) -> Result<Test, StoreError> {
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
        return Ok(Claim::new(id, name, labels.map(Side::new))
            .doubting(vec![reason])
            .judge(None));
    }
    let mut held: Option<Vec<Held>> = None;
    books
        .each(DataType::CommerceCompanyInfo, |shop: Shop| {
            held = shop.account_balances;
        })
        .await?;
    let held = held.filter(|held| !held.is_empty());
    let mut doubts = pulled.doubts(&[
        DataType::CommerceTransactions,
        DataType::CommerceCompanyInfo,
    ]);
    let mut currencies = account.currencies.clone();
    let mut paid_in = account.paid_in;
    match &held {
        Some(held) => {
            for part in held {
                currencies.extend(part.currency.clone());
                let amounts = [part.available, part.pending, part.reserved];
                for amount in amounts.into_iter().flatten() {
                    add(&mut paid_in, -amount.0);
                }
            }
        }
        None => doubts.push(
            "The platform doesn't tell the money that the processor still holds, which may be the difference."
                .to_owned(),
        ),
    }
    doubts.extend(more_than_one(&currencies));
    let side = |label, amount| {
        Side::new(label)
            .of(amount)
            .at(pulled.day(DataType::CommerceTransactions))
            .within(currencies.first().map(String::as_str))
    };
    let sides = [side(labels[0], paid_in), side(labels[1], account.paid_out)];
    let claim = Claim::new(id, name, sides).doubting(doubts);
    let suspects = match claim.gap() {
        Some(gap) => {
            let mut suspects = Suspects::of(gap);
            books
                .each(DataType::CommerceTransactions, |one: Transaction| {
                    suspects.compare(one.amount(), |reason| one.culprit(reason));
                })
                .await?;
            Some(suspects)
        }
        None => None,
    };
    Ok(claim.judge(suspects))
}

fn more_than_one(currencies: &BTreeSet<String>) -> Option<String> {
    let all = || currencies.iter().map(String::as_str).collect::<Vec<_>>();
    (currencies.len() > 1).then(|| {
        format!(
            "The amounts are in more than one currency: {}.",
            all().join(", ")
        )
    })
}

/// Payments in the ways that reach the processor against its transactions for payments and refunds.
async fn payments(books: &Books<'_>, account: &Account) -> Result<Test, StoreError> {
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
        return Ok(Claim::new(id, name, labels.map(Side::new))
            .doubting(vec![reason])
            .judge(None));
    }
    let mut methods: BTreeMap<String, Method> = BTreeMap::new();
    let mut currencies = account.currencies.clone();
    books
        .each(DataType::CommercePayments, |payment: Payment| {
            if !payment.is_taken() {
                return;
            }
            currencies.extend(payment.currency.clone());
            let method = methods
                .entry(payment.method().to_owned())
                .or_insert_with(|| Method {
                    sum: Some(Decimal::ZERO),
                    is_held: false,
                });
            method.is_held |= account.seen.contains(&mark(&payment.id));
            add(&mut method.sum, payment.amount());
        })
        .await?;
    let mut sum = Some(Decimal::ZERO);
    for method in methods.values().filter(|method| method.is_held) {
        sum = sum
            .zip(method.sum)
            .and_then(|(all, one)| all.checked_add(one));
    }
    let side = |label, amount, data_type| {
        Side::new(label)
            .of(amount)
            .at(pulled.day(data_type))
            .within(currencies.first().map(String::as_str))
    };
    let sides = [
        side(labels[0], sum, needed[0]),
        side(labels[1], account.payments, needed[1]),
    ];
    let claim = Claim::new(id, name, sides)
        .doubting(pulled.doubts(&needed))
        .doubting(more_than_one(&currencies).into_iter().collect());
    let suspects = match claim.gap() {
        Some(gap) => Some(explain(books, &methods, gap).await?),
        None => None,
    };
    Ok(claim.judge(suspects))
}

/// Compares each payment with its transaction: only now, because it takes a list of all of them.
async fn explain(
    books: &Books<'_>,
    methods: &BTreeMap<String, Method>,
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
            let held = methods.get(payment.method());
            let amount = payment.amount();
            if !payment.is_taken() || held.is_none_or(|method| !method.is_held) {
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

    #[test]
    fn payouts_and_everything_else_are_summed_apart() {
        let mut account = Account::new();
        for json in [
            json!({"id": "1", "type": "Payment", "totalAmount": "20.00", "currency": "EUR", "transactionSourceRef": {"id": "p", "type": "Payment"}}),
            json!({"id": "2", "type": "PaymentFee", "totalAmount": "-0.60", "currency": "EUR"}),
            json!({"id": "3", "type": "Refund", "totalAmount": "-5.00", "currency": "EUR"}),
            json!({"id": "4", "type": "Payout", "totalAmount": "-14.00", "currency": "EUR"}),
            json!({"id": "5", "type": "FailedPayout", "totalAmount": "-1.00", "currency": "EUR"}),
        ] {
            account.add(&serde_json::from_str(&json.to_string()).expect("a transaction"));
        }
        let amounts = [account.paid_in, account.paid_out, account.payments];
        let expected = ["14.40", "15.00", "15.00"].map(|amount| amount.parse().ok());
        assert_eq!(amounts, expected);
        assert!(account.seen.contains(&mark("p")));
        assert_eq!(more_than_one(&account.currencies), None);
    }
}
