//! Values that are sealed in the store.

use std::sync::Arc;

use bytes::Bytes;
use runner::store::jetstream::JetStream;
use runner::store::process::Process;
use runner::store::sealing::{SealingError, SealingKey, SealingKeyError};
use runner::store::{Expected, Group, Key, Sealed, Store, StoreError};
use support::nats::Nats;

/// The base64 text of 32 equal bytes.
fn key(byte: u8) -> SealingKey {
    use base64::Engine as _;
    let text = base64::prelude::BASE64_STANDARD.encode([byte; 32]);
    SealingKey::parse(&text.into()).unwrap()
}

#[test]
fn a_key_is_the_base64_text_of_32_bytes() {
    let parsed = |text: &str| SealingKey::parse(&text.to_owned().into()).map(|_| ());
    // As `openssl rand -base64 32` prints it.
    assert_eq!(parsed("8zzu4HmxPUiQwHnhyq1bMNG5JX6WqzqqxWnrb7SF2EE="), Ok(()));
    let table = [
        ("", SealingKeyError::Length(0)),
        ("c2hvcnQ=", SealingKeyError::Length(5)),
        ("8zzu4HmxPUiQwHnhyq1bMNG5JX6WqzqqxWnrb7SF2EE", SealingKeyError::NotBase64),
        ("8zzu4HmxPUiQwHnhyq1bMNG5JX6WqzqqxWnrb7SF2EEA", SealingKeyError::Length(33)),
        ("a word, and others", SealingKeyError::NotBase64),
    ];
    for (text, expected) in table {
        assert_eq!(parsed(text), Err(expected), "{text}");
        assert!(expected.fix().contains("openssl rand -base64 32"));
    }
    assert!(!format!("{:?}", key(7)).contains('7'));
}

#[test]
fn what_is_sealed_opens_with_the_same_key_and_for_the_same_purpose_alone() {
    let (one, other) = (key(1), key(2));
    for plaintext in [&b""[..], b"a refresh token", &[0; 100_000]] {
        let sealed = one.seal(b"entry", plaintext).unwrap();
        assert_eq!(one.open(b"entry", &sealed).unwrap().as_slice(), plaintext);
        assert_eq!(one.open(b"other entry", &sealed), Err(SealingError::Closed));
        assert_eq!(other.open(b"entry", &sealed), Err(SealingError::Closed));
        // The same text never looks the same.
        assert_ne!(one.seal(b"entry", plaintext).unwrap(), sealed);
    }
    let sealed = one.seal(b"entry", b"a refresh token").unwrap();
    assert!(!sealed.windows(7).any(|window| window == b"refresh"));
    for changed in 0..sealed.len() {
        let mut bytes = sealed.to_vec();
        bytes[changed] ^= 1;
        let expected = if changed == 0 { SealingError::Form } else { SealingError::Closed };
        assert_eq!(one.open(b"entry", &bytes), Err(expected), "byte {changed}");
    }
    for length in 0..sealed.len() {
        one.open(b"entry", &sealed[..length]).unwrap_err();
    }
}

#[tokio::test]
async fn a_sealed_store_tells_of_values_that_others_wrote_or_moved() {
    let Some(nats) = Nats::start() else { return };
    let plain: Arc<dyn Store> = Arc::new(JetStream::open(&nats.options()).await.unwrap());
    let sealed = |byte| Arc::new(Sealed::new(Arc::clone(&plain), key(byte), &nats.url()));
    let (one, other) = (sealed(1), sealed(2));
    let [anna, bert] = ["anna", "bert"].map(|name| Key::new(Group::Callbacks, &[name]));
    let mut changes = one.watch(Group::Callbacks).await.unwrap();
    let value = Bytes::from_static(b"a refresh token");
    let first = one.put(&anna, value.clone(), Expected::Absent, None).await.unwrap().unwrap();
    let read = one.get(&anna).await.unwrap().unwrap();
    assert_eq!((&read.value, read.revision), (&value, first));
    assert_eq!(one.list(Group::Callbacks, &[]).await.unwrap(), [(anna.clone(), read.clone())]);
    let change = changes.recv().await.unwrap();
    assert_eq!((change.key, change.entry), (anna.clone(), Some(read)));
    let stored = plain.get(&anna).await.unwrap().unwrap();
    assert!(!stored.value.windows(7).any(|window| window == b"refresh"));
    // A process with another key neither reads it nor takes it for absent.
    assert_damaged(other.get(&anna).await, &anna);
    assert_damaged(other.list(Group::Callbacks, &[]).await, &anna);
    assert_eq!(other.put(&anna, value.clone(), Expected::Absent, None).await.unwrap(), None);
    // A value at another key is told, also to those who watch.
    plain.put(&bert, stored.value, Expected::Absent, None).await.unwrap();
    assert_damaged(one.get(&bert).await, &bert);
    assert_eq!(changes.recv().await, None);
    // Leases stay readable for all.
    let process = Process::join(Arc::clone(&one) as Arc<dyn Store>).await.unwrap();
    let watcher = Process::join(other as Arc<dyn Store>).await.unwrap();
    assert!(watcher.is_alive(process.id()).await.unwrap());
}

#[track_caller]
fn assert_damaged<T: std::fmt::Debug>(read: Result<T, StoreError>, expected: &Key) {
    let error = read.unwrap_err();
    assert!(error.fix().contains("store-key"), "{}", error.fix());
    match error {
        StoreError::Damaged { place, key, .. } => {
            assert_eq!(key, expected.as_str());
            assert!(place.starts_with("nats://127.0.0.1:"), "{place}");
        }
        other => panic!("{other}"),
    }
}
