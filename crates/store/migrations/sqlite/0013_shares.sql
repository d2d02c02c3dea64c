-- What nodes share out among themselves of the requests that are under way, and of those that an address may make in a minute.
-- One process has an SQLite database for itself, and writes nothing here.

create table request_share (
    client_id blob not null,
    node blob not null,
    -- Requests of the client that this node may have under way.
    held integer not null,
    -- By the real clock. The places of a node that died are free afterwards.
    lease_until text not null,
    primary key (client_id, node)
) strict;
create index request_share_node on request_share (node);

create table address_minute (
    address text not null,
    -- Since 1970-01-01, UTC.
    minute integer not null,
    -- Requests that nodes have been given that minute, made or not yet.
    granted integer not null,
    -- What the last of them was given: read back by the statement that gives it.
    taken integer not null,
    primary key (address, minute)
) strict;
create index address_minute_minute on address_minute (minute);
