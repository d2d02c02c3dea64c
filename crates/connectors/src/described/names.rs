//! The names that requests give a meaning of their own in a manifest's texts.

/// The number of months of a statement to pull, which the caller fills in for each request
/// ([`Access::variables`](crate::Access::variables)).
pub const MONTHS_TO_SYNC: &str = "months_to_sync";

/// The day on which a pull was requested (`YYYY-MM-DD`), which the caller fills in likewise.
pub const TODAY: &str = "today";

/// The name by which a machine's program knows what it was set up for, which the caller fills in when the company is asked for.
pub const OWNER: &str = "owner";

/// The time since which changes are requested, in the texts of a list.
pub(crate) const SINCE: &str = "since";
/// The same in the text that replaces `${since}`.
pub(crate) const TIME: &str = "time";

/// The names of a page in the texts of a list.
pub(crate) const PAGING: [&str; 10] = [
    "page",
    "offset",
    "cursor",
    "size",
    "first_day",
    "last_day",
    "day_before",
    "last_month",
    "months",
    "months_before",
];

/// Those of a page of months.
pub(crate) const MONTHS: [&str; 6] = [
    "first_day",
    "last_day",
    "day_before",
    "last_month",
    "months",
    "months_before",
];

/// The names of the grant and of the client in the requests that give a grant back.
pub(crate) const REVOCATION: [&str; 4] = [
    "access_token",
    "refresh_token",
    "client_id",
    "client_secret",
];

/// The names of the client and of this journey in the page on which an administrator approves the application.
pub(crate) const APPROVAL: [&str; 3] = ["client_id", "redirect_uri", "state"];

/// The way by which access was given ([`Way::key`](crate::Way::key)), among the connection's values; none after a sign-in at the platform.
pub const WAY: &str = "auth.way";

/// Every one of them: no variable may have such a name.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    let requests = PAGING.into_iter().chain(REVOCATION).chain(APPROVAL);
    requests.chain([SINCE, TIME, MONTHS_TO_SYNC, TODAY, OWNER, WAY])
}
