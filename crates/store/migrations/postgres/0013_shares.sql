-- What nodes share out among themselves of the requests that are under way, and of those that an address may make in a minute.
-- It is worth nothing once no node runs: unlogged, so that it costs no write to the disk.

create unlogged table request_share (
    client_id uuid not null,
    node uuid not null,
    -- Requests of the client that this node may have under way.
    held bigint not null,
    -- By the real clock. The places of a node that died are free afterwards.
    lease_until timestamptz not null,
    primary key (client_id, node)
);
create index request_share_node on request_share (node);

create unlogged table address_minute (
    address text not null,
    -- Since 1970-01-01, UTC.
    minute bigint not null,
    -- Requests that nodes have been given that minute, made or not yet.
    granted bigint not null,
    -- What the last of them was given: read back by the statement that gives it.
    taken bigint not null,
    primary key (address, minute)
);
create index address_minute_minute on address_minute (minute);
