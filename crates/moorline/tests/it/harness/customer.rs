//! A customer at a browser: hosted pages, the consent at the platform, the way back.

use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::{Answer, World};

/// A customer's browser: follows no redirect by itself, and keeps cookies.
pub struct Customer<'a> {
    pub world: &'a World,
    pub cookies: Vec<String>,
}

impl Customer<'_> {
    pub async fn open(&mut self, url: &str) -> Answer {
        self.request(Method::GET, url, &[]).await
    }

    /// Submits a form, as the page at the same origin would.
    pub async fn submit(&mut self, url: &str, form: &[(&str, &str)]) -> Answer {
        self.request(Method::POST, url, form).await
    }

    async fn request(&mut self, method: Method, url: &str, form: &[(&str, &str)]) -> Answer {
        let cookies = self.cookies.join("; ");
        let origin = self.world.platform.origin().ascii_serialization();
        let mut headers = vec![("cookie", cookies.as_str())];
        if method == Method::POST {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
            headers.push(("origin", &origin));
            headers.push(("sec-fetch-site", "same-origin"));
        }
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let answer = self
            .world
            .send(method, url, &headers, body.into_bytes())
            .await;
        for value in answer.headers.get_all("set-cookie") {
            let cookie = value
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            let name = format!("{}=", cookie.split('=').next().unwrap());
            self.cookies.retain(|kept| !kept.starts_with(&name));
            self.cookies.push(cookie);
        }
        answer
    }

    /// Opens a link URL, agrees to everything on the start page, and returns the platform's authorization URL.
    pub async fn set_out(&mut self, link_url: &str) -> String {
        let page = self.open(link_url).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let url = Url::parse(link_url).unwrap();
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        // Every step of the page, answered.
        form.extend(fields(&page.text()));
        form.dedup_by(|a, b| a.0 == b.0);
        let pairs: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let action = format!(
            "{}{}",
            self.world.platform.origin().ascii_serialization(),
            url.path()
        );
        let answer = self.submit(&action, &pairs).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    /// Answers at the platform, and returns the callback URL that the browser is redirected to.
    pub async fn consent(&self, authorization_url: &str, answer: Value) -> String {
        let mut body = json!({ "authorization_url": authorization_url, "person": "maya.okafor@practice.example" });
        body.as_object_mut()
            .unwrap()
            .extend(answer.as_object().unwrap().clone());
        let answered = self
            .world
            .provider(Method::POST, "answer", Some(body))
            .await;
        answered["redirect_to"].as_str().unwrap().to_owned()
    }

    /// Goes all the way (link page, consent for a business, callback), and returns the answer to the callback.
    pub async fn link(&mut self, link_url: &str, business: &str) -> Answer {
        let authorization_url = self.set_out(link_url).await;
        let callback = self
            .consent(&authorization_url, json!({ "business": business }))
            .await;
        let answer = self.open(&callback).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer
    }
}

/// The fields of the first form of a page with their values; boxes are ticked.
pub fn fields(html: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for tag in html.split("<input").skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let attribute = |name: &str| {
            tag.split(&format!("{name}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned)
        };
        if let Some(name) = attribute("name") {
            let value = attribute("value").unwrap_or_else(|| "on".into());
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, unescape(&value)));
            }
        }
    }
    fields
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
