-- Data that a client wants of a platform in addition to the standard models: `supplemental` fields of a data type (its key is the name), and
-- `custom` data types by the names that the client gives them. `config` is the contract's JSON.
create table data_config (
    client_id blob not null references client (id) on delete cascade,
    platform_key text not null,
    kind text not null,
    name text not null,
    config text not null,
    changed text not null,
    primary key (client_id, platform_key, kind, name)
) strict;
