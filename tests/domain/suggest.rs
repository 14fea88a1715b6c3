//! Suggestions from the desk's own history: the index against the definition, and on real ticket text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

use deskside::domain::field::Field;
use deskside::domain::kind::Kind;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::priority::Matrix;
use deskside::domain::sla::Policy;
use deskside::domain::state::State;
use deskside::domain::suggest::{Answer, Case, Example, Index, Part, Settings, measure, past};
use deskside::domain::summary::Summary;
use deskside::domain::table::Table;
use deskside::domain::ticket::Ticket;
use proptest::prelude::*;

use super::rows::summaries;

/// A file of real data, where it is at hand.
fn real(name: &str) -> Option<PathBuf> {
    let places =
        std::env::var("DESKSIDE_DATA").into_iter().chain(["../shared/data".into(), "../../shared/data".into()]);
    let found = places.map(|place| PathBuf::from(place).join(name)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not here; set DESKSIDE_DATA to the folder that holds it.");
    }
    found
}

pub struct Row {
    pub id: TicketId,
    pub text: String,
    pub category: Name,
}

pub fn mails() -> Option<Vec<Row>> {
    let mut text = String::new();
    let file = std::fs::File::open(real("ticket_text_3000_5cat.csv.gz")?).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows = reader.records().enumerate().map(|(at, row)| {
        let row = row.unwrap();
        Row { id: TicketId::new(&format!("INC-{at}")), text: row[0].to_owned(), category: Name::new(&row[1]) }
    });
    Some(rows.collect())
}

fn example(row: &Row) -> Example<'_> {
    Example { id: Some(&row.id), text: &row.text, category: Some(&row.category), ..Example::default() }
}

#[test]
fn real_mails_are_guessed_as_well_as_the_method_can() {
    let Some(rows) = mails() else { return };
    let settings = Settings { neighbours: 5, held_out: rows.len(), ..Settings::default() };
    let mut index = Index::build(rows.iter().map(example), settings);
    let measured = index.calibrate(rows.iter().map(example)).remove(0);
    let accuracy = measured.accuracy().unwrap();
    eprintln!("a model of 3,000 mails takes {} KB", index.bytes() / 1024);
    eprintln!("five folds: accuracy {accuracy:.4}, spoken {}, {:?}", measured.spoken, measured.precision());
    assert_eq!(measured.held_out, 3000);
    // Plain neighbours, k = 5, have 0.716 when each ticket is left out in turn; here whole fifths are held out.
    assert!(accuracy >= 0.77, "{accuracy}");
    assert!(measured.precision().unwrap() >= 0.8);
    assert!(measured.spoken >= 600, "says something for a fifth at least, not {}", measured.spoken);
}

#[test]
fn real_mails_each_asked_once_are_right_in_78_of_100() {
    let Some(rows) = mails() else { return };
    let examples: Vec<Example> = rows.iter().map(example).collect();
    let parts = Part::folds(&examples, 10, &Field::Category);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ask = |part| measure(&examples, part, &Field::Category, Settings::default(), false);
        let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || ask(part))).collect();
        running.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    let asked: BTreeSet<usize> = answers.iter().map(|answer| answer.example).collect();
    assert_eq!((answers.len(), asked.len()), (3000, 3000), "each once");
    for part in &parts {
        let of = |label: &str| part.ask.iter().filter(|at| &*rows[**at].category == label).count();
        assert_eq!((of("Network"), part.ask.len(), part.learn.len()), (60, 300, 2700));
    }
    let within = |most: usize| answers.iter().filter(|answer| answer.rank.is_some_and(|rank| rank < most)).count();
    eprintln!("ten folds: first {}, in three {} of 3,000", within(1), within(3));
    // One standard error is 22 of 3,000; plain neighbours, k = 5, have 2,148.
    assert!(within(1) >= MAILS_FIRST && within(3) >= 2_900, "{} {}", within(1), within(3));
}

/// What was reached, less rounding on other machines.
const MAILS_FIRST: usize = 2_345;

#[test]
fn what_is_spoken_is_right_for_mails_that_took_no_part_in_the_measurement() {
    let Some(rows) = mails() else { return };
    let mut index = Index::build(rows.iter().step_by(2).map(example), Settings::default());
    index.calibrate(rows.iter().step_by(2).map(example));
    let (mut spoken, mut right, mut promised) = (0usize, 0usize, 0.0f64);
    for row in rows.iter().skip(1).step_by(2) {
        if let Some(guess) = index.suggest(&Case { text: &row.text, ..Case::default() }).category {
            spoken += 1;
            right += usize::from(guess.value == row.category);
            promised += f64::from(guess.confidence);
            assert!(guess.agree <= guess.of && guess.of <= 11 && guess.confidence >= 0.8);
        }
    }
    let precision = right as f64 / spoken as f64;
    eprintln!("spoken {spoken} of 1500, right {precision:.4}, promised {:.4}", promised / spoken as f64);
    assert!(spoken >= 300 && precision >= 0.8, "{right} of {spoken}");
    assert!((precision - promised / spoken as f64).abs() < 0.06, "confidence is what it says");
}

