-- Tokens of a restored backup that may have been renewed since it was made: the time of that, and if they are held back for it.
alter table credential add column restored_at text;
alter table credential add column held_back integer not null default 0;
