//! Processes that die or sleep while they renew.

use std::sync::Arc;
use std::time::{Duration, Instant};

use runner::store::Store;
use serde_json::{Value, json};
use support::nats::Nats;
use support::provider;
use support::provider::Provider;

use super::machine::{Machine, Sleepy, grants, sealed};

/// The tokens of a code, whose access token has ended.
async fn ended(provider: &Provider, machine: &Machine) -> String {
    let code = provider.new_code().await;
    machine.token(provider, &code).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    provider.tell("settings", json!({ "expiresIn": 3600 })).await;
    code
}

/// A process that falls asleep in its turn, when it has stored tokens so many times.
struct Sleeper {
    store: Arc<Sleepy>,
    machine: Machine,
}

impl Sleeper {
    async fn after(nats: &Nats, before: usize) -> Self {
        let store = Sleepy::after(sealed(nats).await, before);
        Self { machine: Machine::with(Arc::clone(&store) as Arc<dyn Store>), store }
    }
}

/// The refresh token in the store.
fn refresh(stored: &Value) -> &str {
    stored["refreshToken"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_goes_on_when_a_process_dies_with_the_lock() {
    // Entra leaves a refresh token good when it gives a newer one.
    let provider = provider!(json!({ "expiresIn": 1, "keepOld": true }));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = ended(&provider, &machine).await;
    provider.tell("settings", json!({ "delay": 5000 })).await;
    // A process ends with all its tasks, and says nothing more.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let dying = Machine::on(&nats).await;
                // The connections of the other client are of the other runtime.
                let connection = provider.connection("confidential", provider.code(&code));
                let options = runner::network::ClientOptions {
                    own_addresses: connection.own_addresses.clone(),
                    ..Default::default()
                };
                let client = runner::network::Client::new(&options).unwrap();
                let credentials = dying.cache().credentials(&connection, client).unwrap();
                let killed = tokio::time::timeout(Duration::from_secs(2), credentials.token());
                killed.await.unwrap_err();
            });
        });
    });
    assert!(machine.is_locked().await);
    provider.tell("settings", json!({ "delay": 0 })).await;
    let began = Instant::now();
    machine.token(&provider, &code).await.unwrap();
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(3), "{waited:?}");
    assert!(waited < Duration::from_secs(20), "{waited:?}");
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token", "refresh_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_takes_longer_than_a_lease_keeps_the_lock() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let Some(nats) = Nats::start() else { return };
    let (slow, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let code = ended(&provider, &slow).await;
    provider.tell("settings", json!({ "delay": 13_000 })).await;
    let (own, waited) = tokio::join!(slow.token(&provider, &code), async {
        while !other.is_locked().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        other.token(&provider, &code).await
    });
    assert!(own.unwrap() == waited.unwrap());
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wakes_with_a_lapsed_lock_redeems_nothing() {
    // A refresh token is good once.
    let provider = provider!(json!({ "expiresIn": 1 }));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = ended(&provider, &machine).await;
    let sleeper = Sleeper::after(&nats, 0).await;
    let (own, renewed) = tokio::join!(sleeper.machine.token(&provider, &code), async {
        sleeper.store.fallen_asleep().await;
        let renewed = machine.token(&provider, &code).await;
        sleeper.store.wake();
        renewed
    });
    assert!(own.unwrap() == renewed.unwrap(), "it has what the other stored");
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeper_does_not_overwrite_what_another_has_stored() {
    let provider = provider!(json!({ "expiresIn": 1, "keepOld": true }));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = ended(&provider, &machine).await;
    let sleeper = Sleeper::after(&nats, 1).await;
    let (own, (renewed, stored)) = tokio::join!(sleeper.machine.token(&provider, &code), async {
        sleeper.store.fallen_asleep().await;
        let renewed = machine.token(&provider, &code).await;
        let stored = machine.stored().await;
        sleeper.store.wake();
        (renewed, stored)
    });
    assert!(own.unwrap() == renewed.unwrap(), "it uses the other's");
    assert_eq!(machine.stored().await, stored);
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token", "refresh_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_token_that_works_is_not_lost_when_it_is_stored_late() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = ended(&provider, &machine).await;
    let before = machine.stored().await;
    let sleeper = Sleeper::after(&nats, 1).await;
    let (own, refused) = tokio::join!(sleeper.machine.token(&provider, &code), async {
        sleeper.store.fallen_asleep().await;
        // The other is told that the token is dead, as the sleeper has redeemed it.
        provider.tell("settings", json!({ "faults": [{ "code": 700_082 }] })).await;
        let refused = machine.token(&provider, &code).await;
        assert!(machine.stored().await["refreshToken"].is_null());
        sleeper.store.wake();
        refused
    });
    assert!(refused.unwrap_err().message.contains("sign-in"));
    let own = own.unwrap();
    assert_ne!(refresh(&machine.stored().await), refresh(&before));
    let requests = provider.requests().await;
    assert!(machine.token(&provider, &code).await.unwrap() == own);
    assert_eq!(provider.requests().await, requests);
}
