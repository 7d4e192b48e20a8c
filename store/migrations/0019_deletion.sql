-- Studies that are deleted, or are being deleted. Conventions as in the first schema. It says nothing in `schema_steps`: programs of
-- before would go on writing to a study that is being deleted.

alter table studies add column deletion_us bigint;                          -- when somebody had it deleted; null: it stands
alter table studies add column deletion_by text;                            -- who
alter table studies add column deleted_us bigint;                           -- when the last of it was gone; null: it stands, or is being deleted

-- Whoever appends to a chain holds this row, so that nobody writes to a study once its deletion has begun.
alter table audit_heads add column closed boolean not null default false;   -- whether only the deletion itself still appends
