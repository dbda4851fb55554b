//! What `tenant remove` takes out of the file, and what it leaves there.

use crate::tenants::place::{Place, connection, hash};
#[cfg(target_os = "linux")]
use support::o365;

/// A file with a comment, a connection and the tenants in `tenants`.
fn file(tenants: &str) -> String {
    format!("# Ours\n{}{tenants}", connection("contoso"))
}

/// Removes `fabrikam` from a file, which then has this text.
#[track_caller]
fn leaves(tenants: &str, expected: &str) {
    let place = Place::new(&file(tenants));
    let ended = place.tenant(&["remove", "fabrikam", "--yes"]).run();
    assert_eq!(ended.result()["removed"], true);
    assert_eq!(place.text(), file(expected), "of {tenants}");
    assert!(place.read().tenants().all(|tenant| tenant.id != "fabrikam"));
}

#[test]
fn its_lines_go_and_the_rest_stays() {
    let (one, other) = (hash("one"), hash("other"));
    let own = format!("keys = [\"{one}\"]\nconnections = [\"contoso\"]\n");
    let adatum = format!("keys = [\"{other}\"]\nconnections = [\"contoso\"]\n");
    let next = format!("# About adatum\n[tenants.adatum] # first\n{adatum}");
    for (before, after) in [
        (format!("\n[tenants.fabrikam]\n{own}"), String::new()),
        (format!("\n[tenants.fabrikam]\n{own}\n{next}"), format!("\n{next}")),
        (
            format!("\n# The first\n[ tenants.\"fabrikam\" ] # x\n{own}# The last\n\n{next}"),
            format!("\n# The first\n# The last\n\n{next}"),
        ),
        (format!("\n{next}\n[tenants.fabrikam]\n{own}"), format!("\n{next}")),
        (
            "[tenants.fabrikam]\nconnections = [\n  \"contoso\",\n] # all\nkeys = [] # none\n[serve]\ngrace = 1\n"
                .to_owned(),
            "[serve]\ngrace = 1\n".to_owned(),
        ),
        (
            format!("[tenants.fabrikam]\nkeys = [\"{one}\"]\nconnections = [\"contoso\"]"),
            String::new(),
        ),
    ] {
        leaves(&before, &after);
    }
}

#[test]
fn it_goes_however_it_is_written() {
    let (one, other) = (hash("one"), hash("other"));
    let [own, adatum] =
        [one, other].map(|hash| format!("{{ keys = [\"{hash}\"], connections = [\"contoso\"] }}"));
    for (before, after) in [
        (
            format!("[tenants]\nfabrikam = {own} # x\nadatum = {adatum}\n"),
            format!("[tenants]\nadatum = {adatum}\n"),
        ),
        (
            format!("[tenants]\nadatum = {adatum}\nfabrikam = {own}"),
            format!("[tenants]\nadatum = {adatum}\n"),
        ),
        (
            "[tenants]\nfabrikam.keys = []\n# here\nfabrikam.connections = [\"contoso\"]\n"
                .to_owned(),
            "[tenants]\n# here\n".to_owned(),
        ),
    ] {
        leaves(&before, &after);
    }
    for (before, after) in [
        (format!("{{ fabrikam = {own}, adatum = {adatum} }}"), format!("{{ adatum = {adatum} }}")),
        (format!("{{ adatum = {adatum}, fabrikam = {own} }}"), format!("{{ adatum = {adatum} }}")),
        (format!("{{ fabrikam = {own} }}"), "{  }".to_owned()),
    ] {
        let text = |tenants: &str| format!("tenants = {tenants} # all\n{}", connection("contoso"));
        let place = Place::new(&text(&before));
        place.tenant(&["remove", "fabrikam", "--yes"]).run().result();
        assert_eq!(place.text(), text(&after));
    }
}

#[test]
fn what_was_added_can_be_taken_away() {
    for text in [file(""), file("").replace('\n', "\r\n"), format!("\u{feff}{}", file(""))] {
        let place = Place::new(&text);
        place.add(&["fabrikam"]);
        let ended = place.tenant(&["remove", "fabrikam", "--yes"]).run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        // The server would not take a file without a tenant.
        assert!(ended.stderr.contains("the last tenant"), "{}", ended.stderr);
        assert_eq!(place.text(), text);
    }
    let place = Place::new(&file(""));
    place.add(&["fabrikam"]);
    place.add(&["adatum"]);
    let ended = place.tenant(&["remove", "fabrikam", "--yes"]).run();
    assert_eq!((ended.code, &*ended.stderr), (0, ""));
}

#[test]
fn it_is_not_removed_unasked_and_an_unknown_one_is_told() {
    let place = Place::new(&file(""));
    place.add(&["fabrikam"]);
    let text = place.text();
    let error = place.tenant(&["remove", "fabrikam"]).run();
    assert_eq!(error.code, 2);
    assert_eq!(error.error()["fix"], "Add --yes to remove it without asking.");
    let error = place.tenant(&["remove", "fabrikan", "--yes"]).run().error();
    let fix = "Did you mean fabrikam? Run o365 tenant list to see all tenants.";
    assert_eq!(error["fix"], fix);
    // An inline table with dotted keys has no piece that can be taken out.
    let odd = format!(
        "tenants = {{ fabrikam.keys = [], fabrikam.connections = [\"contoso\"] }}\n{}",
        connection("contoso")
    );
    let other = Place::new(&odd);
    let ended = other.tenant(&["remove", "fabrikam", "--yes"]).run();
    assert_eq!((ended.code, other.text()), (4, odd));
    assert_eq!(place.text(), text);
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_it_asks() {
    let place = Place::new(&file(""));
    place.add(&["fabrikam"]);
    // The terminal's input has ended, which is no yes.
    let call = o365(["tenant", "remove", "fabrikam"]).directory(place.path());
    let (text, code) = call.on_a_terminal(0);
    assert!(text.contains("Remove the tenant fabrikam and its keys? [y/N]"), "{text}");
    assert_eq!(code, 2, "{text}");
    assert_eq!(place.read().tenants().count(), 1);
    let call = o365(["tenant", "remove", "fabrikam"]).directory(place.path());
    let (text, code) = call.answered("y\n");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("stay in the audit log"), "{text}");
    assert_eq!(place.read().tenants().count(), 0);
}
