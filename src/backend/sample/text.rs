//! The words of the sample desk, read from `config/sample/`. Compiled in, so a fault is ours; it still names file and
//! key, because people will edit these files.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::directory::{Level, Role};
use crate::domain::state::State;

/// A fault in one of the files of the sample desk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("{file}: {message}")]
    Syntax { file: &'static str, message: String },
    #[error("{file}: `{key}`: {message}.")]
    Key { file: &'static str, key: String, message: String },
}

/// All that the generator reads.
#[derive(Debug)]
pub(super) struct Texts {
    /// How changes are weighed and approved, as it ships.
    pub(super) practice: crate::domain::rfc::Practice,
    pub(super) desk: DeskText,
    pub(super) phrases: Phrases,
    pub(super) incidents: Vec<Scenario>,
    pub(super) requests: Vec<Scenario>,
    pub(super) problems: Vec<ProblemText>,
    pub(super) changes: Vec<ChangeText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskText {
    pub(super) name: String,
    pub(super) me: String,
    pub(super) channels: Vec<String>,
    pub(super) codes: Vec<String>,
    /// Name, and beginnings of the categories that it looks after.
    pub(super) suppliers: BTreeMap<String, Vec<String>>,
    pub(super) site: Vec<SiteText>,
    pub(super) group: Vec<GroupText>,
    pub(super) staff: Vec<StaffText>,
    pub(super) service: Vec<ServiceText>,
    /// Path and group; an empty group is the deskside team of the caller's site.
    pub(super) categories: BTreeMap<String, String>,
    pub(super) models: BTreeMap<Gear, Vec<String>>,
    pub(super) departments: NameList,
    pub(super) names: PersonNames,
}

impl DeskText {
    /// Puts somebody in the place of the desk's own engineer; whoever has that log-in already takes the free one.
    pub(super) fn seat(&mut self, login: &str, name: &str) {
        let mine = std::mem::replace(&mut self.me, login.to_owned());
        let swap = |held: &mut String| {
            if *held == mine {
                login.clone_into(held);
            } else if held == login {
                held.clone_from(&mine);
            }
        };
        self.group.iter_mut().for_each(|group| swap(&mut group.manager));
        for staff in &mut self.staff {
            swap(&mut staff.login);
            staff.deputy.iter_mut().for_each(swap);
        }
        for staff in self.staff.iter_mut().filter(|staff| staff.login == login) {
            name.clone_into(&mut staff.name);
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteText {
    pub(super) name: String,
    pub(super) share: u32,
    pub(super) desk: String,
    pub(super) places: Vec<String>,
    pub(super) rooms: Vec<String>,
    pub(super) code: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupText {
    pub(super) name: String,
    pub(super) line: u8,
    pub(super) manager: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StaffText {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    /// Away for so many more days.
    pub(super) absent: Option<i64>,
    pub(super) deputy: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceText {
    pub(super) name: String,
    pub(super) group: String,
    #[serde(default)]
    pub(super) critical: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameList {
    pub(super) names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonNames {
    pub(super) first: Vec<String>,
    pub(super) last: Vec<String>,
}

/// What a ticket is about, and a sort of asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Gear {
    Laptop,
    Dock,
    Phone,
    Printer,
    Room,
    Network,
    #[default]
    None,
}

/// One sort of incident or request in several cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// The file that it came from.
    #[serde(skip)]
    pub(super) file: &'static str,
    pub(super) key: String,
    #[serde(default = "one")]
    pub(super) weight: u32,
    pub(super) category: String,
    pub(super) service: String,
    /// Instead of the category's group.
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) needs: Gear,
    /// `[impact, urgency, weight]`.
    pub(super) rates: Vec<[u32; 3]>,
    /// Working hours it usually takes, from and to.
    pub(super) hours: [f64; 2],
    /// So many of a hundred are solved while the caller is on the line.
    #[serde(default)]
    pub(super) first: u32,
    pub(super) cases: Vec<Case>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) replies: Vec<String>,
    /// Questions to the caller.
    #[serde(default)]
    pub(super) asks: Vec<String>,
    /// What the caller answers.
    #[serde(default)]
    pub(super) heard: Vec<String>,
    #[serde(default)]
    pub(super) slots: BTreeMap<String, Vec<String>>,
    /// Requests only: the catalogue item, and whether somebody has to say yes.
    pub(super) item: Option<String>,
    #[serde(default)]
    pub(super) approval: bool,
}

/// One way in which a scenario shows itself: `[title, what the caller says, what is found, resolution code,
/// resolution]`. The five belong together.
#[derive(Debug, Deserialize)]
#[serde(from = "[String; 5]")]
pub(super) struct Case {
    pub(super) title: String,
    pub(super) says: String,
    pub(super) note: String,
    pub(super) code: String,
    pub(super) fix: String,
}

impl From<[String; 5]> for Case {
    fn from([title, says, note, code, fix]: [String; 5]) -> Self {
        Self { title, says, note, code, fix }
    }
}

/// One problem, with the incidents that show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProblemText {
    pub(super) key: String,
    pub(super) category: String,
    pub(super) service: String,
    pub(super) group: String,
    /// How it stands, and how many days ago it was raised.
    pub(super) state: State,
    pub(super) age: i64,
    #[serde(default)]
    pub(super) known: bool,
    pub(super) rate: [u32; 2],
    pub(super) level: String,
    pub(super) domain: String,
    pub(super) title: String,
    pub(super) says: String,
    pub(super) notes: Vec<String>,
    /// Why, and why that, a line each; and causes of causes, set in.
    #[serde(default)]
    pub(super) whys: String,
    #[serde(default)]
    pub(super) tree: String,
    /// What keeps it from coming back.
    #[serde(default)]
    pub(super) prevent: Vec<String>,
    /// Why it is put forward to be borne instead of cured.
    #[serde(default)]
    pub(super) risk: String,
    pub(super) cause_category: String,
    pub(super) cause: String,
    pub(super) evidence: String,
    pub(super) workaround: String,
    pub(super) fix: String,
    /// Keys of incidents that show it.
    pub(super) shows: Vec<String>,
    /// Key of the change that cures it.
    pub(super) change: Option<String>,
}

/// One sort of change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeText {
    pub(super) key: String,
    pub(super) r#type: String,
    /// What a standard change comes from.
    pub(super) template: Option<String>,
    pub(super) category: String,
    pub(super) service: String,
    pub(super) group: String,
    #[serde(default)]
    pub(super) needs: Gear,
    pub(super) rate: [u32; 2],
    pub(super) risk: String,
    /// Local hour at which it starts, and hours it takes.
    pub(super) window: [i8; 2],
    pub(super) titles: Vec<String>,
    pub(super) says: Vec<String>,
    pub(super) reason: String,
    pub(super) plan: String,
    pub(super) back_out: String,
    pub(super) test: String,
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) slots: BTreeMap<String, Vec<String>>,
}

/// What is said again and again on any desk, and lists that fill slots.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    pub(super) slots: BTreeMap<String, Vec<String>>,
    pub(super) say: BTreeMap<String, Vec<String>>,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncidentFile {
    incident: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFile {
    request: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProblemFile {
    problem: Vec<ProblemText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeFile {
    change: Vec<ChangeText>,
}

macro_rules! file {
    ($name:literal) => {
        (concat!("config/sample/", $name), include_str!(concat!("../../../config/sample/", $name)))
    };
}

const INCIDENT_FILES: &[(&str, &str)] = &[
    file!("incidents-hardware.toml"),
    file!("incidents-network.toml"),
    file!("incidents-identity.toml"),
    file!("incidents-mail.toml"),
    file!("incidents-software.toml"),
    file!("incidents-places.toml"),
];

impl Texts {
    /// Reads the files that are compiled in.
    pub(super) fn load() -> Result<Self, TextError> {
        let mut incidents = Vec::new();
        for file in INCIDENT_FILES {
            incidents.extend(read::<IncidentFile>(*file)?.incident.into_iter().map(|text| from(text, file.0)));
        }
        let requests = file!("requests.toml");
        Ok(Self {
            practice: read(("config/changes.toml", include_str!("../../../config/changes.toml")))?,
            desk: read(file!("desk.toml"))?,
            phrases: read(file!("phrases.toml"))?,
            incidents,
            requests: read::<RequestFile>(requests)?.request.into_iter().map(|text| from(text, requests.0)).collect(),
            problems: read::<ProblemFile>(file!("problems.toml"))?.problem,
            changes: read::<ChangeFile>(file!("changes.toml"))?.change,
        })
    }
}

fn from(text: Scenario, file: &'static str) -> Scenario {
    Scenario { file, ..text }
}

/// Reads one file; a fault names it, the line and the key.
fn read<T: serde::de::DeserializeOwned>((file, text): (&'static str, &str)) -> Result<T, TextError> {
    toml::from_str(text).map_err(|error| TextError::Syntax { file, message: error.to_string() })
}
