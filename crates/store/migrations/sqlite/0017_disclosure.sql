-- Disclosures to customers before they give access, and their agreements.

-- A client's own words for it: purpose, retention, links, contact, colour, and what it writes and requests. JSON.
create table client_disclosure (
    client_id blob not null primary key references client (id) on delete cascade,
    settings text not null,
    updated text not null
) strict;

-- The ground that a connection's grant stands on. A connection without a row was authorised before there were any.
create table agreement (
    connection_id blob not null primary key references connection (id) on delete cascade,
    client_id blob not null,
    -- The disclosure as it was shown, JSON; none if the tokens were given elsewhere.
    disclosure text,
    -- With spaces between; none if they aren't known.
    scopes_requested text,
    scopes_granted text,
    -- Sealed: the claims of the person who authorised, if they were requested.
    person blob,
    -- JSON: what is wanted by now and wasn't agreed to; none if nothing is.
    missing text,
    agreed text not null
) strict;

-- The colour of the client's pages, as its disclosure settings have it: every page needs it.
alter table client add column colour text;

alter table authorization_attempt add column disclosure text;
alter table link_choice add column disclosure text;
alter table link_choice add column person blob;
