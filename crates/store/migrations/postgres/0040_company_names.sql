-- The trigrams of companies' names, so that a search for a part of one doesn't read all of them. A server without pg_trgm, or a user who
-- may not create it, does without: docs/OPERATIONS.md says how to add it later.
do $$
begin
    create extension if not exists pg_trgm;
    create index if not exists company_by_name on company using gin (lower(name collate "C") gin_trgm_ops);
exception
    when insufficient_privilege or undefined_file or undefined_object or feature_not_supported then
        raise notice 'pg_trgm can not be created: %', sqlerrm;
end
$$;
