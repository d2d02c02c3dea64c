-- Every grant that was ever held, from the platform's answer with its tokens to a proven end.

-- No foreign keys: a grant outlives connection and company, since it must still be given back then.
create table held_grant (
    id blob not null primary key,
    client_id blob not null,
    company_id blob not null,
    connection_id blob not null,
    integration_key text not null,
    platform_name text not null,
    account_id text,
    account_name text,
    -- JSON: the accounts that it leads to, if there are several: [{"id", "variables"}].
    accounts text not null,
    -- authorised or imported.
    origin text not null,
    scope text,
    begun text not null,
    -- pending, inUse, beingGivenBack, or its end.
    state text not null,
    -- The reason for which it is given back, and the time since when.
    reason text,
    let_go text,
    ended text,
    -- The platform's last answer about it.
    answer_status integer,
    answer text,
    attempts integer not null,
    next_attempt text,
    -- Sealed to the connection, for as long as no credential has them and the end isn't proven.
    access_token blob,
    refresh_token blob,
    -- An answer to a renewal whose tokens could not be read, with its time.
    unread_answer blob,
    unread_at text,
    token_expires text,
    refresh_expires text,
    -- JSON: the connection's own values, by which requests may name the grant.
    variables text not null,
    -- Of an import: an authenticator over its refresh token, so that the same import is known when it comes again.
    fingerprint blob
) strict;
create unique index held_grant_in_use on held_grant (connection_id) where state = 'inUse';
create index held_grant_by_connection on held_grant (connection_id, begun, id);
create index held_grant_by_company on held_grant (company_id, begun, id);
create index held_grant_by_account on held_grant (integration_key, account_id);
create index held_grant_open on held_grant (state, next_attempt) where state in ('pending', 'beingGivenBack');

alter table credential add column grant_id blob;
alter table link_choice add column grant_id blob;
-- Access that ends by itself.
create index credential_by_end on credential (expires) where refresh_token is null;

-- The grants that are held already.
insert into held_grant (id, client_id, company_id, connection_id, integration_key, platform_name, account_id, account_name, accounts,
                        origin, scope, begun, state, attempts, token_expires, refresh_expires, variables)
select randomblob(16), connection.client_id, connection.company_id, connection.id, connection.integration_key,
       connection.platform_name, connection.account_id, connection.account_name, '[]', 'authorised', credential.scope,
       coalesce(connection.last_authorized, credential.updated), 'inUse', 0, credential.expires, credential.refresh_expires,
       coalesce(connection.variables, '{}')
from credential join connection on connection.id = credential.connection_id;
update credential set grant_id = (select held_grant.id from held_grant where held_grant.connection_id = credential.connection_id);
