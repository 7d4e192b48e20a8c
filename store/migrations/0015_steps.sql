-- Which programs a step of the schema leaves able to serve. Conventions as in the first schema.

create table schema_steps (
    version bigint primary key,                                            -- the file of the schema
    serves_from bigint not null                                            -- programs that know this version or a later one serve the database
) /* sqlite: without rowid */;
