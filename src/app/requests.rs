//! Requests: asked for from the catalogue in one form, submitted and sent again, approved and rejected by those who are
//! asked.

use crate::app::acts::{self, can_write, has_target};
use crate::app::ask::{self, Asking};
use crate::app::effect::Effects;
use crate::app::homes::Home;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{pending, plain_words, proposals, verbs};
use crate::backend::Capabilities;
use crate::command::args::{Arg, ArgKind, Args, Need, Source};
use crate::command::table::{self, Command, Family, Scope, Why, writes};
use crate::domain::act::{Act, Step};
use crate::domain::approval::{ApprovalStep, Standing, Verdict};
use crate::domain::catalogue::{Answer, Item, Question, Who, item};
use crate::domain::change::{Audience, Change, Party, Target};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::proposal::ProposalState;
use crate::domain::state::{State, Verb};
use crate::domain::table::Row;
use crate::domain::ticket::Ticket;
use crate::text::Clean;

const WORDS: Arg = Arg::required("words", ArgKind::Lines, "Why");

const ACT: Family = Family { scope: Scope::Ticket, needs: writes, available: has_target };

const fn approves(can: &Capabilities) -> bool {
    can.write && can.approvals
}

/// Requests and their approvals.
pub const COMMANDS: &[Command] = &[
    Command {
        scope: Scope::Global,
        available: can_write,
        needs: |can| can.write && can.create,
        ..ACT.row(
            "request",
            "Request",
            "Ask for something from the catalogue: one form, then its approvers are asked.",
            &["g n"],
            &[
                Arg::required("item", ArgKind::From(Source::Items), "What is asked for"),
                Arg::optional("answers", ArgKind::Answers, "The answers, as name:value"),
            ],
            request,
        )
    },
    ACT.row(
        "approve",
        "Approve",
        "Say yes to what waits for your word: the approval of a request, or a colleague's proposal.",
        &["y"],
        &[Arg::optional("words", ArgKind::Text, "Words")],
        approve,
    ),
    ACT.row(
        "reject",
        "Reject",
        "Say no to what waits for your word, and why: the approval of a request, or a colleague's proposal.",
        &["B"],
        &[WORDS],
        reject,
    ),
    Command {
        needs: approves,
        ..ACT.row(
            "hear-approval",
            "Write an answer down",
            "Write down what an approver answered who does not work here: by phone, by mail.",
            &["m h"],
            &[
                Arg::required("verdict", ArgKind::Choice(&["approved", "rejected"]), "Answer"),
                Arg::required("words", ArgKind::Text, "How they said it"),
                Arg::asked("of", ArgKind::From(Source::People), "Who, if several are asked"),
            ],
            hear,
        )
    },
    Command {
        needs: approves,
        ..ACT.row("remind", "Remind", "Remind those who have not answered yet.", &["m k"], &[], |m, _| {
            acts::submit(m, Act::new("approvers reminded", [Step::Approval(ApprovalStep::Remind)]))
        })
    },
    ACT.row(
        "submit",
        "Submit",
        "Submit a draft; what was rejected goes out once more. Its approvers are asked.",
        &["m o"],
        &[],
        submit,
    ),
];

/// What can be asked for here: the desk's own catalogue, else that of the settings.
pub fn items(model: &Model) -> &[Item] {
    if model.directory.catalogue.is_empty() { &model.settings.catalogue } else { &model.directory.catalogue }
}

fn find(model: &Model, name: &str) -> Option<Item> {
    items(model).iter().find(|item| item.name.eq_ignore_ascii_case(name)).cloned()
}

