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

#[tokio::test]
async fn reading_a_group_leaves_nothing_at_the_server() {
    let Some(nats) = Nats::start() else { return };
    let store = open(&nats).await;
    for number in 0..3 {
        let key = Key::new(Group::Runs, &["contoso", &number.to_string()]);
        store.put(&key, Bytes::from_static(b"{}"), Expected::Absent, None).await.unwrap();
    }
    for _ in 0..100 {
        assert_eq!(store.list(Group::Runs, &["contoso"]).await.unwrap().len(), 3);
        assert_eq!(store.list(Group::Runs, &["fabrikam"]).await.unwrap().len(), 0);
    }
    let client = async_nats::connect(nats.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let consumers = async || {
        let bucket = context.get_stream("KV_o365").await.unwrap();
        bucket.get_info().await.unwrap().state.consumer_count
    };
    let began = std::time::Instant::now();
    while consumers().await > 0 {
        assert!(began.elapsed().as_secs() < 5, "{} consumers", consumers().await);
    }
}
