//! The catalogue and the levels as they ship, and what is said about text that is wrong.

use deskside::config::{Source, catalogue, levels};
use deskside::domain::gate::{Gate, Gates};

#[test]
fn the_gates_that_ship_are_the_standard_ones_and_name_every_act() {
    let gates = levels::load(&[levels::SHIPPED]).unwrap();
    assert_eq!(gates, Gates::standard());
    assert_eq!(gates.0.len(), Gate::ALL.len());
    let own = Source::new("levels.toml", "[[gate]]\nact = \"resolve\"\n");
    let gates = levels::load(&[levels::SHIPPED, own]).unwrap();
    let resolve = gates.0.iter().find(|pass| pass.act == Gate::Resolve).unwrap();
    assert_eq!((resolve.level, resolve.roles.len(), gates.0.len()), (None, 0, Gate::ALL.len()));
}

#[test]
fn a_fault_in_the_levels_is_named_with_its_line() {
    for (text, told) in [
        ("[[gate]]\nact = \"fly\"\n", "levels.toml:2: gate[1].act: `fly` is not one of: resolve, escalate"),
        ("[[gate]]\nact = \"resolve\"\nlevel = \"chief\"\n", "levels.toml:3:"),
        (
            "[[gate]]\nact = \"resolve\"\n\n[[gate]]\nact = \"resolve\"\n",
            "levels.toml:4: gate.act: `resolve` stands in",
        ),
    ] {
        let faults = levels::load(&[Source::new("levels.toml", text)]).unwrap_err().to_string();
        assert!(faults.contains(told), "{faults}");
    }
}

#[test]
fn the_catalogue_that_ships_is_sound_and_has_what_people_ask_for() {
    let items = catalogue::load(&[catalogue::SHIPPED]).unwrap();
    assert!(items.len() >= 12, "{}", items.len());
    for name in
        ["Laptop replacement", "Software licence", "Remote access", "Shared mailbox", "New starter set", "Leaver"]
    {
        assert!(items.iter().any(|item| &*item.name == name), "{name}");
    }
    for item in items.iter().filter(|item| item.access) {
        assert!(item.questions().iter().any(|question| &*question.name == "access_until"), "{}", item.name);
    }
    let own = Source::new("catalogue/own.toml", "[[item]]\nname = \"Leaver\"\nabout = \"Ours\"\n");
    let both = catalogue::load(&[catalogue::SHIPPED, &[own]]).unwrap();
    assert_eq!(both.len(), items.len());
    assert_eq!(both.iter().find(|item| &*item.name == "Leaver").map(|item| item.about.as_str()), Some("Ours"));
}

#[test]
fn every_fault_in_an_item_is_named_with_its_line_at_once() {
    let text = r#"[[item]]
name = "Chair"
about = " "
question = [
    { name = "Colour", ask = "Colour", type = "choice" },
    { name = "needed_by", ask = "When", type = "text" },
    { name = "seats", ask = "Seats", type = "number", min = 5, max = 1 },
    { name = "title", ask = "Title", type = "text" },
]
approval = [{ name = "Boss", of = [], enough = { quorum = 0 }, patience = "2d" }]

[[item]]
name = "Chair"
about = "Another"
"#;
    let faults = catalogue::load(&[&[Source::new("chairs.toml", text)]]).unwrap_err().to_string();
    for told in [
        "chairs.toml:3: item \"Chair\".about: It is empty",
        "item \"Chair\".question.Colour.name: A name is made of small letters",
        "question.Colour.choices: A choice has choices",
        "question.needed_by.type: `text` does not fit the field `needed_by`",
        "question.seats.min: Numbers alone have",
        "question.title.name: Every request says this of itself",
        "approval.Boss.of: Nobody is asked",
        "approval.Boss.enough: At least one must say yes",
        "approval.Boss.then: `patience` and `then` go together",
        "name: Another item has that name",
    ] {
        assert!(faults.contains(told), "{told}\n{faults}");
    }
    for (text, told) in [
        ("[[item]]\nname = \"X\"\nabout = \"x\"\ncolour = 1\n", "own.toml:4: "),
        ("[[item]]\nname = \"X\"\nabout = \"x\"\nexpires = \"soon\"\n", "`soon` is no length of time"),
        ("[[item]]\nname = \"X\"\nabout = \"x\"\napproval = [{ name = \"a\", of = [\"boss\"] }]\n", "`boss` is nobody"),
    ] {
        let faults = catalogue::load(&[&[Source::new("own.toml", text)]]).unwrap_err().to_string();
        assert!(faults.contains(told), "{faults}");
    }
}
