-- The audit trail as a chain of hashes for each study, and the steps of flags in the order in which they were committed.
-- Conventions as in the first schema.
--
-- The rows of the table `audit`, which had no order, are brought into the chain by diel when it opens the database, since
-- it computes the hashes; `audit` is dropped in the same transaction.

-- Append only. docs/audit.md says what is hashed, and how.
create table audit_entries (
    study_no bigint not null,                                              -- 0: outside any study
    sequence bigint not null,                                              -- counts from 1 in each chain, in the order of commits
    at_us bigint not null,                                                 -- when
    actor text not null,                                                   -- who; diel for a step that the data made
    action text not null,                                                  -- what was done, such as submit
    resource text not null,                                                -- the name of what it was done to
    before_json text not null,                                             -- what was changed as it was before; empty: nothing
    after_json text not null,                                              -- the same afterwards; empty: nothing
    reason text not null,                                                  -- why; empty: not asked for
    previous_hash bytea not null,                                          -- hash of the entry before, 32 bytes; zeros before the first
    hash bytea not null,                                                   -- BLAKE3 of all of this, 32 bytes
    primary key (study_no, sequence)
) /* sqlite: without rowid */;

-- The end of each chain. Whoever appends holds its row until the commit, so that sequence numbers are in the order of
-- commits.
create table audit_heads (
    study_no bigint not null primary key,
    sequence bigint not null,                                              -- of the last entry
    hash bytea not null                                                    -- of the last entry, 32 bytes
) /* sqlite: without rowid */;

-- Append only: which entries of the trail are steps of flags.
create table flag_steps (
    study_no bigint not null,
    sequence bigint not null,                                              -- of the entry in the trail
    flag_id text /* postgres: collate "C" */ not null,
    event bigint not null,                                                 -- sequence of the event in flag_events
    state text /* postgres: collate "C" */ not null,                       -- where the flag stood afterwards, as in flags
    primary key (study_no, sequence),
    unique (study_no, flag_id, event)
) /* sqlite: without rowid */;

/* sqlite: create trigger audit_entries_are_not_updated before update on audit_entries
begin select raise(abort, 'the audit trail is append only'); end;
create trigger audit_entries_are_not_deleted before delete on audit_entries
begin select raise(abort, 'the audit trail is append only'); end;
create trigger audit_entries_are_not_replaced before insert on audit_entries
when exists (select 1 from audit_entries where study_no = new.study_no and sequence = new.sequence)
begin select raise(abort, 'the audit trail is append only'); end; */

/* postgres: create function audit_entries_stay() returns trigger language plpgsql as
$$ begin raise exception 'the audit trail is append only'; end $$;
create trigger audit_entries_stay before update or delete on audit_entries
    for each row execute function audit_entries_stay();
create trigger audit_entries_stay_all before truncate on audit_entries
    for each statement execute function audit_entries_stay(); */

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('audit_entries', 'audit_entries', '50000 10000 1'),
    ('audit_heads', 'audit_heads', '100 1'),
    ('flag_steps', 'flag_steps', '15000 15000 1'),
    ('flag_steps', 'sqlite_autoindex_flag_steps_2', '15000 15000 2 1');
analyze sqlite_schema; */
