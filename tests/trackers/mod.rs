//! Every tracker keeps the same promises; fakes in every run, real servers where one is named in the environment.
//!
//! `tracker_suite!(name, SiteType)` in a tracker's own module tries all of them on its [`site::Site`].

/// These tests on that site.
macro_rules! tried_on {
    ($site:ty, $from:ident: $($promise:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $promise() {
            if !$crate::trackers::bench::is_left_out::<$site>(stringify!($promise)) {
                let bench = $crate::trackers::bench::Bench::<$site>::new().await;
                $crate::trackers::$from::$promise(bench).await;
            }
        })+
    };
}

/// One tracker under every promise; `without a line` for one that no fault of a line can reach,
/// `on a real server` for one of its own that is not ours to break.
macro_rules! tracker_suite {
    ($name:ident, $site:ty) => {
        mod $name {
            use super::*;
            tracker_promises!($site);
            tracker_faults!($site);
            tried_on!($site, vanished:
                a_deleted_ticket_is_said_and_leaves_the_list,
                a_ticket_that_moved_is_said_and_leaves_neither_ghost_nor_twin,
                a_ticket_of_another_kind_is_the_same_ticket,
            );
            tried_on!($site, flush: every_act_is_stored_once_whenever_the_kill_comes);
            tried_on!($site, undo: what_was_done_is_taken_back_or_it_is_said_why);
        }
    };
    ($name:ident, $site:ty, on a real server) => {
        mod $name {
            use super::*;
            tracker_promises!($site);
            tried_on!($site, undo: what_was_done_is_taken_back_or_it_is_said_why);

            #[test]
            fn what_a_real_server_is_not_asked() {
                $crate::trackers::real::say_what_is_left_out::<$site>();
            }
        }
    };
    ($name:ident, $site:ty, without a line) => {
        mod $name {
            use super::*;
            tracker_promises!($site);
            tried_on!($site, flush: every_act_is_stored_once_whenever_the_kill_comes);
            tried_on!($site, undo: what_was_done_is_taken_back_or_it_is_said_why);
        }
    };
}

/// What holds without a line between console and tracker, too.
macro_rules! tracker_promises {
    ($site:ty) => {
        tried_on!($site, promises:
            a_full_walk_is_complete_over_its_pages,
            a_first_load_costs_pages_and_a_constant,
            the_newest_come_first,
            rows_that_move_between_pages_are_not_lost,
            a_delta_misses_nothing,
            a_delta_without_news_is_one_request,
            a_bad_cursor_asks_for_a_full_walk,
            revisions_are_the_same_in_rows_and_records,
            a_ticket_that_is_not_there_is_not_found,
            a_ticket_that_vanished_is_not_found,
            a_stale_write_is_a_conflict_with_theirs_and_who,
            of_two_who_take_it_one_wins,
            racing_writers_lose_nothing,
            racing_words_are_all_kept,
            the_same_act_again_is_stored_once,
            a_public_reply_is_public_by_the_trackers_own_truth,
            an_internal_note_is_internal_by_the_trackers_own_truth,
            a_note_beside_a_reply_stays_internal,
            history_becomes_a_timeline,
            what_colleagues_do_is_seen,
            hostile_text_comes_out_clean,
            markup_in_words_survives,
            a_note_of_a_megabyte_survives,
            all_of_unicode_survives,
            owner_and_group_are_stored,
            priority_impact_and_urgency_are_stored_or_refused,
            times_keep_their_instant,
            what_is_stored_is_returned,
            every_kind_is_read,
            every_kind_is_made_and_every_offered_step_is_taken,
            what_is_not_offered_is_refused_and_changes_nothing,
            a_wrong_value_is_refused_by_name,
            links_show_at_both_ends,
            people_and_groups_are_complete,
            files_are_kept_byte_by_byte,
            what_can_be_searched_is_found,
            forbidden_is_not_offline,
            a_wrong_credential_is_not_signed_in,
            no_secret_is_printed,
            opening_a_ticket_takes_at_most_three_requests,
            a_triage_act_is_two_writes_and_one_look,
        );
    };
}

/// What lines and servers do.
macro_rules! tracker_faults {
    ($site:ty) => {
        tried_on!($site, faults:
            cut_lines_lose_and_double_nothing,
            silence_loses_and_doubles_nothing,
            requests_that_nobody_heard_are_sent_again,
            broken_answers_lose_and_double_nothing,
            servers_that_break_lose_and_double_nothing,
            refusals_store_nothing_or_say_what,
            a_tracker_that_asks_to_slow_down_gets_it_later,
            signed_out_in_mid_session_keeps_the_act,
            redirects_lead_nowhere,
            huge_answers_are_cut_short,
            a_file_is_added_once_and_a_lost_answer_is_said,
            a_slow_tracker_only_takes_longer,
            a_skewed_clock_changes_nothing,
            offline_at_start_and_in_mid_session,
            reads_say_what_happened,
        );
    };
}

pub mod acts;
pub mod api;
pub mod bench;
pub mod faults;
pub mod flush;
mod itop;
mod jira;
mod plain;
pub mod practices;
pub mod promises;
pub mod real;
mod redmine;
mod rt;
mod servicenow;
pub mod session;
mod several;
pub mod site;
pub mod undo;
pub mod vanished;
