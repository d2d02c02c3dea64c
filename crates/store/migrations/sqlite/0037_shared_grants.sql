-- The grant by which a connection reads that shares it with others: one of them holds its credential.
alter table connection add column shared_grant blob;
create index connection_by_shared_grant on connection (shared_grant) where shared_grant is not null;
create index credential_by_grant on credential (grant_id);
