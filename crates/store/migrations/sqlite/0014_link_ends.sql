-- The end of a customer's way to a platform, kept for an hour: a browser that left, or loads the page again, is shown the same.

-- Made in the transaction that ends the authorization attempt. A table of its own, so that the previous version, which
-- takes a spent attempt for an interrupted one, never sees an ended one.
create table link_end (
    state_hash blob not null primary key,
    connection_id blob not null references connection (id) on delete cascade,
    browser_hash blob not null,
    -- The choice of a business that the way led to, if it did.
    ticket_hash blob,
    -- The redirect's status code; none while the choice is open.
    outcome integer,
    status_text text not null,
    parameters text not null,
    expires text not null
) strict;
create index link_end_by_connection on link_end (connection_id);
create index link_end_by_ticket on link_end (ticket_hash);
create index link_end_by_expiry on link_end (expires);