/// The form of an item, or the request that comes of it.
fn request(model: &mut Model, args: &Args) -> Effects {
    let Some(item) = find(model, args.text("item")) else {
        model.say(Notice::refused(format!("There is no `{}` in the catalogue.", args.text("item"))));
        return Effects::none();
    };
    let asked = questions(model, &item);
    // Without a form, what would stand there before anything is typed counts as said.
    let mut said = args.clone();
    for question in asked.iter().filter(|question| model.headless && args.get(&question.name).is_none()) {
        if let Some(default) = &question.default {
            said.set(&question.name, default.as_str());
        }
    }
    let args = &said;
    let given = asked.iter().all(|question| question.need != Need::Required || args.get(&question.name).is_some());
    if !given {
        if model.headless {
            let missing = asked.iter().filter(|q| q.need == Need::Required && args.get(&q.name).is_none());
            let names: Vec<String> = missing.map(|q| format!("`{}`", q.name)).collect();
            model.say(Notice::refused(format!("{} needs answers to {}.", item.name, names.join(", "))));
            return Effects::none();
        }
        let Some(command) = table::find("request") else { return Effects::none() };
        let effects = ask::for_questions(model, command, args, &asked);
        if let Some(warning) = plain_words::warning(&item, home(model, args)) {
            model.say(Notice::done(warning));
        }
        return effects;
    }
    match changes(model, &item, args) {
        Ok(changes) => {
            let act = Act::new("request registered", []);
            let desk = desk(model, args);
            let (_, effects) = pending::start_on(model, Target::New(Kind::Request), &act, changes, None, desk);
            model.say(Notice::done(format!("{} is being asked for.", item.name)));
            effects
        }
        Err(why) => {
            model.say(Notice::refused(why));
            Effects::none()
        }
    }
}

/// What the form of a request is about: the item that is asked for.
pub fn about(model: &Model, args: &Args) -> String {
    let Some(item) = args.get("item").and_then(|name| find(model, name)) else { return String::new() };
    match plain_words::lacks(&item, home(model, args)).as_slice() {
        [] => item.name.to_string(),
        lacks => format!("{} ({}: as words)", item.name, lacks.join(", ")),
    }
}

/// The desk that it goes to, where there are several: the one that is said, else the first that takes new tickets.
fn desk(model: &Model, args: &Args) -> Option<Name> {
    args.get("desk").map(Name::new).or_else(|| model.homes.creators().next().cloned())
}

fn home<'a>(model: &'a Model, args: &Args) -> &'a Home {
    let of = desk(model, args).and_then(|desk| model.homes.named(&desk));
    of.unwrap_or_else(|| model.homes.of(""))
}

fn questions(model: &Model, item: &Item) -> Vec<Asking> {
    let plain = |name: &str, ask: &str, kind, need| Asking {
        name: name.into(),
        ask: ask.into(),
        kind,
        need,
        choices: Vec::new(),
        default: None,
    };
    let mut asked = Vec::new();
    if model.homes.creators().nth(1).is_some() {
        let default = model.homes.creators().next().map(Name::to_string);
        asked.push(Asking { default, ..plain("desk", "Desk", ArgKind::From(Source::Desks), Need::Asked) });
    }
    asked.push(plain("caller", "For whom", ArgKind::From(Source::People), Need::Required));
    for question in item.questions() {
        let kind = match question.kind {
            Answer::Text | Answer::Number => ArgKind::Text,
            Answer::Lines => ArgKind::Lines,
            Answer::Choice | Answer::YesNo => ArgKind::Choice(&[]),
            Answer::Person => ArgKind::From(Source::People),
            Answer::Asset => ArgKind::From(Source::Assets),
            Answer::Date => ArgKind::When,
        };
        let choices = match question.kind {
            Answer::YesNo => vec!["yes".into(), "no".into()],
            _ => question.choices.iter().map(Name::to_string).collect(),
        };
        let need = if question.optional { Need::Asked } else { Need::Required };
        let default = question.default.as_ref().map(Name::to_string);
        asked.push(Asking { choices, default, ..plain(&question.name, &question.ask, kind, need) });
    }
    if asks_manager(item) && !asked.iter().any(|question| question.name == "approver") {
        let ask = "Approver, if not the line manager";
        asked.push(plain("approver", ask, ArgKind::From(Source::People), Need::Asked));
    }
    asked.push(plain("title", "Title", ArgKind::Text, Need::Asked));
    asked.push(plain("description", "Anything else", ArgKind::Lines, Need::Asked));
    asked
}

fn asks_manager(item: &Item) -> bool {
    item.approval.iter().any(|stage| stage.of.contains(&Who::LineManager))
}

