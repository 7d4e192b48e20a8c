-- Which codes a study refuses because they look like a person. Conventions as in the first schema.

alter table studies add column refused_shapes bigint not null default 0;   -- shapes of codes, bits: 1 e-mail address, 2 name, 4 date, 8 date of eight digits, 16 telephone number, 32 national number
