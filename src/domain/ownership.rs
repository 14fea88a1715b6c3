//! Who answers for a ticket, and how that passes on: the owner stays until somebody accepts.
//!
//! An open ticket has exactly one owner at every instant: its registrar until the first acceptance, afterwards
//! whoever accepted last, was put in charge by a manager, or stands in for an owner who is away.

use jiff::Timestamp;

use crate::domain::change::{Change, Escalation, EscalationKind, Handover, Party};
use crate::domain::directory::{Directory, Level, Role};
use crate::domain::field::Field;
use crate::domain::gate::Gate;
use crate::domain::name::Name;
use crate::domain::refusal::{Refusal, Sort};
use crate::domain::ticket::{Offer, Ticket};
use crate::text::Clean;

/// Whether this step of a hand-over may happen now. `ticket` comes with its timeline.
pub fn check(
    ticket: &Ticket,
    step: &Handover,
    who: &Name,
    now: Timestamp,
    directory: &Directory,
) -> Result<(), Refusal> {
    let case = Case { ticket, who, now, directory };
    if !ticket.state.is_open() {
        return case.no("only open records change hands", "It is at its end.", "Reopen it first.");
    }
    match step {
        Handover::Offer { to, reason, expires } => case.offer(to, reason, *expires),
        Handover::Accept { by } => case.as_oneself(by).and_then(|()| case.accept()),
        Handover::Decline { by, reason } => {
            case.as_oneself(by)?;
            case.worded("decline needs a reason", reason)?;
            case.answers(case.pending()?)
        }
        Handover::Withdraw { by } => case.as_oneself(by).and_then(|()| case.withdraw()),
        Handover::Expire => case.expire(),
        Handover::Force { by, to, reason } => case.as_oneself(by).and_then(|()| case.force(to, reason)),
        Handover::Absent { owner, acting } => case.absent(owner, acting),
    }
}

/// The offer that waits for an answer now; one that ran out waits no more.
pub fn pending(ticket: &Ticket, now: Timestamp) -> Option<&Offer> {
    ticket.offer.as_ref().filter(|offer| !ran_out(offer, now))
}

/// The offer's time is over, though nobody may have recorded that yet.
pub fn ran_out(offer: &Offer, now: Timestamp) -> bool {
    offer.expires.is_some_and(|at| at <= now)
}

/// Whether this person may answer an offer to that party.
pub fn may_answer(to: &Party, who: &str, directory: &Directory) -> bool {
    match to {
        Party::Person(name) => {
            **name == *who || directory.person(name).is_some_and(|p| p.deputy.as_deref() == Some(who))
        }
        Party::Group(name) => in_group(who, name, directory),
    }
}

/// The manager who answers for the ticket's group; a manager of the desk where the ticket is in no group.
pub fn responsible<'a>(ticket: &Ticket, directory: &'a Directory) -> Option<&'a Name> {
    directory.group(ticket.text(&Field::Group)).map(|group| &group.manager).or_else(|| {
        let role = |role| directory.people.iter().find(move |p| p.roles.contains(&role));
        role(Role::ServiceDeskManager).or_else(|| role(Role::IncidentManager)).map(|p| &p.login)
    })
}

/// Who stands in for an owner who is away: the deputy, or the responsible manager; nobody when the owner is there.
pub fn acting_for<'a>(ticket: &Ticket, now: Timestamp, directory: &'a Directory) -> Option<&'a Name> {
    let owner = directory.person(&ticket.owner).filter(|p| away(p.absent_until, now))?;
    let there = |name: &&Name| directory.person(name).is_none_or(|p| !away(p.absent_until, now));
    owner
        .deputy
        .as_ref()
        .filter(there)
        .or_else(|| responsible(ticket, directory))
        .filter(|acting| **acting != ticket.owner)
}

/// What a reopening does to the ownership: nothing while the last owner is there; otherwise the deputy or the
/// responsible manager acts, and the group is offered the ticket.
pub fn on_reopen(ticket: &Ticket, now: Timestamp, directory: &Directory) -> Vec<Handover> {
    let Some(acting) = acting_for(ticket, now, directory) else { return Vec::new() };
    let mut steps = vec![Handover::Absent { owner: ticket.owner.clone(), acting: acting.clone() }];
    if let Some(group) = directory.group(ticket.text(&Field::Group)) {
        steps.push(Handover::Offer {
            to: Party::Group(group.name.clone()),
            reason: Clean::line("Reopened while its owner is away."),
            expires: None,
        });
    }
    steps
}

