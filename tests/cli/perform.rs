//! `deskside do`: one table of commands, one set of rules, told record by record.

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Home, said};

#[test]
fn one_bad_ticket_does_not_stop_the_others() {
    let home = Home::with_desk();
    let ids: Vec<String> = (0..3).map(|n| home.incident(&format!("number {n}"))).collect();
    let first = format!("{},INC-99,{}", ids[2], ids[0]);
    let said = home.run(&["do", &first, "take"]);
    assert_eq!(said.code, 1);
    assert_eq!(said.out, "INC-3: taken.\nINC-1: taken.\n");
    assert_eq!(said.err, "deskside: There is no INC-99 on this desk.\n");
    home.done(&["do", "INC-2", "hold", "vendor", "Part is ordered"]);
    let said = home.run(&["do", "INC-1,INC-2,INC-3", "resume", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let outcomes: Vec<&str> = told.as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "done", "refused"], "{told}");
    assert_eq!((said.code, told[1]["ticket"].as_str()), (1, Some("INC-2")));
}

#[test]
fn what_stands_so_already_is_no_fault() {
    let home = Home::with_desk();
    let id = home.incident("same");
    assert_eq!(home.done(&["do", &id, "impact", "2"]), "INC-1: impact 2.\n");
    let again = home.json(&["do", &id, "impact", "2"]);
    assert_eq!(
        again,
        json!([{"ticket": "INC-1", "outcome": "no_change", "message": "INC-1 stands so already; nothing was changed."}])
    );
}

#[test]
fn wrong_words_are_told_before_anything_is_done() {
    let home = Home::with_desk();
    home.incident("one");
    for (words, part) in [
        (&["resolve"][..], "resolve needs code (such as Fixed,"),
        (&["resolv"], "did you mean `resolve`?"),
        (&["step"], "step needs verb"),
        (&["impact", "7"], "impact: level must be a number from 1 to 3, not `7`."),
        (&["hold", "weather"], "must be one of caller, vendor"),
        (&["take", "it", "now"], "take takes no more than 0 arguments"),
        (&["page-down"], "acts on the screen, not on a ticket"),
        (&["repeat"], "acts on the screen"),
    ] {
        let said = home.refused(2, &[&["do", "INC-1"], words].concat());
        assert!(said.contains(part), "{words:?}: {said}");
    }
    assert!(home.refused(2, &["do", ",", "take"]).contains("No ticket is named"));
    assert_eq!(home.json(&["show", "INC-1"])["timeline"].as_array().unwrap().len(), 6);
}

#[test]
fn a_rule_says_no_in_the_words_of_the_screen() {
    let home = Home::with_desk();
    home.incident("one");
    let said = home.refused(1, &["do", "INC-1", "close"]);
    assert!(said.starts_with("deskside: INC-1 is new and cannot be moved by `close` from there."), "{said}");
    let said = home.refused(1, &["do", "INC-1", "group", "Nowhere"]);
    assert!(said.contains("The desk knows no group called `Nowhere`."), "{said}");
}

