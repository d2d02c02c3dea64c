-- Requests with an Idempotency-Key: one of them takes effect, and its answer is given to those that repeat it.
create table keyed_request (
    client_id uuid not null,
    -- The client, or the company whose token called.
    caller uuid not null,
    idempotency_key uuid not null,
    -- SHA-256 of method, path and body.
    fingerprint bytea not null,
    -- The attempt that works on it, and the time until which it is believed to be alive.
    holder bytea not null,
    held_until timestamptz not null,
    -- True from the first commit that the attempt made.
    took_effect boolean not null,
    status bigint,
    -- Sealed: headers and body.
    answer bytea,
    expires timestamptz not null,
    primary key (client_id, caller, idempotency_key)
);
create index keyed_request_by_expiry on keyed_request (expires);
