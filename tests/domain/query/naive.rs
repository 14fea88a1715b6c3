//! What a query means, written down once more over summaries, slowly and plainly.

use deskside::domain::query::{Clause, Context, Expr, Flag, Key, Op, Query, SlaTest, StateTest, Value, When};
use deskside::domain::summary::{GlanceState, Summary};
use deskside::domain::table::{NameColumn, NumberColumn, TimeColumn};
use jiff::{Timestamp, ToSpan};

pub fn matches(query: &Query, ticket: &Summary, context: &Context) -> bool {
    query.filter.as_ref().is_none_or(|expr| fits(expr, ticket, context))
}

fn fits(expr: &Expr, t: &Summary, context: &Context) -> bool {
    match expr {
        Expr::And(list) => list.iter().all(|expr| fits(expr, t, context)),
        Expr::Or(list) => list.iter().any(|expr| fits(expr, t, context)),
        Expr::Not(expr) => !fits(expr, t, context),
        Expr::Word(word) => {
            let names = [&t.caller, &Some(t.owner.clone()), &t.group, &t.category, &t.asset];
            has(t.id.as_str(), word) || has(&t.title, word) || names.into_iter().flatten().any(|name| has(name, word))
        }
        Expr::Flag(flag) => match flag {
            Flag::Mine => t.accepted && context.me.as_ref() == Some(&t.owner),
            Flag::Unowned => !t.accepted,
            Flag::Team => t.group.as_ref().is_some_and(|group| context.my_groups.contains(group)),
            Flag::Offered => t.offered_to.is_some(),
            Flag::Overdue => {
                let running = t.glance.state == GlanceState::Running && t.glance.late.unwrap() < ms(context.now);
                let paused = t.glance.state == GlanceState::Paused && t.glance.left.unwrap() < 0;
                t.state.is_open() && (running || paused)
            }
            Flag::Awaiting => t.awaits_reply,
            Flag::Snoozed | Flag::Approving | Flag::Tasked | Flag::Answering => false,
            Flag::Major => t.major,
            Flag::Escalated => t.escalated,
            Flag::Overridden => t.priority_overridden,
            Flag::KnownError => t.known_error,
        },
        Expr::Clause(clause) => clause.values.iter().any(|value| value_fits(clause, value, t, context)),
    }
}

fn value_fits(Clause { key, op, .. }: &Clause, value: &Value, t: &Summary, context: &Context) -> bool {
    let now = ms(context.now);
    let text = |held: &str| match value {
        Value::Text(text) if *op == Op::Is => held.to_lowercase() == text.to_lowercase(),
        Value::Text(text) => has(held, text),
        _ => false,
    };
    match key {
        Key::Id => text(t.id.as_str()),
        Key::Title => text(&t.title),
        Key::Kind => *value == Value::Kind(t.kind),
        Key::State => match value {
            Value::State(StateTest::One(state)) => t.state == *state,
            Value::State(StateTest::Open) => t.state.is_open(),
            _ => !t.state.is_final(),
        },
        Key::Hold => t.hold.map_or(*value == Value::None, |reason| *value == Value::Hold(reason)),
        Key::Sla => match value {
            Value::Sla(test) => stands(t, *test, now),
            _ => false,
        },
        Key::Number(column) => {
            let held = i64::from(match column {
                NumberColumn::Priority => t.priority.into(),
                NumberColumn::Impact => t.impact.into(),
                NumberColumn::Urgency => t.urgency.into(),
                NumberColumn::Reopens => t.reopens,
                NumberColumn::Reassignments => t.reassignments,
                NumberColumn::Links => t.links,
            });
            match value {
                Value::Number(n) => compare(*op, held, *n),
                Value::Numbers(from, to) => from.is_none_or(|from| held >= from) && to.is_none_or(|to| held <= to),
                _ => false,
            }
        }
        Key::Name(column) => {
            let held = match column {
                NameColumn::Category => t.category.as_deref(),
                NameColumn::Group => t.group.as_deref(),
                NameColumn::Owner => Some(&*t.owner),
                NameColumn::Offered => t.offered_to.as_deref(),
                NameColumn::Caller => t.caller.as_deref(),
                NameColumn::Service => t.service.as_deref(),
                NameColumn::Asset => t.asset.as_deref(),
                NameColumn::Location => t.location.as_deref(),
                NameColumn::Channel => t.channel.as_deref(),
                NameColumn::Desk => None,
            };
            let mine = |name: &str| context.my_groups.iter().any(|group| &**group == name);
            match (value, held) {
                (Value::None, held) => held.is_none(),
                (_, None) => false,
                (Value::Me, Some(held)) => match column {
                    NameColumn::Group => mine(held),
                    NameColumn::Offered => context.me.as_deref() == Some(held) || mine(held),
                    _ => context.me.as_deref() == Some(held),
                },
                (Value::Text(part), Some(held)) if *column == NameColumn::Category && *op == Op::Has => {
                    let (held, part) = (held.to_lowercase(), part.to_lowercase());
                    let begins = |at: usize| {
                        held[..at].chars().next_back().is_none_or(|c| c.is_ascii() && !c.is_ascii_alphanumeric())
                    };
                    held.match_indices(&part).any(|(at, _)| begins(at))
                }
                (_, Some(held)) => text(held),
            }
        }
        Key::Past(column) | Key::Age(column) => {
            let held = match column {
                TimeColumn::Opened => Some(t.opened),
                TimeColumn::Updated => Some(t.updated),
                TimeColumn::Responded => t.responded,
                TimeColumn::Resolved => t.resolved,
                _ => t.closed,
            };
            time(*op, value, held.map(ms), |held| now - held, context)
        }
        Key::Due => {
            let held = t.glance.due.filter(|_| t.glance.state == GlanceState::Running);
            time(*op, value, held, |held| held - now, context)
        }
        Key::Update => time(*op, value, t.update_due.map(ms), |held| held - now, context),
        Key::Review => time(*op, value, t.review.map(ms), |held| held - now, context),
        Key::Rare(name) => {
            let held = t.custom.iter().find(|(held, _)| held.as_str() == *name).map(|(_, value)| &**value);
            custom(*op, value, held)
        }
        Key::Waits(_) => panic!("no generated query asks for whom it waits"),
        Key::Custom(name) => {
            let held =
                t.custom.iter().find(|(held, _)| held.to_lowercase() == name.to_lowercase()).map(|(_, value)| &**value);
            custom(*op, value, held)
        }
    }
}

