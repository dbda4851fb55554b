//! Tokens that many share: one sign-in for all who wait, kept whole whatever happens.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use runner::connections::secret::SecretSource;
use runner::connections::tokens::{Credentials, TokenCache};
use secrecy::ExposeSecret;
use serde_json::json;

use support::provider;
use support::provider::{PASSWORD, Provider, SECRET, USER, tokens_of};

/// The one file of this kind in the state directory.
fn kept(provider: &Provider, extension: &str) -> PathBuf {
    let mut files = fs::read_dir(provider.state())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == extension));
    let file = files.next().unwrap();
    assert_eq!(files.next(), None, "there is one");
    file
}

/// An input that passes the action's own checks.
const SERVICE: &str = "serviceId=189a915c-fe4f-4ffa-bde4-85b9628d07a0";

/// The file of a secret that the provider's directory holds.
fn file(source: &SecretSource) -> &Path {
    match source {
        SecretSource::File(path) => path,
        SecretSource::Env(name) => panic!("a file, not {name}"),
    }
}

/// The warnings about where tokens are kept; the provider's tokens are opaque, which is
/// warned of as well.
fn of_the_store(credentials: &Credentials) -> Vec<String> {
    let mut warnings = credentials.take_warnings();
    warnings.retain(|warning| !warning.contains("does not show whether it is of"));
    warnings
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_runs_on_a_cold_cache_sign_in_once() {
    let provider = provider!(json!({ "delay": 200 }));
    // Where nothing can be kept, so that only the process itself can know of the token.
    let cache = TokenCache::kept_in(PathBuf::from("/dev/null/state"));
    let connection = provider.connection("confidential", provider.application());
    let run = |_| cache.credentials(&connection, provider.client().clone()).unwrap();
    assert_eq!(tokens_of((0..50).map(run)).await.len(), 1);
    assert_eq!(provider.requests().await, 1);
}

#[tokio::test]
async fn fifty_processes_on_a_cold_store_sign_in_once() {
    let provider = provider!(json!({ "delay": 100 }));
    // Each with a cache of its own, as a process has.
    let runs: Vec<_> = (0..50)
        .map(|_| {
            let credentials = provider.credentials("confidential", provider.application());
            tokio::spawn(async move { credentials.token().await })
        })
        .collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    assert_eq!(provider.requests().await, 1);
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_and_then_forgotten() {
    let provider = provider!(json!({ "faults": [{ "code": 50053 }] }));
    let credentials = provider.credentials("confidential", provider.application());
    let runs: Vec<_> = (0..50)
        .map(|_| {
            let credentials = credentials.clone();
            tokio::spawn(async move { credentials.token().await })
        })
        .collect();
    for run in runs {
        let error = run.await.unwrap().unwrap_err();
        assert!(error.message.contains("the account is locked"), "{error:?}");
    }
    assert_eq!(provider.requests().await, 1, "a locked account is left alone");
    credentials.token().await.unwrap();
}

#[tokio::test]
async fn tokens_that_cannot_be_kept_are_warned_of_once() {
    let provider = provider!(json!({ "delay": 300 }));
    let credentials = provider.credentials("confidential", provider.application());
    let own = credentials.clone();
    let run = tokio::spawn(async move { own.token().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The place was good before the sign-in, and is not after it.
    let path = kept(&provider, "json");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    run.await.unwrap().unwrap();
    let warnings = of_the_store(&credentials);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(&format!("Remove {}", path.display())), "{warnings:?}");
}

#[tokio::test]
async fn who_gives_up_does_not_take_the_others_along() {
    let provider = provider!(json!({ "delay": 300 }));
    let credentials = provider.credentials("confidential", provider.application());
    let first = credentials.clone();
    let leader = tokio::spawn(async move { first.token().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = credentials.clone();
    let other = tokio::spawn(async move { second.token().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    leader.abort();
    other.await.unwrap().unwrap();
    assert_eq!(provider.requests().await, 1);
}

#[test]
fn a_sign_in_that_ended_with_its_runtime_is_begun_again() {
    let Some(provider) = Provider::start(json!({ "delay": 300 })) else { return };
    let connection = provider.connection("confidential", provider.application());
    let cache = TokenCache::kept_in(provider.state());
    let new = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let interrupted = new();
    let credentials = cache.credentials(&connection, provider.client().clone()).unwrap();
    let early = Duration::from_millis(100);
    interrupted
        .block_on(async { tokio::time::timeout(early, credentials.token()).await })
        .unwrap_err();
    drop(interrupted);
    // The old client's connections ended with its runtime.
    let options = runner::network::ClientOptions {
        own_addresses: connection.own_addresses.clone(),
        ..Default::default()
    };
    let client = runner::network::Client::new(&options).unwrap();
    let credentials = cache.credentials(&connection, client).unwrap();
    new().block_on(credentials.token()).unwrap();
}

#[tokio::test]
async fn a_token_is_replaced_before_its_end_and_used_to_its_end_if_that_fails() {
    // Of a short life, half is early.
    let provider = provider!(json!({ "expiresIn": 4 }));
    let credentials = provider.credentials("confidential", provider.application());
    let first = credentials.token().await.unwrap();
    assert!(credentials.token().await.unwrap() == first);
    assert_eq!(provider.requests().await, 1);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let down = json!({ "status": 400, "body": "<html>" });
    provider.tell("settings", json!({ "faults": [down] })).await;
    assert!(credentials.token().await.unwrap() == first, "it is still good");
    assert_eq!(provider.requests().await, 2);
    assert!(credentials.token().await.unwrap() == first);
    assert_eq!(provider.requests().await, 2, "one does not ask for each request");
    tokio::time::sleep(Duration::from_millis(2000)).await;
    assert!(credentials.token().await.unwrap() != first);
}

#[tokio::test]
async fn only_the_token_that_was_refused_is_forgotten() {
    let provider = provider!(json!({}));
    let credentials = provider.credentials("confidential", provider.application());
    let first = credentials.token().await.unwrap();
    credentials.invalidate(&first);
    let second = credentials.token().await.unwrap();
    assert!(second != first, "nor is it taken from the store again");
    // Another run comes late with its 401.
    credentials.invalidate(&first);
    assert!(credentials.token().await.unwrap() == second);
    assert_eq!(provider.requests().await, 2);
}

#[tokio::test]
async fn users_and_applications_do_not_share_a_token() {
    let provider = provider!(json!({}));
    let cache = TokenCache::kept_in(provider.state());
    let mut tokens = BTreeSet::new();
    let mut other = provider.connection("confidential", provider.application());
    other.tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee".to_owned();
    for connection in [
        provider.connection("confidential", provider.application()),
        provider.connection("confidential", provider.user()),
    ] {
        for _ in 0..2 {
            let credentials = cache.credentials(&connection, provider.client().clone()).unwrap();
            let token = credentials.token().await.unwrap();
            tokens.insert(token.secret().expose_secret().to_owned());
        }
    }
    assert_eq!(tokens.len(), 2);
    assert_eq!(provider.requests().await, 2);
    // In another tenant it is another application: this host does not even know it.
    let credentials = cache.credentials(&other, provider.client().clone()).unwrap();
    credentials.token().await.unwrap_err();
}

#[tokio::test]
async fn what_is_kept_is_readable_by_its_user_alone_and_for_its_key_alone() {
    let provider = provider!(json!({}));
    provider.credentials("confidential", provider.user()).token().await.unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(provider.state()), 0o700);
    assert_eq!(mode(kept(&provider, "json")), 0o600);
    assert_eq!(mode(kept(&provider, "lock")), 0o600);
    let text = fs::read_to_string(kept(&provider, "json")).unwrap();
    for secret in [SECRET, PASSWORD] {
        assert!(!text.contains(secret), "{text}");
    }
    // A copy under another name is another's.
    let copy = fs::read(kept(&provider, "json")).unwrap();
    let requests = provider.requests().await;
    fs::remove_dir_all(provider.state()).unwrap();
    provider.credentials("confidential", provider.application()).token().await.unwrap();
    fs::write(kept(&provider, "json"), copy).unwrap();
    let credentials = provider.credentials("confidential", provider.application());
    credentials.token().await.unwrap();
    assert_eq!(provider.requests().await - requests, 2);
    assert_eq!(of_the_store(&credentials).len(), 1);
}

#[tokio::test]
async fn damaged_tokens_are_set_aside_with_a_warning() {
    let provider = provider!(json!({}));
    let whole = {
        provider.credentials("confidential", provider.user()).token().await.unwrap();
        fs::read(kept(&provider, "json")).unwrap()
    };
    for damage in [&b""[..], b"{}", b"\xff\xfe", &whole[..whole.len() / 2], b"[[[[[[[["] {
        fs::write(kept(&provider, "json"), damage).unwrap();
        let credentials = provider.credentials("confidential", provider.user());
        credentials.token().await.unwrap();
        let warnings = of_the_store(&credentials);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with("stored tokens were damaged and set aside as "));
        assert_eq!(fs::read(kept(&provider, "damaged")).unwrap(), damage);
    }
}

#[tokio::test]
async fn a_refresh_token_is_not_spent_where_the_next_cannot_be_kept() {
    let provider = provider!(json!({ "expiresIn": 1 }));
    let code = provider.new_code().await;
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // The renaming of the new file is blocked: a directory is in its place.
    let file = kept(&provider, "json");
    let before = fs::read(&file).unwrap();
    let aside = provider.state().join("aside");
    let blocked = || {
        fs::rename(&file, &aside).unwrap();
        fs::create_dir(&file).unwrap();
    };
    blocked();
    let credentials = provider.credentials("confidential", provider.code(&code));
    let error = credentials.token().await.unwrap_err();
    assert!(error.message.starts_with("tokens cannot be kept in "), "{error:?}");
    assert!(error.fix.contains("O365_STATE_DIR"), "{error:?}");
    assert_eq!(provider.requests().await, 1, "nothing was spent");
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), before);
    provider.credentials("confidential", provider.code(&code)).token().await.unwrap();
    let left: Vec<_> = fs::read_dir(provider.state()).unwrap().collect();
    assert_eq!(left.len(), 2, "no half-written file is left: {left:?}");
}

#[tokio::test]
async fn a_directory_that_others_can_reach_or_that_is_none_is_told() {
    let provider = provider!(json!({}));
    let code = provider.new_code().await;
    fs::create_dir(provider.state()).unwrap();
    fs::set_permissions(provider.state(), fs::Permissions::from_mode(0o755)).unwrap();
    let connection = provider.connection("confidential", provider.code(&code));
    let cache = TokenCache::kept_in(provider.state());
    let error = cache.credentials(&connection, provider.client().clone()).unwrap_err();
    assert!(error.fix.starts_with("Run chmod 700 "), "{error:?}");
    // Who can sign in again does without.
    let connection = provider.connection("confidential", provider.application());
    let credentials = cache.credentials(&connection, provider.client().clone()).unwrap();
    credentials.token().await.unwrap();
    assert_eq!(of_the_store(&credentials).len(), 1);
}

#[tokio::test]
async fn a_keyring_that_is_not_there_is_told_with_the_way_around() {
    let provider = provider!(json!({}));
    let lines = "authentication-code = { env = \"CODE\" }\nredirect-url = \"http://localhost:8400/\"\ntoken-store = \"keyring\"\n";
    let ended = provider
        .o365(&["run", "get-available-license-count", SERVICE, "--json"], "public", lines)
        .env("CODE", "a code that is not spent")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let error = ended.error();
    let message = error["message"].as_str().unwrap();
    let fix = error["fix"].as_str().unwrap();
    if cfg!(feature = "keyring") {
        assert!(message.starts_with("the system's keyring cannot keep tokens: "), "{error}");
    } else {
        assert!(message.starts_with("this build of the program cannot keep tokens"), "{error}");
        assert!(fix.contains("--features keyring"), "{error}");
    }
    assert!(fix.contains("token-store = \"file\""), "{error}");
    assert_eq!(provider.requests().await, 0);
}

#[tokio::test]
async fn a_kill_at_any_time_leaves_tokens_that_work() {
    let provider = provider!(json!({ "expiresIn": 1, "keepOld": true, "delay": 60 }));
    let code = provider.new_code().await;
    let lines = format!(
        "authentication-code = {{ file = {:?} }}\nclient-secret = {{ file = {:?} }}\nredirect-url = \"http://localhost:8400/\"\n",
        file(&provider.secret("code", &code)),
        file(&provider.secret("secret", SECRET)),
    );
    let arguments = ["run", "get-available-license-count", SERVICE, "--json"];
    let run = || provider.o365(&arguments, "confidential", &lines);
    // The first run spends the code, which is good once, and comes through.
    let signed_in = |stderr: &str| {
        // There is no Graph here: what fails is the call after the sign-in.
        assert!(!stderr.contains("sign-in"), "{stderr}");
        assert!(!stderr.contains("\"unauthorized\""), "{stderr}");
    };
    signed_in(&run().run().stderr);
    tokio::time::sleep(Duration::from_millis(600)).await;
    let begun = Instant::now();
    signed_in(&run().run().stderr);
    let whole = begun.elapsed();
    let mut killed = 0;
    for step in 1..=24 {
        tokio::time::sleep(Duration::from_millis(600)).await;
        if run().killed_after(whole * step / 25) {
            killed += 1;
        }
        let left = fs::read(kept(&provider, "json")).unwrap();
        let left: serde_json::Value = serde_json::from_slice(&left).expect("a whole file");
        assert!(left["refreshToken"].is_string(), "{left}");
    }
    assert!(killed > 12, "the kills came too late: {killed}");
    tokio::time::sleep(Duration::from_millis(600)).await;
    let before = provider.requests().await;
    signed_in(&run().run().stderr);
    let seen = provider.seen().await;
    assert!(seen.len() > before, "it asked for a token");
    let codes = seen.iter().filter(|one| one["grant_type"] == "authorization_code").count();
    assert_eq!(codes, 1, "the code is never sent twice");
}

#[tokio::test]
async fn a_run_that_cannot_sign_in_says_so_and_ends_with_4() {
    let provider = provider!(json!({}));
    let password = provider.secret("password", "wrong-s3cret");
    let lines = format!("username = \"{USER}\"\npassword = {{ file = {:?} }}\n", file(&password));
    let arguments = ["run", "get-available-license-count", SERVICE, "--json"];
    let ended = provider.o365(&arguments, "public", &lines).run();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let error = ended.error();
    assert_eq!(error["kind"], "unauthorized");
    assert_eq!(
        error["message"],
        "the sign-in failed: the user name or the password is wrong (AADSTS50126)"
    );
    assert_eq!(error["who"], "caller");
    assert_eq!(error["entra"]["error"], "invalid_grant");
    assert_eq!(error["entra"]["codes"], json!([50126]));
    assert_eq!(error["entra"]["traceId"], "0000aaaa-11bb-cccc-dd22-eeeeee333333");
    let people = provider.o365(&arguments[..3], "public", &lines).run();
    assert!(
        people.stderr.contains("Entra response: invalid_grant AADSTS50126, trace id 0000aaaa"),
        "{}",
        people.stderr
    );
    assert!(!people.stderr.contains("wrong-s3cret"));
}
