//! The practices at the keys, as far as a tracker carries them: a problem raised from incidents and its workaround given to
//! their callers, a change on its way to its approval, a request, a major incident. What came of each act is read from the
//! tracker itself; what it cannot hold, or this person may not, is refused with the reason and leaves it as it was.

use super::api::Seen;
use super::session::{Place, Session};

/// Asks the tracker for numbers of tickets.
type Numbers = Box<dyn Fn(&str) -> Vec<String>>;

/// How the practices are spelt there.
pub struct Practices {
    /// The numbers of the tickets with that title.
    pub titled: Numbers,
    /// The numbers of the tickets that it is linked to.
    pub linked: Numbers,
    /// The field of a workaround.
    pub workaround: &'static str,
    /// Steps of a problem until its error is known, of a change until its approval, of a request: our verb, their state.
    pub known: &'static [(&'static str, &'static str)],
    pub change: &'static [(&'static str, &'static str)],
    pub request: &'static [(&'static str, &'static str)],
    /// What is refused on an incident, a problem before its steps, and a change that waits for its approval: what is written, and what is said.
    pub no_incident: &'static [(&'static str, &'static str)],
    pub no_problem: &'static [(&'static str, &'static str)],
    pub no_change: &'static [(&'static str, &'static str)],
}

const WORKAROUND: &str = "Dial a nine before the number.";

pub fn whole(place: &Place, practices: &Practices) {
    let mut session = Session::at(place);
    let tag = &session.tag();
    let incidents = ["no dial tone", "phones are dead"].map(|title| format!("{tag} {title}"));
    let ids = incidents.clone().map(|title| (place.register)(&title));
    session.connect();
    session.start("[now]");
    session.narrow(tag, 2);
    problem(&mut session, practices, tag, &ids);
    major(&mut session, practices, &incidents[0], &ids[0]);
    change(&mut session, practices, tag);
    request(&mut session, practices, tag);
    session.leave();
}

fn problem(session: &mut Session<'_>, practices: &Practices, tag: &str, incidents: &[String; 2]) {
    session.begins("problem");
    let title = format!("{tag} the switch forgets phones");
    session.line("mark-all", "2 tickets marked.");
    session.line(&format!("raise-problem \"{title}\" trend tactical service"), "problem raised");
    let id = made(session, practices, &title);
    session.eventually("both incidents hang on it", || {
        let linked = (practices.linked)(&id);
        incidents.iter().all(|incident| linked.contains(incident)).then_some(()).ok_or(format!("{linked:?}"))
    });
    session.opened(&title);
    session.line(&format!("set workaround \"{WORKAROUND}\""), "workaround");
    session.stored(&id, "its workaround", |seen| seen.field(practices.workaround) == WORKAROUND);
    refused(session, &id, practices.no_problem);
    steps(session, &id, practices.known);
    // The one under the cursor as a note, the other to its caller.
    session.press("b p", "workaround of");
    session.press("i", "note, for the desk only");
    session.keys("enter");
    let count = |seen: &[Seen]| {
        let mut said: Vec<_> = seen.iter().map(|one| one.said(WORKAROUND)).collect();
        said.sort_unstable();
        said
    };
    let place = session.place();
    session.eventually("one caller was told and the other incident has a note", || {
        let seen = incidents.clone().map(|incident| (place.seen)(&incident));
        (count(&seen) == [(0, 1), (1, 0)]).then_some(()).ok_or(format!("{seen:#?}"))
    });
    session.settled();
}

fn major(session: &mut Session<'_>, practices: &Practices, title: &str, id: &str) {
    session.begins("major incident");
    session.back();
    session.open(title);
    refused(session, id, practices.no_incident);
}

fn change(session: &mut Session<'_>, practices: &Practices, tag: &str) {
    session.begins("change");
    session.back();
    let title = format!("{tag} another switch");
    session.line(&format!("new change title:\"{title}\" caller:rita.caller"), "change registered");
    let id = made(session, practices, &title);
    session.opened(&title);
    steps(session, &id, practices.change);
    refused(session, &id, practices.no_change);
}

fn request(session: &mut Session<'_>, practices: &Practices, tag: &str) {
    session.begins("request");
    session.back();
    let title = format!("{tag} a second phone");
    session.line(&format!("new request title:\"{title}\" caller:rita.caller"), "request registered");
    let id = made(session, practices, &title);
    session.opened(&title);
    steps(session, &id, practices.request);
    session.back();
}

/// The number of the one new ticket with that title.
fn made(session: &mut Session<'_>, practices: &Practices, title: &str) -> String {
    let mut id = String::new();
    session.eventually("it was made once", || match (practices.titled)(title).as_slice() {
        [one] => {
            id.clone_from(one);
            Ok(())
        }
        others => Err(format!("{others:?}")),
    });
    id
}

fn steps(session: &mut Session<'_>, id: &str, all: &[(&str, &str)]) {
    for (verb, state) in all {
        session.line(&format!("step {verb}"), &verb.replace('_', " "));
        session.stored(id, verb, |seen| seen.state == *state);
        session.settled();
    }
}

fn refused(session: &mut Session<'_>, id: &str, all: &[(&str, &str)]) {
    let place = session.place();
    let before = (place.seen)(id);
    for (words, why) in all {
        session.line(words, why);
        session.settled();
        assert_eq!((place.seen)(id), before, "{words} changed something");
    }
}
