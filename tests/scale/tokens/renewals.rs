//! One renewal for all who wait.

use std::collections::BTreeSet;
use std::time::Duration;

use runner::connections::config::Grant;
use runner::connections::tokens::TokenCache;
use runner::platform::Platform;
use runner::simulator::Limits;
use runner::store::jetstream::JetStream;
use runner::store::{Group, Store};
use secrecy::ExposeSecret;
use serde_json::json;
use support::nats::Nats;
use support::platform::{done, seats};
use support::provider;
use support::provider::{PASSWORD, Provider, SECRET, TENANT, USER, tokens_of};
use support::throttling::{Graph, platform};

use super::machine::{Machine, file, grants};
use crate::processes::join;

/// The tokens that twenty runs get at once, ten in each process.
async fn twenty(provider: &Provider, caches: [&TokenCache; 2], grant: &Grant) -> BTreeSet<String> {
    let connection = provider.connection("confidential", grant.clone());
    let client = || provider.client().clone();
    let run = |number: usize| caches[number % 2].credentials(&connection, client()).unwrap();
    tokens_of((0..20).map(run)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_runs_in_two_processes_redeem_a_code_once_and_a_refresh_token_once() {
    let provider = provider!(json!({ "expiresIn": 1, "delay": 100 }));
    let Some(nats) = Nats::start() else { return };
    let (one, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let code = provider.new_code().await;
    one.token(&provider, &code).await.unwrap();
    assert_eq!(grants(&provider).await, ["authorization_code"]);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // The token of the code has ended. This host refuses a refresh token that was used.
    provider.tell("settings", json!({ "expiresIn": 3600 })).await;
    let caches = [&one.cache(), &other.cache()];
    let tokens = twenty(&provider, caches, &provider.code(&code)).await;
    assert_eq!(tokens.len(), 1);
    assert_eq!(grants(&provider).await, ["authorization_code", "refresh_token"]);
    // Neither machine has tokens outside the store, and nobody holds the lock.
    assert_eq!((file(&one.state()), file(&other.state())), (None, None));
    let released = async {
        while one.is_locked().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), released).await.unwrap();
    // A new code is redeemed by one of them.
    let new = provider.new_code().await;
    let caches = [&one.cache(), &other.cache()];
    assert_eq!(twenty(&provider, caches, &provider.code(&new)).await.len(), 1);
    assert_eq!(grants(&provider).await.len(), 3);
    assert_eq!(grants(&provider).await[2], "authorization_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_graph_refused_is_renewed_once_for_all() {
    let provider = provider!(json!({}));
    let Some(nats) = Nats::start() else { return };
    let (one, other) = (Machine::on(&nats).await, Machine::on(&nats).await);
    let code = provider.new_code().await;
    let grant = || provider.code(&code);
    let processes = [&one, &other].map(|it| it.credentials(&provider, "confidential", grant()));
    let old = processes[0].token().await.unwrap();
    assert!(processes[1].token().await.unwrap() == old);
    processes[0].invalidate(&old);
    processes[1].invalidate(&old);
    let new = processes[0].token().await.unwrap();
    assert!(new != old);
    assert!(processes[1].token().await.unwrap() == new, "the other's is used");
    assert_eq!(provider.requests().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_shows_no_secret() {
    let provider = provider!(json!({}));
    let Some(nats) = Nats::start() else { return };
    let machine = Machine::on(&nats).await;
    let code = provider.new_code().await;
    let token = machine.token(&provider, &code).await.unwrap();
    let by_password = machine.credentials(&provider, "confidential", provider.user());
    let other = by_password.token().await.unwrap();
    let plain = JetStream::open(&nats.options()).await.unwrap();
    let mut raw = Vec::new();
    for (key, entry) in plain.list(Group::Tokens, &[]).await.unwrap() {
        raw.extend_from_slice(key.as_str().as_bytes());
        raw.extend_from_slice(&entry.value);
    }
    let opened = machine.store.list(Group::Tokens, &[]).await.unwrap();
    assert!(opened.len() >= 2);
    let mut canaries = [SECRET, PASSWORD, USER, TENANT, "confidential", "contoso", "Token"]
        .map(ToOwned::to_owned)
        .to_vec();
    canaries.push(code);
    canaries.extend([token, other].map(|token| token.secret().expose_secret().to_owned()));
    for (_, entry) in opened {
        let Ok(tokens) = serde_json::from_slice::<serde_json::Value>(&entry.value) else {
            continue;
        };
        canaries.push(tokens["refreshToken"].as_str().unwrap().to_owned());
        canaries.push(tokens["accessToken"]["secret"].as_str().unwrap().to_owned());
    }
    for canary in canaries {
        let found = raw.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "{canary}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn platforms_share_the_tokens_of_users_and_not_those_of_applications() {
    let Some(nats) = Nats::start() else { return };
    let graph = Graph::start("contoso", Limits::of_tenant(10)).await;
    let secret = "client-secret = { file = \"secret\" }";
    let user = "username = \"anna@contoso.onmicrosoft.com\"\npassword = { file = \"secret\" }";
    let table = graph.table.replace("contoso]", "by-name]").replace(secret, user);
    let directory = tempfile::tempdir().unwrap();
    let process = join(&nats).await;
    let store = process.store().clone();
    let builder = Platform::builder().shared(process);
    let platform = platform(builder, directory.path(), &[&graph.table, &table]);
    done(&platform.run(seats("contoso")).await);
    assert!(store.list(Group::Tokens, &[]).await.unwrap().is_empty());
    let kept = file(&directory.path().join("tokens")).unwrap();
    std::fs::remove_file(kept).unwrap();
    done(&platform.run(seats("by-name")).await);
    assert!(!store.list(Group::Tokens, &[]).await.unwrap().is_empty());
    assert_eq!(file(&directory.path().join("tokens")), None);
}
