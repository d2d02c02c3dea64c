//! The Link component's side of a journey: what a company's token begins, and where a journey of its ends.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use super::hosted_pages::{overview_url, password, set_profile};
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
        assert_eq!(preflight().await.as_deref(), Some("GET, POST, PUT, PATCH"));
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

story!(
    a_clients_settings_of_link_stand_in_the_component_and_on_the_hosted_pages,
    |world| async move {
        set_profile(&world, json!({})).await;
        let company = world.company("merchant-42").await;
        allow(&world, &[PAGE]).await;
        let page = Page::of(&world, &company).await;
        assert_eq!(page.view().await["settings"], json!({ "text": {} }));
        assert_eq!(world.get("/profile/link").await.ok(), json!({}));

        let given = json!({
            "text": {
                "companyName": "Harbour",
                "main.title": { "en": "Connect to **{companyName}**", "de": "Mit {companyName} verbinden" },
                "main.subtitle": "See [how](https://lender.example/how)",
                "accounting.consents.title": "{platformName} for {companyName}",
                "accounting.consents.nextButton": "I agree",
                "accounting.consents.termsAndConditions": "Under our *terms* <script>x</script>",
                "exit.title": "Really?",
                "landing.title": { "pt": "Olá", "fr-CA": "Bonjour" },
            },
            "heroImage": "https://pictures.lender.example/hero.jpg",
            "showLandingPage": true,
            "sourceTypes": {
                "accounting": { "optional": false, "enableIntegrations": true, "allowedIntegrations": ["mqjo"] },
                "banking": { "optional": true, "enableIntegrations": false },
            },
        });
        let set = world
            .client(Method::PUT, "/profile/link", Some(given.clone()))
            .await
            .ok();
        assert_eq!(
            set["text"]["main.subtitle"]["en"],
            given["text"]["main.subtitle"]
        );
        assert_eq!(world.get("/profile/link").await.ok(), set);

        // The component has each text in one language, and the rest as it was given.
        let settings = page.view().await["settings"].clone();
        assert_eq!(settings["text"]["exit.title"], "Really?");
        assert_eq!(
            settings["text"]["main.title"],
            "Connect to **{companyName}**"
        );
        assert_eq!(settings["heroImage"], given["heroImage"]);
        assert_eq!(settings["showLandingPage"], true);
        assert_eq!(settings["sourceTypes"], given["sourceTypes"]);
        let headers = [
            ("authorization", page.token.as_str()),
            ("origin", PAGE),
            ("accept-language", "de"),
        ];
        let path = format!("/companies/{company}/link/view");
        let german = world.send(Method::GET, &path, &headers, vec![]).await.ok();
        assert_eq!(
            german["settings"]["text"]["main.title"],
            "Mit {companyName} verbinden"
        );

        // The hosted pages show the same, and offer the same.
        let url = overview_url(&world, &company).await;
        let mut customer = world.customer();
        let answer = customer.open(url.as_str()).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("img-src 'self' https://pictures.lender.example;"),
            "{policy}"
        );
        let overview = answer.text();
        let hero = "<img class=\"hero\" src=\"https://pictures.lender.example/hero.jpg\" alt=\"\">";
        assert!(overview.contains(hero), "{overview}");
        assert!(
            overview.contains("<h1>Connect to Harbour</h1>"),
            "{overview}"
        );
        assert!(overview.contains("href=\"https://lender.example/how\""));
        assert!(overview.contains("value=\"mqjo\""));
        for left_out in ["value=\"qhnd\"", "value=\"aiwb\""] {
            assert!(!overview.contains(left_out), "{left_out}");
        }
        let connect = format!("{}/connect", url.path());
        let otp = url.query_pairs().next().unwrap().1.into_owned();
        let refused = customer
            .submit(&connect, &[("link.otp", &otp), ("platformKey", "qhnd")])
            .await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let connection = world.connection(&company, "mqjo").await;
        let link = connection["linkUrl"].as_str().unwrap();
        let start = customer.open(link).await.text();
        let heading = format!(
            "<h1>{} for Harbour</h1>",
            connection["platformName"].as_str().unwrap()
        );
        assert!(start.contains(&heading), "{start}");
        assert!(start.contains("type=\"submit\">I agree</button>"));
        assert!(
            start.contains("<p>Under our <em>terms</em> x</p>"),
            "{start}"
        );
        let german = customer.open(&format!("{url}&locale=de")).await.text();
        assert!(
            german.contains("<h1>Mit Harbour verbinden</h1>"),
            "{german}"
        );

        // What is wrong is told, and nothing changes.
        for (wrong, reason) in [
            (
                json!({ "text": { "main.titel": "x" } }),
                "there is no text 'main.titel'",
            ),
            (
                json!({ "text": { "accounting.consents.headers.purpose": "x".repeat(51) } }),
                "at most 50",
            ),
            (
                json!({ "text": { "main.title": { "deutsch!": "x" } } }),
                "not a language tag",
            ),
            (
                json!({ "sourceTypes": { "banking": { "optional": true, "enableIntegrations": true, "allowedIntegrations": ["mqjo"] } } }),
                "there is no such platform 'mqjo'",
            ),
            (json!({ "sourceTypes": { "files": {} } }), "files"),
            (
                json!({ "text": { "main.title": { "xx": "y", "pt-BR": "z" } } }),
                "in a language that Link has, too: en, de, fr, es, nl, ar",
            ),
            (json!({ "heroImage": "hero.jpg" }), "heroImage must be"),
            (
                json!({ "heroImage": "javascript:alert(1)" }),
                "heroImage must be",
            ),
        ] {
            let answer = world
                .client(Method::PUT, "/profile/link", Some(wrong))
                .await;
            let text = answer.refused(400);
            assert!(text.contains(reason), "{text}");
        }
        assert_eq!(world.get("/profile/link").await.ok(), set);

        // Another of the client's settings stays apart from them.
        let told = json!({ "purpose": "To decide on your loan." });
        world
            .client(Method::PUT, "/profile/disclosure", Some(told))
            .await
            .ok();
        assert_eq!(world.get("/profile/link").await.ok(), set);
        world
            .client(Method::PUT, "/profile/link", Some(json!({})))
            .await
            .ok();
        let told = world.get("/profile/disclosure").await.ok();
        assert_eq!(told["purpose"]["en"], "To decide on your loan.");
        assert_eq!(page.view().await["settings"], json!({ "text": {} }));
    }
);

