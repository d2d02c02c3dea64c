-- Files that a business has uploaded. A row is there before its first part is stored, and counts from when `uploaded` is set:
-- what was cut off before is swept.
create table file (
    id uuid not null primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null references connection (id) on delete cascade,
    name text not null,
    -- In bytes, and their CRC-32.
    size bigint not null,
    crc bigint not null,
    begun timestamptz not null,
    uploaded timestamptz
);
create index file_by_company on file (company_id, uploaded);
create index file_by_connection on file (connection_id);

-- Their bytes, sealed in parts.
create table file_part (
    file_id uuid not null references file (id) on delete cascade,
    number bigint not null,
    sealed bytea not null,
    primary key (file_id, number)
);
