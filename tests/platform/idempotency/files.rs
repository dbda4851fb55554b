//! A file that is damaged, shared, in use or full.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use runner::serve::idempotency::{Begun, Options, StoreError, StoredResponse};

use super::store::{Expect, Place, Store, answer, run_of};

type Digests = (&'static [u8; 32], &'static [u8; 32], &'static [u8; 32]);
type Entry = (Digests, u128, u64, Option<(u64, u16)>);
type Stored = (Vec<(&'static str, &'static [u8])>, &'static [u8]);

const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const ENTRIES: TableDefinition<'_, (&str, &str), Entry> = TableDefinition::new("entries");
const AGES: TableDefinition<'_, (u64, &str, &str), ()> = TableDefinition::new("ages");
const ANSWERED: TableDefinition<'_, (&str, u64), &str> = TableDefinition::new("answered");
const ANSWERS: TableDefinition<'_, (&str, u64), Stored> = TableDefinition::new("answers");
const USAGE: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("usage");

/// The keys in a file that nobody has open.
pub fn keys(place: &Place) -> Vec<String> {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(ENTRIES).unwrap();
    table.iter().unwrap().map(|row| row.unwrap().0.value().1.to_owned()).collect()
}

/// What a tenant's keys count for in it.
pub fn usage(place: &Place, tenant: &str) -> (u64, u64) {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(USAGE).unwrap();
    table.get(tenant).unwrap().unwrap().value()
}

/// The digests of the one request in it.
pub fn digests(place: &Place) -> [[u8; 32]; 3] {
    let database = Database::open(place.file()).unwrap();
    let table = database.begin_read().unwrap().open_table(ENTRIES).unwrap();
    let entry = table.first().unwrap().unwrap().1;
    let (request, caller, secrets) = entry.value().0;
    [*request, *caller, *secrets]
}

/// How many rows it has that are about keys.
pub fn rows(place: &Place) -> u64 {
    let database = Database::open(place.file()).unwrap();
    let read = database.begin_read().unwrap();
    read.open_table(ENTRIES).unwrap().len().unwrap()
        + read.open_table(AGES).unwrap().len().unwrap()
        + read.open_table(ANSWERED).unwrap().len().unwrap()
        + read.open_table(ANSWERS).unwrap().len().unwrap()
        + read.open_table(USAGE).unwrap().len().unwrap()
}

/// What a crash of the process that has the file open would leave.
pub fn crashed(place: &Place) -> Place {
    let left = Place::new();
    fs::create_dir(left.directory()).unwrap();
    only_ours(&left.directory());
    fs::copy(place.file(), left.file()).unwrap();
    left
}

fn only_ours(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_file_is_for_this_user_alone() {
    let place = Place::new();
    drop(place.open());
    assert_eq!((mode(&place.directory()), mode(&place.file())), (0o700, 0o600));
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    drop(place.open());
    assert_eq!(mode(&place.file()), 0o600);

    fs::set_permissions(place.directory(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = place.refused();
    assert!(matches!(error, StoreError::Directory(_)), "{error}");
    assert!(error.fix().starts_with("Run chmod 700 "), "{}", error.fix());
}

#[tokio::test]
async fn one_has_it_at_a_time() {
    let place = Place::new();
    let store = place.open();
    let error = place.refused();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert!(error.fix().contains("a directory of its own"), "{}", error.fix());
    store.answer("key", "body", &answer("done")).await;
    drop(store);
    place.open();
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    fs::create_dir(place.file()).unwrap();
    let error = place.refused();
    assert!(error.to_string().contains("is a directory"), "{error}");
    assert!(error.fix().starts_with("Remove "), "{}", error.fix());

    fs::remove_dir(place.file()).unwrap();
    assert!(Command::new("mkfifo").arg(place.file()).status().unwrap().success());
    let error = place.refused();
    assert!(error.to_string().contains("a pipe"), "{error}");
}

/// A file of something else stays as it is.
#[tokio::test]
async fn what_is_no_store_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    for text in ["x", "no database", &"no database at all ".repeat(10_000)] {
        fs::write(place.file(), text).unwrap();
        let error = place.refused();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.fix().contains("move"), "{}", error.fix());
        assert_eq!(fs::read_to_string(place.file()).unwrap(), text);
    }
    // An empty one is what a crash leaves before anything was written.
    fs::write(place.file(), "").unwrap();
    drop(place.open());
}

#[tokio::test]
async fn a_database_of_something_else_or_another_version_is_refused() {
    let place = Place::new();
    fs::create_dir(place.directory()).unwrap();
    only_ours(&place.directory());
    write(&place, |database| drop(database.open_table(USAGE).unwrap()));
    let error = place.refused();
    assert!(error.to_string().contains("another database"), "{error}");

    write(&place, |database| {
        database.open_table(ABOUT).unwrap().insert("version", [7].as_slice()).unwrap();
    });
    let error = place.refused();
    assert!(matches!(error, StoreError::OtherVersion { found: 7, .. }), "{error}");
    assert!(error.fix().contains("version of the runner"), "{}", error.fix());

    write(&place, |database| {
        database.open_table(ABOUT).unwrap().insert("version", [2].as_slice()).unwrap();
    });
    let error = place.refused();
    assert!(error.to_string().contains("its random bytes are missing"), "{error}");
}

fn write(place: &Place, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::create(place.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

/// Wherever a byte is wrong, the file is refused or nothing of it is lost: never is a key
/// that was begun new again.
#[tokio::test]
async fn damage_is_found_or_does_no_harm() {
    let place = Place::new();
    let store = place.open();
    for key in &KEYS[1..] {
        store.answer(key, key, &answer(vec![b'x'; 3000])).await;
    }
    let last = store.begin(KEYS[0], KEYS[0]).await.first();
    let crashed = fs::read(place.file()).unwrap();
    drop((last, store));
    let closed = fs::read(place.file()).unwrap();
    for whole in [crashed, closed] {
        let mut refused = 0;
        for at in (0..whole.len()).step_by(1021) {
            let mut damaged = whole.clone();
            damaged[at] = !damaged[at];
            refused += usize::from(refused_or_whole(&place, &damaged, at).await);
        }
        for length in [1, 100, 4096, whole.len() / 2, whole.len() - 1] {
            refused += usize::from(refused_or_whole(&place, &whole[..length], length).await);
        }
        assert!(refused > 5, "only {refused} of the damages were found");
    }
}

/// In the damaged files; the last one to begin is the first of them.
const KEYS: [&str; 12] = ["last", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];

/// Whether it was refused.
async fn refused_or_whole(place: &Place, bytes: &[u8], at: usize) -> bool {
    fs::write(place.file(), bytes).unwrap();
    match Store::open(&place.directory(), Options::default()) {
        Err(StoreError::Damaged { .. } | StoreError::OtherVersion { .. }) => true,
        Err(error) => panic!("{at}: {error:?}"),
        Ok(store) => {
            for key in KEYS {
                let begun = store.begin(key, key).await;
                assert!(!matches!(begun, Begun::First(_)), "{at}: {key} is new again");
            }
            false
        }
    }
}

/// Where the child keeps its answers.
const DIRECTORY: &str = "IDEMPOTENCY_DIRECTORY";

/// A limit on the size of files stands for a disk that is full.
#[tokio::test]
async fn a_full_disk_is_told_and_got_over() {
    let place = Place::new();
    drop(place.open());
    // Ignored, the signal leaves it to the call to fail, as on a full disk.
    let limited = "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" \"$@\"";
    let child = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "idempotency::files::child", "--ignored", "--nocapture"])
        .env(DIRECTORY, place.directory())
        .status();
    assert!(child.unwrap().success());
    let store = place.open();
    assert_eq!(store.begin("key-0", "key-0").await.again(), large());
    assert_eq!(store.begin("after", "after").await.again(), answer("after"));
}

fn large() -> StoredResponse {
    answer(vec![b'x'; 100_000])
}

#[tokio::test]
#[ignore = "the other end of `a_full_disk_is_told_and_got_over`, which starts it"]
async fn child() {
    let directory = std::env::var_os(DIRECTORY).unwrap();
    let store = Store::open(directory.as_ref(), Options::default()).unwrap();
    let mut answered = 0;
    let (key, error) = loop {
        let key = format!("key-{answered}");
        let reservation = store.begin(&key, &key).await.first();
        match reservation.finish(large()).await {
            Ok(_) => answered += 1,
            Err(error) => break (key, error),
        }
    };
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert!(error.fix().starts_with("Free some space"), "{error}: {}", error.fix());
    assert!(answered > 5, "{answered} answers fit");
    assert!(!store.healthy());
    // What may have been done does not run, whether or not the disk can say so.
    match store.try_begin(&key, &key).await {
        Ok(begun) => drop(begun.interrupted()),
        Err(error) => assert!(matches!(error, StoreError::Io { .. }), "{error:?}"),
    }

    let (pid, limit) = (std::process::id().to_string(), "--fsize=unlimited");
    assert!(Command::new("prlimit").args([limit, "--pid", &pid]).status().unwrap().success());
    // It finds out by itself, for those who send no call to a server that is not ready.
    let began = std::time::Instant::now();
    while !store.healthy() {
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "it does not try again");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (run, reservation) = store.begin(&key, &key).await.interrupted();
    assert_eq!(run, run_of(&key));
    reservation.finish(answer("outcome-unknown")).await.unwrap();
    assert_eq!(store.begin(&key, &key).await.again(), answer("outcome-unknown"));
    for turn in 0..answered {
        let key = format!("key-{turn}");
        assert_eq!(store.begin(&key, &key).await.again(), large());
    }
    store.answer("after", "after", &answer("after")).await;
}