/// What a desk of printers and VPNs did, many times over.
fn history() -> Vec<Row> {
    let kinds = [
        ("hardware/printer", ["printer jam tray", "printer toner empty", "printer offline paper"]),
        ("network/vpn", ["vpn drops home", "vpn client timeout", "vpn token rejected"]),
    ];
    let row = |at: usize| {
        let (category, texts) = &kinds[at % 2];
        Row {
            id: TicketId::new(&format!("INC-{at}")),
            text: format!("{} floor{}", texts[at / 2 % 3], at % 7),
            category: Name::new(category),
        }
    };
    (0..120).map(row).collect()
}

#[test]
fn a_guess_comes_with_its_precedents() {
    let rows = history();
    let (network, desk) = (Name::new("Network"), Name::new("Service Desk"));
    let with_group = rows.iter().map(|row| {
        let group = if &*row.category == "network/vpn" { &network } else { &desk };
        Example { group: Some(group), impact: Some(3), urgency: Some(2), ..example(row) }
    });
    let mut index = Index::build(with_group.clone(), Settings::default());
    let case = Case { text: "VPN timeout, client floor3", ..Case::default() };
    assert!(index.suggest(&case).is_empty(), "silent before it was measured");
    index.calibrate(with_group);
    let said = index.suggest(&case);
    let group = said.group.as_ref().unwrap();
    assert_eq!((&*group.value, group.agree, group.of, group.confidence), ("Network", 11, 11, 1.0));
    assert_eq!(said.urgency.as_ref().unwrap().value, 2);
    assert_eq!(said.precedents.len(), 11);
    let (_, reason) = said.reasons().pop().unwrap();
    assert_eq!(reason, format!("11 like this went to Network, e.g. {}", group.examples[0]));
    assert!(index.suggest(&Case { text: "badge reader broken", ..Case::default() }).is_empty());
    assert!(index.suggest(&Case::default()).is_empty());
}

#[test]
fn history_that_tells_nothing_stays_silent() {
    let words = ["alpha", "beta", "gamma", "delta"];
    let labels: Vec<Name> = (0..4).map(|n| Name::new(&format!("c{n}"))).collect();
    let texts: Vec<String> = (0..400).map(|n| format!("{} {}", words[n % 4], words[n / 4 % 4])).collect();
    // The answer has nothing to do with the words.
    let of = |n: usize| &labels[(n * 7919 / 13) % 4];
    let examples =
        texts.iter().enumerate().map(|(n, text)| Example { text, category: Some(of(n)), ..Example::default() });
    let mut index = Index::build(examples.clone(), Settings::default());
    assert_eq!(index.calibrate(examples)[0].threshold, None);
    assert!(index.suggest(&Case { text: "alpha beta", ..Case::default() }).is_empty());

    let few = history();
    let mut small = Index::build(few.iter().take(20).map(example), Settings::default());
    small.calibrate(few.iter().take(20).map(example));
    assert!(small.suggest(&Case { text: "printer jam", ..Case::default() }).is_empty(), "20 tickets are too few");
}

#[test]
fn a_decision_counts_at_once() {
    let rows = history();
    let mut index = Index::build(rows.iter().map(example), Settings::default());
    let before = index.len();
    let other = Name::new("hardware/other");
    index.add(&Example { category: Some(&other), ..example(&rows[0]) });
    assert_eq!(index.len(), before, "known tickets get new answers, they are not doubled");
    let late = Row { id: TicketId::new("INC-900"), text: "badge reader dead".into(), category: other };
    index.add(&example(&late));
    assert_eq!(index.similar(&Case { text: "Badge reader DEAD", ..Case::default() }, 5)[0].id, late.id);
}

