//! What goes wrong between console and tracker, at every request of an act: nothing is lost, nothing is stored twice, the
//! error says what happened, and afterwards the desk works again.

use std::time::Duration;

use deskside::backend::http::evidence::words;
use deskside::backend::{Backend, Error, Result, Stored, Upload};
use deskside::domain::change::{Audience, Change, Op, Target};
use deskside::domain::kind::Kind;
use deskside::domain::name::TicketId;
use deskside::text::Clean;
use jiff::SignedDuration;

use super::bench::{Bench, Desk, again, can, fresh, note, op, reply, title};
use super::site::{Site, Who};
use crate::fake::proxy::Fault;

/// An act with words to look for.
pub struct Tried {
    pub op: Op,
    pub mark: String,
    pub internal: bool,
}

impl Tried {
    /// A new title, a reply and a note on a ticket of its own.
    pub async fn on_a_ticket<S: Site>(bench: &Bench<S>, desk: &Desk) -> Self {
        let made = bench.incident(desk, &fresh("Before")).await;
        let seen = desk.get(&made.ticket.id).await.unwrap().revision;
        let (mark, internal) = (fresh("Act"), can(desk).await.internal_notes);
        let mut changes = vec![title(&mark), reply(&format!("{mark} outside"))];
        if internal {
            changes.push(note(&format!("{mark} inside")));
        }
        Self { op: op(&made.ticket.id, Some(seen), changes), mark, internal }
    }

    /// A new ticket with a reply.
    pub fn new_ticket<S: Site>(bench: &Bench<S>) -> Self {
        let mark = fresh("New");
        let mut op = bench.new_op(Kind::Incident, &mark);
        op.changes.push(reply(&format!("{mark} outside")));
        Self { op, mark, internal: false }
    }

    /// How often the tracker has its title, its reply and its note.
    pub async fn held<S: Site>(&self, bench: &Bench<S>) -> (usize, usize, usize) {
        let named = bench.site.titled(&self.mark).await;
        let ids: Vec<TicketId> = match &self.op.target {
            Target::Ticket(id) => vec![id.clone()],
            Target::New(_) => named.clone(),
        };
        let (mut outside, mut inside) = (0, 0);
        for id in &ids {
            let (public, none) = bench.said(id, &format!("{} outside", self.mark)).await;
            let (no, internal) = bench.said(id, &format!("{} inside", self.mark)).await;
            assert_eq!((none, no), (0, 0), "{}: words are where they must not be", self.mark);
            (outside, inside) = (outside + public, inside + internal);
        }
        (named.len(), outside, inside)
    }

    fn wanted(&self) -> (usize, usize, usize) {
        (1, 1, usize::from(self.internal))
    }

    /// What the answer says agrees with what the tracker holds. True when the act is at its end.
    pub async fn check<S: Site>(&self, bench: &Bench<S>, answer: &Result<Stored>, what: &str) -> bool {
        let held = self.held(bench).await;
        match answer {
            Ok(stored) => {
                let dropped: Vec<&str> = stored.dropped.iter().map(|part| &*part.what).collect();
                let kept = |name: &str| usize::from(!dropped.contains(&name));
                let inside = if self.internal { kept("internal note") } else { 0 };
                assert_eq!(held, (kept("title"), kept("public reply"), inside), "{what}: {dropped:?}");
                true
            }
            Err(error) if is_for_later(error) => {
                let (a, b, c) = self.wanted();
                assert!(held.0 <= a && held.1 <= b && held.2 <= c, "{what}: twice: {held:?} after {error:?}");
                false
            }
            Err(error) => {
                assert_eq!(held, (0, 0, 0), "{what}: it was refused and something of it is there: {error:?}");
                true
            }
        }
    }

    /// Sends it again until it is stored, as a console that starts anew does.
    pub async fn see_through<S: Site>(&self, bench: &Bench<S>, what: &str) {
        let mut last = None;
        for _ in 0..4 {
            let answer = bench.desk(Who::Agent).apply(&again(&self.op)).await;
            if self.check(bench, &answer, what).await {
                let stored = answer.unwrap_or_else(|error| panic!("{what}: refused when sent again: {error:?}"));
                assert_eq!(stored.dropped, [], "{what}, again");
                assert_eq!(self.held(bench).await, self.wanted(), "{what}, again");
                return;
            }
            last = Some(answer);
        }
        panic!("{what}: it never got through: {last:?}");
    }
}

