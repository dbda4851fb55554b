//! The small entries that outlive a run, in each store that keeps them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use redb::{Database, TableDefinition};
use runner::store::{EmbeddedStore, Entry, Expected, Group, Key, Revision, Store, StoreError};
use tempfile::TempDir;

fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    place
}

fn open(place: &Path) -> EmbeddedStore {
    EmbeddedStore::open(place).unwrap()
}

fn key(parts: &[&str]) -> Key {
    Key::new(Group::Runs, parts)
}

async fn put(store: &dyn Store, key: &Key, value: &str, expected: Expected) -> Option<Revision> {
    store.put(key, Bytes::copy_from_slice(value.as_bytes()), expected, None).await.unwrap()
}

async fn value(store: &dyn Store, key: &Key) -> Option<String> {
    let entry = store.get(key).await.unwrap()?;
    Some(String::from_utf8(entry.value.to_vec()).unwrap())
}

#[tokio::test]
async fn a_change_is_made_if_the_entry_is_the_one_that_was_seen() {
    let place = place();
    let store = open(place.path());
    let one = key(&["a.b", "", "ü/x"]);
    assert_eq!(store.get(&one).await.unwrap(), None);
    assert_eq!(put(&store, &one, "x", Expected::Is(Revision(1))).await, None);
    let first = put(&store, &one, "first", Expected::Absent).await.unwrap();
    assert_eq!(put(&store, &one, "x", Expected::Absent).await, None);
    let second = put(&store, &one, "second", Expected::Is(first)).await.unwrap();
    assert!(second > first);
    assert_eq!(put(&store, &one, "x", Expected::Is(first)).await, None);
    assert_eq!(value(&store, &one).await.unwrap(), "second");
    assert!(!store.remove(&one, first).await.unwrap());
    assert!(store.remove(&one, second).await.unwrap());
    assert!(!store.remove(&one, second).await.unwrap());
    assert_eq!(value(&store, &one).await, None);
    // A later value has a larger revision, also after a removal.
    let third = put(&store, &one, "third", Expected::Any).await.unwrap();
    assert!(third > second);
    assert!(put(&store, &one, "fourth", Expected::Any).await.unwrap() > third);
}

#[tokio::test]
async fn of_many_at_once_one_is_first() {
    let place = place();
    let store = std::sync::Arc::new(open(place.path()));
    let tasks = (0..50).map(|number: u8| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            let one = Key::new(Group::Permits, &["one"]);
            store.put(&one, vec![number].into(), Expected::Absent, None).await.unwrap()
        })
    });
    let mut first = 0;
    for task in tasks.collect::<Vec<_>>() {
        first += usize::from(task.await.unwrap().is_some());
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn entries_are_listed_by_their_first_parts() {
    let place = place();
    let store = open(place.path());
    for parts in [&["t", "b"][..], &["t", "a"], &["t-1", "c"], &["t.x"], &["u", "d"], &["t"]] {
        put(&store, &key(parts), &parts.join(","), Expected::Absent).await.unwrap();
    }
    put(&store, &Key::new(Group::Keys, &["t", "e"]), "no", Expected::Absent).await.unwrap();
    let listed = async |parts: &[&str]| {
        let entries = store.list(Group::Runs, parts).await.unwrap();
        let text =
            |(_, Entry { value, .. }): (Key, Entry)| String::from_utf8(value.into()).unwrap();
        entries.into_iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["t"]).await, ["t", "t,a", "t,b"]);
    assert_eq!(listed(&["t", "a"]).await, ["t,a"]);
    assert_eq!(listed(&["nobody"]).await, Vec::<String>::new());
    assert_eq!(listed(&[]).await.len(), 6);
}

