//! One entry of `playbooks.toml` against what there is: fields, steps, links, replies, questions, templates.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::Spanned;

use super::Entry;
use crate::config::fault::{Faults, Source};
use crate::config::replies::Replies;
use crate::config::template;
use crate::domain::change::LinkKind;
use crate::domain::directory::Directory;
use crate::domain::field::{Field, Shape};
use crate::domain::kind::Kind;
use crate::domain::lifecycle::{self, Ask, When};
use crate::domain::name::{Name, TicketId};
use crate::domain::nearest::nearest;
use crate::domain::playbook::{Fill, Playbook, Prompt, PromptKind, Words, read_value};
use crate::domain::query::Query;
use crate::domain::state::Verb;
use crate::domain::ticket::Ticket;
use crate::domain::wake::Wake;
use crate::text::Clean;

/// One playbook under scrutiny.
pub(super) struct Check<'a> {
    pub(super) source: Source<'a>,
    pub(super) entry: &'a Entry,
    pub(super) replies: &'a Replies,
    pub(super) directory: Option<&'a Directory>,
    pub(super) faults: &'a mut Faults,
}

impl Check<'_> {
    pub(super) fn playbook(&mut self) -> Playbook {
        let entry = self.entry;
        let prompts = self.prompts();
        let set = self.set(&prompts);
        let links = self.links(&prompts);
        self.head();
        self.words(&prompts);
        let playbook = Playbook {
            name: Name::new(entry.name.get_ref()),
            title: Clean::line(entry.title.get_ref()),
            key: entry.key.as_ref().map(|key| *key.get_ref()),
            kinds: entry.kinds.clone(),
            guard: self.guard(),
            prompts,
            set,
            links,
            note: entry.note.as_ref().map(|note| note.get_ref().clone()),
            reply: match (&entry.reply, &entry.say) {
                (Some(name), _) => Some(Words::Canned(Name::new(name.get_ref()))),
                (None, say) => say.as_ref().map(|say| Words::Own(say.get_ref().clone())),
            },
            step: entry.step.as_ref().map(|step| *step.get_ref()),
            snooze: entry.snooze.as_ref().map(|snooze| Fill::read(snooze.get_ref())),
        };
        self.snooze(&playbook);
        self.step(&playbook);
        self.desk(&playbook);
        playbook
    }

    fn fault(&mut self, at: &Range<usize>, key: &str, message: &str) {
        let key = format!("playbook {:?}.{key}", self.entry.name.get_ref());
        self.faults.push(self.source.fault_at(at, &key, message));
    }

    fn head(&mut self) {
        let entry = self.entry;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if entry.name.get_ref().is_empty() || !entry.name.get_ref().chars().all(plain) {
            self.fault(&entry.name.span(), "name", "A name is of small letters, digits and hyphens: `vpn-outage`.");
        }
        if entry.title.get_ref().trim().is_empty() {
            self.fault(&entry.title.span(), "title", "It is empty; say what the playbook is for.");
        }
        if let Some(key) = entry.key.as_ref().filter(|key| *key.get_ref() > 9) {
            self.fault(&key.span(), "key", "A key is one digit, 0 to 9.");
        }
    }

    /// No other playbook of the file has its name or its key.
    pub(super) fn unlike(&mut self, playbook: &Playbook, others: &[Playbook]) {
        let entry = self.entry;
        if others.iter().any(|other| other.name == playbook.name) {
            self.fault(&entry.name.span(), "name", "Another playbook of this file has that name; choose another.");
        }
        let holder = others.iter().find(|other| other.key.is_some() && other.key == playbook.key);
        if let (Some(key), Some(other)) = (&entry.key, holder) {
            let message = format!("The key is taken by `{}`; choose another digit.", other.name);
            self.fault(&key.span(), "key", &message);
        }
    }

    fn guard(&mut self) -> Option<Query> {
        let when = self.entry.when.as_ref()?;
        match Query::parse(when.get_ref()) {
            Ok(query) => Some(query),
            Err(error) => {
                self.fault(&when.span(), "when", &error.to_string());
                None
            }
        }
    }

    fn prompts(&mut self) -> Vec<Prompt> {
        let mut prompts: Vec<Prompt> = Vec::new();
        for question in &self.entry.ask {
            let (name, at) = (question.name.get_ref(), question.name.span());
            let key = format!("ask {name:?}");
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                self.fault(&at, &key, "A name is of small letters, digits and underscores: `new_owner`.");
            }
            if prompts.iter().any(|held| &*held.name == name) {
                self.fault(&at, &key, "There are two questions of that name; rename one.");
            }
            if (question.kind == PromptKind::Choice) == question.choices.is_empty() {
                let message = "`choices` belong to a question of kind `choice`, which needs them.";
                self.fault(&at, &key, message);
            }
            let range = (question.min.unwrap_or(i64::MIN), question.max.unwrap_or(i64::MAX));
            if range.0 > range.1 || (question.kind != PromptKind::Number && range != (i64::MIN, i64::MAX)) {
                let message = "`min` and `max` belong to a question of kind `number`, the lesser first.";
                self.fault(&at, &key, message);
            }
            if let Some(default) = &question.default
                && question.kind == PromptKind::Choice
                && !question.choices.iter().any(|choice| &**choice == default.get_ref())
            {
                let choices = question.choices.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
                self.fault(&default.span(), &key, &format!("The default is none of the choices: {choices}."));
            }
            prompts.push(Prompt {
                name: Name::new(name),
                label: Clean::line(&question.label),
                kind: question.kind,
                choices: question.choices.clone(),
                range,
                optional: question.optional,
                default: question.default.as_ref().map(|default| Clean::line(default.get_ref())),
            });
        }
        prompts
    }

    fn set(&mut self, prompts: &[Prompt]) -> Vec<(Field, Fill)> {
        let mut set = Vec::new();
        for (name, value) in &self.entry.set {
            let (at, key) = (value.span(), format!("set.{name}"));
            let Some(field) = Field::parse(name) else {
                let known: Vec<&str> = Field::all().map(Field::name).collect();
                let hint =
                    nearest(name, known.iter().copied()).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
                self.fault(&at, &key, &format!("It is no field; known are {}, and x.NAME.{hint}", known.join(", ")));
                continue;
            };
            let text = match value.get_ref() {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                other => {
                    self.fault(&at, &key, &format!("A {} is no value of a field; write text.", other.type_str()));
                    continue;
                }
            };
            let fill = Fill::read(&text);
            self.fill(&fill, field.shape(), prompts, &at, &key);
            if let Fill::Fixed(text) = &fill {
                self.fixed(&field, text, &at, &key);
            }
            set.push((field, fill));
        }
        // The order of forms, so that previews read alike.
        set.sort_by_key(|(field, _)| field.clone());
        set
    }

    fn fixed(&mut self, field: &Field, text: &str, at: &Range<usize>, key: &str) {
        if let Err(why) = read_value(field, text, Timestamp::UNIX_EPOCH, &TimeZone::UTC) {
            return self.fault(at, key, &why);
        }
        let kinds = if self.entry.kinds.is_empty() { Kind::ALL } else { &self.entry.kinds };
        for kind in kinds {
            let Some(known) = lifecycle::choices::fixed(field, *kind) else { continue };
            if !known.contains(&lifecycle::choices::fold(text).as_str()) {
                let message = format!("`{text}` is none of its values for {kind}: {}.", known.join(", "));
                return self.fault(at, key, &message);
            }
        }
    }

    fn fill(&mut self, fill: &Fill, shape: Shape, prompts: &[Prompt], at: &Range<usize>, key: &str) {
        match fill {
            Fill::Fixed(_) => {}
            Fill::Template(text) => self.template(text, prompts, at, key),
            Fill::Answer(name) => match prompts.iter().find(|prompt| prompt.name == *name) {
                Some(prompt) if prompt.kind.fits(shape) => {}
                Some(prompt) => {
                    let message = format!("The answer to `{name}` is a {} and does not fit here.", prompt.kind);
                    self.fault(at, key, &message);
                }
                None => self.template(&format!("{{{{ prompt.{name} }}}}"), prompts, at, key),
            },
        }
    }

    fn template(&mut self, text: &str, prompts: &[Prompt], at: &Range<usize>, key: &str) {
        let names: Vec<&str> = prompts.iter().map(|prompt| prompt.name.as_str()).collect();
        // A text over several lines begins on the line after its quotes.
        let several = self.source.text.get(at.clone()).is_some_and(|raw| raw.starts_with("\"\"\"\n"));
        for mistake in template::check(text, &names) {
            let line = self.source.line(at.start) + usize::from(several);
            let line = if several || mistake.line == 1 { line + mistake.line - 1 } else { line };
            let key = format!("playbook {:?}.{key}", self.entry.name.get_ref());
            self.faults.push(self.source.fault(line, &key, &mistake.message));
        }
    }

    fn links(&mut self, prompts: &[Prompt]) -> Vec<(LinkKind, Fill)> {
        let mut links = Vec::new();
        for (name, other) in &self.entry.link {
            let key = format!("link.{name}");
            let fill = Fill::read(other.get_ref());
            self.fill(&fill, Shape::Name, prompts, &other.span(), &key);
            match LinkKind::parse(name) {
                Some(how) => links.push((how, fill)),
                None => {
                    let message = format!("It is no link; known are {}.", LinkKind::choices());
                    self.fault(&other.span(), &key, &message);
                }
            }
        }
        links
    }

    fn words(&mut self, prompts: &[Prompt]) {
        let entry = self.entry;
        for (key, template) in [("note", &entry.note), ("say", &entry.say)] {
            if let Some(template) = template {
                self.template(template.get_ref(), prompts, &template.span(), key);
            }
        }
        let Some(reply) = &entry.reply else { return };
        if self.replies.get(reply.get_ref()).is_none() {
            let known: Vec<&str> = self.replies.iter().map(|reply| reply.name.as_str()).collect();
            let message = format!("There is no reply `{}`; known are {}.", reply.get_ref(), known.join(", "));
            self.fault(&reply.span(), "reply", &message);
        }
        if let Some(say) = &entry.say {
            self.fault(&say.span(), "say", "It has a `reply` already; keep one of the two.");
        }
    }

    fn snooze(&mut self, playbook: &Playbook) {
        let (Some(snooze), Some(fill)) = (&self.entry.snooze, &playbook.snooze) else { return };
        self.fill(fill, Shape::Time, &playbook.prompts, &snooze.span(), "snooze");
        if let Some(text) = fill.fixed()
            && let Err(error) = Wake::parse(text, Timestamp::UNIX_EPOCH, &TimeZone::UTC)
        {
            self.fault(&snooze.span(), "snooze", &error.to_string());
        }
    }

    /// The step must exist for every kind, and the playbook must bring along what the step asks for.
    fn step(&mut self, playbook: &Playbook) {
        let Some(step) = &self.entry.step else { return };
        let verb = *step.get_ref();
        if playbook.kinds.is_empty() {
            let message = "A playbook with a step says for which `kinds` it is: incident, request, problem, change.";
            return self.fault(&step.span(), "step", message);
        }
        for kind in &playbook.kinds {
            let steps = lifecycle::steps(*kind);
            if !steps.iter().any(|step| step.verb == verb) {
                let mut known: Vec<&str> = steps.iter().map(|step| step.verb.as_str()).collect();
                known.dedup();
                let message = format!("`{verb}` is no step of that kind ({kind}); known are {}.", known.join(", "));
                self.fault(&step.span(), "step", &message);
                continue;
            }
            for missing in missing(playbook, verb, *kind) {
                let message = format!("`{verb}` of {kind} asks for {missing}; bring it along, or ask for it.");
                self.fault(&step.span(), "step", &message);
            }
        }
    }

    /// Names that this desk does not have.
    fn desk(&mut self, playbook: &Playbook) {
        let Some(directory) = self.directory else { return };
        for message in playbook.lacks(directory) {
            let at = self.entry.set.values().map(Spanned::span).find(|at| {
                self.source
                    .text
                    .get(at.clone())
                    .is_some_and(|raw| message.starts_with(&format!("`{}`", raw.trim_matches('"'))))
            });
            self.fault(&at.unwrap_or_else(|| self.entry.name.span()), "set", &message);
        }
    }
}