/// The act stays in the outbox.
pub fn is_for_later(error: &Error) -> bool {
    matches!(error, Error::Offline(_) | Error::Doubtful(_) | Error::RateLimited { .. } | Error::Unauthenticated(_))
}

/// Whether a message can be shown as it is.
fn assert_is_readable<S: Site>(bench: &Bench<S>, error: &Error) {
    let said = error.to_string();
    assert!(said.len() < 600 && !said.contains(['\n', '\u{1b}']) && !said.contains("<html"), "{said:?}");
    assert!(said.split_whitespace().count() > 2, "{said:?}");
    bench.assert_no_secret(&said);
    bench.assert_no_secret(&format!("{error:?}"));
}

/// The fault at each request of an act on a ticket and of a new ticket.
async fn at_each_request<S: Site>(bench: &Bench<S>, fault: Fault) {
    for make in [false, true] {
        // As long as the fault finds a request to break.
        for at in 0..16 {
            let desk = bench.desk(Who::Agent);
            desk.schema().await.unwrap();
            let tried = if make { Tried::new_ticket(bench) } else { Tried::on_a_ticket(bench, &desk).await };
            let what = format!("{fault:?} at request {at}, new: {make}").chars().take(120).collect::<String>();
            bench.proxy().forget();
            if at > 0 {
                bench.proxy().on("", "", at, Fault::Delay(Duration::ZERO));
            }
            bench.proxy().on("", "", 1, fault.clone());
            let answer = desk.apply(&tried.op).await;
            let struck = bench.proxy().seen().len() > at;
            bench.proxy().heal();
            if let Err(error) = &answer {
                assert_is_readable(bench, error);
            }
            if !struck {
                let stored = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(stored.dropped, [], "{what}");
                assert!(at > 1, "an act takes more than {at} requests");
                break;
            }
            if !tried.check(bench, &answer, &what).await {
                tried.see_through(bench, &what).await;
            } else if answer.is_err() && !make {
                // Refused: the user does it again, from what is shown now.
                let Target::Ticket(id) = &tried.op.target else { unreachable!() };
                let seen = bench.desk(Who::Agent).get(id).await.unwrap().revision;
                let anew = Op { expect: Some(seen), ..tried.op.clone() };
                let answer = bench.desk(Who::Agent).apply(&anew).await;
                assert!(tried.check(bench, &answer, &what).await && answer.is_ok(), "{what}: {answer:?}");
            }
        }
    }
    works_again(bench).await;
}

async fn works_again<S: Site>(bench: &Bench<S>) {
    let desk = bench.desk(Who::Agent);
    let tried = Tried::on_a_ticket(bench, &desk).await;
    let answer = desk.apply(&tried.op).await;
    assert!(answer.as_ref().is_ok_and(|stored| stored.dropped.is_empty()), "{answer:?}");
    tried.check(bench, &answer, "afterwards").await;
}

pub async fn cut_lines_lose_and_double_nothing<S: Site>(bench: Bench<S>) {
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::CutBody(0), Fault::CutBody(12)] {
        at_each_request(&bench, fault).await;
    }
}

pub async fn silence_loses_and_doubles_nothing<S: Site>(bench: Bench<S>) {
    at_each_request(&bench, Fault::SilenceAfter).await;
}

pub async fn requests_that_nobody_heard_are_sent_again<S: Site>(bench: Bench<S>) {
    let desk = bench.warm(Who::Agent).await;
    let tried = Tried::on_a_ticket(&bench, &desk).await;
    bench.proxy().always(Fault::Silence);
    let answer = desk.apply(&tried.op).await;
    bench.proxy().heal();
    assert!(answer.as_ref().is_err_and(is_for_later), "{answer:?}");
    assert_eq!(tried.held(&bench).await, (0, 0, 0));
    tried.see_through(&bench, "silence").await;
}

pub async fn broken_answers_lose_and_double_nothing<S: Site>(bench: Bench<S>) {
    for fault in [Fault::HalfJson, Fault::MalformedJson, Fault::WrongTypes] {
        at_each_request(&bench, fault).await;
    }
}

