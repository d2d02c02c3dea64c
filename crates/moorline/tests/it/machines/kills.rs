//! `kill -9` of a node in each call of a program, and a session that goes on at another node: nothing is lost, nothing doubled.
//!
//! Five computers are each in another call of the protocol when their node dies: before the answer, in the middle, or just after it.
//! PostgreSQL has two nodes, and the other one takes what comes next; SQLite's one starts again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connectors::machine::xml::Element;
use futures_util::future::join_all;
use serde_json::Value;

use super::{Begun, agree, enable};
use crate::harness::computer::{Books, Computer, End, KEY, asking};
use crate::harness::{World, ports};
use crate::operating::kills::{Process, rows};

const COMPANY: &str = "Dune Coffee";
const INVOICES: usize = 450;

/// The calls in which a node dies, each at another computer.
const CALLS: [&str; 5] = [
    "authenticate",
    "sendRequestXML",
    "receiveResponseXML",
    "getLastError",
    "closeConnection",
];

/// The time from the calls to the death; none for a death after their answers.
const DEATHS: [Option<Duration>; 6] = [
    Some(Duration::from_millis(1)),
    None,
    Some(Duration::from_millis(9)),
    Some(Duration::from_millis(30)),
    None,
    Some(Duration::from_millis(90)),
];

/// A dead node's pulls are taken up by then.
const GOES_ON_WITHIN: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_dies_in_every_call_of_a_computer_on_sqlite() {
    tell(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_dies_in_every_call_of_a_computer_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        tell(world).await;
    }
}

async fn tell(world: Arc<World>) {
    enable(&world).await;
    world.stop_platform().await;
    let mut nodes = vec![Process::of(&world)];
    let mut places = vec![world.platform.port().unwrap()];
    if world.app.config.database_url.starts_with("postgres") {
        let mut further = Process::of(&world);
        places.push(ports::free());
        further.port = places.last().copied();
        nodes.push(further);
    }
    for node in &mut nodes {
        node.start().await;
    }

    let whole = set_up(&world).await;
    let mut undisturbed = whole.computer(&world, Books::of(COMPANY, INVOICES));
    read_everything(&world, &whole, &mut undisturbed).await;
    let expected = rows(&world, &whole.connection).await;
    let pulls = pulls_of(&world, &whole).await.len();

    let mut begun = Vec::new();
    for _ in CALLS {
        begun.push(set_up(&world).await);
    }
    let mut computers: Vec<Computer<'_>> = (begun.iter())
        .map(|begun| begun.computer(&world, Books::of(COMPANY, INVOICES)))
        .collect();
    let mut answered = 0;
    for (round, death) in DEATHS.into_iter().enumerate() {
        let dies = round % nodes.len();
        for computer in &mut computers {
            computer.nodes.clone_from(&places);
        }
        join_all((computers.iter_mut().zip(CALLS)).map(|(computer, call)| come_to(computer, call)))
            .await;
        let prepared: Vec<Prepared> = (computers.iter_mut().zip(CALLS))
            .map(|(computer, call)| prepare(computer, call, places[dies]))
            .collect();
        let calls = (computers.iter_mut().zip(CALLS).zip(&prepared)).map(
            |((computer, call), prepared)| async move {
                let parts: Vec<(&str, &str)> = (prepared.iter())
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                computer.try_call(call, &parts).await
            },
        );
        let answers = match death {
            None => {
                let answers = join_all(calls).await;
                nodes[dies].kill();
                assert!(answers.iter().all(Option::is_some), "{round}: no answer");
                answers
            }
            Some(after) => {
                let node = &mut nodes[dies];
                let kill = async {
                    tokio::time::sleep(after).await;
                    node.kill();
                };
                let (answers, ()) = tokio::join!(join_all(calls), kill);
                answers
            }
        };
        answered += answers.iter().flatten().count();
        let lives = places[(dies + 1) % places.len()];
        if nodes.len() == 1 {
            nodes[dies].start().await;
        }
        let going_on = (computers.iter_mut().zip(CALLS).zip(&answers)).map(
            |((computer, call), answer)| async move {
                computer.nodes = vec![lives];
                goes_on(computer, call, answer.as_ref()).await;
            },
        );
        join_all(going_on).await;
        if nodes.len() > 1 {
            nodes[dies].start().await;
        }
        a_quarter_of_an_hour_passes(&world).await;
    }
    eprintln!(
        "{} calls at {} deaths, {answered} of them answered",
        CALLS.len() * DEATHS.len(),
        DEATHS.len()
    );

    for (begun, computer) in begun.iter().zip(&mut computers) {
        computer.nodes.clone_from(&places);
        read_everything(&world, begun, computer).await;
    }
    for (begun, call) in begun.iter().zip(CALLS) {
        let history = pulls_of(&world, begun).await;
        assert_eq!(
            history.len(),
            pulls,
            "{call}: a pull is missing, or was doubled"
        );
        let found = rows(&world, &begun.connection).await;
        assert_eq!(
            found.len(),
            expected.len(),
            "{call}: nothing is missing or doubled"
        );
        assert!(
            found == expected,
            "{call}: the rows are those of undisturbed calls"
        );
        let timeline = world.get(&format!("{}/timeline", begun.path())).await.ok();
        let entries = timeline["results"].as_array().unwrap().iter();
        let linked = entries.filter(|entry| entry["type"] == "connection.connected");
        assert_eq!(linked.count(), 1, "{call}: it was linked once");
    }
    let left = world.number("select count(*) from machine_question where state = 'waiting'");
    assert_eq!(left.await, 0, "no question is left");
    drop(nodes);
    world.end().await;
}

