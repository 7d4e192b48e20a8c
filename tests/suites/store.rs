//! What the store promises, each promise on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

#[path = "store/access.rs"]
mod access;
#[path = "store/amendments.rs"]
mod amendments;
#[path = "store/audit.rs"]
mod audit;
#[path = "store/cohort.rs"]
mod cohort;
#[path = "store/conversions.rs"]
mod conversions;
#[path = "store/deletion.rs"]
mod deletion;
#[path = "store/doubt.rs"]
mod doubt;
#[path = "store/erasure.rs"]
mod erasure;
#[path = "store/fault_points.rs"]
mod fault_points;
#[path = "store/fits.rs"]
mod fits;
#[path = "store/flags.rs"]
mod flags;
#[path = "store/flips.rs"]
mod flips;
#[path = "store/integrity.rs"]
mod integrity;
#[path = "store/jobs.rs"]
mod jobs;
#[path = "store/methods.rs"]
mod methods;
#[path = "store/orders.rs"]
mod orders;
#[path = "store/paging.rs"]
mod paging;
#[path = "store/participants.rs"]
mod participants;
#[path = "store/preview.rs"]
mod preview;
#[path = "store/quality.rs"]
mod quality;
#[path = "store/recalls.rs"]
mod recalls;
#[path = "store/references.rs"]
mod references;
#[path = "store/requests.rs"]
mod requests;
#[path = "store/review.rs"]
mod review;
#[path = "store/scans.rs"]
mod scans;
#[path = "store/schema.rs"]
mod schema;
#[path = "store/state.rs"]
mod state;
#[path = "store/stateful.rs"]
mod stateful;
#[path = "store/studies.rs"]
mod studies;
#[path = "store/submissions.rs"]
mod submissions;
#[path = "store/writers.rs"]
mod writers;

use diel_store::{OpenOptions, Store};
use diel_tests::database::Database;

/// A store of the test's own, empty but for its schema.
struct TestStore {
    store: Store,
    database: Database,
}

impl TestStore {
    async fn on(database: Database) -> Self {
        Self {
            store: open(&database).await,
            database,
        }
    }

    /// Another store on the same database, as another replica has it.
    async fn replica(&self) -> Store {
        open(&self.database).await
    }
}

impl std::ops::Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

async fn open(database: &Database) -> Store {
    Store::open(database.url(), &OpenOptions::default())
        .await
        .unwrap()
}

/// One test an engine for each promise.
macro_rules! on_both_engines {
    ($($area:ident { $($promise:ident),+ $(,)? })+) => {
        mod sqlite {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::$area::$promise(crate::TestStore::on(crate::Database::sqlite().unwrap()).await).await;
                })+
            })+
        }
        mod postgres {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::$area::$promise(crate::TestStore::on(crate::Database::postgres().await.unwrap()).await).await;
                })+
            })+
        }
    };
}

