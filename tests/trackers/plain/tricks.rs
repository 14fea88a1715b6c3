//! What all trackers share against the worst habits of any.

use std::time::Duration;

use deskside::backend::{Backend, Error};
use deskside::domain::change::{Change, Op};
use deskside::domain::field::{Field, Value};
use deskside::domain::kind::Kind;
use deskside::domain::name::Name;
use deskside::domain::state::{State, Verb};

use super::{Atomic, Checked, Trick};
use crate::trackers::bench::{
    Bench, Desk, again, everything, fresh, group, note, op, reply, set, step, take, title, told,
};
use crate::trackers::site::{Elsewhere, Site, Who};

async fn bench() -> (Bench<Atomic>, Desk) {
    let bench = Bench::new().await;
    let desk = bench.desk(Who::Agent);
    (bench, desk)
}

/// The same on both sorts of tracker.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => { $(
        #[tokio::test]
        async fn $name() {
            both::$name(Bench::<Atomic>::new().await).await;
            both::$name(Bench::<Checked>::new().await).await;
        }
    )+ };
}

on_both!(
    what_is_dropped_without_a_word_is_reported,
    words_that_leave_no_trace_are_reported,
    a_lost_answer_is_looked_for_and_not_doubled,
    a_lost_write_is_doubtful_and_then_stored_once,
    a_refusal_after_the_first_write_is_told_and_not_undone,
    a_cut_after_the_first_write_is_taken_up_where_it_stopped,
    a_record_that_cannot_be_read_back_is_never_said_to_be_undone,
    a_ticket_moved_out_of_sight_is_stored,
    half_an_act_does_not_overwrite_a_colleague,
    an_act_that_never_arrived_conflicts_with_a_colleagues,
    a_lost_create_is_found,
    the_same_words_twice_are_two_notes,
    two_new_tickets_alike_are_two,
    a_new_ticket_whose_rest_is_refused_is_there_once,
    the_answer_tells_the_whole_story,
    short_pages_are_followed_to_the_end,
);

mod both {
    use super::super::Plain;
    use super::*;

    type On<const A: bool> = Bench<Plain<A>>;

    fn number(value: i64) -> Change {
        set(Field::Impact, Value::Number(value))
    }

    async fn act<const A: bool>(bench: &On<A>, desk: &Desk, changes: Vec<Change>) -> Op {
        desk.schema().await.unwrap();
        let seen = desk.get(&bench.fixture.incident).await.unwrap().revision;
        op(&bench.fixture.incident, Some(seen), changes)
    }

    pub async fn what_is_dropped_without_a_word_is_reported<const A: bool>(bench: On<A>) {
        bench.site.world.play(Trick::Drops(Field::Impact));
        let desk = bench.desk(Who::Agent);
        let act = act(&bench, &desk, vec![title("Kept"), number(1), reply("Kept, too")]).await;
        let stored = desk.apply(&act).await.unwrap();
        assert_eq!(stored.ticket.title(), "Kept");
        let dropped: Vec<&str> = stored.dropped.iter().map(|part| &*part.what).collect();
        assert_eq!(dropped, ["impact"]);
        assert_eq!(stored.dropped[0].why.as_str(), "The tracker took it without a word, and it is still empty.");
    }

    pub async fn words_that_leave_no_trace_are_reported<const A: bool>(bench: On<A>) {
        bench.site.world.play(Trick::TellsAll);
        bench.site.world.play(Trick::DropsWords);
        let desk = bench.desk(Who::Agent);
        let act = act(&bench, &desk, vec![reply("Gone")]).await;
        let stored = desk.apply(&act).await.unwrap();
        let dropped: Vec<&str> = stored.dropped.iter().map(|part| &*part.what).collect();
        assert_eq!(dropped, ["public reply"]);
    }

