//! The Link component's side of a journey: what a company's token begins, and where a journey of its ends.

use http::Method;
use serde_json::{Value, json};

use super::hosted_pages::set_profile;
use crate::harness::{Answer, World, story};

const PAGE: &str = "https://lender.example";

/// A company's own people, in a page of the client's: with a token, from an origin.
struct Page<'a> {
    world: &'a World,
    company: String,
    token: String,
}

impl<'a> Page<'a> {
    async fn of(world: &'a World, company: &str) -> Self {
        let path = format!("/companies/{company}/accessToken");
        let token = world.get(&path).await.ok();
        Self {
            world,
            company: company.to_owned(),
            token: format!("Bearer {}", token["accessToken"].as_str().unwrap()),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let headers = [
            ("authorization", self.token.as_str()),
            ("content-type", "application/json"),
            ("origin", PAGE),
        ];
        let body = body.map(|body| body.to_string().into_bytes());
        let path = format!("/companies/{}{path}", self.company);
        let body = body.unwrap_or_default();
        self.world.send(method, &path, &headers, body).await
    }

    async fn begin(&self, key: &str) -> Answer {
        let body = json!({ "platformKey": key });
        self.send(Method::POST, "/connections", Some(body)).await
    }

    async fn view(&self) -> Value {
        self.send(Method::GET, "/link/view", None).await.ok()
    }
}

async fn allow(world: &World, origins: &[&str]) {
    let body = json!({ "allowedOrigins": origins });
    world.post("/corsSettings", body).await.ok();
}

story!(
    a_companys_token_begins_one_connection_to_a_platform_and_goes_on_with_it,
    |world| async move {
        let company = world.company("merchant-42").await;
        allow(&world, &[PAGE]).await;
        let page = Page::of(&world, &company).await;
        let view = page.view().await;
        assert_eq!(view["companyName"], "merchant-42");
        assert_eq!(view["connections"], json!([]));
        let offered = view["platforms"].as_array().unwrap();
        let sandbox = offered.iter().find(|each| each["key"] == "mqjo").unwrap();
        assert_eq!(sandbox["isSandbox"], true);
        assert!(
            sandbox["buttonUrl"]
                .as_str()
                .unwrap()
                .ends_with("/assets/integrations/mqjo/button-default")
        );
        // Xero is known, and neither enabled nor set up here.
        assert!(offered.iter().all(|each| each["key"] != "gbol"));
        page.begin("gbol").await.refused(404);

        let first = page.begin("mqjo").await.ok();
        assert_eq!(first["status"], "PendingAuth");
        let again = page.begin("mqjo").await.ok();
        assert_eq!(again["id"], first["id"], "what was begun is gone on with");
        let other = page.begin("aiwb").await.ok();
        assert_ne!(other["id"], first["id"]);
        let connections = page.view().await["connections"].clone();
        assert_eq!(connections.as_array().unwrap().len(), 2);
        let path = format!("/connections/{}/disclosure", first["id"].as_str().unwrap());
        let told = page.send(Method::GET, &path, None).await.ok();
        assert_eq!(told["target"]["platformKey"], "mqjo");
        let path = format!("/connections/{}/timeline", first["id"].as_str().unwrap());
        let timeline = page.send(Method::GET, &path, None).await.ok();
        assert_eq!(timeline["results"][0]["actor"], "customer");
        // The client's own software makes as many as it likes.
        let third = world.connection(&company, "mqjo").await;
        assert_ne!(third["id"], first["id"]);
    }
);

story!(
    only_pages_of_registered_origins_connect_anything,
    |world| async move {
        let company = world.company("merchant-42").await;
        let page = Page::of(&world, &company).await;
        page.begin("mqjo").await.refused(403);
        page.send(Method::GET, "/link/view", None)
            .await
            .refused(403);
        let preflight = async || {
            let headers = [("origin", PAGE), ("access-control-request-method", "POST")];
            let path = format!("/companies/{company}/connections");
            let answer = world.send(Method::OPTIONS, &path, &headers, vec![]).await;
            let methods = answer.header("access-control-allow-methods");
            methods.map(str::to_owned)
        };
        assert_eq!(preflight().await, None);
        allow(&world, &[PAGE]).await;
        assert_eq!(preflight().await.as_deref(), Some("GET, POST, PATCH"));
        let answer = page.begin("mqjo").await;
        answer.ok();
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    }
);

story!(
    a_second_accounting_platform_is_refused_to_a_companys_token_too,
    |world| async move {
        let (company, _) = world.linked("mqjo", "lindqvist-snickeri").await;
        allow(&world, &[PAGE]).await;
        let page = Page::of(&world, &company).await;
        let text = page.begin("mqjo").await.refused(409);
        assert!(text.contains("already connected"), "{text}");
    }
);

story!(
    a_journey_that_a_component_began_ends_with_our_own_words_in_its_window,
    |world| async move {
        set_profile(
            &world,
            json!({ "redirectUrl": "https://lender.example/back?s={statusCode}" }),
        )
        .await;
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "mqjo").await;
        let link = connection["linkUrl"].as_str().unwrap();

        let mut customer = world.customer();
        let embedded = format!("{link}&link.embedded=true");
        // What was read in the component is folded away here, if it is what holds now.
        let path = format!(
            "/companies/{company}/connections/{}/disclosure",
            connection["id"].as_str().unwrap()
        );
        let told = world.get(&path).await.ok();
        let version = told["version"].as_str().unwrap();
        for (read, folded) in [(version, true), ("0", false)] {
            let page = customer
                .open(&format!("{embedded}&link.disclosure={read}"))
                .await;
            let text = page.text();
            assert_eq!(
                text.contains("Read again what Harbour Lending asks for"),
                folded
            );
            assert!(text.contains(told["purpose"]["text"].as_str().unwrap()));
        }
        let at_platform = customer.set_out(&embedded).await;
        let callback = customer
            .consent(&at_platform, json!({ "decision": "deny" }))
            .await;
        let end = customer.open(&callback).await;
        let end = end.header("location").unwrap().to_owned();
        assert!(end.contains("/result?status=403"), "{end}");
        let text = customer.open(&end).await.text();
        assert!(text.contains("You cancelled"), "{text}");
        assert!(text.contains("Close this window to go on at Harbour Lending."));
        assert!(
            !text.contains("Try again"),
            "the way on is in the component"
        );

        // Without it, the customer goes back to the client, as ever.
        let link = world
            .get(&format!(
                "/companies/{company}/connections/{}",
                connection["id"].as_str().unwrap()
            ))
            .await
            .ok();
        let mut customer = world.customer();
        let answer = customer
            .link(link["linkUrl"].as_str().unwrap(), "lindqvist-snickeri")
            .await;
        assert_eq!(
            answer.header("location"),
            Some("https://lender.example/back?s=200")
        );
    }
);
