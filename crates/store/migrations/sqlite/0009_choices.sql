-- Businesses that a customer chooses among once the platform has answered, and platforms that want to be left alone.

-- The tokens are sealed to the connection; a ticket, stored hashed, leads its browser here.
create table link_choice (
    ticket_hash blob not null primary key,
    client_id blob not null,
    company_id blob not null,
    connection_id blob not null references connection (id) on delete cascade,
    browser_hash blob not null,
    access_token blob not null,
    refresh_token blob,
    token_expires text,
    refresh_expires text,
    scope text,
    -- JSON: what the platform named, and the values that came with the answer.
    businesses text not null,
    variables text not null,
    -- The index of the chosen one, if that leaves another question.
    chosen integer,
    parameters text not null,
    created text not null,
    expires text not null
) strict;
create index link_choice_by_connection on link_choice (connection_id);
create index link_choice_by_expiry on link_choice (expires);

-- Requests that a platform received on a day, by a connection's id or an OAuth client's.
create table platform_use (
    subject text not null primary key,
    -- Days since 1970-01-01, UTC.
    day integer not null,
    -- Requests that nodes have been given that day, made or not yet.
    granted integer not null,
    -- What the last of them was given: read back by the statement that gives it.
    taken integer not null
) strict;

-- The time until which nothing is requested.
create table platform_rest (
    subject text not null primary key,
    until text not null,
    reason text not null
) strict;
