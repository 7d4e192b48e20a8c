-- The first schema. Text that holds on one engine only stands in a conditional comment, `/* sqlite: ... */` or
-- `/* postgres: ... */`, and is uncovered for that engine before the file is run.
--
-- Instants are microseconds since 1970-01-01T00:00:00Z, in columns that end in _us. Offsets from UTC are minutes east.
-- Conditions are bits: 1 corticosteroids, 2 pregnancy, 4 night shift, 8 acute illness, 16 endocrine disease,
-- 32 travel, 64 another exclusion. Keys lead with the study, so that tables can be distributed by study.

create table studies (
    study_no bigint not null primary key,                                  -- short key of the study in all other tables
    study_id text /* postgres: collate "C" */ not null unique,             -- what callers name it by
    display_name text not null,                                            -- title
    time_zone text not null,                                               -- IANA time zone
    display_unit text,                                                     -- UCUM code of the unit shown; null: as reported
    policy_version bigint not null,                                        -- version of the policy in force
    created_us bigint not null,                                            -- when created
    updated_us bigint not null,                                            -- when last changed
    version bigint not null                                                -- counts changes from 1
) /* sqlite: without rowid */;

create table policies (
    study_no bigint not null references studies (study_no),
    version bigint not null,                                               -- counts from 1; a version is never changed
    reference text,                                                        -- name and version of the reference; null: by age
    threshold_kind text,                                                   -- 'ln_per_hour' or 'percentile'
    threshold double precision,                                            -- ln(nmol/L)/h, or percentile 0 to 100
    probability double precision,                                          -- least probability to flag, 0 to 1
    min_days bigint,                                                       -- valid days needed to flag
    min_days_to_report bigint,                                             -- valid days needed to report
    car_window_min double precision,                                       -- minutes of the awakening response left out of slopes
    evening_after_h double precision,                                      -- hours since awakening from which a sample is an evening one
    created_us bigint not null,                                            -- when it came into force
    primary key (study_no, version)
) /* sqlite: without rowid */;

-- Writers of one participant meet on this row: it is locked before anything of the participant is read to be judged.
create table participants (
    study_no bigint not null references studies (study_no),
    participant text /* postgres: collate "C" */ not null,                 -- pseudonymous code
    sex bigint not null,                                                   -- 0 not stated, 1 female, 2 male, 3 other
    age_years double precision,                                            -- age at sampling, years
    group_label text /* postgres: collate "C" */ not null,                 -- group; empty: not stated
    conditions bigint not null,                                            -- conditions that hold on all days, bits
    judgements bigint not null,                                            -- how often a write touched the participant, from 1
    created_us bigint not null,                                            -- when first heard of
    version bigint not null,                                               -- counts changes from 1
    primary key (study_no, participant)
) /* sqlite: without rowid */;

create table batches (
    study_no bigint not null references studies (study_no),
    batch_no bigint not null,                                              -- microseconds since 1970 x 1024 and a tag; in hexadecimal, the id
    lab text not null,                                                     -- laboratory
    assay text not null,                                                   -- assay method
    kit text not null,                                                     -- kit and lot; empty: not stated
    plate text not null,                                                   -- plate; empty: not stated
    lod double precision,                                                  -- limit of detection, in limit_unit
    lloq double precision,                                                 -- lower limit of quantification, in limit_unit
    uloq double precision,                                                 -- upper limit of quantification, in limit_unit
    limit_unit text,                                                       -- UCUM code of the unit of the three
    lod_nmol_per_l double precision,                                       -- limit of detection, nmol/L
    lloq_nmol_per_l double precision,                                      -- lower limit of quantification, nmol/L
    uloq_nmol_per_l double precision,                                      -- upper limit of quantification, nmol/L
    run_date text,                                                         -- day of the assay run, YYYY-MM-DD
    result_count bigint not null,                                          -- results stored with the batch
    created_us bigint not null,                                            -- when stored
    primary key (study_no, batch_no)
) /* sqlite: without rowid */;

