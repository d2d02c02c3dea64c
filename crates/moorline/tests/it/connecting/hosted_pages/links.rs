//! Links that are spent, forged, expired or of no known attempt.

use super::*;

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
