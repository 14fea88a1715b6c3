//! Prints screens, for who works on them; nothing unless asked:
//! `LOOK=";T;i 2" SIZE=80x24 cargo test --test tests -- screens::look --nocapture`.

use super::desk::World;

#[test]
fn look() {
    let Ok(look) = std::env::var("LOOK") else { return };
    let world = World::sample();
    let size = std::env::var("SIZE").unwrap_or_else(|_| "120x40".into());
    let (width, height) = size.split_once('x').unwrap();
    let mut desk = world.me().sized(width.parse().unwrap(), height.parse().unwrap());
    for script in look.split(';') {
        match script.strip_prefix('"') {
            Some(text) => desk.write(text),
            None => desk.press(script),
        };
        desk.wait(1);
        println!("--- {script}\n{}", desk.screen());
    }
}
