//! The radar for repeat incidents: counting, likeness, groups, evidence; and on the real sets what was counted
//! independently.

use std::collections::BTreeMap;

use deskside::config;
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::priority::Matrix;
use deskside::domain::radar::counting::{DAY, Rate, rate, reaches, tail};
use deskside::domain::radar::texts::{Groups, Texts, cosine};
use deskside::domain::radar::{Finding, Mute, Mutes, Radar, Rules, Sweep};
use deskside::domain::sla::Policy;
use deskside::domain::state::State;
use deskside::domain::summary::Summary;
use deskside::domain::table::Table;
use deskside::domain::ticket::Ticket;
use deskside::text::Clean;
use jiff::Timestamp;

use super::suggest::mails;

const NOW: i64 = 1_800_000_000_000;

fn rules() -> Rules {
    config::radar::load(config::radar::SHIPPED).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW).unwrap()
}

/// An incident opened so many days ago.
fn incident(number: usize, title: &str, days: i64) -> Summary {
    let opened = Timestamp::from_millisecond(NOW - days * DAY).unwrap();
    let mut ticket = Ticket::blank(TicketId::new(&format!("INC-{number}")), Kind::Incident, Name::new("ana"), opened);
    ticket.fields.insert(Field::Title, Value::text(title));
    ticket.fields.insert(Field::Caller, Value::Name(Name::new(&format!("caller{}", number % 7))));
    let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
    Summary::of(&ticket, &policy, &Matrix::standard())
}

fn on(asset: &str, row: Summary) -> Summary {
    Summary { asset: Some(Name::new(asset)), ..row }
}

fn radar(rows: &[Summary]) -> (Radar, Table) {
    let mut table = Table::new();
    rows.iter().for_each(|row| _ = table.upsert(row));
    (Radar::of(&table, rules(), now()), table)
}

fn found(rows: &[Summary]) -> Vec<Finding> {
    let (radar, table) = radar(rows);
    radar.findings(&table, &Mutes::new(), now())
}

/// Tickets that have nothing to do with one another, a few a day for a hundred days.
fn noise() -> Vec<Summary> {
    let row = |n: usize| incident(1_000 + n, &format!("topic{n} matter{} thing{}", n * 7, n * 13), (n % 100) as i64);
    (0..300).map(row).collect()
}

#[test]
fn the_tail_of_poisson_is_what_tables_say() {
    for (count, usual, chance) in
        [(0, 3.0, 1.0), (1, 1.0, 0.632_12), (5, 2.0, 0.052_65), (10, 5.0, 0.031_83), (3, 0.1, 0.000_155)]
    {
        assert!((tail(count, usual) - chance).abs() < 1e-4, "{count} where {usual} are usual: {}", tail(count, usual));
    }
    assert_eq!(tail(2, 0.0), 0.0);
    assert!(tail(2_000, 1_500.0) < 0.01 && tail(1_500, 1_500.0) > 0.4);
}

#[test]
fn a_count_alarms_only_above_least_factor_and_chance() {
    let rules = rules();
    let at = |days: &[i64]| {
        let mut times: Vec<i64> = days.iter().map(|day| NOW - day * DAY).collect();
        times.sort_unstable();
        times
    };
    let since = NOW - 120 * DAY;
    let ask = |days: &[i64]| rate(&at(days), NOW, since, &rules);
    assert!(!ask(&[1, 2, 3, 4]).alarms(&rules), "four are too few");
    assert_eq!(ask(&[1, 2, 3, 4, 29]), Rate { count: 5, usual: Some(0.0), chance: 0.0 });
    assert!(ask(&[1, 2, 3, 4, 29]).alarms(&rules));
    assert_eq!(ask(&[1, 2, 3, 4, 30]).count, 4, "the window is half open");
    let steady: Vec<i64> = (0..120).step_by(5).collect();
    assert!(!ask(&steady).alarms(&rules), "as often as ever: {:?}", ask(&steady));
    // Six where two are usual: three times as often, but by chance one time in sixty.
    let six = ask(&[1, 2, 3, 4, 5, 6, 40, 50, 60, 70, 80, 90]);
    assert!(six.count >= rules.least && six.chance > 0.01 && !six.alarms(&rules), "{six:?}");
    let young = rate(&at(&[1, 2, 3, 4, 5]), NOW, NOW - 20 * DAY, &rules);
    assert!(young.usual.is_none() && young.alarms(&rules));
}

