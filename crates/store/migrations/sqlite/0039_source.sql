-- A digest of what a record was made from, bound to its document's: a pull that meets the same needn't map it again. Rows that an
-- older program writes keep the digest of their former document, which fits no longer.
alter table record add column source blob;
