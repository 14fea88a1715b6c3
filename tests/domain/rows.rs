//! Rows for tests and benches: as many believable tickets as one wants, the same for the same seed.

use deskside::domain::kind::{Kind, Revision};
use deskside::domain::lifecycle::ChangeType;
use deskside::domain::name::{Name, TicketId};
use deskside::domain::sla::Metric;
use deskside::domain::state::{HoldReason, State};
use deskside::domain::summary::{Course, Glance, GlanceState, Summary};
use deskside::text::Clean;
use jiff::Timestamp;

/// The present of these rows: 2026-03-10T10:00Z.
pub const NOW: i64 = 1_773_136_800_000;

const HOUR: i64 = 3_600_000;
const SUBJECTS: &[&str] = &[
    "Outlook",
    "VPN",
    "Docking station",
    "Laptop",
    "Printer on floor 3",
    "Teams",
    "SAP",
    "Badge reader",
    "Mobile phone",
    "Shared drive",
    "OneDrive",
    "Excel macro",
    "Projector",
    "Wi-Fi",
    "Password",
    "Café till",
];
const TROUBLES: &[&str] = &[
    "does not start after the update",
    "loses the connection every hour",
    "is very slow since Monday",
    "asks for the licence again",
    "shows a blue screen",
    "cannot be found on the network",
    "needs access for a new joiner",
    "makes a loud noise",
    "rejects the token",
    "prints empty pages",
    "freezes when a file is opened",
    "is missing after the move",
];
const GROUPS: &[&str] = &[
    "Service Desk",
    "Network",
    "Client Engineering",
    "Messaging",
    "Identity",
    "Field Support North",
    "Field Support South",
];
const CATEGORIES: &[&str] = &[
    "network/vpn",
    "network/wifi",
    "hardware/laptop",
    "hardware/printer",
    "software/office",
    "software/sap",
    "access/account",
    "mail",
];

/// A small generator of numbers: quick, and the same everywhere.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    pub fn ms(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(bound.unsigned_abs())).unwrap()
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// `count` tickets; the last twentieth is open.
pub fn summaries(count: usize, seed: u64) -> Vec<Summary> {
    let mut all = Vec::with_capacity(count);
    each_page(count, seed, count.max(1), |page| all = page);
    all
}

/// The same tickets, so many at a time.
pub fn each_page(count: usize, seed: u64, size: usize, mut take: impl FnMut(Vec<Summary>)) {
    let mut dice = Dice::new(seed);
    let numbers: Vec<usize> = (0..count).collect();
    for page in numbers.chunks(size) {
        take(page.iter().map(|n| summary(*n, *n >= count - count.div_ceil(20), &mut dice)).collect());
    }
}

fn course(opened: i64, open: bool, dice: &mut Dice) -> Course {
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok();
    Course {
        of: dice.pick(ChangeType::ALL),
        risk: (!dice.one_in(4)).then(|| Name::new(dice.pick(&["low", "moderate", "high"]))),
        outcome: (!open).then(|| Name::new(dice.pick(&["successful", "failed"]))),
        starts: at(opened + 24 * HOUR),
        ends: at(opened + 26 * HOUR),
        began: if open { None } else { at(opened + 24 * HOUR) },
        ended: if open { None } else { at(opened + 25 * HOUR) },
    }
}

