//! Every desk keeps the same promises; each file of promises is tried on each desk.

pub mod bench;
pub mod file;
mod layers;
mod mirrored;
mod processes;
mod promises;
mod rules;
mod same;

/// One desk under every promise, and under those that not every desk makes.
macro_rules! backend_suite {
    ($name:ident, $bench:ty; $($more:ident)?) => {
        backend_suite!(@ $name, $bench:
            a_full_pull_is_complete_over_its_pages,
            the_first_page_is_due_first,
            a_delta_holds_only_what_changed,
            a_bad_cursor_asks_for_a_full_pull,
            a_ticket_that_is_not_there_is_not_found,
            a_stale_write_is_a_conflict_with_theirs,
            racing_writers_lose_nothing,
            racing_words_are_all_kept,
            the_same_key_twice_writes_once,
            a_refused_field_is_named,
            forbidden_is_not_offline,
            what_is_stored_is_returned,
            hostile_text_comes_out_clean,
            long_notes_and_all_of_unicode_survive,
            times_keep_their_instant,
            what_is_not_offered_is_refused_and_changes_nothing,
            a_proposal_is_done_once_by_who_may_with_both_names,
            state_is_the_fold_of_events,
            a_change_from_another_console_is_announced,
            nothing_is_announced_when_nothing_happens,
            others_see_what_i_have_open,
            links_show_at_both_ends,
            new_tickets_are_named_by_the_desk,
            $($more)?
        );
    };
    (@ $name:ident, $bench:ty: $($promise:ident),+ $(,)?) => {
        mod $name {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                use super::bench::Bench;
                super::promises::$promise(<$bench>::new()).await;
            })+
        }
    };
}

backend_suite!(memory, super::bench::InMemory; what_falls_due_happens_by_itself_once);
backend_suite!(sqlite, super::bench::SqliteFile; what_falls_due_happens_by_itself_once);
backend_suite!(poor, super::bench::AsPoor; what_falls_due_happens_by_itself_once);
// A copy that is up to date has made the desk do by itself what falls due.
backend_suite!(mirror, super::mirrored::AsMirror;);
