//! The forms in which clients write a path.

use bytes::Bytes;
use runner::simulator::{Caller, Simulator, Tenant};

use crate::graph::ROOT;

#[test]
fn a_path_is_found_in_every_form() {
    let simulator = Simulator::new(Tenant::built_in().unwrap());
    let tenant = simulator.tenant();
    let user = tenant.users.iter().next().unwrap().user_principal_name.to_string();
    let encoded = user.replace('@', "%40");
    let status = |path: &str| {
        let request = http::Request::get(format!("{ROOT}{path}")).body(Bytes::new()).unwrap();
        let caller = Caller::signed_in(&*user);
        simulator.respond(&request, &caller, tenant.time).status().as_u16()
    };
    for path in [
        &*format!("/users/{user}"),
        &*format!("/users/{encoded}"),
        &*format!("/users('{user}')"),
        &*format!("/users(%27{encoded}%27)"),
        "//subscribedSkus",
        "/me",
        "/directory/deletedItems/microsoft.graph.user",
        // As Microsoft's client libraries write the cast.
        "/directory/deletedItems/graph.user",
    ] {
        assert_eq!(status(path), 200, "{path}");
    }
    // The path is known, and the method is wrong.
    for path in [
        &*format!("/users(%27{encoded}%27)/sendMail"),
        &*format!("/users/{user}/microsoft.graph.sendMail"),
        &*format!("/users/{user}/graph.sendMail"),
        "/me/sendMail",
    ] {
        assert_eq!(status(path), 405, "{path}");
    }
    // A quote in a key is doubled.
    assert_eq!(status("/users('o''neil@contoso.com')"), 404);
    for path in ["/", "/nothing", "/users/a@b/nothing", "/users/a/b/c"] {
        assert_eq!(status(path), 400, "{path}");
    }
}