#[tokio::test]
async fn an_entry_disappears_at_the_end_of_its_lifetime() {
    let place = place();
    let store = open(place.path());
    let (short, long) = (key(&["short"]), key(&["long"]));
    let lifetime = Some(Duration::from_millis(300));
    let mut changes = store.watch(Group::Runs).await.unwrap();
    store.put(&short, "x".into(), Expected::Any, lifetime).await.unwrap();
    store.put(&long, "x".into(), Expected::Any, lifetime).await.unwrap();
    // A new value has a lifetime of its own.
    put(&store, &long, "y", Expected::Any).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(store.get(&short).await.unwrap().is_some(), "it is rounded up to a second");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(value(&store, &short).await, None);
    assert_eq!(value(&store, &long).await.unwrap(), "y");
    assert_eq!(store.list(Group::Runs, &[]).await.unwrap().len(), 1);
    put(&store, &short, "again", Expected::Absent).await.unwrap();
    drop(store);
    let mut told = Vec::new();
    while let Some(change) = changes.recv().await {
        let value = change.entry.map(|entry| String::from_utf8(entry.value.into()).unwrap());
        told.push((change.key.last_part().unwrap(), value));
    }
    let expected = [
        ("short", Some("x")),
        ("long", Some("x")),
        ("long", Some("y")),
        ("short", None),
        ("short", Some("again")),
    ];
    let expected =
        expected.map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).to_vec();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn one_who_watches_is_told_of_its_group_until_it_is_too_far_behind() {
    let place = place();
    let store = open(place.path());
    put(&store, &key(&["before"]), "x", Expected::Any).await.unwrap();
    let mut watched = store.watch(Group::Cancelled).await.unwrap();
    let mut behind = store.watch(Group::Runs).await.unwrap();
    put(&store, &key(&["one"]), "x", Expected::Any).await.unwrap();
    let one = Key::new(Group::Cancelled, &["one"]);
    let revision = put(&store, &one, "x", Expected::Any).await.unwrap();
    let change = watched.recv().await.unwrap();
    assert_eq!((&change.key, change.entry.unwrap().revision), (&one, revision));
    for number in 0..2_000 {
        let key = key(&[&number.to_string()]);
        // Not waited for each, as they are written together.
        drop(store.put(&key, Bytes::new(), Expected::Any, None));
        store.put(&key, Bytes::new(), Expected::Any, None).await.unwrap();
        if behind.is_closed() {
            break;
        }
    }
    let mut told = 0;
    while behind.recv().await.is_some() {
        told += 1;
    }
    assert!((1_000..2_000).contains(&told), "{told}");
}

#[tokio::test]
async fn entries_and_their_revisions_outlive_the_store() {
    let place = place();
    let store = open(place.path());
    let one = key(&["one"]);
    let first = put(&store, &one, "x", Expected::Absent).await.unwrap();
    let removed = put(&store, &key(&["two"]), "x", Expected::Absent).await.unwrap();
    assert!(store.remove(&key(&["two"]), removed).await.unwrap());
    assert!(matches!(
        EmbeddedStore::open(place.path()),
        Err(StoreError::Unavailable { reason, .. }) if reason.contains("another server")
    ));
    drop(store);
    let path = place.path().join("store.redb");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let store = open(place.path());
    assert_eq!(store.get(&one).await.unwrap().unwrap().revision, first);
    assert!(put(&store, &one, "y", Expected::Is(first)).await.unwrap() > removed);
    assert!(store.is_healthy());
}

#[tokio::test]
async fn a_file_of_others_or_another_version_is_refused_with_a_fix() {
    let place = place();
    fs::write(place.path().join("store.redb"), "no database").unwrap();
    let error = EmbeddedStore::open(place.path()).unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error}");
    assert!(error.fix().contains("backup"), "{}", error.fix());
    fs::remove_file(place.path().join("store.redb")).unwrap();
    drop(open(place.path()));
    {
        let about: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
        let database = Database::open(place.path().join("store.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(about).unwrap().insert("version", [2].as_slice()).unwrap();
        transaction.commit().unwrap();
    }
    let error = EmbeddedStore::open(place.path()).unwrap_err();
    assert!(
        matches!(&error, StoreError::Version { found, known: 1, .. } if found == "2"),
        "{error}"
    );
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = EmbeddedStore::open(place.path()).unwrap_err();
    assert!(error.to_string().contains("others have access"), "{error}");
}
