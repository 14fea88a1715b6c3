//! For whose hands a ticket waits: who is asked to approve it, whose tasks are open, who may answer a proposal. Kept with
//! the row as pairs of a word and a name, so that a list can be asked for them.

use crate::domain::approval::Standing;
use crate::domain::change::Party;
use crate::domain::directory::Directory;
use crate::domain::field::Field;
use crate::domain::gate::Gate;
use crate::domain::name::Name;
use crate::domain::proposal::ProposalState;
use crate::domain::state::State;
use crate::domain::ticket::Ticket;

/// A person or a group who is asked to approve it now.
pub const APPROVER: &str = "approver";
/// Who is of such a group and does not count, or has answered.
pub const ANSWERED: &str = "answered";
/// How its approval stands.
pub const APPROVAL: &str = "approval";
/// A person or a group with an open task.
pub const TASK: &str = "task";
/// Who may answer a proposal that waits.
pub const PROPOSAL: &str = "proposal";
/// Whose proposal waits.
pub const PROPOSED: &str = "proposed";

/// All of them.
pub const ALL: [&str; 6] = [APPROVER, ANSWERED, APPROVAL, TASK, PROPOSAL, PROPOSED];

/// Everything that the ticket waits for, `(word, name)`.
pub fn pairs(ticket: &Ticket, directory: &Directory) -> Vec<(Name, Name)> {
    let mut found: Vec<(&str, Name)> = Vec::new();
    if let Some(approval) = &ticket.approval {
        found.push((APPROVAL, Name::new(approval.standing.as_str())));
        if let Some(stage) = approval.current().filter(|_| approval.standing == Standing::Waiting) {
            let answered = approval.votes.iter().filter(|vote| vote.stage == approval.stage).map(|vote| &vote.by);
            let out: Vec<&Name> = approval.barred.iter().chain(answered).collect();
            let asked = stage.of.iter().map(Party::name).filter(|name| !out.contains(name));
            found.extend(asked.map(|name| (APPROVER, name.clone())));
            found.extend(out.into_iter().map(|name| (ANSWERED, name.clone())));
        }
    }
    if !ticket.state.is_final() && ticket.state != State::OnHold {
        let open = ticket.tasks.iter().filter(|task| !task.is_over());
        found.extend(open.map(|task| {
            // What is done and wants a second signature waits for the others of the queue.
            let to = task.asked.to.as_ref().map_or(&ticket.owner, Party::name);
            let group = || Some(ticket.text(&Field::Group)).filter(|name| !name.is_empty());
            let signs = task.state.is_ended().then(group).flatten();
            (TASK, signs.map_or_else(|| to.clone(), Name::new))
        }));
    }
    for held in ticket.proposals.iter().filter(|held| held.state == ProposalState::Waiting) {
        found.push((PROPOSED, held.by.clone()));
        let may: Vec<&Name> = Gate::entitled(&held.changes, ticket, directory, &held.by).collect();
        // It goes to those of its group first; to all who may where nobody of the group may.
        let group = ticket.text(&Field::Group);
        let near = |login: &Name| {
            let of = |name: &Name| **name == *group;
            let manages = directory.group(group).is_some_and(|held| held.manager == *login);
            manages || directory.person(login).is_some_and(|person| person.groups.iter().any(of))
        };
        let theirs: Vec<&Name> = may.iter().copied().filter(|login| near(login)).collect();
        let asked = if theirs.is_empty() { may } else { theirs };
        found.extend(asked.into_iter().map(|login| (PROPOSAL, login.clone())));
    }
    found.sort();
    found.dedup();
    found.into_iter().map(|(word, name)| (Name::new(word), name)).collect()
}
