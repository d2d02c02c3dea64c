//! The overview of platforms.

use super::*;

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
