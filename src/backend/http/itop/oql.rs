//! Words of iTop's query language. It has no order, no limit and no parameters: what comes from people is escaped here.

/// A string for comparing: only the quote and the backslash may be escaped, anything else is a syntax error.
pub fn quote(words: &str) -> String {
    format!("'{}'", words.replace('\\', "\\\\").replace('\'', "\\'").replace('\0', ""))
}

/// A string for LIKE that finds these words anywhere. SQL's wildcards are escaped with a backslash of SQL's own, which
/// the query language wants doubled.
pub fn like(words: &str) -> String {
    let plain = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    quote(&format!("%{plain}%"))
}

/// `attribute IN ('a', 'b')`; a condition that nothing fits where there are none.
pub fn any_of<S: AsRef<str>>(attribute: &str, values: impl IntoIterator<Item = S>) -> String {
    let all: Vec<String> = values.into_iter().map(|value| quote(value.as_ref())).collect();
    if all.is_empty() { format!("{attribute} = -1") } else { format!("{attribute} IN ({})", all.join(", ")) }
}

/// Every word in at least one of the attributes.
pub fn words_in(attributes: &[&str], words: &str) -> String {
    let one = |word: &str| {
        let any: Vec<String> = attributes.iter().map(|attribute| format!("{attribute} LIKE {}", like(word))).collect();
        format!("({})", any.join(" OR "))
    };
    words.split_whitespace().take(8).map(one).collect::<Vec<_>>().join(" AND ")
}

/// All of these conditions.
pub fn all(conditions: impl IntoIterator<Item = String>) -> String {
    conditions.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" AND ")
}
