-- Everything a Moorline installation keeps. Times are UTC; secrets are only ever present sealed.

create table meta (
    key text not null primary key,
    value text not null
) strict;

-- A client organisation (tenant): the lender, bank or SaaS company that asks its customers for their data.
create table client (
    id blob not null primary key,
    name text not null,
    logo_url text,
    icon_url text,
    redirect_url text,
    white_list_urls text not null,
    allowed_origins text not null,
    show_badge integer not null,
    created text not null
) strict;

create table api_key (
    id blob not null primary key,
    client_id blob not null references client (id) on delete cascade,
    name text,
    lookup text not null unique,
    hash blob not null,
    created text not null
) strict;
create index api_key_by_client on api_key (client_id, created);

-- What a client has set for an integration; no row means the manifest's default.
create table integration_setting (
    client_id blob not null references client (id) on delete cascade,
    key text not null,
    enabled integer not null,
    oauth_client_id text,
    oauth_client_secret blob,
    updated text not null,
    primary key (client_id, key)
) strict;

create table company (
    id blob not null primary key,
    client_id blob not null references client (id) on delete cascade,
    name text not null,
    description text,
    created text not null,
    last_sync text
) strict;
create unique index company_by_client on company (client_id, created, id);

-- The order of the companies list stands inside the key, so that a tag's page needs no sort.
create table company_tag (
    client_id blob not null,
    key text not null,
    value text not null,
    created text not null,
    company_id blob not null references company (id) on delete cascade,
    primary key (client_id, key, value, created, company_id)
) strict;
create index company_tag_by_company on company_tag (company_id);

create table connection (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null references company (id) on delete cascade,
    integration_key text not null,
    integration_id blob not null,
    source_id blob not null,
    source_type text not null,
    platform_name text not null,
    status text not null,
    attention_code text,
    attention_message text,
    account_id text,
    account_name text,
    variables text,
    info text,
    first_authorized text,
    last_authorized text,
    last_sync text,
    created text not null
) strict;
create index connection_by_company on connection (company_id, created, id);
create index connection_by_client on connection (client_id, created, id);
-- One accounting source per company, whatever races.
create unique index connection_one_accounting on connection (company_id)
    where status = 'Linked' and source_type = 'Accounting';

create table connection_error (
    id blob not null primary key,
    connection_id blob not null references connection (id) on delete cascade,
    status_code text not null,
    status_text text not null,
    error_message text not null,
    errored_on text not null,
    resolved_on text
) strict;
create index connection_error_by_connection on connection_error (connection_id, errored_on);

-- What happened, written by the transaction that did it. It outlives the rows it speaks of.
create table event (
    id integer not null primary key autoincrement,
    client_id blob not null,
    company_id blob not null,
    connection_id blob,
    type text not null,
    occurred text not null,
    actor text not null,
    reason text,
    from_status text,
    to_status text,
    payload text not null
) strict;
create index event_by_company on event (company_id, id);
create index event_by_connection on event (connection_id, id);

create table credential (
    connection_id blob not null primary key references connection (id) on delete cascade,
    client_id blob not null,
    version integer not null,
    access_token blob not null,
    refresh_token blob,
    expires text,
    scope text,
    lease_owner blob,
    lease_until text,
    refresh_began text,
    updated text not null
) strict;

-- A customer on the way to a platform: RFC 6749 `state`, stored hashed, spent once.
create table authorization_attempt (
    state_hash blob not null primary key,
    client_id blob not null,
    company_id blob not null,
    connection_id blob not null references connection (id) on delete cascade,
    browser_hash blob not null,
    verifier blob,
    parameters text not null,
    created text not null,
    expires text not null,
    spent text
) strict;
create index authorization_attempt_by_connection on authorization_attempt (connection_id);
create index authorization_attempt_by_expiry on authorization_attempt (expires);

create table spent_password (
    id blob not null primary key,
    expires text not null
) strict;
create index spent_password_by_expiry on spent_password (expires);

create table dataset (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null references company (id) on delete cascade,
    connection_id blob not null references connection (id) on delete cascade,
    data_type text not null,
    batch_id blob not null,
    initial integer not null,
    status text not null,
    status_description text,
    error_message text,
    progress integer not null,
    requested text not null,
    completed text,
    since text,
    next_page text,
    pages integer not null,
    records integer not null,
    modified integer not null
) strict;
create index dataset_by_company on dataset (company_id, requested, id);
create index dataset_by_type on dataset (connection_id, data_type, requested, id);
create index dataset_by_batch on dataset (batch_id);
create unique index dataset_one_running on dataset (connection_id, data_type) where completed is null;

create table record (
    connection_id blob not null references connection (id) on delete cascade,
    data_type text not null,
    id text not null,
    company_id blob not null,
    document text not null,
    digest blob not null,
    modified text not null,
    source_modified text,
    deleted integer not null,
    seen blob not null,
    primary key (connection_id, data_type, id)
) strict, without rowid;

create table job (
    id blob not null primary key,
    kind text not null,
    subject blob not null,
    payload text not null,
    run_at text not null,
    attempt integer not null,
    lease_owner blob,
    lease_until text,
    dead integer not null,
    last_error text,
    created text not null
) strict;
create index job_due on job (dead, run_at);
create index job_by_subject on job (subject);
