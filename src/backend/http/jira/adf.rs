//! Documents of Jira Cloud as plain text, and plain text as documents.
//!
//! Words are written as documents and not in wiki markup: what looks like markup in them stays as it was typed.

use serde_json::{Value as Json, json};

/// A document of these words: a paragraph for each block of lines. Empty leaves are none to Jira.
pub fn of_text(words: &str) -> Json {
    let words = words.replace("\r\n", "\n");
    let blocks = words.split("\n\n").map(|block| block.trim_matches('\n')).filter(|block| !block.is_empty());
    let paragraph = |block: &str| {
        let mut leaves = Vec::new();
        for (at, line) in block.split('\n').enumerate() {
            if at > 0 {
                leaves.push(json!({ "type": "hardBreak" }));
            }
            if !line.is_empty() {
                leaves.push(json!({ "type": "text", "text": line }));
            }
        }
        json!({ "type": "paragraph", "content": leaves })
    };
    json!({ "type": "doc", "version": 1, "content": blocks.map(paragraph).collect::<Vec<_>>() })
}

/// The words of a document; a node that nobody knows is what stands in it.
pub fn text(document: &Json) -> String {
    let mut words = String::new();
    node(document, "", &mut words);
    words.trim_matches('\n').to_owned()
}

fn node(at: &Json, before: &str, words: &mut String) {
    let attribute = |name: &str| at["attrs"][name].as_str().unwrap_or_default();
    match at["type"].as_str().unwrap_or_default() {
        "text" => words.push_str(at["text"].as_str().unwrap_or_default()),
        "hardBreak" => words.push('\n'),
        "rule" => line(words, "----"),
        "mention" | "status" => words.push_str(attribute("text")),
        "emoji" => {
            let shown = if attribute("text").is_empty() { attribute("shortName") } else { attribute("text") };
            words.push_str(shown);
        }
        "inlineCard" | "blockCard" | "embedCard" => words.push_str(attribute("url")),
        "date" => words.push_str(&day(&at["attrs"]["timestamp"])),
        "media" => {
            let shown = if attribute("alt").is_empty() { "media" } else { attribute("alt") };
            words.push_str(&format!("[{shown}]"));
        }
        "bulletList" | "orderedList" | "taskList" | "decisionList" => {
            let ordered = at["type"] == "orderedList";
            for (number, item) in (1..).zip(children(at)) {
                let mark = match item["attrs"]["state"].as_str() {
                    Some("DONE") => "[x] ".to_owned(),
                    Some("TODO") => "[ ] ".to_owned(),
                    _ if ordered => format!("{number}. "),
                    _ => "- ".to_owned(),
                };
                start(words);
                words.push_str(before);
                words.push_str(&mark);
                let mut inner = String::new();
                let deeper = format!("{before}  ");
                children(item).for_each(|child| node(child, &deeper, &mut inner));
                words.push_str(inner.trim_matches('\n'));
            }
            words.push('\n');
        }
        "tableRow" => {
            let cells = children(at).map(|cell| text(cell).replace('\n', " ")).collect::<Vec<_>>();
            line(words, &cells.join(" | "));
        }
        "paragraph" | "heading" | "codeBlock" => {
            start(words);
            children(at).for_each(|child| node(child, before, words));
            words.push('\n');
        }
        "blockquote" | "panel" | "table" | "expand" | "nestedExpand" | "mediaSingle" | "mediaGroup" => {
            start(words);
            children(at).for_each(|child| node(child, before, words));
            start(words);
        }
        _ => children(at).for_each(|child| node(child, before, words)),
    }
}

fn children(at: &Json) -> impl Iterator<Item = &Json> {
    at["content"].as_array().into_iter().flatten()
}

fn start(words: &mut String) {
    if !words.is_empty() && !words.ends_with('\n') {
        words.push('\n');
    }
}

fn line(words: &mut String, text: &str) {
    start(words);
    words.push_str(text);
    words.push('\n');
}

/// Milliseconds since 1970, written as a text or a number.
fn day(stamp: &Json) -> String {
    let ms = stamp.as_i64().or_else(|| stamp.as_str()?.parse().ok());
    let at = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