#[test]
fn a_public_reply_goes_at_once_and_what_was_not_meant_for_the_public_does_not() {
    let home = Home::with_desk();
    home.incident("one");
    assert_eq!(home.done(&["do", "INC-1", "reply", "A new dock is on its way."]), "INC-1: reply.\n");
    let said = home.refused(1, &["do", "INC-1", "reply", "It was user error, RTFM."]);
    assert!(said.contains("This goes to the customer. Look again:") && said.contains("--sure"), "{said}");
    home.done(&["do", "--sure", "INC-1", "reply", "It was user error, RTFM."]);
    let ticket = home.json(&["show", "INC-1"]);
    let said: Vec<&str> = ticket["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["what"] == "say" && event["audience"] == "public")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["A new dock is on its way.", "It was user error, RTFM."]);
}

#[test]
fn no_way_to_the_public_goes_round_the_second_look() {
    let home = Home::with_desk();
    home.incident("one");
    home.done(&["do", "INC-1", "take"]);
    home.config(
        "playbooks.toml",
        "[[playbook]]\nname = \"tell\"\ntitle = \"Tell\"\nsay = \"{{ prompt.what }}\"\n\
         [[playbook.ask]]\nname = \"what\"\nlabel = \"What\"\nkind = \"text\"\n",
    );
    let public = || {
        let ticket = home.json(&["show", "INC-1"]);
        let said = |event: &&Value| event["what"] == "say" && event["audience"] == "public";
        ticket["timeline"].as_array().unwrap().iter().filter(said).count()
    };
    let resolve = ["resolve", "code:Fixed", "verified:yes", "notes:new dock", "reply:It was user error."];
    for (words, finding) in [
        (&["reply", "NHS number 943 476 5919"][..], "an NHS number: 94…"),
        (&["hold", "caller", "text:Never mind, layer 8."], "words for the desk only: layer 8"),
        (&["play", "tell", "what:it is on fs01.corp"], "an internal host name: fs01.corp"),
        (&resolve, "words for the desk only: user error"),
    ] {
        let said = home.refused(1, &[&["do", "INC-1"], words].concat());
        assert!(said.contains(&format!("Look again: {finding} --sure sends it all the same.")), "{words:?}: {said}");
        assert_eq!(public(), 0, "{words:?}");
    }
    home.done(&["do", "INC-1", "play", "tell", "what:it is on fs01.corp", "--sure"]);
    assert_eq!(public(), 1);
    assert_eq!(home.json(&["show", "INC-1"])["state"], "in_progress");
}

#[test]
fn tickets_grow_out_of_tickets() {
    let home = Home::with_desk();
    let (one, two) = (home.incident("VPN drops"), home.incident("VPN drops again"));
    let raised = home.done(&["do", &format!("{one},{two}"), "raise-problem", "VPN drops at noon"]);
    assert!(raised.contains("PRB-1: problem raised."), "{raised}");
    assert_eq!(home.json(&["show", "PRB-1"])["linked"].as_array().unwrap().len(), 2);
    let merged = home.run(&["do", &two, "merge", &one]);
    assert_eq!(merged.code, 0, "{merged:?}");
    assert_eq!(home.json(&["list", "--query", &format!("id={two}")])[0]["state"], "cancelled");
}

#[test]
fn putting_aside_is_kept_for_this_user() {
    let home = Home::with_desk();
    let id = home.incident("later");
    assert_eq!(home.done(&["do", &id, "snooze", "2h"]), "INC-1: put aside.\n");
    assert_eq!(home.done(&["list", "--query", "snoozed", "--count"]), "1\n");
    assert_eq!(home.json(&["show", &id])["timeline"].as_array().unwrap().len(), 6, "the desk is not told");
}

#[test]
fn words_reach_their_arguments_as_the_shell_parted_them() {
    let home = Home::with_desk();
    home.incident("one");
    home.done(&["do", "INC-1", "title", "Dock", "has", "no picture"]);
    assert_eq!(home.json(&["list"])[0]["title"], "Dock has no picture");
    home.done(&["do", "INC-1", "title to:\"Dock: still none\""]);
    assert_eq!(home.json(&["list"])[0]["title"], "Dock: still none");
    home.done(&["do", "INC-1", "note", "first line\nsecond: \"quoted\" \\ line"]);
    let ticket = home.json(&["show", "INC-1"]);
    assert_eq!(
        ticket["timeline"].as_array().unwrap().last().unwrap()["text"],
        "first line\nsecond: \"quoted\" \\ line"
    );
    home.done(&["do", "INC-1", "note", "--", "-- dashes first"]);
}

#[test]
fn any_field_is_an_option_of_new() {
    let home = Home::with_desk();
    let words = [
        "new",
        "request",
        "--title",
        "A laptop",
        "--caller",
        "ben",
        "--impact",
        "3",
        "--urgency",
        "3",
        "--category",
        "hardware/laptop",
        "--needed-by",
        "2030-01-15 12:00",
        "--location",
        "Leeds",
        "--x",
        "cost_centre=77",
    ];
    let row = home.json(&words);
    assert_eq!(
        (&row["id"], &row["location"], &row["group"], &row["custom"]["x.cost_centre"]),
        (&json!("REQ-1"), &json!("Leeds"), &json!("Deskside"), &json!("77"))
    );
    assert_eq!(home.json(&["show", "REQ-1"])["fields"]["needed_by"], "2030-01-15T12:00:00Z");
    assert!(home.refused(2, &["new", "incident", "--title", "t"]).contains("--caller"));
    assert!(home.refused(2, &["new", "epic", "--title", "t", "--caller", "c"]).contains("incident, request"));
    let wrong = ["new", "incident", "--title", "t", "--caller", "c", "--impact", "9"];
    assert!(home.refused(2, &wrong).contains("impact must be a number from 1 to 3"));
    let unknown = ["new", "incident", "--title", "t", "--caller", "c", "--category", "weather"];
    assert!(home.refused(1, &unknown).contains("The desk knows no category called `weather`."));
    assert_eq!(home.done(&["list", "--count"]), "1\n");
}

/// Two programs write at once: notes only add and all arrive; of changes of one field each is stored, or was told of
/// somebody quicker and stored nothing.
#[test]
fn two_at_once_lose_nothing() {
    const EACH: usize = 6;
    let home = Home::with_desk();
    let id = home.incident("shared");
    let stored: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|who| {
                let (home, id) = (&home, &id);
                scope.spawn(move || {
                    let mut stored = 0;
                    for n in 0..EACH {
                        let note = home.run(&["do", id, "note", &format!("{who} says {n}")]);
                        assert_eq!(note.code, 0, "{note:?}");
                        let set = home.run(&["do", id, "set", "x.mark", &format!("{who}-{n}")]);
                        assert!(matches!(set.code, 0 | 3), "{set:?}");
                        assert_eq!(set.code == 3, set.err.contains("changed it meanwhile"), "{set:?}");
                        stored += usize::from(set.code == 0);
                    }
                    stored
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    let ticket = home.json(&["show", &id]);
    let count =
        |what: &str| ticket["timeline"].as_array().unwrap().iter().filter(|event| event["what"] == what).count();
    assert_eq!(count("say"), 2 * EACH);
    let marks = ticket["timeline"].as_array().unwrap().iter().filter(|event| event["field"] == "x.mark").count();
    assert_eq!(marks, stored);
    home.done(&["backup", "--check", &home.file("desk.db")]);
}

/// How many times this process has the file open.
fn opened(process: u32, file: &Path) -> usize {
    let held = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    held.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == file)).count()
}

/// The colleague holds the desk while this program reads the ticket and asks for its turn to write; then what the
/// colleague wrote is there first.
#[test]
fn who_comes_second_is_told_so_and_ends_with_three() {
    let home = Home::with_desk();
    let id = home.incident("shared");
    home.done(&["do", &id, "set", "x.mark", "first"]);
    let file = home.path().join("desk.db").canonicalize().unwrap();
    let colleague = Connection::open(&file).unwrap();
    colleague.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut mine = home.command(&["do", &id, "set", "x.mark", "mine", "--json"]);
    let mine = mine.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    // A second connection is the one that writes: what it needs to read it has read.
    while opened(mine.id(), &file) < 2 {
        assert!(start.elapsed() < Duration::from_secs(60), "it never asked to write");
        thread::sleep(Duration::from_millis(5));
    }
    let write = "INSERT INTO act(key, ticket) SELECT 'the colleague', ticket FROM event LIMIT 1;
        INSERT INTO event(seq, ticket, actor, at, stored, act, change)
          SELECT (SELECT max(seq) + 1 FROM event), ticket, actor, at, stored,
            (SELECT id FROM act WHERE key = 'the colleague'), replace(change, '\"first\"', '\"theirs\"')
          FROM event WHERE change LIKE '%x.mark%';
        UPDATE ticket SET revision = (SELECT max(seq) FROM event);
        COMMIT";
    colleague.execute_batch(write).unwrap();
    let said = said(mine.wait_with_output().unwrap());
    assert_eq!(said.code, 3, "{said:?}");
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&told[0]["ticket"], &told[0]["outcome"]), (&json!(id), &json!("conflict")));
    assert!(told[0]["message"].as_str().unwrap().contains("changed it meanwhile"), "{told}");
    assert_eq!(home.json(&["show", &id])["fields"]["x.mark"], "theirs", "nothing of mine was stored");
    // Who looks and does it again gets through.
    home.done(&["do", &id, "set", "x.mark", "mine"]);
    assert_eq!(home.json(&["show", &id])["custom"]["x.mark"], "mine");
}

