-- Everything a Moorline installation keeps. Times are UTC; secrets are only ever present sealed.

create table meta (
    key text not null primary key,
    value text not null
);

-- A client organisation (tenant): the lender, bank or SaaS company that asks its customers for their data.
create table client (
    id uuid not null primary key,
    name text not null,
    logo_url text,
    icon_url text,
    redirect_url text,
    white_list_urls text not null,
    allowed_origins text not null,
    show_badge boolean not null,
    created timestamptz not null
);

create table api_key (
    id uuid not null primary key,
    client_id uuid not null references client (id) on delete cascade,
    name text,
    lookup text not null unique,
    hash bytea not null,
    created timestamptz not null
);
create index api_key_by_client on api_key (client_id, created);

-- What a client has set for an integration; no row means the manifest's default.
create table integration_setting (
    client_id uuid not null references client (id) on delete cascade,
    key text not null,
    enabled boolean not null,
    oauth_client_id text,
    oauth_client_secret bytea,
    updated timestamptz not null,
    primary key (client_id, key)
);

create table company (
    id uuid not null primary key,
    client_id uuid not null references client (id) on delete cascade,
    name text not null,
    description text,
    created timestamptz not null,
    last_sync timestamptz
);
create unique index company_by_client on company (client_id, created, id);

-- The order of the companies list stands inside the key, so that a tag's page needs no sort.
create table company_tag (
    client_id uuid not null,
    key text not null,
    value text not null,
    created timestamptz not null,
    company_id uuid not null references company (id) on delete cascade,
    primary key (client_id, key, value, created, company_id)
);
create index company_tag_by_company on company_tag (company_id);

create table connection (
    id uuid not null primary key,
    client_id uuid not null,
    company_id uuid not null references company (id) on delete cascade,
    integration_key text not null,
    integration_id uuid not null,
    source_id uuid not null,
    source_type text not null,
    platform_name text not null,
    status text not null,
    attention_code text,
    attention_message text,
    account_id text,
    account_name text,
    variables text,
    info text,
    first_authorized timestamptz,
    last_authorized timestamptz,
    last_sync timestamptz,
    created timestamptz not null
);
create index connection_by_company on connection (company_id, created, id);
create index connection_by_client on connection (client_id, created, id);
-- One accounting source per company, whatever races.
create unique index connection_one_accounting on connection (company_id)
    where status = 'Linked' and source_type = 'Accounting';

create table connection_error (
    id uuid not null primary key,
    connection_id uuid not null references connection (id) on delete cascade,
    status_code text not null,
    status_text text not null,
    error_message text not null,
    errored_on timestamptz not null,
    resolved_on timestamptz
);
create index connection_error_by_connection on connection_error (connection_id, errored_on);

-- What happened, written by the transaction that did it. It outlives the rows it speaks of.
create table event (
    id bigint generated always as identity primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid,
    type text not null,
    occurred timestamptz not null,
    actor text not null,
    reason text,
    from_status text,
    to_status text,
    payload text not null
);
create index event_by_company on event (company_id, id);
create index event_by_connection on event (connection_id, id);

create table credential (
    connection_id uuid not null primary key references connection (id) on delete cascade,
    client_id uuid not null,
    version bigint not null,
    access_token bytea not null,
    refresh_token bytea,
    expires timestamptz,
    scope text,
    lease_owner uuid,
    lease_until timestamptz,
    refresh_began timestamptz,
    updated timestamptz not null
);

-- A customer on the way to a platform: RFC 6749 `state`, stored hashed, spent once.
create table authorization_attempt (
    state_hash bytea not null primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null references connection (id) on delete cascade,
    browser_hash bytea not null,
    verifier bytea,
    parameters text not null,
    created timestamptz not null,
    expires timestamptz not null,
    spent timestamptz
);
create index authorization_attempt_by_connection on authorization_attempt (connection_id);
create index authorization_attempt_by_expiry on authorization_attempt (expires);

create table spent_password (
    id bytea not null primary key,
    expires timestamptz not null
);
create index spent_password_by_expiry on spent_password (expires);

create table dataset (
    id uuid not null primary key,
    client_id uuid not null,
    company_id uuid not null references company (id) on delete cascade,
    connection_id uuid not null references connection (id) on delete cascade,
    data_type text not null,
    batch_id uuid not null,
    initial boolean not null,
    status text not null,
    status_description text,
    error_message text,
    progress bigint not null,
    requested timestamptz not null,
    completed timestamptz,
    since timestamptz,
    next_page text,
    pages bigint not null,
    records bigint not null,
    modified bigint not null
);
create index dataset_by_company on dataset (company_id, requested, id);
create index dataset_by_type on dataset (connection_id, data_type, requested, id);
create index dataset_by_batch on dataset (batch_id);
create unique index dataset_one_running on dataset (connection_id, data_type) where completed is null;

create table record (
    connection_id uuid not null references connection (id) on delete cascade,
    data_type text not null,
    id text not null,
    company_id uuid not null,
    document text not null,
    digest bytea not null,
    modified timestamptz not null,
    source_modified timestamptz,
    deleted boolean not null,
    seen uuid not null,
    primary key (connection_id, data_type, id)
);

create table job (
    id uuid not null primary key,
    kind text not null,
    subject uuid not null,
    payload text not null,
    run_at timestamptz not null,
    attempt bigint not null,
    lease_owner uuid,
    lease_until timestamptz,
    dead boolean not null,
    last_error text,
    created timestamptz not null
);
create index job_due on job (dead, run_at);
create index job_by_subject on job (subject);