/// What the step asks for that the playbook does not bring along.
fn missing(playbook: &Playbook, verb: Verb, kind: Kind) -> Vec<String> {
    let blank = Ticket::blank(TicketId::new("NEW-0"), kind, Name::new("nobody"), Timestamp::UNIX_EPOCH);
    let sets = |field: &Field| playbook.set.iter().find(|(set, _)| set == field);
    let applies = |when: &When| match when {
        When::Always => true,
        When::Advised => false,
        When::If(field, value) => {
            sets(field).and_then(|(_, fill)| fill.fixed()).is_some_and(|text| lifecycle::choices::fold(text) == *value)
        }
    };
    let needs = lifecycle::needs(verb, &blank, &Directory::default());
    let lacking = needs.into_iter().filter(|need| applies(&need.when)).filter_map(|need| match need.ask {
        Ask::Field(field) => sets(&field).is_none().then(|| format!("`set.{}`", field.name())),
        Ask::Public => playbook.reply.is_none().then(|| "`reply` or `say`".to_owned()),
        Ask::Note => (playbook.note.is_none() && playbook.reply.is_none()).then(|| "`note`".to_owned()),
        Ask::Link(how) => {
            let linked = playbook.links.iter().any(|(held, _)| *held == how);
            (!linked).then(|| format!("`link.{how}`"))
        }
    });
    lacking.collect()
}
