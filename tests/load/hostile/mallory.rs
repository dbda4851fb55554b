//! The platform, its tenants and their calls.

use std::sync::LazyLock;
use std::time::Duration;

use runner::egress::EgressStack;
use runner::platform::{Call, CallResult, Link, Platform, Tenant, TenantLimits};
use serde_json::json;

use support::hostile_guest;
use support::platform::{Slow, connection};

/// Who misbehaves.
pub const MALLORY: &str = "mallory";

/// Who does not. Its component is the same.
pub const CONTOSO: &str = "contoso";

/// The limits of whoever misbehaves: small ones, so that each is met soon.
pub fn limits() -> TenantLimits {
    TenantLimits {
        concurrent_runs: 8,
        queue_length: 64,
        time: Duration::from_secs(1),
        cpu: Duration::from_millis(300),
        memory: 64 << 20,
        requests: 1_000,
        bytes_in: 64 << 20,
        bytes_out: 8 << 20,
        result: 8 << 20,
        ..TenantLimits::default()
    }
}

/// A platform whose component misbehaves, with both tenants on directories of their own.
pub fn platform(mallorys: &Slow, contosos: &Slow, limits: TenantLimits) -> Platform {
    platform_on(mallorys.egress(), contosos.egress(), limits)
}

/// The same on any ways out, over the connections `main` of the one and `quiet` of the other.
pub fn platform_on(mallorys: EgressStack, contosos: EgressStack, limits: TenantLimits) -> Platform {
    let platform = Platform::builder().max_runs(16).component(component()).build().unwrap();
    platform.register(tenant(mallorys, limits));
    platform.register(Tenant::new(CONTOSO).with_link(Link::given("quiet", connection(), contosos)));
    platform
}

/// Whoever misbehaves.
pub fn tenant(egress: EgressStack, limits: TenantLimits) -> Tenant {
    let link = Link::given("main", connection(), egress);
    Tenant::new(MALLORY).with_link(link).with_limits(limits)
}

/// The component's bytes, which are built once.
pub fn component() -> Vec<u8> {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(hostile_guest()).unwrap());
    BYTES.clone()
}

/// A call of `tenant`, whose guest does `how`: of the action that suits it.
pub fn call(tenant: &str, how: &str) -> Call {
    let name = how.split(':').next().unwrap();
    match name {
        "trap-in-write" | "trap-after-write" | "two-lengths" => {
            let input = json!({
                "serviceId": how, "displayName": "Allen Allbrook", "mailNickname": "allen",
                "password": "Any-passw0rd", "usageLocation": "AM",
            });
            Call::new(tenant, "create-user", input)
        }
        "cursor" | "long-cursor" | "no-text" | "megabytes" | "records" | "users" => {
            Call::new(tenant, "users-with-licenses-page", json!({ "cursor": how }))
        }
        _ => Call::new(tenant, "is-license-available", json!({ "serviceId": how })),
    }
}

/// What comes of a call of mallory's.
pub async fn misbehave(platform: &Platform, how: &str) -> CallResult {
    platform.run(call(MALLORY, how)).await
}
