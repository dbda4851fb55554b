//! Which requests are a call, and which user a path names.

use contract::Call;
use contract::call::user_key;
use http::Method;

#[test]
fn a_call_is_matched_by_method_and_whole_path() {
    let id = "/users/5b2c7e1a-0d3f-4a6b-9c8d-7e6f5a4b3c2d";
    let table = [
        ("GET /users/{id}", "GET", id.to_owned(), true),
        ("GET /users/{id}", "DELETE", id.to_owned(), false),
        ("GET /users/{id}", "GET", "/users/allen@contoso.com".to_owned(), true),
        ("GET /users/{id}", "GET", "/users/o%27neil%23EXT%23@contoso.com".to_owned(), true),
        ("GET /users/{id}", "GET", "/users('%24allen@contoso.com')".to_owned(), true),
        ("GET /users/{id}", "GET", "/users('$allen@contoso.com')".to_owned(), true),
        ("GET /users/{id}", "GET", "/users('%24o%27%27neil@contoso.com')".to_owned(), true),
        ("GET /users/{id}", "GET", "/users('%24o%27neil@contoso.com')".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/a@b(%27c%27)".to_owned(), false),
        ("GET /users/{id}", "GET", "/users('a@b')/x('c')".to_owned(), false),
        ("GET /users/{id}", "GET", "/users('a@b'')".to_owned(), false),
        ("GET /users/{id}", "GET", "/users('')".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/$count".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/delta".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/$x@y.com".to_owned(), false),
        ("GET /users/{id}", "GET", format!("{id}/"), false),
        ("GET /users/{id}", "GET", format!("{id}/messages"), false),
        ("GET /users/{id}", "GET", "/users/a@b%2Fmessages".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/a@b%5Cmessages".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/%2e%2e".to_owned(), false),
        ("GET /users/{id}", "GET", "/users/".to_owned(), false),
        ("GET /users/{id}", "GET", "/users".to_owned(), false),
        ("GET /subscribedSkus", "GET", "/subscribedSkus".to_owned(), true),
        ("GET /subscribedSkus", "GET", "//subscribedSkus".to_owned(), false),
        ("GET /subscribedSkus", "GET", "/SUBSCRIBEDSKUS".to_owned(), false),
        ("POST /users/{id}/assignLicense", "POST", format!("{id}/assignLicense"), true),
        ("POST /users/{id}/assignLicense", "POST", format!("{id}/sendMail"), false),
    ];
    for (call, method, path, expected) in table {
        let call: Call = call.parse().unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(call.matches(&method, &path), expected, "{call} against {method} {path}");
    }
}

#[test]
fn a_path_is_about_the_user_that_graph_takes_it_for() {
    for (path, key) in [
        ("/users/o%27neil@contoso.com/sendMail", Some("o'neil@contoso.com")),
        ("/users('%24o%27%27neil@contoso.com')", Some("$o'neil@contoso.com")),
        ("/users('$allen@contoso.com')/assignLicense", Some("$allen@contoso.com")),
        ("/users('%24o%27neil@contoso.com')", None),
        ("/users('a@b", None),
        ("/users('')", None),
        ("/users/", None),
        ("/users", None),
        ("/me", None),
    ] {
        assert_eq!(user_key(path).as_deref(), key, "{path}");
    }
}

#[test]
fn what_is_no_call_is_refused() {
    for text in ["", "GET", "GET users", "get /users", "GET /users/{name}", "GET /a//b", "GET /"] {
        assert!(text.parse::<Call>().is_err(), "{text:?}");
    }
}
