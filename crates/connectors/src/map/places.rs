//! Places in a platform's own records: of their ids and of their numbers.

use jaq_json::Val;

use super::values::text;

/// The deepest that an id is looked for.
const DEEPEST: usize = 3;
/// The most records that are compared.
pub(crate) const COMPARED: usize = 20;

/// A text's content, or a number's digits.
fn scalar(value: &Val) -> Option<String> {
    match value {
        Val::Num(number) => Some(Val::Num(number.clone()).to_string()),
        other => text(other).map(str::to_owned),
    }
}

fn member<'a>(value: &'a Val, name: &str) -> Option<&'a Val> {
    match value {
        Val::Obj(members) => members.get(&Val::from(name.to_owned())),
        _ => None,
    }
}

/// A record, or the first of the rows that are one together.
fn first_row(record: &Val) -> &Val {
    match record {
        Val::Arr(rows) => rows.first().unwrap_or(record),
        record => record,
    }
}

/// The text or number at a path of members; none if it is empty.
pub(crate) fn scalar_at(record: &Val, place: &[String]) -> Option<String> {
    let found = place
        .iter()
        .try_fold(first_row(record), |value, name| member(value, name));
    scalar(found?).filter(|found| !found.is_empty())
}

/// The one path at which each of the platform's records has the id of the standard record that it became. None if there is no
/// such path, or if two of them fit.
pub(crate) fn place_of_ids(pairs: &[(&Val, &str)]) -> Option<Vec<String>> {
    let (first, id) = pairs.first()?;
    let mut places = Vec::new();
    find(first_row(first), id, &mut Vec::new(), &mut places);
    for (record, id) in pairs.iter().skip(1).take(COMPARED) {
        places.retain(|place| scalar_at(record, place).as_deref() == Some(id));
    }
    // The id in a second place (an address of the record, a link's) is the same id: the shortest path counts.
    let shortest = places.iter().map(Vec::len).min()?;
    places.retain(|place| place.len() == shortest);
    match places.as_slice() {
        [place] => Some(place.clone()),
        _ => None,
    }
}

fn find(value: &Val, id: &str, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Val::Obj(members) = value else { return };
    for (name, value) in members.iter() {
        let Some(name) = text(name) else { continue };
        path.push(name.to_owned());
        match value {
            Val::Obj(_) if path.len() < DEEPEST => find(value, id, path, found),
            _ if scalar(value).as_deref() == Some(id) => found.push(path.clone()),
            _ => {}
        }
        path.pop();
    }
}

/// The number that people know a record by: a member of the platform's record that is called `number` or ends in it.
pub(crate) fn number(record: &Val) -> Option<String> {
    const LONGEST: usize = 60;
    let Val::Obj(members) = first_row(record) else {
        return None;
    };
    let named = members.iter().find_map(|(name, value)| {
        let name = text(name)?.to_ascii_lowercase();
        let is_it = ["number", "docnumber", "reference"].contains(&name.as_str())
            || (name.ends_with("number") && !name.contains("account") && !name.contains("tax"));
        is_it.then(|| scalar(value)).flatten()
    })?;
    let shown: String = named
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST)
        .collect();
    (!shown.trim().is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::super::value;
    use super::*;

    #[test]
    fn the_place_of_ids_is_learnt_from_records_that_have_one() {
        let records = value(
            br#"[{"Id":"7","Line":{"Id":"1"},"Ref":"7","DocNumber":"INV-7"},{"Id":"8","Line":{"Id":"1"},"Ref":"7"},{"Id":9}]"#,
        )
        .unwrap();
        let Val::Arr(records) = records else {
            panic!("an array");
        };
        let place = place_of_ids(&[(&records[0], "7"), (&records[1], "8")]).unwrap();
        assert_eq!(place, ["Id"]);
        assert_eq!(scalar_at(&records[2], &place).as_deref(), Some("9"));
        assert_eq!(number(&records[0]).as_deref(), Some("INV-7"));
        assert_eq!(number(&records[1]), None);
        // One record alone has its id in two places, and one that is made of parts in none.
        assert_eq!(place_of_ids(&[(&records[0], "7")]), None);
        assert_eq!(place_of_ids(&[(&records[0], "7:1")]), None);
        assert_eq!(place_of_ids(&[]), None);
    }
}