/// A session that had its answer goes on, at a node that knows of it by the store alone. The program ends one that lost an answer, without a
/// word to us, as it ends one that is closed.
async fn goes_on(computer: &mut Computer<'_>, call: &str, answer: Option<&Element>) {
    let Some(answer) = answer.filter(|_| call != "closeConnection") else {
        return;
    };
    if call == "authenticate" {
        let (instruction, _) = computer.admitted(answer);
        assert_ne!(instruction, "nvu");
    }
    computer.go_on(2).await;
}

/// A company with a connection that waits for its computer, at the nodes that are there.
async fn set_up(world: &World) -> Begun {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, KEY).await;
    let link = connection["linkUrl"].as_str().unwrap();
    let page = agree(&mut world.customer(), link).await;
    Begun {
        company,
        connection: connection["id"].as_str().unwrap().to_owned(),
        page,
    }
}

/// The words of a call, by the names of its parts.
type Prepared = Vec<(&'static str, String)>;

/// Brings a computer to where it makes that call next.
async fn come_to(computer: &mut Computer<'_>, call: &str) {
    if call == "authenticate" {
        return;
    }
    computer.authenticate().await;
    computer.go_on(3).await;
    if call == "receiveResponseXML" {
        computer.in_hand = computer.next().await;
    }
}

/// That call's parts; it goes to the node that is about to die.
fn prepare(computer: &mut Computer<'_>, call: &str, port: u16) -> Prepared {
    computer.nodes = vec![port];
    let ticket = computer.ticket.clone();
    match call {
        "authenticate" => vec![
            ("strUserName", computer.user.clone()),
            ("strPassword", computer.password.clone()),
        ],
        "sendRequestXML" => (asking(&ticket).into_iter())
            .map(|(name, value)| (name, value.to_owned()))
            .collect(),
        "receiveResponseXML" => {
            let question = std::mem::take(&mut computer.in_hand);
            let answer = match question.as_str() {
                "" => String::new(),
                question => computer.answer(question).0,
            };
            vec![
                ("ticket", ticket),
                ("response", answer),
                ("hresult", String::new()),
                ("message", String::new()),
            ]
        }
        _ => vec![("ticket", ticket)],
    }
}

/// Nodes take a call for under way until then. Theirs is the machine's own clock, which no story holds.
async fn a_quarter_of_an_hour_passes(world: &World) {
    let ago = "update machine_call set heard = '2026-01-01T00:00:00+00:00' where ended is null";
    world.tamper(&[ago]).await;
}

async fn pulls_of(world: &World, begun: &Begun) -> Vec<Value> {
    let path = format!("/companies/{}/data/history?pageSize=1000", begun.company);
    let history = world.get(&path).await.ok();
    history["results"].as_array().unwrap().clone()
}

/// Lets a computer call until every pull has ended well.
async fn read_everything(world: &World, begun: &Begun, computer: &mut Computer<'_>) {
    let began = Instant::now();
    loop {
        a_quarter_of_an_hour_passes(world).await;
        let end = computer.update().await;
        assert!(matches!(end, End::Finished | End::Nothing), "{end:?}");
        let history = pulls_of(world, begun).await;
        let ended = |pull: &Value| pull["completed"].is_string();
        if !history.is_empty() && history.iter().all(ended) {
            for pull in &history {
                let status = pull["status"].as_str().unwrap();
                assert!(matches!(status, "Complete" | "NotSupported"), "{pull}");
            }
            break;
        }
        assert!(
            began.elapsed() < GOES_ON_WITHIN,
            "late: {:?}",
            began.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        world.status_of(&begun.company, &begun.connection).await,
        "Linked"
    );
}
