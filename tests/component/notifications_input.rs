//! Which input of the mails is refused before anything is sent, and which is not.

use crate::notifications::*;
use crate::support::*;

/// The pointers of the problems; a script that is empty fails the test when something is sent.
fn refused(mailing: &Mailing) -> Vec<String> {
    let error = facts(mailing.run([]).0);
    assert_eq!(error.kind, "invalid-input");
    for secret in mailing.secrets().into_iter().filter(|secret| secret.len() > 3) {
        assert!(!format!("{error:?}").contains(secret), "a secret is repeated: {error:?}");
    }
    error.problems.into_iter().map(|problem| problem.pointer).collect()
}

fn check(action: &'static str, field: &'static str, value: &str, good: bool) {
    let mailing = mailing(action).with(field, value);
    if good {
        mailing.sent();
    } else {
        assert_eq!(refused(&mailing), [format!("/{field}")], "{action} {field} {value:?}");
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let all_empty = |action: &'static str| {
        let mut mailing = mailing(action);
        mailing.input.values_mut().for_each(String::clear);
        refused(&mailing)
    };
    let storage = ["/connectionId", "/recipient", "/storageAccount", "/key1", "/key2"];
    for action in [STORAGE, KEYS, NEW_KEYS] {
        assert_eq!(all_empty(action), storage);
    }
    assert_eq!(all_empty(CREATED_USER), ["/connectionId", "/recipient", "/userEmail"]);
    let aws = ["/connectionId", "/recipient", "/login", "/privateKey", "/connectionDetails"];
    assert_eq!(all_empty(AWS), aws);
    assert_eq!(all_empty(MACHINE), ["/connectionId", "/recipient", "/ip", "/login", "/password"]);
    assert_eq!(all_empty(STATUS), ["/connectionId", "/recipient", "/ip", "/status"]);
}

#[test]
fn recipients() {
    let long_local = format!("{}@contoso.com", "x".repeat(64));
    let longer_local = format!("{}@contoso.com", "x".repeat(65));
    let domain = |labels: usize, last: usize| {
        format!("{}{}.com", format!("{}.", "d".repeat(61)).repeat(labels), "e".repeat(last))
    };
    // 64, @, 185 and .com; and one more.
    let long = format!("{}@{}", "x".repeat(64), domain(2, 61));
    let longer = format!("{}@{}", "x".repeat(64), domain(2, 62));
    assert_eq!((long.len(), longer.len()), (254, 255));
    let cases = [
        ("anna@fabrikam.com", true),
        ("o'neil+news@mail.fabrikam.co.uk", true),
        ("a!#$%&'*+-/=?^_`{|}~.b@x-1.io", true),
        ("$anna@fabrikam.com", true),
        ("100%@fabrikam.com", true),
        ("anna_fabrikam.com#EXT#@contoso.onmicrosoft.com", true),
        ("anna@xn--mller-kva.de", true),
        (&long_local, true),
        (&long, true),
        (&longer_local, false),
        (&longer, false),
        ("", false),
        ("anna", false),
        ("@fabrikam.com", false),
        ("anna@", false),
        ("anna@fabrikam", false),
        ("anna@@fabrikam.com", false),
        ("anna@fabri@kam.com", false),
        ("anna@fabrikam..com", false),
        ("anna@.com", false),
        ("anna@fabrikam.com.", false),
        ("anna@-fabrikam.com", false),
        ("anna@fabrikam-.com", false),
        ("anna@fabri_kam.com", false),
        ("anna@[198.51.100.7]", false),
        (".anna@fabrikam.com", false),
        ("anna.@fabrikam.com", false),
        ("an..na@fabrikam.com", false),
        ("\"anna b\"@fabrikam.com", false),
        ("\"anna\"@fabrikam.com", false),
        ("Anna <anna@fabrikam.com>", false),
        ("<anna@fabrikam.com>", false),
        ("anna@fabrikam.com,bob@fabrikam.com", false),
        ("anna@fabrikam.com;bob@fabrikam.com", false),
        ("anna@fabrikam.com\r\nBcc: bob@fabrikam.com", false),
        ("anna@fabrikam.com\n", false),
        ("anna\r@fabrikam.com", false),
        ("anna\0@fabrikam.com", false),
        (" anna@fabrikam.com", false),
        ("anna@fabrikam.com\u{a0}", false),
        ("ännä@fabrikam.com", false),
        ("anna@müller.de", false),
        ("аnna@fabrikam.com", false), // The first letter is Cyrillic.
    ];
    for (address, good) in cases {
        check(STATUS, "recipient", address, good);
    }
    for action in ALL {
        check(action, "recipient", "anna@fabrikam.com\r\nBcc: bob@fabrikam.com", false);
    }
}

#[test]
fn a_recipient_goes_out_as_it_came_in() {
    for address in ["a!#$%&'*+-/=?^_`{|}~.b@x-1.io", "Anna.O'Neil@Fabrikam.com"] {
        let body = mailing(CREATED_USER).with("recipient", address).sent();
        assert_eq!(body["message"]["toRecipients"][0]["emailAddress"]["address"], address);
    }
}