#[test]
fn what_shares_an_asset_and_what_reads_alike_is_found_once_with_its_evidence() {
    let mut rows = noise();
    for n in 0..8 {
        let mut row = on("PRN-4", incident(n, &format!("Printer jam tray two floor{n}"), n as i64));
        row.reopens = u32::from(n < 2);
        rows.push(row);
    }
    let mut change = on("PRN-4", incident(500, "Firmware", 9));
    (change.kind, change.id) = (Kind::Change, TicketId::new("CHG-1"));
    let mut problem = incident(501, "Printers jam", 3);
    (problem.kind, problem.id) = (Kind::Problem, TicketId::new("PRB-1"));
    problem.title = Clean::line("Paper jam of the printer");
    rows.extend([change, problem]);
    let found = found(&rows);
    assert_eq!(found.len(), 1, "{found:#?}");
    let Finding { key, label, tickets, evidence, why, .. } = &found[0];
    assert_eq!((key.as_str(), tickets.len(), tickets[0].as_str()), ("asset=PRN-4", 8, "INC-0"));
    assert!(label.starts_with("PRN-4: ") && label.contains("jam"), "{label}");
    assert_eq!(why.len(), 2, "{why:?}");
    assert_eq!((evidence.callers, evidence.assets, evidence.before, evidence.open), (7, 1, 0, 8));
    assert_eq!(evidence.minutes_lost, (0..8).map(|n| n * 24 * 60).sum::<i64>());
    assert!((evidence.reopened - 0.25).abs() < 1e-9);
    assert_eq!(evidence.change.as_ref().map(|(id, days)| (id.as_str(), *days)), Some(("CHG-1", 9)));
    assert_eq!(evidence.problem.as_ref().unwrap().0.as_str(), "PRB-1");
}

#[test]
fn words_that_say_nothing_name_no_problem() {
    let mut rows = noise();
    rows.extend((0..6).map(|n| {
        let row = incident(n, &format!("reader{n} door{n}"), n as i64);
        Summary { service: Some(Name::new("Doors and gates")), category: Some(Name::new("site/gates")), ..row }
    }));
    let with = |title: &str| {
        let mut problem = incident(501, title, 3);
        (problem.kind, problem.id) = (Kind::Problem, TicketId::new("PRB-1"));
        let found = found(&[&rows[..], &[problem]].concat());
        assert_eq!(found.len(), 1, "{found:#?}");
        found[0].evidence.problem.clone().map(|(_, what)| what)
    };
    assert_eq!(with("Screens and keyboards at the gates"), None, "`and` beside one word is not two");
    assert_eq!(with("Gates of the site stay shut").as_deref(), Some("words gates site"));
}

#[test]
fn cancelled_tickets_and_those_moved_elsewhere_count_no_more() {
    let mut rows = noise();
    rows.extend((0..5).map(|n| on("VPN-1", incident(n, &format!("word{n} other{n}"), 1))));
    let (mut radar, mut table) = radar(&rows);
    let ask = |radar: &Radar, table: &Table| radar.findings(table, &Mutes::new(), now()).len();
    assert_eq!(ask(&radar, &table), 1);
    let mut gone = rows[300].clone();
    gone.state = State::Cancelled;
    table.upsert(&gone);
    assert!(radar.see(&gone));
    assert_eq!(ask(&radar, &table), 0);
    let back = on("VPN-1", incident(900, "late comer", 0));
    table.upsert(&back);
    assert!(radar.see(&back) && !radar.see(&back), "the same row twice is no news");
    assert_eq!(ask(&radar, &table), 1);
    table.remove(&back.id);
    radar.forget(&back.id);
    assert_eq!(ask(&radar, &table), 0, "what is no longer on the desk counts no more");
}

