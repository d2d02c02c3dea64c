//! A tracking category as the contract answers for one: with its subcategories, and theirs.

use serde_json::{Value, json};

use store::StoreError;
use store::records::{Stamps, Stored};

/// The tree below `id` as JSON; none if there is no such category.
pub(super) fn tree(
    categories: &[Stored],
    id: &str,
    stamps: Stamps,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut known = Vec::with_capacity(categories.len());
    for category in categories {
        let mut written = Vec::new();
        category.write(stamps, &mut written);
        let value: Value = serde_json::from_slice(&written).map_err(|error| {
            StoreError::Corrupt(format!("a tracking category can't be read: {error}"))
        })?;
        known.push(value);
    }
    let Some(top) = known.iter().find(|category| category["id"] == id) else {
        return Ok(None);
    };
    let mut above = vec![top["id"].as_str().unwrap_or_default()];
    Ok(Some(
        with_children(top, &known, &mut above).to_string().into(),
    ))
}

/// `above` holds the ids on the way here: a platform whose categories go in a circle must not send us round with them.
fn with_children<'a>(category: &Value, known: &'a [Value], above: &mut Vec<&'a str>) -> Value {
    let mut written = category.clone();
    let mut below = Vec::new();
    for child in known {
        let Some(id) = child["id"].as_str() else {
            continue;
        };
        if child["parentId"] == category["id"] && !above.contains(&id) {
            above.push(id);
            below.push(with_children(child, known, above));
            above.pop();
        }
    }
    written["subCategories"] = json!(below);
    written
}
