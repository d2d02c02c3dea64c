//! The hosted pages on the way to a platform and back, as a browser sees them.

use chrono::TimeDelta;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::harness::{Answer, Customer, World, story};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A new company, its connection, and that one's link URL.
pub(super) async fn new_link(world: &World, key: &str) -> (String, String, Url) {
    let company = world.company("merchant-42").await;
    let connection = world.connection(&company, key).await;
    let url = connection["linkUrl"].as_str().unwrap().parse().unwrap();
    (company, connection["id"].as_str().unwrap().to_owned(), url)
}

pub(super) async fn overview_url(world: &World, company: &str) -> Url {
    let company = world.get(&format!("/companies/{company}")).await.ok();
    company["redirect"].as_str().unwrap().parse().unwrap()
}

pub(super) fn password(link: &Url) -> String {
    let (_, value) = link
        .query_pairs()
        .find(|(name, _)| name.ends_with("otp"))
        .unwrap();
    value.into_owned()
}

pub(super) async fn set_profile(world: &World, more: Value) {
    let mut profile = json!({ "name": "Harbour Lending", "redirectUrl": "" });
    profile
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world
        .client(Method::PUT, "/profile", Some(profile))
        .await
        .ok();
}

/// The page's text without the error reference, which differs each time.
fn without_reference(page: &Answer) -> String {
    let text = page.text();
    match text.split_once("<code>") {
        Some((before, after)) => format!("{before}{}", after.split_once("</code>").unwrap().1),
        None => text,
    }
}

/// Asserts the headers of every hosted page, and that it has nothing that a policy without scripts would block.
#[track_caller]
fn is_a_safe_page(page: &Answer) {
    let policy = page.header("content-security-policy").expect("a policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action '",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        page.text().starts_with("<!doctype html>")
            && page.text().contains("<html lang=\"en\" dir=\"ltr\">")
    );
    for bad in ["<script", " style=\"", " onclick", "javascript:"] {
        assert!(!page.text().contains(bad), "{bad} in {}", page.text());
    }
    is_private(page);
}

