//! Requests a second over HTTP, beside the floors.

use std::time::Duration;

use anyhow::Result;
use uuid::Uuid;

use crate::database::Database;
use crate::load::{Requests, Window, drive, median};
use crate::process::Server;
use crate::report::{Figure, MADE};
use crate::{CLIENTS, LENGTH, Measure, NAMED_PAGE, RUNS, TAGGED_PAGE, World};

impl Measure {
    /// Requests a second and processor time for each, beside the floors.
    pub(crate) async fn throughput(&self, world: &World) -> Result<Vec<Figure>> {
        let ids: Vec<Uuid> = world
            .some
            .iter()
            .map(|(_, connection)| *connection)
            .collect();
        let database = Database::open(&world.config.database_url).await?;
        let alone = database.rows_per_second(&ids).await?;
        database.close().await;
        let paths = |path: &dyn Fn(&(Uuid, Uuid)) -> String| -> Vec<String> {
            world.some.iter().map(path).collect()
        };
        let floor = self.floor(world).await?;
        let platform = self.serve(world).await?;
        let to = |server: &Server, paths: &[String]| {
            Requests::to(server.address, &world.authorization, paths)
        };
        let json = to(&floor, &["/json".into()]);
        let floor_one = to(
            &floor,
            &paths(&|(_, connection)| format!("/connections/{connection}")),
        );
        let floor_page = to(&floor, &[format!("/companies/{}", world.client)]);
        let one = to(
            &platform,
            &paths(&|(company, connection)| {
                format!("/companies/{company}/connections/{connection}")
            }),
        );
        let page = to(&platform, &["/companies?page=1&pageSize=100".into()]);
        let tagged = to(&platform, &[TAGGED_PAGE.into()]);
        let named = to(&platform, &[NAMED_PAGE.into()]);
        // In turns, so that other work of the machine falls on all of them.
        let mut windows: [Vec<Measured>; 7] = Default::default();
        for _ in 0..RUNS {
            for (place, (server, requests)) in [
                (&floor, &json),
                (&floor, &floor_one),
                (&platform, &one),
                (&floor, &floor_page),
                (&platform, &page),
                (&platform, &tagged),
                (&platform, &named),
            ]
            .into_iter()
            .enumerate()
            {
                windows[place].push(measured(server, requests, CLIENTS).await?);
            }
        }
        let [json, floor_one, one, floor_page, page, tagged, named] =
            windows.map(|windows| median(windows, |window| window.window.per_second));
        let mut made: Vec<Measured> = Vec::new();
        let body = r#"{"name":"Marlowe Bakery"}"#;
        let make = Requests::posting(platform.address, &world.authorization, "/companies", body);
        for _ in 0..RUNS {
            made.push(measured(&platform, &make, CLIENTS).await?);
        }
        let made = median(made, |window| window.window.per_second);
        let figure = |name: &str, of: Measured| {
            vec![
                Figure::plain(format!("{name}: requests"), of.window.per_second, "/s"),
                Figure::plain(
                    format!("{name}: processor time each"),
                    of.processor * 1e6,
                    " µs",
                ),
            ]
        };
        let mut figures = vec![Figure::plain(
            "the database alone, one row by its key",
            alone,
            "/s",
        )];
        figures.extend(figure("floor: a JSON route", json));
        figures.extend(figure("floor: one row by its key", floor_one));
        figures.extend(figure("GET one connection", one));
        figures.push(Figure::at_least(
            "GET one connection, of its floor",
            one.window.per_second / floor_one.window.per_second,
            0.6,
            " ×",
        ));
        figures.extend(figure("floor: a page of 100", floor_page));
        figures.extend(figure("GET a page of 100 companies", page));
        figures.push(Figure::at_least(
            "GET a page of 100 companies, of its floor",
            page.window.per_second / floor_page.window.per_second,
            0.5,
            " ×",
        ));
        figures.extend(figure("GET a tag's page of 100", tagged));
        figures.extend(figure("GET a search by a part of a name", named));
        figures.extend([
            Figure::at_least(MADE, made.window.per_second, 3_000.0, "/s"),
            Figure::at_most(
                format!("{MADE}: p99"),
                made.window.p99.as_secs_f64() * 1e3,
                30.0,
                " ms",
            ),
        ]);
        Ok(figures)
    }
}

#[derive(Clone, Copy)]
struct Measured {
    window: Window,
    /// Seconds of the server's processor time for each request.
    processor: f64,
}

async fn measured(server: &Server, requests: &Requests, clients: usize) -> Result<Measured> {
    drive(requests, clients, Duration::from_millis(200)).await?;
    let before = server.processor_time()?;
    let window = drive(requests, clients, LENGTH).await?;
    let spent = server.processor_time()?.saturating_sub(before);
    Ok(Measured {
        window,
        processor: spent.as_secs_f64() / window.requests as f64,
    })
}
