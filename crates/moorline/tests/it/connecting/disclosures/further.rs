//! Consent to a further purpose: asked once for each connection and wording, on record with its words, and over with the connection.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World, story};

const BUSINESS: &str = "lindqvist-snickeri";
const GIVEN: &str = "connection.additionalConsent.given";
const REFUSED: &str = "connection.additionalConsent.refused";

/// The company's own people in Link, who read German.
struct People<'a> {
    world: &'a World,
    company: String,
    connection: String,
    token: String,
}

impl<'a> People<'a> {
    async fn of(world: &'a World, kind: &str) -> Self {
        let (company, connection) = world.linked("mqjo", BUSINESS).await;
        let token = world.get(&format!("/companies/{company}/{kind}")).await;
        Self {
            world,
            token: format!("Bearer {}", token.ok()["accessToken"].as_str().unwrap()),
            company,
            connection,
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let headers = [
            ("authorization", self.token.as_str()),
            ("content-type", "application/json"),
            ("accept-language", "de-DE, en;q=0.5"),
        ];
        let path = format!("/companies/{}{path}", self.company);
        let body = body.map(|body| body.to_string().into_bytes());
        self.world
            .send(method, &path, &headers, body.unwrap_or_default())
            .await
    }

    /// The part of Link's view that says what is to be asked.
    async fn further(&self) -> Value {
        let view = self.send(Method::GET, "/link/view", None).await.ok();
        let mut all = view["connections"].as_array().unwrap().iter();
        let own = all.find(|one| one["id"] == json!(self.connection));
        own.unwrap()["additionalConsent"].clone()
    }

    async fn answer(&self, body: Value) -> Answer {
        let path = format!("/connections/{}/additionalConsents", self.connection);
        self.send(Method::POST, &path, Some(body)).await
    }

    fn path(&self) -> String {
        format!(
            "/companies/{}/connections/{}",
            self.company, self.connection
        )
    }

    /// The answers, as the client's own software reads them.
    async fn answers(&self) -> Vec<Value> {
        let path = format!("{}/additionalConsents", self.path());
        self.world.get(&path).await.ok().as_array().unwrap().clone()
    }

    async fn consents(&self) -> Value {
        let path = format!("/companies/{}/consents", self.company);
        self.world.get(&path).await.ok()["results"].clone()
    }
}

async fn wording(world: &World, subtitle: Value) {
    let settings = json!({
        "enableAdditionalConsent": true,
        "text": {
            "accounting.additionalConsents.title": { "en": "Your books, for your loan too", "de": "Ihre Bücher auch für Ihren Kredit" },
            "accounting.additionalConsents.subtitle": subtitle,
            "accounting.additionalConsents.termsAndConditions": "See our [terms](https://acme.example/terms).",
        },
    });
    let put = world.client(Method::PUT, "/profile/link", Some(settings));
    put.await.ok();
}

fn purpose() -> Value {
    json!({
        "en": "{companyName} asks to use what you share from {platformName} to decide on a loan.",
        "de": "{companyName} bittet darum, Ihre Daten von {platformName} für eine Kreditentscheidung zu nutzen.",
    })
}

story!(
    a_further_purpose_is_asked_once_in_each_wording_and_stands_on_record_with_its_words,
    |world| async move {
        let people = People::of(&world, "accessToken").await;
        assert_eq!(
            people.further().await,
            Value::Null,
            "nothing is asked without words"
        );
        wording(&world, purpose()).await;
        let asked = people.further().await["asked"].clone();
        let german = "Harbour Lending bittet darum, Ihre Daten von Sandbox für eine Kreditentscheidung zu nutzen.";
        assert_eq!(asked["subtitle"], german);
        assert_eq!(asked["language"], "de");
        // Nothing is agreed to before.
        assert!(people.answers().await.is_empty());
        let view = people.send(Method::GET, "/connectionManagement/view", None);
        let view = view.await.ok();
        assert_eq!(view["connections"][0]["additionalConsents"], json!([]));

        let version = asked["version"].as_str().unwrap();
        let yes = json!({ "answer": "given", "version": version });
        let kept = people.answer(yes.clone()).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        let kept = kept.json();
        assert_eq!(kept["state"], "given");
        assert_eq!(kept["subtitle"], german);
        // A second click gives the same; another answer to the same words isn't taken.
        assert_eq!(people.answer(yes).await.json(), kept);
        let no = json!({ "answer": "refused", "version": version });
        people.answer(no).await.refused(409);
        assert_eq!(json!(people.answers().await), json!([kept]));
        assert!(
            people.further().await.get("asked").is_none(),
            "it is asked once"
        );
        assert_eq!(world.event_payloads(&people.company, GIVEN).await.len(), 1);
        let told = world.event_payloads(&people.company, GIVEN).await;
        assert_eq!(told[0]["additionalConsent"]["subtitle"], german);

        // The customer sees it, the client reads it with the consent, and the receipt has it as a purpose.
        let view = people.send(Method::GET, "/connectionManagement/view", None);
        let given = view.await.ok()["connections"][0]["additionalConsents"].clone();
        assert_eq!(given[0]["subtitle"], german);
        let consent = people.consents().await[0].clone();
        assert_eq!(consent["additionalConsents"], json!([kept]));
        let entry = &consent["entries"][1];
        assert_eq!(entry["kind"], "consent.additionalGiven");
        assert_eq!(entry["actor"], "customer");
        assert_eq!(entry["details"]["wording"]["subtitle"], german);
        assert_eq!(
            entry["details"]["askedBy"],
            "Link, in the words of the client's settings"
        );
        assert_eq!(
            consent["collectionMethod"], "hosted page",
            "of the consent itself"
        );
        let path = format!(
            "/companies/{}/consents/{}/receipt",
            people.company,
            consent["id"].as_str().unwrap()
        );
        let receipt = world.get(&path).await.ok()["receipt"].clone();
        let purposes = receipt["services"][0]["purposes"].as_array().unwrap();
        assert_eq!(purposes.len(), 2, "{purposes:?}");
        assert!(purposes[1]["purpose"].as_str().unwrap().ends_with(german));
        let page = world
            .customer()
            .open(consent["receiptUrl"].as_str().unwrap())
            .await;
        assert!(page.text().contains(german), "{}", page.text());
        let client = world.first_client().await;
        let report = platform::consents::verify::verify(&world.app, client, None);
        assert!(report.await.unwrap().faults.is_empty());

        // In other words it is asked again, and refused.
        wording(&world, json!("Another purpose.")).await;
        people
            .answer(json!({ "answer": "given", "version": version }))
            .await
            .refused(409);
        let asked = people.further().await["asked"].clone();
        let no = json!({ "answer": "refused", "version": asked["version"] });
        assert_eq!(people.answer(no).await.status, 201);
        assert_eq!(
            world.event_payloads(&people.company, REFUSED).await.len(),
            1
        );
        let states = |all: &[Value]| -> Vec<String> {
            let states = all.iter().map(|one| one["state"].as_str().unwrap());
            states.map(str::to_owned).collect()
        };
        assert_eq!(states(&people.answers().await), ["given", "refused"]);
        assert!(people.further().await.get("asked").is_none());

        // It goes with the connection, and is asked anew once that is connected again.
        world.disconnect(&people.path()).await;
        assert_eq!(states(&people.answers().await), ["revoked", "refused"]);
        let yes = json!({ "answer": "given", "version": asked["version"] });
        people.answer(yes).await.refused(409);
        assert_eq!(people.further().await, Value::Null);
        let link = world.get(&people.path()).await.ok()["linkUrl"].clone();
        let mut customer = world.customer();
        customer.link(link.as_str().unwrap(), BUSINESS).await;
        assert!(people.further().await["asked"].is_object());
        assert_eq!(states(&people.answers().await), ["revoked", "refused"]);
    }
);

story!(
    words_of_a_page_are_kept_as_the_page_showed_them,
    |world| async move {
        let people = People::of(&world, "accessToken").await;
        let shown = json!({ "title": "Use it for **forecasts**", "subtitle": "Acme asks to.", "language": "en" });
        let with = |more: Value| {
            let mut body = shown.clone();
            body.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            body
        };
        people.answer(shown.clone()).await.refused(400);
        for wrong in [
            json!({ "answer": "perhaps" }),
            json!({ "answer": "given", "title": "", "subtitle": " " }),
            json!({ "answer": "given", "language": "not a tag" }),
            json!({ "answer": "given", "title": "x".repeat(2001) }),
            json!({ "answer": "given", "title": "a\u{7}b" }),
        ] {
            people.answer(with(wrong)).await.refused(400);
        }
        let kept = people.answer(with(json!({ "answer": "refused" }))).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        assert_eq!(kept.json()["state"], "refused");
        let answered = people.further().await["answered"].clone();
        assert_eq!(
            answered,
            json!([{ "title": shown["title"], "subtitle": shown["subtitle"] }])
        );
        let consent = people.consents().await[0].clone();
        let entry = &consent["entries"][1];
        assert_eq!(entry["kind"], "consent.additionalRefused");
        assert_eq!(
            entry["details"]["askedBy"],
            "Link, in the words of the page that mounts it"
        );

        // A client that asks on a page of its own says so itself, and the record says that.
        let path = format!("{}/additionalConsents", people.path());
        let told = json!({ "answer": "given", "subtitle": "For a loan." });
        assert_eq!(world.post(&path, told).await.status, 201);
        let consent = people.consents().await[0].clone();
        let entry = &consent["entries"][2];
        assert_eq!(entry["actor"], "client");
        assert_eq!(
            entry["details"]["askedBy"],
            "told by the client; this installation showed no page"
        );

        // What is connected by the owner's own door, too.
        let other = People::of(&world, "connectionManagement/accessToken").await;
        other
            .answer(with(json!({ "answer": "given" })))
            .await
            .refused(403);
        assert!(other.answers().await.is_empty());
    }
);
