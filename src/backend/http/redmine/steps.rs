//! What this user may do, asked before it is sent: Redmine drops the rest with a good answer, or makes it public.

use super::plan::Draft;
use super::site::{Project, Rights};
use super::view::{Native, View};
use crate::backend::http::tracker::{Part, Record, Wanted};
use crate::backend::{Error, Result};
use crate::domain::change::Audience;
use crate::domain::field::Field;
use crate::domain::state::{State, Verb};

impl View<'_> {
    /// The status to which a step leads, if this user may set it.
    pub fn step_to(
        &self,
        on: &Record,
        native: &Native,
        (verb, to): (Verb, State),
        wanted: &Wanted,
        draft: &mut Draft,
    ) -> Result<()> {
        let held = self.mapping.field(on.kind, &Field::HoldReason) == Some("status");
        let reason = wanted.field(&Field::HoldReason).filter(|_| held && to == State::OnHold);
        let reason = reason.map(|reason| self.mapping.to_native(on.kind, &Field::HoldReason, reason));
        let step = self.mapping.step(on.kind, &on.native_state, verb);
        let step = step.map(|step| step.to.as_str()).filter(|name| self.mapping.state(on.kind, name) == Some(to));
        let nearest = || self.mapping.kind(on.kind).and_then(|kind| kind.natives(to).next());
        let no = |why: String| Error::invalid("state", why);
        let name = reason.as_deref().or(step).or_else(nearest);
        let name = name.ok_or_else(|| no(format!("The mapping of this Redmine has no status for {to}.")))?;
        let id = self.site.status_number(name);
        let id =
            id.ok_or_else(|| no(format!("This Redmine has no status `{name}`. Correct the profile's mapping.")))?;
        // Redmine drops a status that its workflow forbids without a word. Whoever is about to own it may do more.
        if let (Some(allowed), None) = (&native.allowed, wanted.owner())
            && id != native.status
            && !allowed.contains(&id)
        {
            let others = allowed.iter().filter(|one| **one != native.status).filter_map(|one| self.site.status(*one));
            let others = others.collect::<Vec<_>>().join(", ");
            let others = if others.is_empty() { "nothing else".into() } else { others };
            return Err(Error::Forbidden(format!(
                "Redmine's workflow does not let you move {} from {} to {name}. You may move it to: {others}.",
                on.id, on.native_state
            )));
        }
        draft.set("status_id", id);
        Ok(())
    }

    /// Whether words of a new ticket may be said in that project.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may_say(&self, part: &Part, project: &Project) -> Result<()> {
        allowed(part, project.rights, true)
    }
}

/// What Redmine would drop with a good answer because the user may not, is not sent.
pub fn allowed(part: &Part, rights: Rights, mine: bool) -> Result<()> {
    let may = match part {
        Part::Field(..) | Part::Owner(_) | Part::Step(..) => rights.edit || (rights.edit_own && mine),
        Part::Link(_) | Part::Unlink(_) => rights.relations,
        Part::Say(Audience::Public, _) => rights.notes,
        Part::Say(Audience::Internal, _) if rights.notes && !rights.private => {
            return Err(Error::Forbidden(
                "Redmine lets you write public notes only: a private one would become public.".into(),
            ));
        }
        Part::Say(Audience::Internal, _) => rights.notes && rights.private,
    };
    if may {
        return Ok(());
    }
    Err(Error::Forbidden(format!("your roles in this Redmine project do not include it ({}).", part.name())))
}
