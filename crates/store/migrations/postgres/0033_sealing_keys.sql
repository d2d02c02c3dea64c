-- Keys that secrets are sealed with. Each is stored wrapped by a root key, which is kept outside the database.
create table sealing_key (
    -- Its digest, in hexadecimal; `record` for the key of the record.
    id text not null primary key,
    -- The root key that wraps it.
    root text not null,
    -- None if it is the root key itself, as the first one is, and once it is retired.
    wrapped bytea,
    state text not null,
    created timestamptz not null,
    activated timestamptz,
    -- The time at which nothing was found any more that is sealed with it.
    emptied timestamptz,
    retired timestamptz
);

-- Nodes, and the key that each seals with.
create table sealing_node (
    name text not null primary key,
    key_id text not null,
    -- All keys that it can open values with, with commas between.
    known text not null,
    -- Answers of platforms that it keeps beside the database.
    kept bigint not null,
    since timestamptz not null
);