#[test]
fn the_last_act_on_a_ticket_is_taken_back_from_the_command_line() {
    let home = Home::with_desk();
    let (id, other) = (home.incident("one"), home.incident("two"));
    home.done(&["do", &id, "impact", "1"]);
    home.done(&["do", &other, "impact", "2"]);
    let impact = |id: &str| home.json(&["show", id])["impact"].clone();
    assert_eq!((impact(&id), impact(&other)), (json!(1), json!(2)));
    assert_eq!(home.done(&["do", &id, "undo"]), "INC-1: undo impact 1.\n");
    assert_eq!((impact(&id), impact(&other)), (json!(3), json!(2)), "the other one stays");
    let said = home.refused(1, &["do", &id, "undo"]);
    assert!(said.contains("a registered ticket is cancelled, not undone"), "{said}");
    assert!(home.refused(1, &["do", &id, "undo"]).contains("There is nothing of yours to undo on INC-1"));
    // What a colleague has changed since is not written over.
    home.done(&["do", &other, "set", "x.mark", "mine"]);
    let stranger = Home::new();
    stranger.done(&["--db", &home.file("desk.db"), "do", &other, "set", "x.mark", "theirs"]);
    let said = home.refused(1, &["do", &other, "undo"]);
    assert!(said.contains("was changed since"), "{said}");
    assert_eq!(home.json(&["show", &other])["custom"]["x.mark"], "theirs");
    let told = home.json(&["do", &other, "undo"]);
    assert_eq!((&told[0]["outcome"], impact(&other)), (&json!("done"), json!(3)));
}

