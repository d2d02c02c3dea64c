//! Live event streams: every event reaches them at once, from any node, and a resumed stream misses none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use platform::app::App;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use store::Tx;
use store::events::{self, NewEvent};
use store::model::{Actor, ClientId, CompanyId, EventType};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Node, World, story};

/// An open event stream of a company, read line by line.
struct Stream(BufReader<TcpStream>);

#[derive(Debug)]
struct StreamEvent {
    kind: String,
    id: i64,
    data: Value,
}

impl Stream {
    /// Opens a stream at the node that listens on `port`, and reads its `ready` event.
    async fn open(
        world: &World,
        port: u16,
        company: &str,
        last: Option<i64>,
    ) -> (Self, StreamEvent) {
        use base64::Engine;
        let key = base64::engine::general_purpose::STANDARD.encode(&world.key);
        let last = last.map_or(String::new(), |id| format!("last-event-id: {id}\r\n"));
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket
            .write_all(
                format!(
                    "GET /companies/{company}/connectionManagement/events HTTP/1.1\r\nhost: localhost:{port}\r\n\
                     authorization: Basic {key}\r\n{last}\r\n"
                )
                .as_bytes(),
            )
            .await
            .unwrap();
        let mut stream = Self(BufReader::new(socket));
        let ready = stream.next().await;
        assert_eq!(ready.kind, "ready");
        (stream, ready)
    }

    /// The next event; headers, chunk sizes and heartbeats are skipped.
    async fn next(&mut self) -> StreamEvent {
        let mut received = StreamEvent {
            kind: String::new(),
            id: 0,
            data: Value::Null,
        };
        let read = async {
            loop {
                let mut line = String::new();
                assert_ne!(
                    self.0.read_line(&mut line).await.unwrap(),
                    0,
                    "the stream ended"
                );
                match line.trim_end().split_once(": ") {
                    Some(("event", kind)) => received.kind = kind.to_owned(),
                    Some(("id", id)) => received.id = id.parse().unwrap(),
                    Some(("data", data)) => received.data = serde_json::from_str(data).unwrap(),
                    _ if line == "\n" && !received.kind.is_empty() => return,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), read)
            .await
            .expect("an event comes");
        received
    }
}

fn port_of(world: &World) -> u16 {
    world.platform.port().unwrap()
}

/// Creates a connection at the world's own node, and returns its id.
async fn create_connection(world: &World, company: &str) -> String {
    let connection = world.connection(company, "mqjo").await;
    connection["id"].as_str().unwrap().to_owned()
}

async fn rename(world: &World, company: &str, name: &str) {
    let path = format!("/companies/{company}");
    world
        .client(Method::PUT, &path, Some(json!({ "name": name })))
        .await
        .ok();
}

/// Number of database connections of all nodes that listen for news.
async fn count_listening(database: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where application_name = 'moorline listening' and datname = current_database()",
    )
    .fetch_one(database)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_one_node_reaches_streams_of_another_at_once_and_without_notify_too() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let mut database = PgConnection::connect(&world.app.config.database_url)
        .await
        .unwrap();
    let other = Node::on_database_of(&world).await;
    let database = tokio::sync::Mutex::new(&mut database);
    let both = async || {
        let mut database = database.lock().await;
        (count_listening(&mut database).await == 2).then_some(())
    };
    world.until("both nodes listen", both).await;

    let company = world.company("merchant-42").await;
    let (mut stream, _) = Stream::open(&world, other.port, &company, None).await;
    let began = Instant::now();
    for _ in 0..20 {
        let connection = create_connection(&world, &company).await;
        let received = stream.next().await;
        assert_eq!(received.data["connectionId"], connection);
        assert_eq!(received.data["type"], "connection.created");
        assert_eq!(received.data["status"], "PendingAuth");
    }
    // Looking once a second would have taken ten, on the average.
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");

    // Cut the nodes off from each other's news: the record itself is looked at, and the line comes back.
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'moorline listening' and datname = current_database()",
    )
    .execute(&mut **database.lock().await)
    .await
    .unwrap();
    let connection = create_connection(&world, &company).await;
    assert_eq!(stream.next().await.data["connectionId"], connection);
    world.until("both nodes listen again", both).await;

    other.stop().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_stream_gets_every_missed_event_from_any_node_it_resumes_at() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let other = Node::on_database_of(&world).await;
    let company = world.company("merchant-42").await;
    let (stream, ready) = Stream::open(&world, other.port, &company, None).await;
    drop(stream);
    // More than are read at once.
    for number in 0..130 {
        rename(&world, &company, &format!("merchant-{number}")).await;
    }
    let mut after = Vec::new();
    for port in [other.port, port_of(&world)] {
        let (mut stream, again) = Stream::open(&world, port, &company, Some(ready.id)).await;
        assert_eq!(again.id, ready.id);
        let mut last = ready.id;
        for number in 0..130 {
            let received = stream.next().await;
            assert_eq!(received.data["type"], "company.updated", "{number}");
            assert!(received.id > last);
            last = received.id;
        }
        // And what comes after follows.
        after.push(create_connection(&world, &company).await);
        for connection in &after {
            assert_eq!(stream.next().await.data["connectionId"], *connection);
        }
    }
    other.stop().await;
    world.end().await;
}

