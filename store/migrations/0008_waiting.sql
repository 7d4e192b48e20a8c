-- Flags wait in three states since a policy may want two reviewers: the queue's index follows. Conventions as in the first
-- schema.

drop index flags_open;

create index flags_waiting on flags (study_no, probability_flat desc, flag_id)
    where state in ('open', 'awaiting_second', 'disputed');

/* sqlite: delete from sqlite_stat1 where idx = 'flags_open';
insert into sqlite_stat1 (tbl, idx, stat) values
    ('flags', 'flags_waiting', '2000 2000 2 1');
analyze sqlite_schema; */