/// The new request; where its desk keeps no catalogue, all of it is words.
fn changes(model: &Model, item: &Item, args: &Args) -> Result<Vec<Change>, String> {
    let set = |field, to| Change::Set { field, from: None, to: Some(to) };
    let caller = args.text("caller");
    let title = match args.get("title") {
        Some(title) => title.to_owned(),
        None => format!("{} for {}", item.name, model.directory.display(caller)),
    };
    let mut found = vec![
        Change::Create { kind: Kind::Request, state: lifecycle::initial(Kind::Request), opened: model.now },
        set(Field::Title, Value::text(&title)),
        set(Field::Caller, Value::name(caller)),
    ];
    let keeps = plain_words::keeps(home(model, args));
    let mut draft = Ticket::blank(TicketId::new("new"), Kind::Request, model.me.clone(), model.now);
    draft.fields.insert(Field::Caller, Value::name(caller));
    for question in item.questions() {
        let text = args.text(&question.name);
        if text.trim().is_empty() {
            continue;
        }
        let field = question.field();
        let value = match question.kind {
            Answer::Date => verbs::shaped(model, Shape::Time, &question.ask, text)?,
            Answer::Lines if matches!(field, Field::Custom(_)) => Some(Value::text(text)),
            _ => verbs::shaped(model, field.shape(), &question.ask, text)?,
        };
        if let Some(value) = value {
            draft.fields.insert(field.clone(), value.clone());
            found.push(set(field, value));
        }
    }
    // Whom and what another desk knows is its own to say.
    let judged = |question: &&Question| keeps || !matches!(question.kind, Answer::Person | Answer::Asset);
    let wrong = |question: &Question| question.fault(draft.get(&question.field()), model.now, &model.directory);
    if let Some(fault) = item.questions().iter().filter(judged).find_map(wrong) {
        return Err(fault);
    }
    if let Some(approver) = args.get("approver") {
        draft.fields.insert(Field::Approver, Value::name(approver));
        found.push(set(Field::Approver, Value::name(approver)));
    }
    let words = args.text("description");
    if keeps {
        found.push(set(Field::CatalogItem, Value::Name(item.name.clone())));
        found.extend((!words.trim().is_empty()).then(|| set(Field::Description, Value::text(words))));
        if !item.approval.is_empty() {
            found.push(Change::Move { verb: Verb::Authorize, from: State::Submitted, to: State::WaitingForApproval });
        }
        return Ok(found);
    }
    found.retain(
        |change| !matches!(change, Change::Set { field, .. } if !matches!(field, Field::Title | Field::Caller)),
    );
    for (field, held) in [(Field::Group, &item.group), (Field::Service, &item.service)] {
        if let (Some(name), false) = (held, draft.fields.contains_key(&field)) {
            draft.fields.insert(field, Value::Name(name.clone()));
        }
    }
    let known = |name: &&Name| home(model, args).directory.categories.iter().any(|held| held.name == **name);
    match item.category.as_ref().filter(known) {
        Some(category) => found.push(set(Field::Category, Value::Name(category.clone()))),
        // A tracker would refuse the whole for a name that it does not have.
        None => draft.fields.extend(item.category.clone().map(|name| (Field::Category, Value::Name(name)))),
    }
    found.push(set(Field::Description, Value::text(&plain_words::description(model, item, &draft, words))));
    Ok(found)
}

/// What waits for this user's word on the ticket.
enum Waits {
    Approval,
    Proposal(u16),
    /// Its lifecycle, or its tracker's, has the step; no answers are kept.
    Step,
}

/// What this user is asked comes first; what others are asked is refused in words that say so.
fn waits(model: &Model, ticket: &Ticket, verb: Verb) -> Result<Waits, String> {
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let approval = ticket.approval.as_ref().filter(|held| held.standing == Standing::Waiting);
    if approval.is_some_and(|held| held.asks(&model.me, directory)) {
        return Ok(Waits::Approval);
    }
    if let Some(held) = proposals::waiting(model, ticket) {
        return Ok(Waits::Proposal(held));
    }
    if approval.is_some() {
        return Ok(Waits::Approval);
    }
    let offers = lifecycle::offers(ticket, &model.me, directory);
    if offers.iter().any(|(offered, _)| *offered == verb) {
        return Ok(Waits::Step);
    }
    let unread = ticket.timeline.is_empty() && model.ticket(&ticket.id).is_none();
    Err(if unread {
        format!("{} has not been read yet; open it first.", ticket.id)
    } else {
        format!("Nothing on {} waits for your word. The view `for my word` shows what does.", ticket.id)
    })
}

fn first(model: &Model) -> Option<Ticket> {
    model.targets().first().map(|row| acts::ticket(model, *row))
}

