//! The local state by itself: what was handed over is there, and what cannot be written is said and tried again.

use std::time::{Duration, Instant};

use deskside::store::{Store, Write};

fn write(key: &str, value: &str) -> Write {
    Write { room: "draft", key: key.into(), value: Some(value.into()) }
}

#[test]
fn what_has_settled_is_there_for_the_next() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("desk.state");
    let (store, _) = Store::open(&path, &[]).unwrap();
    (0..100).for_each(|n| store.write(write("a", &n.to_string())));
    assert!(store.settle(Duration::from_secs(10)));
    // The first is still open: nothing of this is owed to its closing.
    let (_, kept) = Store::open(&path, &[]).unwrap();
    assert_eq!(kept, [("draft".to_owned(), "a".to_owned(), "99".to_owned())]);
    assert_eq!(store.fault(), None);
}

#[test]
fn a_write_that_fails_is_said_once_and_tried_again() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("desk.state");
    let (store, _) = Store::open(&path, &[]).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("ALTER TABLE kept RENAME TO away").unwrap();
    store.write(write("a", "words"));
    assert!(!store.settle(Duration::from_secs(10)));
    let fault = store.fault().unwrap();
    assert!(fault.contains("kept"), "{fault}");
    assert_eq!(store.fault(), None, "each fault is told once");
    other.execute_batch("ALTER TABLE away RENAME TO kept").unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while !store.settle(Duration::from_secs(10)) {
        assert!(Instant::now() < end);
    }
    let (_, kept) = Store::open(&path, &[]).unwrap();
    assert_eq!(kept, [("draft".to_owned(), "a".to_owned(), "words".to_owned())]);
}
