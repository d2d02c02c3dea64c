-- How data is pulled, which products a company has, how companies belong together, and what was noticed about pulled data.

-- What a client or a company has set for itself: a JSON array of its settings. No row means that it has set nothing.
create table client_sync_settings (
    client_id blob not null primary key references client (id) on delete cascade,
    settings text not null,
    updated text not null
) strict;
create table company_sync_settings (
    company_id blob not null primary key references company (id) on delete cascade,
    client_id blob not null,
    settings text not null,
    updated text not null
) strict;

-- From when on records are kept, and how many months of a statement, as it was set when the pull was queued.
alter table dataset add column window_from text;
alter table dataset add column months integer;

-- A JSON array of product identifiers, in order.
alter table company add column products text not null default '[]';
alter table company add column parent_id blob references company (id) on delete set null;
create index company_by_parent on company (parent_id) where parent_id is not null;

create table dataset_issue (
    dataset_id blob not null references dataset (id) on delete cascade,
    place integer not null,
    is_error integer not null,
    rule_id text not null,
    item_id text not null,
    message text not null,
    validator text not null,
    primary key (dataset_id, place)
) strict, without rowid;