/// Each of the tickets meant gets the answer to what it waits for.
fn on_each(model: &mut Model, verb: Verb, answer: impl Fn(&mut Model, Row, &Ticket, Waits) -> Effects) -> Effects {
    let mut effects = Effects::none();
    for row in model.targets() {
        let ticket = acts::ticket(model, row);
        effects = effects.and(match waits(model, &ticket, verb) {
            Ok(waits) => answer(model, row, &ticket, waits),
            Err(why) => refuse(model, why),
        });
    }
    effects
}

fn approve(model: &mut Model, args: &Args) -> Effects {
    let words = Clean::line(args.text("words"));
    on_each(model, Verb::Approve, |model, row, ticket, waits| match waits {
        Waits::Approval => {
            let step = ApprovalStep::Vote { verdict: Verdict::Approved, words: words.clone() };
            acts::send(model, row, &Act::new("approved", [Step::Approval(step)]))
        }
        Waits::Proposal(number) => proposals::accept(model, row, ticket, number, words.clone()),
        Waits::Step => acts::send(model, row, &Act::new("approved", [Step::Do(Verb::Approve)])),
    })
}

fn reject(model: &mut Model, args: &Args) -> Effects {
    let words = Clean::body(args.text("words"));
    on_each(model, Verb::Reject, |model, row, _, waits| {
        let act = match waits {
            Waits::Approval => {
                let step = ApprovalStep::Vote { verdict: Verdict::Rejected, words: words.clone() };
                Act::new("rejected", [Step::Approval(step)])
            }
            Waits::Proposal(number) => proposals::answer(number, ProposalState::Declined, words.clone()),
            Waits::Step => Act::new("rejected", [Step::Do(Verb::Reject), Step::Say(Audience::Internal, words.clone())]),
        };
        acts::send(model, row, &act)
    })
}

fn refuse(model: &mut Model, why: String) -> Effects {
    model.say(Notice::refused(why));
    Effects::none()
}

/// The answer of somebody who does not work here; the only one of them who is asked, where nobody says who.
fn hear(model: &mut Model, args: &Args) -> Effects {
    let Some(ticket) = first(model) else { return Effects::none() };
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let stage = ticket.approval.as_ref().and_then(|held| held.current());
    let asked: Vec<Name> = (stage.into_iter().flat_map(|stage| &stage.of))
        .filter_map(|party| if let Party::Person(login) = party { Some(login.clone()) } else { None })
        .filter(|login| !directory.is_staff(login))
        .collect();
    let of = match (args.get("of"), asked.as_slice()) {
        (Some(of), _) => Name::new(of),
        (None, [only]) => only.clone(),
        (None, []) => return refuse(model, "Nobody is asked here who could not answer for themselves.".into()),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(Name::as_str).collect();
            return refuse(model, format!("Several are asked: {}. Say who answered.", names.join(", ")));
        }
    };
    let Some(verdict) = Verdict::parse(args.text("verdict")) else { return Effects::none() };
    let title = format!("{verdict} by {}", model.directory.display(&of));
    let words = Clean::line(args.text("words"));
    acts::submit(model, Act::new(title, [Step::Approval(ApprovalStep::Hear { of, verdict, words })]))
}

fn submit(model: &mut Model, _: &Args) -> Effects {
    let Some(ticket) = first(model) else { return Effects::none() };
    let back = match ticket.state {
        State::Draft => None,
        State::Rejected => Some(Step::Do(Verb::Revert)),
        _ => return refuse(model, format!("{} is no draft and was not rejected.", ticket.id)),
    };
    let directory = &model.homes.of(ticket.id.as_str()).directory;
    let policy = item(directory, ticket.text(&Field::CatalogItem)).is_some_and(|item| !item.approval.is_empty());
    let asks = policy || ticket.get(&Field::Approver).is_some();
    let then = asks.then_some(Step::Do(Verb::Authorize));
    let steps = back.into_iter().chain([Step::Do(Verb::Submit)]).chain(then);
    acts::submit(model, Act::new("submitted", steps.collect::<Vec<_>>()))
}

/// There must be one ticket, and not several.
pub fn has_one(model: &Model) -> Result<(), Why> {
    has_target(model)?;
    if model.targets().len() > 1 { Why::no("This is done for one ticket; clear the marks with Esc.") } else { Ok(()) }
}
