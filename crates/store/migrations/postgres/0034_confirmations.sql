-- True if a link takes effect only once the client's software has confirmed that its own signed-in user finished it.
alter table client add column strict_linking boolean not null default false;
-- A platform's answer that waits for that, sealed, with the digest of what confirms it.
alter table authorization_attempt add column held bytea;
alter table authorization_attempt add column held_until timestamptz;
alter table authorization_attempt add column confirmation_hash bytea;
create index authorization_attempt_held on authorization_attempt (held_until) where held_until is not null;

-- Sealed values that were opened on a day, until they are put on the record.
create table secret_opening (
    client_id uuid not null,
    -- Days since 1970-01-01, UTC.
    day bigint not null,
    -- All zeros for what is of no connection.
    connection_id uuid not null,
    field text not null,
    purpose text not null,
    number bigint not null,
    primary key (client_id, day, connection_id, field, purpose)
);
create index secret_opening_by_day on secret_opening (day);
