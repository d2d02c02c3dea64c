//! Parents and subsidiaries, tags, and the members that PUT and PATCH change.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{World, story};

async fn get(world: &World, company: &str) -> Value {
    world.get(&format!("/companies/{company}")).await.ok()
}

async fn patch(world: &World, company: &str, body: Value) -> crate::harness::Answer {
    let path = format!("/companies/{company}");
    world.client(Method::PATCH, &path, Some(body)).await
}

fn subsidiary_ids(company: &Value) -> Vec<String> {
    let of = |reference: &Value| reference["id"].as_str().unwrap().to_owned();
    company["referenceSubsidiaryCompanies"]
        .as_array()
        .unwrap()
        .iter()
        .map(of)
        .collect()
}

story!(
    companies_refer_to_their_parent_and_their_subsidiaries,
    |world| async move {
        let group =
            json!({ "name": "Group", "description": "Holding", "tags": { "region": "uk" } });
        let group = world.post("/companies", group).await.ok();
        assert_eq!(group["referenceSubsidiaryCompanies"], json!([]));
        assert!(group["referenceParentCompany"].is_null());
        let group = group["id"].as_str().unwrap().to_owned();
        let north = json!({ "name": "North", "referenceParentCompany": { "id": group, "name": "ignored" } });
        let north = world.post("/companies", north).await.ok();
        assert_eq!(
            north["referenceParentCompany"],
            json!({ "id": group, "name": "Group", "description": "Holding", "tags": { "region": "uk" } })
        );
        let north = north["id"].as_str().unwrap().to_owned();
        let south = world.company("South").await;
        world.pass(chrono::TimeDelta::seconds(1));
        let west = world.company("West").await;
        assert_eq!(
            subsidiary_ids(&get(&world, &group).await),
            std::slice::from_ref(&north)
        );

        // The list is the whole list: North is released, South and West belong to it now.
        let both = json!({ "referenceSubsidiaryCompanies": [{ "id": south }, { "id": west }] });
        patch(&world, &group, both).await.ok();
        assert_eq!(
            subsidiary_ids(&get(&world, &group).await),
            [south.clone(), west.clone()]
        );
        assert!(get(&world, &north).await["referenceParentCompany"].is_null());
        let listed = world.get("/companies?query=name%3DSouth").await.ok();
        assert_eq!(
            listed["results"][0]["referenceParentCompany"]["id"],
            json!(group)
        );

        // Null leaves it with PATCH and takes it away with PUT; an object without an id does with either.
        patch(&world, &south, json!({ "referenceParentCompany": null }))
            .await
            .ok();
        assert_eq!(
            get(&world, &south).await["referenceParentCompany"]["id"],
            json!(group)
        );
        patch(&world, &south, json!({ "referenceParentCompany": {} }))
            .await
            .ok();
        assert!(get(&world, &south).await["referenceParentCompany"].is_null());
        let put = format!("/companies/{west}");
        world
            .client(Method::PUT, &put, Some(json!({ "name": "West" })))
            .await
            .ok();
        assert_eq!(
            get(&world, &west).await["referenceParentCompany"]["id"],
            json!(group)
        );
        let body = json!({ "name": "West", "referenceParentCompany": null });
        world.client(Method::PUT, &put, Some(body)).await.ok();
        assert!(get(&world, &west).await["referenceParentCompany"].is_null());

        // A parent that is deleted leaves its subsidiaries where they are.
        patch(
            &world,
            &west,
            json!({ "referenceParentCompany": { "id": group } }),
        )
        .await
        .ok();
        let path = format!("/companies/{group}");
        assert_eq!(world.client(Method::DELETE, &path, None).await.status, 204);
        assert!(get(&world, &west).await["referenceParentCompany"].is_null());
    }
);

