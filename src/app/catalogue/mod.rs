//! The catalogue: what can be asked for here, its form, and the request that comes of it.

mod plain_words;

use crate::app::acts::can_write;
use crate::app::ask::{self, Asking};
use crate::app::effect::Effects;
use crate::app::homes::Home;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::{pending, verbs};
use crate::command::args::{Arg, ArgKind, Args, Need, Source};
use crate::command::table::{self, Command, Scope};
use crate::domain::act::Act;
use crate::domain::catalogue::{Answer, Item, Question, Who};
use crate::domain::change::{Change, Target};
use crate::domain::field::{Field, Shape, Value};
use crate::domain::kind::Kind;
use crate::domain::lifecycle;
use crate::domain::name::{Name, TicketId};
use crate::domain::state::{State, Verb};
use crate::domain::ticket::Ticket;

/// What asks for something from the catalogue.
pub const COMMANDS: &[Command] = &[Command {
    id: "request",
    title: "Request",
    doc: "Ask for something from the catalogue: one form, then its approvers are asked.",
    scope: Scope::Global,
    keys: &["g n"],
    args: &[
        Arg::required("item", ArgKind::From(Source::Items), "What is asked for"),
        Arg::optional("answers", ArgKind::Answers, "The answers, as name:value"),
    ],
    needs: |can| can.write && can.create,
    available: can_write,
    run: request,
}];

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
        return model.refuse(format!("There is no `{}` in the catalogue.", args.text("item")));
    };
    let asked = questions(model, &item);
    let args = &if model.headless { with_defaults(args, &asked) } else { args.clone() };
    let is_missing = |asking: &&Asking| asking.need == Need::Required && args.get(&asking.name).is_none();
    let missing: Vec<String> = asked.iter().filter(is_missing).map(|asking| format!("`{}`", asking.name)).collect();
    if missing.is_empty() {
        return register(model, &item, args);
    }
    if model.headless {
        return model.refuse(format!("{} needs answers to {}.", item.name, missing.join(", ")));
    }
    let Some(command) = table::find("request") else { return Effects::none() };
    let effects = ask::for_questions(model, command, args, &asked);
    if let Some(warning) = plain_words::warning(&item, home(model, args)) {
        model.say(Notice::done(warning));
    }
    effects
}

/// Without a form, what would stand there before anything is typed counts as said.
fn with_defaults(args: &Args, asked: &[Asking]) -> Args {
    let mut said = args.clone();
    for asking in asked.iter().filter(|asking| args.get(&asking.name).is_none()) {
        if let Some(default) = &asking.default {
            said.set(&asking.name, default.as_str());
        }
    }
    said
}

fn register(model: &mut Model, item: &Item, args: &Args) -> Effects {
    let changes = match changes(model, item, args) {
        Ok(changes) => changes,
        Err(why) => return model.refuse(why),
    };
    let act = Act::new("request registered", []);
    let desk = desk(model, args);
    let (_, effects) = pending::start_on(model, Target::New(Kind::Request), &act, changes, None, desk);
    model.say(Notice::done(format!("{} is being asked for.", item.name)));
    effects
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
    let home = home(model, args);
    let answers = answers(model, item, args)?;
    let (caller, more) = (args.text("caller"), args.text("description"));
    let mut draft = Ticket::blank(TicketId::new("new"), Kind::Request, model.me.clone(), model.now);
    draft.fields.insert(Field::Caller, Value::name(caller));
    draft.fields.extend(answers.iter().cloned());
    judge(model, item, home, &draft)?;
    let title = args.get("title").map(str::to_owned);
    let title = title.unwrap_or_else(|| format!("{} for {}", item.name, model.directory.display(caller)));
    let mut changes = vec![
        Change::Create { kind: Kind::Request, state: lifecycle::initial(Kind::Request), opened: model.now },
        Change::set(Field::Title, Value::text(&title)),
        Change::set(Field::Caller, Value::name(caller)),
    ];
    changes.extend(if plain_words::keeps(home) {
        as_fields(item, answers, more)
    } else {
        as_words(model, item, home, draft, more)
    });
    Ok(changes)
}

/// What was answered, in the order of the questions; the approver who is named comes last.
fn answers(model: &Model, item: &Item, args: &Args) -> Result<Vec<(Field, Value)>, String> {
    let mut answers = Vec::new();
    for question in item.questions() {
        let field = question.field();
        let shape = match question.kind {
            Answer::Date => Shape::Time,
            Answer::Lines if matches!(field, Field::Custom(_)) => Shape::Lines,
            _ => field.shape(),
        };
        let value = verbs::shaped(model, shape, &question.ask, args.text(&question.name))?;
        answers.extend(value.map(|value| (field, value)));
    }
    if !answers.iter().any(|(field, _)| *field == Field::Approver) {
        answers.extend(args.get("approver").map(|approver| (Field::Approver, Value::name(approver))));
    }
    Ok(answers)
}

/// Whether the answers will do; whom and what another desk knows is its own to say.
fn judge(model: &Model, item: &Item, home: &Home, draft: &Ticket) -> Result<(), String> {
    let is_ours =
        |question: &&Question| plain_words::keeps(home) || !matches!(question.kind, Answer::Person | Answer::Asset);
    let fault = |question: &Question| question.fault(draft.get(&question.field()), model.now, &model.directory);
    item.questions().iter().filter(is_ours).find_map(fault).map_or(Ok(()), Err)
}

/// For a desk that keeps the catalogue: each answer a field, and those who approve it are asked.
fn as_fields(item: &Item, answers: Vec<(Field, Value)>, more: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = answers.into_iter().map(|(field, value)| Change::set(field, value)).collect();
    changes.push(Change::set(Field::CatalogItem, Value::Name(item.name.clone())));
    changes.extend((!more.trim().is_empty()).then(|| Change::set(Field::Description, Value::text(more))));
    if !item.approval.is_empty() {
        changes.push(Change::Move { verb: Verb::Authorize, from: State::Submitted, to: State::WaitingForApproval });
    }
    changes
}

/// For a tracker: what its ticket has a place for, and all of it as words.
fn as_words(model: &Model, item: &Item, home: &Home, mut draft: Ticket, more: &str) -> Vec<Change> {
    for (field, held) in [(Field::Group, &item.group), (Field::Service, &item.service)] {
        if let (Some(name), false) = (held, draft.fields.contains_key(&field)) {
            draft.fields.insert(field, Value::Name(name.clone()));
        }
    }
    let mut changes = Vec::new();
    let known = |name: &&Name| home.directory.categories.iter().any(|held| held.name == **name);
    match item.category.as_ref().filter(known) {
        Some(category) => changes.push(Change::set(Field::Category, Value::Name(category.clone()))),
        // A tracker would refuse the whole for a name that it does not have.
        None => draft.fields.extend(item.category.clone().map(|name| (Field::Category, Value::Name(name)))),
    }
    changes.push(Change::set(Field::Description, Value::text(&plain_words::description(model, item, &draft, more))));
    changes
}