#[track_caller]
fn is_private(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

/// Declines the consent at the platform, and returns the answer to the callback.
async fn decline_consent(customer: &mut Customer<'_>, link: &Url) -> Answer {
    let authorization = customer.set_out(link.as_str()).await;
    let callback = customer
        .consent(&authorization, json!({ "decision": "deny" }))
        .await;
    customer.open(&callback).await
}

story!(
    a_link_survives_previews_and_is_spent_once_by_a_hundred_posts,
    |world| async move {
        let (_, _, link) = new_link(&world, "aiwb").await;
        let previews = (0..50).map(|_| world.send(Method::GET, link.as_str(), &[], Vec::new()));
        for page in join_all(previews).await {
            assert_eq!(page.status, 200);
            is_a_safe_page(&page);
        }
        let body = format!("otp={}", password(&link));
        let posts = (0..100).map(|_| {
            world.send(
                Method::POST,
                link.path(),
                &[FORM, OWN],
                body.clone().into_bytes(),
            )
        });
        let answers = join_all(posts).await;
        let sent = answers.iter().filter(|answer| answer.status == 303).count();
        let gone = answers.iter().filter(|answer| answer.status == 410).count();
        assert_eq!((sent, gone), (1, 99));
        let page = world
            .send(Method::GET, link.as_str(), &[], Vec::new())
            .await;
        assert_eq!(page.status, 410);
        assert!(
            page.text().contains("This link has been used")
                && page.text().contains("Harbour Lending"),
            "{}",
            page.text()
        );
        is_a_safe_page(&page);
    }
);

story!(
    the_start_page_names_the_client_and_its_request_and_requires_every_step,
    |world| async move {
        let (_, connection, link) = new_link(&world, "mqjo").await;
        let page = world.customer().open(link.as_str()).await.text();
        for words in [
            "Harbour Lending",
            "merchant-42",
            "Connect Sandbox to Harbour Lending",
            "Step 1 of 2",
            "invoices",
            "Not now",
        ] {
            assert!(page.contains(words), "{words} isn't in {page}");
        }
        assert!(
            page.contains("<li>Choose the business whose books you want to share.</li>"),
            "{page}"
        );
        let otp = password(&link);
        let refused = world.customer().submit(link.path(), &[("otp", &otp)]).await;
        assert_eq!(refused.status, 422);
        is_a_safe_page(&refused);
        let text = refused.text();
        assert!(
            text.contains("role=\"alert\" tabindex=\"-1\" autofocus"),
            "{text}"
        );
        assert!(
            text.contains("<a href=\"#step.1\">Read “Before you connect” and tick"),
            "{text}"
        );
        assert!(
            text.contains("aria-invalid=\"true\" aria-describedby=\"problem.step.1\""),
            "{text}"
        );
        assert!(refused.header("set-cookie").is_none());

        let mut customer = world.customer();
        let sent = customer
            .submit(link.path(), &[("otp", &otp), ("step.1", "yes")])
            .await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        is_private(&sent);
        let location = sent.header("location").unwrap();
        assert!(
            location.starts_with(&format!("{}oauth/authorize?", world.sandbox)),
            "{location}"
        );
        assert!(
            location.contains("code_challenge_method=S256")
                && !location.contains(&otp)
                && !location.contains(&connection)
        );
        let cookie = sent.header("set-cookie").unwrap();
        let (name, rest) = cookie.split_once('=').unwrap();
        assert_eq!(
            (name, &rest[43..]),
            ("moorline-link", "; Path=/; HttpOnly; SameSite=Lax")
        );
    }
);

story!(
    forged_expired_and_foreign_links_get_the_same_page,
    |world| async move {
        let (company, connection, link) = new_link(&world, "aiwb").await;
        let other_company = world.company("merchant-43").await;
        let other = world.connection(&other_company, "aiwb").await;
        let (otp, other_id) = (password(&link), other["id"].as_str().unwrap());
        let nobody = "00000000-0000-7000-8000-000000000000";
        let company_otp = password(&overview_url(&world, &company).await);
        let mut pages = Vec::new();
        for path in [
            format!("/companies/{company}/connections/{other_id}/start?otp={otp}"),
            format!("/companies/{other_company}/connections/{connection}/start?otp={otp}"),
            format!("/companies/{company}/connections/{connection}/start?otp={company_otp}"),
            format!("/companies/{company}/connections/{connection}/start"),
            format!("/companies/{company}/connections/{connection}/start?otp=742271"),
            format!("/companies/{nobody}/connections/{nobody}/start?otp={otp}"),
            format!("/companies/x/connections/y/start?otp={otp}"),
            format!("/company/{company}?link.otp={otp}"),
            format!("/company/{other_company}?link.otp={company_otp}"),
            format!("/company/{nobody}?link.otp={company_otp}"),
        ] {
            pages.push(world.send(Method::GET, &path, &[], Vec::new()).await);
        }
        world.pass(TimeDelta::hours(24));
        pages.push(
            world
                .send(Method::GET, link.as_str(), &[], Vec::new())
                .await,
        );
        pages.push(
            world
                .send(
                    Method::POST,
                    link.path(),
                    &[FORM, OWN],
                    format!("otp={otp}").into_bytes(),
                )
                .await,
        );
        for page in &pages {
            assert_eq!(page.status, 410);
            assert_eq!(without_reference(page), without_reference(&pages[0]));
            let reference = page.header("x-correlation-id").unwrap();
            assert!(page.text().contains(reference), "{}", page.text());
            is_a_safe_page(page);
        }
        // Nothing of it is left behind.
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
    }
);

story!(
    a_form_posted_by_another_site_changes_nothing,
    |world| async move {
        let (company, _, link) = new_link(&world, "aiwb").await;
        let overview = overview_url(&world, &company).await;
        let before = world.at_rest().await;
        let start = (link.path().to_owned(), format!("otp={}", password(&link)));
        let leave = (link.path().replace("/start", "/leave"), start.1.clone());
        let choice = format!("link.otp={}&platformKey=qhnd", password(&overview));
        let connect = (format!("{}/connect", overview.path()), choice.clone());
        let missing = (format!("{}/not-listed", overview.path()), choice);
        for (path, body) in [&start, &leave, &connect, &missing] {
            for from in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-site", "none"),
                ("origin", "https://evil.example"),
            ] {
                let answer = world
                    .send(Method::POST, path, &[FORM, from], body.clone().into_bytes())
                    .await;
                assert_eq!(answer.status, 403, "{path} {from:?}");
                is_a_safe_page(&answer);
            }
        }
        let huge = format!("{}&x={}", start.1, "x".repeat(2 << 20)).into_bytes();
        assert_eq!(
            world
                .send(Method::POST, &start.0, &[FORM, OWN], huge)
                .await
                .status,
            413
        );
        assert_eq!(world.everything().await, before);
        let own = world
            .send(
                Method::POST,
                &start.0,
                &[FORM, OWN],
                start.1.clone().into_bytes(),
            )
            .await;
        assert_eq!(own.status, 303);
    }
);