on_both_engines! {
    stateful { any_sequence_ends_as_in_the_model }
    integrity {
        every_column_of_a_revision_is_vouched_for,
        revisions_of_before_there_were_digests_are_counted,
        days_that_were_changed_are_named,
    }
    schema { every_statement_is_prepared, opening_again_changes_nothing }
    conversions { versions_of_every_form_stay_and_come_back }
    methods { versions_stay_and_the_last_one_of_an_assay_is_found }
    studies {
        a_study_is_created_once,
        a_stale_study_is_not_changed,
        studies_are_listed_by_id,
        policies_keep_their_versions,
        a_policy_that_breaks_a_rule_is_refused,
        every_term_is_kept,
        the_policy_of_a_changed_study_can_be_changed,
    }
    deletion {
        a_deleted_study_leaves_its_chain_and_nothing_else,
        another_worker_goes_on_with_a_deletion,
        a_deletion_is_guarded,
        whoever_writes_meanwhile_is_refused_or_taken_along,
    }
    erasure { an_erased_participant_leaves_nothing_and_the_chain_is_whole }
    participants { known_facts_stay_and_unknown_ones_are_filled, a_change_is_judged_at_once }
    submissions {
        what_is_answered_can_be_read,
        a_day_sampled_through_has_its_cosinor,
        numbers_come_back_bit_for_bit,
        the_same_rows_again_change_nothing,
        an_atomic_submission_with_a_conflict_stores_nothing,
        a_partial_submission_stores_its_good_rows,
        a_tube_named_twice_is_stored_once,
        checking_leaves_nothing,
        an_unknown_study_is_named,
        a_large_submission_is_judged_whole,
    }
    orders {
        results_and_specimens_meet_in_any_order,
        conditions_and_awakenings_may_come_apart,
        contradicting_facts_are_named,
    }
    requests {
        a_hundred_times_at_once_is_once,
        another_request_under_the_same_id_is_refused,
        every_kind_of_answer_is_given_again,
    }
    writers {
        writers_of_one_participant_end_with_its_whole_rhythm,
        writers_of_shared_tubes_store_each_once,
        a_caller_that_leaves_leaves_all_or_nothing,
    }
    amendments {
        a_revision_replaces_and_keeps,
        only_the_revision_in_force_is_replaced,
        a_corrected_file_amends_what_differs,
        amendments_that_cannot_be_stored_are_all_named,
        another_run_is_a_batch_of_its_own,
    }
    recalls {
        a_recalled_plate_takes_its_days_and_flags_along,
        what_a_dry_run_says_is_what_happens,
        a_recall_is_taken_back,
        recalls_are_guarded,
        a_whole_plate_of_strangers_is_recalled_at_once,
    }
    flags {
        a_flag_is_raised_with_its_evidence,
        a_flag_follows_the_data,
        a_review_is_kept_step_by_step,
        a_resolved_flag_comes_back_for_more_data_only,
    }
    audit {
        every_change_says_who_what_before_and_after_and_why,
        entries_are_found_by_what_they_say,
        numbers_are_in_the_order_of_commits,
        nobody_changes_an_entry_by_hand,
        what_was_changed_nevertheless_is_found,
    }
    review {
        a_claim_keeps_others_off_until_it_ends,
        the_slower_of_two_reviewers_sees_the_decision_of_the_other,
        two_reviewers_decide_and_a_third_settles,
        data_take_the_ground_from_a_flag_that_awaits_a_second_decision,
        materially_new_data_open_a_decided_flag_again,
        the_queue_says_how_many_of_it_are_expected_to_be_false,
    }
    preview { what_is_previewed_is_what_happens, a_preview_of_a_policy_that_breaks_a_rule_is_refused }
    jobs { a_change_of_policy_judges_everybody, a_second_worker_goes_on_where_the_first_stopped }
    fits {
        a_fit_is_queued_worked_on_and_kept,
        a_cancelled_fit_is_nobodys,
        a_fit_that_fails_says_why,
        a_job_that_takes_every_worker_down_is_given_up,
        fits_are_listed_as_they_were_asked_for,
        a_cohort_is_gathered_slice_by_slice,
    }
    quality {
        a_failed_plate_is_kept_used_and_marked,
        a_batch_without_controls_is_told_and_changes_nothing,
        rules_look_at_the_runs_before_in_whatever_order_they_come,
        an_amendment_assesses_its_batch_again,
        a_reviewer_decides_about_a_batch,
        targets_and_policies_assess_stored_batches_in_a_job,
        controls_may_come_after_their_results,
        runs_of_a_control_are_listed_newest_first,
        plates_sent_at_once_end_as_one_after_the_other,
    }
    references {
        a_table_becomes_versions_that_stay,
        strata_that_overlap_are_refused,
        a_study_is_judged_against_another_studys_reference,
        the_own_reference_takes_over_by_rule_and_on_record,
        a_fit_that_has_not_succeeded_is_not_frozen,
    }
    access {
        a_bearer_is_found_by_the_hash_of_the_token,
        a_token_is_kept_whole_or_not_at_all,
        a_first_token_is_the_first_that_is_good,
        tokens_and_principals_are_listed_page_by_page,
        a_role_is_granted_once_and_taken_once,
        refused_calls_are_noted,
    }
    paging {
        pages_cover_everything_once,
        filters_choose_and_pages_still_cover,
    }
    scans {
        a_scan_tells_what_the_list_tells,
        a_scan_of_no_study_is_refused,
        a_mark_divides_the_list,
    }
}
