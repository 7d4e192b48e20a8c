-- Batches can be recalled and restored: the batch says so, and each revision of a result says what made it. Conventions as
-- in the first schema.

alter table batches add column recalled_us bigint;                             -- when recalled; null: it stands
alter table batches add column recalled_by text;                               -- who recalled it
alter table batches add column recall_reason text;                             -- why

alter table results add column cause bigint not null default 0;                -- 0 sent or amended, 1 recalled with its batch, 2 restored
