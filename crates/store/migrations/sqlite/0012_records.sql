-- Documents stand last, in rows that may fill a page: without a rowid, a row beyond a quarter of a page spills onto a page of its
-- own, and each look at a digest behind the document reads that page too.
create table record_in_rows (
    connection_id blob not null references connection (id) on delete cascade,
    data_type text not null,
    id text not null,
    company_id blob not null,
    digest blob not null,
    modified text not null,
    source_modified text,
    deleted integer not null,
    seen blob not null,
    document text not null,
    primary key (connection_id, data_type, id)
) strict;

insert into record_in_rows (connection_id, data_type, id, company_id, digest, modified, source_modified, deleted, seen, document)
    select connection_id, data_type, id, company_id, digest, modified, source_modified, deleted, seen, document from record;
drop table record;
alter table record_in_rows rename to record;
