-- Tokens that can't be opened: altered, moved from another row, or sealed with another key. The time at which that was reported.
alter table credential add column unreadable_at text;
create index credential_unreadable on credential (unreadable_at) where unreadable_at is not null;