/// The notice to the responsible manager when an offer is declined or runs out for the second time in a row.
/// `ticket` stands as before the step.
pub fn notice(ticket: &Ticket, step: &Handover, directory: &Directory) -> Option<Escalation> {
    if !matches!(step, Handover::Decline { .. } | Handover::Expire) {
        return None;
    }
    let refused = ticket
        .timeline
        .iter()
        .rev()
        .filter_map(|event| if let Change::Handover { step } = &event.change { Some(step) } else { None })
        .take_while(|step| !matches!(step, Handover::Accept { .. } | Handover::Force { .. } | Handover::Absent { .. }))
        .filter(|step| matches!(step, Handover::Decline { .. } | Handover::Expire))
        .count();
    let manager = responsible(ticket, directory)?;
    (refused % 2 == 1).then(|| Escalation {
        kind: EscalationKind::Hierarchical,
        to: Party::Person(manager.clone()),
        reason: Clean::line("Nobody took it: it was offered twice in vain."),
        detail: Clean::line("Find it an owner."),
        step: None,
    })
}

fn away(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until > now)
}

/// Where the directory does not know the group or has no people, membership cannot be checked and is believed.
fn in_group(who: &str, group: &str, directory: &Directory) -> bool {
    directory.people.is_empty() || directory.group(group).is_none() || directory.is_member(who, group)
}

/// One step looked at.
struct Case<'a> {
    ticket: &'a Ticket,
    who: &'a Name,
    now: Timestamp,
    directory: &'a Directory,
}

impl<'a> Case<'a> {
    fn no<T>(&self, rule: &'static str, message: impl Into<String>, way_out: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(rule, &self.ticket.id, message, way_out))
    }

    fn display(&self, login: &'a str) -> &'a str {
        self.directory.display(login)
    }

    /// Answers are given for oneself.
    fn as_oneself(&self, by: &Name) -> Result<(), Refusal> {
        if by == self.who {
            return Ok(());
        }
        let message = format!("That answer is {by}'s, and you are {}.", self.who);
        Err(Refusal::new("answers are one's own", &self.ticket.id, message, "Answer for yourself.")
            .sorted(Sort::Authority))
    }

    fn worded(&self, rule: &'static str, reason: &str) -> Result<(), Refusal> {
        if reason.trim().is_empty() {
            return self.no(rule, "No reason was given.", "Say why in a few words.");
        }
        Ok(())
    }

    fn manages(&self) -> bool {
        responsible(self.ticket, self.directory) == Some(self.who)
            || Role::ALL.iter().any(|role| self.directory.has_role(self.who, *role))
    }

    /// A person who can own: known, of the staff, and there.
    fn can_own(&self, login: &'a Name) -> Result<(), Refusal> {
        if self.directory.people.is_empty() {
            return Ok(());
        }
        let rule = "an owner is of the staff";
        let Some(person) = self.directory.person(login) else {
            let staff = self.directory.people.iter().filter(|p| p.level.is_some()).map(|p| &*p.login);
            let meant = crate::domain::nearest::nearest(login, staff);
            let way_out =
                meant.map_or_else(|| "Choose a member of the staff.".into(), |n| format!("Did you mean {n}?"));
            return self.no(rule, format!("The desk knows nobody called {login}."), way_out);
        };
        if person.level.is_none() && person.roles.is_empty() {
            return self.no(rule, format!("{} is not of the staff.", person.name), "Choose a member of the staff.");
        }
        if away(person.absent_until, self.now) {
            let way_out = match &person.deputy {
                Some(deputy) => format!("Choose the deputy, {deputy}."),
                None => "Choose somebody else, or the group.".into(),
            };
            return self.no("an owner is there", format!("{} is away.", person.name), way_out);
        }
        Ok(())
    }

    fn offer(&self, to: &'a Party, reason: &str, expires: Option<Timestamp>) -> Result<(), Refusal> {
        let t = self.ticket;
        if let Some(offer) = pending(t, self.now) {
            let message = format!("It is already offered to {}.", self.display(offer.to.name()));
            return self.no("one offer at a time", message, "Wait for the answer, or withdraw that offer.");
        }
        self.worded("offer needs a reason", reason)?;
        if expires.is_some_and(|at| at <= self.now) {
            return self.no("an offer lies open", "It would run out at once.", "Give a later time, or none.");
        }
        let senior = self.directory.person(self.who).is_some_and(|p| p.level >= Some(Level::Senior));
        if t.accepted && t.owner != *self.who && !senior && !self.manages() {
            let message = format!("{} owns it, and only the owner gives it away.", self.display(&t.owner));
            return Err(Refusal::new("the owner offers", &t.id, message, "Ask the owner, a senior or a manager.")
                .sorted(Sort::Authority));
        }
        match to {
            Party::Person(login) if t.accepted && *login == t.owner => {
                self.no("an offer goes to another", "That is its owner already.", "Choose somebody else.")
            }
            Party::Person(login) if login == self.who => {
                self.no("an offer goes to another", "That is yourself.", "Take it instead.")
            }
            Party::Person(login) => self.can_own(login),
            Party::Group(name) if !self.directory.groups.is_empty() && self.directory.group(name).is_none() => {
                let known = self.directory.groups.iter().map(|g| &*g.name);
                let meant = crate::domain::nearest::nearest(name, known);
                let way_out = meant.map_or_else(|| "Choose a known group.".into(), |n| format!("Did you mean {n}?"));
                self.no("an offer goes to a known group", format!("There is no group called {name}."), way_out)
            }
            Party::Group(_) => Ok(()),
        }
    }

    fn accept(&self) -> Result<(), Refusal> {
        let t = self.ticket;
        match &t.offer {
            Some(offer) if ran_out(offer, self.now) => {
                let way_out = format!("Ask {} to offer it again.", self.display(&t.owner));
                self.race("accept in time", "That offer has run out.", way_out)
            }
            Some(_) if t.accepted && t.owner == *self.who => {
                self.no("accept what is another's", "It is yours already.", "Withdraw the offer to keep it.")
            }
            Some(offer) => self.answers(offer),
            None if t.accepted && t.owner == *self.who => {
                self.no("accept what is another's", "It is yours already.", "Go on with it.")
            }
            None if t.accepted => {
                let message = format!("It was taken by {}.", self.display(&t.owner));
                self.race("the first to accept owns", message, "Leave it, or ask for it to be offered to you.")
            }
            None => self.take(),
        }
    }

    /// Without an offer: a ticket that nobody has accepted is taken by its group, or by any of the staff.
    fn take(&self) -> Result<(), Refusal> {
        let group = self.ticket.text(&Field::Group);
        if !group.is_empty() && !in_group(self.who, group, self.directory) && !self.manages() {
            let message = format!("It is in the queue of {group}, and you are not of that group.");
            return Err(Refusal::new("the group takes", &self.ticket.id, message, "Ask for it to be offered to you.")
                .on(Field::Group)
                .sorted(Sort::Authority));
        }
        self.can_own_oneself()
    }

    fn can_own_oneself(&self) -> Result<(), Refusal> {
        match self.directory.person(self.who) {
            Some(person) if person.level.is_none() && person.roles.is_empty() => {
                self.no("an owner is of the staff", "You are not of the staff.", "Ask the desk.")
            }
            _ => Ok(()),
        }
    }

    fn pending(&self) -> Result<&'a Offer, Refusal> {
        match &self.ticket.offer {
            Some(offer) if !ran_out(offer, self.now) => Ok(offer),
            Some(_) => self.race("an answer needs an offer", "That offer has run out.", "There is nothing to answer."),
            None => self.race(
                "an answer needs an offer",
                format!("No offer is open; {} owns it.", self.display(&self.ticket.owner)),
                "There is nothing to answer.",
            ),
        }
    }