#[test]
fn a_copy_is_checked_and_never_overwrites() {
    let home = Home::with_desk();
    home.incident("kept");
    let copy = home.file("copy.db");
    let told = home.done(&["backup", &copy]);
    assert!(told.contains("1 tickets, 6 events"), "{told}");
    assert!(home.done(&["backup", "--check", &copy]).contains("is sound: 1 tickets"));
    assert!(home.refused(1, &["backup", &copy]).contains("exists already; nothing was copied"));
    let db = ["--db", &copy, "list", "--count"];
    assert_eq!(home.done(&db), "1\n");
    std::fs::write(home.path().join("torn.db"), "not a desk").unwrap();
    assert_eq!(home.run(&["backup", "--check", &home.file("torn.db")]).code, 1);
    assert!(home.refused(2, &["--demo", "backup", &home.file("x.db")]).contains("lies in memory"));
}

#[test]
fn a_check_compares_clocks_and_priorities_with_the_rules_of_the_desk() {
    let home = Home::with_desk();
    let db = home.file("desk.db");
    let (one, two) = (home.incident("one"), home.incident("two"));
    home.done(&["do", &two, "impact", "1"]);
    // Whoever checks has other settings; the rules are the desk's.
    home.config("priority.toml", "matrix = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]\n");
    assert!(home.done(&["backup", "--check", &db]).contains("is sound: 2 tickets"));
    home.config("priority.toml", "matrix = [[1, 1, 1], [1, 1, 2], [1, 2, 3]]\n");
    home.done(&["rules", "--mine"]);
    assert!(home.done(&["backup", "--check", &db]).contains("is sound: 2 tickets"), "by the new rules");
    let swap = "UPDATE ticket SET cells = (SELECT cells FROM ticket WHERE id = ?2) WHERE id = ?1";
    Connection::open(&db).unwrap().execute(swap, [&one, &two]).unwrap();
    let told = home.refused(1, &["backup", "--check", &db]);
    let words = format!("the list's row of {one} is not what its events and the desk's rules say. `deskside doctor");
    assert!(told.contains(&words), "{told}");
    home.done(&["doctor", "--rebuild"]);
    assert!(home.done(&["backup", "--check", &db]).contains("is sound: 2 tickets"));
}

