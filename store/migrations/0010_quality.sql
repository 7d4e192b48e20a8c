-- Quality control of batches: control materials with their targets, the controls that came with batches, the policy they
-- are assessed by, and verdicts. Conventions as in the first schema.
--
-- A verdict is 0 not assessed, 1 pass, 2 review, 3 fail.

-- One row a control: a material at a level, of a lot, as one laboratory measures it by one assay.
create table controls (
    study_no bigint not null references studies (study_no),
    control_id text /* postgres: collate "C" */ not null,
    lab text not null,                                                     -- laboratory, as batches state it
    assay text not null,                                                   -- assay method, as batches state it
    material text not null,                                                -- control material
    level text not null,                                                   -- its level; empty: not stated
    lot text not null,                                                     -- its lot; empty: not stated
    version bigint not null,                                               -- version of the target in force, from 1
    created_us bigint not null,                                            -- when created
    primary key (study_no, control_id),
    unique (study_no, lab, assay, material, level, lot)
) /* sqlite: without rowid */;

-- Append only: what a control should measure.
create table control_targets (
    study_no bigint not null,
    control_id text /* postgres: collate "C" */ not null,
    version bigint not null,                                               -- counts from 1; a version is never changed
    mean double precision not null,                                        -- in unit
    sd double precision not null,                                          -- between runs, in unit
    unit bigint not null,                                                  -- as in results
    mean_nmol_per_l double precision not null,                             -- nmol/L
    sd_nmol_per_l double precision not null,                               -- nmol/L
    run_count bigint,                                                      -- runs they were established from; null: not stated
    source text not null,                                                  -- where they come from; empty: not stated
    created_us bigint not null,                                            -- when in force
    primary key (study_no, control_id, version),
    foreign key (study_no, control_id) references controls (study_no, control_id)
) /* sqlite: without rowid */;

-- Append only, but for control_id, target_version, z and rules, which an assessment writes.
create table batch_controls (
    study_no bigint not null,
    batch_no bigint not null,
    position bigint not null,                                              -- counts from 0, as sent
    lab text not null,                                                     -- of the batch
    assay text not null,                                                   -- of the batch
    material text not null,
    level text not null,
    lot text not null,
    run_us bigint not null,                                                -- run date at 00:00 UTC, else when the batch was stored
    outcome bigint not null,                                               -- as in results
    amount double precision,                                               -- as in results
    unit bigint,                                                           -- as in results
    missing_reason text,                                                   -- as in results
    replicates text not null,                                              -- in unit, joined by ;, empty: not sent
    replicate_count bigint,                                                -- replicates behind the amount
    replicate_cv_percent double precision,                                 -- their coefficient of variation, percent
    well text not null,                                                    -- empty: not stated
    control_id text,                                                       -- the control it was scored by; null: none was known
    target_version bigint,                                                 -- the version of its target
    z double precision,                                                    -- standard deviations above the target's mean
    rules text not null,                                                   -- codes of the rules it breaks, joined by ;
    primary key (study_no, batch_no, position),
    foreign key (study_no, batch_no) references batches (study_no, batch_no)
) /* sqlite: without rowid */;

create index batch_controls_by_run on batch_controls (study_no, lab, assay, run_us, batch_no, position);
create index batch_controls_by_material on batch_controls
    (study_no, lab, assay, material, level, lot, run_us, batch_no, position);

alter table studies add column quality_version bigint not null default 0;  -- version of the quality policy in force; 0: the built-in one

-- A version of a policy is never changed. Null bounds are never reached; in the first column of each pair a review is
-- asked for above the bound, in the second the batch fails above it.
create table quality_policies (
    study_no bigint not null references studies (study_no),
    version bigint not null,                                               -- counts from 1
    noting text not null,                                                  -- codes of rules that are named only, joined by ;
    reviewing text not null,                                               -- codes of rules that ask for a review
    failing text not null,                                                 -- codes of rules that fail a batch
    control_runs bigint not null,                                          -- runs looked at, the batch's own among them
    replicate_cv_percent double precision not null,                        -- above it replicates disagree, percent
    high_cv_share_review double precision,                                 -- share of results whose replicates disagree, 0 to 1
    high_cv_share_fail double precision,
    intra_assay_cv_review double precision,                                -- pooled coefficient of variation, percent
    intra_assay_cv_fail double precision,
    below_limit_share_review double precision,                             -- share of results below a limit, 0 to 1
    below_limit_share_fail double precision,
    plate_effect_review double precision,                                  -- effect of the batch, standard errors
    plate_effect_fail double precision,
    least_plate_effect_percent double precision not null,                  -- an effect up to this size does not count, percent
    created_us bigint not null,                                            -- when it came into force
    primary key (study_no, version)
) /* sqlite: without rowid */;

alter table batches add column verdict bigint not null default 0;          -- as computed
alter table batches add column quality_reasons text not null default '';   -- codes, joined by ;
alter table batches add column quality_policy_version bigint;              -- by which it was computed; null: not assessed
alter table batches add column measured_count bigint not null default 0;   -- results with a concentration or a limit
alter table batches add column below_limit_count bigint not null default 0; -- of these, below a limit
alter table batches add column replicate_cv_count bigint not null default 0; -- results with a coefficient of variation of replicates
alter table batches add column high_cv_count bigint not null default 0;    -- of these, above the policy's
alter table batches add column intra_assay_cv_percent double precision;    -- pooled coefficient of variation, percent
alter table batches add column plate_effect_z double precision;            -- effect of the batch, standard errors
alter table batches add column violations text not null default '';        -- rules that controls break, JSON; empty: none
alter table batches add column assessed_us bigint;                         -- when computed
alter table batches add column decided_verdict bigint;                     -- a reviewer's; null: nobody decided
alter table batches add column decided_reason text not null default '';    -- why
alter table batches add column decided_by text not null default '';        -- who
alter table batches add column decided_us bigint;                          -- when
alter table batches add column version bigint not null default 1;          -- counts verdicts and decisions

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('controls', 'controls', '200 20 1'),
    ('controls', 'sqlite_autoindex_controls_2', '200 20 5 4 3 2 1'),
    ('control_targets', 'control_targets', '400 40 2 1'),
    ('quality_policies', 'quality_policies', '200 2 1'),
    ('batch_controls', 'batch_controls', '60000 60000 6 1'),
    ('batch_controls', 'batch_controls_by_run', '60000 60000 20000 20000 6 6 1'),
    ('batch_controls', 'batch_controls_by_material', '60000 60000 20000 20000 10000 5000 2000 2 2 1');
analyze sqlite_schema; */
