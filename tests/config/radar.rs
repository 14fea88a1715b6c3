//! `radar.toml`.

use deskside::config::{Source, radar};

#[test]
fn what_ships_is_without_fault_and_counts_as_documented() {
    let rules = radar::load(radar::SHIPPED).unwrap();
    assert_eq!((rules.window_days, rules.least, rules.factor, rules.chance, rules.similar), (30, 5, 2.0, 0.01, 0.6));
    assert_eq!(rules.keys.len(), 5);
}

#[test]
fn every_fault_is_told_with_its_line() {
    let text = "window_days = 0\nbaseline_days = 10\nleast = 1\nfactor = 0.5\nchance = 2.0\nsimilar = 0.0\nroom = 0\n\
                change_days = 1\nkeys = [[\"asset\", \"colour\"]]\n";
    let faults = radar::load(Source::new("radar.toml", text)).unwrap_err().to_string();
    for (line, key) in
        [(1, "window_days"), (3, "least"), (4, "factor"), (5, "chance"), (6, "similar"), (7, "room"), (9, "keys")]
    {
        assert!(faults.contains(&format!("radar.toml:{line}: {key}: ")), "{key}: {faults}");
    }
    assert!(faults.contains("`colour` is nothing to count by; allowed are asset"), "{faults}");
}
