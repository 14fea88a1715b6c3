//! The people, places and things of the sample desk: the directory, and what the stories look up in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};

use crate::backend::sample::rng::Rng;
use crate::backend::sample::teller::FIRST_LINE;
use crate::backend::sample::text::{DeskText, Gear, Texts};
use crate::domain::directory::{Asset, Category, Directory, Group, Level, Person, Role, Service};
use crate::domain::name::Name;
use crate::text::Clean;

const CUSTOMERS: usize = 300;

/// The directory and its indexes. Made from the seed; never changes afterwards.
#[derive(Debug)]
pub(super) struct World {
    pub(super) directory: Directory,
    pub(super) customers: Vec<Customer>,
    pub(super) sites: Vec<Site>,
    /// Gear by sort, in the order of the directory.
    pub(super) gear: BTreeMap<Gear, Vec<Item>>,
    members: BTreeMap<Name, Vec<Name>>,
    pub(super) me: Name,
    /// Those of the first line who may add to closed records.
    pub(super) linkers: Vec<Name>,
}

/// Somebody who calls.
#[derive(Debug)]
pub(super) struct Customer {
    pub(super) login: Name,
    pub(super) name: Name,
    pub(super) site: usize,
    pub(super) place: Name,
    pub(super) department: Name,
    pub(super) phone: Name,
    pub(super) vip: bool,
}

/// An office.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) name: Name,
    pub(super) desk: Name,
}

/// A piece of gear: what a ticket says about it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) tag: Name,
    pub(super) model: Name,
    pub(super) customer: Option<usize>,
    pub(super) site: usize,
    pub(super) place: Name,
    /// How people call it: a room has a name.
    pub(super) called: Name,
}

impl World {
    pub(super) fn build(texts: &Texts, seed: u64, now: Timestamp) -> Self {
        let desk = &texts.desk;
        let mut rng = Rng::new(seed, 0x0057_0a11);
        let mut directory = fixed(desk, texts, now);
        let customers = customers(desk, &mut rng, &directory);
        directory.people.extend(customers.iter().map(person));
        name_managers(&mut directory, &customers);
        let (gear, assets) = estate(desk, &mut rng, &customers, now);
        directory.assets = assets;
        let mut members: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
        for person in &directory.people {
            for group in &person.groups {
                members.entry(group.clone()).or_default().push(person.login.clone());
            }
        }
        let sites = desk.site.iter().map(|s| Site { name: Name::new(&s.name), desk: Name::new(&s.desk) }).collect();
        let linkers = (directory.people.iter())
            .filter(|p| {
                p.level >= Some(Level::Engineer) && p.groups.first().is_some_and(|group| &**group == FIRST_LINE)
            })
            .map(|person| person.login.clone())
            .collect();
        Self { directory, customers, sites, gear, members, me: Name::new(&desk.me), linkers }
    }

    /// The members of a group who are at work.
    pub(super) fn members(&self, group: &str) -> &[Name] {
        self.members.get(group).map_or(&[], Vec::as_slice)
    }

    /// The first names that notes and replies use.
    pub(super) fn first_name<'a>(&'a self, login: &'a str) -> &'a str {
        self.directory.display(login).split(' ').next().unwrap_or_default()
    }

    pub(super) fn manager_of(&self, group: &str) -> Option<&Name> {
        self.directory.group(group).map(|held| &held.manager)
    }

    /// One customer; some call far more often than others.
    pub(super) fn caller(&self, rng: &mut Rng) -> usize {
        let skew = rng.fraction().powf(1.6);
        ((skew * self.customers.len() as f64) as usize).min(self.customers.len().saturating_sub(1))
    }
}

