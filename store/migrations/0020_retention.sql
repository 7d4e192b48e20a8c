-- How long a study may keep a person's data. Conventions as in the first schema.

alter table studies add column retention_days bigint;                       -- days after a person's last sample; null: not stated

-- It only adds to the step before.
insert into schema_steps (version, serves_from) values (20, 19);
