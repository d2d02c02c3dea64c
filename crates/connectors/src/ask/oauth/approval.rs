//! An administrator's approval of the application: the page to send them to, and what its answer says.

use std::collections::BTreeMap;

use url::Url;

use crate::described::integration::Integration;

impl Integration {
    /// The page at the platform on which an administrator approves the client's application; none if the platform has none. Its answer
    /// comes to the redirect URI, with the state.
    pub fn approval_url(&self, client_id: &str, redirect_uri: &str, state: &str) -> Option<Url> {
        let approval = self.auth.approval.as_ref()?;
        let values = [
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("state", state),
        ];
        let values: BTreeMap<String, String> = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut url = approval.url.clone();
        for (name, text) in &approval.parameters {
            let value = text.fill(&values, str::to_owned).ok()?;
            url.query_pairs_mut().append_pair(name, &value);
        }
        Some(url)
    }

    /// True if the answer of that page says that the application is approved.
    pub fn is_approved(&self, answer: &BTreeMap<String, String>) -> bool {
        self.auth.approval.as_ref().is_some_and(|approval| {
            let mut wanted = approval.approved.iter();
            wanted.all(|(name, value)| {
                let given = answer.get(name);
                given.is_some_and(|given| given.eq_ignore_ascii_case(value))
            })
        })
    }

    /// True if the words of a sign-in's error mean that an administrator has to approve the application first.
    pub fn needs_approval(&self, words: &str) -> bool {
        self.auth.approval.as_ref().is_some_and(|approval| {
            let mut needed = approval.needed.iter();
            needed.any(|needed| words.contains(needed.as_str()))
        })
    }
}
