//! Sends writes and judges what became of them; makes tickets, and finds those that were made.

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::calls::said;
use super::map::{self, Native};
use super::plan::{self, create, update};
use super::{Itop, model, oql, time, wire};
use crate::backend::http::client::{Failure, StatusCode};
use crate::backend::http::held::hold;
use crate::backend::http::tracker::{Part, Record, Sent, Wanted, Write};
use crate::backend::{Error, Result};
use crate::domain::field::{Field, Value};
use crate::domain::kind::Kind;
use crate::domain::name::{Name, TicketId};
use crate::text::{Clean, from_html};

/// How often words that were lost between two writers are written once more.
const AGAIN: usize = 2;
/// How far the clocks of console and iTop may be apart when a ticket of mine is looked for.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Itop {
    /// See `Tracker::send`.
    pub(super) async fn sent(&self, on: &Record, write: &Write) -> Result<Sent> {
        let _one = self.writing.lock().await;
        match self.exchange(write.request.clone()).await {
            Ok((answer, _)) => {
                if answer.objects.0.is_empty() {
                    // It says nothing against it, and has not done it.
                    let why = format!("iTop took it without a word and did not do it: {} is as it was.", on.id);
                    return Err(Error::invalid("state", why));
                }
                self.look_out(on, write);
                Ok(Sent::Taken)
            }
            Err(failure) => self.refused(on, failure).await,
        }
    }

    async fn refused(&self, on: &Record, failure: Failure) -> Result<Sent> {
        let words = said(&failure);
        if wire::is_stale(&words) {
            return Ok(Sent::Clash);
        }
        if wire::is_gone(&words) {
            return Err(plan::not_found(&on.id));
        }
        // It broke, and said so itself: what stands there now is decided.
        if failure.status() == Some(StatusCode::INTERNAL_SERVER_ERROR)
            && let Ok(now) = self.read(&on.id).await
            && now.revision == on.revision
        {
            let why = if on.native_state.as_str() == "escalated_tto" && on.kind == Kind::Incident {
                "iTop 3.2.0 cannot assign an incident whose time to own has run out; later releases can. Nothing was stored."
            } else {
                "iTop broke on it (its own log knows why). Nothing was stored."
            };
            return Err(Error::Unexpected(why.into()));
        }
        Err(failure.into())
    }

    /// What should stand in the logs when it is read next.
    fn look_out(&self, on: &Record, write: &Write) {
        let me = self.names().me.as_ref().map(|me| me.name.clone());
        let mut unseen = hold(&self.unseen);
        for part in &write.carries {
            let Part::Say(audience, text) = part else { continue };
            let Ok(log) = plan::log(on.kind, *audience) else { continue };
            let times = said_before(on, log, text, me.as_ref()) + 1;
            unseen.entry(on.id.clone()).or_default().push((log, text.clone(), times));
        }
    }

    /// Words of ours that another writer's overwrote are not there although iTop said that all is well: they are written
    /// once more, when they surely are not, and what stands there then is read. Costs nothing where nothing was lost.
    pub(super) async fn restored(&self, mut now: Record) -> Result<Record> {
        let expected = hold(&self.unseen).remove(&now.id).unwrap_or_default();
        let me = self.names().me.as_ref().map(|me| me.name.clone());
        for _ in 0..AGAIN {
            let lost =
                |(log, text, times): &&(&'static str, Clean, usize)| said_before(&now, log, text, me.as_ref()) < *times;
            let lost: Vec<(&'static str, Clean)> =
                expected.iter().filter(lost).map(|(log, text, _)| (*log, text.clone())).collect();
            if lost.is_empty() {
                break;
            }
            tracing::warn!("Words on {} were lost to another writer; they are written again.", now.id);
            let native = Native::of(&now);
            let _one = self.writing.lock().await;
            for (log, text) in lost {
                let fields = Json::Object(Map::from_iter([(log.to_owned(), plan::entry(&text))]));
                let operation = update(&native.class, json!(native.key), &fields, "last_update");
                // That it cannot be written now is no reason not to show what stands there: it is told as missing.
                if self.exchange(wire::send(&operation)?).await.is_err() {
                    return Ok(now);
                }
            }
            now = self.read(&now.id).await?;
        }
        Ok(now)
    }

    /// See `Tracker::create`.
    pub(super) async fn created(&self, kind: Kind, wanted: &Wanted) -> Result<TicketId> {
        let mapping = &self.setup.mapping;
        let own = mapping.to_native(kind, &Field::ChangeType, &Value::name(wanted.text(&Field::ChangeType)));
        let named = model::classes(mapping, kind).find(|class| **class == own);
        let Some(class) = named.or_else(|| model::classes(mapping, kind).next()).map(str::to_owned) else {
            return Err(Error::Unsupported(format!("its mapping names no class for a {kind}.")));
        };
        let native = Native { class: class.clone(), ..Native::default() };
        let mut fields = Map::new();
        for part in &wanted.parts {
            match part {
                // With a step, these are its own.
                Part::Field(Field::Asset | Field::HoldReason | Field::Resolution | Field::ResolutionCode, _) => {}
                Part::Field(_, None) => {}
                Part::Field(field, value) => self.put(kind, &native, field, value.as_ref(), &mut fields).await?,
                Part::Say(audience, text) => {
                    let log = plan::log(kind, *audience)?;
                    fields.entry(log).or_insert_with(|| plan::entry(text));
                }
                _ => {}
            }
        }
        self.belonging(&mut fields, wanted).await?;
        let operation = create(&class, &Json::Object(fields), "ref");
        let _one = self.writing.lock().await;
        let (answer, _) = self.exchange(wire::send(&operation)?).await?;
        let Some(object) = answer.objects.0.first() else {
            return Err(Error::Doubtful("iTop took the ticket and did not tell its number.".into()));
        };
        Ok(self.names().ticket(&object.class, &object.key, object.text("ref")))
    }

    /// What iTop or its pages want of every new ticket: a caller, their organisation, a description.
    async fn belonging(&self, fields: &mut Map<String, Json>, wanted: &Wanted) -> Result<()> {
        let me = self.names().me.clone();
        if !fields.contains_key("caller_id")
            && let Some(person) = me.as_ref().and_then(|me| me.person.clone())
        {
            fields.insert("caller_id".into(), json!(person));
        }
        let caller = fields.get("caller_id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let mut org = String::new();
        if map::is_set(&caller) {
            let found = self.get("Person", &json!(caller), &["org_id"], 1).await?;
            org = found.objects.0.first().map(|person| person.text("org_id").to_owned()).unwrap_or_default();
        }
        if !map::is_set(&org) {
            org = match self.setup.mapping.site.get("org") {
                Some(name) => self.key_of("Organization", name, "organisation").await?,
                None => me.and_then(|me| me.org).unwrap_or_default(),
            };
        }
        if !map::is_set(&org) {
            let why = "iTop wants an organisation: name a caller who has one, or `org` in the mapping's [site].";
            return Err(Error::invalid("caller", why));
        }
        fields.insert("org_id".into(), json!(org));
        let described = fields.get("description").and_then(Json::as_str).is_some_and(|text| !text.trim().is_empty());
        if !described {
            fields.insert("description".into(), json!(crate::text::to_html(wanted.text(&Field::Title))));
        }
        Ok(())
    }

    /// See `Tracker::find`: by title, words and time, since iTop keeps no key of ours.
    pub(super) async fn made_before(&self, kind: Kind, wanted: &Wanted) -> Result<Vec<TicketId>> {
        let since = wanted.at.checked_sub(SKEW).unwrap_or(wanted.at);
        let since = oql::quote(&time::write(since, &self.setup.zone));
        let title = wanted.text(&Field::Title);
        let mut found = Vec::new();
        for class in model::classes(&self.setup.mapping, kind).map(str::to_owned).collect::<Vec<_>>() {
            let began = if kind == Kind::Change { "creation_date" } else { "start_date" };
            let key = format!("SELECT {class} WHERE title = {} AND {began} >= {since}", oql::quote(title));
            let output = ["ref", "title", "description", "caller_id_friendlyname", "agent_id", "caller_id"];
            let answer = self.get(&class, &json!(key), &output, 0).await?;
            found.extend(answer.objects.0);
        }
        let described = wanted.text(&Field::Description);
        let caller = wanted.text(&Field::Caller);
        found.retain(|object| {
            let text = from_html(object.text("description"));
            let same = |one: &str, other: &str| one.split_whitespace().eq(other.split_whitespace());
            let mine = caller.is_empty() || caller.starts_with(object.text("caller_id_friendlyname"));
            Clean::line(object.text("title")).as_str() == Clean::line(title).as_str()
                && mine
                && (described.is_empty() || same(&text, described))
        });
        found.sort_by_key(|object| std::cmp::Reverse(object.key.parse::<u64>().unwrap_or_default()));
        let mut names = self.names();
        let ids = found.iter().map(|object| names.ticket(&object.class, &object.key, object.text("ref")));
        Ok(ids.collect())
    }
}

/// How often I had said that before.
fn said_before(on: &Record, log: &str, text: &Clean, me: Option<&Name>) -> usize {
    use crate::domain::change::{Audience, Change};
    let wanted = if log == "public_log" { Audience::Public } else { Audience::Internal };
    let same = |one: &str| one.split_whitespace().eq(text.split_whitespace());
    let mine = on.history.iter().flatten().filter(|entry| {
        me.is_none_or(|me| entry.who == *me)
            && matches!(&entry.change, Change::Say { audience, text } if *audience == wanted && same(text))
    });
    mine.count()
}
