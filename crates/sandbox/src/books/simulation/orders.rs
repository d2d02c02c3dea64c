//! Orders before they are charged: to suppliers, and from customers.

use chrono::{Days, NaiveDate};

use crate::books::dice::portion;
use crate::books::documents::{Delivery, DocumentLine, OrderState, Recipient, TradeOrder};

use super::calendar::{office_hours, working_day};
use super::{Event, Simulation, Stream};

impl Simulation {
    /// Writes an order; the goods and their bill come within the week.
    pub(super) fn order_from(&mut self, supplier: usize, lines: Vec<DocumentLine>) {
        let position = self.books.purchase_orders.len() as u32;
        let mut dice = self.dice(Stream::PurchaseOrder, u64::from(position));
        let arrives = working_day(self.today + Days::new(dice.range(1, 4) as u64));
        let contact = self.suppliers[supplier];
        let order = self.new_order(contact, arrives, 0, lines);
        self.books.purchase_orders.push(order);
        let moment = office_hours(arrives, &mut dice);
        if dice.chance(150) {
            self.at(moment, Event::PurchaseCalledOff(position));
        } else {
            self.at(moment, Event::GoodsDelivered(position));
        }
    }

    fn new_order(
        &self,
        contact: u32,
        expected: NaiveDate,
        their_reference: u32,
        lines: Vec<DocumentLine>,
    ) -> TradeOrder {
        TradeOrder {
            state: OrderState::Open,
            contact,
            ordered: self.today,
            expected,
            delivered: None,
            their_reference,
            deliver_to: Recipient::of(&self.books.contacts[contact as usize]),
            charged_milli: vec![0; lines.len()],
            lines,
            charged_by: Vec::new(),
            created: self.now,
            updated: self.now,
        }
    }

    /// The goods come in, and the supplier's bill with them.
    pub(super) fn deliver(&mut self, position: u32) {
        let now = self.now;
        let order = &self.books.purchase_orders[position as usize];
        let (contact, lines) = (order.contact, order.lines.clone());
        for line in &lines {
            if let Some(item) = line.item {
                let item = &mut self.books.items[item as usize];
                let qty = line.qty_milli / 1000;
                item.coming -= qty;
                item.on_hand += qty;
                item.updated = now;
            }
        }
        let bill = self.write_bill(contact, lines.clone());
        self.books.bills[bill as usize].order = Some(position);
        self.enter_bill(bill);
        self.books.deliveries.push(Delivery {
            order: position,
            bill,
            on: self.today,
            lines,
            created: now,
        });
        let order = &mut self.books.purchase_orders[position as usize];
        order.charged_milli = order.lines.iter().map(|line| line.qty_milli).collect();
        order.charged_by.push(bill);
        order.state = OrderState::Closed;
        order.delivered = Some(self.today);
        order.updated = now;
    }

    pub(super) fn call_off_purchase(&mut self, position: u32) {
        let order = &mut self.books.purchase_orders[position as usize];
        order.state = OrderState::Voided;
        order.updated = self.now;
        for line in &order.lines {
            if let Some(item) = line.item {
                self.books.items[item as usize].coming -= line.qty_milli / 1000;
            }
        }
    }

    /// A customer orders goods, invoiced as they leave.
    pub(super) fn take_order(&mut self) {
        let position = self.books.sales_orders.len() as u32;
        let mut dice = self.dice(Stream::SalesOrder, u64::from(position));
        let Some((contact, lines)) = self.choose_goods(&mut dice) else {
            return;
        };
        let leaves = working_day(self.today + Days::new(dice.range(1, 5) as u64));
        let their_reference = dice.range(1000, 98_999) as u32;
        let order = self.new_order(contact, leaves, their_reference, lines);
        self.books.sales_orders.push(order);
        let moment = office_hours(leaves, &mut dice);
        if dice.chance(250) {
            self.at(moment, Event::SaleCalledOff(position));
        } else {
            self.at(moment, Event::SaleInvoiced(position));
        }
    }

    pub(super) fn call_off_sale(&mut self, position: u32) {
        let order = &mut self.books.sales_orders[position as usize];
        order.state = OrderState::Voided;
        order.updated = self.now;
    }

    /// Invoices the goods in stock; the rest follows after the next delivery.
    pub(super) fn invoice_order(&mut self, position: u32) {
        let mut dice = self.dice(Stream::SalesOrder, self.happened ^ 0x10_0000_0000);
        let order = &self.books.sales_orders[position as usize];
        let (contact, their_reference) = (order.contact, order.their_reference);
        let mut lines = Vec::new();
        let mut charged_milli = order.charged_milli.clone();
        for (line, charged) in order.lines.iter().zip(&mut charged_milli) {
            let wanted = line.qty_milli - *charged;
            let qty_milli = match line.item {
                Some(item) => wanted.min(self.available(item)),
                None => wanted,
            };
            if qty_milli <= 0 {
                continue;
            }
            *charged += qty_milli;
            lines.push(self.part_of(line, qty_milli));
        }
        let whole = order
            .lines
            .iter()
            .zip(&charged_milli)
            .all(|(line, charged)| line.qty_milli == *charged);
        if !lines.is_empty() {
            let order = Some(position);
            let invoice = self.write_invoice(contact, lines, their_reference, order);
            self.enter_invoice(invoice);
            let order = &mut self.books.sales_orders[position as usize];
            order.charged_milli = charged_milli;
            order.charged_by.push(invoice);
            order.state = if whole {
                OrderState::Closed
            } else {
                OrderState::Part
            };
            order.delivered = whole.then_some(self.today);
            order.updated = self.now;
        }
        if !whole {
            let day = working_day(self.today + Days::new(dice.range(3, 6) as u64));
            let moment = office_hours(day, &mut dice);
            self.at(moment, Event::SaleInvoiced(position));
        }
    }

    /// The quantity of an item in stock, in thousandths.
    fn available(&self, item: u32) -> i64 {
        let record = &self.books.items[item as usize];
        if self.trade.stocked && !self.trade.products[record.product as usize].service {
            record.on_hand.max(0) * 1000
        } else {
            i64::MAX
        }
    }

    /// As much of an order's line, at its price.
    fn part_of(&self, line: &DocumentLine, qty_milli: i64) -> DocumentLine {
        if qty_milli == line.qty_milli {
            return line.clone();
        }
        let discount = portion(line.discount, qty_milli, line.qty_milli);
        let net = portion(line.unit_price, qty_milli, 1000) - discount;
        DocumentLine {
            qty_milli,
            discount,
            net,
            tax: portion(net, self.trade.taxes[line.tax_code].rate_bp, 10_000),
            ..line.clone()
        }
    }
}
