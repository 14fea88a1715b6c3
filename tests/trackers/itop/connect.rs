//! `deskside connect` and the command line with an iTop, from the address that people have at hand.

use jiff::tz::TimeZone;

use super::Bench;
use crate::cli::{Home, Said, said};
use crate::fake::itop::clean;
use crate::trackers::site::Site as _;

fn run(home: &Home, words: &[&str]) -> Said {
    let mut command = home.command(words);
    said(command.env("ITOP_SECRET", "s3cret:of ada").env("ITOP_TOKEN", "t0ken-of-ada").output().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_password_or_a_token_and_by_any_address_of_its_pages() {
    let bench = Bench::with(clean());
    let pages = ["", "/webservices/rest.php", "/pages/UI.php?c%5Bmenu%5D=WelcomeMenuPage"];
    for (n, page) in pages.iter().enumerate() {
        let home = Home::new();
        let address = format!("{}{page}", bench.address());
        let name = format!("desk{n}");
        let mut words = vec!["connect", &name, "--kind", "itop", "--address", &address, "--zone", "Europe/Paris"];
        if n == 0 {
            words.extend(["--user", "ada", "--env", "ITOP_SECRET"]);
        } else {
            words.extend(["--env", "ITOP_TOKEN"]);
        }
        let told = run(&home, &words);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{address}: {told:?}");
        assert!(told.out.contains("You are Ada Byron") && !told.out.contains("Watch out"), "{}", told.out);
        let listed =
            run(&home, &["--profile", &name, "list", "--query", "kind:incident", "--csv", "--columns", "id,title"]);
        assert!(listed.out.contains("VPN drops"), "{listed:?}");
        let report = run(&home, &["--profile", &name, "doctor"]);
        assert!(report.out.contains("reached       yes") && !report.out.contains("WRONG"), "{}", report.out);
        for secret in ["s3cret:of ada", "t0ken-of-ada"] {
            assert!(!told.out.contains(secret) && !report.out.contains(secret));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_20_a_zone_that_cannot_be_is_said() {
    let mut desk = clean();
    desk.zone = TimeZone::get("Asia/Tokyo").unwrap();
    let bench = Bench::with(desk);
    bench.elsewhere(&bench.id("VPN drops"), crate::trackers::site::Elsewhere::Note("Just now".into())).await;
    let home = Home::new();
    let address = bench.address();
    let words =
        ["connect", "far", "--kind", "itop", "--address", &address, "--env", "ITOP_TOKEN", "--zone", "Europe/Paris"];
    let told = run(&home, &words);
    assert!(told.code == 0 && told.out.contains("another zone than Europe/Paris"), "{told:?}");
    let report = run(&home, &["--profile", "far", "doctor"]);
    assert!(report.code == 1 && report.out.contains("zone          WRONG:"), "{}", report.out);
}
