//! `deskside evaluate`, on small files of every shape, and on the real sets where they are at hand.

use std::fs;

use super::Home;

/// A file of printers and networks, in German, with other names, a semicolon, latin-1, gaps and a broken row.
fn table(home: &Home) -> String {
    let mut text = String::from("Nr;Kurztext;Abteilung\n");
    for at in 0..60 {
        let words =
            ["Drucker lässt sich nicht ansprechen", "Kein Netz über WLAN möglich", "Passwort abgelaufen"][at % 3];
        let label = ["Gerät", "Netz", "Konto"][at % 3];
        text.push_str(&format!("{at};{words} {};{label}\n", at / 3));
    }
    text.push_str("60;ohne Antwort;\n61;;Netz\n62;N/A;Netz\n63;zu;viele;Spalten\n");
    let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let path = home.file("tickets.csv");
    fs::write(&path, latin).unwrap();
    path
}

#[test]
fn any_table_of_texts_is_measured_whatever_its_columns_are_called() {
    let home = Home::new();
    let path = table(&home);
    let found = home.json(&["evaluate", &path, "--text", "kurztext", "--label", "Abteilung"]);
    let report = &found[0];
    assert_eq!((&report["examples"], &report["answers"], &report["left_out"]), (&60.into(), &3.into(), &4.into()));
    assert_eq!((&report["method"], &report["folds"]), (&"folds".into(), &10.into()));
    assert!(report["top1"].as_f64().unwrap() > 0.95 && report["top3"] == 1.0, "{report}");
    assert!(report["most_frequent"]["top1"].as_f64().unwrap() < 0.4);
    assert_eq!(report["curve"].as_array().unwrap().len(), 10);
    let text = home.done(&["evaluate", &path, "--text", "Kurztext", "--label", "Abteilung", "--folds", "60"]);
    assert!(text.contains("each left out in turn") && text.contains("plain nearest five"), "{text}");
}

#[test]
fn what_is_wrong_is_said_with_what_there_is() {
    let home = Home::new();
    let path = table(&home);
    let words = |rest: &[&'static str]| [vec!["evaluate", path.as_str()], rest.to_vec()].concat();
    assert!(home.refused(2, &words(&[])).contains("--text COLUMN --label COLUMN"));
    let unknown = home.refused(1, &words(&["--text", "Betreff", "--label", "Abteilung"]));
    assert!(unknown.contains("no column `Betreff`; its columns are Nr, Kurztext, Abteilung"), "{unknown}");
    let nowhere = home.refused(1, &["evaluate", "nowhere.csv", "--text", "a", "--label", "b"]);
    assert!(nowhere.contains("nowhere.csv cannot be read"), "{nowhere}");
    let times = home.refused(2, &words(&["--text", "Kurztext", "--label", "Abteilung", "--split", "time"]));
    assert!(times.contains("no times"), "{times}");
    let few = home.file("few.csv");
    fs::write(&few, "a,b\nx y,one\nz,one\n").unwrap();
    let few = home.refused(1, &["evaluate", &few, "--text", "a", "--label", "b"]);
    assert!(few.contains("fewer than 20 tickets") && few.contains("can be used: 2; left out: 0"), "{few}");
    let unsaid = home.refused(2, &words(&[]));
    assert!(unsaid.contains("Its columns: Nr, Kurztext, Abteilung."), "{unsaid}");
}

#[test]
fn rows_that_take_turns_are_measured_like_any_others() {
    let home = Home::new();
    // Ten answers in turns, and ten folds: every tenth row has the same one.
    let row = |at: usize| format!("floor {} thing{} broken,{}\n", at / 10, at % 10, at % 10);
    let lone = "never seen elsewhere,alone\n";
    let text: String =
        std::iter::once("The  Text,Answer\n".to_owned()).chain((0..200).map(row)).chain([lone.to_owned()]).collect();
    let path = home.file("turns.csv");
    fs::write(&path, text).unwrap();
    let report = &home.json(&["evaluate", &path, "--text", "the text", "--label", "answer"])[0];
    assert!(report["top1"].as_f64().unwrap() > 0.95, "{report}");
    assert_eq!((&report["tickets"], &report["answers"], &report["once"]), (&201.into(), &11.into(), &1.into()));
}