story!(
    a_customer_who_leaves_changes_nothing_and_reaches_the_filled_in_redirect,
    |world| async move {
        let template = "https://app.harbour.example/linked/{companyId}?status={statusCode}&message={errorMessage}&platform={platform}\
                    &name={platformName}&type={sourceType}&connection={connectionId}&env={environment}&no={nothing}";
        set_profile(&world, json!({ "redirectUrl": template })).await;
        let (company, connection, link) = new_link(&world, "qhnd").await;
        let mut url = link.clone();
        url.query_pairs_mut()
            .append_pair("environment", "u&at \"x\"")
            .append_pair("statusCode", "200");
        let page = world.customer().open(url.as_str()).await;
        assert!(
            page.text()
                .contains("name=\"environment\" value=\"u&#38;at &#34;x&#34;\""),
            "{}",
            page.text()
        );
        let form = [
            ("otp", &*password(&link)),
            ("environment", "u&at \"x\""),
            ("statusCode", "200"),
        ];
        let path = link.path().replace("/start", "/leave");
        let left = world.customer().submit(&path, &form).await;
        assert_eq!(left.status, 303, "{}", left.text());
        is_private(&left);
        assert_eq!(
            left.header("location").unwrap(),
            format!(
                "https://app.harbour.example/linked/{company}?status=403&message=User%20cancelled.&platform=qhnd\
             &name=Banking%20Sandbox&type=Banking&connection={connection}&env=u%26at%20%22x%22&no="
            )
        );
        assert_eq!(world.customer().submit(&path, &form).await.status, 410);
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
    }
);

