//! A client's own words.

use super::*;

story!(
    a_clients_own_words_come_in_the_readers_language_and_silence_is_said,
    |world| async move {
        let company = world.company("merchant-42").await;
        let connection = world.connection(&company, "qhnd").await;
        let path = format!(
            "{}/disclosure",
            path_of(&company, connection["id"].as_str().unwrap())
        );
        let silent = world.get(&path).await.ok();
        assert_eq!(silent["purpose"]["stated"], false);
        let text = silent["purpose"]["text"].as_str().unwrap();
        assert!(
            text.contains("Harbour Lending hasn’t said here what it uses the data for"),
            "{text}"
        );
        assert_eq!(silent["stays"]["words"]["stated"], false);

        let settings = json!({
            "purpose": { "en": "To decide on your loan.", "de": "Um über Ihren Kredit zu entscheiden." },
            "retention": { "days": 90 },
            "privacyNoticeUrl": { "en": "https://harbour.example/privacy", "de": "https://harbour.example/datenschutz" },
            "termsUrl": "https://harbour.example/terms",
            "support": { "email": "help@harbour.example", "phone": "+44 20 7946 0018" },
            "colour": "#7a1f5c",
        });
        let kept = world
            .client(Method::PUT, SETTINGS, Some(settings.clone()))
            .await
            .ok();
        assert_eq!(
            kept["termsUrl"],
            json!({ "en": "https://harbour.example/terms" })
        );
        assert_eq!(world.get(SETTINGS).await.ok(), kept);
        let told = async |language: &str| {
            let authorization = format!("Basic {}", crate::harness::encoded(&world.key));
            let headers = [
                ("authorization", authorization.as_str()),
                ("accept-language", language),
            ];
            world
                .send(Method::GET, &path, &headers, Vec::new())
                .await
                .ok()
        };
        let german = told("de-AT, en;q=0.5").await;
        assert_eq!(
            german["purpose"]["text"],
            "Um über Ihren Kredit zu entscheiden."
        );
        assert_eq!(german["purpose"]["language"], "de");
        assert_eq!(
            german["client"]["links"]["privacyNotice"],
            "https://harbour.example/datenschutz"
        );
        assert_eq!(
            german["client"]["links"]["terms"],
            "https://harbour.example/terms"
        );
        let french = told("fr").await;
        assert_eq!(
            (&french["purpose"]["language"], &french["purpose"]["stated"]),
            (&json!("en"), &json!(true))
        );
        assert_eq!(
            french["stays"]["words"]["text"],
            "Harbour Lending conserve les données pendant 90 jours après la fin de l’accès."
        );
        // The same facts have one version, whatever the language; a reader can compute it: without the members that are only
        // words, the others in the order of their names, no white space.
        assert_eq!(german["version"], french["version"]);
        for told in [&german, &french] {
            let digest: String = Sha256::digest(facts_of(told).to_string())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(told["version"], json!(digest));
        }
        // Other words of the client's, in a language that this reader doesn't read, are another version all the same.
        let mut reworded = settings.clone();
        reworded["purpose"]["de"] = json!("Um über Ihren Leasingvertrag zu entscheiden.");
        world
            .client(Method::PUT, SETTINGS, Some(reworded))
            .await
            .ok();
        assert_ne!(told("fr").await["version"], french["version"]);
        world
            .client(Method::PUT, SETTINGS, Some(settings.clone()))
            .await
            .ok();

        // On the page, in its language, with the client's colour.
        let link = world
            .get(&path_of(&company, connection["id"].as_str().unwrap()))
            .await
            .ok();
        let link = link["linkUrl"].as_str().unwrap().to_owned();
        let page = world
            .send(Method::GET, &link, &[("accept-language", "de")], Vec::new())
            .await
            .text();
        assert!(
            page.contains("lang=\"de\">Um über Ihren Kredit zu entscheiden."),
            "{page}"
        );
        assert!(
            page.contains("href=\"https://harbour.example/datenschutz\"")
                && page.contains("mailto:help@harbour.example"),
            "{page}"
        );
        assert!(page.contains("/link/assets/theme.7a1f5c.css"), "{page}");
        let theme = world
            .send(
                Method::GET,
                "/link/assets/theme.7a1f5c.css",
                &[],
                Vec::new(),
            )
            .await;
        assert!(
            theme.text().contains("--accent: #7a1f5c"),
            "{}",
            theme.text()
        );
        assert_eq!(
            world
                .send(
                    Method::GET,
                    "/link/assets/theme.ffcc00.css",
                    &[],
                    Vec::new()
                )
                .await
                .status,
            404
        );

        for (wrong, words) in [
            (
                json!({ "purpose": { "english": "x" } }),
                "'english' is not a language tag",
            ),
            (
                json!({ "purpose": { "en": " " } }),
                "the text in en is empty",
            ),
            (
                json!({ "purpose": "x".repeat(601) }),
                "601 characters; at most 600",
            ),
            (json!({ "purpose": 7 }), "texts by language"),
            (
                json!({ "privacyNoticeUrl": "harbour.example" }),
                "not an address that a browser can open",
            ),
            (
                json!({ "termsUrl": "javascript:alert(1)" }),
                "not an address that a browser can open",
            ),
            (
                json!({ "support": { "email": "help" } }),
                "not an email address",
            ),
            (
                json!({ "support": { "phone": "call us" } }),
                "not a telephone number",
            ),
            (
                json!({ "retention": { "days": 36_501 } }),
                "from 0 to 36500",
            ),
            (
                json!({ "colour": "#ffcc00" }),
                "WCAG AA needs 4.5. The nearest shade that has it is #",
            ),
            (json!({ "colour": "teal" }), "such as #0f5f7d"),
            (json!({ "writes": { "none": [] } }), "Valid keys: "),
            (
                json!({ "writes": { "gbol": ["invoices"] } }),
                "can't be written to Xero",
            ),
            (json!({ "onRequest": ["receipts"] }), "receipts"),
            (json!({ "purposes": {} }), "unknown field `purposes`"),
        ] {
            let refused = world
                .client(Method::PUT, SETTINGS, Some(wrong))
                .await
                .refused(400);
            assert!(refused.contains(words), "{refused}");
        }
        assert_eq!(world.get(SETTINGS).await.ok(), kept);
        // Another client has its own.
        let stranger = world.other_client().await;
        assert_eq!(
            world
                .with_key(&stranger, Method::GET, SETTINGS, None)
                .await
                .ok(),
            json!({})
        );
    }
);
