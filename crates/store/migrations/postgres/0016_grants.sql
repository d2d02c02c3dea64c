-- Every grant that was ever held, from the platform's answer with its tokens to a proven end.

-- No foreign keys: a grant outlives connection and company, since it must still be given back then.
create table held_grant (
    id uuid not null primary key,
    client_id uuid not null,
    company_id uuid not null,
    connection_id uuid not null,
    integration_key text not null,
    platform_name text not null,
    account_id text,
    account_name text,
    -- JSON: the accounts that it leads to, if there are several: [{"id", "variables"}].
    accounts text not null,
    -- authorised or imported.
    origin text not null,
    scope text,
    begun timestamptz not null,
    -- pending, inUse, beingGivenBack, or its end.
    state text not null,
    -- The reason for which it is given back, and the time since when.
    reason text,
    let_go timestamptz,
    ended timestamptz,
    -- The platform's last answer about it.
    answer_status bigint,
    answer text,
    attempts bigint not null,
    next_attempt timestamptz,
    -- Sealed to the connection, for as long as no credential has them and the end isn't proven.
    access_token bytea,
    refresh_token bytea,
    -- An answer to a renewal whose tokens could not be read, with its time.
    unread_answer bytea,
    unread_at timestamptz,
    token_expires timestamptz,
    refresh_expires timestamptz,
    -- JSON: the connection's own values, by which requests may name the grant.
    variables text not null,
    -- Of an import: an authenticator over its refresh token, so that the same import is known when it comes again.
    fingerprint bytea
);
create unique index held_grant_in_use on held_grant (connection_id) where state = 'inUse';
create index held_grant_by_connection on held_grant (connection_id, begun, id);
create index held_grant_by_company on held_grant (company_id, begun, id);
create index held_grant_by_account on held_grant (integration_key, account_id);
create index held_grant_open on held_grant (state, next_attempt) where state in ('pending', 'beingGivenBack');

alter table credential add column grant_id uuid;
alter table link_choice add column grant_id uuid;
-- Access that ends by itself.
create index credential_by_end on credential (expires) where refresh_token is null;

-- The grants that are held already.
insert into held_grant (id, client_id, company_id, connection_id, integration_key, platform_name, account_id, account_name, accounts,
                        origin, scope, begun, state, attempts, token_expires, refresh_expires, variables)
select gen_random_uuid(), connection.client_id, connection.company_id, connection.id, connection.integration_key,
       connection.platform_name, connection.account_id, connection.account_name, '[]', 'authorised', credential.scope,
       coalesce(connection.last_authorized, credential.updated), 'inUse', 0, credential.expires, credential.refresh_expires,
       coalesce(connection.variables, '{}')
from credential join connection on connection.id = credential.connection_id;
update credential set grant_id = (select held_grant.id from held_grant where held_grant.connection_id = credential.connection_id);