-- One row a tube, made by whichever comes first, its result or its collection facts. Specimens and results have no
-- foreign keys: both are written by one operation that has the keys in hand, and three lookups a row are dear.
create table specimens (
    study_no bigint not null,
    specimen text /* postgres: collate "C" */ not null,                    -- what the tube is called
    participant text /* postgres: collate "C" */,                          -- code; null: the result waits for collection facts
    collected_us bigint,                                                   -- when collected
    utc_offset_minutes bigint,                                             -- local offset at collection, minutes east
    time_source bigint not null,                                           -- 0 not stated, 1 self-report, 2 electronic, 3 actigraphy
    label text not null,                                                   -- label on the tube; empty: not stated; orders nothing
    awakening_us bigint,                                                   -- awakening stated with the tube, key into awakenings
    conditions bigint not null,                                            -- conditions stated with the tube for its day, bits
    revision bigint not null,                                              -- revision of the result in force; 0: none yet
    created_us bigint not null,                                            -- when first heard of
    version bigint not null,                                               -- counts changes from 1; guards against lost updates
    primary key (study_no, specimen)
) /* sqlite: without rowid */;

create index specimens_by_participant on specimens (study_no, participant, specimen) where participant is not null;
create index specimens_without_collection on specimens (study_no, specimen) where participant is null;
create index specimens_without_result on specimens (study_no, specimen) where revision = 0;

-- Append only: an amended result is a further row with a higher revision.
create table results (
    study_no bigint not null,
    specimen text /* postgres: collate "C" */ not null,
    revision bigint not null,                                              -- 1 for the first; the highest is in force
    batch_no bigint not null,                                              -- the batch it came with
    outcome bigint not null,                                               -- 0 value, 1 below, 2 above, 3 missing
    amount double precision,                                               -- value or limit, in unit; null when missing
    unit bigint,                                                           -- 0 nmol/L, 1 ug/dL, 2 ng/mL, 3 ug/L
    missing_reason text,                                                   -- code, when missing
    replicate_count bigint,                                                -- replicates behind the amount
    replicate_cv_percent double precision,                                 -- their coefficient of variation, percent
    well text not null,                                                    -- well on the plate; empty: not stated
    amendment_reason text not null,                                        -- why it replaced the revision before; empty for the first
    created_us bigint not null,                                            -- when stored
    primary key (study_no, specimen, revision)
) /* sqlite: without rowid */;

create index results_by_batch on results (study_no, batch_no, specimen, revision);

-- Reports of awakenings. Several for one day stay side by side; the numeric core chooses and marks.
create table awakenings (
    study_no bigint not null,
    participant text /* postgres: collate "C" */ not null,
    awakening_us bigint not null,                                          -- when the person woke
    utc_offset_minutes bigint not null,                                    -- local offset, minutes east
    time_source bigint not null,                                           -- the most trusted source that said so, as in specimens
    conditions bigint not null,                                            -- conditions stated with the awakening, bits
    primary key (study_no, participant, awakening_us)
) /* sqlite: without rowid */;

-- The days of a participant as last judged. Numbers that could not be computed are null and `absent` says why.
create table profiles (
    study_no bigint not null,
    participant text /* postgres: collate "C" */ not null,
    day text /* postgres: collate "C" */ not null,                         -- date of the sampling day, YYYY-MM-DD
    awakening_us bigint,                                                   -- when the day began
    utc_offset_minutes bigint,                                             -- local offset then, minutes east
    awakening_recorded boolean not null,                                   -- false: taken from the first sample
    sample_count bigint not null,                                          -- samples of the day
    valid boolean not null,                                                -- whether the day counts for the rhythm
    conditions bigint not null,                                            -- conditions that hold on the day, bits
    wake_nmol_per_l double precision,                                      -- nmol/L at awakening
    peak_nmol_per_l double precision,                                      -- nmol/L at the peak of the awakening response
    bed_nmol_per_l double precision,                                       -- nmol/L at bedtime
    slope_wake_bed_ln_per_h double precision,                              -- ln(nmol/L)/h from awakening to bedtime
    slope_peak_bed_ln_per_h double precision,                              -- ln(nmol/L)/h from the peak to bedtime
    slope_regression_ln_per_h double precision,                            -- ln(nmol/L)/h, regression without the awakening response
    slope_regression_se double precision,                                  -- its standard error, ln(nmol/L)/h
    slope_wake_bed_nmol_per_l_per_h double precision,                      -- nmol/L/h from awakening to bedtime
    car_auc_g_nmol_min_per_l double precision,                             -- awakening response, area to ground, nmol min/L
    car_auc_i_nmol_min_per_l double precision,                             -- awakening response, area to increase, nmol min/L, signed
    car_mean_increase_nmol_per_l double precision,                         -- awakening response, mean increase, nmol/L
    car_max_increase_nmol_per_l double precision,                          -- awakening response, greatest increase, nmol/L
    day_auc_g_nmol_h_per_l double precision,                               -- whole day, area to ground, nmol h/L
    dynamic_range_ln double precision,                                     -- ln of highest over lowest
    evening_morning_ratio double precision,                                -- bedtime over awakening
    absent text not null,                                                  -- feature=reason pairs, joined by ;
    findings text not null,                                                -- codes, joined by ;
    primary key (study_no, participant, day)
) /* sqlite: without rowid */;