#[test]
fn learning_one_by_one_comes_to_what_learning_anew_says() {
    let Some(rows) = mails() else { return };
    let (first, rest): (Vec<&Row>, Vec<&Row>) =
        (rows.iter().step_by(4).collect(), rows.iter().skip(1).step_by(4).collect());
    let all: Vec<&Row> = first.iter().chain(&rest).copied().collect();
    let learnt = |rows: &[&Row]| {
        let mut index = Index::build(rows.iter().map(|row| example(row)), Settings::default());
        index.calibrate(rows.iter().map(|row| example(row)));
        index
    };
    let (mut half, whole) = (learnt(&first), learnt(&all));
    let asked: Vec<&Row> = rows.iter().skip(2).step_by(4).collect();
    let right = |index: &Index| {
        let says = |row: &&&Row| {
            let said = index.rank(&Case { text: &row.text, ..Case::default() }, &Field::Category, 1);
            said.first().is_some_and(|(value, _)| *value == *row.category)
        };
        asked.iter().filter(says).count()
    };
    let with_half = right(&half);
    let mut mixed = learnt(&first);
    (0..rest.len()).for_each(|at| mixed.add(&example(rest[at * 331 % rest.len()])));
    // As they stand in the file, one class after the other: as in a burst of calls of one kind.
    rest.iter().for_each(|row| half.add(&example(row)));
    let (mixed, burst, anew) = (right(&mixed), right(&half), right(&whole));
    eprintln!("of {}: {with_half} with half, {mixed} and {burst} with the rest one by one, {anew} anew", asked.len());
    assert_eq!(half.len(), whole.len());
    assert!(half.is_behind() && !whole.is_behind(), "a lesson is due after so many");
    for grown in [mixed, burst] {
        assert!(grown > with_half && grown * 100 >= anew * 97, "{with_half} {grown} {anew}");
    }
    // With the next lesson nothing is left of the order in which it was learnt.
    half.calibrate(all.iter().map(|row| example(row)));
    for row in &asked {
        let case = Case { text: &row.text, ..Case::default() };
        assert_eq!(half.suggest(&case), whole.suggest(&case), "{}", row.text);
    }
}