    pub async fn a_lost_answer_is_looked_for_and_not_doubled<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let mark = fresh("Lost");
        for changes in [
            vec![note(&mark)],
            vec![title("Lost"), reply(&mark), take(&bench.fixture.agent)],
            vec![step(Verb::Start, State::New, State::InProgress)],
        ] {
            bench.site.world.play(Trick::LosesAnswer);
            let act = act(&bench, &desk, changes).await;
            let stored = desk.apply(&act).await.unwrap();
            assert_eq!(stored.dropped, []);
        }
        assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (1, 1));
        assert_eq!(bench.site.truth(&bench.fixture.incident).await.unwrap().state, "in_progress");
    }

    pub async fn a_lost_write_is_doubtful_and_then_stored_once<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let mark = fresh("Lost");
        bench.site.world.play(Trick::LosesWrite);
        let act = act(&bench, &desk, vec![title("Lost"), reply(&mark)]).await;
        assert!(matches!(desk.apply(&act).await, Err(Error::Doubtful(_))));
        assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (0, 0));
        for desk in [desk, bench.desk(Who::Agent)] {
            let stored = desk.apply(&again(&act)).await.unwrap();
            assert_eq!((stored.ticket.title(), stored.dropped), ("Lost", vec![]));
            assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (1, 0));
        }
    }

    pub async fn a_refusal_after_the_first_write_is_told_and_not_undone<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let refusal = Error::Forbidden("no replies by you.".into());
        bench.site.world.play(Trick::Refuses(1, refusal));
        let act = act(&bench, &desk, vec![title("Half"), reply("Not this half")]).await;
        let stored = desk.apply(&act).await.unwrap();
        assert_eq!(stored.ticket.title(), "Half");
        let dropped: Vec<&str> = stored.dropped.iter().map(|part| &*part.what).collect();
        assert_eq!(dropped, ["public reply"]);
        assert!(stored.dropped[0].why.contains("no replies by you"), "{:?}", stored.dropped);
        assert!(told(&stored.ticket, "Not this half").is_empty());
    }

    pub async fn a_cut_after_the_first_write_is_taken_up_where_it_stopped<const A: bool>(bench: On<A>) {
        for error in [
            Error::Offline("gone.".into()),
            Error::RateLimited { after: None },
            Error::Unauthenticated("the key is old.".into()),
        ] {
            let mark = fresh("Half");
            let desk = bench.desk(Who::Agent);
            bench.site.world.play(Trick::Refuses(1, error.clone()));
            let act = act(&bench, &desk, vec![title(&mark), reply(&mark)]).await;
            assert_eq!(desk.apply(&act).await, Err(error));
            let stored = bench.desk(Who::Agent).apply(&again(&act)).await.unwrap();
            assert_eq!((stored.ticket.title(), stored.dropped), (mark.as_str(), vec![]));
            assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (1, 0));
        }
    }

    pub async fn a_record_that_cannot_be_read_back_is_never_said_to_be_undone<const A: bool>(bench: On<A>) {
        // A look before the write, where the tracker does not refuse a stale one itself.
        let looks = usize::from(!A);
        for error in [
            Error::Offline("gone.".into()),
            Error::RateLimited { after: Some(Duration::from_secs(9)) },
            Error::Unauthenticated("the key is old.".into()),
            Error::Unexpected("that is no JSON.".into()),
            Error::Doubtful("who knows.".into()),
        ] {
            let mark = fresh("Unread");
            let desk = bench.desk(Who::Agent);
            let act = act(&bench, &desk, vec![reply(&mark)]).await;
            bench.site.world.play(Trick::CannotRead(looks, error.clone()));
            let answer = desk.apply(&act).await.unwrap_err();
            let stays = matches!(
                answer,
                Error::Doubtful(_) | Error::RateLimited { .. } | Error::Unauthenticated(_) | Error::Offline(_)
            );
            assert!(stays, "{error:?} became {answer:?}");
            bench.site.world.play(Trick::CannotRead(0, error.clone()));
            let answer = desk.apply(&again(&act)).await.unwrap_err();
            assert!(!matches!(answer, Error::Unexpected(_)), "it is not refused: {answer:?}");
            bench.desk(Who::Agent).apply(&again(&act)).await.unwrap();
            assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (1, 0));
        }
    }

    pub async fn a_ticket_moved_out_of_sight_is_stored<const A: bool>(bench: On<A>) {
        let looks = usize::from(!A);
        let desk = bench.desk(Who::Agent);
        for (tells_all, to) in [(false, &bench.fixture.other_group), (true, &bench.fixture.group)] {
            if tells_all {
                bench.site.world.play(Trick::TellsAll);
            }
            let mark = fresh("Out of sight");
            let act = act(&bench, &desk, vec![group(to), reply(&mark)]).await;
            bench.site.world.play(Trick::CannotRead(looks, Error::Forbidden("not your group.".into())));
            let stored = desk.apply(&act).await.unwrap();
            assert_eq!((stored.summary.group.as_ref(), stored.dropped), (Some(to), vec![]));
            assert_eq!(told(&stored.ticket, &mark).len(), 1);
        }
    }

    pub async fn half_an_act_does_not_overwrite_a_colleague<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let seen = act(&bench, &desk, vec![]).await.expect;
        let wanted = vec![number(1), title("Mine"), reply("Mine")];
        let act = Op { expect: seen, ..op(&bench.fixture.incident, None, wanted) };
        // The first try stored a field; then a colleague wrote another that is still to be written.
        let part = deskside::backend::http::tracker::Part::Field(Field::Impact, Some(Value::Number(1)));
        bench.site.world.lock().store(1, &Name::new("ana"), &[part]);
        bench.site.elsewhere(&bench.fixture.incident, Elsewhere::Title("Theirs".into())).await;
        let answer = bench.desk(Who::Agent).apply(&again(&act)).await;
        assert!(matches!(&answer, Err(Error::Conflict { who, .. }) if who == "ben"), "{answer:?}");
        assert_eq!(bench.site.truth(&bench.fixture.incident).await.unwrap().title, "Theirs");
    }

    pub async fn an_act_that_never_arrived_conflicts_with_a_colleagues<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let act = act(&bench, &desk, vec![title("Mine"), reply("Mine")]).await;
        bench.site.elsewhere(&bench.fixture.incident, Elsewhere::Title("Theirs".into())).await;
        for act in [act.clone(), again(&act)] {
            let answer = desk.apply(&act).await;
            assert!(matches!(&answer, Err(Error::Conflict { who, .. }) if who == "ben"), "{answer:?}");
        }
        assert_eq!(bench.said(&bench.fixture.incident, "Mine").await, (0, 0));
    }

    pub async fn a_lost_create_is_found<const A: bool>(bench: On<A>) {
        for trick in [Trick::LosesAnswer, Trick::LosesWrite] {
            let desk = bench.desk(Who::Agent);
            let mark = fresh("New");
            let mut act = bench.new_op(Kind::Incident, &mark);
            act.changes.push(reply(&mark));
            bench.site.world.play(trick.clone());
            let answer = desk.apply(&act).await;
            assert_eq!(answer.is_ok(), trick == Trick::LosesAnswer, "{answer:?}");
            let stored = bench.desk(Who::Agent).apply(&again(&act)).await.unwrap();
            assert_eq!(bench.site.titled(&mark).await, std::slice::from_ref(&stored.ticket.id));
            assert_eq!(bench.said(&stored.ticket.id, &mark).await, (1, 0));
        }
    }

    pub async fn the_same_words_twice_are_two_notes<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let mark = fresh("Ping");
        let one = act(&bench, &desk, vec![reply(&mark)]).await;
        desk.apply(&one).await.unwrap();
        // The second is lost on its way: the first one's words are not taken for its own.
        let two = act(&bench, &desk, vec![reply(&mark)]).await;
        bench.site.world.play(Trick::LosesWrite);
        assert!(matches!(desk.apply(&two).await, Err(Error::Doubtful(_))));
        desk.apply(&again(&two)).await.unwrap();
        desk.apply(&again(&two)).await.unwrap();
        desk.apply(&again(&one)).await.unwrap();
        assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (2, 0));
        // Twice in one act is twice, too.
        let mark = fresh("Pong");
        let three = act(&bench, &desk, vec![reply(&mark), reply(&mark)]).await;
        desk.apply(&three).await.unwrap();
        desk.apply(&again(&three)).await.unwrap();
        assert_eq!(bench.said(&bench.fixture.incident, &mark).await, (2, 0));
    }

    pub async fn two_new_tickets_alike_are_two<const A: bool>(bench: On<A>) {
        bench.site.world.play(Trick::ForgetsKeys);
        let desk = bench.desk(Who::Agent);
        let mark = fresh("Alike");
        desk.apply(&bench.new_op(Kind::Incident, &mark)).await.unwrap();
        let two = bench.new_op(Kind::Incident, &mark);
        bench.site.world.play(Trick::LosesWrite);
        assert!(matches!(desk.apply(&two).await, Err(Error::Doubtful(_))));
        desk.apply(&again(&two)).await.unwrap();
        desk.apply(&again(&two)).await.unwrap();
        assert_eq!(bench.site.titled(&mark).await.len(), 2);
    }

    pub async fn a_new_ticket_whose_rest_is_refused_is_there_once<const A: bool>(bench: On<A>) {
        let desk = bench.desk(Who::Agent);
        let mark = fresh("Rest");
        let mut act = bench.new_op(Kind::Incident, &mark);
        act.changes.push(reply(&mark));
        bench.site.world.play(Trick::Refuses(1, Error::Forbidden("no replies by you.".into())));
        let stored = desk.apply(&act).await.unwrap();
        let dropped: Vec<&str> = stored.dropped.iter().map(|part| &*part.what).collect();
        assert_eq!((dropped, stored.ticket.title()), (vec!["public reply"], mark.as_str()));
        assert!(stored.dropped[0].why.contains("no replies by you"), "{:?}", stored.dropped);
        assert_eq!(bench.site.titled(&mark).await.len(), 1);
    }

    pub async fn the_answer_tells_the_whole_story<const A: bool>(bench: On<A>) {
        // Never opened before: it is read in full. Opened before: what was known and what was done.
        for open in [false, true] {
            let desk = bench.desk(Who::Agent);
            if open {
                desk.get(&bench.fixture.storied).await.unwrap();
            }
            let mark = fresh("Story");
            let stored =
                desk.apply(&op(&bench.fixture.storied, None, vec![title("Told"), reply(&mark)])).await.unwrap();
            for text in ["I come at noon.", "The roller is worn.", &mark] {
                assert_eq!(told(&stored.ticket, text).len(), 1, "{text} after open: {open}");
            }
            let there = desk.get(&bench.fixture.storied).await.unwrap();
            let changes = |ticket: &deskside::domain::ticket::Ticket| {
                ticket.timeline.iter().map(|event| event.change.clone()).collect::<Vec<_>>()
            };
            assert_eq!(changes(&stored.ticket), changes(&there), "after open: {open}");
        }
    }

    pub async fn short_pages_are_followed_to_the_end<const A: bool>(bench: On<A>) {
        bench.site.world.play(Trick::ShortPages);
        let (rows, _) = everything(&bench.desk(Who::Agent), None).await;
        assert_eq!(rows.len(), bench.fixture.in_scope);
    }
}

