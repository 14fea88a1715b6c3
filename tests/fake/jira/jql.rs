//! As much of Jira's query language as clients write: clauses, brackets, AND, OR, NOT, lists, dates, functions, ORDER BY.
//! What it does not know it refuses, as Jira does.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::world::{Issue, PROJECT, Sort, User, World, words};

/// Why a query is refused.
pub type Refusal = String;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Clause { field: String, op: String, values: Vec<Token> },
}

#[derive(Debug)]
pub struct Query {
    node: Option<Node>,
    order: Vec<(String, bool)>,
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let letters: Vec<char> = text.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(letter) = letters.get(at) {
        match letter {
            c if c.is_whitespace() => at += 1,
            '"' | '\'' => {
                let (quote, mut held) = (*letter, String::new());
                at += 1;
                loop {
                    match letters.get(at) {
                        None => return Err("Error in the JQL Query: The quoted string has not been completed.".into()),
                        Some(c) if *c == quote => break,
                        Some('\\') => {
                            at += 1;
                            held.extend(letters.get(at));
                        }
                        Some(c) => held.push(*c),
                    }
                    at += 1;
                }
                at += 1;
                all.push(Token::Text(held));
            }
            '(' | ')' | ',' => {
                all.push(Token::Sign(letter.to_string()));
                at += 1;
            }
            '=' | '!' | '<' | '>' | '~' => {
                let two = letters.get(at + 1).filter(|next| matches!(next, '=' | '~'));
                let sign: String = std::iter::once(*letter).chain(two.copied()).collect();
                at += sign.len();
                all.push(Token::Sign(sign));
            }
            _ => {
                let begin = at;
                while letters.get(at).is_some_and(|c| !c.is_whitespace() && !"()=!<>~,\"'".contains(*c)) {
                    at += 1;
                }
                all.push(Token::Word(letters[begin..at].iter().collect()));
            }
        }
    }
    Ok(all)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn word(&mut self, wanted: &str) -> bool {
        let there = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(there);
        there
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let there = self.tokens.get(self.at) == Some(&Token::Sign(wanted.into()));
        self.at += usize::from(there);
        there
    }

    fn any(&mut self) -> Result<Node, Refusal> {
        let mut all = vec![self.all()?];
        while self.word("or") {
            all.push(self.all()?);
        }
        Ok(Node::Any(all))
    }

    fn all(&mut self) -> Result<Node, Refusal> {
        let mut all = vec![self.one()?];
        while self.word("and") {
            all.push(self.one()?);
        }
        Ok(Node::All(all))
    }

    fn one(&mut self) -> Result<Node, Refusal> {
        if self.word("not") {
            return Ok(Node::Not(Box::new(self.one()?)));
        }
        if self.sign("(") {
            let inner = self.any()?;
            return if self.sign(")") { Ok(inner) } else { Err(self.expected("')'")) };
        }
        let field = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !is_reserved(word) => word.clone(),
            Some(Token::Text(word)) => word.clone(),
            _ => return Err(self.expected("a field name")),
        };
        self.at += 1;
        let op = if self.word("is") {
            if self.word("not") { "is not".to_owned() } else { "is".to_owned() }
        } else if self.word("in") {
            "in".to_owned()
        } else if self.word("not") {
            if !self.word("in") {
                return Err(self.expected("'in'"));
            }
            "not in".to_owned()
        } else if let Some(Token::Sign(sign)) =
            self.tokens.get(self.at).filter(|t| !matches!(t, Token::Sign(s) if "(),".contains(s.as_str())))
        {
            let sign = sign.clone();
            self.at += 1;
            sign
        } else {
            return Err(self.expected("an operator"));
        };
        let values = self.values(op.ends_with("in"))?;
        Ok(Node::Clause { field, op, values })
    }

    fn values(&mut self, list: bool) -> Result<Vec<Token>, Refusal> {
        let mut all = Vec::new();
        if list && !self.sign("(") {
            return Err(self.expected("'('"));
        }
        loop {
            match self.tokens.get(self.at) {
                Some(Token::Word(word)) if is_reserved(word) => return Err(self.expected("a value")),
                Some(Token::Sign(_)) | None => return Err(self.expected("a value")),
                Some(token) => all.push(token.clone()),
            }
            self.at += 1;
            if self.sign("(") {
                if !self.sign(")") {
                    return Err(self.expected("')'"));
                }
                if let Some(Token::Word(word)) = all.last_mut() {
                    word.push_str("()");
                }
            }
            if !list {
                return Ok(all);
            }
            if self.sign(")") {
                return Ok(all);
            }
            if !self.sign(",") {
                return Err(self.expected("','"));
            }
        }
    }

    fn expected(&self, what: &str) -> Refusal {
        format!("Error in the JQL Query: Expecting {what} (token {}).", self.at + 1)
    }
}

fn is_reserved(word: &str) -> bool {
    ["and", "or", "not", "order", "by", "in", "is"].iter().any(|one| word.eq_ignore_ascii_case(one))
}

