//! The gate for text from outside, and text in cells.

use deskside::domain::name::Name;
use deskside::text::{Clean, csv_cell, fit, from_html, head, one_line, to_html, width, wrap};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

#[test]
fn sequences_lose_their_control_bytes_and_show_a_mark() {
    for (raw, line) in [
        ("plain words", "plain words"),
        ("  padded  ", "padded"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;ZXZpbA==\x07", "␛]52;c;ZXZpbA=="),
        ("\u{9b}2J\u{9d}0;title\u{9c}", "␛2J␛0;title␛"),
        ("a\0b\x08c\x7fd", "abcd"),
        ("one\r\ntwo\nthree\tfour", "one two three four"),
        ("one\u{2028}two\u{2029}three\u{85}four\x0bfive\x0csix", "one two three four five six"),
        ("a \n b", "a  b"),
    ] {
        assert_eq!(Clean::line(raw).as_str(), line, "{raw:?}");
    }
    assert_eq!(Clean::body("a\r\nb\rc\n\td\u{2028}e").as_str(), "a\nb\nc\n    d\ne");
    assert_eq!(Clean::body("  kept \n\n").as_str(), "  kept \n\n");
}

#[test]
fn what_cannot_be_seen_is_dropped() {
    for raw in [
        "ad\u{202e}min",
        "ad\u{2066}min\u{2069}",
        "ad\u{200b}min",
        "ad\u{200d}min",
        "ad\u{200c}min",
        "\u{feff}admin",
        "admin\u{e0041}\u{e007f}",
        "ad\u{ad}min",
        "ad\u{2060}min",
        "ad\u{3164}min",
        "ad\u{61c}min",
        "ad\u{fffe}min",
        "ad\u{180e}min",
        "ad\u{e0100}min",
        "ad\u{115f}\u{1160}min",
        "\u{301}admin",
        " \u{fe0f}admin",
        "ad\u{fff9}min",
    ] {
        assert_eq!(Clean::line(raw).as_str(), "admin", "{raw:?}");
    }
}

#[test]
fn writing_of_people_stays() {
    for text in [
        "Zoë's Straße, naïve café",
        "e\u{301}te\u{301}",
        "日本語のタイトル",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 family",
        "👍🏽 ok",
        "❤\u{fe0f}\u{200d}🔥",
        "می\u{200c}خواهم",
        "क\u{94d}\u{200d}ष",
        "مرحبا بالعالم",
        "שלום עולם",
        "🇬🇧 flag",
        "1\u{fe0f}\u{20e3}",
        "각\u{1100}\u{1161}\u{11a8}",
    ] {
        assert_eq!(Clean::line(text).as_str(), text);
        assert_eq!(Clean::body(text).as_str(), text);
    }
}

#[test]
fn stacks_are_bounded() {
    let zalgo: String = std::iter::once('a').chain(std::iter::repeat_n('\u{336}', 500)).collect();
    assert_eq!(Clean::line(&zalgo).chars().count(), 5);
    let selectors: String = std::iter::once('a').chain(std::iter::repeat_n('\u{fe0f}', 500)).collect();
    assert_eq!(Clean::line(&selectors).as_str(), "a\u{fe0f}");
    let crowd = vec!["👩"; 300].join("\u{200d}");
    let longest = Clean::line(&crowd).graphemes(true).map(str::len).max();
    assert_eq!(longest, Some(5 * 4 + 4 * 3), "five people and four joiners");
}

