-- Renewals that bring nothing: the pauses between them, an answer that isn't understood yet, and token endpoints that refuse.

alter table credential add column failures bigint not null default 0;
-- Not asked again in between. A pause is kept with its beginning, so that a clock that is set back doesn't lengthen it.
alter table credential add column paused_at timestamptz;
alter table credential add column paused_until timestamptz;
alter table credential add column paused_why text;
-- A refusal of the grant that is not believed yet.
alter table credential add column doubted timestamptz;
-- An API refused the access token, which was renewed because of that.
alter table credential add column refused_at timestamptz;
-- A success whose tokens can't be read, sealed, with its time and the reason. The refresh token before it may be spent.
alter table credential add column unread_answer bytea;
alter table credential add column unread_at timestamptz;
alter table credential add column unread_why text;

-- A token endpoint that asks for a pause, or refuses a client's own credentials. No row: it answers.
create table token_endpoint (
    client_id uuid not null references client (id) on delete cascade,
    integration_key text not null,
    failures bigint not null,
    -- The first failure in a row.
    since timestamptz not null,
    paused_at timestamptz not null,
    paused_until timestamptz not null,
    -- In words.
    reason text not null,
    -- OAuth's code, if the fault is the operator's: the client's credentials are refused.
    fault text,
    primary key (client_id, integration_key)
);