impl Query {
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let mut reader = Reader { tokens: tokens(text)?, at: 0 };
        let ordered = |reader: &Reader| matches!(reader.tokens.get(reader.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case("order"));
        let node = if reader.tokens.is_empty() || ordered(&reader) { None } else { Some(reader.any()?) };
        let mut order = Vec::new();
        if reader.word("order") {
            if !reader.word("by") {
                return Err(reader.expected("'by'"));
            }
            loop {
                let field = match reader.tokens.get(reader.at) {
                    Some(Token::Word(word) | Token::Text(word)) => word.to_lowercase(),
                    _ => return Err(reader.expected("a field name")),
                };
                reader.at += 1;
                let down = reader.word("desc");
                if !down {
                    reader.word("asc");
                }
                order.push((field, down));
                if !reader.sign(",") {
                    break;
                }
            }
        }
        if order.len() > 7 || reader.at < reader.tokens.len() {
            return Err(reader.expected("the end of the query"));
        }
        Ok(Self { node, order })
    }

    /// Whether it is limited by anything.
    pub fn is_bounded(&self) -> bool {
        self.node.is_some()
    }

    /// What it finds, in its order.
    pub fn find<'w>(&self, world: &'w World, viewer: &User, fresh: &[u64]) -> Result<Vec<&'w Issue>, Refusal> {
        let seen = world.issues.iter().filter_map(|issue| match &issue.stale {
            Some(_) if fresh.contains(&issue.number) => Some(issue),
            Some(stale) => stale.as_deref(),
            None => Some(issue),
        });
        let look = Look { world, viewer };
        let mut found = Vec::new();
        for issue in seen {
            if self.node.as_ref().map_or(Ok(true), |node| look.holds(node, issue))? {
                found.push(issue);
            }
        }
        if let Some(node) = &self.node {
            // A query is wrong even where nobody would notice.
            look.check(node)?;
        }
        for (field, _) in &self.order {
            look.known(field)?;
        }
        found.sort_by(|a, b| {
            let by = |(field, down): &(String, bool)| {
                let order = look.place(field, a).cmp(&look.place(field, b));
                if *down { order.reverse() } else { order }
            };
            self.order.iter().map(by).find(|order| order.is_ne()).unwrap_or(b.number.cmp(&a.number))
        });
        Ok(found)
    }
}

struct Look<'w> {
    world: &'w World,
    viewer: &'w User,
}

const FIELDS: [&str; 16] = [
    "project",
    "issuetype",
    "type",
    "status",
    "statuscategory",
    "assignee",
    "reporter",
    "creator",
    "created",
    "updated",
    "resolution",
    "priority",
    "key",
    "id",
    "summary",
    "text",
];

