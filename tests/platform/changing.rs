//! Tenants and components that change under runs.

use std::time::Duration;

use runner::platform::{Failure, Link, Refusal, Tenant, TenantLimits};
use runner::sandbox::COMPONENT;

use support::platform::{Slow, connection, creation, done, eventually, failed, platform, seats};

/// The same component as another build of it would be: other bytes, another digest.
fn another_build() -> Vec<u8> {
    let mut bytes = COMPONENT.to_vec();
    // A custom section named "b", which nobody reads.
    bytes.extend([0, 3, 1, b'b', 0]);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn another_component_takes_over_while_runs_go_on() {
    let platform = platform(8);
    let slow = Slow::new(Duration::from_millis(300));
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let before = platform.host().component().to_owned();
    let running = tokio::spawn({
        let platform = platform.clone();
        async move { platform.run(creation("contoso", "allen")).await }
    });
    eventually("it goes on", || platform.load("contoso").running == 1).await;
    platform.reload(another_build()).await.unwrap();
    assert_ne!(platform.host().component(), before);
    assert_eq!(platform.load("contoso").running, 1, "it still goes on");
    done(&platform.run(seats("contoso")).await);
    done(&running.await.unwrap());
    // What cannot be run changes nothing.
    let after = platform.host().component().to_owned();
    assert!(platform.reload(b"no component".to_vec()).await.is_err());
    assert_eq!(platform.host().component(), after);
    done(&platform.run(seats("contoso")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_changes_and_goes_while_its_runs_end_as_they_began() {
    let platform = platform(8);
    let slow = Slow::new(Duration::from_millis(300));
    let other = Slow::new(Duration::ZERO);
    platform.register(slow.tenant("contoso", TenantLimits::default()));
    let creating = |nickname: &'static str| {
        let platform = platform.clone();
        tokio::spawn(async move { platform.run(creation("contoso", nickname)).await })
    };
    let first = creating("allen");
    eventually("it goes on", || platform.load("contoso").running == 1).await;
    // Another directory, and no more creations.
    let link = Link::given("main", connection(), other.egress());
    platform
        .register(Tenant::new("contoso").with_link(link).with_actions(["is-license-available"]));
    assert_eq!(platform.load("contoso").running, 1, "a run of before still counts");
    let refused = platform.run(creation("contoso", "beth")).await;
    assert!(matches!(failed(&refused), Failure::Refused(Refusal::NotAllowed { .. })));
    done(&platform.run(seats("contoso")).await);
    assert_eq!(other.asked(), 1);
    // And then it goes altogether.
    assert!(platform.remove("contoso") && !platform.remove("contoso"));
    let refused = platform.run(seats("contoso")).await;
    assert_eq!(*failed(&refused), Failure::Refused(Refusal::NoSuchTenant));
    done(&first.await.unwrap());
    assert!(slow.has_user("allen") && !other.has_user("allen"));
    assert_eq!(platform.free_permits(), 8);
}
