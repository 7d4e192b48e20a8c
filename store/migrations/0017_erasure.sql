-- Entries of the audit trail whose content was erased. Conventions as in the first schema.

alter table audit_entries add column erased_by bigint;                     -- the later entry that erased resource, before, after and reason; null: nothing was

-- An entry may lose its content, once, to an erasure that comes later; nothing else of it ever changes.
/* sqlite: drop trigger audit_entries_are_not_updated;
create trigger audit_entries_are_not_updated before update on audit_entries
when (old.erased_by is null and new.erased_by > old.sequence
    and new.resource = '' and new.before_json = '' and new.after_json = '' and new.reason = ''
    and new.study_no = old.study_no and new.sequence = old.sequence and new.at_us = old.at_us
    and new.actor = old.actor and new.action = old.action
    and new.previous_hash = old.previous_hash and new.hash = old.hash) is not true
begin select raise(abort, 'the audit trail is append only'); end; */

/* postgres: create or replace function audit_entries_stay() returns trigger language plpgsql as
$$ begin
    if tg_op = 'UPDATE' then
        if old.erased_by is null and new.erased_by > old.sequence
            and new.resource = '' and new.before_json = '' and new.after_json = '' and new.reason = ''
            and new.study_no = old.study_no and new.sequence = old.sequence and new.at_us = old.at_us
            and new.actor = old.actor and new.action = old.action
            and new.previous_hash = old.previous_hash and new.hash = old.hash then
            return new;
        end if;
    end if;
    raise exception 'the audit trail is append only';
end $$; */
