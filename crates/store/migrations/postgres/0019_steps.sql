-- What became of a one-time password, for the browser that spent it: a second click by it is led on, not turned away.
alter table spent_password add column browser_hash bytea;
alter table spent_password add column connection_id uuid;
alter table spent_password add column outcome bigint;
