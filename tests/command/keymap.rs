//! Layers of keys: what hides what, and that nobody's keys vanish unsaid.

use deskside::app::model::Model;
use deskside::command::key::{Key, Keys};
use deskside::command::keymap::{Keymap, Own, Resolution, TOGETHER};
use deskside::command::table::Scope;

use crate::screens::desk::{SETTINGS, World};

fn own(scope: &str, keys: &str, line: &str, ships: bool) -> Own {
    Own { scope: scope.into(), keys: keys.into(), line: line.into(), place: format!("keys.toml:2 [{scope}]"), ships }
}

fn faults(rows: &[Own]) -> Vec<String> {
    Keymap::build(rows).err().unwrap_or_default()
}

#[test]
fn a_sequence_that_begins_with_a_key_of_another_layer_is_a_fault_and_the_reverse() {
    let told = faults(&[own("list", "z z", "take", false)]);
    let [fault] = told.as_slice() else { panic!("{told:?}") };
    let words = "keys.toml:2 [list]: `z z` (take) in [list] keeps `z` (snooze) in [ticket] from being reached; ";
    assert!(fault.starts_with(words), "{fault}");
    // The other layer, the other order, and the same layer.
    let told = faults(&[own("list", "m", "take", false)]);
    assert!(
        told.iter().any(|fault| fault.contains("`m` (take) in [list] keeps `m m` (merge) in [ticket]")),
        "{told:?}"
    );
    let told = faults(&[own("global", "j x", "take", false)]);
    assert!(told.iter().any(|fault| fault.contains("keeps `j x` (take) in [global] from being reached")), "{told:?}");
    let told = faults(&[own("ticket", "z z", "take", false)]);
    assert!(
        told.iter().any(|fault| fault.starts_with("keys.toml:2 [ticket]: `z` (snooze) and `z z` (take)")),
        "{told:?}"
    );
    // Layers that are never heard together are not in each other's way, and the same keys replace.
    assert_eq!(faults(&[own("help", "z z", "help", false), own("list", "z", "take", false)]), Vec::<String>::new());
    let freed =
        [own("ticket", "z", "none", false), own("list", "z z", "take", false), own("detail", "z", "snooze", false)];
    assert_eq!(faults(&freed), Vec::<String>::new());
}

#[test]
fn the_layers_that_are_checked_are_those_that_are_heard() {
    let heard = |model: &Model| TOGETHER.contains(&model.scopes().as_slice());
    let world = World::small();
    let mut desk = world.me();
    assert!(heard(&desk.model), "{:?}", desk.model.scopes());
    desk.press("<enter>");
    assert!(heard(&desk.model), "{:?}", desk.model.scopes());
    desk.press("<esc> T");
    assert!(desk.model.triage.is_some() && heard(&desk.model), "{:?}", desk.model.scopes());
}

#[test]
fn what_is_offered_after_a_prefix_is_reached_by_more_keys() {
    let shipped = [own("list", "z z", "take", true)];
    let map = Keymap::build(&shipped).unwrap();
    for (map, is_own) in [(&SETTINGS.keymap, false), (&map, true)] {
        let mut tried = 0;
        for scopes in TOGETHER {
            let all = scopes.iter().flat_map(|scope| map.of(*scope)).filter(|b| b.keys.0.len() > 1);
            for binding in all {
                let Resolution::Pending(offered) = map.resolve(&binding.keys.0[..1], scopes) else { continue };
                for offer in offered {
                    let Resolution::Run(run) = map.resolve(&offer.keys.0, scopes) else { panic!("{offer:?}") };
                    assert!(std::ptr::eq(run, offer) && offer.keys.0.len() > 1, "{offer:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 20, "{tried}");
        let z: Key = "z".parse().unwrap();
        let scopes = [Scope::List, Scope::Ticket, Scope::Global];
        let hidden: Vec<&str> = map.hidden(&[z], &scopes).iter().map(|binding| binding.command.id).collect();
        let expected: &[&str] = if is_own { &["snooze"] } else { &[] };
        assert_eq!(hidden, expected, "named beside the offers");
    }
    let Resolution::Pending(offered) = map.resolve(&"z".parse::<Keys>().unwrap().0, TOGETHER[0]) else { panic!() };
    assert_eq!(offered.len(), 1, "the hidden one is no empty entry: {offered:?}");
}