fn custom(op: Op, value: &Value, held: Option<&str>) -> bool {
    let Some(held) = held else { return *value == Value::None };
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let Value::Text(wanted) = value else { return false };
    match (number(held), number(wanted), op.is_order()) {
        (Some(held), Some(wanted), _) => match op {
            Op::Has | Op::Is => held == wanted,
            Op::Less => held < wanted,
            Op::AtMost => held <= wanted,
            Op::More => held > wanted,
            Op::AtLeast => held >= wanted,
        },
        (None, Some(_), true) => false,
        (_, _, true) => compare(op, held.to_lowercase(), wanted.to_lowercase()),
        (_, _, false) if op == Op::Is => held.to_lowercase() == wanted.to_lowercase(),
        _ => has(held, wanted),
    }
}

/// `length` tells how long it is from the time held to now, or from now to it.
fn time(op: Op, value: &Value, held: Option<i64>, length: impl Fn(i64) -> i64, context: &Context) -> bool {
    let Some(held) = held else { return *value == Value::None };
    let starts = |when: When| bounds(when, context).0;
    let ends = |when: When| bounds(when, context).1;
    match value {
        Value::Time(When::Span(wanted)) => match op {
            Op::Has | Op::Is => length(held) <= *wanted,
            op => compare(op, length(held), *wanted),
        },
        Value::Time(when) => match op {
            Op::Has | Op::Is => held >= starts(*when) && held < ends(*when),
            Op::Less => held < starts(*when),
            Op::AtMost => held < ends(*when),
            Op::More => held >= ends(*when),
            Op::AtLeast => held >= starts(*when),
        },
        Value::Times(from, to) if matches!((from, to), (Some(When::Span(_)) | None, Some(When::Span(_)) | None)) => {
            let ms = |when: &Option<When>| if let Some(When::Span(ms)) = when { Some(*ms) } else { None };
            ms(from).is_none_or(|from| length(held) >= from) && ms(to).is_none_or(|to| length(held) <= to)
        }
        Value::Times(from, to) => from.is_none_or(|from| held >= starts(from)) && to.is_none_or(|to| held < ends(to)),
        _ => false,
    }
}

fn bounds(when: When, context: &Context) -> (i64, i64) {
    let here = context.now.to_zoned(context.zone.clone()).date();
    let midnight = |date: jiff::civil::Date| ms(date.to_zoned(context.zone.clone()).unwrap().timestamp());
    let day = |date: jiff::civil::Date| (midnight(date), midnight(date.tomorrow().unwrap()));
    match when {
        When::Now => (ms(context.now), ms(context.now) + 1),
        When::Today => day(here),
        When::Yesterday => day(here.yesterday().unwrap()),
        When::Tomorrow => day(here.tomorrow().unwrap()),
        When::Year(year) => {
            let first = jiff::civil::date(year, 1, 1);
            (midnight(first), midnight(first + 1.year()))
        }
        When::Month(year, month) => {
            let first = jiff::civil::date(year, month, 1);
            (midnight(first), midnight(first + 1.month()))
        }
        When::Day(date) => day(date),
        When::Clock(clock) => {
            let start = ms(clock.to_zoned(context.zone.clone()).unwrap().timestamp());
            (start, start + if clock.second() == 0 { 60_000 } else { 1000 })
        }
        When::Instant(at) => (ms(at), ms(at) + 1),
        When::Span(_) => unreachable!("mixed ranges are not generated"),
    }
}

fn stands(t: &Summary, test: SlaTest, now: i64) -> bool {
    let late = match t.glance.state {
        GlanceState::Running => t.glance.late.unwrap() < now,
        GlanceState::Paused => t.glance.left.unwrap() < 0,
        state => state == GlanceState::Breached,
    };
    match test {
        SlaTest::Breached => late,
        SlaTest::AtRisk => t.glance.state == GlanceState::Running && !late && t.glance.risk.unwrap() <= now,
        SlaTest::Running => t.glance.state == GlanceState::Running && !late,
        SlaTest::Paused => t.glance.state == GlanceState::Paused,
        SlaTest::Met => t.glance.state == GlanceState::Met,
        SlaTest::None => t.glance.state == GlanceState::None,
    }
}

fn compare<T: PartialOrd>(op: Op, a: T, b: T) -> bool {
    match op {
        Op::Has | Op::Is => a == b,
        Op::Less => a < b,
        Op::AtMost => a <= b,
        Op::More => a > b,
        Op::AtLeast => a >= b,
    }
}

fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}
