-- Records that a client writes to a platform: the contract's push operations.
create table push_operation (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null references company (id) on delete cascade,
    connection_id blob not null references connection (id) on delete cascade,
    data_type text not null,
    -- The platform's id of the record to change; none makes a new one.
    target text,
    request text not null,
    requested text not null,
    timeout_minutes integer,
    sync_after integer not null,
    status text not null,
    status_code integer not null,
    error_message text,
    validation text,
    -- When it was handed to the platform for the first time: from then on it may have been done.
    sent text,
    completed text,
    record_id text
) strict;
create index push_operation_by_company on push_operation (company_id, requested, id);
create index push_operation_by_connection on push_operation (connection_id);