pub async fn servers_that_break_lose_and_double_nothing<S: Site>(bench: Bench<S>) {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let after = |status: u16| Fault::AnswerAfter {
        status,
        headers: vec![("content-type".into(), "text/html".into())],
        body: page.into(),
    };
    for fault in [Fault::page(), Fault::status(502), Fault::status(503), after(500), after(502), after(504)] {
        at_each_request(&bench, fault).await;
    }
}

pub async fn refusals_store_nothing_or_say_what<S: Site>(bench: Bench<S>) {
    for status in [400, 403, 404, 409, 412, 422] {
        at_each_request(&bench, Fault::status(status)).await;
    }
}

pub async fn a_tracker_that_asks_to_slow_down_gets_it_later<S: Site>(bench: Bench<S>) {
    for fault in [
        Fault::slow_down(429, Some("17")),
        Fault::slow_down(429, None),
        Fault::slow_down(503, Some("17")),
        Fault::slow_down(503, None),
    ] {
        at_each_request(&bench, fault).await;
    }
    bench.proxy().next(Fault::slow_down(429, Some("17")));
    let answer = bench.desk(Who::Agent).get(&bench.fixture.incident).await;
    assert_eq!(answer, Err(Error::RateLimited { after: Some(Duration::from_secs(17)) }));
    bench.proxy().next(Fault::slow_down(429, None));
    let answer = bench.desk(Who::Agent).get(&bench.fixture.incident).await;
    assert!(matches!(answer, Err(Error::RateLimited { .. })), "{answer:?}");
}

pub async fn signed_out_in_mid_session_keeps_the_act<S: Site>(bench: Bench<S>) {
    at_each_request(&bench, Fault::status(401)).await;
    let desk = bench.warm(Who::Agent).await;
    let tried = Tried::on_a_ticket(&bench, &desk).await;
    bench.proxy().always(Fault::status(401));
    let answer = desk.apply(&tried.op).await;
    assert!(matches!(answer, Err(Error::Unauthenticated(_))), "{answer:?}");
    let answer = desk.get(&bench.fixture.incident).await;
    assert!(matches!(answer, Err(Error::Unauthenticated(_))), "{answer:?}");
    bench.proxy().heal();
    tried.see_through(&bench, "signed in again").await;
}

pub async fn redirects_lead_nowhere<S: Site>(bench: Bench<S>) {
    let other = crate::fake::server::Server::start(axum::Router::new());
    for fault in [Fault::RedirectLoop, Fault::RedirectTo(format!("{}/stolen", other.url()))] {
        at_each_request(&bench, fault).await;
    }
    for secret in bench.site.secrets() {
        other.assert_never_saw(&secret);
    }
}

pub async fn huge_answers_are_cut_short<S: Site>(bench: Bench<S>) {
    const ALL: u64 = 200 << 20;
    at_each_request(&bench, Fault::Huge(ALL)).await;
    let before = bench.proxy().poured();
    bench.proxy().next(Fault::Huge(ALL));
    let answer = bench.desk(Who::Agent).get(&bench.fixture.incident).await;
    assert!(answer.is_err());
    let poured = bench.proxy().poured() - before;
    assert!(poured < ALL / 2, "{poured} bytes were taken");
}

/// A file has no key by which it could be found again: it is sent once, and an answer that was lost is said to be lost.
pub async fn a_file_is_added_once_and_a_lost_answer_is_said<S: Site>(bench: Bench<S>) {
    let desk = bench.warm(Who::Agent).await;
    if !can(&desk).await.attachments {
        return;
    }
    let id = bench.fixture.incident.clone();
    for fault in [
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::SilenceAfter,
        Fault::HalfJson,
        Fault::page(),
        Fault::status(401),
        Fault::status(403),
        Fault::slow_down(429, None),
    ] {
        for at in 0..6 {
            let name = format!("{}.txt", uuid::Uuid::new_v4().simple());
            let file =
                Upload { name: Clean::line(&name), media_type: "text/plain".into(), bytes: b"It hums.".to_vec() };
            bench.proxy().forget();
            if at > 0 {
                bench.proxy().on("", "", at, Fault::Delay(Duration::ZERO));
            }
            bench.proxy().on("", "", 1, fault.clone());
            let answer = desk.attach(&id, &file).await;
            let struck = bench.proxy().seen().len() > at;
            bench.proxy().heal();
            let held = bench.site.truth(&id).await.unwrap().attachments.iter().filter(|held| **held == name).count();
            let what = format!("{fault:?} at request {at}: {held} times after {answer:?}");
            match &answer {
                Ok(()) => assert_eq!(held, 1, "{what}"),
                Err(error) => {
                    assert!(held == 0 || held == 1 && matches!(error, Error::Doubtful(_)), "{what}");
                    assert_is_readable(&bench, error);
                }
            }
            if !struck {
                assert!(answer.is_ok() && at > 0, "{what}");
                break;
            }
        }
    }
}

