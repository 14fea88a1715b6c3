//! What a clean project of the ITSM template holds, and what a site may have made of its names.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::world::{Entry, Field, Right, Sort, Step, Type, User, World};

/// Incidents that only fill pages.
pub const INCIDENTS: usize = 24;

/// What a site calls things: the template's name to its own.
#[derive(Debug, Clone, Default)]
pub struct Names(pub Vec<(&'static str, &'static str)>);

impl Names {
    pub fn of(&self, stock: &str) -> String {
        let own = self.0.iter().find(|(held, _)| *held == stock).map(|(_, own)| *own);
        own.unwrap_or(stock).to_owned()
    }
}

/// The token or personal access token of somebody.
pub fn token(login: &str) -> String {
    format!("token-of-{login}-7f3a")
}

const USERS: [(&str, &str, Right); 7] = [
    ("sam.desk", "Sam Desk", Right::Agent),
    ("fay.field", "Fay Field", Right::Agent),
    ("ned.net", "Ned Net", Right::Agent),
    ("reed.only", "Reed Only", Right::Reader),
    ("nora.none", "Nora None", Right::Nobody),
    ("rita.caller", "Rita Caller", Right::Customer),
    ("omar.caller", "Omar Caller", Right::Customer),
];

const SELECT: &str = "com.atlassian.jira.plugin.system.customfieldtypes:select";
const AREA: &str = "com.atlassian.jira.plugin.system.customfieldtypes:textarea";
const INSTANT: &str = "com.atlassian.jira.plugin.system.customfieldtypes:datetime";
const SLA: &str = "com.atlassian.servicedesk:sd-sla-field";

/// Number, name, sort, type, custom type, choices. Custom fields have a number.
type Row = (&'static str, &'static str, Sort, &'static str, Option<&'static str>, &'static [&'static str]);

const FIELDS: &[Row] = &[
    ("summary", "Summary", Sort::Line, "string", None, &[]),
    ("description", "Description", Sort::Text, "string", None, &[]),
    ("issuetype", "Issue Type", Sort::Own, "issuetype", None, &[]),
    ("project", "Project", Sort::Own, "project", None, &[]),
    ("status", "Status", Sort::Own, "status", None, &[]),
    ("priority", "Priority", Sort::Named, "priority", None, &["Highest", "High", "Medium", "Low", "Lowest"]),
    ("resolution", "Resolution", Sort::Named, "resolution", None, &["Done", "Won't Do", "Duplicate", "Known Error"]),
    ("assignee", "Assignee", Sort::User, "user", None, &[]),
    ("reporter", "Reporter", Sort::User, "user", None, &[]),
    ("creator", "Creator", Sort::Own, "user", None, &[]),
    ("created", "Created", Sort::Own, "datetime", None, &[]),
    ("updated", "Updated", Sort::Own, "datetime", None, &[]),
    ("resolutiondate", "Resolved", Sort::Own, "datetime", None, &[]),
    ("components", "Components", Sort::Options, "array", None, &["Network", "Hardware"]),
    ("labels", "Labels", Sort::Labels, "array", None, &[]),
    ("issuelinks", "Linked Issues", Sort::Own, "array", None, &[]),
    ("attachment", "Attachment", Sort::Own, "array", None, &[]),
    ("comment", "Comment", Sort::Own, "comments-page", None, &[]),
    (
        "customfield_10004",
        "Impact",
        Sort::Option,
        "option",
        Some(SELECT),
        &["Extensive / Widespread", "Significant / Large", "Moderate / Limited", "Minor / Localized"],
    ),
    (
        "customfield_10005",
        "Urgency",
        Sort::Option,
        "option",
        Some(SELECT),
        &["Critical", "High", "Medium", "Low", "Lowest"],
    ),
    (
        "customfield_10006",
        "Support group",
        Sort::Option,
        "option",
        Some(SELECT),
        &["Service Desk", "Network", "Applications"],
    ),
    (
        "customfield_10007",
        "Pending reason",
        Sort::Option,
        "option",
        Some(SELECT),
        &["Awaiting caller", "Awaiting vendor", "Awaiting change", "Awaiting problem"],
    ),
    ("customfield_10008", "Workaround", Sort::Text, "string", Some(AREA), &[]),
    ("customfield_10009", "Root cause", Sort::Text, "string", Some(AREA), &[]),
    (
        "customfield_10010",
        "Request Type",
        Sort::Request,
        "sd-customerrequesttype",
        Some("com.atlassian.servicedesk:vp-origin"),
        &[],
    ),
    ("customfield_10011", "Change type", Sort::Option, "option", Some(SELECT), &["Standard", "Normal", "Emergency"]),
    ("customfield_10012", "Change risk", Sort::Option, "option", Some(SELECT), &["High", "Medium", "Low"]),
    ("customfield_10013", "Change reason", Sort::Text, "string", Some(AREA), &[]),
    ("customfield_10014", "Implementation plan", Sort::Text, "string", Some(AREA), &[]),
    ("customfield_10015", "Backout plan", Sort::Text, "string", Some(AREA), &[]),
    ("customfield_10016", "Test plan", Sort::Text, "string", Some(AREA), &[]),
    ("customfield_10017", "Planned start", Sort::Instant, "datetime", Some(INSTANT), &[]),
    ("customfield_10018", "Planned end", Sort::Instant, "datetime", Some(INSTANT), &[]),
    ("customfield_10030", "Time to resolution", Sort::Sla, "sd-servicelevelagreement", Some(SLA), &[]),
    ("customfield_10031", "Time to first response", Sort::Sla, "sd-servicelevelagreement", Some(SLA), &[]),
];

