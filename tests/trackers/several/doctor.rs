//! `deskside doctor` and the command line over two trackers: what works against each, ready to be pasted.

use std::process::Output;

use super::hall::Hall;
use crate::cli::{Home, said};
use crate::trackers::site::Site as _;

const SECRET: &str = "sam.desk";

/// A home with a profile for each, the secrets in the environment and in a file.
fn home(hall: &Hall) -> Home {
    let home = Home::new();
    let rt = format!(
        "kind = \"rt\"\naddress = \"{}/\"\nzone = \"UTC\"\n[credential]\nenv = \"RT_TOKEN\"\n",
        hall.rt.site.address()
    );
    home.config("profiles/rt.toml", &rt);
    let redmine = format!(
        "kind = \"redmine\"\naddress = \"{}/\"\nread_only = true\npoll_seconds = 90\n[credential]\nenv = \"RED_KEY\"\n",
        hall.redmine.site.address()
    );
    home.config("profiles/red.toml", &redmine);
    home
}

fn run(home: &Home, words: &[&str]) -> Output {
    let mut command = home.command(words);
    command.env("RT_TOKEN", crate::fake::rt::token(crate::fake::rt::world::SAM)).env("RED_KEY", SECRET);
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tells_all_of_each_profile_and_no_secret() {
    let hall = Hall::new().await;
    let home = home(&hall);
    let listed = said(run(
        &home,
        &["--profile", "rt,red", "list", "--query", "desk:red sort:id", "--csv", "--columns", "desk,id"],
    ));
    assert_eq!((listed.code, listed.err.as_str()), (0, ""), "{listed:?}");
    assert!(listed.out.starts_with("desk,id\nred,red:"), "{listed:?}");
    let refused = said(run(&home, &["--profile", "rt,red", "list", "--query", "dsk:red"]));
    assert!(refused.code == 2 && refused.err.contains("Did you mean `desk`?"), "{refused:?}");

    let report = said(run(&home, &["--profile", "rt,red", "doctor"]));
    let (rt, red) = report.out.split_once("Profile red").unwrap();
    let (_, rt) = rt.split_once("Profile rt").unwrap();
    for (of, text) in [("rt", rt), ("red", red)] {
        for part in [
            "kind ",
            "address       http://127.0.0.1:",
            "zone          UTC",
            "copy ",
            "tickets, ",
            "last agreed with the tracker 0 min ago",
            "outbox        empty",
            "reached       yes, in ",
            "encrypted     no, plain http, to this computer",
            "clock ",
            "s off ours",
            "signed in as  Sam",
            "may ",
            "may not       ",
            "people ",
            "states ",
            "fields ",
            "requests a second",
            "requests      ",
        ] {
            assert!(text.contains(part), "{of}: {part}\n{text}");
        }
    }
    assert!(rt.contains("read-only     no") && red.contains("read-only     yes, by the profile"), "{}", report.out);
    assert!(red.contains("asked every 90 s"), "{red}");
    for secret in [&crate::fake::rt::token(crate::fake::rt::world::SAM), &home.path().display().to_string()] {
        assert!(!report.out.contains(secret.as_str()), "{secret}: {}", report.out);
    }
    let titles = ["Laptop does not boot", "VPN drops every afternoon"];
    assert!(!titles.iter().any(|title| report.out.contains(title)), "no ticket is in it: {}", report.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_goes_on_past_one_that_is_away_and_counts_what_waits_for_it() {
    let hall = Hall::new().await;
    let home = home(&hall);
    let address = hall.redmine.proxy().url();
    hall.redmine.proxy().down();
    let away = format!("kind = \"redmine\"\naddress = \"{address}/\"\n[credential]\nenv = \"RED_KEY\"\n");
    home.config("profiles/red.toml", &away);
    let report = said(run(&home, &["--profile", "rt,red", "doctor"]));
    assert_eq!(report.code, 1);
    let (rt, red) = report.out.split_once("Profile red").unwrap();
    assert!(rt.contains("reached       yes"), "{rt}");
    assert!(red.contains("reached       WRONG:") && red.contains("copy          none yet"), "{red}");
    assert!(red.contains("one thing is wrong"), "{red}");
    assert!(!report.out.contains(SECRET), "{}", report.out);
}
