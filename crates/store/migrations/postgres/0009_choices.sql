-- Businesses that a customer chooses among once the platform has answered, and platforms that want to be left alone.

-- The tokens are sealed to the connection; a ticket, stored hashed, leads its browser here.
create table link_choice (
    ticket_hash bytea not null primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null references connection (id) on delete cascade,
    browser_hash bytea not null,
    access_token bytea not null,
    refresh_token bytea,
    token_expires timestamptz,
    refresh_expires timestamptz,
    scope text,
    -- JSON: what the platform named, and the values that came with the answer.
    businesses text not null,
    variables text not null,
    -- The index of the chosen one, if that leaves another question.
    chosen bigint,
    parameters text not null,
    created timestamptz not null,
    expires timestamptz not null
);
create index link_choice_by_connection on link_choice (connection_id);
create index link_choice_by_expiry on link_choice (expires);

-- Requests that a platform received on a day, by a connection's id or an OAuth client's.
create table platform_use (
    subject text not null primary key,
    -- Days since 1970-01-01, UTC.
    day bigint not null,
    -- Requests that nodes have been given that day, made or not yet.
    granted bigint not null,
    -- What the last of them was given: read back by the statement that gives it.
    taken bigint not null
);

-- The time until which nothing is requested.
create table platform_rest (
    subject text not null primary key,
    until timestamptz not null,
    reason text not null
);
