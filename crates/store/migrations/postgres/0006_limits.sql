-- Limits: each client's requests of the day, as far as the nodes have taken them.

create table quota (
    client_id uuid not null primary key references client (id) on delete cascade,
    -- Days since 1970-01-01, UTC.
    day bigint not null,
    -- Requests that nodes have been given that day, made or not yet.
    granted bigint not null,
    -- What the last of them was given: read back by the statement that gives it.
    taken bigint not null,
    -- The client got the event that the day's requests are used up, and not yet the one that it has new ones.
    exhausted boolean not null
);
create index quota_exhausted on quota (day) where exhausted;
