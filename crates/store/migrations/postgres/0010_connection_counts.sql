-- Companies with a Linked connection, and connections by platform and status, kept by each change of a connection: how much a
-- client may ask and the list of integrations depend on them, and counting millions takes longer than a request may.
alter table company_count add column connected bigint not null default 0;

update company_count set connected =
    (select count(distinct company_id) from connection where client_id = company_count.client_id and status = 'Linked');

create table connection_count (
    client_id uuid not null references client (id) on delete cascade,
    integration_key text not null,
    status text not null,
    number bigint not null,
    primary key (client_id, integration_key, status)
);

insert into connection_count (client_id, integration_key, status, number)
    select client_id, integration_key, status, count(*) from connection group by client_id, integration_key, status;

-- Who else is connected to the same business.
create index connection_by_account on connection (integration_key, account_id) where account_id is not null;
-- What a node that starts after a crash lets go of.
create index credential_leased on credential (connection_id) where lease_owner is not null;
