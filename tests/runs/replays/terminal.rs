//! What a person sees on a terminal.

use support::{Fixture, o365, root};

/// The output of `o365` on a terminal, stdout and stderr together, and its exit code.
fn on_a_terminal(arguments: &str) -> (String, i32) {
    let (text, code) = o365(arguments.split(' ')).on_a_terminal(0);
    (text.replace('\r', ""), code)
}

#[test]
fn a_plan_is_text() {
    let (text, code) = on_a_terminal(
        "plan delete-user --replay fixtures/delete-user/deleted.har \
         userPrincipalName=allen@contoso.onmicrosoft.com",
    );
    assert_eq!(code, 0, "{text}");
    let beginning = "delete-user would make 1 change:\n\n1. deletes the user allen@";
    assert!(text.starts_with(beginning), "{text}");
    assert!(text.contains("\n   DELETE https://graph.microsoft.com/v1.0/users/"), "{text}");
    assert!(text.contains("\nNothing was changed: "), "{text}");
    let open = "\nNot checked, since no read shows it:\n- Whether the tenant has the user allen@";
    assert!(text.contains(open), "{text}");
}

#[test]
fn a_plan_says_what_graph_would_refuse() {
    let (text, code) = on_a_terminal(
        "plan delete-user --simulate userPrincipalName=nobody@contoso.onmicrosoft.com",
    );
    assert_eq!(code, 0, "{text}");
    let refused = "delete-user would change nothing.\n\n\
        Graph would refuse DELETE https://graph.microsoft.com/v1.0/users/nobody@contoso.onmicrosoft.com\n   \
        deletes nobody: there is no user nobody@contoso.onmicrosoft.com\n   \
        404 Request_ResourceNotFound Resource 'nobody@";
    assert!(text.contains(refused), "{text}");
    assert!(!text.contains("Not checked"), "{text}");
}

#[test]
fn a_replay_is_a_line_for_each_file_and_a_summary() {
    let (text, code) = on_a_terminal("replay fixtures/delete-user");
    assert_eq!(code, 0, "{text}");
    let files = text.lines().filter(|line| line.contains("same") && line.ends_with(".har"));
    let count = std::fs::read_dir(root().join("fixtures/delete-user")).unwrap().count();
    assert_eq!(files.count(), count, "{text}");
    let summary = format!("\n{count} replayed, {count} same, 0 different\n");
    assert!(text.contains(&summary), "{text}");
}

#[test]
fn a_difference_is_a_diff_in_colour_that_obeys_no_escape() {
    let fixture = Fixture::named("delete-user", "forbidden").changed("terminal", |log| {
        log["_o365"]["error"]["message"] = "other \u{9b}2J words".into();
    });
    let (text, code) = on_a_terminal(&format!("replay {}", fixture.path.display()));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("\u{1b}[31m-    \"message\": \"other \u{fffd}2J words\""), "{text:?}");
    assert!(text.contains("\u{1b}[32m+    \"message\": "), "{text:?}");
    assert!(text.contains("\n1 replayed, 0 same, 1 different\n"), "{text:?}");
}
