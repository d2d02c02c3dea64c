//! The names that requests give a meaning of their own in a manifest's texts.

/// The months of a statement that are wanted, a number, which the caller fills in for each request
/// ([`Access::variables`](crate::Access::variables)).
pub const MONTHS_TO_SYNC: &str = "months_to_sync";

/// The day on which a pull was requested (`YYYY-MM-DD`), which the caller fills in likewise.
pub const TODAY: &str = "today";

/// The name of the time since which changes are asked for, in the texts of a list.
pub(crate) const SINCE: &str = "since";
/// The same in the text that `${since}` stands for.
pub(crate) const TIME: &str = "time";

/// The names that stand for a place in a list, in the texts of its manifest.
pub(crate) const PAGING: [&str; 9] = [
    "page",
    "offset",
    "cursor",
    "size",
    "first_day",
    "last_day",
    "last_month",
    "months",
    "months_before",
];

/// The names that stand for the grant and for the client in these requests.
pub(crate) const REVOCATION: [&str; 4] = [
    "access_token",
    "refresh_token",
    "client_id",
    "client_secret",
];

/// Every one of them: no variable may have such a name.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    let requests = PAGING.into_iter().chain(REVOCATION);
    requests.chain([SINCE, TIME, MONTHS_TO_SYNC, TODAY])
}