/// What only adds goes onto whatever stands there, whatever the tracker's own check says.
#[tokio::test]
async fn what_only_adds_does_not_conflict() {
    let (bench, desk) = bench().await;
    let id = bench.fixture.incident.clone();
    desk.get(&id).await.unwrap();
    bench.site.elsewhere(&id, Elsewhere::Title("Theirs".into())).await;
    let link = deskside::domain::change::Link {
        how: deskside::domain::change::LinkKind::RelatesTo,
        other: bench.fixture.storied.clone(),
    };
    let stored = desk.apply(&op(&id, None, vec![reply("Mine"), Change::Link { link }])).await.unwrap();
    assert_eq!((stored.ticket.title(), stored.ticket.links.len()), ("Theirs", 1));
    assert_eq!(bench.said(&id, "Mine").await, (1, 0));
}

/// A colleague who writes between my write and my look is not taken for a tracker that drops things silently.
#[tokio::test]
async fn a_colleague_in_between_is_told_by_what_stands_there() {
    let (bench, desk) = bench().await;
    let id = bench.fixture.incident.clone();
    let seen = desk.get(&id).await.unwrap().revision;
    bench.site.world.play(Trick::Overtakes("Theirs".into()));
    let stored = desk.apply(&op(&id, Some(seen), vec![title("Mine")])).await.unwrap();
    assert_eq!(stored.ticket.title(), "Theirs");
    assert_eq!(stored.dropped[0].why.as_str(), "The tracker took it without a word, and it is still Theirs.");
}