impl Look<'_> {
    fn known(&self, field: &str) -> Result<(), Refusal> {
        let own =
            field.starts_with("cf[") || self.world.field_named(field).is_some() || self.world.field(field).is_some();
        if own || FIELDS.iter().any(|one| field.eq_ignore_ascii_case(one)) {
            return Ok(());
        }
        Err(format!("Field '{field}' does not exist or you do not have permission to view it."))
    }

    fn check(&self, node: &Node) -> Result<(), Refusal> {
        match node {
            Node::All(all) | Node::Any(all) => all.iter().try_for_each(|one| self.check(one)),
            Node::Not(one) => self.check(one),
            Node::Clause { field, values, .. } => {
                self.known(field)?;
                values.iter().try_for_each(|value| self.value(&field.to_lowercase(), &plain(value)))
            }
        }
    }

    /// Names that there are not are refused.
    fn value(&self, field: &str, value: &str) -> Result<(), Refusal> {
        let same = |one: &str| one.eq_ignore_ascii_case(value);
        let known = match field {
            "project" => same(PROJECT) || same("10000"),
            "issuetype" | "type" => self.world.types.iter().any(|one| same(&one.name) || same(&one.id)),
            "status" => self.world.statuses.iter().any(|one| same(&one.0) || same(&one.1)),
            "key" | "id" => self.world.issue(value).is_some(),
            "assignee" | "reporter" | "creator" => {
                value.ends_with("()") || same("empty") || self.world.by_account(value).is_some()
            }
            "created" | "updated" => self.instant(value).is_some(),
            _ => true,
        };
        if known {
            return Ok(());
        }
        Err(match field {
            "key" | "id" => format!("An issue with key '{value}' does not exist for field '{field}'."),
            _ => format!("The value '{value}' does not exist for the field '{field}'."),
        })
    }

    fn holds(&self, node: &Node, issue: &Issue) -> Result<bool, Refusal> {
        Ok(match node {
            Node::All(all) => {
                let mut good = true;
                for one in all {
                    good &= self.holds(one, issue)?;
                }
                good
            }
            Node::Any(all) => {
                let mut good = false;
                for one in all {
                    good |= self.holds(one, issue)?;
                }
                good
            }
            Node::Not(one) => !self.holds(one, issue)?,
            Node::Clause { field, op, values } => {
                self.known(field)?;
                self.clause(&field.to_lowercase(), op, values, issue)?
            }
        })
    }

    fn clause(&self, field: &str, op: &str, values: &[Token], issue: &Issue) -> Result<bool, Refusal> {
        if matches!(field, "created" | "updated") {
            let held = if field == "created" { issue.created } else { issue.updated };
            let value = plain(&values[0]);
            let at =
                self.instant(&value).ok_or_else(|| format!("Date value '{value}' for field '{field}' is invalid."))?;
            return Ok(match op {
                ">=" => held >= at,
                ">" => held > at,
                "<=" => held <= at,
                "<" => held < at,
                _ => return Err(format!("The operator '{op}' is not supported by the '{field}' field.")),
            });
        }
        let held = self.held(field, issue);
        let says = |value: &Token| {
            let value = plain(value);
            if value == "currentUser()" {
                return held.contains(&self.viewer.login);
            }
            if matches!(value.to_lowercase().as_str(), "empty" | "null" | "unresolved") {
                return held.is_empty();
            }
            let login = self.world.by_account(&value).map(|user| user.login.clone());
            held.iter().any(|one| one.eq_ignore_ascii_case(&value) || Some(one) == login.as_ref())
        };
        Ok(match op {
            "=" | "in" | "is" => values.iter().any(says),
            "!=" | "not in" | "is not" => !values.iter().any(says),
            "~" => {
                let text = self.words(field, issue);
                let wanted = plain(&values[0]).to_lowercase();
                wanted.split_whitespace().all(|word| {
                    let (word, open) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
                    text.iter().any(|held| held == word || open && held.starts_with(word))
                })
            }
            other => return Err(format!("The operator '{other}' is not supported by the '{field}' field.")),
        })
    }

    /// Numbers and names of what stands there.
    fn held(&self, field: &str, issue: &Issue) -> Vec<String> {
        let text = |key: &str| issue.fields.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        match field {
            "project" => vec![PROJECT.into(), "10000".into()],
            "issuetype" | "type" => vec![issue.sort.clone(), self.world.sort(&issue.sort).name.clone()],
            "status" => vec![issue.status.clone(), self.world.status(&issue.status).1.clone()],
            "statuscategory" => match self.world.status(&issue.status).2 {
                "done" => vec!["Done".into(), "3".into()],
                "new" => vec!["To Do".into(), "2".into()],
                _ => vec!["In Progress".into(), "4".into()],
            },
            "creator" => vec![issue.creator.clone()],
            "key" | "id" => {
                let mut all = vec![issue.key.clone(), issue.number.to_string()];
                all.extend(issue.before.clone());
                all
            }
            other => {
                let id = other
                    .strip_prefix("cf[")
                    .and_then(|rest| rest.strip_suffix(']'))
                    .map(|n| format!("customfield_{n}"));
                let id = id.unwrap_or_else(|| other.to_owned());
                let Some(known) = self.world.field(&id).or_else(|| self.world.field_named(&id)) else {
                    return Vec::new();
                };
                let Some(held) = text(&known.id) else { return Vec::new() };
                let name = known.choices.iter().find(|choice| choice.0 == held).map(|choice| choice.1.clone());
                std::iter::once(held).chain(name).collect()
            }
        }
    }

    fn words(&self, field: &str, issue: &Issue) -> Vec<String> {
        let mut text = String::new();
        for (key, value) in &issue.fields {
            let rich = self.world.field(key).is_some_and(|known| matches!(known.sort, Sort::Line | Sort::Text));
            if rich && (field == "text" || field == key) {
                text.push_str(&words(value));
                text.push(' ');
            }
        }
        if field == "text" {
            issue.comments.iter().for_each(|said| text.push_str(&words(&said.body)));
        }
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Dates are read in the zone of the account and know minutes; numbers are milliseconds.
    fn instant(&self, value: &str) -> Option<Timestamp> {
        if let Some(back) = value.strip_prefix('-') {
            let (number, unit) = back.split_at(back.len().checked_sub(1)?);
            let number: i64 = number.parse().ok()?;
            let span = match unit {
                "m" => SignedDuration::from_mins(number),
                "h" => SignedDuration::from_hours(number),
                "d" => SignedDuration::from_hours(24 * number),
                "w" => SignedDuration::from_hours(168 * number),
                _ => return None,
            };
            return Timestamp::now().checked_sub(span).ok();
        }
        if let Ok(ms) = value.parse() {
            return Timestamp::from_millisecond(ms).ok();
        }
        let value = value.replace('/', "-");
        let text =
            if value.len() == 10 { format!("{value}T00:00:00") } else { format!("{}:00", value.replacen(' ', "T", 1)) };
        if text.len() != 19 {
            return None;
        }
        let at: DateTime = text.parse().ok()?;
        // An hour that comes twice is read as its second time: whoever wrote the first, loses something.
        self.world.zone().to_ambiguous_timestamp(at).later().ok()
    }

    fn place(&self, field: &str, issue: &Issue) -> (i64, String) {
        match field {
            "created" => (issue.created.as_millisecond(), String::new()),
            "updated" => (issue.updated.as_millisecond(), String::new()),
            "key" | "id" => (issue.number.cast_signed(), String::new()),
            other => (0, self.held(other, issue).into_iter().next_back().unwrap_or_default()),
        }
    }
}

fn plain(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Text(text) | Token::Sign(text) => text.clone(),
    }
}