    fn answers(&self, offer: &'a Offer) -> Result<(), Refusal> {
        if may_answer(&offer.to, self.who, self.directory) {
            return self.can_own_oneself();
        }
        let message = format!("It is offered to {}, and that is not you.", self.display(offer.to.name()));
        Err(Refusal::new("the offered one answers", &self.ticket.id, message, "Ask for it to be offered to you.")
            .sorted(Sort::Authority))
    }

    fn withdraw(&self) -> Result<(), Refusal> {
        let offer = self.pending()?;
        if self.ticket.owner == *self.who || offer.by == *self.who || self.manages() {
            return Ok(());
        }
        let message = format!("{} made that offer.", self.display(&offer.by));
        Err(Refusal::new("the offerer withdraws", &self.ticket.id, message, "Decline it if it is offered to you.")
            .sorted(Sort::Authority))
    }

    fn expire(&self) -> Result<(), Refusal> {
        match &self.ticket.offer {
            Some(offer) if ran_out(offer, self.now) => Ok(()),
            Some(_) => self.no("an offer lies open", "Its time is not over.", "Withdraw it instead."),
            None => self.no("an answer needs an offer", "No offer is open.", "There is nothing to end."),
        }
    }

    fn force(&self, to: &'a Name, reason: &str) -> Result<(), Refusal> {
        self.worded("force needs a reason", reason)?;
        if responsible(self.ticket, self.directory) != Some(self.who) {
            Gate::ForceHandover.check(self.who, self.directory, &self.ticket.id)?;
        }
        if self.ticket.accepted && self.ticket.owner == *to {
            return self.no("force to another", "That is its owner already.", "Choose somebody else.");
        }
        self.can_own(to)
    }

    fn absent(&self, owner: &Name, acting: &Name) -> Result<(), Refusal> {
        let rule = "acting for an absent owner";
        if self.ticket.owner != *owner {
            let message = format!("{} owns it, not {owner}.", self.display(&self.ticket.owner));
            return self.race(rule, message, "Look at it again.");
        }
        match acting_for(self.ticket, self.now, self.directory) {
            Some(due) if due == acting => Ok(()),
            Some(due) => self.no(rule, format!("{acting} does not stand in for {owner}."), format!("{due} does.")),
            None => self.no(rule, format!("{} is not away.", self.display(&self.ticket.owner)), "Offer it instead."),
        }
    }

    fn race<T>(
        &self,
        rule: &'static str,
        message: impl Into<String>,
        way_out: impl Into<String>,
    ) -> Result<T, Refusal> {
        Err(Refusal::new(rule, &self.ticket.id, message, way_out).sorted(Sort::Race))
    }
}