const COMMON: &str = "summary description priority reporter assignee components labels customfield_10004 customfield_10005 \
                      customfield_10006 customfield_10007";

/// Number, name, further fields, and the workflow: `from, from > to: name [screen; ! is required]`, `+` and `-` for the steps
/// that an approval's answer takes.
const TYPES: [(&str, &str, &str, &str); 5] = [
    (
        "10110",
        "[System] Incident",
        "customfield_10008 customfield_10010",
        "Open > Work in progress: Investigate
         Open, Work in progress > Pending: Pending [customfield_10007]
         Pending > Work in progress: Investigate
         Open, Work in progress, Pending > Completed: Resolve [resolution! comment]
         Completed > Work in progress: Back to work
         Completed > Closed: Close
         Open, Work in progress, Pending > Canceled: Cancel [resolution]",
    ),
    (
        "10111",
        "[System] Service request",
        "customfield_10010",
        "Open > Waiting for approval: Ask for approval
         Waiting for approval > Waiting for support: Approve +
         Waiting for approval > Declined: Decline -
         Open, Waiting for support > In progress: Start
         Open, Waiting for support, In progress > Pending: Pending [customfield_10007]
         Pending, Waiting for customer > In progress: Start
         Open, Waiting for support, In progress > Resolved: Resolve [resolution! comment]
         Resolved > In progress: Back to work
         Resolved > Closed: Close
         In progress > Waiting for customer: Ask
         Open, Waiting for approval, Waiting for support, In progress, Pending > Canceled: Cancel",
    ),
    (
        "10112",
        "[System] Problem",
        "customfield_10008 customfield_10009",
        "Open > Under investigation: Investigate
         Open, Under investigation > Under review: Review
         Open, Under investigation, Under review > Pending: Pending [customfield_10007]
         Pending > Under investigation: Investigate
         Under investigation, Under review > Completed: Resolve [resolution! comment]
         Completed > Under review: Review
         Completed > Closed: Close
         Open, Under investigation, Under review, Pending > Canceled: Cancel",
    ),
    (
        "10113",
        "[System] Change",
        "customfield_10011 customfield_10012 customfield_10013 customfield_10014 customfield_10015 customfield_10016 \
         customfield_10017 customfield_10018 customfield_10010",
        "Open > Planning: Plan
         Open, Planning > Waiting for approval: Ask for approval
         Waiting for approval > Awaiting implementation: Approve +
         Waiting for approval > Declined: Decline -
         Awaiting implementation > Implementing: Implement
         Implementing > Completed: Complete [comment]
         Planning, Waiting for approval > Open: Back
         Completed > Closed: Close [resolution]
         Open, Planning, Waiting for approval, Awaiting implementation > Canceled: Cancel",
    ),
    ("10199", "Task", "", "Open > Closed: Close"),
];

const STATUSES: [(&str, &str); 18] = [
    ("Open", "new"),
    ("Work in progress", "indeterminate"),
    ("Pending", "indeterminate"),
    ("Completed", "done"),
    ("Closed", "done"),
    ("Canceled", "done"),
    ("Waiting for approval", "indeterminate"),
    ("Waiting for support", "indeterminate"),
    ("Waiting for customer", "indeterminate"),
    ("In progress", "indeterminate"),
    ("Resolved", "done"),
    ("Declined", "done"),
    ("Under investigation", "indeterminate"),
    ("Under review", "indeterminate"),
    ("Planning", "indeterminate"),
    ("Awaiting implementation", "indeterminate"),
    ("Implementing", "indeterminate"),
    ("Escalated", "indeterminate"),
];

