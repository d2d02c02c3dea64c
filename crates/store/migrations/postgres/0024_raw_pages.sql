-- Answers of platforms as they came, sealed, for clients that have them kept.
create table raw_page (
    connection_id uuid not null references connection (id) on delete cascade,
    data_type text not null,
    dataset_id uuid not null,
    -- Its number in the pull, from 0.
    number bigint not null,
    -- The number of the list that it is of, from 0.
    list bigint not null,
    -- The answer, and what was looked up for it.
    sealed bytea not null,
    came timestamptz not null,
    primary key (connection_id, data_type, dataset_id, number)
);
create index raw_page_by_time on raw_page (came);

-- Days that answers of platforms are kept; none if they aren't.
alter table client_retention add column page_days bigint;