pub async fn a_slow_tracker_only_takes_longer<S: Site>(bench: Bench<S>) {
    bench.proxy().always(Fault::Delay(Duration::from_millis(60)));
    works_again(&bench).await;
}

pub async fn a_skewed_clock_changes_nothing<S: Site>(bench: Bench<S>) {
    for hours in [-3, 3] {
        let desk = bench.desk(Who::Agent);
        bench.proxy().always(Fault::Skew(SignedDuration::from_hours(hours)));
        let tried = Tried::on_a_ticket(&bench, &desk).await;
        let answer = desk.apply(&tried.op).await;
        assert!(tried.check(&bench, &answer, "a skewed clock").await && answer.is_ok(), "{answer:?}");
        tried.see_through(&bench, "a skewed clock").await;
        bench.proxy().heal();
    }
}

pub async fn offline_at_start_and_in_mid_session<S: Site>(bench: Bench<S>) {
    bench.proxy().down();
    let cold = bench.desk(Who::Agent);
    for error in [cold.schema().await.err(), cold.pull(None).await.err(), cold.get(&bench.fixture.storied).await.err()]
    {
        assert!(matches!(error, Some(Error::Offline(_))), "{error:?}");
    }
    bench.proxy().up();
    cold.schema().await.unwrap();
    let tried = Tried::on_a_ticket(&bench, &cold).await;
    bench.proxy().down();
    let answer = cold.apply(&tried.op).await;
    assert!(matches!(answer, Err(Error::Offline(_))), "nobody listened, so nothing is doubtful: {answer:?}");
    assert_eq!(tried.held(&bench).await, (0, 0, 0));
    bench.proxy().up();
    let stored = cold.apply(&again(&tried.op)).await.unwrap();
    assert_eq!((stored.dropped, tried.held(&bench).await), (vec![], tried.wanted()));
}

/// Every fault under reads: an error that says which sort it is, and nothing else.
pub async fn reads_say_what_happened<S: Site>(bench: Bench<S>) {
    let all: &[(Fault, &[&str])] = &[
        (Fault::CutBefore, &["Offline"]),
        (Fault::CutAfter, &["Offline"]),
        (Fault::CutBody(7), &["Offline"]),
        (Fault::HalfJson, &["Unexpected", "Offline"]),
        (Fault::MalformedJson, &["Unexpected"]),
        (Fault::WrongTypes, &["Unexpected"]),
        (Fault::status(401), &["Unauthenticated"]),
        (Fault::status(403), &["Forbidden"]),
        (Fault::status(503), &["Offline"]),
        (Fault::page(), &["Unexpected", "Offline"]),
        (Fault::RedirectLoop, &["Unexpected", "Offline", "Unauthenticated"]),
        (Fault::Huge(64 << 20), &["Unexpected", "Offline"]),
    ];
    for (fault, wanted) in all {
        let sort = |error: &Error| format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
        let desk = bench.desk(Who::Agent);
        desk.schema().await.unwrap();
        let (_, cursor) = super::bench::everything(&desk, None).await;
        bench.proxy().always(fault.clone());
        let errors = [
            desk.get(&bench.fixture.storied).await.err(),
            desk.pull(None).await.err(),
            desk.pull(Some(&cursor)).await.err(),
        ];
        bench.proxy().heal();
        for error in errors {
            let error = error.unwrap_or_else(|| panic!("{fault:?} was taken for an answer"));
            assert!(wanted.contains(&sort(&error).as_str()), "{fault:?}: {error:?}");
            assert_is_readable(&bench, &error);
        }
        let ticket = bench.desk(Who::Agent).get(&bench.fixture.storied).await.unwrap();
        let said = |change: &Change| matches!(change, Change::Say { audience: Audience::Public, text } if !words(text).is_empty());
        assert!(ticket.timeline.iter().any(|event| said(&event.change)));
    }
}
