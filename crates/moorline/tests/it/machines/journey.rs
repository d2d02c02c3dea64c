//! From the link to the last record: the page, the file, the password, the first call, the data, the end.

use serde_json::json;

use super::{Begun, agree, begun, enable, linked};
use crate::harness::computer::{Books, End, KEY};
use crate::harness::{Customer, story};

story!(
    the_first_call_of_a_computer_links_its_company_and_brings_its_data,
    |world| async move {
        let mut customer = world.customer();
        let begun = begun(&world, &mut customer).await;
        let origin = world.platform.origin().ascii_serialization();
        let wait = format!("{origin}{}", begun.address("/setup?state="));
        let file = customer
            .open(&format!("{origin}{}", begun.address("/setup/file")))
            .await;
        assert_eq!(file.status, 200);
        let text = file.text();
        assert!(
            text.contains(&format!("<UserName>{}</UserName>", begun.connection)),
            "{text}"
        );
        assert!(
            text.contains(&format!("<AppURL>{origin}/machines/{KEY}</AppURL>")),
            "{text}"
        );
        assert!(
            !text.contains(begun.password()),
            "the file is no place for the password"
        );

        let waiting = customer.open(&wait).await;
        assert_eq!(waiting.status, 200, "{}", waiting.text());
        assert_eq!(waiting.header("refresh"), Some("10"));
        assert!(waiting.text().contains("Waiting for the first call"));
        assert!(
            !waiting.text().contains(begun.password()),
            "it is shown once"
        );
        let stranger = world.customer().open(&wait).await;
        assert_eq!(stranger.status, 403);

        let mut computer = begun.computer(&world, Books::of("Dune Coffee", 450));
        assert_eq!(computer.update().await, End::Finished);
        assert_eq!(
            world.status_of(&begun.company, &begun.connection).await,
            "Linked"
        );
        let arrived = customer.open(&wait).await;
        assert_eq!(arrived.status, 303, "{}", arrived.text());

        let invoices = world
            .get(&format!(
                "/companies/{}/data/invoices?pageSize=1000",
                begun.company
            ))
            .await
            .ok();
        assert_eq!(invoices["totalResults"], 450);
        let last = invoices["results"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["invoiceNumber"] == "450")
            .unwrap();
        assert_eq!(last["totalAmount"], json!(104.5));
        assert_eq!(last["currency"], "USD");
        let customers = world
            .get(&format!("/companies/{}/data/customers", begun.company))
            .await
            .ok();
        assert_eq!(customers["totalResults"], 3);
        assert_eq!(customers["results"][0]["customerName"], "Caf\u{e9} & Bar 1");
        let history = world.settled(&begun.company).await;
        let failed: Vec<_> = history
            .iter()
            .filter(|one| one["status"] != "Complete" && one["status"] != "NotSupported")
            .collect();
        assert!(failed.is_empty(), "{failed:#?}");

        // With nothing to ask, the machine is let alone.
        assert_eq!(computer.update().await, End::Nothing);
    }
);

story!(
    only_changes_are_asked_for_the_next_time_and_what_was_deleted_goes,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        computer.asked.clear();
        computer.books.records.insert("TxnDeleted", vec!["<TxnDeletedRet><TxnDelType>Invoice</TxnDelType><TxnID>2-1</TxnID><TimeCreated>2026-05-01T10:00:00-05:00</TimeCreated><TimeDeleted>2026-06-15T10:00:00-05:00</TimeDeleted></TxnDeletedRet>".into()]);
        computer.books.records.insert("Invoice", vec![]);
        world.pull_every(24).await;
        world.pass(chrono::TimeDelta::hours(25));
        world.queue_due().await;
        assert_eq!(computer.update().await, End::Finished);
        assert_eq!(computer.asked[..3], ["Host", "Preferences", "Company"]);
        assert!(computer.asked.iter().any(|kind| kind == "TxnDeleted"));
        world.settled(&begun.company).await;
        let invoices = world
            .get(&format!("/companies/{}/data/invoices", begun.company))
            .await
            .ok();
        let gone: Vec<_> = (invoices["results"].as_array().unwrap().iter())
            .filter(|one| one["metadata"]["isDeleted"] == true)
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(gone, ["2-1"]);
    }
);

