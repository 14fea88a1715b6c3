//! From the words of a query to questions about columns: what a value means in this table, now, to this user.

use memchr::memmem::Finder;

use super::ast::{Clause, Expr, Op, StateTest, Value, When};
use super::compile::{Context, Node};
use super::field::{Flag, Key};
use super::leaf::{Leaf, Texts, Times, Word};
use super::probe::{Chosen, End, Probe, number};
use crate::domain::name::Name;
use crate::domain::state::State;
use crate::domain::table::{NameColumn, Needle, Place, Table, TimeColumn, Trait, fold};
use crate::domain::waits;

pub(super) struct Compiler<'a> {
    pub table: &'a Table,
    pub context: &'a Context,
}

impl Compiler<'_> {
    pub fn expr(&self, expr: &Expr) -> Node {
        match expr {
            Expr::And(list) => Node::And(self.cheap_first(list)),
            Expr::Or(list) => Node::Or(self.cheap_first(list)),
            Expr::Not(expr) => Node::Not(Box::new(self.expr(expr))),
            Expr::Word(word) => {
                let part = Needle::new(word);
                let names = Chosen::new(vec![Probe::Contains(part.finder())], self.table.names(), None);
                Node::Leaf(Leaf::Word(Word { part, names }))
            }
            Expr::Flag(flag) => self.flag(*flag),
            Expr::Clause(clause) => self.clause(clause),
        }
    }

    fn cheap_first(&self, list: &[Expr]) -> Vec<Node> {
        let mut nodes: Vec<Node> = list.iter().map(|expr| self.expr(expr)).collect();
        nodes.sort_by_key(Node::cost);
        nodes
    }

    fn flag(&self, flag: Flag) -> Node {
        let accepted = || Node::Leaf(Leaf::Trait(Trait::Accepted));
        Node::Leaf(match flag {
            Flag::Mine => return Node::And(vec![accepted(), self.me(NameColumn::Owner, false)]),
            Flag::Unowned => return Node::Not(Box::new(accepted())),
            Flag::Team => return self.me(NameColumn::Group, false),
            Flag::Offered => return Node::Not(Box::new(self.names(NameColumn::Offered, Vec::new(), true))),
            Flag::Overdue => Leaf::Overdue(self.now()),
            Flag::Awaiting => Leaf::Trait(Trait::AwaitsReply),
            Flag::Approving => return self.waits(waits::APPROVER, Vec::new(), true, false),
            Flag::Tasked => return self.waits(waits::TASK, Vec::new(), true, false),
            Flag::Answering => return self.waits(waits::PROPOSAL, Vec::new(), true, false),
            Flag::Snoozed => Leaf::Rows(self.context.snoozed.clone()),
            Flag::Major => Leaf::Trait(Trait::Major),
            Flag::Escalated => Leaf::Trait(Trait::Escalated),
            Flag::Overridden => Leaf::Trait(Trait::Overridden),
            Flag::KnownError => Leaf::Trait(Trait::KnownError),
        })
    }

    /// The column names me; a group, one of mine; an offer, either.
    fn me(&self, column: NameColumn, or_none: bool) -> Node {
        self.names(column, self.my_names(column).map(|name| equals(name)).collect(), or_none)
    }

    fn my_names(&self, column: NameColumn) -> impl Iterator<Item = &Name> {
        let me = self.context.me.iter().filter(move |_| column != NameColumn::Group);
        let mine = matches!(column, NameColumn::Group | NameColumn::Offered);
        me.chain(self.context.my_groups.iter().filter(move |_| mine))
    }

    fn names(&self, column: NameColumn, probes: Vec<Probe>, or_none: bool) -> Node {
        let chosen = Chosen::new(probes, self.table.names(), Some(Place::Column(column)));
        Node::Leaf(Leaf::Name { column, chosen, or_none })
    }

    fn clause(&self, clause: &Clause) -> Node {
        let Clause { key, op, values } = clause;
        let or_none = values.contains(&Value::None);
        match key {
            Key::Id => Node::Leaf(Leaf::Id(texts(values, *op))),
            Key::Title => Node::Leaf(Leaf::Title(texts(values, *op))),
            Key::Kind => Node::Leaf(Leaf::Kind(values.iter().fold(0, |kinds, value| match value {
                Value::Kind(kind) => kinds | 1 << *kind as u8,
                _ => kinds,
            }))),
            Key::State => Node::Leaf(Leaf::State(values.iter().fold(0, |states, value| match value {
                Value::State(test) => states | state_bits(*test),
                _ => states,
            }))),
            Key::Hold => Node::Leaf(Leaf::Hold(values.iter().fold(0, |reasons, value| match value {
                Value::Hold(reason) => reasons | 1 << *reason as u8,
                _ => reasons | 1 << 7,
            }))),
            Key::Sla => Node::Leaf(Leaf::Sla(
                values
                    .iter()
                    .filter_map(|value| if let Value::Sla(test) = value { Some(*test) } else { None })
                    .collect(),
                self.now(),
            )),
            Key::Number(column) => {
                Node::Leaf(Leaf::Number(*column, values.iter().filter_map(|value| numbers(*op, value)).collect()))
            }
            Key::Name(column) => {
                let mut probes = name_probes(*column, values, *op);
                if values.contains(&Value::Me) {
                    probes.extend(self.my_names(*column).map(|name| equals(name)));
                }
                self.names(*column, probes, or_none)
            }
            Key::Past(column) | Key::Age(column) => self.times(*column, *op, values, -1),
            Key::Due => self.times(TimeColumn::Due, *op, values, 1),
            Key::Update => self.times(TimeColumn::UpdateDue, *op, values, 1),
            Key::Review => self.times(TimeColumn::Review, *op, values, 1),
            Key::Waits(word) => self.waits(word, custom_probes(values, *op), values.contains(&Value::Me), or_none),
            Key::Rare(name) => self.custom(name, custom_probes(values, *op), or_none),
            Key::Custom(name) => self.custom(name, custom_probes(values, *op), or_none),
        }
    }

    fn custom(&self, name: &str, probes: Vec<Probe>, or_none: bool) -> Node {
        let names = self.table.names();
        let key = Chosen::new(vec![equals(name)], names, Some(Place::CustomName));
        let value = Chosen::new(probes, names, Some(Place::CustomValue));
        Node::Leaf(Leaf::Custom { key, value, or_none })
    }

    /// It waits for one of these, or for me: by my name or, for what goes to groups, theirs. Who has answered does not
    /// count.
    fn waits(&self, word: &str, mut probes: Vec<Probe>, me: bool, or_none: bool) -> Node {
        let groups = matches!(word, waits::APPROVER | waits::TASK);
        let mine = self.context.me.iter().chain(self.context.my_groups.iter().filter(|_| groups));
        probes.extend(mine.filter(|_| me).map(|name| equals(name)));
        let asked = self.custom(word, probes, or_none);
        if !me || word != waits::APPROVER {
            return asked;
        }
        let answered = self.context.me.iter().map(|name| equals(name)).collect();
        Node::And(vec![asked, Node::Not(Box::new(self.custom(waits::ANSWERED, answered, false)))])
    }

    /// `direction` is -1 where a length of time counts back from now, 1 where it counts on.
    fn times(&self, column: TimeColumn, op: Op, values: &[Value], direction: i64) -> Node {
        let spans: Vec<(i64, i64)> = values.iter().filter_map(|value| self.span(op, value, direction)).collect();
        let or_none = values.contains(&Value::None);
        if spans.is_empty() && !or_none {
            return Node::Nothing;
        }
        Node::Leaf(Leaf::Time(Times { column, spans, or_none }))
    }

    /// The times that fit, first to last.
    fn span(&self, op: Op, value: &Value, direction: i64) -> Option<(i64, i64)> {
        let now = self.now();
        match value {
            Value::Time(When::Span(ms)) => {
                let edge = now + direction * ms;
                // A greater age is an earlier time.
                Some(match (op, direction < 0) {
                    (Op::Has | Op::Is | Op::AtMost, true) | (Op::AtLeast, false) => (edge, i64::MAX),
                    (Op::Less, true) | (Op::More, false) => (edge + 1, i64::MAX),
                    (Op::More, true) | (Op::Less, false) => (i64::MIN, edge - 1),
                    (Op::AtLeast, true) | (Op::Has | Op::Is | Op::AtMost, false) => (i64::MIN, edge),
                })
            }
            Value::Time(when) => {
                let (start, end) = when.bounds(now, &self.context.zone)?;
                Some(match op {
                    Op::Has | Op::Is => (start, end - 1),
                    Op::Less => (i64::MIN, start - 1),
                    Op::AtMost => (i64::MIN, end - 1),
                    Op::More => (end, i64::MAX),
                    Op::AtLeast => (start, i64::MAX),
                })
            }
            Value::Times(from, to) => {
                let bounds = |when: When| match when {
                    When::Span(ms) => Some((now + direction * ms, now + direction * ms + 1)),
                    when => when.bounds(now, &self.context.zone),
                };
                let from = from.map_or(Some(None), |when| bounds(when).map(Some))?;
                let to = to.map_or(Some(None), |when| bounds(when).map(Some))?;
                // Of ages, `1d..3d` begins three days ago; of days, the first comes first.
                let reversed = direction < 0 && matches!(value, Value::Times(a, b) if is_span(*a) || is_span(*b));
                let (first, last) = if reversed { (to, from) } else { (from, to) };
                Some((first.map_or(i64::MIN, |(start, _)| start), last.map_or(i64::MAX, |(_, end)| end - 1)))
            }
            _ => None,
        }
    }

    fn now(&self) -> i64 {
        self.context.now.as_millisecond()
    }
}