story!(
    no_company_becomes_its_own_ancestor_or_joins_another_clients_hierarchy,
    |world| async move {
        let (a, b, c) = (
            world.company("A").await,
            world.company("B").await,
            world.company("C").await,
        );
        let parent = |id: &str| json!({ "referenceParentCompany": { "id": id } });
        patch(&world, &b, parent(&a)).await.ok();
        patch(&world, &c, parent(&b)).await.ok();
        for (company, body) in [
            (&a, parent(&a)),
            (&a, parent(&c)),
            (&c, json!({ "referenceSubsidiaryCompanies": [{ "id": a }] })),
            (&c, json!({ "referenceSubsidiaryCompanies": [{ "id": c }] })),
            (
                &a,
                json!({ "referenceSubsidiaryCompanies": [{ "name": "B" }] }),
            ),
            (&a, parent("no-uuid")),
            (&a, parent(&uuid::Uuid::nil().to_string())),
        ] {
            let wrong = json!({ "name": "Changed" });
            let mut body = body;
            body.as_object_mut()
                .unwrap()
                .extend(wrong.as_object().unwrap().clone());
            patch(&world, company, body).await.refused(400);
            assert_ne!(
                get(&world, company).await["name"],
                "Changed",
                "nothing changed"
            );
        }
        assert_eq!(
            subsidiary_ids(&get(&world, &a).await),
            std::slice::from_ref(&b)
        );
        // Another client's companies aren't there.
        let stranger = world.other_client().await;
        let theirs = world
            .with_key(
                &stranger,
                Method::POST,
                "/companies",
                Some(json!({ "name": "Theirs" })),
            )
            .await
            .ok();
        let theirs = theirs["id"].as_str().unwrap();
        patch(&world, &a, parent(theirs)).await.refused(400);
        // Two that race to close a circle: one of them is refused.
        let (d, e) = (world.company("D").await, world.company("E").await);
        let (first, second) =
            tokio::join!(patch(&world, &d, parent(&e)), patch(&world, &e, parent(&d)));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
);

story!(
    tags_are_limited_replaced_by_patch_and_emptied_by_a_put_without_them,
    |world| async move {
        let key = "k".repeat(27);
        let value = "ü".repeat(100);
        let ten: serde_json::Map<String, Value> = (0..9)
            .map(|n| (format!("tag-{n}"), json!("")))
            .chain([(key.clone(), json!(value))])
            .collect();
        let made = world
            .post("/companies", json!({ "name": "Tagged", "tags": ten }))
            .await
            .ok();
        assert_eq!(made["tags"].as_object().unwrap().len(), 10);
        assert_eq!(made["tags"][&key], json!(value));
        let company = made["id"].as_str().unwrap().to_owned();
        let mut eleven = ten.clone();
        eleven.insert("one-more".into(), json!("x"));
        for tags in [
            Value::Object(eleven),
            json!({ "": "x" }),
            json!({ "k".repeat(28): "x" }),
            json!({ "key": "v".repeat(101) }),
            json!({ "key": 7 }),
            json!({ "key": null }),
            json!(["key"]),
        ] {
            patch(&world, &company, json!({ "tags": tags }))
                .await
                .refused(400);
            let body = json!({ "name": "Replaced", "tags": tags });
            let path = format!("/companies/{company}");
            world
                .client(Method::PUT, &path, Some(body))
                .await
                .refused(400);
        }
        assert_eq!(get(&world, &company).await["tags"], json!(ten));
        // PATCH: null and absent leave them, an empty object empties them; PUT without them does too.
        patch(
            &world,
            &company,
            json!({ "tags": null, "name": null, "description": "Kept" }),
        )
        .await
        .ok();
        let kept = get(&world, &company).await;
        assert_eq!(
            (&kept["tags"], &kept["name"]),
            (&json!(ten), &json!("Tagged"))
        );
        patch(&world, &company, json!({ "tags": {} })).await.ok();
        assert_eq!(get(&world, &company).await["tags"], json!({}));
        patch(&world, &company, json!({ "tags": { "region": "uk" } }))
            .await
            .ok();
        let path = format!("/companies/{company}");
        let replaced = world
            .client(Method::PUT, &path, Some(json!({ "name": "Bare" })))
            .await
            .ok();
        assert_eq!(replaced["tags"], json!({}));
        assert!(replaced["description"].is_null());
        world
            .client(Method::PUT, &path, Some(json!({ "tags": {} })))
            .await
            .refused(400);
    }
);