fn summary(n: usize, open: bool, dice: &mut Dice) -> Summary {
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
    let opened = NOW - if open { dice.ms(20 * 24 * HOUR) } else { 20 * 24 * HOUR + dice.ms(700 * 24 * HOUR) };
    let kind = dice.pick(&[Kind::Incident, Kind::Incident, Kind::Incident, Kind::Request, Kind::Problem, Kind::Change]);
    let state = match open {
        true => dice.pick(&[State::New, State::Assigned, State::InProgress, State::InProgress, State::OnHold]),
        false => dice.pick(&[State::Closed, State::Closed, State::Closed, State::Resolved, State::Cancelled]),
    };
    let impact = 1 + u8::try_from(dice.below(3)).unwrap();
    let urgency = 1 + u8::try_from(dice.below(3)).unwrap();
    let due = opened + HOUR + dice.ms(21 * 24 * HOUR);
    let clock = match (open, state) {
        (true, State::OnHold) => GlanceState::Paused,
        (true, _) => dice.pick(&[GlanceState::Running, GlanceState::Running, GlanceState::Running, GlanceState::None]),
        (false, _) => dice.pick(&[GlanceState::Met, GlanceState::Met, GlanceState::Breached]),
    };
    let running = clock == GlanceState::Running;
    let ended = opened + HOUR + dice.ms(48 * HOUR);
    Summary {
        id: TicketId::new(&format!("{}-{}", kind.prefix(), n + 1)),
        kind,
        state,
        revision: Revision(dice.below(50)),
        title: Clean::line(&format!("{} {} ({})", dice.pick(SUBJECTS), dice.pick(TROUBLES), n % 9973)),
        impact,
        urgency,
        priority: impact + urgency - 1,
        priority_overridden: dice.one_in(40),
        category: (!dice.one_in(9)).then(|| Name::new(dice.pick(CATEGORIES))),
        group: (!dice.one_in(7)).then(|| Name::new(dice.pick(GROUPS))),
        owner: Name::new(&format!("engineer{}", dice.below(60))),
        accepted: !dice.one_in(5),
        offered_to: (open && dice.one_in(8)).then(|| Name::new(dice.pick(GROUPS))),
        caller: Some(Name::new(&format!("caller{}", dice.below(5000)))),
        service: dice.one_in(2).then(|| Name::new(dice.pick(&["Workplace", "Mail", "Remote access"]))),
        asset: dice.one_in(4).then(|| Name::new(&format!("LT-{:05}", dice.below(8000)))),
        location: dice.one_in(2).then(|| Name::new(dice.pick(&["London", "Leeds", "Zürich"]))),
        channel: Some(Name::new(dice.pick(&["phone", "mail", "portal"]))),
        hold: (state == State::OnHold).then(|| dice.pick(HoldReason::ALL)),
        opened: at(opened),
        updated: at(ended.min(NOW)),
        responded: (!dice.one_in(6)).then(|| at(opened + dice.ms(HOUR))),
        resolved: (!open).then(|| at(ended)),
        closed: (!open && state != State::Resolved).then(|| at(ended + 24 * HOUR)),
        glance: Glance {
            state: clock,
            metric: (clock != GlanceState::None).then(|| dice.pick(Metric::ALL)),
            due: (clock != GlanceState::None && clock != GlanceState::Paused).then_some(due),
            late: (clock != GlanceState::None && clock != GlanceState::Paused).then_some(due),
            risk: running.then_some(due - 36 * HOUR),
            left: (clock == GlanceState::Paused).then(|| dice.ms(40 * HOUR) - 4 * HOUR),
        },
        update_due: (open && dice.one_in(3)).then(|| at(NOW - 4 * HOUR + dice.ms(12 * HOUR))),
        review: (open && kind == Kind::Problem).then(|| at(opened + 7 * 24 * HOUR)),
        shallow: false,
        awaits_reply: open && dice.one_in(5),
        reopens: u32::from(dice.one_in(50)),
        reassignments: u32::try_from(dice.below(4)).unwrap(),
        links: u32::from(dice.one_in(10)),
        escalated: dice.one_in(30),
        major: dice.one_in(300),
        known_error: kind == Kind::Problem && dice.one_in(3),
        caused_by: (kind == Kind::Incident && dice.one_in(60))
            .then(|| TicketId::new(&format!("CHG-{}", dice.below(99)))),
        course: (kind == Kind::Change).then(|| course(opened, open, dice)),
        custom: if dice.one_in(6) {
            vec![(Name::new("x.cost"), Name::new(&dice.below(90).to_string()))]
        } else {
            Vec::new()
        },
    }
}
