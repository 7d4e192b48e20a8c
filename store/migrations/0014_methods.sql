-- Methods: what a study knows of its assays, as data. Conventions as in the first schema.

create table methods (
    study_no bigint not null references studies (study_no),
    method text /* postgres: collate "C" */ not null,                      -- name, unique in the study
    version bigint not null,                                               -- counts from 1
    assay text not null,                                                   -- as batches name it
    description text not null,                                             -- antibody, cross-reactions; may be empty
    lod_nmol_per_l double precision,                                       -- limit of detection, nmol/L
    lloq_nmol_per_l double precision,                                      -- lower limit of quantification, nmol/L
    uloq_nmol_per_l double precision,                                      -- upper limit of quantification, nmol/L
    source text not null,                                                  -- where this comes from
    created_us bigint not null,                                            -- when created
    primary key (study_no, method, version)
) /* sqlite: without rowid */;

create index methods_by_assay on methods (study_no, assay, created_us, version);

create table method_biases (
    study_no bigint not null,
    method text /* postgres: collate "C" */ not null,
    version bigint not null,
    position bigint not null,                                              -- counts from 0
    compared_with text not null,                                           -- the method it was compared with
    percent double precision not null,                                     -- of what the other reads
    lowest_nmol_per_l double precision,                                    -- of the range compared, nmol/L
    highest_nmol_per_l double precision,
    source text not null,                                                  -- who reported it
    primary key (study_no, method, version, position),
    foreign key (study_no, method, version) references methods (study_no, method, version)
) /* sqlite: without rowid */;

alter table batches add column method text not null default '';            -- name@version that its limits are of; empty when it stated its own

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('methods', 'methods', '1000 10 2 1'),
    ('methods', 'methods_by_assay', '1000 10 2 1 1'),
    ('method_biases', 'method_biases', '2000 20 4 2 1');
analyze sqlite_schema; */
