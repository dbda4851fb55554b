//! Users who sign in on one of the machines.

use std::fs;
use std::path::Path;

use runner::connections::config::Grant;
use runner::connections::sign_in::device_code::DeviceCode;
use runner::connections::tokens::{AccessToken, TokenCache};
use serde_json::json;
use support::nats::Nats;
use support::provider;
use support::provider::Provider;
use tokio::sync::oneshot;

use super::machine::{Machine, file};

fn login() -> Grant {
    Grant::Login { redirect_url: None, client_secret: None }
}

/// A user signs in as with `o365 connection login`, which knows no store.
async fn sign_in(provider: &Provider, state: &Path) -> AccessToken {
    let cache = TokenCache::kept_in(state.to_owned());
    let connection = provider.connection("public", login());
    let credentials = cache.credentials(&connection, provider.client().clone()).unwrap();
    let (told, shown) = oneshot::channel();
    let show = |code: &DeviceCode| told.send(code.user_code.clone()).unwrap();
    let user = async {
        let code: String = shown.await.unwrap();
        provider.tell("device", json!({ "userCode": code })).await;
    };
    tokio::join!(credentials.login_by_device_code(show), user).0.unwrap()
}

async fn token(machine: &Machine, provider: &Provider) -> AccessToken {
    machine.credentials(provider, "public", login()).token().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_on_one_machine_serves_all_and_a_later_one_takes_its_place() {
    let provider = provider!(json!({}));
    let Some(nats) = Nats::start() else { return };
    let (one, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let credentials = other.credentials(&provider, "public", login());
    assert_eq!(credentials.token().await.unwrap_err().fix, "Run `o365 connection login contoso`.");
    let first = sign_in(&provider, &one.state()).await;
    assert!(token(&one, &provider).await == first);
    assert!(token(&other, &provider).await == first);
    let second = sign_in(&provider, &other.state()).await;
    assert!(token(&one, &provider).await == first, "the other has not told of it yet");
    assert!(token(&other, &provider).await == second);
    // The older one is still on its machine, and on a machine that comes later.
    let late = Machine::on(&nats).await;
    let _ = late
        .cache()
        .credentials(&provider.connection("public", login()), provider.client().clone());
    let (from, name) = (file(&one.state()).unwrap(), file(&one.state()).unwrap());
    fs::copy(from, late.state().join(name.file_name().unwrap())).unwrap();
    for machine in [&one, &late, &other, &one] {
        assert!(token(machine, &provider).await == second);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_on_a_machine_is_set_aside_with_a_warning() {
    let provider = provider!(json!({}));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let first = sign_in(&provider, &machine.state()).await;
    assert!(token(&machine, &provider).await == first);
    let path = file(&machine.state()).unwrap();
    fs::write(&path, "{}").unwrap();
    let credentials = machine.credentials(&provider, "public", login());
    assert!(credentials.token().await.unwrap() == first);
    let warnings = credentials.take_warnings();
    assert!(warnings.iter().any(|it| it.contains("damaged and set aside")), "{warnings:?}");
    assert!(path.with_extension("damaged").exists());
}