async fn settings(world: &World, settings: Value) {
    world
        .client(Method::PUT, "/profile/link", Some(settings))
        .await
        .ok();
}

story!(
    a_platform_that_is_missed_in_link_reaches_the_client_once,
    |world| async move {
        let company = world.company("merchant-42").await;
        allow(&world, &[PAGE]).await;
        let page = Page::of(&world, &company).await;
        let miss = async |name: &str| {
            let body = json!({ "platformName": name });
            page.send(Method::POST, "/requestedPlatforms", Some(body))
                .await
        };
        let first = miss("  Abacus\n Books 4 ").await;
        assert_eq!(first.status, 201, "{}", first.text());
        let told =
            json!({ "platformName": "Abacus Books 4", "requestedDate": "2026-06-15T09:30:00Z" });
        assert_eq!(first.json(), told);
        // A second click, or the same answer on another day, is no news.
        world.pass(TimeDelta::hours(15));
        let again = miss("abacus BOOKS 4").await.json();
        assert_eq!(again["requestedDate"], told["requestedDate"]);
        assert_eq!(miss("Counting House").await.status, 201);
        let path = format!("/companies/{company}/requestedPlatforms");
        let listed = world.get(&path).await.ok();
        let names: Vec<&str> = listed["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|each| each["platformName"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Counting House", "Abacus Books 4"]);
        let (from, to) = ("2026-06-15", "2026-06-16");
        let funnel = world
            .get(&format!("/linkFunnel?from={from}&to={to}"))
            .await
            .ok();
        assert_eq!(funnel["total"]["losses"], json!({ "notListed": 2 }));

        for nothing in ["", " \n\u{7}"] {
            let text = miss(nothing).await.refused(400);
            assert!(text.contains("platformName is empty"), "{text}");
        }
        page.send(Method::POST, "/requestedPlatforms", Some(json!({})))
            .await
            .refused(400);
        // What others of the company have missed is the client's to read.
        page.send(Method::GET, "/requestedPlatforms", None)
            .await
            .refused(403);
        // On a page of the client's own, its software asks.
        let body = json!({ "platformName": "Tally Works" });
        let asked = world.post(&path, body).await;
        assert_eq!(asked.status, 201, "{}", asked.text());
    }
);

