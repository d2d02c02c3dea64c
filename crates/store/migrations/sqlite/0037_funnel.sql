-- The steps of a connection's first link that are counted already, so that each is counted once.
create table link_journey (
    connection_id blob not null primary key references connection (id) on delete cascade,
    -- The sum of: 1 opened, 2 chose, 4 began, 8 authorised, 16 linked.
    steps integer not null,
    -- The loss that is counted, until the connection is linked after all.
    lost_day integer,
    lost_reason text
) strict;

-- The last day on which a company's opening of Link was counted, in days since 1970-01-01, UTC.
create table link_visit (
    company_id blob not null primary key references company (id) on delete cascade,
    day integer not null
) strict;

-- What is still to be added to the counters: written beside what it counts, so that no two customers wait for one row.
create table link_step (
    id blob not null primary key,
    client_id blob not null,
    day integer not null,
    -- Empty for what is of no platform.
    platform_key text not null,
    step text not null,
    -- Empty for what isn't a loss.
    reason text not null,
    number integer not null
) strict;
create index link_step_by_client on link_step (client_id, day);

-- The counters. They name no company, connection or person, and stay when those go.
create table link_funnel (
    client_id blob not null,
    day integer not null,
    platform_key text not null,
    step text not null,
    reason text not null,
    number integer not null,
    primary key (client_id, day, platform_key, step, reason)
) strict;
create index link_funnel_by_day on link_funnel (day);
