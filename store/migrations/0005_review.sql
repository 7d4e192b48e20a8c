-- Further terms of policies, and the claims and decisions of reviewers. Conventions as in the first schema.

alter table policies add column min_samples bigint;                         -- samples needed to flag; null: the default
alter table policies add column excluding bigint;                           -- conditions that exclude, bits as in participants; null: the default
alter table policies add column min_age_years double precision;             -- age below which nobody is judged, years; null: the default
alter table policies add column min_age_to_flag_years double precision;     -- age below which nobody is flagged, years; null: the default
alter table policies add column min_age_for_car_years double precision;     -- age below which no awakening response is computed, years; null: the default
alter table policies add column evening_limit_nmol_per_l double precision;  -- limit above which a censored evening is hardly known, nmol/L; null: the default
alter table policies add column evening_limit_share double precision;       -- share of valid days above which such evenings keep from flagging, 0 to 1; null: the default
alter table policies add column second_review boolean;                      -- whether a decision needs a second reviewer's; null: the default
alter table policies add column reopen_shift_sd double precision;           -- shift of the posterior mean that opens a decided flag again, posterior SD; null: the default

-- Further states of flags: awaiting_second, disputed. Further kinds of events: claimed, taken_over, released,
-- first_decision, disagreed. While awaiting or disputed, decision and decision_reason are those of the last reviewer.
alter table flags add column claimed_by text;                               -- who holds it; null: nobody
alter table flags add column claimed_us bigint;                             -- since when
alter table flags add column claimed_until_us bigint;                       -- until when; null: until released
alter table flags add column decisions text not null default '';            -- decisions of this round, oldest first, JSON; empty: none
