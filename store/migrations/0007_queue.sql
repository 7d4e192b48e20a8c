-- The queue of reviewers: the flags that wait, in their order, however many were decided. Conventions as in the first
-- schema.

create index flags_open on flags (study_no, probability_flat desc, flag_id) where state = 'open';

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('flags', 'flags_open', '2000 2000 2 1');
analyze sqlite_schema; */
