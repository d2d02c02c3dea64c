-- Webhooks: consumers, their secrets, the messages that events become, and each attempt to deliver one.

-- What concerns a client alone has no company; a write's event type begins with its data type; `uid` is the event's name
-- outside (a webhook's `webhook-id`).
alter table event add column uid uuid not null default gen_random_uuid();
alter table event add column data_type text;
alter table event alter column company_id drop not null;
create index event_by_client on event (client_id, occurred);

create table webhook (
    id uuid not null primary key,
    client_id uuid not null references client (id) on delete cascade,
    url text not null,
    description text,
    -- JSON arrays of text.
    event_types text not null,
    company_tags text not null,
    disabled boolean not null,
    disabled_reason text,
    -- Sealed JSON object: custom headers, which may well be credentials.
    headers bytea,
    header_names text not null,
    -- Messages a second; none is without limit.
    rate_limit bigint,
    -- Sealed PEM: a client certificate and its key. The digest identifies it, without opening it.
    identity bytea,
    identity_digest text,
    -- The integration key that made it, and alone may change it; none for an API key.
    made_by text,
    failing_since timestamptz,
    last_failure timestamptz,
    -- A consumer that asked for a pause (Retry-After) gets one.
    paused_until timestamptz,
    -- Which process delivers to it: one at a time.
    lease_owner uuid,
    lease_until timestamptz,
    created timestamptz not null,
    updated timestamptz not null
);
create index webhook_by_client on webhook (client_id, created, id);

-- The newest signs first; older ones sign beside it until they expire.
create table webhook_secret (
    id uuid not null primary key,
    webhook_id uuid not null references webhook (id) on delete cascade,
    sealed bytea not null,
    created timestamptz not null,
    expires timestamptz
);
create index webhook_secret_by_webhook on webhook_secret (webhook_id, created);

-- An event on its way to a consumer, written by the transaction that caused the event. Its id is the event's.
create table webhook_message (
    webhook_id uuid not null references webhook (id) on delete cascade,
    id uuid not null,
    -- The event's number; 0 for a test message, which has its own body.
    event_id bigint not null,
    body text,
    event_type text not null,
    company_id uuid,
    -- First attempts with the same lane follow each other.
    lane uuid not null,
    state text not null,
    -- All attempts ever, and those since it was last sent or resent.
    attempts bigint not null,
    tries bigint not null,
    next_at timestamptz,
    created timestamptz not null,
    settled timestamptz,
    primary key (webhook_id, id)
);
create index webhook_message_first on webhook_message (webhook_id, event_id, id) where state = 'waiting' and attempts = 0;
create index webhook_message_due on webhook_message (webhook_id, next_at) where state = 'waiting';
create index webhook_message_listed on webhook_message (webhook_id, created, id);
create index webhook_message_by_age on webhook_message (created);

create table webhook_attempt (
    webhook_id uuid not null,
    message_id uuid not null,
    number bigint not null,
    at timestamptz not null,
    -- None if no answer came.
    status bigint,
    duration_ms bigint not null,
    error text,
    -- The beginning of the answer's body.
    answer text,
    primary key (webhook_id, message_id, number),
    foreign key (webhook_id, message_id) references webhook_message (webhook_id, id) on delete cascade
);

-- Keys that reach the webhook operations alone, for automation services. One a client and service.
create table integration_key (
    client_id uuid not null references client (id) on delete cascade,
    service text not null,
    lookup text not null unique,
    hash bytea not null,
    created timestamptz not null,
    primary key (client_id, service)
);
