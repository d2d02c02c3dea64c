//! Platforms that call: a program on the customer's machine, what it is asked, and what can go wrong there.

mod calls;
mod demo;
mod journey;
mod kills;
mod times;
mod troubles;

use url::Url;

use crate::harness::computer::{Books, Computer, End, KEY};
use crate::harness::{Customer, World};

/// A company with a connection that waits for its computer, with the page that its customer sees.
pub struct Begun {
    pub company: String,
    pub connection: String,
    pub page: String,
}

impl Begun {
    pub fn path(&self) -> String {
        format!(
            "/companies/{}/connections/{}",
            self.company, self.connection
        )
    }

    /// The password on the page.
    pub fn password(&self) -> &str {
        let (_, rest) = self.page.split_once("id=\"secret\"").expect("a password");
        let (_, rest) = rest.split_once('>').unwrap();
        rest.split('<').next().unwrap()
    }

    /// An address on the page.
    pub fn address(&self, part: &str) -> String {
        let mut links = self.page.split("href=\"").skip(1);
        let found = links.find_map(|rest| {
            let link = rest
                .split('"')
                .next()?
                .replace("&amp;", "&")
                .replace("&#38;", "&");
            link.contains(part).then_some(link)
        });
        found.unwrap_or_else(|| panic!("no link with {part}"))
    }

    pub fn computer<'a>(&self, world: &'a World, books: Books) -> Computer<'a> {
        Computer::new(world, &self.connection, self.password(), books)
    }
}

/// Goes through the start page to the one with the password.
pub async fn agree(customer: &mut Customer<'_>, link: &str) -> String {
    let page = customer.open(link).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let url = Url::parse(link).unwrap();
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.extend(crate::harness::fields_of(&page.text()));
    form.dedup_by(|a, b| a.0 == b.0);
    let pairs: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = format!(
        "{}{}",
        customer.world.platform.origin().ascii_serialization(),
        url.path()
    );
    let answer = customer.submit(&action, &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

/// A new company whose customer has come to the page with the password.
pub async fn begun(world: &World, customer: &mut Customer<'_>) -> Begun {
    enable(world).await;
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, KEY).await;
    let link = connection["linkUrl"].as_str().unwrap().to_owned();
    let page = agree(customer, &link).await;
    Begun {
        company,
        connection: connection["id"].as_str().unwrap().to_owned(),
        page,
    }
}

/// Lets the client's customers choose the platform: it has no OAuth client.
pub async fn enable(world: &World) {
    let client = world.first_client().await;
    platform::credentials::oauth_clients::set_enabled(&world.app, client, KEY, true)
        .await
        .unwrap();
}

/// A company that its computer's first call has linked, and whose data has come with it.
pub async fn linked<'a>(world: &'a World, books: Books) -> (Begun, Computer<'a>) {
    let mut customer = world.customer();
    let begun = begun(world, &mut customer).await;
    let mut computer = begun.computer(world, books);
    assert_eq!(computer.update().await, End::Finished);
    (begun, computer)
}