#[test]
fn names_are_lines() {
    assert_eq!(Name::new("Service\nDesk ").as_str(), "Service Desk");
    let read: Clean = serde_json::from_str(r#""a\u001b[2Jb""#).unwrap();
    assert_eq!(read.as_str(), "a␛[2Jb", "what is read from storage is cleaned too");
}

#[test]
fn formulas_do_not_reach_a_spreadsheet() {
    for text in ["=1+1", "+44 20", "-x", "@SUM(A1)", "  =cmd|' /C calc'!A0", "＝1"] {
        assert_eq!(csv_cell(&Clean::body(text)), format!("'{text}"));
    }
    assert_eq!(csv_cell(&Clean::line("\t=1")), "'=1");
    for text in ["", "1-1", "a=b", "INC-1"] {
        assert_eq!(csv_cell(&Clean::line(text)), text);
    }
}

#[test]
fn text_is_measured_in_cells() {
    assert_eq!(width("abc"), 3);
    assert_eq!(width("日本"), 4);
    assert_eq!(width("e\u{301}"), 1);
    assert_eq!(width("👩\u{200d}👩\u{200d}👧\u{200d}👦"), 2);
    assert_eq!(fit("network", 7, "…"), "network");
    assert_eq!(fit("network", 6, "…"), "netwo…");
    assert_eq!(fit("network", 6, "~"), "netwo~");
    assert_eq!(fit("日本語", 5, "…"), "日本…");
    assert_eq!(fit("日本語", 4, "…"), "日…", "a wide character is not cut in half");
    assert_eq!(fit("network", 1, "…"), "…");
    assert_eq!(fit("network", 0, "…"), "");
    assert_eq!(head("cafe\u{301} noir", 4), "cafe\u{301}");
    assert_eq!(one_line("a\n\n  b\tc"), "a b c");
}

#[test]
fn lines_break_between_words() {
    assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
    assert_eq!(wrap("the   quick", 5), ["the", "quick"]);
    assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
    assert_eq!(wrap("", 5), [""]);
    assert_eq!(wrap("  indented text", 10), ["  indented", "text"]);
    assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert_eq!(wrap("see abcdefghij", 4), ["see", "abcd", "efgh", "ij"]);
    assert_eq!(wrap("日本語テキスト", 5), ["日本", "語テ", "キス", "ト"]);
    assert_eq!(wrap("日", 1), ["日"]);
}

/// Text made to be difficult: pieces that interact, glued in any order.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            " ",
            "\n",
            "\r",
            "\t",
            "\x1b",
            "\u{9b}",
            "\u{200d}",
            "\u{200c}",
            "\u{301}",
            "\u{fe0f}",
            "\u{e0041}",
            "👩",
            "a",
            "日",
            "ا",
            "क",
            "\u{94d}",
            "\u{1161}",
            "\u{202e}",
            "\u{3000}",
            "\u{2028}",
            "🇬",
            "\u{1f3fd}",
            "\u{20e3}",
            "\u{feff}",
        ])
        .prop_map(String::from),
        "[ -~]{0,12}",
    ];
    prop_oneof![
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

const HIDDEN: fn(char) -> bool = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}' | '\u{feff}' | '\u{200b}');

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_gate_lets_no_control_through_and_is_idempotent(raw in hostile()) {
        let line = Clean::line(&raw);
        prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        prop_assert_eq!(line.trim(), line.as_str());
        let body = Clean::body(&raw);
        prop_assert!(!body.chars().any(|c| c.is_control() && c != '\n'), "{body:?}");
        for cleaned in [&line, &body] {
            prop_assert!(!cleaned.contains(HIDDEN), "{cleaned:?}");
            prop_assert!(cleaned.graphemes(true).all(|g| g.len() <= 120), "a bounded cluster: {cleaned:?}");
        }
        prop_assert_eq!(&Clean::line(&line), &line);
        prop_assert_eq!(&Clean::body(&body), &body);
        prop_assert_eq!(&Clean::body(&line), &line, "a line is a body too");
    }

    #[test]
    fn fit_never_exceeds_its_cells(raw in hostile(), cells in 0_usize..30) {
        let text = Clean::line(&raw);
        let fitted = fit(&text, cells, "…");
        prop_assert!(width(&fitted) <= cells, "{fitted:?}");
        prop_assert!(text.starts_with(fitted.trim_end_matches('…')) || fitted == "…");
        if width(&text) <= cells {
            prop_assert_eq!(fitted.as_ref(), text.as_str());
        }
    }

    #[test]
    fn wrapping_keeps_every_word(raw in hostile(), cells in 1_usize..30) {
        let text = Clean::body(&raw);
        let lines = wrap(&text, cells);
        for line in &lines {
            prop_assert!(width(line) <= cells || line.graphemes(true).filter(|g| width(g) > 0).count() == 1, "{line:?} in {cells}");
        }
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(solid(&lines.concat()), solid(&text));
    }
}

