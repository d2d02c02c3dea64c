-- Webhooks: consumers, their secrets, the messages that events become, and each attempt to deliver one.

-- What concerns a client alone has no company; a write's event type begins with its data type; `uid` is the event's name
-- outside (a webhook's `webhook-id`).
create table event_2 (
    id integer not null primary key autoincrement,
    uid blob not null default (randomblob(16)),
    client_id blob not null,
    company_id blob,
    connection_id blob,
    type text not null,
    data_type text,
    occurred text not null,
    actor text not null,
    reason text,
    from_status text,
    to_status text,
    payload text not null
) strict;
insert into event_2 (id, client_id, company_id, connection_id, type, occurred, actor, reason, from_status, to_status, payload)
    select id, client_id, company_id, connection_id, type, occurred, actor, reason, from_status, to_status, payload from event;
drop table event;
alter table event_2 rename to event;
create index event_by_company on event (company_id, id);
create index event_by_connection on event (connection_id, id);
create index event_by_client on event (client_id, occurred);

create table webhook (
    id blob not null primary key,
    client_id blob not null references client (id) on delete cascade,
    url text not null,
    description text,
    -- JSON arrays of text.
    event_types text not null,
    company_tags text not null,
    disabled integer not null,
    disabled_reason text,
    -- Sealed JSON object: custom headers, which may well be credentials.
    headers blob,
    header_names text not null,
    -- Messages a second; none is without limit.
    rate_limit integer,
    -- Sealed PEM: a client certificate and its key. The digest identifies it, without opening it.
    identity blob,
    identity_digest text,
    -- The integration key that made it, and alone may change it; none for an API key.
    made_by text,
    failing_since text,
    last_failure text,
    -- A consumer that asked for a pause (Retry-After) gets one.
    paused_until text,
    -- Which process delivers to it: one at a time.
    lease_owner blob,
    lease_until text,
    created text not null,
    updated text not null
) strict;
create index webhook_by_client on webhook (client_id, created, id);

-- The newest signs first; older ones sign beside it until they expire.
create table webhook_secret (
    id blob not null primary key,
    webhook_id blob not null references webhook (id) on delete cascade,
    sealed blob not null,
    created text not null,
    expires text
) strict;
create index webhook_secret_by_webhook on webhook_secret (webhook_id, created);

-- An event on its way to a consumer, written by the transaction that caused the event. Its id is the event's.
create table webhook_message (
    webhook_id blob not null references webhook (id) on delete cascade,
    id blob not null,
    -- The event's number; 0 for a test message, which has its own body.
    event_id integer not null,
    body text,
    event_type text not null,
    company_id blob,
    -- First attempts with the same lane follow each other.
    lane blob not null,
    state text not null,
    -- All attempts ever, and those since it was last sent or resent.
    attempts integer not null,
    tries integer not null,
    next_at text,
    created text not null,
    settled text,
    primary key (webhook_id, id)
) strict;
create index webhook_message_first on webhook_message (webhook_id, event_id, id) where state = 'waiting' and attempts = 0;
create index webhook_message_due on webhook_message (webhook_id, next_at) where state = 'waiting';
create index webhook_message_listed on webhook_message (webhook_id, created, id);
create index webhook_message_by_age on webhook_message (created);

create table webhook_attempt (
    webhook_id blob not null,
    message_id blob not null,
    number integer not null,
    at text not null,
    -- None if no answer came.
    status integer,
    duration_ms integer not null,
    error text,
    -- The beginning of the answer's body.
    answer text,
    primary key (webhook_id, message_id, number),
    foreign key (webhook_id, message_id) references webhook_message (webhook_id, id) on delete cascade
) strict;

-- Keys that reach the webhook operations alone, for automation services. One a client and service.
create table integration_key (
    client_id blob not null references client (id) on delete cascade,
    service text not null,
    lookup text not null unique,
    hash blob not null,
    created text not null,
    primary key (client_id, service)
) strict;
