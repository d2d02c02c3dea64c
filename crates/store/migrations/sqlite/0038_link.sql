-- A client's settings of Link: its texts, and what is offered. JSON; none if it has set nothing. A row without a disclosure
-- of the client's own has an empty object for it.
alter table client_disclosure add column link text;
