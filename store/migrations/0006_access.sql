-- Who may call: principals, their tokens, their roles. Conventions as in the first schema.

create table principals (
    principal text /* postgres: collate "C" */ not null primary key,       -- the name in the audit trail and in histories of flags
    created_us bigint not null                                             -- when first given a token or a role
) /* sqlite: without rowid */;

create table tokens (
    principal text /* postgres: collate "C" */ not null references principals (principal),
    token_id text /* postgres: collate "C" */ not null,                    -- what stands behind diel_ in the token: 10 hexadecimal digits
    hash bytea not null,                                                   -- BLAKE3 of the whole token, 32 bytes; the token is not kept
    description text not null,                                             -- what it is for
    created_us bigint not null,                                            -- when made
    expires_us bigint not null,                                            -- from when on it is refused
    revoked_us bigint,                                                     -- when revoked; null: was not
    used_us bigint,                                                        -- when last seen in use, to the hour; null: never
    primary key (principal, token_id),
    unique (token_id),
    unique (hash)
) /* sqlite: without rowid */;

create table grants (
    principal text /* postgres: collate "C" */ not null references principals (principal),
    study_no bigint not null,                                              -- 0: all studies, also those to come
    role text /* postgres: collate "C" */ not null,                        -- submitter, researcher, reviewer, admin
    created_us bigint not null,                                            -- when granted
    primary key (principal, study_no, role)
) /* sqlite: without rowid */;

create index grants_by_study on grants (study_no, principal);

/* sqlite: insert into sqlite_stat1 (tbl, idx, stat) values
    ('principals', 'principals', '1000 1'),
    ('tokens', 'tokens', '3000 3 1'),
    ('tokens', 'sqlite_autoindex_tokens_2', '3000 1'),
    ('tokens', 'sqlite_autoindex_tokens_3', '3000 1'),
    ('grants', 'grants', '5000 5 1 1'),
    ('grants', 'grants_by_study', '5000 50 1 1');
analyze sqlite_schema; */
