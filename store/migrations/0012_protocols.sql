-- Sampling protocols: which tubes a day has, when each is due, and how far off it may be. Versions are never changed; the
-- highest is in force. Conventions as in the first schema.

create table protocols (
    study_no bigint not null references studies (study_no),
    version bigint not null,                                               -- counts from 1
    day_count bigint,                                                      -- days that everybody is to be sampled; null: not stated
    created_us bigint not null,                                            -- when it came into force
    primary key (study_no, version)
) /* sqlite: without rowid */;

create table protocol_samples (
    study_no bigint not null,
    version bigint not null,
    position bigint not null,                                              -- place in the protocol, from 0
    label text not null,                                                   -- label on the tube
    due_kind text not null,                                                -- after_awakening, clock_time, bedtime
    due_min double precision,                                              -- minutes after awakening or after midnight; null: bedtime
    early_min double precision,                                            -- minutes it may be too early; null: bedtime
    late_min double precision,                                             -- minutes it may be too late; null: bedtime
    primary key (study_no, version, position),
    foreign key (study_no, version) references protocols (study_no, version)
) /* sqlite: without rowid */;

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('protocols', 'protocols', '200 2 1'),
    ('protocol_samples', 'protocol_samples', '1000 10 5 1');
analyze sqlite_schema; */