const SECRET: &str = "b1f6c1e0-6a53-4a5e-9d1d-2f2f4f0f9a55";

story!(
    a_one_time_link_opens_link_without_a_token_where_the_client_wants_it,
    |world| async move {
        let company = world.company("merchant-42").await;
        let other = world.company("merchant-43").await;
        allow(&world, &[PAGE]).await;
        let link = async |company: &str| overview_url(&world, company).await.to_string();
        let enter = async |link: &str, secret: &str, origin: &str| {
            let headers = [("content-type", "application/json"), ("origin", origin)];
            let body = json!({ "link": link, "session": secret });
            let body = body.to_string().into_bytes();
            let path = format!("/companies/{company}/link/session");
            world.send(Method::POST, &path, &headers, body).await
        };
        let first = link(&company).await;
        let text = enter(&first, SECRET, PAGE).await.refused(403);
        assert!(text.contains("requireAccessToken"), "{text}");

        settings(&world, json!({ "requireAccessToken": false })).await;
        let text = enter(&first, SECRET, "https://elsewhere.example")
            .await
            .refused(403);
        assert!(text.contains("is not registered"), "{text}");
        enter(&first, "123456", PAGE).await.refused(400);
        for wrong in [
            link(&other).await,
            format!("https://moorline.test/company/{company}"),
            format!("https://moorline.test/company/{company}?link.otp=123456"),
            "not an address".to_owned(),
        ] {
            enter(&wrong, SECRET, PAGE).await.refused(410);
        }
        let token = enter(&first, SECRET, PAGE).await.ok();
        assert_eq!(token["tokenType"], "Bearer");
        let page = Page {
            world: &world,
            company: company.clone(),
            token: format!("Bearer {}", token["accessToken"].as_str().unwrap()),
        };
        assert_eq!(page.view().await["companyName"], "merchant-42");
        page.begin("mqjo").await.ok();

        // The page is loaded anew; who found the link in its address gets nothing by it, here or on the hosted pages.
        enter(&first, SECRET, PAGE).await.ok();
        let another = SECRET.replace('b', "c");
        enter(&first, &another, PAGE).await.refused(410);
        assert_eq!(world.customer().open(&first).await.status, 410);
        // Nor does a link that a hosted page has used, or one of yesterday.
        let (used, old) = (link(&company).await, link(&company).await);
        let form = [
            ("link.otp", &*password(&used.parse().unwrap())),
            ("platformKey", "aiwb"),
        ];
        let connect = format!("/company/{company}/connect");
        let mut customer = world.customer();
        assert_eq!(customer.submit(&connect, &form).await.status, 303);
        enter(&used, SECRET, PAGE).await.refused(410);
        world.pass(TimeDelta::hours(25));
        enter(&old, SECRET, PAGE).await.refused(410);
        enter(&first, SECRET, PAGE).await.refused(410);

        settings(&world, json!({})).await;
        let fresh = link(&company).await;
        enter(&fresh, SECRET, PAGE).await.refused(403);
    }
);
