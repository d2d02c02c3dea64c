-- The times at which a grant ends and at which that is reported; since when its access token can't be renewed, and when that was reported.

alter table credential add column refresh_expires timestamptz;
alter table credential add column refresh_warn_at timestamptz;
alter table credential add column consent_expires timestamptz;
alter table credential add column consent_warn_at timestamptz;
alter table credential add column failing_since timestamptz;
alter table credential add column failing_told timestamptz;
create index credential_by_refresh_warning on credential (refresh_warn_at) where refresh_warn_at is not null;
create index credential_by_consent_warning on credential (consent_warn_at) where consent_warn_at is not null;
create index credential_by_expiry on credential (expires) where refresh_token is not null;
