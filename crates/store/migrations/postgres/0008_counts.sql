-- How many companies a client has, kept by each insertion and deletion: lists say it on every page, and counting a million rows
-- costs more than the page.
create table company_count (
    client_id uuid not null primary key references client (id) on delete cascade,
    number bigint not null
);

insert into company_count (client_id, number) select client_id, count(*) from company group by client_id;
