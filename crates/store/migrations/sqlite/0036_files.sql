-- Files that a business has uploaded. A row is there before its first part is stored, and counts from when `uploaded` is set:
-- what was cut off before is swept.
create table file (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null,
    connection_id blob not null references connection (id) on delete cascade,
    name text not null,
    -- In bytes, and their CRC-32.
    size integer not null,
    crc integer not null,
    begun text not null,
    uploaded text
) strict;
create index file_by_company on file (company_id, uploaded);
create index file_by_connection on file (connection_id);

-- Their bytes, sealed in parts.
create table file_part (
    file_id blob not null references file (id) on delete cascade,
    number integer not null,
    sealed blob not null,
    primary key (file_id, number)
) strict;
