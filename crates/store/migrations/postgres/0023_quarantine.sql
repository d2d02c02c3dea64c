-- Records that couldn't be read: each with its reason and, sealed, the form in which the platform sent it.
create table quarantine (
    connection_id uuid not null references connection (id) on delete cascade,
    data_type text not null,
    -- The id of the standard record that it would have become; if that isn't known, the digest of its form.
    key text not null,
    -- True if the key is an id.
    known boolean not null,
    -- The number of the list that it came on, from 0.
    list bigint not null,
    reason text not null,
    -- None if it is too long to be kept.
    sealed bytea,
    -- The pull that last met it.
    dataset_id uuid not null,
    -- The time at which the platform last sent it.
    seen timestamptz not null,
    primary key (connection_id, data_type, key)
);
create index quarantine_by_time on quarantine (seen);

-- Records that the pull couldn't read.
alter table dataset add column set_aside bigint not null default 0;
