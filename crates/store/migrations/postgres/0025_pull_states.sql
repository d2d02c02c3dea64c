-- The state of each data type's pulls: readers and the schedule look here, not into the whole history of pulls.
create table pull_state (
    connection_id uuid not null,
    data_type text not null,
    -- The newest pull, and the newest that succeeded; none if there is none.
    newest_id uuid,
    success_id uuid,
    -- True if the newest is still under way.
    running boolean not null,
    -- The time that the schedule counts from: the newest pull's request, or the authorisation.
    counted_from timestamptz not null,
    -- The time at which the schedule asks for a pull; none if it doesn't.
    due timestamptz,
    primary key (connection_id, data_type)
);
create index pull_state_due on pull_state (due) where due is not null and not running;

-- Clients whose schedules have changed, and how far their connections' due times follow; the nil UUID stands for all clients.
create table pull_walk (
    client_id uuid not null primary key,
    -- The last connection that was looked at.
    after uuid not null
);

-- The states of the pulls that there are. Their due times follow from the schedules once the program runs.
insert into pull_state (connection_id, data_type, newest_id, success_id, running, counted_from)
with recursive kind (connection_id, data_type) as (
    select connection.id, (select min(dataset.data_type) from dataset where dataset.connection_id = connection.id) from connection
    union all
    select kind.connection_id, (select min(dataset.data_type) from dataset
                                where dataset.connection_id = kind.connection_id and dataset.data_type > kind.data_type)
    from kind where kind.data_type is not null
)
select newest.connection_id, newest.data_type, newest.id,
       (select success.id from dataset success
        where success.connection_id = kind.connection_id and success.data_type = kind.data_type and success.status = 'Complete'
        order by success.requested desc, success.id desc limit 1),
       newest.completed is null, newest.requested
from kind join dataset newest on newest.id =
    (select dataset.id from dataset where dataset.connection_id = kind.connection_id and dataset.data_type = kind.data_type
     order by dataset.requested desc, dataset.id desc limit 1)
where kind.data_type is not null;

-- Only now: what was deleted while the table was filled goes, and the previous version's writes waited for none of that.
lock table connection in share row exclusive mode;
delete from pull_state where not exists (select 1 from connection where connection.id = pull_state.connection_id);
alter table pull_state add foreign key (connection_id) references connection (id) on delete cascade;

-- Grants that end soon are counted without reading every sealed token.
create index credential_by_refresh_end on credential (refresh_expires) where refresh_expires is not null;
create index credential_by_consent_end on credential (consent_expires) where consent_expires is not null;
