//! Encoded queries: conditions that user text cannot break out of.
//!
//! A condition with a field that the instance does not have is ignored there without a word. Whoever asks looks at what
//! came back.

/// Conditions that hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    conditions: Vec<String>,
    order: String,
}

impl Query {
    pub fn new() -> Self {
        Self::default()
    }

    /// A condition as it stands: made of our own words only.
    #[must_use]
    pub fn and(mut self, condition: impl Into<String>) -> Self {
        let condition = condition.into();
        if !condition.is_empty() {
            self.conditions.push(condition);
        }
        self
    }

    /// `field`, operator, and a value that came from somewhere.
    #[must_use]
    pub fn is(self, field: &str, value: &str) -> Self {
        self.and(format!("{field}={}", escape(value)))
    }

    #[must_use]
    pub fn any(self, field: &str, values: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        // A comma would part a value in two.
        let values = values.into_iter().map(|value| escape(value.as_ref())).filter(|value| !value.contains(','));
        self.and(format!("{field}IN{}", values.collect::<Vec<_>>().join(",")))
    }

    #[must_use]
    pub fn order(mut self, by: &str) -> Self {
        self.order.push_str(by);
        self
    }

    /// Everything, with a site's own query laid over it: each of its alternatives carries all of the conditions.
    pub fn within(&self, site: Option<&str>) -> String {
        let own = self.conditions.join("^");
        let groups = site.unwrap_or_default().trim().split("^NQ").map(|group| {
            let group = group.trim_matches('^').trim_end_matches("^EQ");
            [group, own.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("^")
        });
        format!("{}{}", groups.collect::<Vec<_>>().join("^NQ"), self.order)
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.within(None))
    }
}

/// A caret inside a value is doubled; and a value is a value, never a script.
pub fn escape(value: &str) -> String {
    let trimmed = value.trim_start();
    let scripted = trimmed.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:"));
    let value = if scripted { &trimmed[11..] } else { value };
    let escaped = value.replace('^', "^^").replace(['\n', '\r'], " ");
    // What is left may begin with another one.
    if scripted { escape(&escaped.replace("^^", "^")) } else { escaped }
}

/// Words that people typed, for a condition that compares text; none where there are none.
pub fn words(raw: &str) -> Option<String> {
    let words = escape(raw.trim());
    (!words.trim().is_empty()).then_some(words)
}