/// A clean instance; the same tickets every time.
pub fn stock(cloud: bool, names: &Names) -> World {
    let mut world = World::empty(cloud);
    // Cloud has a limit; Data Center's can be switched off, and was here.
    (world.tricks.cap, world.tricks.longest) = if cloud { (7, 32_767) } else { (12, 0) };
    world.users = USERS.iter().map(|(login, name, right)| user(login, name, *right)).collect();
    world.fields = FIELDS.iter().map(|row| field(row, names)).collect();
    world.statuses =
        (1..).zip(STATUSES).map(|(id, (name, category))| (id.to_string(), names.of(name), category)).collect();
    world.types = TYPES.iter().map(|row| kind(row, names)).collect();
    let link = |id: &str, name: &str, inward: &str, outward: &str| {
        (id.to_owned(), names.of(name), inward.to_owned(), outward.to_owned())
    };
    world.link_types = vec![
        link("10000", "Blocks", "is blocked by", "blocks"),
        link("10002", "Duplicate", "is duplicated by", "duplicates"),
        link("10003", "Relates", "relates to", "relates to"),
        link("10100", "Problem/Incident", "is caused by", "causes"),
    ];
    let request = |id: &str, name: &str, sort: &str| (id.to_owned(), names.of(name), sort.to_owned());
    world.request_types = vec![
        request("25", "Report a system problem", "10110"),
        request("26", "Get IT help", "10111"),
        request("27", "Request a change", "10113"),
    ];
    world.articles = vec![
        ("Printer out of paper".into(), "Open the <b>tray</b> of the printer.".into()),
        ("VPN".into(), "How to sign in from home.".into()),
    ];
    tickets(&mut world);
    world
}

fn user(login: &str, name: &str, right: Right) -> User {
    User {
        login: login.to_owned(),
        name: name.to_owned(),
        mail: format!("{login}@acme.test"),
        token: token(login),
        right,
    }
}

fn field(row: &Row, names: &Names) -> Field {
    let (id, name, sort, kind, custom, choices) = row;
    let base = match *id {
        "priority" => 1,
        other => 10_000 + 10 * other.len() as u64 + other.bytes().map(u64::from).sum::<u64>() % 100 * 50,
    };
    let own = names.of(name);
    Field {
        id: (*id).to_owned(),
        english: (own != *name).then(|| (*name).to_owned()),
        name: own,
        sort: *sort,
        kind,
        custom: *custom,
        choices: (base..).zip(*choices).map(|(id, name)| (id.to_string(), names.of(name))).collect(),
    }
}

fn kind((id, name, more, flow): &(&str, &str, &str, &str), names: &Names) -> Type {
    let shown = COMMON.split_whitespace().chain(more.split_whitespace()).map(str::to_owned).collect();
    let number = |name: &str| {
        let at = STATUSES.iter().position(|one| one.0 == name.trim());
        (at.unwrap_or_else(|| panic!("no status {name}")) + 1).to_string()
    };
    let mut steps = Vec::new();
    for (at, line) in flow.lines().enumerate() {
        let (from, rest) = line.split_once('>').unwrap();
        let (to, rest) = rest.split_once(':').unwrap();
        let (name, screen) = rest.split_once('[').unwrap_or((rest, ""));
        let answer = if name.ends_with('+') {
            Some(true)
        } else if name.ends_with('-') {
            Some(false)
        } else {
            None
        };
        let screen = screen.trim_end_matches(']').split_whitespace();
        steps.push(Step {
            id: (id.parse::<usize>().unwrap() * 100 % 9000 + at * 10 + 11).to_string(),
            name: names.of(name.trim_end_matches(['+', '-']).trim()),
            from: from.split(',').map(number).collect(),
            to: number(to),
            screen: screen.map(|one| (one.trim_end_matches('!').to_owned(), one.ends_with('!'))).collect(),
            answer,
        });
    }
    Type { id: (*id).to_owned(), name: names.of(name), shown, steps }
}

/// The number of that choice, by the name that the template gives it.
fn pick(world: &World, id: &str, at: usize) -> Json {
    world.field(id).unwrap().choices[at].0.as_str().into()
}

