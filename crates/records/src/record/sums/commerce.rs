//! Sums of a shop's orders.

use rust_decimal::Decimal;

use super::{Breach, Sums, Unit, sum};
use crate::Money;
use crate::commerce::{Order, OrderLineItem, PaymentStatus};

fn or_nought(amount: Option<Money>) -> Decimal {
    amount.map_or(Decimal::ZERO, |amount| amount.0)
}

/// The total of an order without and with what was refunded of it, which is below nought. Platforms take a refund off the total
/// and leave the lines as they were sold, or have lines below nought.
fn with_refund(whole: Decimal, refund: Option<Money>) -> [Decimal; 2] {
    let before = whole.checked_sub(or_nought(refund));
    [whole, before.unwrap_or(whole)]
}

impl Sums for Order {
    fn breaches(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        self.check_totals(&mut breaches);
        for line in self.order_line_items.iter().flatten() {
            check_line(line, self.unit(), &mut breaches);
        }
        self.check_discounts(&mut breaches);
        self.check_payments(&mut breaches);
        breaches
    }
}

impl Order {
    fn unit(&self) -> Unit {
        Unit::of(self.currency.as_deref())
    }

    fn check_totals(&self, breaches: &mut Vec<Breach>) {
        let lines = || self.order_line_items.iter().flatten();
        let charges = || self.service_charges.iter().flatten();
        let parts = lines().count() + charges().count();
        // Without its lines there is nothing to add up.
        if lines().count() == 0 {
            return;
        }
        let totals = (lines().map(|line| line.total_amount))
            .chain(charges().map(|charge| charge.total_amount));
        let taxes = (lines().map(|line| line.total_tax_amount))
            // A charge without tax, such as what rounding to a coin makes, has none to tell.
            .chain(charges().map(|charge| charge.tax_amount.or(Some(Money(Decimal::ZERO)))));
        for (rule, name, sum, whole) in [
            ("lines-total", "TotalAmount", sum(totals), self.total_amount),
            (
                "lines-tax",
                "TotalTaxAmount",
                sum(taxes),
                self.total_tax_amount,
            ),
        ] {
            let (Some(sum), Some(Money(whole))) = (sum, whole) else {
                continue;
            };
            let refund = self.total_refund;
            let agrees = with_refund(whole, refund)
                .into_iter()
                .any(|whole| self.unit().is_near(sum, whole, parts));
            let refunded = self.refunds() && rule == "lines-tax";
            if !agrees && !refunded {
                breaches.push(Breach::warning(
                    rule,
                    format!(
                        "An order's lines and service charges summed ({sum}) should be the same as {name} ({whole}), or as it was \
                         before refunds."
                    ),
                ));
            }
        }
    }

    /// True if it was sold and refunded, so that its tax is that of an unknown part.
    fn refunds(&self) -> bool {
        let total = or_nought(self.total_amount);
        !or_nought(self.total_refund).is_zero() && total >= Decimal::ZERO
    }

    /// Discounts may be given on the whole, but not to lines alone.
    fn check_discounts(&self, breaches: &mut Vec<Breach>) {
        let lines = self.order_line_items.iter().flatten();
        let given: Vec<Option<Money>> = lines
            .flat_map(|line| line.discount_allocations.iter().flatten())
            .map(|discount| discount.total_amount)
            .collect();
        let number = given.len();
        let (Some(sum), Some(Money(whole))) = (sum(given), self.total_discount) else {
            return;
        };
        let is_more = match sum.is_sign_negative() {
            true => sum < whole,
            false => sum > whole,
        };
        if number > 0 && is_more && !self.unit().is_near(sum, whole, number) {
            breaches.push(Breach::warning(
                "discounts",
                format!(
                    "The discounts on an order's lines summed ({sum}) should not be more than TotalDiscount ({whole})."
                ),
            ));
        }
    }

    /// Money that was taken is between nought and the total with the gratuity.
    fn check_payments(&self, breaches: &mut Vec<Breach>) {
        let Some(Money(total)) = self.total_amount else {
            return;
        };
        let payments = self.payments.iter().flatten();
        let paid = payments
            .filter(|payment| payment.status == PaymentStatus::Paid)
            .map(|payment| payment.amount);
        let Some(whole) = total.checked_add(or_nought(self.total_gratuity)) else {
            return;
        };
        let bounds = with_refund(whole, self.total_refund);
        let least = bounds.into_iter().fold(Decimal::ZERO, Decimal::min);
        let most = bounds.into_iter().fold(Decimal::ZERO, Decimal::max);
        if let Some(paid) = sum(paid)
            && !(least..=most).contains(&paid)
        {
            breaches.push(Breach::warning(
                "paid",
                format!(
                    "An order's payments summed ({paid}) should be between {least} and {most}, its TotalAmount and TotalGratuity."
                ),
            ));
        }
    }
}

/// The unit price holds no tax, and no discount: with both, it makes the line's total.
fn check_line(line: &OrderLineItem, unit: Unit, breaches: &mut Vec<Breach>) {
    let (Some(Money(price)), Some(Money(tax)), Some(Money(total))) =
        (line.unit_price, line.total_tax_amount, line.total_amount)
    else {
        return;
    };
    let quantity = line.quantity.map_or(Decimal::ONE, |quantity| quantity.0);
    let discounts = line.discount_allocations.iter().flatten();
    let Some(discount) = sum(discounts.clone().map(|discount| discount.total_amount)) else {
        return;
    };
    let made = price
        .checked_mul(quantity)
        .and_then(|price| price.checked_sub(discount))
        .and_then(|net| net.checked_add(tax));
    let Some(made) = made else { return };
    // The price of each unit is rounded, each discount and the total.
    let rounded = quantity.abs().max(Decimal::ONE) + Decimal::from(discounts.count());
    let most = unit.half() * (rounded + Decimal::ONE);
    let differs = made
        .checked_sub(total)
        .is_none_or(|difference| difference.abs() >= most);
    if differs {
        breaches.push(Breach::warning(
            "line-total",
            format!(
                "An order line's {quantity} at UnitPrice ({price}), less discounts ({discount}), with TotalTaxAmount ({tax}) should be \
                 TotalAmount ({total}); they come to {}.",
                made.normalize()
            ),
        ));
    }
}
