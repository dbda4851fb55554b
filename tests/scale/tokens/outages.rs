//! The store is not there.

use std::fs;
use std::time::{Duration, Instant};

use bytes::Bytes;
use runner::report::Kind;
use runner::store::{Expected, Group};
use serde_json::{Value, json};
use support::nats::Nats;
use support::provider;
use support::provider::Provider;

use super::machine::{Machine, file, grants};

/// Waits until the sign-in host was asked so many times.
async fn asked(provider: &Provider, times: usize) {
    let asked = async {
        while provider.requests().await < times {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asked).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_those_sign_in_who_can_do_without_it() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let Some(mut nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = provider.new_code().await;
    machine.token(&provider, &code).await.unwrap();
    let by_name = || machine.credentials(&provider, "confidential", provider.user());
    by_name().token().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    nats.kill();
    let before = grants(&provider).await;
    assert_eq!(before, ["authorization_code", "password"]);
    let began = Instant::now();
    let error = machine.token(&provider, &code).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable);
    assert!(error.message.starts_with("the store nats://127.0.0.1:"), "{error:?}");
    assert!(error.fix.contains("can be reached"), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(grants(&provider).await, before, "nothing is redeemed");
    // A user with a password, by it: the refresh token may be another's meanwhile.
    let credentials = by_name();
    credentials.token().await.unwrap();
    let warnings = credentials.take_warnings();
    assert!(warnings.iter().any(|it| it.starts_with("the store nats://")), "{warnings:?}");
    machine.credentials(&provider, "confidential", provider.application()).token().await.unwrap();
    let after = grants(&provider).await.split_off(before.len());
    assert_eq!(after, ["password", "client_credentials"]);
    nats.restart();
    let back = async {
        while machine.token(&provider, &code).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), back).await.unwrap();
    assert_eq!(grants(&provider).await.pop().unwrap(), "refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_cannot_be_read_are_told_and_not_replaced() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = provider.new_code().await;
    machine.token(&provider, &code).await.unwrap();
    let by_name = || machine.credentials(&provider, "confidential", provider.user());
    by_name().token().await.unwrap();
    let other = Bytes::from_static(b"{\"version\":2}");
    let stored = || machine.store.list(Group::Tokens, &[]);
    for (key, _) in stored().await.unwrap() {
        if key.last_part().unwrap() != "renewing" {
            machine.store.put(&key, other.clone(), Expected::Any, None).await.unwrap();
        }
    }
    let error = machine.token(&provider, &code).await.unwrap_err();
    assert_eq!(error.kind, Kind::Environment);
    assert!(error.message.starts_with("the entry tokens."), "{error:?}");
    assert!(error.fix.contains("remove the entry"), "{error:?}");
    let credentials = by_name();
    credentials.token().await.unwrap();
    let warnings = credentials.take_warnings();
    assert!(warnings.iter().any(|it| it.starts_with("the entry tokens.")), "{warnings:?}");
    let left = stored().await.unwrap();
    assert_eq!(left.iter().filter(|(_, entry)| entry.value == other).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_refresh_token_waits_for_the_store() {
    let provider = provider!(json!({ "delay": 1500 }));
    let Some(mut nats) = Nats::start() else { return };
    let (machine, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let code = provider.new_code().await;
    let (token, ()) = tokio::join!(machine.token(&provider, &code), async {
        asked(&provider, 1).await;
        nats.kill();
        tokio::time::sleep(Duration::from_secs(4)).await;
        nats.restart();
    });
    let token = token.unwrap();
    assert!(other.token(&provider, &code).await.unwrap() == token);
    assert_eq!(file(&machine.state()), None);
    assert_eq!(provider.requests().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_refresh_token_is_kept_on_the_machine_while_the_store_stays_away() {
    let provider = provider!(json!({ "delay": 1500 }));
    let Some(mut nats) = Nats::start() else { return };
    let (machine, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let code = provider.new_code().await;
    let (failed, ()) = tokio::join!(machine.token(&provider, &code), async {
        asked(&provider, 1).await;
        nats.kill();
    });
    assert_eq!(failed.unwrap_err().kind, Kind::Unavailable);
    let kept = fs::read(file(&machine.state()).unwrap()).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert!(kept["refreshToken"].is_string());
    nats.restart();
    let back = async {
        loop {
            match machine.token(&provider, &code).await {
                Ok(token) => break token,
                Err(error) => assert_eq!(error.kind, Kind::Unavailable),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let token = tokio::time::timeout(Duration::from_secs(60), back).await.unwrap();
    assert!(other.token(&provider, &code).await.unwrap() == token);
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token"]);
}
