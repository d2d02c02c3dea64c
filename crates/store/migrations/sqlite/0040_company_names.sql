-- The trigrams of companies' names, so that a search for a part of one doesn't read all of them. The numbers of rows are kept in a table
-- of their own: those of a table whose key is another may change when the file is compacted.
create table company_search (
    id integer not null primary key,
    company_id blob not null unique
) strict;

create virtual table company_names using fts5 (name, tokenize = 'trigram');
-- What is deleted leaves nothing behind.
insert into company_names (company_names, rank) values ('secure-delete', 1);

insert into company_search (company_id) select id from company;
insert into company_names (rowid, name)
    select s.id, c.name from company_search s join company c on c.id = s.company_id;

create trigger company_named after insert on company begin
    insert into company_search (company_id) values (new.id);
    insert into company_names (rowid, name) select id, new.name from company_search where company_id = new.id;
end;

create trigger company_renamed after update of name on company when new.name <> old.name begin
    update company_names set name = new.name where rowid = (select id from company_search where company_id = new.id);
end;

create trigger company_unnamed after delete on company begin
    delete from company_names where rowid = (select id from company_search where company_id = old.id);
    delete from company_search where company_id = old.id;
end;
