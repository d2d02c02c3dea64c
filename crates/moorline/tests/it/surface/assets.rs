//! Files that browsers fetch: small on the wire, and for pages of any site that is meant to use them.

use http::Method;

use crate::harness::{Answer, World, story};

const COMPONENT: &str = "/sdk/connections.js";

async fn fetch(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.send(Method::GET, path, headers, Vec::new()).await
}

story!(
    the_component_is_sent_in_the_smallest_form_that_a_browser_takes,
    |world| async move {
        let plain = fetch(&world, COMPONENT, &[]).await;
        assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
        assert_eq!(plain.header("content-encoding"), None);
        if plain.text().contains("without its component") {
            eprintln!("skipped: web/connections is not built");
            return;
        }
        let mut etags = vec![plain.header("etag").unwrap().to_owned()];
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip;q=1.0, br;q=0", "gzip"),
            ("GZIP", "gzip"),
        ] {
            let headers = [("accept-encoding", accepted)];
            let answer = fetch(&world, COMPONENT, &headers).await;
            if coding == "br" {
                assert_eq!(answer.header("content-encoding"), Some(coding));
                assert!(answer.body.len() <= 17_000, "{}", answer.body.len());
            } else {
                // The stories' own client undoes gzip.
                assert_eq!(answer.body, plain.body);
            }
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            assert_eq!(
                answer.header("cross-origin-resource-policy"),
                Some("cross-origin")
            );
            let etag = answer.header("etag").unwrap();
            assert!(etag.ends_with(&format!("{coding}\"")), "{etag}");
            let again = [headers[0], ("if-none-match", etag)];
            let same = fetch(&world, COMPONENT, &again).await;
            assert_eq!(same.status, 304);
            assert_eq!(same.header("vary"), Some("Accept-Encoding"));
            // A cache that kept one form must not take another for it.
            etags.push(etag.to_owned());
        }
        etags.dedup();
        assert_eq!(etags.len(), 3, "{etags:?}");
        for accepted in ["identity", "br;q=0", "gzip;q=none", ""] {
            let answer = fetch(&world, COMPONENT, &[("accept-encoding", accepted)]).await;
            assert_eq!(answer.header("content-encoding"), None, "{accepted}");
            assert_eq!(answer.body, plain.body);
        }
        fetch(&world, "/sdk/words/de.000000000000.json", &[])
            .await
            .refused(404);
        fetch(&world, "/sdk/words/connections.js", &[])
            .await
            .refused(404);
    }
);

story!(
    each_component_has_an_evergreen_and_an_immutable_address,
    |world| async move {
        for (name, version) in [("connections", "0.1.0"), ("link", "0.1.0")] {
            let newest = fetch(&world, &format!("/sdk/{name}.js"), &[]).await;
            assert_eq!(newest.header("access-control-allow-origin"), Some("*"));
            assert!(
                newest
                    .header("cache-control")
                    .unwrap()
                    .contains("must-revalidate")
            );
            let pinned = fetch(&world, &format!("/sdk/v{version}/{name}.js"), &[]).await;
            assert!(
                pinned
                    .header("cache-control")
                    .unwrap()
                    .contains("immutable")
            );
            assert_eq!(newest.body, pinned.body);
            let other = fetch(&world, &format!("/sdk/v9.9.9/{name}.js"), &[]).await;
            let text = other.refused(404);
            assert!(text.contains(version), "{text}");
            if !newest.text().contains("without its component") {
                let headers = [("accept-encoding", "br")];
                let small = fetch(&world, &format!("/sdk/{name}.js"), &headers).await;
                assert!(small.body.len() <= 20_000, "{name}: {}", small.body.len());
            }
        }
    }
);

story!(every_file_says_which_sites_may_use_it, |world| async move {
    let badge = "/assets/badge.svg";
    let logo = "/assets/integrations/mqjo/logo-square";
    for (path, policy) in [
        (COMPONENT, "cross-origin"),
        (badge, "cross-origin"),
        (logo, "cross-origin"),
        ("/link/assets/icon.svg", "same-origin"),
        ("/link/assets/link.0.css", "same-origin"),
        ("/link/assets/theme.0f5f7d.css", "same-origin"),
        ("/reference/reference.0.js", "same-origin"),
    ] {
        let answer = fetch(&world, path, &[]).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        let found = answer.header("cross-origin-resource-policy");
        assert_eq!(found, Some(policy), "{path}");
    }
});
