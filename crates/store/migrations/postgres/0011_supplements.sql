-- What a platform answered for single records of a page, kept while a pull waits in the middle of one: it goes on from there.
create table supplement (
    dataset_id uuid not null references dataset (id) on delete cascade,
    -- The address that it is requested from, as the client's settings have it.
    source text not null,
    record_id text not null,
    -- Null if the platform has nothing there.
    body bytea,
    primary key (dataset_id, source, record_id)
);
