//! The start page, its steps, and customers who leave.

use super::*;

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