#[test]
fn users_that_a_mail_is_about() {
    let at_contoso = |length: usize| format!("{}@contoso.com", "x".repeat(length - 12));
    let (long, longer) = (at_contoso(254), at_contoso(255));
    let cases = [
        (ALLEN, true),
        ("anna_fabrikam.com#EXT#@contoso.onmicrosoft.com", true),
        ("$o'neil%@contoso.com", true),
        ("zoë@contoso.com", true),
        (&long, true),
        (&longer, false),
        ("", false),
        ("allen", false),
        ("@contoso.com", false),
        ("allen@", false),
        ("a@b@contoso.com", false),
        ("Allen <allen@contoso.com>", false),
        ("allen@contoso.com,x", false),
        ("allen@contoso.com\r\nx", false),
        ("al\u{2028}len@contoso.com", false),
        ("al\u{202e}len@contoso.com", false),
    ];
    for (name, good) in cases {
        check(CREATED_USER, "userEmail", name, good);
    }
}

#[test]
fn storage_accounts_and_addresses_of_machines() {
    let long = "a".repeat(24);
    let longer = "a".repeat(25);
    let accounts = [
        ("abc", true),
        ("0contoso9", true),
        (&long, true),
        (&longer, false),
        ("", false),
        ("ab", false),
        ("Contoso", false),
        ("con-toso", false),
        ("con<b>", false),
        ("contosö", false),
        ("contoso\n", false),
    ];
    for (name, good) in accounts {
        for action in [STORAGE, KEYS, NEW_KEYS] {
            check(action, "storageAccount", name, good);
        }
    }
    let addresses = [
        ("10.1.2.3", true),
        ("2001:db8::7", true),
        ("::ffff:10.1.2.3", true),
        ("", false),
        ("10.1.2", false),
        ("10.1.2.256", false),
        ("10.1.2.3:22", false),
        ("10.1.2.3 ", false),
        ("[::1]", false),
        ("fe80::1%eth0", false),
        ("vm.contoso.com", false),
        ("10.1.2.3\r\nx", false),
    ];
    for (ip, good) in addresses {
        check(MACHINE, "ip", ip, good);
        check(STATUS, "ip", ip, good);
    }
}

#[test]
fn texts_of_one_line() {
    let fields = [
        (STORAGE, "key1", 512),
        (STORAGE, "key2", 512),
        (KEYS, "key1", 512),
        (NEW_KEYS, "key2", 512),
        (AWS, "login", 256),
        (MACHINE, "login", 256),
        (MACHINE, "password", 256),
        (STATUS, "status", 256),
    ];
    for (action, field, longest) in fields {
        check(action, field, &"ö".repeat(longest), true);
        check(action, field, &"ö".repeat(longest + 1), false);
        check(action, field, "x", true);
        for bad in ["", "   ", "a\nb", "a\r\nb", "a\tb", "a\u{0}b", "a\u{7f}b", "a\u{2029}b"] {
            check(action, field, bad, false);
        }
    }
}

#[test]
fn connection_details_may_have_lines() {
    let (long, longer) = ("d".repeat(2000), "d".repeat(2001));
    let cases = [
        ("one\ntwo", true),
        ("one\r\ntwo\r\n", true),
        (&long, true),
        (&longer, false),
        ("\r\n", false),
        ("one\rtwo", false),
        ("one\ttwo", false),
        ("one\u{1b}[31m", false),
        ("one\u{202e}two", false),
    ];
    for (details, good) in cases {
        check(AWS, "connectionDetails", details, good);
    }
}

#[test]
fn private_keys() {
    let pem =
        |kind: &str, body: &str| format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
    let kinds = ["RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED "];
    for kind in kinds {
        check(AWS, "privateKey", &pem(&format!("{kind}PRIVATE KEY"), "bm90IGEga2V5"), true);
    }
    check(AWS, "privateKey", PEM, true);
    check(AWS, "privateKey", PEM.trim_end(), true);
    let good = pem("PRIVATE KEY", "bm90IGEga2V5");
    let bad = [
        String::new(),
        "not a key at all".to_owned(),
        pem("CERTIFICATE", "bm90IGEga2V5"),
        pem("PUBLIC KEY", "bm90IGEga2V5"),
        pem("PRIVATE KEY", ""),
        pem("PRIVATE KEY", "bm90IGEga2V"),
        pem("PRIVATE KEY", "bm90 GEga2V5"),
        pem("PRIVATE KEY", "bm90IGEga2=5"),
        pem("PRIVATE KEY", "bm90IGEga==="),
        pem("PRIVATE KEY", "bm90IGEga2V5\u{0}"),
        pem("PRIVATE KEY", "bm90\rIGEga2V5"),
        good.replace('\n', " "),
        good.replace('\n', ""),
        good.replace("END PRIVATE", "END RSA PRIVATE"),
        good.replace("-----END PRIVATE KEY-----", ""),
        good.replace("-----BEGIN PRIVATE KEY-----\n", ""),
        format!("key:\n{good}"),
        format!("{good}{good}"),
        format!("{good}more"),
    ];
    for key in bad {
        check(AWS, "privateKey", &key, false);
    }
}

#[test]
fn the_largest_mail_is_one_that_graph_takes() {
    let frame = "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----\n".len();
    let key = |letters: usize| {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "A".repeat(letters))
    };
    let room = (64 * 1024 - frame) / 4 * 4;
    check(AWS, "privateKey", &key(room + 4), false);
    let (result, seen) = mailing(AWS)
        .with("privateKey", &key(room))
        .with("login", &"\"".repeat(256))
        .with("connectionDetails", &"\"\n".repeat(1000))
        .run([on(SEND_AS_APP, accepted())]);
    result.unwrap();
    assert!(seen.requests[0].body.len() < 4 * 1000 * 1000);
}