/// As README says it, over what a console that was killed has left behind.
#[test]
fn a_restored_backup_is_what_it_was() {
    let home = Home::with_desk();
    let (db, copy) = (home.file("desk.db"), home.file("copy.db"));
    home.incident("before");
    home.done(&["backup", &copy]);
    // Somebody has it open, so what is written stays in the log beside the file.
    let open = Connection::open(&db).unwrap();
    let read = || open.query_row("SELECT count(*) FROM ticket", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(read(), 1);
    home.incident("after");
    let left: Vec<Vec<u8>> = ["", "-wal", "-shm"].map(|end| std::fs::read(format!("{db}{end}")).unwrap()).into();
    assert!(left[1].len() > 1000, "the log holds what was written");
    drop(open);
    for (end, bytes) in ["", "-wal", "-shm"].into_iter().zip(&left) {
        std::fs::write(format!("{db}{end}"), bytes).unwrap();
    }
    assert_eq!(home.done(&["list", "--count"]), "2\n", "as a kill has left it");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{db}{end}"));
    }
    std::fs::copy(&copy, &db).unwrap();
    assert_eq!(home.done(&["list", "--count"]), "1\n");
    assert!(home.done(&["backup", "--check", &db]).contains("is sound: 1 tickets"));
    for text in [std::fs::read_to_string("README.md").unwrap(), home.done(&["man", "backup"])] {
        assert!(text.contains("wal"), "the way to restore names the log");
    }
}

#[test]
fn clocks_are_explained_with_and_without_a_ticket() {
    let home = Home::with_desk();
    let id = home.incident("late");
    let answer = home.json(&["sla", "explain", &id]);
    assert_eq!((&answer["ticket"], answer["clocks"].as_array().unwrap().len()), (&json!("INC-1"), 3));
    let alone = ["sla", "explain", "--calendar", "uk", "--target", "8h", "--from", "2026-03-10T09:00"];
    assert_eq!(Home::new().json(&alone)["due"], "2026-03-10T17:00:00+00:00");
    assert_eq!(home.run(&["sla", "explain"]).code, 2);
    assert!(home.refused(1, &["sla", "explain", "INC-7"]).contains("There is no INC-7"));
}

#[test]
fn the_people_of_a_desk_are_read_changed_and_put_back() {
    let home = Home::with_desk();
    let records = home.done(&["records"]);
    let file = home.path().join("records.toml");
    std::fs::write(&file, &records).unwrap();
    let path = file.display().to_string();
    assert!(home.done(&["records", &path]).contains(", as before."));
    let ben = "\n[[people]]\nlogin = \"ben\"\nname = \"Ben Okoro\"\nlevel = \"engineer\"\ngroups = [\"Network\"]\n";
    std::fs::write(&file, format!("{records}{ben}")).unwrap();
    assert!(home.done(&["records", &path]).contains(" has 2 people, 5 groups,"));
    assert!(home.done(&["records"]).contains("Ben Okoro"));
    for (text, part) in [
        (records.replace("roles = [\"service_desk_manager\"]", "roles = []"), "Nobody has a role"),
        (format!("{records}{}", ben.replace("Network", "Nets")), "ben is in `Nets`, which is no group"),
        (format!("{records}{ben}{ben}"), "two people with the log-in ben"),
        (format!("{records}colour = 1\n"), "unknown field `colour`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = home.refused(1, &["records", &path]);
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(home.run(&["--read-only", "records", &path]).code, 1);
}
