-- Conversions of concentrations between assays, as data. Conventions as in the first schema.

create table conversions (
    study_no bigint not null references studies (study_no),
    conversion text /* postgres: collate "C" */ not null,                  -- name, unique in the study
    version bigint not null,                                               -- counts from 1
    from_assay text not null,                                              -- as batches name it
    to_assay text not null,
    form text not null,                                                    -- linear, power, table
    lowest_nmol_per_l double precision not null,                           -- from where on it holds, nmol/L of from_assay
    highest_nmol_per_l double precision not null,                          -- up to where, nmol/L of from_assay
    source text not null,                                                  -- where it comes from
    created_us bigint not null,                                            -- when created
    primary key (study_no, conversion, version)
) /* sqlite: without rowid */;

create table conversion_terms (
    study_no bigint not null,
    conversion text /* postgres: collate "C" */ not null,
    version bigint not null,
    position bigint not null,                                              -- counts from 0; of linear and power only 0
    first_term double precision not null,                                  -- linear: intercept, nmol/L; power: factor; table: from, nmol/L
    second_term double precision not null,                                 -- linear: slope; power: exponent; table: to, nmol/L
    primary key (study_no, conversion, version, position),
    foreign key (study_no, conversion, version) references conversions (study_no, conversion, version)
) /* sqlite: without rowid */;

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('conversions', 'conversions', '1000 10 2 1'),
    ('conversion_terms', 'conversion_terms', '10000 100 20 10 1');
analyze sqlite_schema; */
