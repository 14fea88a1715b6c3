//! `deskside config schema`: what each file of settings may say. A test holds every table here to what the parsers take.

/// A file of the user's, or a folder of such files.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Below the folder that `deskside config path` prints.
    pub name: &'static str,
    pub what: &'static str,
    pub tables: &'static [Table],
}

/// A table of a file with its keys.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// As it is written; empty for the file itself.
    pub head: &'static str,
    /// A key and what it takes; one that must be there ends with `!`.
    pub keys: &'static [(&'static str, &'static str)],
}

const fn file(name: &'static str, what: &'static str, tables: &'static [Table]) -> File {
    File { name, what, tables }
}

const fn table(head: &'static str, keys: &'static [(&'static str, &'static str)]) -> Table {
    Table { head, keys }
}

/// Every file that is read.
pub const FILES: &[File] = &[
    file(
        "keys.toml",
        "Keys, laid over those of the commands. One table for each place: global, ticket, list, detail, triage, picker, \
         form, compose, line, dialog, help. Each key is a key or several in a row, each value a command line, or `none`.",
        &[],
    ),
    file(
        "views.toml",
        "Saved views, the tabs of the panes. One of a shipped name replaces it.",
        &[table(
            "[[view]]",
            &[
                ("name!", "text"),
                ("panes", "list of work, incidents, requests, problems, changes; all when left out"),
                ("query!", "a query, as in the filter; `sort:` gives the order"),
                ("columns", "list of columns; `deskside list --columns` says which there are"),
            ],
        )],
    ),
    file(
        "sla.toml",
        "Promises. One of a shipped name replaces it.",
        &[table(
            "[[definition]]",
            &[
                ("name!", "text"),
                ("metric!", "response, resolution, update or ola"),
                ("clock", "text: only where a ticket has several clocks of one metric"),
                ("kinds", "list of incident, request, problem, change; all when left out"),
                ("priorities", "list of 1 (highest) to 9; all when left out"),
                ("target!", "open time, such as 15m or 1h 30m; none for by agreement"),
                ("calendar!", "a calendar's name"),
                ("pause", "list of caller, vendor, change, problem, parts, scheduled"),
                ("start", "opened_at or created_at"),
                ("thresholds", "list of percentages"),
                ("at_risk", "percentage"),
                ("retarget", "retro, restart or stricter_only"),
                ("retro_pause", "true or false"),
                ("reopen", "continue, elapsed_through or new_cycle"),
                ("since", "last_update, last_message or first_message"),
            ],
        )],
    ),
    file(
        "calendars/NAME.toml",
        "When the desk is open. One of a shipped name (always, uk) replaces it.",
        &[
            table(
                "",
                &[
                    ("zone!", "an IANA time zone, such as Europe/London"),
                    ("hours", "a table, below"),
                    ("holidays", "list of dates, each with its name behind it"),
                    ("always", "true: open around the clock, without hours and holidays"),
                ],
            ),
            table(
                "[hours]",
                &[
                    ("mon", "list of spans, such as \"08:00-18:00\""),
                    ("tue", "the same"),
                    ("wed", "the same"),
                    ("thu", "the same"),
                    ("fri", "the same"),
                    ("sat", "the same"),
                    ("sun", "the same"),
                ],
            ),
        ],
    ),
    file(
        "priority.toml",
        "The priority that an impact and an urgency make. Replaces what ships as a whole.",
        &[table("", &[("matrix!", "list of rows, one for each impact, of priorities, one for each urgency")])],
    ),
    file(
        "problems.toml",
        "How often problems are looked at and how long their fixes are watched, in days. Replaces what ships as a whole.",
        &[table(
            "",
            &[("operational!", "number"), ("tactical!", "number"), ("strategic!", "number"), ("verify!", "number")],
        )],
    ),
    file(
        "changes.toml",
        "How changes are weighed and approved. Replaces what ships as a whole.",
        &[
            table(
                "",
                &[
                    ("warns", "list of conflicts that need no override, such as shared_service or absent"),
                    ("horizon", "days that a meeting looks ahead"),
                    ("question", "tables, below"),
                    ("condition", "tables, below"),
                    ("policy", "tables, below"),
                    ("template", "tables, below"),
                    ("window", "tables as in windows.toml"),
                ],
            ),
            table(
                "[[question]]",
                &[("name!", "one word"), ("ask!", "the question"), ("answers!", "four texts, for 0 to 3 points")],
            ),
            table(
                "[[condition]]",
                &[
                    ("name!", "text"),
                    ("types", "normal, standard, emergency, retrospective"),
                    ("services", "list of services"),
                    ("critical", "true or false"),
                    ("risk!", "low, moderate, high or very_high: at least that"),
                ],
            ),
            table(
                "[[policy]]",
                &[
                    ("name!", "text"),
                    ("types", "types of change; all when left out"),
                    ("risks", "risks; all when left out"),
                    ("expires", "minutes"),
                    ("stages!", "list of tables with name, before, of, enough, on_reject, patience, then"),
                ],
            ),
            table(
                "[[template]]",
                &[
                    ("name!", "text"),
                    ("title!", "text"),
                    ("description!", "text"),
                    ("reason!", "text"),
                    ("plan!", "text"),
                    ("back_out!", "text"),
                    ("test_plan!", "text"),
                    ("authorised_by!", "text"),
                    ("valid_until", "a date"),
                    ("category", "text"),
                    ("service", "text"),
                    ("group", "text"),
                    ("steps", "list of texts, each a task"),
                ],
            ),
        ],
    ),
    file(
        "windows.toml",
        "When changes may be made. Replaces what ships as a whole.",
        &[
            table(
                "[[window]]",
                &[
                    ("name!", "text"),
                    ("kind!", "maintenance or freeze"),
                    ("force", "hard or soft"),
                    ("exempt", "list of types of change"),
                    ("zone!", "an IANA time zone"),
                    ("from!", "a time by its clock, such as \"2026-01-06T19:00:00\""),
                    ("to!", "the same"),
                    ("repeat", "once, daily, weekly, monthly or yearly"),
                    ("days", "for weekly: list of mon, tue, wed, thu, fri, sat, sun"),
                    ("until", "the last date on which one begins"),
                    ("scope", "a table, below; everything when left out"),
                ],
            ),
            table(
                "[window.scope]",
                &[
                    ("services", "list of services"),
                    ("classes", "list of models"),
                    ("queries", "list of patterns, such as \"tag:LDS-* location:Leeds*\""),
                ],
            ),
        ],
    ),
    file(
        "escalation.toml",
        "Rules that propose an escalation. One of a shipped name replaces it.",
        &[
            table(
                "[[rule]]",
                &[
                    ("name!", "text"),
                    ("kind!", "functional, hierarchical, time_based, problem, major, supplier or exception"),
                    ("reason!", "text"),
                    ("when", "a table of conditions, below"),
                    ("at", "\"response 75%\" (or resolution, update, ola), or a length of time"),
                    ("to", "owner, next_line, manager_of_group, group:NAME, person:LOGIN or role:ROLE"),
                    ("ladder", "instead of at and to: list of tables with `at` and `to`"),
                ],
            ),
            table(
                "[rule.when]",
                &[
                    ("kinds", "list of kinds of ticket"),
                    ("priorities", "list of numbers"),
                    ("groups", "list of groups"),
                    ("lines", "list of lines, 1 the first"),
                    ("vip", "true or false"),
                    ("critical_service", "true or false"),
                    ("major", "true or false"),
                    ("reopens", "at least so many"),
                    ("ping_pong", "at least so many"),
                    ("bounces", "at least so many"),
                    ("children", "at least so many"),
                ],
            ),
        ],
    ),
    file(
        "major.toml",
        "Who is kept informed of a major incident, and how often. Replaces what ships as a whole.",
        &[
            table(
                "",
                &[
                    ("review_days!", "number of working days"),
                    ("review_calendar!", "name of a calendar"),
                    ("words!", "a table, below"),
                    ("audience", "list of tables, below"),
                ],
            ),
            table(
                "[[audience]]",
                &[
                    ("name!", "text"),
                    ("who!", "text"),
                    ("every!", "list of lengths of time, by priority, such as [\"30m\", \"60m\"]"),
                    ("callers", "true or false: what they are told is public"),
                ],
            ),
            table(
                "[words]",
                &[("initial!", "text"), ("update!", "text"), ("restored!", "text"), ("resolved!", "text")],
            ),
        ],
    ),
    file(
        "levels.toml",
        "Which acts ask for a level or a manager role. One of a shipped act replaces it.",
        &[table(
            "[[gate]]",
            &[
                ("act!", "an act, such as resolve, raise_problem or declare_major; config/levels.toml lists them"),
                ("level", "associate, engineer, senior, lead or principal, and those above"),
                ("roles", "list of service_desk_manager, incident_manager, problem_manager, change_manager"),
            ],
        )],
    ),
    file(
        "catalogue/NAME.toml",
        "What can be asked for. An item of a shipped name replaces it.",
        &[
            table(
                "[[item]]",
                &[
                    ("name!", "text"),
                    ("about!", "what one gets, in a line"),
                    ("category", "a category"),
                    ("service", "a service"),
                    ("group", "a group"),
                    ("impact", "1 to 3"),
                    ("urgency", "1 to 3"),
                    ("access", "true: given for a time, and taken back"),
                    ("expires", "how long its approval may wait, such as 5d"),
                    ("question", "list of questions, below"),
                    ("approval", "list of stages, below"),
                    ("task", "list of tasks, below"),
                ],
            ),
            table(
                "[[item.question]]",
                &[
                    ("name!", "a field of tickets, or a name of its own"),
                    ("ask!", "the question"),
                    ("type!", "text, lines, number, choice, yes_no, person, asset or date"),
                    ("optional", "true or false"),
                    ("choices", "list of answers"),
                    ("min", "number"),
                    ("max", "number"),
                    ("default", "the answer that stands there"),
                ],
            ),
            table(
                "[[item.approval]]",
                &[
                    ("name!", "text"),
                    (
                        "of!",
                        "list of line_manager, service_owner, queue, manager_of_group, group:NAME, person:LOGIN, role:ROLE",
                    ),
                    ("enough", "any, all, { at_least = 2 } or { quorum = 50 }"),
                    ("on_reject", "stop or return"),
                    ("patience", "after so long, such as 2d, `then` is asked as well"),
                    ("then", "somebody, as in `of`"),
                ],
            ),
            table(
                "[[item.task]]",
                &[
                    ("title!", "what is to be done"),
                    ("to", "somebody, as in `of`; the owner where nobody is named"),
                    ("due", "so long after work began, such as 2d"),
                    ("four_eyes", "true: a second person signs"),
                ],
            ),
        ],
    ),
    file(
        "guard.toml",
        "What makes a public text ask once more. Replaces what ships as a whole.",
        &[table(
            "",
            &[
                ("words", "list of words and rows of words; `*` stands for the rest of a word"),
                ("hosts", "list of endings of host names, such as .corp"),
                ("tickets", "list of letters before ticket numbers"),
            ],
        )],
    ),
    file(
        "radar.toml",
        "What the radar for repeat incidents looks for. Replaces what ships as a whole.",
        &[table(
            "",
            &[
                ("window_days!", "days in which incidents are counted"),
                ("baseline_days!", "days before, with which they are compared"),
                ("least!", "fewer than so many are no repetition"),
                ("factor!", "so many times as often as before"),
                ("chance!", "less likely than this by chance alone, such as 0.01"),
                ("similar!", "from this likeness on tickets read alike, 0 to 1"),
                ("room!", "so many in a group of like tickets at most"),
                ("change_days!", "days before the first ticket in which a change is told"),
                ("keys!", "list of lists of asset, service, category, location, caller, group, x.NAME"),
            ],
        )],
    ),
    file(
        "playbooks.toml",
        "What one digit does in a known situation. One of a shipped name replaces it.",
        &[
            table(
                "[[playbook]]",
                &[
                    ("name!", "text"),
                    ("title!", "text"),
                    ("key", "a digit"),
                    ("kinds", "list of kinds of ticket"),
                    ("when", "a query: the tickets it is offered for"),
                    ("ask", "list of questions, below"),
                    ("set", "a table of fields and values"),
                    ("link", "a table of kinds of link and tickets"),
                    ("note", "an internal note"),
                    ("reply", "a canned reply's name"),
                    ("say", "a public text of its own"),
                    ("step", "a step of the lifecycle"),
                    ("snooze", "until when it is put aside"),
                ],
            ),
            table(
                "[[playbook.ask]]",
                &[
                    ("name!", "text: {{ prompt.NAME }} is the answer"),
                    ("label!", "the question"),
                    ("kind!", "what sort of answer"),
                    ("choices", "list of answers"),
                    ("min", "number"),
                    ("max", "number"),
                    ("optional", "true or false"),
                    ("default", "the answer that stands there"),
                ],
            ),
        ],
    ),
    file(
        "replies/NAME.txt",
        "A canned public reply: TOML between two lines of ---, then the text with {{ variables }}.",
        &[table(
            "",
            &[
                ("title!", "text"),
                ("key", "a digit"),
                ("kinds", "list of kinds of ticket"),
                ("promise", "when the caller hears more, such as tomorrow 12:00"),
            ],
        )],
    ),
    file(
        "profiles/NAME.toml",
        "A desk under a name, for --profile.",
        &[table(
            "",
            &[
                ("kind!", "sqlite, demo or a tracker; `deskside connect` asks, tries and writes the file"),
                ("path", "the desk's file, with kind sqlite; from this folder, or with ~/"),
                ("read_only", "true or false"),
                ("address", "of a tracker: https://…"),
                ("plain_http", "true: plain http to another machine too, without which only to this one"),
                ("zone", "of times that the tracker writes without a zone"),
                ("poll_seconds", "how often a tracker is asked for news; 5 at least"),
                ("patience_seconds", "how long an answer of a tracker is waited for"),
                ("credential", "a table: where the tracker's secret is found, never the secret itself"),
                ("tls", "a table: own certificates"),
                ("scope", "a table: which part of the tracker is pulled"),
                ("mapping", "a table: what the tracker's names mean here"),
            ],
        )],
    ),
];

/// All of it as text.
pub fn text() -> String {
    let mut text = String::from(
        "Your files of settings are laid over those that ship (config/ in the source, with examples). All are TOML. Keys\n\
         that must be there are marked with !. `deskside config path` says where they are looked for, `deskside config\n\
         check` what is wrong with them.\n",
    );
    for file in FILES {
        text.push_str(&format!("\n{}\n", file.name));
        for line in crate::text::wrap(file.what, 100) {
            text.push_str(&format!("  {line}\n"));
        }
        for table in file.tables {
            if !table.head.is_empty() {
                text.push_str(&format!("  {}\n", table.head));
            }
            for (key, takes) in table.keys {
                text.push_str(&format!("    {key:<18}{takes}\n"));
            }
        }
    }
    text
}
