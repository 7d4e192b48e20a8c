-- Studies that store codes keyed only. Conventions as in the first schema.

alter table studies add column code_key text;                               -- fingerprint of the key that codes are stored under, 16 hexadecimal digits; null: codes are stored as sent
