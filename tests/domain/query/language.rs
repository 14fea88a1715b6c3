//! Reading, writing, errors, typing, completion.

use deskside::domain::kind::Kind;
use deskside::domain::name::Name;
use deskside::domain::query::{
    Clause, Expr, FIELDS, FLAGS, Flag, Key, Op, Query, SlaTest, SortKey, StateTest, Value, When, complete,
};
use deskside::domain::state::{HoldReason, State};
use deskside::domain::table::{NameColumn, NumberColumn, Table, TimeColumn};
use jiff::civil::date;
use proptest::prelude::*;

use crate::domain::rows::summaries;

/// What the text is written as.
fn canonical(text: &str) -> String {
    Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

#[test]
fn there_is_one_way_to_write_a_query() {
    for (written, printed) in [
        ("", ""),
        ("   ", ""),
        ("vpn  outlook", "vpn outlook"),
        ("vpn and outlook", "vpn outlook"),
        ("vpn or outlook|teams", "vpn or outlook or teams"),
        ("a b or c d", "a b or c d"),
        ("(a or b) c", "(a or b) c"),
        ("(a b) c", "a b c"),
        ("((a))", "a"),
        ("not a !b -c", "-a -b -c"),
        ("not (a or b)", "-(a or b)"),
        ("--a", "-(-a)"),
        ("\"blue screen\"", "\"blue screen\""),
        ("\"vpn\"", "vpn"),
        ("\"or\" \"mine\" \"a:b\" \"-x\"", "\"or\" \"mine\" \"a:b\" \"-x\""),
        (r#""say \"hi\" \\""#, r#""say \"hi\" \\""#),
        ("10:30", "\"10:30\""),
        ("VPN - down", "VPN \"-\" down"),
        ("me", "mine"),
        ("MINE unassigned", "mine unowned"),
        ("g:network", "group:network"),
        ("g:\"Service Desk\",net", "group:\"Service Desk\",net"),
        ("g=Network g!=Mail", "group=Network -group=Mail"),
        ("g:mine g:none g:\"none\"", "group:mine group:none group:\"none\""),
        ("o:me caller:me offered:me owner:\"me\"", "owner:me caller:me offered:me owner:\"me\""),
        ("location:me", "location:\"me\""),
        ("p<=2 p:1..2 p:P3 p=1,2 p!=5", "priority<=2 priority:1..2 priority:3 priority:1,2 -priority:5"),
        ("p:..2 p:3..", "priority:..2 priority:3.."),
        ("state:new,on_hold s:open state:On-Hold", "state:new,on_hold state:open state:on_hold"),
        ("is:open is:mine is:mine,open", "state:open mine (mine or state:open)"),
        ("kind:incidents,REQ type:prb", "kind:incident,request kind:problem"),
        ("hold:none hold:vendor", "hold:none hold:vendor"),
        ("sla:at-risk,breached", "sla:at_risk,breached"),
        ("major:yes major:no escalated:true known-error:0", "major -major escalated -known_error"),
        ("breach<2h due:today due<-1h breach<0", "breach<2h breach:today breach<-1h breach<0"),
        ("age>3d age:1d..3d idle>=1w age<90m age>36h", "age>3d age:1d..3d idle>=1w age<1h30m age>1d12h"),
        ("opened:2016-03 opened:2016 opened<today", "opened:2016-03 opened:2016 opened<today"),
        ("opened:2016-03-01..2016-04-01", "opened:2016-03-01..2016-04-01"),
        (
            "opened>=2016-03-01T14:00 closed:\"2016-03-01 14:00:30\"",
            "opened>=2016-03-01T14:00 closed:2016-03-01T14:00:30",
        ),
        ("opened<2016-03-01T14:00Z", "opened<2016-03-01T14:00:00Z"),
        ("x.Cost>50 x.name:a..b x.name:\"a..b\" x.n=1", "x.cost>50 x.name:a..b x.name:\"a..b\" x.n=1"),
        ("sort:-opened,p vpn", "vpn sort:-opened,priority"),
        ("sort:due", "sort:breach"),
        ("sort:p vpn sort:id", "vpn sort:priority,id"),
    ] {
        assert_eq!(canonical(written), printed, "{written}");
        assert_eq!(canonical(printed), printed, "{printed}");
    }
}

#[test]
fn an_error_says_where_and_what() {
    for (text, column, width, part, meant) in [
        ("vpn grup:net", 5, 8, "`grup` is no field", Some("group")),
        ("prio:1", 1, 6, "`prio` is no field", Some("priority")),
        ("http://desk", 1, 11, "in quotes", None),
        ("state:onhold", 7, 6, "`onhold` is nothing that `state` takes", Some("on_hold")),
        ("kind:incidnet", 6, 8, "incident, request, problem, change", Some("incident")),
        ("p:high", 3, 4, "a number, or a range such as 1..2", None),
        ("é p:x", 5, 1, "a number", None),
        ("opened:soon", 8, 4, "2016-03-01", None),
        ("opened:2016-02-30", 8, 10, "2016-03-01", None),
        ("age>2016-01-01", 5, 10, "a length of time", None),
        ("group<5", 6, 2, "no order", None),
        ("desk<rt", 5, 3, "no order", None),
        ("dsek:rt", 1, 7, "`dsek` is no field", Some("desk")),
        ("p<1,2", 3, 3, "not a list", None),
        ("p<1..2", 3, 4, "a number", None),
        ("group: vpn", 7, 0, "a value is missing", None),
        ("state:new, vpn", 11, 0, "a value is missing", None),
        ("(a or b", 1, 1, "not closed", None),
        ("a) b", 2, 1, "no `(`", None),
        ("a or", 5, 0, "missing after `or`", None),
        ("or a", 1, 2, "missing before `or`", None),
        ("a or or b", 6, 2, "missing after `or`", None),
        ("and a", 1, 3, "missing before `and`", None),
        ("a and", 3, 3, "missing after `and`", None),
        ("not", 1, 3, "after the negation", None),
        ("a ()", 3, 2, "nothing in the parentheses", None),
        ("\"\" a", 1, 2, "nothing in these quotes", None),
        ("\"open", 1, 5, "not closed", None),
        ("-sort:p", 1, 7, "cannot be negated", None),
        ("(a sort:p)", 1, 9, "outside the parentheses", None),
        ("sort:priorty", 6, 7, "nothing to sort by", Some("priority")),
        ("is:mien", 4, 4, "nothing that a ticket is", Some("mine")),
        ("major:perhaps", 7, 7, "yes or no", None),
        ("x.a:..", 5, 2, "at least one end", None),
    ] {
        let error = Query::parse(text).expect_err(text);
        assert_eq!((error.column, error.width), (column, width), "{text}: {error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
        assert_eq!(error.meant.as_deref(), meant, "{text}: {error}");
    }
    let deep = "(".repeat(5000);
    assert!(Query::parse(&deep).is_err());
    assert!(Query::parse(&"-".repeat(5000)).is_err());
    let said = Query::parse("grup:net").unwrap_err().to_string();
    assert_eq!(
        said,
        "Column 1: `grup` is no field; to search for the words, put them in quotes. Did you mean `group`?"
    );
}

#[test]
fn what_is_still_being_typed_is_left_out() {
    for (typed, understood, unfinished) in [
        ("vpn", "vpn", false),
        ("vpn group:", "vpn", true),
        ("vpn gro:ne", "vpn", true),
        ("vpn state:ne", "vpn", true),
        ("vpn state:new,", "vpn", true),
        ("vpn state:new", "vpn state:new", false),
        ("vpn p<", "vpn", true),
        ("vpn -", "vpn", true),
        ("vpn -group:", "vpn", true),
        ("vpn or", "vpn", true),
        ("vpn or ", "vpn", true),
        ("vpn or group:", "vpn", true),
        ("vpn and", "vpn", true),
        ("or", "", true),
        ("not", "", true),
        ("and", "", true),
        ("vpn (", "vpn", true),
        ("vpn (a or b", "vpn (a or b)", false),
        ("vpn (a or", "vpn a", true),
        ("vpn \"blue scr", "vpn \"blue scr\"", false),
        ("vpn \"", "vpn", true),
        ("group:\"Service D", "group:\"Service D\"", false),
        ("sort:", "", true),
        ("vpn sort:-op", "vpn", true),
    ] {
        let partial = Query::parse_partial(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(
            (partial.query.to_string().as_str(), partial.unfinished.is_some()),
            (understood, unfinished),
            "{typed}"
        );
    }
    for wrong in ["grup:net vpn", "group: vpn", "vpn )", "p:x "] {
        assert!(Query::parse_partial(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_field_and_flag_can_be_written() {
    for field in FIELDS {
        for name in [field.name].iter().chain(field.aliases) {
            assert_eq!(Key::parse(name).as_ref(), Some(&field.key), "{name}");
            assert!(Query::parse(&format!("sort:-{name}")).is_ok(), "{name}");
        }
        assert!(!field.help.is_empty());
    }
    for (flag, name, others, _) in FLAGS {
        for name in [name].into_iter().chain(*others) {
            assert_eq!(Query::parse(name).unwrap().filter, Some(Expr::Flag(*flag)), "{name}");
            assert_eq!(Query::parse(&format!("is:{name}")).unwrap().filter, Some(Expr::Flag(*flag)), "{name}");
        }
    }
}

#[test]
fn completion_offers_what_fits() {
    let mut table = Table::new();
    summaries(300, 7).iter().for_each(|summary| _ = table.upsert(summary));
    let offered = |text: &str| -> Vec<String> {
        complete(text, text.chars().count(), &table).into_iter().map(|candidate| candidate.text).collect()
    };
    assert_eq!(offered("vpn gro"), ["group:"]);
    assert_eq!(offered("(g"), ["group:"]);
    assert_eq!(offered("-ov"), ["overdue", "overridden"]);
    assert_eq!(offered("s"), ["state:", "service:", "sla:", "sort:", "snoozed"]);
    assert_eq!(offered("state:on"), ["on_hold"]);
    assert_eq!(offered("state:new,clo"), ["closed"]);
    assert_eq!(offered("group:ser"), ["\"Service Desk\""]);
    assert_eq!(offered("group:\"Service D"), ["\"Service Desk\""]);
    assert_eq!(offered("group:m"), ["mine", "Messaging"]);
    assert_eq!(offered("c:vpn"), ["network/vpn"]);
    assert_eq!(offered("sort:-reo"), ["-reopens"]);
    assert_eq!(offered("is:majo"), ["major"]);
    assert_eq!(offered("nothing:x"), Vec::<String>::new());
    assert!(offered("").len() >= FIELDS.len());
    let inserted = complete("é group:ser x", 11, &table).remove(0);
    assert_eq!((inserted.from, inserted.to), (8, 11));
    for candidate in complete("group:", 6, &table) {
        assert!(Query::parse(&format!("group:{}", candidate.text)).is_ok(), "{}", candidate.text);
    }
}

#[test]
fn completion_offers_the_desks_that_are_open() {
    let mut table = Table::new();
    let (rt, redmine) = (Name::new("rt"), Name::new("redmine"));
    table.divide([&rt, &redmine]);
    let offered = |text: &str| -> Vec<String> {
        complete(text, text.chars().count(), &table).into_iter().map(|candidate| candidate.text).collect()
    };
    assert_eq!(offered("des"), ["desk:"]);
    assert_eq!(offered("desk:"), ["none", "redmine", "rt"]);
    assert_eq!(offered("desk:red"), ["redmine"]);
    assert_eq!(canonical("tracker:RT profile:none"), "desk:RT desk:none");
}

#[test]
fn a_longer_query_is_known_to_narrow() {
    let narrows = |new: &str, old: &str| Query::parse(new).unwrap().narrows(&Query::parse(old).unwrap());
    for (new, old) in [
        ("vpn", ""),
        ("vpn", "vp"),
        ("vpn", "PN"),
        ("vpn token", "vpn tok"),
        ("vpn p:1", "vpn"),
        ("a b c", "c a"),
        ("g:network", "g:net"),
        ("c:network/vpn", "c:net"),
        ("-a", "-ab"),
        ("(ab or ac)", "a"),
        ("a", "a or b"),
        ("state:new breach<2h", "breach<2h"),
    ] {
        assert!(narrows(new, old), "{new} after {old}");
    }
    for (new, old) in [
        ("", "a"),
        ("vp", "vpn"),
        ("major", "majo"),
        ("-ab", "-a"),
        ("a or b", "a"),
        ("g:net", "g:network"),
        ("g=network", "g:xnet"),
        ("p<3", "p<2"),
        ("g:net,mail", "g:net"),
    ] {
        assert!(!narrows(new, old), "{new} after {old}");
    }
}

#[test]
fn a_query_knows_whether_time_matters() {
    for text in
        ["breach<2h", "age>3d", "opened:today", "sla:breached", "-overdue", "a or opened:..yesterday", "sort:due"]
    {
        assert!(Query::parse(text).unwrap().depends_on_now(), "{text}");
    }
    for text in ["vpn", "opened:2016-03", "p<2 mine", "state:open sort:opened"] {
        assert!(!Query::parse(text).unwrap().depends_on_now(), "{text}");
    }
    let query = Query::parse("vpn -outlook (teams or g:net) \"a b\"").unwrap();
    assert_eq!(query.words(), ["vpn", "teams", "a b"]);
}

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        "[a-z]{1,6}",
        "[ -~é日]{1,8}",
        prop::sample::select(vec!["or", "not", "mine", "None", "me", "a..b", "\"", "\\", "-", "x.y:1", "日本"])
            .prop_map(String::from),
    ]
    .prop_map(String::into_boxed_str)
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        prop::sample::select(vec![When::Now, When::Today, When::Yesterday, When::Tomorrow]),
        (-3_000_000_i64..3_000_000).prop_map(|s| When::Span(s * 1000)),
        (1000_i16..9000).prop_map(When::Year),
        (1900_i16..2100, 1_i8..=12).prop_map(|(year, month)| When::Month(year, month)),
        (1900_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| When::Day(date(y, m, d))),
        (1900_i16..2100, 1_i8..=12, 0_i8..24, 0_i8..60, 0_i8..60)
            .prop_map(|(y, m, h, min, s)| When::Clock(date(y, m, 5).at(h, min, s, 0))),
        (0_i64..4_000_000_000_000).prop_map(|ms| When::Instant(jiff::Timestamp::from_millisecond(ms).unwrap())),
    ]
}

fn clause() -> impl Strategy<Value = Expr> {
    let span = || (-9_000_i64..900_000).prop_map(|s| When::Span(s * 1000));
    let order = || prop::sample::select(vec![Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
    let list = |key: Key, op: Op, value: BoxedStrategy<Value>| {
        prop::collection::vec(value, 1..3).prop_map(move |values| Clause { key: key.clone(), op, values })
    };
    let words = || prop_oneof![text().prop_map(Value::Text), Just(Value::None)].boxed();
    let numbers = prop_oneof![
        (0_i64..9).prop_map(Value::Number),
        (0_i64..9, prop::option::of(0_i64..9)).prop_map(|(from, to)| Value::Numbers(Some(from), to)),
        (0_i64..9).prop_map(|to| Value::Numbers(None, Some(to))),
    ];
    let times = prop_oneof![
        Just(Value::None),
        when().prop_map(Value::Time),
        (when(), prop::option::of(when())).prop_map(|(from, to)| Value::Times(Some(from), to)),
    ];
    let priority = || Key::Number(NumberColumn::Priority);
    let opened = || Key::Past(TimeColumn::Opened);
    prop_oneof![
        list(Key::Name(NameColumn::Group), Op::Has, prop_oneof![words(), Just(Value::Me)].boxed()),
        list(Key::Name(NameColumn::Asset), Op::Is, words()),
        list(Key::Title, Op::Has, text().prop_map(Value::Text).boxed()),
        list(Key::Kind, Op::Has, prop::sample::select(Kind::ALL).prop_map(Value::Kind).boxed()),
        list(
            Key::State,
            Op::Has,
            prop_oneof![
                prop::sample::select(State::ALL).prop_map(|state| Value::State(StateTest::One(state))),
                Just(Value::State(StateTest::Open))
            ]
            .boxed()
        ),
        list(Key::Hold, Op::Has, prop::sample::select(HoldReason::ALL).prop_map(Value::Hold).boxed()),
        list(Key::Sla, Op::Has, prop::sample::select(SlaTest::ALL).prop_map(Value::Sla).boxed()),
        list(priority(), Op::Has, numbers.boxed()),
        (order(), 0_i64..9).prop_map(move |(op, n)| Clause { key: priority(), op, values: vec![Value::Number(n)] }),
        list(opened(), Op::Has, times.boxed()),
        (order(), when()).prop_map(move |(op, w)| Clause { key: opened(), op, values: vec![Value::Time(w)] }),
        (order(), span()).prop_map(|(op, w)| Clause { key: Key::Due, op, values: vec![Value::Time(w)] }),
        list(Key::Custom("x.cost".into()), Op::Has, words()),
        (order(), text()).prop_map(|(op, t)| Clause {
            key: Key::Custom("x.cost".into()),
            op,
            values: vec![Value::Text(t)]
        }),
    ]
    .prop_map(Expr::Clause)
}

/// Any query as the parser would build it.
pub(super) fn query() -> impl Strategy<Value = Query> {
    let flag = prop::sample::select(FLAGS).prop_map(|(flag, ..): (Flag, _, _, _)| Expr::Flag(flag));
    let leaf = prop_oneof![2 => text().prop_map(Expr::Word), 1 => flag, 4 => clause()];
    let expr = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|list| group(list, true)),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|list| group(list, false)),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    });
    let sort = (prop::sample::select(FIELDS), any::<bool>())
        .prop_map(|(field, descending)| SortKey { key: field.key.clone(), descending });
    (prop::option::of(expr), prop::collection::vec(sort, 0..3)).prop_map(|(filter, sort)| Query { filter, sort })
}

/// A list within a list of its own sort is one list.
fn group(list: Vec<Expr>, all: bool) -> Expr {
    let flat: Vec<Expr> = list
        .into_iter()
        .flat_map(|expr| match expr {
            Expr::And(list) if all => list,
            Expr::Or(list) if !all => list,
            other => vec![other],
        })
        .collect();
    if all { Expr::And(flat) } else { Expr::Or(flat) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_written_is_read_back(query in query()) {
        let written = query.to_string();
        let read = Query::parse(&written);
        prop_assert_eq!(read.as_ref(), Ok(&query), "{}", written);
    }

    #[test]
    fn any_text_is_a_query_or_an_error_in_it(text in "[ -~é\n]{0,30}|[a-z:<>=!()|\" ,.-]{0,30}|(p|g|not|or|and|opened|:|<|1|\\(|\\)| |\"|-|,|\\.\\.|x\\.a|sort:){0,12}") {
        match Query::parse(&text) {
            Ok(query) => {
                prop_assert_eq!(Query::parse(&query.to_string()), Ok(query.clone()));
                prop_assert_eq!(Query::parse_partial(&text).map(|partial| partial.query), Ok(query));
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column - 1 + error.width <= text.chars().count(), "{error:?}");
            }
        }
        let _ = Query::parse_partial(&text);
        let _ = complete(&text, text.chars().count() / 2, &Table::new());
    }

    #[test]
    fn typing_a_good_query_is_never_an_error(query in query()) {
        let written: Vec<char> = query.to_string().chars().collect();
        for end in 0..written.len() {
            // A space that follows finishes a term, so that only prefixes up to a letter are being typed.
            let typed: String = written[..end].iter().collect();
            if !typed.ends_with([' ', '(', ')', '|']) {
                prop_assert!(Query::parse_partial(&typed).is_ok(), "{typed}: {:?}", Query::parse_partial(&typed));
            }
        }
    }
}
