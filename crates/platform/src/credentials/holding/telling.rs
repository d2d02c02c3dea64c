//! Grants in the words of the company's own people.

use super::UNREAD;
use crate::app::App;
use store::held::Held;
use store::model::{GrantReason, GrantState};

/// The state of a grant in a sentence, as the company's own people may read it. Empty if there is nothing to say.
pub fn in_words(app: &App, held: &Held) -> String {
    let platform = &held.platform_name;
    let earlier = match held.reason {
        Some(GrantReason::Superseded | GrantReason::Replaced) => "The earlier access",
        Some(GrantReason::LinkFailed | GrantReason::NotChosen | GrantReason::Interrupted) => {
            "Access that was given and not used"
        }
        _ => "Access",
    };
    let answer = match (held.answer_status, held.answer.as_deref()) {
        (Some(status), Some(words)) => Some(format!("{status}, {words}")),
        (Some(status), None) => Some(format!("status {status}")),
        (None, Some(words)) => Some(words.to_owned()),
        (None, None) => None,
    };
    let sentence = match held.state {
        GrantState::Pending | GrantState::InUse => String::new(),
        GrantState::GivingBack if held.access_token.is_none() && held.unread_answer.is_some() => {
            let answer = answer.unwrap_or_else(|| UNREAD.to_owned());
            format!("{earlier} may still be there at {platform}: {answer}. It is tried again.")
        }
        GrantState::GivingBack => match answer {
            Some(answer) => format!(
                "{earlier} is being given back at {platform}. Its last answer: {answer}. It is tried again."
            ),
            None => format!("{earlier} is being given back at {platform}."),
        },
        GrantState::GivenBack if held.answer.is_some() => {
            format!("{earlier} is over at {platform}: it was there no longer.")
        }
        GrantState::GivenBack => format!("{earlier} was given back at {platform}."),
        GrantState::NotOffered => {
            format!("{earlier} can't be given back from here: {platform} offers no way.")
        }
        GrantState::Refused => format!(
            "{earlier} was not taken back by {platform}: {}.",
            answer.as_deref().unwrap_or("it gave no answer")
        ),
        GrantState::Lost => format!(
            "{earlier} is no longer honoured by {platform}{}",
            answer.map_or_else(|| ".".to_owned(), |answer| format!(": {answer}"))
        ),
        GrantState::Expired => format!("{earlier} to {platform} ended by itself."),
        GrantState::Superseded => format!(
            "{earlier} goes on with the newer one: {platform} takes back only both together."
        ),
    };
    match remedy(app, held) {
        Some(remedy) if !sentence.is_empty() => format!("{sentence} {remedy}"),
        _ => sentence,
    }
}

/// The thing that the company's own people can do at the platform, if the grant's end isn't proven.
pub fn remedy(app: &App, held: &Held) -> Option<String> {
    let unproven = match held.state {
        GrantState::NotOffered | GrantState::Refused => true,
        GrantState::GivingBack => held.access_token.is_none() && held.unread_answer.is_some(),
        _ => false,
    };
    if !unproven {
        return None;
    }
    let integration = app.catalogue.get(&held.integration_key);
    let platform = &held.platform_name;
    let manifest = integration.and_then(|integration| integration.manage_access());
    let variables = serde_json::from_str(&held.variables).unwrap_or_default();
    if let Some(way) = integration.and_then(|integration| integration.way_of(&variables)) {
        return Some(way.manage_access().to_owned());
    }
    Some(match (manifest, manage_access_url(app, held)) {
        (Some(sentence), Some(url)) => format!("{sentence} ({url})"),
        (Some(sentence), None) => sentence.to_owned(),
        (None, Some(url)) => format!("It can be removed at {url}."),
        (None, None) => format!("It can be removed at {platform} by the person who gave it."),
    })
}

/// The page at the platform on which its people see and remove access.
pub fn manage_access_url(app: &App, held: &Held) -> Option<String> {
    let integration = app.catalogue.get(&held.integration_key)?;
    integration.manage_access_url().map(ToString::to_string)
}
