-- The hours of the customer's day in which a machine may be asked, as JSON; none for all of them.
alter table machine add column hours text;
