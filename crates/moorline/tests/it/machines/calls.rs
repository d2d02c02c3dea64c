//! Calls that break off, overlap or hop between nodes: nothing is lost, nothing doubled.

use chrono::TimeDelta;

use super::{begun, linked};
use crate::harness::computer::{Books, End};
use crate::harness::{Node, story};

story!(
    a_walk_that_breaks_off_begins_anew_with_the_next_call,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 5)).await;
        computer.books = Books::of("Dune Coffee", 900);
        world.pass(TimeDelta::days(8));
        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        // The books are looked at, and two pages of five are read; then the computer is off for a night.
        computer.asked.clear();
        while computer
            .asked
            .iter()
            .filter(|kind| *kind == "Invoice")
            .count()
            < 2
        {
            assert_eq!(computer.go_on(1).await, None);
        }
        world.pass(TimeDelta::hours(10));
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 900);
    }
);

story!(
    a_computer_that_slept_in_the_middle_of_a_call_is_told_to_call_anew,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 450)).await;
        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        assert_eq!(computer.go_on(3).await, None);
        world.pass(TimeDelta::hours(10));
        assert_eq!(computer.next().await, "");
        let words = computer.last_error().await;
        assert_eq!(words, "This call has ended. Please update again.");
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
    }
);

story!(
    two_computers_with_one_password_take_turns,
    |world| async move {
        let (begun, mut first) = linked(&world, Books::of("Dune Coffee", 450)).await;
        world.queue_pull(&begun.company, "invoices").await;
        let mut second = begun.computer(&world, Books::of("Dune Coffee", 450));
        first.authenticate().await;
        assert_eq!(first.go_on(4).await, None);
        let (instruction, wait) = second.authenticate().await;
        assert_eq!((instruction.as_str(), wait.is_some()), ("none", true));
        assert_eq!(first.go_on(99).await, Some(End::Finished));
        // One that has gone silent doesn't stand in the way for ever.
        world.queue_pull(&begun.company, "invoices").await;
        first.authenticate().await;
        first.go_on(3).await;
        world.pass(TimeDelta::minutes(3));
        assert_eq!(second.update().await, End::Finished);
        assert_eq!(first.next().await, "", "its call was ended by the other");
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
    }
);

story!(a_call_hops_between_nodes, |world| async move {
    // SQLite is one process's: two addresses of it stand for two nodes.
    let mut customer = world.customer();
    let begun = begun(&world, &mut customer).await;
    let other = match world.app.config.database_url.starts_with("postgres") {
        true => Some(Node::on_database_of(&world).await),
        false => None,
    };
    let mut computer = begun.computer(&world, Books::of("Dune Coffee", 450));
    if let Some(other) = &other {
        computer.nodes = vec![world.platform.port().unwrap(), other.port];
    }
    assert_eq!(computer.update().await, End::Finished);
    assert_eq!(
        world.status_of(&begun.company, &begun.connection).await,
        "Linked"
    );
    world.settled(&begun.company).await;
    let path = format!("/companies/{}/data/invoices", begun.company);
    assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
    if let Some(other) = other {
        other.stop().await;
    }
});

story!(
    what_was_lost_on_the_way_is_asked_again_and_stored_once,
    |world| async move {
        // Every request of a call is lost once, before it arrives or with its answer: the program then ends the call.
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 5)).await;
        computer.books = Books::of("Dune Coffee", 450);
        world.pass(TimeDelta::days(8));
        world.queue_pull(&begun.company, "invoices").await;
        for lost in 0..8 {
            let (instruction, _) = computer.authenticate().await;
            assert_ne!(instruction, "nvu");
            computer.go_on(lost / 2).await;
            let question = computer.next().await;
            if lost % 2 == 1 && !question.is_empty() {
                let (answer, ..) = computer.answer(&question);
                computer.bring(&answer, "", "").await;
            }
            // Longer than a call with a question in hand is waited for.
            world.pass(TimeDelta::minutes(16));
        }
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
    }
);

story!(
    a_list_whose_place_the_books_have_lost_is_read_anew_with_the_next_call,
    |world| async move {
        let (begun, mut computer) = linked(&world, Books::of("Dune Coffee", 450)).await;
        world.pass(TimeDelta::days(8));
        world.queue_pull(&begun.company, "invoices").await;
        computer.authenticate().await;
        computer.asked.clear();
        while computer.asked.iter().all(|kind| kind != "Invoice") {
            assert_eq!(computer.go_on(1).await, None);
        }
        computer.lose_place();
        let Some(End::Broken(words)) = computer.go_on(99).await else {
            panic!("it goes on")
        };
        assert!(
            words.contains("lost its place") && words.contains("update again"),
            "{words}"
        );
        let shown = world.get(&begun.path()).await.ok();
        let errors = shown["dataConnectionErrors"].to_string();
        assert!(errors.contains("lost its place"), "{errors}");
        let machine = world.get(&format!("{}/machine", begun.path())).await.ok();
        assert_eq!(machine["trouble"], words.as_str());
        assert_eq!(computer.update().await, End::Finished);
        world.settled(&begun.company).await;
        let path = format!("/companies/{}/data/invoices", begun.company);
        assert_eq!(world.get(&path).await.ok()["totalResults"], 450);
        let machine = world.get(&format!("{}/machine", begun.path())).await.ok();
        assert_eq!(machine["trouble"], serde_json::Value::Null);
    }
);
