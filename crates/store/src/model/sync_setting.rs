//! Settings of each data type's pulls: how often, in which order and how far back.

use std::collections::BTreeMap;

use ::records::{DataType, SourceType};
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Months of a statement if nothing else is set.
const STATEMENT_MONTHS: u32 = 24;
/// A hundred years.
pub const MAX_MONTHS: u32 = 1_200;
/// A year.
pub(crate) const MAX_HOURS: u32 = 8_760;

/// The settings of one data type, in the shape that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncSetting {
    pub data_type: DataType,
    /// Queued when a customer has authorised, and by `POST …/data/all`.
    pub fetch_on_first_link: bool,
    /// Hours between pulls; 0 means that none come by themselves.
    pub sync_schedule: u32,
    /// The place among types that are queued together, from the lowest.
    pub sync_order: u32,
    /// Records that the platform last changed before then are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_from_utc: Option<DateTime<Utc>>,
    /// The same in months, counted back from each pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_from_window: Option<u32>,
    /// Months of a statement, the current one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_to_sync: Option<u32>,
    /// Set by a client, it holds for all its companies.
    #[serde(default)]
    pub is_locked: bool,
}

impl SyncSetting {
    /// Defaults: everything that a platform offers is fetched on first link, and all of its history.
    fn default_of(data_type: DataType, hours: u32) -> Self {
        Self {
            data_type,
            fetch_on_first_link: true,
            sync_schedule: hours,
            sync_order: default_order(data_type),
            sync_from_utc: None,
            sync_from_window: None,
            months_to_sync: data_type.is_statement().then_some(STATEMENT_MONTHS),
            is_locked: false,
        }
    }

    /// Says what is wrong with it and what would be right.
    pub fn check(&self) -> Result<(), String> {
        let data_type = self.data_type;
        if self.sync_schedule > MAX_HOURS {
            return Err(format!(
                "{data_type}: syncSchedule is a number of hours from 0 (none) to {MAX_HOURS}."
            ));
        }
        if self.sync_from_utc.is_some() && self.sync_from_window.is_some() {
            return Err(format!(
                "{data_type}: set syncFromUtc or syncFromWindow, not both."
            ));
        }
        for (name, months) in [
            ("syncFromWindow", self.sync_from_window),
            ("monthsToSync", self.months_to_sync),
        ] {
            if months.is_some_and(|months| !(1..=MAX_MONTHS).contains(&months)) {
                return Err(format!(
                    "{data_type}: {name} is a number of months from 1 to {MAX_MONTHS}."
                ));
            }
        }
        if data_type.is_statement() {
            if self.sync_from_utc.is_some() || self.sync_from_window.is_some() {
                return Err(format!(
                    "{data_type} is a statement: its history is set by monthsToSync, not by syncFromUtc or syncFromWindow."
                ));
            }
        } else if self.months_to_sync.is_some() {
            return Err(format!(
                "{data_type} is no statement: its history is set by syncFromUtc or syncFromWindow, not by monthsToSync."
            ));
        }
        Ok(())
    }

    /// The start of the window of records that a pull queued now keeps; none if all are kept.
    pub fn window_from(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let months_ago = |months| now.checked_sub_months(Months::new(months));
        self.sync_from_utc
            .or_else(|| self.sync_from_window.and_then(months_ago))
    }

    /// The time at which a pull is due by the schedule, counted from the last one.
    pub fn due_after(&self, last: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let hours = TimeDelta::try_hours(i64::from(self.sync_schedule))?;
        (self.sync_schedule > 0).then(|| last.checked_add_signed(hours))?
    }
}

/// The first of the months that are kept of a statement, as `YYYY-MM`: the current one is the last.
pub fn first_month(now: DateTime<Utc>, months: u32) -> Option<String> {
    let this = NaiveDate::from_ymd_opt(now.year(), now.month(), 1)?;
    let first = this.checked_sub_months(Months::new(months.saturating_sub(1)))?;
    Some(first.format("%Y-%m").to_string())
}

/// The settings in force for each of the contract's data types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncSettings(BTreeMap<DataType, SyncSetting>);

impl SyncSettings {
    /// The settings in force if nothing is set; `hours` is the installation's schedule.
    pub fn defaults(hours: u32) -> Self {
        let each = |data_type: &DataType| (*data_type, SyncSetting::default_of(*data_type, hours));
        Self(DataType::ALL.iter().map(each).collect())
    }

    /// Lays the settings of a client or a company over these, except those that are locked.
    pub fn under(mut self, own: &[SyncSetting]) -> Self {
        for setting in own {
            if !self.of(setting.data_type).is_locked {
                self.0.insert(setting.data_type, setting.clone());
            }
        }
        self
    }

    pub fn of(&self, data_type: DataType) -> &SyncSetting {
        &self.0[&data_type]
    }

    /// In the order in which they are pulled.
    pub fn in_order(&self) -> Vec<&SyncSetting> {
        let mut all: Vec<&SyncSetting> = self.0.values().collect();
        all.sort_by_key(|setting| setting.sync_order);
        all
    }

