-- True if a link takes effect only once the client's software has confirmed that its own signed-in user finished it.
alter table client add column strict_linking integer not null default 0;
-- A platform's answer that waits for that, sealed, with the digest of what confirms it.
alter table authorization_attempt add column held blob;
alter table authorization_attempt add column held_until text;
alter table authorization_attempt add column confirmation_hash blob;
create index authorization_attempt_held on authorization_attempt (held_until) where held_until is not null;

-- Sealed values that were opened on a day, until they are put on the record.
create table secret_opening (
    client_id blob not null,
    -- Days since 1970-01-01, UTC.
    day integer not null,
    -- All zeros for what is of no connection.
    connection_id blob not null,
    field text not null,
    purpose text not null,
    number integer not null,
    primary key (client_id, day, connection_id, field, purpose)
) strict;
create index secret_opening_by_day on secret_opening (day);
