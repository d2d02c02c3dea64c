//! The shop: orders, charges, refunds, the day's takings, payouts and cash to the bank.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::books::dice::{Dice, portion};
use crate::books::documents::DocumentLine;
use crate::books::ledger::chart::Account;
use crate::books::ledger::{Category, Journal, Method, Moment, Money, Party, Source};
use crate::books::names::{fill, mailbox};
use crate::books::shop::{
    Charge, Movement, Order, OrderLine, ProcessorEntry, Shipping, Shopper, Tender,
};

use super::calendar::{DAY, MINUTE, day_of, midnight, opening_hours};
use super::sales::choose;
use super::{Event, Simulation, Stream, line};

impl Simulation {
    pub(super) fn plan_shop(&mut self, day: NaiveDate, dice: &mut Dice) {
        let start = midnight(day);
        let percent =
            self.season(day) * self.trade.shop_days[day.weekday().num_days_from_monday() as usize];
        let mean = self.trade.shop.per_day_milli * percent / 10_000;
        for _ in 0..dice.count(mean) {
            let moment = opening_hours(day, dice);
            self.at(moment, Event::OrderPlaced);
        }
        if !self.trade.shop.pays_out_weekly || day.weekday() == Weekday::Mon {
            self.at(start + 6 * 60 * MINUTE, Event::PaidOut);
        }
        self.at(start + (22 * 60 + 45) * MINUTE, Event::DayTaken);
    }

    pub(super) fn place_order(&mut self) {
        let trade = self.trade;
        let shop = &trade.shop;
        let position = self.books.orders.len() as u32;
        let mut dice = self.dice(Stream::Order, u64::from(position));
        let web = dice.chance(shop.web_bp);
        let promotion = dice.chance(900).then(|| {
            *dice.pick(&[
                ("Loyalty card", 10),
                ("Seasonal offer", 15),
                ("Welcome code", 10),
                ("Staff friends", 20),
            ])
        });
        let mut lines: Vec<OrderLine> = Vec::new();
        for _ in 0..dice.range(shop.lines.0, shop.lines.1) {
            let Some(item) = choose(&self.weights.1, &mut dice) else {
                return;
            };
            if lines.iter().all(|line| line.item != item) {
                lines.extend(self.order_line(item, promotion, &mut dice));
            }
        }
        if lines.is_empty() {
            return;
        }
        let subtotal: Money = lines.iter().map(|line| line.total).sum();
        let shipping = web.then(|| {
            let (label, price) = *dice.pick(shop.shipping);
            let free = subtotal >= shop.free_shipping_from;
            let rate = trade.taxes[shop.shipping_tax].rate_bp;
            let price = if free { 0 } else { price };
            let (amount, tax) = if shop.taxes_included {
                (price, price - portion(price, 10_000, 10_000 + rate))
            } else {
                let tax = portion(price, rate, 10_000);
                (price + tax, tax)
            };
            Shipping {
                label,
                tax_code: shop.shipping_tax,
                amount,
                tax,
            }
        });
        let tender = if web {
            if dice.chance(2500) {
                Tender::Wallet
            } else {
                Tender::CardOnline
            }
        } else if dice.chance(shop.cash_bp) {
            Tender::Cash
        } else if dice.chance(1500) {
            Tender::Wallet
        } else {
            Tender::CardPresent
        };
        let tip = if !web && tender != Tender::Cash && dice.chance(shop.tip_bp) {
            (portion(subtotal, dice.range(5, 12), 100) / shop.coin + 1) * shop.coin
        } else {
            0
        };
        let shopper = if web || dice.chance(1400) {
            Some(self.find_shopper(&mut dice))
        } else {
            None
        };
        let total = subtotal + shipping.map_or(0, |shipping| shipping.amount) + tip;
        let sites = shop.sites.len();
        let online = shop.sites.iter().position(|site| site.1 == "online");
        let stores = shop
            .sites
            .iter()
            .filter(|site| site.1 == "store")
            .count()
            .max(1);
        let site = match online {
            Some(online) if web => online,
            _ => dice.skewed(stores).min(sites - 1),
        };
        self.sell(&lines, shipping, tip, tender, total);
        self.books.orders.push(Order {
            web,
            site,
            shopper,
            lines,
            shipping,
            tip,
            total,
            refunded: 0,
            tender,
            charges: Vec::new(),
            placed: self.now,
            closed: (!web).then_some(self.now),
            updated: self.now,
        });
        if web && dice.chance(250) {
            self.charge(position, false, true, total, tender);
        }
        self.charge(position, false, false, total, tender);
        if web {
            let sent = day_of(self.now) + chrono::Days::new(dice.range(1, 3) as u64);
            self.at(opening_hours(sent, &mut dice), Event::OrderSent(position));
        }
        self.plan_dispute(position, web, tender);
        if dice.chance(if web { 450 } else { 80 }) {
            let back = day_of(self.now) + chrono::Days::new(dice.range(4, 12) as u64);
            self.at(
                opening_hours(back, &mut dice),
                Event::OrderRefunded(position),
            );
        }
    }

