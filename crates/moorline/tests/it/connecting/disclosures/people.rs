//! The person's details, and names as they are written.

use super::*;

story!(
    details_of_the_person_are_asked_for_by_the_link_and_reach_the_redirect_and_the_client_alone,
    |world| async move {
        let template = "https://app.harbour.example/linked?given={openId_given_name}&email={openId_email}&verified={openId_email_verified}&shoe={openId_shoe_size}&s={statusCode}";
        let profile = json!({ "name": "Harbour Lending", "redirectUrl": template });
        world
            .client(Method::PUT, "/profile", Some(profile))
            .await
            .ok();
        let company = world.company("merchant-42").await;
        read_only(&world, &company, "mqjo", &["invoices"]).await;
        let connection = world.connection(&company, "mqjo").await;
        let id = connection["id"].as_str().unwrap();
        let person = format!("{}/person", path_of(&company, id));

        // Not asked for: no scope of it, and nothing in the redirect.
        let mut customer = world.customer();
        let authorization = customer
            .set_out(connection["linkUrl"].as_str().unwrap())
            .await;
        let scopes = scopes_of(&authorization);
        assert!(
            !scopes.contains("openid") && !scopes.contains("email"),
            "{scopes:?}"
        );
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        let back = customer.open(&callback).await;
        assert_eq!(
            back.header("location"),
            Some("https://app.harbour.example/linked?given=&email=&verified=&shoe=&s=200")
        );
        world.get(&person).await.refused(404);

        // Asked for: said on the page first.
        let link = world.get(&path_of(&company, id)).await.ok();
        let mut link: Url = link["linkUrl"].as_str().unwrap().parse().unwrap();
        link.query_pairs_mut().append_pair("openId", "true");
        let mut customer = world.customer();
        let page = customer.open(link.as_str()).await.text();
        assert!(
            page.contains("What Harbour Lending will be told about you")
                && page.contains("your email address"),
            "{page}"
        );
        let authorization = customer.set_out(link.as_str()).await;
        assert!(
            scopes_of(&authorization).contains("email"),
            "{authorization}"
        );
        let callback = customer
            .consent(&authorization, json!({ "business": BUSINESS }))
            .await;
        let back = customer.open(&callback).await;
        let location = back.header("location").unwrap().to_owned();
        let location: Url = location.parse().unwrap();
        let value = |name: &str| {
            let found = location.query_pairs().find(|(own, _)| own == name);
            found.map(|(_, value)| value.into_owned()).unwrap()
        };
        assert_eq!(value("email"), "maya.okafor@practice.example");
        assert_eq!(
            (value("verified"), value("shoe")),
            ("true".to_owned(), String::new())
        );
        assert!(!value("given").is_empty());
        // A second load of the callback leads to the same place.
        let again = customer.open(&callback).await;
        assert_eq!(again.header("location"), Some(location.as_str()));

        let claims = world.get(&person).await.ok();
        assert_eq!(claims["email"], "maya.okafor@practice.example");
        let token = world
            .get(&format!("/companies/{company}/accessToken"))
            .await
            .ok();
        let bearer = format!("Bearer {}", token["accessToken"].as_str().unwrap());
        assert_eq!(
            world
                .authorized(&bearer, Method::GET, &person, None)
                .await
                .status,
            403
        );
        let stranger = world.other_client().await;
        world
            .with_key(&stranger, Method::GET, &person, None)
            .await
            .refused(404);
        // Sealed at rest, in the record of consents too; and in no other answer.
        let everything = world.everything().await;
        assert!(!everything.contains("maya.okafor@practice.example"));
        let consents = world
            .get(&format!("/companies/{company}/consents"))
            .await
            .ok();
        let consent = &consents["results"][0];
        assert_eq!(consent["person"]["email"], "maya.okafor@practice.example");
        let entries = consent["entries"].as_array().unwrap();
        assert_eq!(
            entries.last().unwrap()["details"]["person"],
            consent["person"]
        );
        let receipt = format!(
            "/companies/{company}/consents/{}/receipt",
            consent["id"].as_str().unwrap()
        );
        let receipt = world.get(&receipt).await.ok();
        assert_eq!(
            receipt["receipt"]["piiPrincipal"]["person"]["email"],
            "maya.okafor@practice.example"
        );
        let view = world
            .get(&format!("/companies/{company}/connectionManagement/view"))
            .await;
        assert!(!view.text().contains("maya.okafor"));
        world.settled(&company).await;
        world.disconnect(&path_of(&company, id)).await;
        world.get(&person).await.refused(404);
    }
);

story!(
    names_keep_their_letters_and_an_import_reports_those_that_it_changes,
    |world| async move {
        for name in ["Müller & Söhne", "Harbour Lane Café", "株式会社さくら"] {
            let company = world.company(name).await;
            let found = world.get(&format!("/companies/{company}")).await.ok();
            assert_eq!(found["name"], name);
        }
        let id = |n: u8| uuid::Uuid::from_bytes([n; 16]);
        let lines = [
            json!({ "id": id(1), "name": "Müller & Söhne" }),
            json!({ "id": id(2), "name": "Rope (Holdings) Ltd" }),
            json!({ "id": id(3), "name": "Quay <3" }),
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("companies.jsonl");
        let text: Vec<String> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&file, text.join("\n")).unwrap();
        let import = |further: &[&str]| {
            let mut arguments = vec![
                "import",
                file.to_str().unwrap(),
                "--client",
                "Harbour Lending",
            ];
            arguments.extend(further);
            command_line::moorline(folder.path(), &arguments)
                .env("MOORLINE_DATABASE_URL", &world.app.config.database_url)
                .env("MOORLINE_KEY_FILE", &world.app.config.key_file)
                .output()
                .unwrap()
        };
        let dry = command_line::assert_prints(
            &import(&["--dry-run"]),
            "the name 'Rope (Holdings) Ltd' becomes 'Rope Holdings Ltd'",
        );
        assert!(
            dry.contains(
                "names that would be stored without characters that may not stand in one: 2"
            ),
            "{dry}"
        );
        command_line::assert_prints(&import(&[]), "may not stand in one: 2");
        let found = world.get(&format!("/companies/{}", id(1))).await.ok();
        assert_eq!(found["name"], "Müller & Söhne");
    }
);
