//! The entries of the store.

use bytes::Bytes;
use runner::store::jetstream::JetStream;
use runner::store::{Expected, Group, Key, Store};
use support::nats::Nats;

use super::until;

#[tokio::test]
async fn an_entry_changes_only_as_its_author_expects() {
    let Some(mut nats) = Nats::start() else { return };
    let (one, other) = (open(&nats).await, open(&nats).await);
    let key = Key::new(Group::Runs, &["contoso", "a run"]);
    let put = async |store: &JetStream, value: &'static str, expected| {
        store.put(&key, Bytes::from_static(value.as_bytes()), expected, None).await.unwrap()
    };
    let first = put(&one, "one", Expected::Absent).await.unwrap();
    assert_eq!(put(&other, "other", Expected::Absent).await, None);
    let second = put(&other, "other", Expected::Is(first)).await.unwrap();
    assert_eq!(put(&one, "one again", Expected::Is(first)).await, None);

    nats.kill();
    until(|| !one.is_healthy()).await;
    one.get(&key).await.unwrap_err();
    nats.restart();
    for store in [&one, &other] {
        until(|| store.is_healthy()).await;
    }
    let found = one.get(&key).await.unwrap().unwrap();
    assert_eq!((&*found.value, found.revision), (&b"other"[..], second));
    assert!(!one.remove(&key, first).await.unwrap());
    assert!(one.remove(&key, second).await.unwrap());
    assert_eq!(other.get(&key).await.unwrap(), None);
    put(&other, "anew", Expected::Absent).await.unwrap();
}

async fn open(nats: &Nats) -> JetStream {
    JetStream::open(&nats.options()).await.unwrap()
}