    fn order_line(
        &mut self,
        item: u32,
        promotion: Option<(&'static str, i64)>,
        dice: &mut Dice,
    ) -> Option<OrderLine> {
        let trade = self.trade;
        let record = &mut self.books.items[item as usize];
        let product = &trade.products[record.product as usize];
        let mut qty = 1 + dice.skewed(trade.shop.most_of_one as usize) as i64;
        if trade.stocked && !product.service {
            qty = qty.min(record.on_hand);
            if qty <= 0 {
                return None;
            }
            record.on_hand -= qty;
            record.sold += qty;
            record.updated = self.now;
            self.takings.cost += qty * record.cost;
        }
        let full = record.shop_price * qty;
        let discount = promotion.map(|(label, percent)| (label, portion(full, percent, 100)));
        let paid = full - discount.map_or(0, |discount| discount.1);
        let rate = trade.taxes[product.tax.1].rate_bp;
        let (tax, total) = if trade.shop.taxes_included {
            (paid - portion(paid, 10_000, 10_000 + rate), paid)
        } else {
            let tax = portion(paid, rate, 10_000);
            (tax, paid + tax)
        };
        Some(OrderLine {
            item,
            qty,
            unit_price: record.shop_price,
            discount,
            tax_code: product.tax.1,
            tax,
            total,
        })
    }

    /// Adds an order to the day's takings.
    fn sell(
        &mut self,
        lines: &[OrderLine],
        shipping: Option<Shipping>,
        tip: Money,
        tender: Tender,
        total: Money,
    ) {
        let takings = &mut self.takings;
        takings.orders += 1;
        for sold in lines {
            let sales = takings.sales.entry(sold.tax_code).or_default();
            sales.0 += sold.total - sold.tax;
            sales.1 += sold.tax;
            self.weeks[4] += sold.total - sold.tax;
        }
        if let Some(shipping) = shipping {
            let delivery = takings.delivery.entry(shipping.tax_code).or_default();
            delivery.0 += shipping.amount - shipping.tax;
            delivery.1 += shipping.tax;
        }
        takings.tips += tip;
        if tender == Tender::Cash {
            takings.cash += total;
        } else {
            takings.card += total;
        }
    }

    /// Charges or refunds an order; cards go through the processor, who takes a fee.
    fn charge(&mut self, order: u32, refund: bool, declined: bool, amount: Money, tender: Tender) {
        let position = self.books.charges.len() as u32;
        self.books.charges.push(Charge {
            order,
            refund,
            declined,
            amount,
            tender,
            at: self.now,
        });
        self.books.orders[order as usize].charges.push(position);
        if declined || tender == Tender::Cash {
            return;
        }
        if refund {
            self.processor(Movement::Refund, -amount, Some(position));
        } else {
            let shop = &self.trade.shop;
            let fee = portion(amount, shop.fee_bp, 10_000) + shop.fee_fixed;
            self.processor(Movement::Charge, amount, Some(position));
            self.processor(Movement::Fee, -fee, Some(position));
            self.takings.fees += fee;
        }
    }

    fn processor(&mut self, movement: Movement, amount: Money, charge: Option<u32>) {
        let before = self.books.processor.last().map_or(0, |entry| entry.balance);
        self.books.processor.push(ProcessorEntry {
            movement,
            amount,
            balance: before + amount,
            charge,
            at: self.now,
        });
    }

    pub(super) fn send_order(&mut self, order: u32) {
        let now = self.now;
        let order = &mut self.books.orders[order as usize];
        order.closed = Some(now);
        order.updated = now;
    }

    /// Gives back the whole order or one of its lines.
    pub(super) fn refund_order(&mut self, position: u32) {
        let mut dice = self.dice(Stream::Refund, u64::from(position));
        self.give_back(position, dice.chance(6000));
        self.settle_disputes_of(position);
    }

    /// Does nothing if the order was refunded before.
    pub(super) fn give_back(&mut self, position: u32, whole: bool) {
        let now = self.now;
        let order = &mut self.books.orders[position as usize];
        if order.refunded != 0 {
            return;
        }
        let mut amount = 0;
        for (number, sold) in order.lines.iter().enumerate() {
            if whole || number == 0 {
                amount += sold.total;
                let sales = self.takings.sales.entry(sold.tax_code).or_default();
                sales.0 -= sold.total - sold.tax;
                sales.1 -= sold.tax;
                self.weeks[4] -= sold.total - sold.tax;
            }
        }
        order.refunded = amount;
        order.updated = now;
        let tender = order.tender;
        if tender == Tender::Cash {
            self.takings.cash -= amount;
        } else {
            self.takings.card -= amount;
        }
        if amount > 0 {
            self.charge(position, true, false, amount, tender);
        }
    }

    fn find_shopper(&mut self, dice: &mut Dice) -> u32 {
        let known = self.books.shoppers.len();
        if known > 0 && !dice.chance(3800) {
            let chosen = dice.skewed(known);
            if !self.books.shoppers[chosen].erased {
                return chosen as u32;
            }
        }
        self.add_shopper()
    }

    fn add_shopper(&mut self) -> u32 {
        let position = self.books.shoppers.len() as u32;
        let mut dice = self.dice(Stream::Shopper, u64::from(position));
        let locale = self.trade.locale;
        let person = locale.person(&mut dice);
        let email = format!(
            "{}.{}{}@mail.example",
            mailbox(person.given),
            mailbox(person.family),
            dice.range(1, 99)
        );
        let notes = [
            "Prefers e-mail",
            "Allergic to nuts",
            "Leave with neighbour",
            "Regular",
        ];
        self.books.shoppers.push(Shopper {
            given: person.given,
            family: person.family,
            email: email.into(),
            phone: dice.chance(6000).then(|| fill(locale.mobile, &mut dice)),
            address: locale.address(&mut dice),
            note: dice.chance(600).then(|| *dice.pick(&notes)),
            marketing: dice.chance(4200),
            created: self.now,
            updated: self.now,
            erased: false,
        });
        position
    }

    /// A shopper signs up for the newsletter, and requests erasure within the week.
    pub(super) fn register_visitor(&mut self) {
        let shopper = self.add_shopper();
        self.at(self.now + 5 * DAY, Event::ShopperErased(shopper));
    }

    pub(super) fn erase_shopper(&mut self, shopper: u32) {
        if self
            .books
            .orders
            .iter()
            .rev()
            .any(|order| order.shopper == Some(shopper))
        {
            return;
        }
        let now: Moment = self.now;
        let shopper = &mut self.books.shoppers[shopper as usize];
        shopper.erased = true;
        shopper.updated = now;
    }

    /// Writes the day's orders and refunds into the ledger, then the processor's fees and the cost of the goods.
    pub(super) fn post_takings(&mut self) {
        let day = std::mem::take(&mut self.takings);
        let mut lines = Vec::new();
        let parts = [
            ("Sold in the shop", Account::ShopSales, &day.sales),
            ("Delivery", Account::Delivery, &day.delivery),
        ];
        for (text, account, by_tax) in parts {
            for (tax_code, (net, tax)) in by_tax {
                if (*net, *tax) != (0, 0) {
                    let taxed = (*tax_code, *tax);
                    lines.push(DocumentLine::single(text, account, *net, taxed));
                }
            }
        }
        if day.tips != 0 {
            let tips = DocumentLine::single("Gratuities", Account::Tips, day.tips, (0, 0));
            lines.push(tips);
        }
        if !lines.is_empty() {
            let memo = format!("Takings of the day, {} orders", day.orders);
            let money = [(Account::Clearing, day.card), (Account::Till, day.cash)];
            self.earn(Journal::Sales, memo, lines, &money, None);
        }
        if day.fees != 0 {
            let fee = DocumentLine::single("", Account::CardFees, day.fees, (0, 0));
            let money = [(Account::Clearing, day.fees)];
            self.spend(None, "Card processing fees", vec![fee], &money, None);
        }
        let cost = [
            line(Account::CostOfSales, day.cost),
            line(Account::Inventory, -day.cost),
        ];
        if day.cost != 0 {
            let memo = "Cost of what the shop sold";
            self.post(Journal::General, Source::Manual, memo, &cost, None);
        }
    }

    pub(super) fn pay_out(&mut self) {
        let amount = self.books.ledger.balance(Account::Clearing);
        if amount <= 0 {
            return;
        }
        self.processor(Movement::Payout, -amount, None);
        let processor = self.trade.shop.processor;
        let notice = self.notice(
            Method::Payout,
            Category::CardSales,
            Party::Named(processor),
            format!(
                "{} PAYOUT {}",
                processor.to_uppercase(),
                self.today.format("%d%m%y")
            ),
        );
        let memo = "Card processor's payout";
        self.transfer(Account::Clearing, Account::Current, amount, memo, notice);
    }

    pub(super) fn bank_cash(&mut self) {
        let coin = self.trade.opening.round / 10;
        let spare = self.books.ledger.balance(Account::Till) - self.trade.shop.till_float;
        let amount = spare / coin.max(1) * coin.max(1);
        if amount <= 0 {
            return;
        }
        let notice = self.notice(
            Method::Cash,
            Category::CashDeposits,
            Party::Unnamed,
            "CASH PAID IN",
        );
        let memo = "Takings paid in";
        self.transfer(Account::Till, Account::Current, amount, memo, notice);
    }
}
