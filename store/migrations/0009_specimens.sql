-- Collection facts can be corrected: what held before stays. Conventions as in the first schema.

alter table specimens add column facts_revision bigint not null default 1;  -- revision of the collection facts in force; where there are none, of those to come

-- Whether somebody stated the awakening apart from any tube. One that only tubes stated goes with the last of them.
alter table awakenings add column stated_apart boolean not null default true;

-- Append only: collection facts that were replaced by a correction.
create table earlier_facts (
    study_no bigint not null,
    specimen text /* postgres: collate "C" */ not null,
    revision bigint not null,                                              -- counts from 1
    participant text /* postgres: collate "C" */ not null,                 -- code
    collected_us bigint not null,                                          -- when collected
    utc_offset_minutes bigint not null,                                    -- local offset at collection, minutes east
    time_source bigint not null,                                           -- as in specimens
    label text not null,                                                   -- label on the tube; empty: not stated
    awakening_us bigint,                                                   -- awakening stated with the tube
    awakening_offset_minutes bigint,                                       -- local offset then, minutes east
    awakening_source bigint,                                               -- how it was known, as in specimens
    conditions bigint not null,                                            -- conditions stated with the tube, bits
    reason text not null,                                                  -- why they were replaced
    actor text not null,                                                   -- who replaced them
    replaced_us bigint not null,                                           -- when
    primary key (study_no, specimen, revision)
) /* sqlite: without rowid */;

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('earlier_facts', 'earlier_facts', '1000 1000 2 1');
analyze sqlite_schema; */