/// What does not hang on chance.
fn fixed(desk: &DeskText, texts: &Texts, now: Timestamp) -> Directory {
    let names = |list: &[String]| list.iter().map(|text| Name::new(text)).collect::<Vec<_>>();
    let items: BTreeSet<&str> = texts.requests.iter().filter_map(|scenario| scenario.item.as_deref()).collect();
    let staff = desk.staff.iter().enumerate().map(|(index, staff)| Person {
        login: Name::new(&staff.login),
        name: Name::new(&staff.name),
        level: Some(staff.level),
        groups: names(&staff.groups),
        roles: staff.roles.clone(),
        department: Some(Name::new("IT")),
        location: staff
            .groups
            .iter()
            .find_map(|group| desk.site.iter().find(|s| s.desk == *group))
            .map_or_else(|| Some(Name::new("Leeds 3")), |site| site.places.first().map(|place| Name::new(place))),
        phone: Some(Name::new(&format!("{}", 4100 + index * 3))),
        email: Some(Name::new(&format!("{}@caldermutual.example", staff.login))),
        vip: false,
        absent_until: staff.absent.and_then(|days| now.checked_add((days * 24).hours()).ok()),
        deputy: staff.deputy.as_deref().map(Name::new),
        manager: None,
    });
    Directory {
        name: Clean::line(&desk.name),
        people: staff.collect(),
        groups: (desk.group.iter())
            .map(|g| Group { name: Name::new(&g.name), line: g.line, manager: Name::new(&g.manager) })
            .collect(),
        services: (desk.service.iter())
            .map(|s| Service { name: Name::new(&s.name), owner_group: Name::new(&s.group), critical: s.critical })
            .collect(),
        assets: Vec::new(),
        categories: (desk.categories.iter())
            .map(|(path, group)| Category {
                name: Name::new(path),
                group: (!group.is_empty()).then(|| Name::new(group)),
            })
            .collect(),
        locations: desk.site.iter().flat_map(|site| &site.places).map(|place| Name::new(place)).collect(),
        channels: names(&desk.channels),
        resolution_codes: names(&desk.codes),
        suppliers: desk.suppliers.keys().map(|name| Name::new(name)).collect(),
        catalog_items: items.into_iter().map(Name::new).collect(),
        ..Directory::default()
    }
}

fn customers(desk: &DeskText, rng: &mut Rng, staff: &Directory) -> Vec<Customer> {
    let mut taken: BTreeSet<String> = staff.people.iter().map(|person| person.login.to_string()).collect();
    let mut names: BTreeSet<String> = staff.people.iter().map(|person| person.name.to_string()).collect();
    let mut found = Vec::with_capacity(CUSTOMERS);
    for index in 0..CUSTOMERS * 4 {
        if found.len() == CUSTOMERS {
            break;
        }
        let (Some(first), Some(last)) = (rng.pick(&desk.names.first), rng.pick(&desk.names.last)) else { break };
        let name = format!("{first} {last}");
        if !names.insert(name.clone()) {
            continue;
        }
        let site = rng.weighted(desk.site.iter().map(|site| site.share));
        let place = desk.site.get(site).and_then(|held| rng.pick(&held.places)).map(|place| Name::new(place));
        let department = rng.pick(&desk.departments.names).map(|held| Name::new(held));
        let (Some(place), Some(department)) = (place, department) else { continue };
        let vip = &*department == "Executive Office" || rng.percent(2);
        found.push(Customer {
            login: login(first, last, &mut taken),
            name: Name::new(&name),
            site,
            place,
            department,
            phone: Name::new(&format!("{}", 5000 + index * 7 % 2000)),
            vip,
        });
    }
    found
}

/// `dwhitfield`, or `dwhitfield2` when somebody has that already.
fn login(first: &str, last: &str, taken: &mut BTreeSet<String>) -> Name {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let base = format!("{}{}", letters(first).get(..1).unwrap_or_default(), letters(last));
    let free = (1..).map(|n| if n == 1 { base.clone() } else { format!("{base}{n}") }).find(|l| !taken.contains(l));
    let login = free.unwrap_or(base);
    taken.insert(login.clone());
    Name::new(&login)
}

/// The first of a department approves what the others ask for; theirs does the service desk's manager.
fn name_managers(directory: &mut Directory, customers: &[Customer]) {
    let desk = directory.people.iter().find(|person| person.roles.contains(&Role::ServiceDeskManager));
    let desk = desk.map(|person| person.login.clone());
    for person in directory.people.iter_mut().filter(|person| person.level.is_none()) {
        let head = customers.iter().find(|customer| person.department.as_ref() == Some(&customer.department));
        let head = head.map(|customer| customer.login.clone()).filter(|login| *login != person.login);
        person.manager = head.or_else(|| desk.clone());
    }
}

fn person(customer: &Customer) -> Person {
    Person {
        department: Some(customer.department.clone()),
        location: Some(customer.place.clone()),
        phone: Some(customer.phone.clone()),
        email: Some(Name::new(&format!("{}@caldermutual.example", customer.login))),
        vip: customer.vip,
        ..Person::named(customer.login.clone(), customer.name.clone())
    }
}