#[test]
fn a_muted_finding_stands_at_the_end_until_its_date() {
    let mut rows = noise();
    rows.extend((0..9).map(|n| on("A", incident(n, &format!("aa{n} bb{n}"), 1))));
    rows.extend((20..26).map(|n| on("B", incident(n, &format!("cc{n} dd{n}"), 1))));
    let (radar, table) = radar(&rows);
    let until = now() + jiff::SignedDuration::from_hours(24);
    let mutes = Mutes::from([("asset=A".to_owned(), Mute { until, reason: "known".into() })]);
    let keys = |at: Timestamp| -> Vec<(String, bool)> {
        radar.findings(&table, &mutes, at).into_iter().map(|f| (f.key, f.muted.is_some())).collect()
    };
    assert_eq!(keys(now()), [("asset=B".to_owned(), false), ("asset=A".to_owned(), true)]);
    assert_eq!(keys(until), [("asset=A".to_owned(), false), ("asset=B".to_owned(), false)]);
}

#[test]
fn a_new_ticket_costs_its_candidates_and_not_the_desk() {
    let rows: Vec<Summary> =
        (0..5_000).map(|n| incident(n, &format!("topic{n} matter{n} of"), (n % 90) as i64)).collect();
    let (mut radar, _) = radar(&rows);
    let before = radar.compared();
    radar.see(&incident(9_000, "topic17 matter17 again", 0));
    assert!(radar.compared() - before <= 1, "{} comparisons", radar.compared() - before);
    radar.see(&incident(9_001, "nothing like it of", 0));
    assert!(radar.compared() - before <= 1);
}

#[test]
fn a_desk_is_read_for_the_radar_a_slice_at_a_time() {
    let mut table = Table::new();
    (0..5_000).for_each(|n| _ = table.upsert(&incident(n, &format!("topic{n} matter{n}"), (n % 90) as i64)));
    (0..9).for_each(|n| _ = table.remove(&TicketId::new(&format!("INC-{n}"))));
    let mut sweep = Sweep::new(rules(), now());
    let mut looked = Vec::new();
    while !sweep.is_over() {
        looked.push(sweep.step(&table));
    }
    assert_eq!(looked, [Sweep::SLICE, Sweep::SLICE, 1_000]);
    assert_eq!(sweep.radar().len(), 4_991);
}

#[test]
fn groups_do_not_chain() {
    // Each is like the next, the ends have nothing in common.
    let words: Vec<String> = (0..40).map(|n| format!("word{n}")).collect();
    let texts: Vec<String> = (0..30).map(|n| words[n..n + 6].join(" ")).collect();
    let mut held = Texts::default();
    texts.iter().for_each(|text| _ = held.push(text));
    let mut groups = Groups::default();
    (0..texts.len() as u32).for_each(|text| _ = groups.place(&held, text, 0.6, 200));
    assert!(groups.iter().count() >= 5);
    for group in groups.iter() {
        let first = held.vector(group[0]);
        assert!(group.iter().all(|text| cosine(&first, &held.vector(*text)) > 0.599));
    }
    let mut small = Groups::default();
    for _ in 0..10 {
        let text = held.push("the very same words");
        small.place(&held, text, 0.6, 4);
    }
    assert!(small.iter().all(|group| group.len() <= 4) && small.iter().count() == 3, "a group has its cap");
}

/// All pairs at least this alike, without the rule of shared rare words.
fn pairs(texts: &Texts, least: f32) -> Vec<(u32, u32, f32)> {
    let mut postings: BTreeMap<u32, Vec<(u32, f32)>> = BTreeMap::new();
    let mut found = Vec::new();
    let mut sums = vec![0.0f32; texts.len()];
    for text in 0..texts.len() as u32 {
        let vector = texts.vector(text);
        sums.fill(0.0);
        for (term, weight) in &vector {
            for (other, its) in postings.get(term).map_or(&[][..], Vec::as_slice) {
                sums[*other as usize] += weight * its;
            }
        }
        let near = (0..text).filter(|other| sums[*other as usize] >= least);
        found.extend(near.map(|other| (other, text, sums[other as usize])));
        for (term, weight) in vector {
            postings.entry(term).or_default().push((text, weight));
        }
    }
    found
}

