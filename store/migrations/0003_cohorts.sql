-- Fits of cohorts, references that belong to studies, and jobs that end: by failure or by being cancelled. Conventions
-- as in the first schema.

alter table policies add column min_reference_persons bigint;               -- persons that the study's own reference must rest on; null: the default

alter table jobs add column attempts bigint not null default 0;             -- claims since the job last moved on
alter table jobs add column error_reason text not null default '';          -- machine-readable cause of a failure; else empty

-- A fit is queued with a job of the same id, which has its state and its progress.
create table fits (
    study_no bigint not null references studies (study_no),
    fit_id text /* postgres: collate "C" */ not null,                      -- UUID of version 7; also the job's
    formula text not null,                                                 -- the model in lme4's notation
    criterion text not null,                                               -- reml or ml
    group_label text not null,                                             -- only persons of this group; empty: of any
    sex bigint not null,                                                   -- only persons of this sex, as in participants; 0: of any
    min_age_years double precision,                                        -- only persons of at least this age, years
    max_age_years double precision,                                        -- only persons below this age, years
    judged_days_only boolean not null,                                     -- only valid days of persons without conditions
    software text not null,                                                -- what fitted it; empty before
    input_digest bytea,                                                    -- BLAKE3 of the rows that were fitted, 32 bytes
    person_count bigint not null,                                          -- persons gathered
    persons_with_days bigint not null,                                     -- those with at least days valid days
    days bigint not null,                                                  -- valid days that the policy needed to flag
    rows_left_out bigint not null,                                         -- samples without what the model needs
    result text,                                                           -- estimates and optimiser, JSON; null unless succeeded
    created_us bigint not null,                                            -- when asked for
    primary key (study_no, fit_id),
    foreign key (study_no, fit_id) references jobs (study_no, job_id)
) /* sqlite: without rowid */;

-- Versions are never changed.
create table study_references (
    study_no bigint not null references studies (study_no),
    reference text /* postgres: collate "C" */ not null,                   -- name, unique in the study
    version bigint not null,                                               -- counts from 1
    population text not null,                                              -- whom it describes
    assay text not null,                                                   -- how cortisol was measured in them; empty: not stated
    source text not null,                                                  -- where its numbers come from
    fit_id text /* postgres: collate "C" */,                               -- the fit it was frozen from; null: from a table
    formula text not null,                                                 -- of the fit; else empty
    person_count bigint not null,                                          -- persons in the fit
    persons_with_days bigint not null,                                     -- those with at least days valid days
    days bigint not null,                                                  -- as in fits
    sample_count bigint not null,                                          -- samples in the fit
    input_digest bytea,                                                    -- as in fits
    software text not null,                                                -- as in fits
    created_us bigint not null,                                            -- when frozen or created
    primary key (study_no, reference, version)
) /* sqlite: without rowid */;

create index study_references_frozen on study_references (study_no, created_us, reference, version) where fit_id is not null;

create table reference_strata (
    study_no bigint not null,
    reference text /* postgres: collate "C" */ not null,
    version bigint not null,
    position bigint not null,                                              -- counts from 0, by sex, then by age
    sex bigint not null,                                                   -- as in participants; 0: any
    min_age_years double precision not null,                               -- youngest age, years
    max_age_years double precision,                                        -- age from which it no longer holds, years
    intercept_ln double precision not null,                                -- mean at awakening, ln(nmol/L)
    slope_ln_per_h double precision not null,                              -- mean slope, ln(nmol/L)/h
    car_ln double precision not null,                                      -- mean awakening response, ln units
    intercept_sd double precision not null,                                -- between persons, ln units
    slope_sd double precision not null,                                    -- between persons, ln(nmol/L)/h
    correlation double precision not null,                                 -- of intercept and slope, -1 to 1
    residual_sd double precision not null,                                 -- within persons, ln units
    primary key (study_no, reference, version, position),
    foreign key (study_no, reference, version) references study_references (study_no, reference, version)
) /* sqlite: without rowid */;

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('fits', 'fits', '1000 10 1'),
    ('study_references', 'study_references', '1000 10 2 1'),
    ('study_references', 'study_references_frozen', '1000 10 1 1 1'),
    ('reference_strata', 'reference_strata', '10000 100 20 10 1');
analyze sqlite_schema; */