/// `(sort, prefix of tags, first number, how many of a hundred customers have one, months of warranty)`
const PERSONAL: &[(Gear, &str, usize, u32, i64)] =
    &[(Gear::Laptop, "LT", 20_411, 86, 36), (Gear::Dock, "DK", 3_102, 17, 24), (Gear::Phone, "PH", 7_004, 16, 24)];

fn estate(
    desk: &DeskText,
    rng: &mut Rng,
    customers: &[Customer],
    now: Timestamp,
) -> (BTreeMap<Gear, Vec<Item>>, Vec<Asset>) {
    let mut gear: BTreeMap<Gear, Vec<Item>> = BTreeMap::new();
    let mut assets = Vec::new();
    for &(sort, prefix, start, share, months) in PERSONAL {
        let mut number = start;
        for (index, customer) in customers.iter().enumerate() {
            if !rng.percent(share) {
                continue;
            }
            number += 1 + rng.below(31);
            let tag = Name::new(&format!("{prefix}-{number}"));
            let model = model(desk, sort, rng);
            let item = Item {
                called: tag.clone(),
                tag,
                model,
                customer: Some(index),
                site: customer.site,
                place: customer.place.clone(),
            };
            assets.push(asset(&item, Some(&customer.login), months, rng, now));
            gear.entry(sort).or_default().push(item);
        }
    }
    for (index, site) in desk.site.iter().enumerate() {
        for (sort, tag, place, called) in shared(site) {
            let item = Item {
                tag: Name::new(&tag),
                model: model(desk, sort, rng),
                customer: None,
                site: index,
                place: Name::new(&place),
                called: Name::new(&called),
            };
            assets.push(asset(&item, None, 60, rng, now));
            gear.entry(sort).or_default().push(item);
        }
    }
    (gear, assets)
}

/// Printers, rooms and network gear of one office: `(sort, tag, place, what people call it)`.
fn shared(site: &crate::backend::sample::text::SiteText) -> Vec<(Gear, String, String, String)> {
    let mut found = Vec::new();
    if site.rooms.is_empty() {
        return found;
    }
    for (floor, place) in site.places.iter().enumerate() {
        for number in 1..=if floor == 0 { 2 } else { 1 } {
            let tag = format!("PR-{}-{}{number}", site.code, floor + 1);
            found.push((Gear::Printer, tag.clone(), place.clone(), tag));
        }
        let tag = format!("NW-{}-{:02}", site.code, floor + 1);
        found.push((Gear::Network, tag.clone(), place.clone(), tag));
    }
    for (number, room) in site.rooms.iter().enumerate() {
        let place = site.places.get(number % site.places.len().max(1)).cloned().unwrap_or_default();
        found.push((Gear::Room, format!("AV-{}-{:02}", site.code, number + 1), place, room.clone()));
    }
    found
}

fn model(desk: &DeskText, sort: Gear, rng: &mut Rng) -> Name {
    let known = desk.models.get(&sort).and_then(|models| rng.pick(models));
    Name::new(known.map_or("unknown", String::as_str))
}

/// What hangs on the first switch of an office: its other network gear and the kit of its rooms.
fn parents(item: &Item) -> Vec<Name> {
    let mut parts = item.tag.split('-');
    let (sort, office, number) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    let first = Name::new(&format!("NW-{office}-01"));
    match (sort, number) {
        (Some("NW"), Some(number)) if number != "01" => vec![first],
        (Some("AV" | "PR"), Some(_)) => vec![first],
        _ => Vec::new(),
    }
}

fn asset(item: &Item, user: Option<&Name>, months: i64, rng: &mut Rng, now: Timestamp) -> Asset {
    let days = rng.within(-200, months * 30);
    let state = if rng.percent(4) { "in repair" } else { "in use" };
    let service = match item.tag.split('-').next() {
        Some("NW") => Some("Office network and Wi-Fi"),
        Some("PR") => Some("Printing"),
        Some("AV") => Some("Meeting rooms"),
        _ => None,
    };
    Asset {
        tag: item.tag.clone(),
        model: item.model.clone(),
        user: user.cloned(),
        location: Some(item.place.clone()),
        state: Name::new(state),
        warranty_until: now.checked_add((days * 24).hours()).ok(),
        parents: parents(item),
        services: service.map(Name::new).into_iter().collect(),
    }
}
