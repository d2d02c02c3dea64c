-- Connections that were made beside another one, for a further business behind the same sign-in. The people of the company that began
-- see them, and can end them.
create table connection_beside (
    connection_id blob not null primary key references connection (id) on delete cascade,
    -- The connection that began, which may be gone, and its company.
    beside_id blob not null,
    beside_company_id blob not null references company (id) on delete cascade
) strict;
create index connection_beside_by_company on connection_beside (beside_company_id);
