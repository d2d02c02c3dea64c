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
            let queued = world.queue_pull(&begun.company, "invoices").await;
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
                .find(|one| one["id"] == queued["id"])
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
    wrong_passwords_keep_the_right_one_from_nothing,
    |world| async move {
        let (_, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let right = std::mem::replace(&mut computer.password, "guess".into());
        for _ in 0..6 {
            assert_eq!(computer.update().await, End::Unknown);
        }
        computer.password = right;
        assert_eq!(computer.update().await, End::Nothing);
        computer.user = "00000000-0000-0000-0000-000000000000".into();
        assert_eq!(computer.update().await, End::Unknown);
        computer.user = "nobody".into();
        assert_eq!(computer.update().await, End::Unknown);
    }
);

story!(
    neither_the_name_nor_the_mark_of_books_alone_makes_them_the_connections,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        world.queue_pull(&begun.company, "invoices").await;
        let right = computer.books.clone();
        // The same set-up file, added to a second company file.
        let mut copied = Books::of("Marsh Tea", 7);
        copied.mark.clone_from(&right.mark);
        // Another file of the same name.
        let mut namesake = Books::of("Dune Coffee", 9);
        namesake.mark = "another mark".into();
        for wrong in [copied, namesake] {
            computer.books = wrong;
            assert!(matches!(computer.update().await, End::Broken(_)));
        }
        computer.books = right;
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 3);
    }
);

story!(
    a_question_that_is_in_the_way_again_and_again_keeps_no_other_from_being_asked,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let customers = world.queue_pull(&begun.company, "customers").await;
        let invoices = world.queue_pull(&begun.company, "invoices").await;
        computer
            .books
            .refused
            .insert("Customer", ("0x8004F00D", "Something odd"));
        assert!(matches!(computer.update().await, End::Broken(_)));
        assert_eq!(computer.update().await, End::Finished);
        let history = world.settled(&begun.company).await;
        let of = |queued: &serde_json::Value| {
            let found = history.iter().find(|one| one["id"] == queued["id"]);
            found.unwrap()["status"].clone()
        };
        assert_eq!(of(&customers), "FetchError");
        assert_eq!(of(&invoices), "Complete");
    }
);

story!(
    a_program_that_works_is_left_alone_until_the_next_one_has_called,
    |world| async move {
        let (begun, mut before) = linked(&world, Books::of("Dune Coffee", 3)).await;
        let connection = world.get(&begun.path()).await.ok();
        let link = connection["linkUrl"].as_str().unwrap().to_owned();
        let page = agree(&mut world.customer(), &link).await;
        let again = Begun { page, ..begun };
        world.queue_pull(&again.company, "invoices").await;
        assert_eq!(before.update().await, End::Finished);
        let mut next = again.computer(&world, Books::of("Dune Coffee", 3));
        assert_eq!(next.update().await, End::Finished);
        assert_eq!(before.update().await, End::Unknown);
        assert_eq!(
            world.status_of(&again.company, &again.connection).await,
            "Linked"
        );
        // One that is never finished ends nothing, however late it calls.
        let connection = world.get(&again.path()).await.ok();
        let link = connection["linkUrl"].as_str().unwrap().to_owned();
        let page = agree(&mut world.customer(), &link).await;
        let late = Begun { page, ..again };
        world.pass(chrono::TimeDelta::days(15));
        let mut too_late = late.computer(&world, Books::of("Dune Coffee", 3));
        assert!(matches!(too_late.update().await, End::Broken(_)));
        world.queue_pull(&late.company, "invoices").await;
        assert_eq!(next.update().await, End::Finished);
    }
);