create table rhythms (
    study_no bigint not null,
    participant text /* postgres: collate "C" */ not null,
    updated_us bigint not null,                                            -- when judged
    policy_version bigint not null,                                        -- by which policy
    day_count bigint not null,                                             -- days with samples
    valid_day_count bigint not null,                                       -- days that counted
    sample_count bigint not null,                                          -- samples used
    left_out_sample_count bigint not null,                                 -- samples left out
    slope_ln_per_h double precision,                                       -- from the data alone, ln(nmol/L)/h
    slope_se double precision,                                             -- its standard error
    posterior_slope_ln_per_h double precision,                             -- posterior mean of the true slope, ln(nmol/L)/h
    posterior_sd double precision,                                         -- its standard deviation
    posterior_lower_ln_per_h double precision,                             -- lower end of the central 95 % interval
    posterior_upper_ln_per_h double precision,                             -- upper end
    probability_flat double precision,                                     -- that the true slope is flatter than the threshold
    reference_percentile double precision,                                 -- of the posterior mean, 0 to 100
    reliability double precision,                                          -- of the slope, 0 to 1
    days_to_reliable bigint,                                               -- further days that would settle it
    threshold_ln_per_h double precision not null,                          -- ln(nmol/L)/h
    verdict text not null,                                                 -- code
    reasons text not null,                                                 -- codes, joined by ;
    reference text not null,                                               -- name and version of the reference
    digest bytea not null,                                                 -- BLAKE3 of the inputs, 32 bytes
    primary key (study_no, participant)
) /* sqlite: without rowid */;

-- At most one flag a participant. Its evidence is that of its last event, number `version`.
create table flags (
    study_no bigint not null references studies (study_no),
    flag_id text /* postgres: collate "C" */ not null,                     -- UUID of version 7
    participant text /* postgres: collate "C" */ not null,
    state text /* postgres: collate "C" */ not null,                       -- open, resolved, withdrawn
    probability_flat double precision not null,                            -- of the last event's evidence, for the order of the queue
    decision text,                                                         -- confirmed, dismissed, more_data; null unless resolved
    decision_reason text not null,                                         -- the reviewer's; empty unless resolved
    raised_us bigint not null,                                             -- when raised
    updated_us bigint not null,                                            -- when last changed
    version bigint not null,                                               -- counts steps from 1
    primary key (study_no, flag_id),
    unique (study_no, participant)
) /* sqlite: without rowid */;

create index flags_by_probability on flags (study_no, probability_flat desc, flag_id);

-- Append only. The numbers are those of rhythms, as they were.
create table flag_events (
    study_no bigint not null,
    flag_id text /* postgres: collate "C" */ not null,
    sequence bigint not null,                                              -- counts from 1
    kind text not null,                                                    -- raised, evidence_changed, resolved, reopened, withdrawn
    actor text not null,                                                   -- who; diel for a step that the data made
    reason text not null,                                                  -- why
    decision text,                                                         -- for a resolution, as in flags
    at_us bigint not null,                                                 -- when
    policy_version bigint not null,
    day_count bigint not null,
    valid_day_count bigint not null,
    sample_count bigint not null,
    left_out_sample_count bigint not null,
    slope_ln_per_h double precision,
    slope_se double precision,
    posterior_slope_ln_per_h double precision,
    posterior_sd double precision,
    posterior_lower_ln_per_h double precision,
    posterior_upper_ln_per_h double precision,
    probability_flat double precision,
    reference_percentile double precision,
    reliability double precision,
    days_to_reliable bigint,
    threshold_ln_per_h double precision not null,
    verdict text not null,
    reasons text not null,
    reference text not null,
    digest bytea not null,
    primary key (study_no, flag_id, sequence),
    foreign key (study_no, flag_id) references flags (study_no, flag_id)
) /* sqlite: without rowid */;

