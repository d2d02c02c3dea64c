-- Requests with an Idempotency-Key: one of them takes effect, and its answer is given to those that repeat it.
create table keyed_request (
    client_id blob not null,
    -- The client, or the company whose token called.
    caller blob not null,
    idempotency_key blob not null,
    -- SHA-256 of method, path and body.
    fingerprint blob not null,
    -- The attempt that works on it, and the time until which it is believed to be alive.
    holder blob not null,
    held_until text not null,
    -- True from the first commit that the attempt made.
    took_effect integer not null,
    status integer,
    -- Sealed: headers and body.
    answer blob,
    expires text not null,
    primary key (client_id, caller, idempotency_key)
) strict, without rowid;
create index keyed_request_by_expiry on keyed_request (expires);
