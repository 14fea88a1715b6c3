//! deskside: a keyboard-driven service-desk console for the terminal.
//!
//! # The map
//!
//! | Folder | What it holds | What it never mentions |
//! | --- | --- | --- |
//! | [`text`] | the one gate for words from outside ([`text::Clean`]), widths, wrapping | any other folder |
//! | [`domain`] | the rules: kinds, lifecycles, priority, clocks, escalation, ownership, queries, suggestions, the radar | any folder but `text`, files, the present time |
//! | [`config`] | what ships as text and the user's files over it: read, merged, checked | screens, desks, the present time |
//! | [`backend`] | where tickets live: the contract, the desk in memory, the desk in a file, trackers over HTTP, several desks as one, the wrappers | the console |
//! | [`store`] | this user's local state: drafts, outbox, journal, sessions, copies of desks that are slow or away | the console, the screen |
//! | [`import`] | logs of other service desks, read through a mapping | the console, the screen |
//! | [`command`] | the command table, keys, arguments | terminals, tasks |
//! | [`app`] | the model and how it changes, one file or folder per workflow | tasks, SQL, drawing, the present time |
//! | [`ui`] | from `&Model` to cells | desks, the store, tasks, `&mut Model` |
//! | [`runtime`] | the loop, jobs, terminal, signals, log | rules |
//! | [`cli`] | the subcommands: thin, through the same commands as the keys | rules of its own |
//!
//! `architecture::no_folder_depends_on_what_it_must_not` reads the sources against this table; its rows are in
//! `tests/architecture/rules.rs`, with the exceptions by name (one: a text form is the text widget's own state).
//!
//! # The one-way flow
//!
//! ```text
//!              terminal event
//!                   │ keymap, by the layers of the model        command/
//!                   ▼
//!  Command row ── run(&mut Model) ─┐                            app/
//!                                  ├─► Effects ── jobs ──► task ─► Backend, store   runtime/
//!  Message ───── update(&mut Model)┘                        │
//!       ▲                                                   │
//!       └───────────────────── bounded channel ◄────────────┘
//!  after each batch, if something shown changed:  ui::view(buffer, &model, &theme)
//! ```
//!
//! A **command** is a wish, an **effect** says please do, a **message** says it happened; all three are plain data.
//! [`app::update::update`] never waits, starts, locks or reads a clock: time is `Message::Tick`. What is ready is taken
//! before one picture is drawn, and where no cell changed nothing is sent. Reads: the newest wins. Writes: never
//! cancelled, one under way per ticket, kept in the outbox until they are answered.
//!
//! What is shown = the desk's record + this user's acts that it has not answered ([`app::pending`]), made by the same
//! [`domain::ticket::Ticket::apply`] that the desks use. So a refusal needs no undoing and a refresh wipes no edit.
//!
//! A desk's state is the fold of its events: who, when it was done, when it was stored, from what, to what. Hence
//! `--as-of`, and hence clocks that can say of each minute why it counted.
//!
//! # What always holds, and the test that says so
//!
//! * An open ticket has exactly one owner at every instant:
//!   `domain::ownership::an_open_record_has_exactly_one_owner_at_every_instant`; of two who accept, one wins:
//!   `domain::ownership::of_two_simultaneous_accepts_one_wins`.
//! * A higher impact or urgency never lowers the priority, and one set by hand stands beside the computed one:
//!   `domain::priority::raising_impact_or_urgency_never_lowers_the_priority`,
//!   `domain::priority::a_priority_by_hand_keeps_the_computed_one`.
//! * A stale write is a conflict that shows the colleague's version; racing writers lose nothing; the same act sent
//!   twice is done once: `backends::promises::a_stale_write_is_a_conflict_with_theirs`,
//!   `backends::promises::racing_writers_lose_nothing`, `backends::promises::the_same_key_twice_writes_once`; in two
//!   processes: `backends::processes::writers_in_two_processes_lose_nothing`.
//! * What a desk in a file promises is the desk's, whoever opens it:
//!   `backends::rules::users_with_other_settings_see_the_same_clocks_and_rewrite_nothing`.
//! * A write whose answer was lost is doubtful, and is not sent again as it is:
//!   `http::lines::a_write_whose_answer_was_lost_is_doubtful_and_not_tried_again`.
//! * A secret is printed nowhere and follows nobody to another host: `http::sources::nothing_prints_a_secret`,
//!   `http::keys::a_server_that_says_a_secret_back_is_not_quoted`, `http::redirects::to_another_host_nothing_goes_along`.
//! * Who edits the asset, the window or the plan of a change has something else than was approved, and no vote of who asked
//!   for it or makes it counts: `domain::rfc::flow::an_edit_of_what_was_approved_makes_the_approval_void`,
//!   `domain::rfc::flow::a_vote_of_who_makes_it_later_counts_no_more`; changes that only touch are in nobody's way:
//!   `domain::rfc::conflicts::changes_that_touch_are_no_conflict_and_a_minute_is_one`.
//! * State is the fold of events: `backends::promises::state_is_the_fold_of_events`.
//! * What a desk does not offer is refused and changes nothing:
//!   `backends::promises::what_is_not_offered_is_refused_and_changes_nothing`.
//! * A desk that nobody writes to wakes nobody: `backends::file::waiting_wakes_nobody`.
//! * A problem closes when its fix has held and nothing of its kind came in; the links of a duplicate move to the one
//!   that it duplicates, and come back: `domain::problem::it_closes_after_the_verification_when_nothing_of_its_kind_came_in`,
//!   `domain::problem::the_links_of_a_duplicate_move_and_come_back`.
//! * Nobody accepts a risk that they put forward: `domain::problem::a_risk_goes_to_the_incidents_as_a_note_and_is_looked_at_again`,
//!   `domain::lifecycle::an_accepted_risk_has_another_approver_and_a_review_ahead`.
//! * Hostile text does not reach the terminal: `backends::promises::hostile_text_comes_out_clean`,
//!   `terminal::screen::control_characters_do_not_leave`.
//! * A copy of a desk ends up like the desk, whatever happens in whatever order:
//!   `store::order::in_the_end_the_copy_is_like_the_desk`; it is there without the desk, and a look without news is one
//!   call: `store::mirror::a_start_without_the_desk_shows_what_was_there`,
//!   `store::mirror::a_look_without_news_is_one_call_and_wakes_nobody`.
//! * No approval without enough votes, and none counts of who asked or carries it out:
//!   `domain::approval::no_approval_without_enough_votes`,
//!   `domain::approval::who_is_barred_or_answered_does_not_count_and_nobody_counts_the_votes_by_hand`.
//! * Nobody approves what they asked for or registered: `domain::request::nobody_approves_what_they_asked_for_or_registered`.
//! * Nobody does what is above their level: `domain::level::no_act_of_an_associate_records_what_is_above_the_level`,
//!   `screens::requests::random_keys_of_an_associate_never_record_what_is_above_the_level`.
//! * Words of a major incident are due from the actual send, and it closes after its review only:
//!   `domain::major::words_are_due_from_the_actual_send_and_a_skip_moves_what_was_due`,
//!   `domain::major::it_is_closed_by_its_manager_after_the_review`; who owes late ones is told wherever they are:
//!   `screens::major::who_owes_words_that_are_late_is_told_wherever_they_are_and_goes_there_with_one_key`.
//! * What is to be raised above one's level waits where it is raised from, and carries both names:
//!   `domain::level::what_is_to_be_raised_waits_where_it_is_raised_from_and_is_raised_with_both_names`.
//! * What was filled in for a tracker stands in its ticket, readable:
//!   `trackers::several::catalogue::what_a_tracker_cannot_keep_of_a_request_is_said_first_and_goes_along_as_words`.
//! * What waits for me on several desks is found by my name and my groups on each:
//!   `trackers::several::waits::what_waits_for_me_is_found_by_my_name_and_my_groups_on_each_desk`.
//! * Counts go on from what was written, so that a key that writes one ticket costs one ticket, and are exact:
//!   `screens::lists::counts_go_on_from_what_was_written_and_are_exact`.
//! * Every key in every place does something or says why not: `screens::every_key::on_a_full_desk`,
//!   `screens::every_key::on_an_empty_desk`.
//! * An explicit triage decision takes at most 15 keys, ten marked tickets at most 12:
//!   `screens::triage::an_explicit_decision_takes_fifteen_keys`,
//!   `screens::triage::ten_marked_tickets_take_at_most_twelve_keys`.
//! * The ten commonest acts take at most three keys beside their answers, as README says:
//!   `screens::commonest::each_takes_three_keys_at_most_beside_its_answers`,
//!   `docs::the_table_of_the_commonest_acts_is_what_was_pressed`.
//! * Nothing of a decision is sent before Enter: `screens::triage::esc_clears_the_decision_and_sends_nothing`.
//! * What was decided and not sent stands there again, after a refusal and a kill too:
//!   `screens::unlost::a_decision_is_there_again_after_leaving_and_after_a_kill`,
//!   `screens::unlost::a_refused_or_overtaken_decision_stands_on_its_line_again`.
//! * A text goes to the reader that was shown, or not at all:
//!   `screens::readers::another_caller_under_an_open_reply_is_told_before_it_goes`,
//!   `screens::readers::a_held_reply_does_not_follow_the_ticket_to_another_caller`.
//! * One desk of several that is away keeps nobody from the others, and what is done meanwhile waits for it alone:
//!   `trackers::several::away::one_that_is_away_at_the_first_start_keeps_nobody_from_the_other`,
//!   `trackers::several::away::what_is_done_while_one_is_away_waits_for_it_alone_and_outlives_a_kill`.
//! * A profile for reading takes no write from anybody:
//!   `trackers::several::rights::a_profile_for_reading_takes_no_write_from_anybody`.
//! * A link between trackers is told to neither:
//!   `trackers::several::links::a_link_between_trackers_is_kept_here_and_told_to_neither`.
//! * A merge writes over nobody's change and loses none of mine; what both changed is asked:
//!   `screens::trackers::a_merge_writes_over_nobody_and_loses_nothing`,
//!   `screens::trackers::a_choice_that_was_not_made_is_asked_again_after_a_kill`.
//! * Words survive a kill at any moment but for their last second, and a dropped line whole:
//!   `terminal::kill::typed_words_come_back_after_a_kill_at_any_moment`,
//!   `terminal::program::a_dropped_line_loses_no_words`.
//! * What the screen showed as done is done, and once, whenever the program is killed:
//!   `terminal::kill::what_was_done_is_done_once_whenever_the_kill_comes`.
//! * The terminal is given back, after a panic too: `terminal::program::the_terminal_is_taken_and_given_back`,
//!   `terminal::program::a_panic_gives_the_terminal_back_and_says_so`.
//! * A session at the keys leaves in the tracker what it showed, over a line that fails and a kill; held against real
//!   servers too: `trackers::rt::session::on_the_fake`, `trackers::redmine::session::on_the_fake`; the practices, as far as
//!   the tracker carries them: `trackers::rt::session::practices_on_the_fake`,
//!   `trackers::redmine::session::practices_on_the_fake`.
//! * Whatever was drawn, the terminal shows that frame: `terminal::screen::the_terminal_shows_the_frame`.
//! * What was asked of the suggestions took no part in the learning, and confidence is what it says:
//!   `domain::suggest::what_is_spoken_is_right_for_mails_that_took_no_part_in_the_measurement`.
//! * Groups of like tickets do not chain, a new ticket costs its candidates, and no key reads the desk for the radar:
//!   `domain::radar::groups_do_not_chain`, `domain::radar::a_new_ticket_costs_its_candidates_and_not_the_desk`,
//!   `screens::radar::no_key_reads_the_desk_and_what_comes_meanwhile_counts`.
//! * README's picture is what the program draws: `docs::the_picture_in_the_readme_is_the_screen`.
//!
//! `docs::every_test_named_in_the_map_is_there` keeps these names true.
//!
//! # Where this differs from the first proposal, and why
//!
//! * **Our own `Screen` instead of `ratatui::Terminal`** ([`runtime::terminal::screen`]). An unchanged frame writes
//!   nothing, rows that only moved are scrolled by the terminal itself, and styles and cursor moves cost as little as
//!   they can: a key on a slow line is some dozens of bytes. Widgets and buffers are ratatui's as ever.
//! * **Our own input decoder instead of crossterm's `EventStream`** ([`runtime::terminal::decode`]). The stream keeps a
//!   thread on the terminal, which eats keys meant for `$EDITOR`, and hands out one event at a time; a burst of keys
//!   should be one batch and one picture. Hence crossterm comes through ratatui and the text widget only, without its `event-stream`.
//! * **Rows in columns** ([`domain::table`]). A list of structs made filtering 100,000 tickets a walk through memory; a
//!   filter now reads the columns that it asks about. The detail still holds whole tickets.
//! * **The store is rooms of keys and values** ([`store`]), not tables of its own for outbox, drafts and journal. What a
//!   value means is the model's to say; the store cannot lag behind it, and needs no migration of its own.
//! * **`changed()` and `presence()` in [`backend::Backend`].** Without the first a console would poll a file that tells
//!   of its changes; without the second nobody sees who has a ticket open. `search` is for trackers: the embedded
//!   desks hand over everything, so there is nothing beyond to look for.
//! * **`schema()` is who I am and what the pickers offer.** States and transitions are the lifecycle tables of
//!   [`domain::lifecycle`], but where a tracker has a workflow of its own ([`domain::workflow`]).
//!   It comes with each ticket.
//! * **A folder `import`**: reading other desks' logs is neither a desk nor a subcommand.

pub mod app;
pub mod backend;
pub mod cli;
pub mod command;
pub mod config;
pub mod domain;
pub mod import;
pub mod runtime;
pub mod store;
pub mod text;
pub mod ui;
