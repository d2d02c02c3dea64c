//! The hosted pages in the reader's language, from the start to the receipt.

use http::Method;
use serde_json::json;
use url::Url;

use super::hosted_pages::{new_link, overview_url, password, set_profile};
use crate::harness::{Answer, Customer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";

/// The text that a page shows, without its markup and its addresses.
fn shown(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap_or(page);
    let mut text = String::new();
    let mut is_markup = false;
    for c in body.chars() {
        match c {
            '<' => is_markup = true,
            '>' => {
                is_markup = false;
                text.push(' ');
            }
            c if !is_markup => text.push(c),
            _ => {}
        }
    }
    text
}

async fn open_in(world: &World, address: &str, header: &str) -> Answer {
    let headers = [("accept-language", header)];
    world.send(Method::GET, address, &headers, Vec::new()).await
}

#[track_caller]
fn is_in(page: &Answer, language: &str, direction: &str, words: &[&str]) {
    let text = page.text();
    let html = format!("<html lang=\"{language}\" dir=\"{direction}\">");
    assert!(text.contains(&html), "{html} isn't in {text}");
    let plain = text.replace(['\u{2068}', '\u{2069}'], "");
    for word in words {
        assert!(plain.contains(word), "{word} isn't in {text}");
    }
}

story!(
    pages_are_in_the_first_language_of_the_browser_that_there_are_words_in,
    |world| async move {
        let (_, _, link) = new_link(&world, "mqjo").await;
        for (header, language, direction, words) in [
            (
                "de-AT, en;q=0.5",
                "de",
                "ltr",
                ["Sandbox mit Harbour Lending verbinden", "Rechnungen"],
            ),
            (
                "pl, fr;q=0.5",
                "fr",
                "ltr",
                ["Connecter Sandbox à Harbour Lending", "factures"],
            ),
            (
                "es-MX",
                "es",
                "ltr",
                ["Conectar Sandbox con Harbour Lending", "facturas"],
            ),
            (
                "nl",
                "nl",
                "ltr",
                ["Sandbox koppelen met Harbour Lending", "verkoopfacturen"],
            ),
            (
                "ar-EG",
                "ar",
                "rtl",
                ["ربط Sandbox مع Harbour Lending", "الخطوة ١ من ٢"],
            ),
            (
                "pl-PL, cs",
                "en",
                "ltr",
                ["Connect Sandbox to Harbour Lending", "Step 1 of 2"],
            ),
        ] {
            let page = open_in(&world, link.as_str(), header).await;
            assert_eq!(page.status, 200);
            is_in(&page, language, direction, &words);
        }
        // A page about trouble, too.
        let gone = open_in(&world, link.path(), "nl-BE").await;
        is_in(
            &gone,
            "nl",
            "ltr",
            &["Deze link werkt niet meer", "Referentie <code>"],
        );
        is_in(
            &open_in(&world, "/", "es").await,
            "es",
            "ltr",
            &["La referencia"],
        );
    }
);

story!(
    a_locale_goes_with_the_journey_whatever_the_browser_says,
    |world| async move {
        set_profile(&world, json!({})).await;
        let (company, connection, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        let address = format!("{link}&locale=de-CH");
        is_in(
            &customer.open(&address).await,
            "de",
            "ltr",
            &["Nicht jetzt"],
        );
        // A form of the page carries it, and so does the way back from the platform, whose address has no room for it.
        let end = customer.link(&address, BUSINESS).await;
        let location = end.header("location").unwrap().to_owned();
        assert!(location.contains("&locale=de-ch"), "{location}");
        let ended = customer.open(&location).await;
        is_in(
            &ended,
            "de",
            "ltr",
            &[
                "Commerce Sandbox ist verbunden",
                "teilt nun Daten von Commerce Sandbox mit Harbour Lending",
            ],
        );
        let linked = |text: &str| -> Vec<String> {
            let found = ended.text();
            let all = found
                .split("href=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
            all.filter(|href| href.contains(text)).collect()
        };
        let receipt = customer.open(&linked("/receipt/")[0]).await;
        is_in(
            &receipt,
            "de",
            "ltr",
            &[
                "Ihr Beleg",
                "<dd dir=\"auto\" lang=\"de\">",
                "15. Juni 2026, 09:30 UTC",
            ],
        );
        let sharing = Url::parse(&linked("/sharing")[0]).unwrap();
        is_in(
            &customer.open(sharing.as_str()).await,
            "de",
            "ltr",
            &["Anzeigen"],
        );
        let otp = password(&sharing);
        let opened = customer
            .submit(sharing.path(), &[("otp", &otp), ("locale", "de-ch")])
            .await;
        let opened = customer.open(opened.header("location").unwrap()).await;
        is_in(
            &opened,
            "de",
            "ltr",
            &["Erstmals verbunden am 15. Juni 2026", "Trennen"],
        );

        // The record keeps the words as they were shown, with their language.
        let consents = world
            .get(&format!("/companies/{company}/consents"))
            .await
            .ok();
        let consent = consents["results"][0]["id"].as_str().unwrap();
        let receipt = world
            .get(&format!("/companies/{company}/consents/{consent}/receipt"))
            .await
            .ok();
        let receipt = &receipt["receipt"];
        assert_eq!(receipt["language"], "de");
        let told = &receipt["disclosure"];
        assert_eq!(
            told["access"]["lasts"].as_str().unwrap().split(' ').next(),
            Some("Der")
        );
        // The facts are those of the English disclosure.
        let path = format!("/companies/{company}/connections/{connection}/disclosure");
        let english = world.get(&path).await.ok();
        assert_eq!(english["language"], "en");
        assert_eq!(english["version"], receipt["disclosureVersion"]);
    }
);

/// True for a word without accents; a single letter stands in place of a picture.
fn is_plain(word: &str) -> bool {
    word.len() > 1 && !word.starts_with('&') && word.chars().any(|c| c.is_ascii_alphabetic())
}

/// Every page's visible text, but for what the client, the platform and the reader have written, carries accents: it comes from
/// the words.
#[track_caller]
fn is_all_from_the_words(what: &str, page: &Answer, values: &[&str]) {
    let mut text = shown(&page.text());
    for value in values {
        text = text.replace(value, " ");
    }
    let plain: Vec<&str> = text
        .split_whitespace()
        .filter(|word| is_plain(word))
        .collect();
    assert!(page.text().contains("lang=\"en\""));
    assert!(plain.is_empty(), "{what}: {plain:?}\n{text}");
}

story!(
    no_page_has_text_that_is_not_from_the_words,
    |world| async move {
        words::allow_accents();
        set_profile(&world, json!({})).await;
        let values = [
            "Harbour Lending",
            "merchant-42",
            "Lindqvist Snickeri",
            "Commerce Sandbox",
            "Sandbox",
        ];
        let in_accents = |address: &str| {
            let sign = if address.contains('?') { '&' } else { '?' };
            format!("{address}{sign}locale=en-XA")
        };
        let (company, _, link) = new_link(&world, "aiwb").await;
        let mut customer: Customer<'_> = world.customer();
        let link = in_accents(link.as_str());
        let start = customer.open(&link).await;
        // Scopes are the platform's own names.
        let scopes: Vec<String> = start
            .text()
            .split("<code class=\"scope\">")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect();
        let mut all: Vec<&str> = values.to_vec();
        all.extend(scopes.iter().map(String::as_str));
        is_all_from_the_words("start", &start, &all);
        let names: Vec<String> = world
            .app
            .catalogue
            .iter()
            .map(|own| own.name().replace('&', "&#38;"))
            .collect();
        let mut platforms: Vec<&str> = values.to_vec();
        platforms.extend(names.iter().map(String::as_str));
        platforms.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let overview = overview_url(&world, &company).await;
        let overview = customer.open(&in_accents(overview.as_str())).await;
        is_all_from_the_words("overview", &overview, &platforms);

        let end = customer.link(&link, BUSINESS).await;
        let ended = customer.open(end.header("location").unwrap()).await;
        is_all_from_the_words("result", &ended, &values);
        let hrefs: Vec<String> = ended
            .text()
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
            .collect();
        let at = |part: &str| {
            hrefs
                .iter()
                .find(|href| href.contains(part))
                .unwrap()
                .clone()
        };
        let receipt = customer.open(&at("/receipt/")).await;
        let number = receipt
            .text()
            .split("<code>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned();
        let mut of_receipt = values.to_vec();
        of_receipt.extend([
            number.as_str(),
            "UTC",
            "Maya Okafor",
            "maya.okafor@practice.example",
        ]);
        is_all_from_the_words("receipt", &receipt, &of_receipt);
        let door = at("/sharing");
        is_all_from_the_words("door", &customer.open(&door).await, &values);
        let door = Url::parse(&door).unwrap();
        let otp = password(&door);
        let form = [("otp", otp.as_str()), ("locale", "en-XA")];
        let opened = customer.submit(door.path(), &form).await;
        let sharing = customer.open(opened.header("location").unwrap()).await;
        is_all_from_the_words("sharing", &sharing, &values);
        let ask = [form[0], form[1], ("kind", "Deletion")];
        let confirm = customer
            .submit(&format!("{}/requests", door.path()), &ask)
            .await;
        is_all_from_the_words("confirm", &confirm, &values);
        let gone = customer
            .open(&format!("{}?locale=en-XA", door.path()))
            .await;
        let reference = gone.header("x-correlation-id").unwrap().to_owned();
        is_all_from_the_words("gone", &gone, &[reference.as_str()]);
        is_all_from_the_words(
            "front",
            &customer.open("/?locale=en-XA").await,
            &["Moorline", "API", env!("CARGO_PKG_VERSION")],
        );
    }
);