#[test]
fn real_mails_have_as_many_like_pairs_as_were_counted_and_groups_stay_small() {
    let Some(rows) = mails() else { return };
    let mut texts = Texts::default();
    rows.iter().for_each(|row| _ = texts.push(&row.text));
    let all = pairs(&texts, 0.499_9);
    let count = |least: f32| all.iter().filter(|(.., likeness)| *likeness >= least).count() as i64;
    for (least, expected) in [(0.9, 457), (0.8, 1_331), (0.7, 2_607), (0.6, 4_349), (0.5, 7_253)] {
        assert!((count(least) - expected).abs() <= 2, "{} pairs from {least} on, not {expected}", count(least));
    }
    // Single link chains: its largest cluster at .5 was counted as 439, at .8 as 51.
    let largest = |least: f32| {
        let mut of: Vec<u32> = (0..rows.len() as u32).collect();
        fn root(of: &mut [u32], mut at: u32) -> u32 {
            while of[at as usize] != at {
                of[at as usize] = of[of[at as usize] as usize];
                at = of[at as usize];
            }
            at
        }
        for (a, b, likeness) in &all {
            if *likeness >= least {
                let (a, b) = (root(&mut of, *a), root(&mut of, *b));
                of[a as usize] = b;
            }
        }
        let mut sizes: BTreeMap<u32, i64> = BTreeMap::new();
        (0..rows.len() as u32).for_each(|at| *sizes.entry(root(&mut of, at)).or_default() += 1);
        sizes.into_values().max().unwrap()
    };
    assert!((largest(0.5) - 439).abs() <= 2 && (largest(0.8) - 51).abs() <= 2, "{} {}", largest(0.5), largest(0.8));
    let mut groups = Groups::default();
    (0..rows.len() as u32).for_each(|text| _ = groups.place(&texts, text, 0.6, 200));
    let most = groups.iter().map(<[u32]>::len).max().unwrap();
    eprintln!("the largest group has {most}, single link {}; {} comparisons", largest(0.6), groups.compared);
    assert!(most <= 60, "{most}");
    for group in groups.iter() {
        let first = texts.vector(group[0]);
        assert!(group.iter().all(|text| cosine(&first, &texts.vector(*text)) >= 0.599_9));
    }
    assert!(groups.compared < 3_000 * 2_999 / 2 / 3, "{} comparisons", groups.compared);
}

#[test]
fn the_sample_desk_has_something_on_the_radar() {
    let at: Timestamp = "2026-11-24T10:20:00Z".parse().unwrap();
    let sample = deskside::backend::sample::generate(1, at, deskside::backend::sample::TICKETS).unwrap();
    let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
    let mut table = Table::new();
    for (id, events) in sample.tickets {
        let ticket = Ticket::from_events(id, events).unwrap();
        table.upsert(&Summary::of(&ticket, &policy, &Matrix::standard()));
    }
    let found = Radar::of(&table, rules(), at).findings(&table, &Mutes::new(), at);
    for finding in &found {
        eprintln!("{:.0} {} {:?} {:?}", finding.score, finding.label, finding.why, finding.evidence);
    }
    assert!(!found.is_empty() && found.len() <= 15, "{} findings", found.len());
}

#[test]
fn windows_are_half_open() {
    let times = |days: &[i64]| days.iter().map(|day| day * DAY).collect::<Vec<_>>();
    assert!(reaches(&times(&[0, 1, 2, 3, 29]), 5, 30));
    assert!(!reaches(&times(&[0, 1, 2, 3, 30]), 5, 30));
    assert!(reaches(&times(&[0, 40, 41, 42, 43, 44]), 5, 30));
}
