//! Redirects, markup, cookies and assets.

use super::*;

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
