//! Requests from the catalogue, their approval, and proposals on the command line.

use super::Home;

/// A desk whose one user still learns, and a manager beside them.
fn learner() -> Home {
    let home = Home::with_desk();
    let records = home.done(&["records"]);
    let plain = |line: &str| match line {
        _ if line.starts_with("roles = ") => "roles = []".to_owned(),
        _ => line.replace("level = \"lead\"", "level = \"associate\""),
    };
    let mut text: String = records.lines().map(|line| plain(line) + "\n").collect();
    text.push_str("\n[[people]]\nlogin = \"kim\"\nname = \"Kim Lee\"\nlevel = \"engineer\"\n");
    text.push_str("roles = [\"service_desk_manager\"]\n");
    std::fs::write(home.path().join("desk.toml"), text).unwrap();
    home.done(&["records", "desk.toml"]);
    home
}

#[test]
fn an_act_above_the_level_is_refused_and_proposed_where_asked() {
    let home = learner();
    let id = home.incident("Dock has no picture");
    home.done(&["do", &id, "take"]);
    let resolve = ["do", &id, "resolve", "code:Fixed", "verified:yes", "notes:Works"];
    let refused = home.refused(1, &resolve);
    assert!(refused.contains("resolving is for an engineer and above") && refused.contains("Kim Lee"), "{refused}");
    assert!(refused.contains("`--propose REASON` proposes it"), "{refused}");
    let proposed = home.done(&[&resolve[..], &["--propose", "It works again."]].concat());
    assert_eq!(proposed, format!("{id}: proposed (resolved).\n"));
    let shown = home.done(&["show", &id]);
    assert!(shown.contains("in progress") && shown.contains("Proposal 1 by"), "{shown}");
    assert_eq!(home.done(&["list", "--query", "proposal:kim", "--count"]), "1\n");
    home.refused(1, &["do", &id, "approve"]);
    assert_eq!(home.done(&["do", &id, "withdraw-proposal"]), format!("{id}: proposal 1 withdrawn.\n"));
    assert_eq!(home.done(&["list", "--query", "proposal:kim", "--count"]), "0\n");
}

#[test]
fn a_problem_above_the_level_is_proposed_on_its_incident() {
    let home = learner();
    let id = home.incident("Dock has no picture");
    let refused = home.refused(1, &["do", &id, "raise-problem"]);
    assert!(refused.contains("raising a problem is for a senior") && refused.contains("--propose REASON"), "{refused}");
    let proposed = home.done(&["do", &id, "raise-problem", "--propose", "The third this week."]);
    assert_eq!(proposed, format!("{id}: proposed (problem raised).\n"));
    assert_eq!(home.done(&["list", "--query", "proposal:kim", "--count"]), "1\n");
    let new = ["new", "problem", "--title", "Docks fail", "--caller", "ana", "--trigger", "trend"];
    let refused = home.refused(1, &[&new[..], &["--level", "operational", "--domain", "system"]].concat());
    assert!(refused.contains("`deskside do ID raise-problem --propose REASON`"), "{refused}");
}

#[test]
fn a_request_answers_the_questions_of_its_item_and_is_not_approved_by_who_registered_it() {
    let home = learner();
    let ask = ["new", "request", "--item", "Software licence", "--caller", "ana", "--approver", "kim"];
    let refused = home.refused(1, &ask);
    assert!(refused.contains("needs answers to") && refused.contains("`product`"), "{refused}");
    let wrong = ["--x", "product=Visio", "--x", "seats=1", "--x", "cost_centre=17"];
    let refused = home.refused(1, &[&ask[..], &wrong].concat());
    assert!(refused.contains("from 1000 to 9999"), "{refused}");
    let right = ["--x", "product=Visio", "--x", "seats=1", "--x", "cost_centre=4711"];
    let made = home.json(&[&ask[..], &right].concat());
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(home.done(&["list", "--query", "approver:kim approval:waiting", "--count"]), "1\n");
    let shown = home.done(&["show", &id]);
    assert!(shown.contains("Approval waiting, stage 1 of 1 (Line manager)"), "{shown}");
    let refused = home.refused(1, &["do", &id, "approve"]);
    assert!(refused.contains("nobody approves their own"), "{refused}");
    assert_eq!(home.done(&["do", &id, "task-add", "title:Note the renewal"]), format!("{id}: task added.\n"));
    assert!(home.done(&["show", &id]).contains("[ ] 1 Note the renewal"));
}
