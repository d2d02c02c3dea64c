-- The record: consents and administrative acts, one chain of entries for each client.

-- No foreign keys: the record outlives connections and companies.
create table record_entry (
    client_id uuid not null,
    -- From 1, without a gap, in the order of commits.
    seq bigint not null,
    at timestamptz not null,
    kind text not null,
    company_id uuid,
    connection_id uuid,
    consent_id uuid,
    -- customer, client, platform, moorline or operator.
    actor text not null,
    api_key_id uuid,
    -- JSON, as it was hashed; none once it was erased.
    body text,
    body_hash bytea not null,
    -- An authenticator over the columns above, and over the hash of the entry before.
    hash bytea not null,
    primary key (client_id, seq)
);
create index record_entry_by_consent on record_entry (consent_id, seq);
create index record_entry_by_company on record_entry (company_id, seq);
create index record_entry_by_kind on record_entry (client_id, kind, seq);

-- The end of each chain.
create table record_head (
    client_id uuid not null primary key,
    seq bigint not null,
    hash bytea not null,
    -- An authenticator of both: a head that was never this chain's can't be written here.
    seal bytea not null
);

-- Each consent as the entries leave it, for lists; `moorline consents verify` compares the two.
create table consent (
    id uuid not null primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null,
    integration_key text not null,
    platform_name text not null,
    business text,
    -- given, withdrawn, revoked or expired.
    state text not null,
    given timestamptz not null,
    renewed timestamptz,
    valid_until timestamptz,
    ended timestamptz,
    ended_by text
);
create unique index consent_in_force on consent (connection_id) where state = 'given';
create index consent_by_client on consent (client_id, given, id);
create index consent_by_company on consent (company_id, given, id);

-- The request as a person was shown it, from the step to the platform until the platform's answer is taken.
create table consent_request (
    state_hash bytea not null primary key,
    shown text not null,
    expires timestamptz not null
);
create index consent_request_by_expiry on consent_request (expires);

-- Reads of companies' data by API keys, summed for a day until the day is put on record.
create table read_count (
    client_id uuid not null,
    -- Days since 1970-01-01, UTC.
    day bigint not null,
    api_key_id uuid not null,
    company_id uuid not null,
    data_type text not null,
    reads bigint not null,
    primary key (client_id, day, api_key_id, company_id, data_type)
);
create index read_count_by_day on read_count (day);

-- Keys that receipts are signed with (Ed25519); the newest signs, all of them verify.
create table receipt_key (
    -- The JWK thumbprint (RFC 7638).
    kid text not null primary key,
    public_key bytea not null,
    -- Sealed.
    seed bytea not null,
    created timestamptz not null
);

create index record_entry_with_body on record_entry (client_id, at) where body is not null;

-- Days for which a client's records are kept; none for those that are kept for good. A client without a row has the defaults.
create table client_retention (
    client_id uuid not null primary key,
    record_days bigint,
    event_days bigint,
    -- Of pulled data, from the end of access.
    data_days bigint
);

-- Connections whose data will be deleted, once their client was told.
create table data_notice (
    connection_id uuid not null primary key references connection (id) on delete cascade,
    -- The end of access that it is told of.
    ended timestamptz not null,
    told timestamptz not null
);
create index consent_by_connection on consent (connection_id);