story!(
    disconnecting_ends_the_password_and_everything_that_was_asked,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        computer.next().await;
        world.disconnect(&begun.path()).await;
        assert_eq!(computer.next().await, "", "its call is over");
        assert_eq!(computer.bring("<x/>", "", "").await, -1);
        assert_eq!(computer.update().await, End::Unknown);

        // The same customer reconnects with the same books, by a new password.
        let connection = world.get(&begun.path()).await.ok();
        let mut customer = world.customer();
        let page = agree(&mut customer, connection["linkUrl"].as_str().unwrap()).await;
        let again = Begun { page, ..begun };
        assert_ne!(again.password(), computer.password);
        let mut computer = again.computer(&world, computer.books.clone());
        assert_eq!(computer.update().await, End::Finished);
        assert_eq!(
            world.status_of(&again.company, &again.connection).await,
            "Linked"
        );
    }
);

story!(
    the_names_in_the_set_up_file_stay_the_connections_own,
    |world| async move {
        let origin = world.platform.origin().ascii_serialization();
        let names = async |customer: &mut Customer<'_>, begun: &Begun| {
            let path = begun.address("/setup/file");
            let file = customer.open(&format!("{origin}{path}")).await.text();
            let of = |name: &str| {
                let (_, rest) = file.split_once(&format!("<{name}>")).unwrap();
                rest.split('<').next().unwrap().to_owned()
            };
            (of("OwnerID"), of("FileID"))
        };
        let mut customer = world.customer();
        let first = begun(&world, &mut customer).await;
        let own = names(&mut customer, &first).await;
        for name in [&own.0, &own.1] {
            let inner = name
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            assert!(uuid::Uuid::parse_str(inner.unwrap()).is_ok(), "{name}");
        }
        assert_ne!(own.0, own.1);
        let mut computer = first.computer(&world, Books::of("Dune Coffee", 3));
        assert_eq!(computer.update().await, End::Finished);
        // Another set-up, before and after an end: the same application and the same file to QuickBooks.
        for ends in [false, true] {
            if ends {
                world.disconnect(&first.path()).await;
            }
            let connection = world.get(&first.path()).await.ok();
            let link = connection["linkUrl"].as_str().unwrap().to_owned();
            let page = agree(&mut customer, &link).await;
            let again = Begun {
                page,
                company: first.company.clone(),
                connection: first.connection.clone(),
            };
            assert_eq!(names(&mut customer, &again).await, own);
            let mut computer = again.computer(&world, Books::of("Dune Coffee", 3));
            assert_eq!(computer.update().await, End::Finished);
        }
        // The same company file of another client's or company's: neither name.
        let mut other = world.customer();
        let second = begun(&world, &mut other).await;
        let others = names(&mut other, &second).await;
        assert!(others.0 != own.0 && others.1 != own.1);
    }
);

/// Words of a sign-in at the platform, which there is none of.
const OF_A_SIGN_IN: [&str; 5] = [
    "Sign in to",
    "You sign in",
    "Continue to QuickBooks",
    "share its data",
    "sign in again",
];

story!(
    every_first_page_says_that_a_program_is_set_up_and_nobody_signs_in,
    |world| async move {
        enable(&world).await;
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, KEY).await;
        let id = connection["id"].as_str().unwrap();
        let path = format!("/companies/{company}/connections/{id}");
        let says = |page: &str, words: &[&str]| {
            for words in words {
                assert!(page.contains(words), "{words}: {page}");
            }
            for words in OF_A_SIGN_IN {
                assert!(!page.contains(words), "{words}: {page}");
            }
        };
        let told = world.get(&format!("{path}/disclosure")).await.ok();
        assert_eq!(told["access"]["program"], "QuickBooks Web Connector");

        let link = connection["linkUrl"].as_str().unwrap().to_owned();
        let mut customer = world.customer();
        let page = customer.open(&link).await.text();
        let usual = [
            "Set up QuickBooks Web Connector</h2>",
            "Continue to the set-up</button>",
            "You give QuickBooks Web Connector a password made for it alone.",
        ];
        says(&page, &usual);
        let began = agree(&mut customer, &link).await;
        says(
            &customer.open(&link).await.text(),
            &["You began this set-up before."],
        );

        let begun = Begun {
            company,
            connection: id.to_owned(),
            page: began,
        };
        let mut computer = begun.computer(&world, Books::of("Dune Coffee", 3));
        assert_eq!(computer.update().await, End::Finished);
        let again = world.get(&path).await.ok();
        let page = customer.open(again["linkUrl"].as_str().unwrap()).await;
        says(
            &page.text(),
            &["Continue only if you want to set up QuickBooks Web Connector again."],
        );
        world.disconnect(&path).await;
        let again = world.get(&path).await.ok();
        let page = customer.open(again["linkUrl"].as_str().unwrap()).await;
        says(
            &page.text(),
            &["Use the company file of Dune Coffee again.", usual[1]],
        );
    }
);