#[test]
fn the_same_words_are_a_near_duplicate_and_one_common_word_is_nothing() {
    let rows = history();
    let index = Index::build(rows.iter().map(example), Settings::default());
    let own = Case { text: &rows[0].text, except: Some(&rows[0].id), ..Case::default() };
    let alike = index.similar(&own, 50);
    assert!(alike.iter().all(|found| found.id != rows[0].id), "a ticket is not alike to itself");
    assert!(alike[0].is_near_duplicate() && alike[0].score > 0.999);
    assert!(alike.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let one_word = Case { text: "floor3 kitchen", ..Case::default() };
    assert!(index.similar(&one_word, 5).is_empty());
}

#[test]
fn it_stays_small() {
    let texts: Vec<String> = (0..20_000)
        .map(|n| format!("w{} w{} w{} laptop vpn w{} user w{}", n % 97, n % 1009, n % 5003, n % 7, n))
        .collect();
    let ids: Vec<TicketId> = (0..texts.len()).map(|n| TicketId::new(&format!("INC-{n}"))).collect();
    let examples = ids.iter().zip(&texts).map(|(id, text)| Example { id: Some(id), text, ..Example::default() });
    let index = Index::build(examples, Settings::default());
    assert!(index.bytes() < 20_000 * 250, "{} bytes; 100,000 titles must stay below 25 MB", index.bytes());
}

#[test]
fn history_is_what_came_to_a_good_end_and_the_newest_of_it() {
    let mut table = Table::new();
    for summary in summaries(3_000, 7) {
        table.upsert(&summary);
    }
    let settled = |summary: &Summary| {
        matches!(summary.kind, Kind::Incident | Kind::Request)
            && matches!(summary.state, State::Resolved | State::Fulfilled | State::Closed)
    };
    let mut expected: Vec<Summary> = summaries(3_000, 7).into_iter().filter(settled).collect();
    assert!(expected.len() > 300, "{}", expected.len());
    assert_eq!(past(&table, 10_000).len(), expected.len());
    expected.sort_by_key(|summary| std::cmp::Reverse(summary.opened));
    let oldest = expected[299].opened;
    let held = past(&table, 300);
    assert_eq!(held.len(), 300);
    for row in &held {
        let summary = expected.iter().find(|summary| Some(&summary.id) == row.example().id).unwrap();
        assert!(summary.opened >= oldest);
        assert_eq!(row.example().text, summary.title.as_str());
        assert_eq!(row.example().group, summary.group.as_ref());
    }
    let index = Index::build(held.iter().map(|row| row.example()), Settings::default());
    assert_eq!(index.len(), 300);
}

/// The cosine as the definition has it, without an index.
fn cosine(texts: &[String], of: &str, with: usize) -> f32 {
    let words = |text: &str| {
        let mut counted = BTreeMap::<String, f64>::new();
        text.split(' ').filter(|word| word.len() > 1).for_each(|word| *counted.entry(word.into()).or_default() += 1.0);
        counted
    };
    let docs: Vec<_> = texts.iter().map(|text| words(text)).collect();
    let weigh = |doc: &BTreeMap<String, f64>| -> BTreeMap<String, f64> {
        let idf = |word: &str| {
            let holders = docs.iter().filter(|doc| doc.contains_key(word)).count() as f64;
            ((1.0 + docs.len() as f64) / (1.0 + holders)).ln() + 1.0
        };
        doc.iter().map(|(word, times)| (word.clone(), (1.0 + times.ln()) * idf(word))).collect()
    };
    let (a, b) = (weigh(&words(of)), weigh(&docs[with]));
    let length = |v: &BTreeMap<String, f64>| v.values().map(|w| w * w).sum::<f64>().sqrt();
    let dot: f64 = a.iter().filter_map(|(word, weight)| b.get(word).map(|other| weight * other)).sum();
    if dot == 0.0 { 0.0 } else { (dot / length(&a) / length(&b)) as f32 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_index_finds_what_the_definition_says(
        texts in prop::collection::vec("(aa|bb|cc|dd|ee)( (aa|bb|cc|dd|ee|ff)){1,5}", 1..20),
        asked in "(aa|bb|zz)( (aa|bb|cc|dd|yy)){1,4}",
    ) {
        let ids: Vec<TicketId> = (0..texts.len()).map(|n| TicketId::new(&format!("T-{n}"))).collect();
        let examples = ids.iter().zip(&texts).map(|(id, text)| Example { id: Some(id), text, ..Example::default() });
        let index = Index::build(examples, Settings::default());
        let found: BTreeMap<TicketId, f32> =
            index.similar(&Case { text: &asked, ..Case::default() }, 100).into_iter().map(|f| (f.id, f.score)).collect();
        for (at, id) in ids.iter().enumerate() {
            let expected = cosine(&texts, &asked, at);
            let set = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
            let (mine, theirs) = (set(&asked), set(&texts[at]));
            let enough = mine.intersection(&theirs).count() >= 2.min(mine.len()).min(theirs.len());
            match found.get(id) {
                Some(score) => prop_assert!((score - expected).abs() < 1e-4, "{score} is not {expected}"),
                None => prop_assert!(expected < 0.6001 || !enough, "{} was left out at {expected}", texts[at]),
            }
        }
    }

    #[test]
    fn adding_one_by_one_is_as_good_as_building(texts in prop::collection::vec("(aa|bb|cc|dd)( (aa|bb|ee|ff)){0,3}", 1..60)) {
        let ids: Vec<TicketId> = (0..texts.len()).map(|n| TicketId::new(&format!("T-{n}"))).collect();
        let examples = || ids.iter().zip(&texts).map(|(id, text)| Example { id: Some(id), text, ..Example::default() });
        let whole = Index::build(examples(), Settings::default());
        let mut grown = Index::build([], Settings::default());
        examples().for_each(|example| grown.add(&example));
        let ask = |index: &Index| index.similar(&Case { text: &texts[0], ..Case::default() }, 3);
        prop_assert!((ask(&whole)[0].score - ask(&grown)[0].score).abs() < 1e-4);
    }

    #[test]
    fn no_text_panics(texts in prop::collection::vec("\\PC{0,40}", 0..6), asked in "\\PC{0,40}") {
        let label = Name::new("a");
        let other = Name::new("b");
        let examples = || texts.iter().enumerate().map(|(n, text)| Example {
            text,
            category: Some(if n % 2 == 0 { &label } else { &other }),
            ..Example::default()
        });
        let mut index = Index::build(examples(), Settings::default());
        index.calibrate(examples());
        index.suggest(&Case { text: &asked, ..Case::default() });
        index.similar(&Case { text: &asked, ..Case::default() }, 0);
    }
}

#[test]
fn on_the_sample_desk_most_tickets_get_a_suggestion_that_is_right() {
    let now = "2026-11-24T10:20:00Z".parse().unwrap();
    let sample = deskside::backend::sample::generate(1, now, 1_200).unwrap();
    let policy = Policy::new(Vec::new(), BTreeMap::new()).unwrap();
    let mut table = Table::new();
    for (id, events) in sample.tickets {
        let ticket = Ticket::from_events(id, events).unwrap();
        table.upsert(&Summary::of(&ticket, &policy, &Matrix::standard()));
    }
    let held = past(&table, 20_000);
    let mut index = Index::build(held.iter().map(|row| row.example()), Settings::default());
    for measured in &index.calibrate(held.iter().map(|row| row.example()))[..2] {
        let share = measured.spoken as f64 / measured.held_out as f64;
        assert!(share > 0.5 && measured.precision().unwrap() >= 0.85, "{measured:?}");
    }
}

#[test]
fn fillers_say_nothing_and_names_of_things_do() {
    use deskside::domain::suggest::is_filler;
    assert!(["and", "for", "a", "working", "the", "up"].into_iter().all(is_filler));
    assert!(!["vpn", "dock", "sim", "jam", "outlook"].into_iter().any(is_filler));
}