fn is_span(when: Option<When>) -> bool {
    matches!(when, Some(When::Span(_)))
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(&fold(text)).into_owned()
}

fn equals(text: &str) -> Probe {
    Probe::Equals(finder(text))
}

fn texts(values: &[Value], op: Op) -> Texts {
    Texts { any: words(values).map(Needle::new).collect(), exact: op == Op::Is }
}

fn name_probes(column: NameColumn, values: &[Value], op: Op) -> Vec<Probe> {
    let probe = |text| match (op, column) {
        (Op::Is, _) => equals(text),
        (_, NameColumn::Category) => Probe::Begins(finder(text)),
        _ => Probe::Contains(finder(text)),
    };
    words(values).map(probe).collect()
}

fn words(values: &[Value]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|value| if let Value::Text(text) = value { Some(&**text) } else { None })
}

fn custom_probes(values: &[Value], op: Op) -> Vec<Probe> {
    let probe = |value: &Value| {
        let end = |text: &str, included| Some(End::new(fold(text), included));
        Some(match value {
            Value::Text(text) => match op {
                Op::Less => Probe::Between(None, end(text, false)),
                Op::AtMost => Probe::Between(None, end(text, true)),
                Op::More => Probe::Between(end(text, false), None),
                Op::AtLeast => Probe::Between(end(text, true), None),
                Op::Has | Op::Is => match number(text.as_bytes()) {
                    Some(number) => Probe::Number { number, text: finder(text), exact: op == Op::Is },
                    None if op == Op::Is => equals(text),
                    None => Probe::Contains(finder(text)),
                },
            },
            Value::Texts(from, to) => {
                let ends = |text: &Option<Box<str>>| text.as_ref().and_then(|text| end(text, true));
                Probe::Between(ends(from), ends(to))
            }
            _ => return None,
        })
    };
    values.iter().filter_map(probe).collect()
}

fn numbers(op: Op, value: &Value) -> Option<(i64, i64)> {
    Some(match (op, value) {
        (Op::Has | Op::Is, Value::Number(n)) => (*n, *n),
        (Op::Less, Value::Number(n)) => (i64::MIN, n.saturating_sub(1)),
        (Op::AtMost, Value::Number(n)) => (i64::MIN, *n),
        (Op::More, Value::Number(n)) => (n.saturating_add(1), i64::MAX),
        (Op::AtLeast, Value::Number(n)) => (*n, i64::MAX),
        (_, Value::Numbers(from, to)) => (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX)),
        _ => return None,
    })
}

fn state_bits(test: StateTest) -> u32 {
    let fits = |state: &&State| match test {
        StateTest::One(one) => **state == one,
        StateTest::Open => state.is_open(),
        StateTest::Active => !state.is_final(),
    };
    State::ALL.iter().filter(fits).fold(0, |bits, state| bits | 1 << *state as u32)
}
