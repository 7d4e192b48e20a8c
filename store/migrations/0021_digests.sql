-- Digests of results: what was changed in a row behind the program is found. Conventions as in the first schema.

alter table results add column row_digest bigint;                           -- first eight bytes of BLAKE3 over the row's other columns; null: written before this step
insert into schema_steps (version, serves_from) values (21, 20);
