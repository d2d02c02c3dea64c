//! The headings under which a business counts its sales and costs, beyond its accounts.

use super::Books;
use super::documents::DocumentLine;
use super::trades::Trade;

/// One heading; its parent by its place in the list.
pub(crate) struct Heading {
    pub(crate) title: &'static str,
    pub(crate) parent: Option<usize>,
}

/// Sales by their line of business, and the costs of a place by the place.
pub(crate) fn headings(trade: &Trade) -> Vec<Heading> {
    let mut headings = vec![Heading {
        title: "Line of business",
        parent: None,
    }];
    for category in categories(trade) {
        headings.push(Heading {
            title: category,
            parent: Some(0),
        });
    }
    let places = headings.len();
    headings.push(Heading {
        title: "Place",
        parent: None,
    });
    headings.extend(trade.shop.sites.iter().map(|(title, _)| Heading {
        title,
        parent: Some(places),
    }));
    headings
}

/// The products' categories, each once, in the order of the price list.
pub(crate) fn categories(trade: &Trade) -> Vec<&'static str> {
    let mut known = Vec::new();
    for product in trade.products {
        if !known.contains(&product.category) {
            known.push(product.category);
        }
    }
    known
}

/// Positions in [`headings`] of those that a line is counted under.
pub(crate) fn of_line(books: &Books, line: &DocumentLine) -> Option<usize> {
    let categories = categories(books.trade);
    match line.item {
        Some(item) => {
            let product = books.items[item as usize].product as usize;
            let category = books.trade.products[product].category;
            let place = categories.iter().position(|known| *known == category)?;
            Some(1 + place)
        }
        None if line.account.info().groups.contains(&"Premises") => Some(categories.len() + 2),
        None => None,
    }
}