fn new(world: &mut World, sort: &str, title: &str, ago: i64) -> u64 {
    let mut fields = Map::new();
    fields.insert("summary".into(), title.into());
    fields.insert("description".into(), world.rich("Since Monday.\nEvery time."));
    fields.insert("reporter".into(), "rita.caller".into());
    fields.insert("priority".into(), pick(world, "priority", 2));
    fields.insert("labels".into(), json!([]));
    fields.insert("customfield_10004".into(), pick(world, "customfield_10004", 1));
    fields.insert("customfield_10005".into(), pick(world, "customfield_10005", 2));
    fields.insert("customfield_10006".into(), pick(world, "customfield_10006", 0));
    let request = world.request_types.iter().find(|one| one.2 == sort).map(|one| one.0.clone());
    fields.extend(request.map(|id| ("customfield_10010".to_owned(), Json::from(id))));
    let number = world.put(sort, fields, "rita.caller");
    age(world, number, ago);
    number
}

/// So many minutes old.
pub fn age(world: &mut World, number: u64, ago: i64) {
    let at = Timestamp::now() - SignedDuration::from_mins(ago);
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap();
    let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
    (issue.created, issue.updated) = (at, at);
}

/// Puts it there with an entry in its history.
fn moved(world: &mut World, number: u64, to: &str, by: &str) {
    let (id, at) = (world.fresh(), world.now());
    let names: Vec<_> = world.statuses.clone();
    let to = names[STATUSES.iter().position(|one| one.0 == to).unwrap()].clone();
    let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
    let from = names.iter().find(|one| one.0 == issue.status).unwrap();
    let item = json!({ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": from.0, "fromString": from.1,
        "to": to.0, "toString": to.1 });
    issue.status = to.0;
    issue.log.push(Entry { id, by: by.to_owned(), at, items: vec![item] });
}

fn tickets(world: &mut World) {
    for n in 1..=INCIDENTS {
        let ago = i64::try_from(60 * (INCIDENTS + 20 - n)).unwrap();
        new(world, "10110", &format!("Ticket {n}: the printer hums"), ago);
    }
    let storied = new(world, "10110", "VPN drops every ten minutes", 900);
    story(world, storied);
    let hostile = new(world, "10110", "\u{1b}[31mowned\u{1b}[0m \u{202e}evil\u{200b} <script>x</script>", 800);
    let bad = world.rich("\u{1b}]0;title\u{7} \u{2066}hidden\u{2069}\u{feff} {code}rm{code}");
    world.say(hostile, "rita.caller", bad.clone(), true);
    let issue = world.issues.iter_mut().find(|one| one.number == hostile).unwrap();
    issue.fields.insert("description".into(), bad);
    new(world, "10111", "A laptop", 700);
    new(world, "10112", "VPN gateway loses its mind", 650);
    let change = new(world, "10113", "Replace VPN concentrator firmware", 600);
    let risk = pick(world, "customfield_10012", 1);
    world.issues.iter_mut().find(|one| one.number == change).unwrap().fields.insert("customfield_10012".into(), risk);
    let vault = new(world, "10111", "Access to the vault", 500);
    moved(world, vault, "Waiting for approval", "fay.field");
    let id = world.fresh();
    let by = vec!["sam.desk".to_owned(), "fay.field".to_owned()];
    let approval = super::world::Approval { id, by, decision: None };
    world.issues.iter_mut().find(|one| one.number == vault).unwrap().approvals.push(approval);
    let old = new(world, "10110", "Long ago", 90 * 24 * 60);
    moved(world, old, "Closed", "fay.field");
    new(world, "10199", "Water the plants", 400);
    for (number, ago) in [(storied, 890), (hostile, 790), (vault, 490)] {
        let at =
            Timestamp::from_millisecond((Timestamp::now() - SignedDuration::from_mins(ago)).as_millisecond()).unwrap();
        let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
        issue.updated = at;
        issue.comments.iter_mut().for_each(|said| said.at = at);
        issue.log.iter_mut().for_each(|entry| entry.at = at);
    }
}

fn story(world: &mut World, number: u64) {
    let (taken, at) = (world.fresh(), world.now());
    let item = json!({ "field": "assignee", "fieldtype": "jira", "fieldId": "assignee", "from": null, "fromString": null,
        "to": world.account("fay.field"), "toString": "Fay Field" });
    let issue = world.issues.iter_mut().find(|one| one.number == number).unwrap();
    issue.fields.insert("assignee".into(), "fay.field".into());
    issue.log.push(Entry { id: taken, by: "fay.field".into(), at, items: vec![item] });
    moved(world, number, "Work in progress", "fay.field");
    for (by, text, public) in [
        ("rita.caller", "It drops again.", true),
        ("fay.field", "We are looking at it.\nPlease wait.", true),
        ("sam.desk", "The gateway restarts; see the problem.", false),
    ] {
        let body = world.rich(text);
        world.say(number, by, body, public);
    }
}
