-- What became of a one-time password, for the browser that spent it: a second click by it is led on, not turned away.
alter table spent_password add column browser_hash blob;
alter table spent_password add column connection_id blob;
alter table spent_password add column outcome integer;