    /// Sorts data types into the order in which they are pulled; equals stay as they are.
    pub fn sort(&self, data_types: &mut [DataType]) {
        data_types.sort_by_key(|data_type| self.of(*data_type).sync_order);
    }
}

/// The order that public examples show, with the newer types in its gaps.
const fn default_order(data_type: DataType) -> u32 {
    use DataType::*;
    match data_type {
        Company => 0,
        ChartOfAccounts => 1,
        TaxRates | BankAccounts => 2,
        Customers | BankTransactions => 3,
        Invoices => 4,
        CreditNotes => 5,
        Payments => 6,
        Suppliers | CashFlowStatement => 7,
        Bills => 8,
        BillPayments => 9,
        BalanceSheet => 10,
        ProfitAndLoss => 11,
        Items => 14,
        JournalEntries => 15,
        BillCreditNotes => 18,
        TrackingCategories => 20,
        ItemReceipts => 21,
        PurchaseOrders => 22,
        CommerceOrders => 23,
        CommerceProducts => 24,
        CommerceDisputes => 25,
        CommerceTransactions => 26,
        CommerceCustomers | CommercePayments => 27,
        AccountTransactions => 28,
        Transfers => 29,
        DirectCosts => 30,
        DirectIncomes => 31,
        CommerceCompanyInfo => 32,
        CommerceProductCategories => 33,
        CommerceLocations => 34,
        PaymentMethods => 35,
        BankingAccountBalances => 36,
        BankingAccounts => 37,
        BankingTransactionCategories => 38,
        BankingTransactions => 39,
        Journals => 40,
        CommercePaymentMethods => 41,
        CommerceTaxComponents => 42,
        SalesOrders => 43,
    }
}

/// The types that a kind of platform has.
pub(crate) fn types_of(source: SourceType) -> impl Iterator<Item = DataType> {
    DataType::ALL
        .iter()
        .copied()
        .filter(move |data_type| data_type.source_type() == source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(data_type: DataType) -> SyncSetting {
        SyncSetting::default_of(data_type, 24)
    }

    #[test]
    fn every_type_has_a_default_that_is_right() {
        let defaults = SyncSettings::defaults(24);
        assert_eq!(defaults.in_order().len(), 43);
        assert!(
            defaults
                .in_order()
                .iter()
                .all(|setting| setting.check().is_ok())
        );
        assert_eq!(defaults.in_order()[0].data_type, DataType::Company);
        assert_eq!(defaults.of(DataType::BalanceSheet).months_to_sync, Some(24));
        assert_eq!(defaults.of(DataType::Invoices).months_to_sync, None);
    }

    #[test]
    fn what_is_locked_below_stays_as_it_is() {
        let locked = SyncSetting {
            sync_schedule: 1,
            is_locked: true,
            ..setting(DataType::Invoices)
        };
        let settings = SyncSettings::defaults(24).under(&[locked]).under(&[
            SyncSetting {
                sync_schedule: 2,
                ..setting(DataType::Invoices)
            },
            SyncSetting {
                sync_schedule: 2,
                ..setting(DataType::Bills)
            },
        ]);
        assert_eq!(settings.of(DataType::Invoices).sync_schedule, 1);
        assert_eq!(settings.of(DataType::Bills).sync_schedule, 2);
    }

    #[test]
    fn a_window_is_one_or_the_other_and_statements_have_months() {
        let wrong = [
            SyncSetting {
                sync_from_utc: Some(DateTime::UNIX_EPOCH),
                sync_from_window: Some(3),
                ..setting(DataType::Invoices)
            },
            SyncSetting {
                sync_from_window: Some(0),
                ..setting(DataType::Invoices)
            },
            SyncSetting {
                sync_schedule: MAX_HOURS + 1,
                ..setting(DataType::Invoices)
            },
            SyncSetting {
                months_to_sync: Some(3),
                ..setting(DataType::Invoices)
            },
            SyncSetting {
                sync_from_window: Some(3),
                ..setting(DataType::ProfitAndLoss)
            },
        ];
        for setting in wrong {
            assert!(setting.check().is_err(), "{setting:?}");
        }
    }

    #[test]
    fn months_are_counted_back_from_the_current_one() {
        let now = crate::query::read_time("2026-03-31T10:00:00Z").unwrap();
        assert_eq!(first_month(now, 1).as_deref(), Some("2026-03"));
        assert_eq!(first_month(now, 4).as_deref(), Some("2025-12"));
        let window = SyncSetting {
            sync_from_window: Some(1),
            ..setting(DataType::Invoices)
        };
        let from = window.window_from(now).unwrap();
        assert_eq!(from.to_rfc3339(), "2026-02-28T10:00:00+00:00");
        assert_eq!(window.due_after(now), Some(now + TimeDelta::hours(24)));
        let none = SyncSetting {
            sync_schedule: 0,
            ..window
        };
        assert_eq!(none.due_after(now), None);
    }
}
