-- What a business asked of a client about its own data. It outlives the company, since the answer may be its deletion.
create table data_request (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null,
    company_name text not null,
    kind text not null,
    status text not null,
    requested text not null,
    due text not null,
    answered text,
    note text
) strict;
create index data_request_by_client on data_request (client_id, requested, id);
create index data_request_by_company on data_request (company_id, requested, id);
create unique index data_request_one_open on data_request (company_id, kind) where status = 'Open';
