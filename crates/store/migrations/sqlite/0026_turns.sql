-- The queue in turns. A job with a turn may begin: it stands in its lane, in which clients take turns, and each client's connections.
-- It loses the turn with the lease, and gets another when it may begin again.

-- The class of the work and the platform that it waits for: '3/mqjo'.
alter table job add column lane text;
-- The client and the connection that it is for; the nil UUID and the subject if there are none.
alter table job add column client_id blob;
alter table job add column connection_id blob;
alter table job add column turn integer;
create index job_in_turn on job (lane, client_id, turn, run_at, id) where turn is not null;
create index job_of_connection_in_turn on job (lane, connection_id, turn) where turn is not null;
create index job_without_turn on job (run_at) where turn is null and lease_owner is null;
create index job_leased on job (lease_owner, lease_until) where lease_owner is not null;