-- Answers to requests that carried an id. Number 0 stands for requests outside any study.
create table requests (
    study_no bigint not null,
    request_id text /* postgres: collate "C" */ not null,                  -- chosen by the caller
    digest bytea not null,                                                 -- of the request's content, 32 bytes
    answer text not null,                                                  -- what the first answer is rebuilt from, JSON
    created_us bigint not null,                                            -- when answered
    primary key (study_no, request_id)
) /* sqlite: without rowid */;

create table jobs (
    study_no bigint not null references studies (study_no),
    job_id text /* postgres: collate "C" */ not null,                      -- UUID of version 7
    kind text not null,                                                    -- rejudge
    state text /* postgres: collate "C" */ not null,                       -- queued, running, succeeded, failed
    progress text /* postgres: collate "C" */ not null,                    -- code of the last participant done
    done_count bigint not null,                                            -- participants done
    total_count bigint not null,                                           -- participants when queued
    error text not null,                                                   -- why it failed; else empty
    worker text not null,                                                  -- who has it on lease
    lease_until_us bigint not null,                                        -- when the lease ends
    created_us bigint not null,                                            -- when queued
    updated_us bigint not null,                                            -- when it last moved on
    primary key (study_no, job_id)
) /* sqlite: without rowid */;

create index jobs_to_do on jobs (created_us, job_id) where state in ('queued', 'running');

-- Append only: one row a change, written in the transaction of the change.
create table audit (
    study_no bigint not null,
    audit_id text /* postgres: collate "C" */ not null,                    -- UUID of version 7
    at_us bigint not null,                                                 -- when
    actor text not null,                                                   -- who
    action text not null,                                                  -- what was asked for, such as submit
    resource text not null,                                                -- what was changed, such as batches/...
    detail text not null,                                                  -- in words: counts, versions, reasons
    primary key (study_no, audit_id)
) /* sqlite: without rowid */;

-- SQLite plans by the sizes it knows, and knows none of a new database: it would then read a whole study to find one
-- participant's tubes. These are the sizes of a large study: rows, then rows for each further column of the key.
/* sqlite: analyze;
insert into sqlite_stat1 (tbl, idx, stat) values
    ('studies', 'studies', '100 1'),
    ('studies', 'sqlite_autoindex_studies_2', '100 1'),
    ('policies', 'policies', '200 2 1'),
    ('participants', 'participants', '70000 70000 1'),
    ('batches', 'batches', '10000 10000 1'),
    ('specimens', 'specimens', '1000000 1000000 1'),
    ('specimens', 'specimens_by_participant', '1000000 1000000 15 1'),
    ('specimens', 'specimens_without_collection', '5000 5000 1'),
    ('specimens', 'specimens_without_result', '5000 5000 1'),
    ('results', 'results', '1000000 1000000 1 1'),
    ('results', 'results_by_batch', '1000000 1000000 100 1 1'),
    ('awakenings', 'awakenings', '200000 200000 3 1'),
    ('profiles', 'profiles', '200000 200000 3 1'),
    ('rhythms', 'rhythms', '70000 70000 1'),
    ('flags', 'flags', '7000 7000 1'),
    ('flags', 'sqlite_autoindex_flags_2', '7000 7000 1'),
    ('flags', 'flags_by_probability', '7000 7000 2 1'),
    ('flag_events', 'flag_events', '15000 15000 2 1'),
    ('requests', 'requests', '10000 10000 1'),
    ('jobs', 'jobs', '100 100 1'),
    ('jobs', 'jobs_to_do', '5 1 1'),
    ('audit', 'audit', '10000 10000 1');
analyze sqlite_schema; */
