//! As much of iTop's query language as an adapter needs, with what it refuses.

use super::desk::Desk;
use super::desk::Object;

/// A condition.
#[derive(Debug, Clone)]
pub enum Test {
    All,
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Compare(String, String, String),
    In(String, Vec<String>),
}

/// One `SELECT`.
#[derive(Debug, Clone)]
pub struct Select {
    pub class: String,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

/// The selects of a query, or what iTop says of it.
pub fn parse(text: &str) -> Result<Vec<Select>, String> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens, at: 0, text };
    let mut all = Vec::new();
    loop {
        all.push(reader.select()?);
        match reader.next() {
            None => return Ok(all),
            Some(Token::Word(word)) if word == "UNION" => {}
            Some(other) => return Err(reader.unexpected(&other)),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
        } else if c == '\'' {
            chars.next();
            let mut word = String::new();
            loop {
                match chars.next() {
                    None => return Err("unterminated string".into()),
                    Some('\'') => break,
                    Some('\\') => match chars.next() {
                        Some(c @ ('\'' | '\\')) => word.push(c),
                        _ => return Err("Unexpected input at a backslash".into()),
                    },
                    Some(c) => word.push(c),
                }
            }
            out.push(Token::Text(word));
        } else if c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.') {
            let mut word = String::new();
            while let Some(&c) = chars.peek().filter(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.')) {
                word.push(c);
                chars.next();
            }
            out.push(Token::Word(word));
        } else {
            chars.next();
            let mut sign = c.to_string();
            if let Some(&'=') = chars.peek().filter(|_| matches!(c, '<' | '>' | '!')) {
                sign.push('=');
                chars.next();
            }
            out.push(Token::Sign(sign));
        }
    }
    Ok(out)
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    text: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn unexpected(&self, token: &Token) -> String {
        format!(
            "Query failed to execute: query = {}, exception_class = OQLParserSyntaxErrorException, exception_message = \
             Unexpected token {token:?}",
            self.text
        )
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            Some(other) => Err(self.unexpected(&other)),
            None => Err("Unexpected end of query".into()),
        }
    }

    fn select(&mut self) -> Result<Select, String> {
        if self.word()? != "SELECT" {
            return Err("Unexpected token".into());
        }
        let class = self.word()?;
        let test = if self.peek() == Some(&Token::Word("WHERE".into())) {
            self.at += 1;
            self.either()?
        } else {
            Test::All
        };
        Ok(Select { class, test })
    }

    fn either(&mut self) -> Result<Test, String> {
        let mut test = self.both()?;
        while self.peek() == Some(&Token::Word("OR".into())) {
            self.at += 1;
            test = Test::Or(Box::new(test), Box::new(self.both()?));
        }
        Ok(test)
    }

    fn both(&mut self) -> Result<Test, String> {
        let mut test = self.one()?;
        while self.peek() == Some(&Token::Word("AND".into())) {
            self.at += 1;
            test = Test::And(Box::new(test), Box::new(self.one()?));
        }
        Ok(test)
    }

    fn one(&mut self) -> Result<Test, String> {
        if self.peek() == Some(&Token::Sign("(".into())) {
            self.at += 1;
            let test = self.either()?;
            self.at += 1;
            return Ok(test);
        }
        let left = self.word()?;
        match self.next() {
            Some(Token::Word(word)) if word == "IN" => {
                self.at += 1;
                let mut values = Vec::new();
                loop {
                    match self.next() {
                        Some(Token::Text(text) | Token::Word(text)) => values.push(text),
                        Some(Token::Sign(sign)) if sign == "," => {}
                        Some(Token::Sign(sign)) if sign == ")" => return Ok(Test::In(left, values)),
                        _ => return Err("Unexpected end of query".into()),
                    }
                }
            }
            Some(Token::Word(word)) if word == "LIKE" => Ok(Test::Compare(left, word, self.value()?)),
            Some(Token::Word(word)) if word == "MATCHES" => Err("1191".into()),
            Some(Token::Sign(sign)) => Ok(Test::Compare(left, sign, self.value()?)),
            Some(other) => Err(self.unexpected(&other)),
            None => Err("Unexpected end of query".into()),
        }
    }

    fn value(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            // A bare word that is no number is taken for an attribute, which it is not.
            Some(Token::Word(word)) if word == ":current_contact_id" || word.parse::<i64>().is_ok() => Ok(word),
            Some(other) => Err(self.unexpected(&other)),
            None => Err("Unexpected end of query".into()),
        }
    }
}

/// Only what the class that was NAMED has may be compared, whatever its objects have beside it.
pub fn check(desk: &Desk, class: &str, test: &Test) -> Result<(), String> {
    match test {
        Test::All => Ok(()),
        Test::And(one, other) | Test::Or(one, other) => {
            check(desk, class, one)?;
            check(desk, class, other)
        }
        Test::Compare(left, ..) | Test::In(left, _) => match desk.sort(class, left) {
            Some(_) => Ok(()),
            None => Err(format!("Query failed to execute: unknown attribute {left} of {class}")),
        },
    }
}

/// Whether an object fits; an unknown attribute is an error.
pub fn fits(desk: &Desk, object: &Object, test: &Test, contact: &str) -> Result<bool, String> {
    Ok(match test {
        Test::All => true,
        Test::And(one, other) => fits(desk, object, one, contact)? && fits(desk, object, other, contact)?,
        Test::Or(one, other) => fits(desk, object, one, contact)? || fits(desk, object, other, contact)?,
        Test::In(left, values) => {
            let held = desk.stored(object, left)?;
            values.iter().any(|value| value.eq_ignore_ascii_case(&held))
        }
        Test::Compare(left, how, right) => {
            let held = desk.stored(object, left)?;
            let right = if right == ":current_contact_id" { contact } else { right };
            let order = match (held.parse::<i64>(), right.parse::<i64>()) {
                (Ok(one), Ok(other)) => one.cmp(&other),
                _ => held.to_lowercase().cmp(&right.to_lowercase()),
            };
            match how.as_str() {
                "=" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                "LIKE" => like(&held.to_lowercase(), &right.to_lowercase()),
                _ => return Err(format!("Unexpected token {how}")),
            }
        }
    })
}

/// SQL's LIKE, with its own backslash.
fn like(text: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '%' => (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| like(&text[at..], rest)),
        '_' => text.chars().next().is_some_and(|c| like(&text[c.len_utf8()..], rest)),
        '\\' => {
            let Some(literal) = rest.chars().next() else { return false };
            text.strip_prefix(literal).is_some_and(|text| like(text, &rest[literal.len_utf8()..]))
        }
        c => text.strip_prefix(c).is_some_and(|text| like(text, rest)),
    }
}