story!(
    a_node_that_is_stopped_before_it_listens_stops,
    |world| async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app = App::start(world.app.config.clone(), world.clock.clone())
            .await
            .unwrap();
        app.stop.send_replace(true);
        tokio::time::timeout(
            Duration::from_secs(30),
            moorline::cli::until_stopped(app, listener),
        )
        .await
        .expect("it stops")
        .unwrap();
    }
);

story!(
    a_resumed_stream_gets_missed_events_and_an_unknown_number_gets_only_new_ones,
    |world| async move {
        let company = world.company("merchant-42").await;
        let other = world.company("somebody else").await;
        let port = port_of(&world);
        let (mut stream, ready) = Stream::open(&world, port, &company, None).await;
        let first = create_connection(&world, &company).await;
        assert_eq!(stream.next().await.data["connectionId"], first);
        drop(stream);
        let second = create_connection(&world, &company).await;
        create_connection(&world, &other).await;
        let third = create_connection(&world, &company).await;
        let (mut stream, _) = Stream::open(&world, port, &company, Some(ready.id)).await;
        for expected in [first, second, third] {
            assert_eq!(stream.next().await.data["connectionId"], expected);
        }
        let (mut stream, ready) = Stream::open(&world, port, &company, Some(i64::MAX)).await;
        assert!(ready.id < i64::MAX);
        let fourth = create_connection(&world, &company).await;
        assert_eq!(stream.next().await.data["connectionId"], fourth);
    }
);

fn event(client: &str, company: &str, name: &str) -> NewEvent {
    NewEvent {
        uid: store::clock::random_id(),
        client_id: ClientId(client.parse().unwrap()),
        company_id: Some(CompanyId(company.parse().unwrap())),
        connection_id: None,
        data_type: None,
        kind: EventType::CompanyUpdated,
        occurred: crate::harness::beginning(),
        actor: Actor::Moorline,
        reason: Some(name.to_owned()),
        from_status: None,
        to_status: None,
        payload: "{}".into(),
    }
}

/// The client of the world, read from its events.
async fn client_of(world: &World, company: &str) -> String {
    use sqlx::Row;
    let mut database = PgConnection::connect(&world.app.config.database_url)
        .await
        .unwrap();
    let id: uuid::Uuid = company.parse().unwrap();
    let row = sqlx::query("select client_id from company where id = $1")
        .bind(id)
        .fetch_one(&mut database)
        .await
        .unwrap();
    row.get::<uuid::Uuid, _>(0).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_commit_out_of_order_hide_no_event_from_a_stream() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let (mine, others) = (
        world.company("merchant-42").await,
        world.company("merchant-43").await,
    );
    let client = client_of(&world, &mine).await;
    let port = port_of(&world);
    let (mut stream, ready) = Stream::open(&world, port, &mine, None).await;
    let (mut other_stream, _) = Stream::open(&world, port, &others, None).await;

    // The first has its number and takes its time; the second would be done at once.
    let mut slow: Tx = world.app.db.write().await.unwrap();
    events::insert(&mut slow, &event(&client, &mine, "slow"))
        .await
        .unwrap();
    let (app, fast_event) = (Arc::clone(&world.app), event(&client, &mine, "fast"));
    let company = fast_event.company_id.unwrap();
    let fast = tokio::spawn(async move {
        let mut tx = app.db.write().await.unwrap();
        events::insert(&mut tx, &fast_event).await.unwrap();
        tx.commit().await.unwrap();
        app.live.wake(company);
    });
    // It may commit only if it overtakes no other: either it waits for its turn, or it has overtaken.
    let database = tokio::sync::Mutex::new(
        PgConnection::connect(&world.app.config.database_url)
            .await
            .unwrap(),
    );
    world
        .until("the second waits or has gone past", || async {
            let waiting: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
            )
            .fetch_one(&mut *database.lock().await)
            .await
            .unwrap();
            (waiting > 0 || fast.is_finished()).then_some(())
        })
        .await;

    // Another company's writer has a higher number, and overtakes: that delays no stream.
    let mut tx = world.app.db.write().await.unwrap();
    events::insert(&mut tx, &event(&client, &others, "another"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.app.live.wake(CompanyId(others.parse().unwrap()));
    let overtaking = other_stream.next().await;

    slow.commit().await.unwrap();
    world.app.live.wake(CompanyId(mine.parse().unwrap()));
    fast.await.unwrap();
    let (first, second) = (stream.next().await, stream.next().await);
    assert!(ready.id < first.id && first.id < overtaking.id && overtaking.id != second.id);
    assert!(first.id < second.id);

    // Whoever was cut anywhere between them gets the rest.
    let (mut again, _) = Stream::open(&world, port, &mine, Some(first.id)).await;
    assert_eq!(again.next().await.id, second.id);
    world.end().await;
}
