//! What goes wrong at a customer's computer, and what its people are told.

use super::{Begun, agree, begun, linked};
use crate::harness::computer::{Books, End};
use crate::harness::story;

story!(
    another_companys_books_are_never_read_into_a_connection,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        world.queue_pull(&begun.company, "invoices").await;
        let right = std::mem::replace(&mut computer.books, Books::of("Marsh Tea", 7));
        let End::Broken(words) = computer.update().await else {
            panic!("it goes on")
        };
        assert!(
            words.contains("Marsh Tea") && words.contains("Open the company file of Dune Coffee"),
            "{words}"
        );
        let errors = world.get(&begun.path()).await.ok();
        assert!(
            errors["dataConnectionErrors"]
                .to_string()
                .contains("Marsh Tea"),
            "{errors}"
        );
        assert_eq!(errors["status"], "Linked");
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 3);
        // The right ones go on where it was left.
        computer.books = right;
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        assert_eq!(world.get(&path).await.ok()["totalResults"], 3);
    }
);

story!(
    what_is_in_the_way_at_the_computer_is_said_with_what_to_do,
    |world| async move {
        let mut customer = world.customer();
        let begun = begun(&world, &mut customer).await;
        let mut computer = begun.computer(&world, Books::of("Dune Coffee", 3));
        computer.authenticate().await;
        // The program can't open the books.
        let ticket = computer.ticket.clone();
        let said = computer
            .call(
                "connectionError",
                &[
                    ("ticket", &ticket),
                    ("hresult", "0x80040408"),
                    ("message", "Could not start QuickBooks."),
                ],
            )
            .await;
        assert_eq!(said.text, "done");
        let words = computer.last_error().await;
        assert!(
            words.contains("Open QuickBooks with the company file"),
            "{words}"
        );
        let origin = world.platform.origin().ascii_serialization();
        let waiting = customer
            .open(&format!("{origin}{}", begun.address("/setup?state=")))
            .await;
        assert!(
            waiting
                .text()
                .contains("Open QuickBooks with the company file"),
            "{}",
            waiting.text()
        );
        // A dialog is open.
        computer
            .books
            .refused
            .insert("Company", ("0x80040414", "A modal dialog box is showing"));
        let End::Broken(words) = computer.update().await else {
            panic!("it goes on")
        };
        assert!(words.contains("waits for an answer"), "{words}");
        // A code that nobody knows is told as it came.
        computer
            .books
            .refused
            .insert("Company", ("0x8004F00D", "Something odd"));
        let End::Broken(words) = computer.update().await else {
            panic!("it goes on")
        };
        assert!(
            words.contains("Something odd") && words.contains("0x8004F00D"),
            "{words}"
        );
        computer.books.refused.clear();
        assert_eq!(computer.update().await, End::Finished);
        assert_eq!(
            world.status_of(&begun.company, &begun.connection).await,
            "Linked"
        );
    }
);

story!(
    a_permission_that_is_taken_back_at_the_computer_ends_the_connection,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        world.queue_pull(&begun.company, "invoices").await;
        computer.books.refused.insert(
            "Invoice",
            ("0x80040420", "The QuickBooks user has denied access."),
        );
        let End::Broken(words) = computer.update().await else {
            panic!("it goes on")
        };
        assert!(words.contains("no longer allows"), "{words}");
        assert_eq!(
            world.status_of(&begun.company, &begun.connection).await,
            "Deauthorized"
        );
        assert_eq!(computer.update().await, End::Unknown);
        computer.books.refused.clear();
        let connection = world.get(&begun.path()).await.ok();
        let page = agree(
            &mut world.customer(),
            connection["linkUrl"].as_str().unwrap(),
        )
        .await;
        let again = Begun { page, ..begun };
        let mut computer = again.computer(&world, computer.books.clone());
        assert_eq!(computer.update().await, End::Finished);
        assert_eq!(
            world.status_of(&again.company, &again.connection).await,
            "Linked"
        );
    }
);

story!(
    an_answer_that_is_broken_or_reaches_out_ends_its_pull_and_no_other,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        for bad in [
            "<QBXML><QBXMLMsgsRs><InvoiceQueryRs statusCode=\"0\">",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><QBXML><QBXMLMsgsRs><InvoiceQueryRs statusCode=\"0\">&e;</InvoiceQueryRs></QBXMLMsgsRs></QBXML>",
        ] {
            world.queue_pull(&begun.company, "invoices").await;
            computer.authenticate().await;
            loop {
                let question = computer.next().await;
                assert_ne!(question, "");
                let (answer, ..) = computer.answer(&question);
                if question.contains("InvoiceQueryRq") {
                    assert_eq!(computer.bring(bad, "", "").await, 100);
                    break;
                }
                computer.bring(&answer, "", "").await;
            }
            computer.close().await;
            let history = world.settled(&begun.company).await;
            let pull = history
                .iter()
                .find(|one| one["dataType"] == "invoices")
                .unwrap();
            assert_eq!(pull["status"], "FetchError", "{pull}");
            assert!(
                pull["errorMessage"]
                    .as_str()
                    .unwrap()
                    .contains("can't be read"),
                "{pull}"
            );
            assert!(!pull.to_string().contains("root:"), "{pull}");
        }
        assert_eq!(
            world.status_of(&begun.company, &begun.connection).await,
            "Linked"
        );
    }
);

story!(
    wrong_passwords_are_looked_at_more_and_more_seldom,
    |world| async move {
        let (_, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let right = std::mem::replace(&mut computer.password, "guess".into());
        for _ in 0..6 {
            assert_eq!(computer.update().await, End::Unknown);
        }
        computer.password = right;
        assert_eq!(
            computer.update().await,
            End::Unknown,
            "not even the right one is looked at"
        );
        world.pass(chrono::TimeDelta::minutes(2));
        assert_eq!(computer.update().await, End::Nothing);
        computer.user = "00000000-0000-0000-0000-000000000000".into();
        assert_eq!(computer.update().await, End::Unknown);
        computer.user = "nobody".into();
        assert_eq!(computer.update().await, End::Unknown);
    }
);
