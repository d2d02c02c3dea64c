//! The scopes that an authorization needs, by what will be done with it.

use records::DataType;

use crate::described::integration::Integration;
use crate::described::list::List;
use crate::described::manifest::PersonDetail;

/// Words of the base that a platform needn't repeat in what it grants: they ask for a kind of token, not for data.
const NOT_REPEATED: [&str; 2] = ["offline_access", "openid"];

impl Integration {
    /// The scopes to request for reading and writing these data types, in the manifest's order, each once. `person` adds
    /// those of the person's details.
    pub fn scopes_for(&self, reads: &[DataType], writes: &[DataType], person: bool) -> Vec<String> {
        let mut scopes: Vec<String> = self.auth.scopes.clone();
        for section in &self.auth.scope {
            let needed = section.reads.iter().any(|own| reads.contains(own))
                || section.writes.iter().any(|own| writes.contains(own))
                || (person && !section.identity.is_empty());
            if needed && !scopes.contains(&section.scope) {
                scopes.push(section.scope.clone());
            }
        }
        scopes
    }

    /// The scopes of those that were granted which reading a data type needs and which aren't among them.
    pub fn lacks_to_read(&self, data_type: DataType, granted: &[String]) -> Vec<&str> {
        let of_type = self.auth.scope.iter();
        let of_type = of_type.filter(|section| section.reads.contains(&data_type));
        self.lacking(of_type.map(|section| section.scope.as_str()), granted)
    }

    /// The same for writing.
    pub fn lacks_to_write(&self, data_type: DataType, granted: &[String]) -> Vec<&str> {
        let of_type = self.auth.scope.iter();
        let of_type = of_type.filter(|section| section.writes.contains(&data_type));
        self.lacking(of_type.map(|section| section.scope.as_str()), granted)
    }

    /// The data types that are read from an address below the platform's API, as a client writes it for supplemental or custom
    /// data: what reading them needs, reading it needs too.
    pub fn types_read_at(&self, source: &str) -> Vec<DataType> {
        let base = self.api.base.raw();
        let root = base
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("", |(_, path)| path.trim_matches('/'));
        let place = |text: &str| {
            let path = text.split('?').next().unwrap_or_default();
            path.trim().trim_matches('/').to_owned()
        };
        let wanted = place(source);
        let wanted = wanted
            .strip_prefix(root)
            .filter(|rest| !root.is_empty() && rest.starts_with('/'))
            .map_or(wanted.as_str(), |rest| rest.trim_start_matches('/'));
        let is_there = |list: &List| {
            let url = list.url.raw();
            let own = place(url.strip_prefix(&base).unwrap_or(&url));
            wanted == own
                || wanted
                    .strip_prefix(&own)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        let all = self.data.iter();
        all.filter(|(_, lists)| lists.iter().any(is_there))
            .map(|(data_type, _)| *data_type)
            .collect()
    }

    fn lacking<'a>(
        &'a self,
        further: impl Iterator<Item = &'a str>,
        granted: &[String],
    ) -> Vec<&'a str> {
        let base = self.auth.scopes.iter().map(String::as_str);
        let base = base.filter(|scope| !NOT_REPEATED.contains(scope));
        base.chain(further)
            .filter(|scope| !granted.iter().any(|own| own == scope))
            .collect()
    }

    /// The details of a person that the platform can be asked for; none if it tells of no person.
    pub fn person_details(&self) -> Vec<PersonDetail> {
        let sections = self.auth.scope.iter();
        let mut details: Vec<PersonDetail> = sections
            .flat_map(|section| section.identity.iter().copied())
            .collect();
        details.sort();
        details.dedup();
        details
    }
}

/// The scopes in a platform's text: with spaces between (RFC 6749 § 3.3), or commas, as some have it.
pub fn scopes_in(text: &str) -> Vec<String> {
    text.split([' ', ',', '\t', '\n'])
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}