#[test]
fn html_is_read_as_its_reader_sees_it() {
    for (raw, text) in [
        ("plain", "plain"),
        (
            "<p>Line one of Incident 7</p><ul><li>step a</li><li>step b</li></ul>",
            "Line one of Incident 7\n\n- step a\n- step b",
        ),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("a<br/>\nb<br />c", "a\nb\nc"),
        ("<p>internal <b>note</b>\nsame paragraph</p>", "internal note same paragraph"),
        (
            "<ol start='3'><li>c<ul><li>inner</li></ul></li><li><p>d</p></li></ol>after",
            "3. c\n  - inner\n4. d\n\nafter",
        ),
        ("<pre>a\n  b &lt;\n\nc</pre>", "a\n  b <\n\nc"),
        ("<blockquote><p>said</p><p>more</p></blockquote>answer", "> said\n\n> more\n\nanswer"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a │ b\n1 │ 2"),
        (
            "<a href=\"https://a.test/x\">here</a> <a href='https://a.test/'>https://a.test</a>",
            "here (https://a.test/x) https://a.test",
        ),
        ("<a href=\"javascript:alert(1)\">click</a>", "click"),
        ("<a href='mailto:a@b.test'>a@b.test</a>", "a@b.test"),
        ("<img src=\"data:image/png;base64,AAAA\" alt='chart > all'> <img src=x>", "[chart > all] [picture]"),
        ("<style>p{}</style><script>if (a<b) x('</p>')</script><!-- no > -->seen", "seen"),
        ("1 < 2 && 3 > 2 &amp; &eacute;&#233;&#xe9; &unknown; &nbsp;x &#128;", "1 < 2 && 3 > 2 & ééé &unknown;  x €"),
        ("no end <b", "no end <b"),
        ("<p>a<p>b<div>c", "a\n\nb\nc"),
        ("\u{1b}[31m<b>red</b>\u{9b}2J", "␛[31mred␛2J"),
        ("&#27;[31m&#x202e;", "␛[31m"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("<h1>T</h1>x<hr>y", "T\n\nx\n───\ny"),
        ("", ""),
    ] {
        assert_eq!(from_html(raw).as_str(), text, "{raw}");
    }
}

#[test]
fn hostile_html_takes_no_longer_than_plain_words() {
    for piece in [
        "<",
        "<a ",
        "<a b=\"",
        "<p><br>",
        "<ul><li>",
        "&",
        "<!--",
        "<script>",
        "</script",
        "<a href=x>",
        "<b =",
        "<![CDATA[",
    ] {
        let start = std::time::Instant::now();
        let _ = from_html(&piece.repeat(40_000));
        assert!(start.elapsed() < std::time::Duration::from_secs(4), "{piece}: {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn any_words_go_through_html_and_back(words in "[a-z<>&\"' é]{0,30}(\n[a-z<>&\"' ]{1,10}){0,3}") {
        let tidy: Vec<&str> = words.split('\n').collect();
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(plain(&from_html(&to_html(&words))), plain(&tidy.join("\n")));
    }

    #[test]
    fn any_html_can_be_read(raw in "(<|>|/|\"|'|=|&|;|#|p|br|li|ul|pre|a href|x| |\n|é|<p>|</p>|<li>|<!--|-->|<td>){0,60}") {
        let text = from_html(&raw);
        let again = Clean::body(&text);
        prop_assert_eq!(again.as_str(), text.as_str());
    }
}