story!(
    a_spent_link_shows_its_outcome_to_its_own_browser_for_an_hour,
    |world| async move {
        let (_, _, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        let cancelled = decline_consent(&mut customer, &link).await;
        assert_eq!(cancelled.status, 303, "{}", cancelled.text());
        let result = cancelled.header("location").unwrap().to_owned();
        assert!(result.contains("/result?status=403&ticket="), "{result}");
        for _ in 0..2 {
            let page = customer.open(&result).await;
            assert_eq!(page.status, 200);
            is_a_safe_page(&page);
            assert!(
                page.text().contains("You cancelled") && page.text().contains("Try again"),
                "{}",
                page.text()
            );
        }
        // Neither another status nor another browser.
        assert_eq!(
            customer.open(&result.replace("403", "200")).await.status,
            410
        );
        assert_eq!(world.customer().open(&result).await.status, 410);

        // The page's own link leads all the way.
        let page = customer.open(&result).await.text();
        let again = page
            .split("class=\"primary\" href=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let linked = customer.link(&again, "lindqvist-snickeri").await;
        let done = customer.open(linked.header("location").unwrap()).await;
        assert!(
            done.text().contains("Commerce Sandbox is connected"),
            "{}",
            done.text()
        );
        world.pass(TimeDelta::minutes(60));
        let late = customer.open(&result).await;
        assert_eq!(late.status, 410);
        is_a_safe_page(&late);
    }
);

story!(
    reconnecting_with_another_business_is_confirmed_first,
    |world| async move {
        let (company, connection) = world.synced("aiwb", "lindqvist-snickeri").await;
        let path = format!("/companies/{company}/connections/{connection}");
        world.disconnect(&path).await;
        let link = world.get(&path).await.ok()["linkUrl"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut customer = world.customer();
        let page = customer.open(&link).await.text();
        assert!(
            page.contains("Reconnect Commerce Sandbox") && page.contains("again when"),
            "{page}"
        );
        let answer = customer.link(&link, "harbour-lane-cafe").await;
        let question = answer.header("location").unwrap().to_owned();
        let page = customer.open(&question).await;
        is_a_safe_page(&page);
        let text = page.text();
        assert!(
            text.contains("That’s a different business") && text.contains("Harbour Lane"),
            "{text}"
        );
        // Nothing has happened yet, and leaving it so leaves it so.
        assert_eq!(world.status_of(&company, &connection).await, "Unlinked");
        let question_url = Url::parse(&format!("http://a{question}")).unwrap();
        let ticket = question_url.query_pairs().next().unwrap().1.into_owned();
        let form = [("ticket", ticket.as_str()), ("answer", "leave")];
        let answer = customer.submit(question_url.path(), &form).await;
        let result = answer.header("location").unwrap();
        assert!(result.contains("status=201"), "{result}");
        let again = customer.submit(question_url.path(), &form).await;
        assert!(again.header("location").unwrap().contains("status=201"));
        let others = world.customer().submit(question_url.path(), &form).await;
        assert_eq!(others.status, 410);
        assert_eq!(world.status_of(&company, &connection).await, "Unlinked");
    }
);

story!(
    callbacks_of_no_known_link_get_a_page_and_make_no_token_request,
    |world| async move {
        let (company, connection, link) = new_link(&world, "aiwb").await;
        let mut customer = world.customer();
        let authorization = customer.set_out(link.as_str()).await;
        let callback = customer
            .consent(&authorization, json!({ "business": "lindqvist-snickeri" }))
            .await;
        let state = Url::parse(&callback)
            .unwrap()
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        let mut stranger = world.customer();
        stranger
            .cookies
            .push(format!("moorline-link={}", "A".repeat(43)));
        for (who, url, status) in [
            ("nobody", callback.clone(), 403),
            ("stranger", callback.clone(), 403),
            ("customer", callback.replace("/aiwb/", "/mqjo/"), 400),
            ("customer", format!("{callback}&state={state}"), 400),
            (
                "customer",
                "/oauth/aiwb/callback?code=x&state=forged".to_owned(),
                400,
            ),
            ("customer", "/oauth/aiwb/callback".to_owned(), 400),
        ] {
            let page = match who {
                "nobody" => world.customer().open(&url).await,
                "stranger" => stranger.open(&url).await,
                _ => customer.open(&url).await,
            };
            assert_eq!(page.status, status, "{who} {url}");
            is_a_safe_page(&page);
        }
        assert_eq!(world.status_of(&company, &connection).await, "PendingAuth");
        // All that left the right answer good.
        assert_eq!(customer.open(&callback).await.status, 303);
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        // A second load shows how it ended, to its own browser, and asks for no token again.
        let twice = customer.open(&callback).await;
        assert_eq!(twice.status, 303, "{}", twice.text());
        assert!(twice.header("location").unwrap().contains("status=200"));
        assert_eq!(world.customer().open(&callback).await.status, 403);
        assert_eq!(stranger.open(&callback).await.status, 403);
        let calls = world.provider(Method::GET, "calls", None).await;
        assert_eq!(calls["token"]["authorization_code"]["received"], 1);
        world.settled(&company).await;
    }
);

story!(
    the_overview_leads_to_a_connection_and_hides_platforms_that_cannot_be_chosen,
    |world| async move {
        let company = world.company("merchant-42").await;
        world.connection(&company, "qhnd").await;
        let mut url = overview_url(&world, &company).await;
        let page = world.customer().open(url.as_str()).await;
        is_a_safe_page(&page);
        assert!(
            !page.text().contains("Your connections"),
            "a connection that nobody authorised is shown"
        );
        for key in ["mqjo", "aiwb", "qhnd"] {
            assert!(
                page.text().contains(&format!("value=\"{key}\"")),
                "{}",
                page.text()
            );
        }
        url.query_pairs_mut()
            .append_pair("link.showSandboxIntegrations", "false");
        let page = world.customer().open(url.as_str()).await.text();
        assert!(
            !page.contains("value=\"mqjo\"") && page.contains("no platform to choose from"),
            "{page}"
        );

        let otp = password(&url);
        let choice = |key: &'static str| {
            [
                ("link.otp".to_owned(), otp.clone()),
                ("platformKey".into(), key.into()),
                ("env".into(), "x".into()),
            ]
        };
        let connect = format!("{}/connect", url.path());
        let submit = async |form: &[(String, String)]| {
            let form: Vec<(&str, &str)> = form
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            world.customer().submit(&connect, &form).await
        };
        assert_eq!(submit(&choice("zzzz")).await.status, 422);
        let begun = submit(&choice("mqjo")).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let start = begun.header("location").unwrap();
        assert!(
            start.contains("/start?otp=") && start.ends_with("&env=x"),
            "{start}"
        );
        world.customer().link(start, "lindqvist-snickeri").await;
        assert_eq!(submit(&choice("aiwb")).await.status, 410);
        world.settled(&company).await;

        let url = overview_url(&world, &company).await;
        let page = world.customer().open(url.as_str()).await.text();
        assert!(
            page.contains("Your connections") && page.contains("Connected since 15 June 2026"),
            "{page}"
        );
        assert!(
            page.contains("one accounting platform") && !page.contains("value=\"mqjo\""),
            "{page}"
        );
        let second = [("link.otp", &*password(&url)), ("platformKey", "mqjo")];
        assert_eq!(world.customer().submit(&connect, &second).await.status, 409);
    }
);

story!(
    the_overview_reconnects_a_disconnected_connection,
    |world| async move {
        let (company, connection) = world.synced("qhnd", "lindqvist-snickeri").await;
        let path = format!("/companies/{company}/connections/{connection}");
        let url = overview_url(&world, &company).await;
        let again = [
            ("link.otp", &*password(&url)),
            ("connectionId", &*connection),
        ];
        let connect = format!("{}/connect", url.path());
        // Not while it works.
        assert_eq!(world.customer().submit(&connect, &again).await.status, 422);
        world.disconnect(&path).await;
        let page = world.customer().open(url.as_str()).await.text();
        assert!(
            page.contains("Disconnected") && page.contains(&format!("value=\"{connection}\"")),
            "{page}"
        );
        let begun = world.customer().submit(&connect, &again).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let start = begun.header("location").unwrap();
        assert!(start.contains(&connection), "{start}");
        world.customer().link(start, "lindqvist-snickeri").await;
        assert_eq!(world.status_of(&company, &connection).await, "Linked");
        world.settled(&company).await;
    }
);

story!(
    a_platform_that_is_not_listed_ends_with_501,
    |world| async move {
        let company = world.company("merchant-42").await;
        let url = overview_url(&world, &company).await;
        let path = format!("{}/not-listed", url.path());
        let mut customer = world.customer();
        let ended = customer
            .submit(&path, &[("link.otp", &password(&url))])
            .await;
        let result = ended.header("location").unwrap().to_owned();
        assert!(result.contains("status=501"), "{result}");
        let page = customer.open(&result).await;
        is_a_safe_page(&page);
        assert!(
            page.text().contains("isn’t supported yet"),
            "{}",
            page.text()
        );

        set_profile(&world, json!({ "redirectUrl": "https://app.harbour.example/?s={statusCode}&m={errorMessage}&c={companyId}&x={connectionId}" })).await;
        let url = overview_url(&world, &company).await;
        let ended = customer
            .submit(&path, &[("link.otp", &password(&url))])
            .await;
        let expected =
            format!("https://app.harbour.example/?s=501&m=Not%20supported.&c={company}&x=");
        assert_eq!(ended.header("location").unwrap(), expected);
        // Or back, with nothing done.
        let url = overview_url(&world, &company).await;
        let left = customer
            .submit(
                &path.replace("not-listed", "leave"),
                &[("link.otp", &password(&url))],
            )
            .await;
        assert!(left.header("location").unwrap().contains("s=201"));
        assert_eq!(
            world
                .get(&format!("/companies/{company}/connections"))
                .await
                .ok()["totalResults"],
            0
        );
    }
);

story!(
    a_redirect_to_a_host_that_is_not_allowed_ends_on_our_own_page,
    |world| async move {
        set_profile(
            &world,
            json!({
                "redirectUrl": "https://{environment}.harbour.example/linked?s={statusCode}",
                "whiteListUrls": ["https://uat.harbour.example"],
            }),
        )
        .await;
        for (environment, allowed) in [
            ("uat", true),
            ("evil.example/", false),
            ("x@evil.example", false),
            ("", false),
            ("dev", false),
        ] {
            let (_, _, link) = new_link(&world, "aiwb").await;
            let form = [("otp", &*password(&link)), ("environment", environment)];
            let left = world
                .customer()
                .submit(&link.path().replace("/start", "/leave"), &form)
                .await;
            let location = left.header("location").unwrap();
            if allowed {
                assert_eq!(location, "https://uat.harbour.example/linked?s=403");
            } else {
                assert!(
                    location.starts_with("/companies/") && location.contains("/result?"),
                    "{environment}: {location}"
                );
            }
        }
    }
);

story!(
    names_and_parameters_cannot_become_markup,
    |world| async move {
        let bad = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
        set_profile(&world, json!({ "name": bad, "logoUrl": "https://cdn.harbour.example/a'b\"c.png", "showBadge": false })).await;
        let (company, _, mut link) = new_link(&world, "mqjo").await;
        let otp = password(&link);
        link.query_pairs_mut().append_pair(bad, bad);
        let start = world.customer().open(link.as_str()).await;
        let errors = world
            .customer()
            .submit(link.path(), &[("otp", &otp), (bad, bad), ("step.1", bad)])
            .await;
        let overview = world
            .customer()
            .open(overview_url(&world, &company).await.as_str())
            .await;
        let gone = world
            .customer()
            .open(&format!("{}?otp={bad}", link.path()).replace(' ', "%20"))
            .await;
        assert_eq!(
            (
                start.status.as_u16(),
                errors.status.as_u16(),
                overview.status.as_u16()
            ),
            (200, 422, 200)
        );
        for page in [&start, &errors, &overview] {
            assert!(page.text().contains("&#60;script&#62;"), "{}", page.text());
            let policy = page.header("content-security-policy").unwrap();
            assert!(
                policy.contains("img-src 'self' https://cdn.harbour.example;"),
                "{policy}"
            );
            assert!(
                !page.text().contains("badge.svg"),
                "the badge was switched off"
            );
        }
        for page in [&start, &errors, &overview, &gone] {
            is_a_safe_page(page);
            assert!(!page.text().contains("<img src=x"), "{}", page.text());
        }
    }
);

story!(
    the_style_sheet_is_cached_as_immutable_and_the_badge_is_public,
    |world| async move {
        let (_, _, link) = new_link(&world, "aiwb").await;
        let page = world.customer().open(link.as_str()).await.text();
        assert!(
            page.contains("src=\"/assets/badge.svg\" alt=\"Secured by Moorline\""),
            "{page}"
        );
        let path = page
            .split("rel=\"stylesheet\" href=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let sheet = world.customer().open(path).await;
        assert_eq!(
            sheet.header("content-type"),
            Some("text/css; charset=utf-8")
        );
        assert_eq!(
            sheet.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert!(sheet.text().contains("prefers-color-scheme: dark"));
        let other = world
            .customer()
            .open("/link/assets/link.0000000000000000.css")
            .await;
        assert_eq!(
            (other.status.as_u16(), other.header("cache-control")),
            (200, Some("no-store"))
        );
        assert_eq!(
            world.customer().open("/link/assets/other.css").await.status,
            404
        );
        let badge = world.customer().open("/assets/badge.svg").await;
        assert_eq!(badge.header("content-type"), Some("image/svg+xml"));
        assert_eq!(
            badge.header("cross-origin-resource-policy"),
            Some("cross-origin")
        );
        assert!(
            badge
                .text()
                .contains("<title id=\"t\">Secured by Moorline</title>")
        );
    }
);

/// Over TLS, no other subdomain can set the cookie, and forms lead to https alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("moorline.db").display());
    let world = World::start(database, folder, |config| {
        config.public_url = "https://link.moorline.example".parse().unwrap()
    })
    .await;
    let (company, _, link) = new_link(&world, "aiwb").await;
    let form = format!("otp={}", password(&link)).into_bytes();
    let kept = format!(
        "moorline-link={0}; __Host-moorline-link={1}",
        "a".repeat(43),
        "b".repeat(43)
    );
    let sent = world
        .send(
            Method::POST,
            link.path(),
            &[FORM, OWN, ("cookie", &kept)],
            form,
        )
        .await;
    let cookie = sent.header("set-cookie").unwrap();
    assert_eq!(
        cookie,
        format!(
            "__Host-moorline-link={}; Path=/; HttpOnly; SameSite=Lax; Secure",
            "b".repeat(43)
        )
    );
    let overview = overview_url(&world, &company).await;
    let path = format!("{}?{}", overview.path(), overview.query().unwrap());
    let policy = world.send(Method::GET, &path, &[], Vec::new()).await;
    let policy = policy.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https:;"), "{policy}");
    world.end().await;
}
