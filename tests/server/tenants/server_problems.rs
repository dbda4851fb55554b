//! What is refused of `[serve]` in the file, and in which words.

use crate::tenants::problems::assert_only;

#[test]
fn the_server_is_not_open_to_others_without_a_certificate() {
    let open = "can be reached from other machines, and there is no certificate";
    let fix = "Add certificate and private-key; or write tls = \"terminated-by-proxy\" where a proxy ends TLS and nobody else reaches the address; or set address to 127.0.0.1 and its port.";
    for address in
        ["0.0.0.0:1", "[::]:8365", "192.168.1.2:8365", "203.0.113.7:443", "[::ffff:192.0.2.1]:1"]
    {
        let text = format!("[serve]\naddress = \"{address}\"");
        assert_only(&text, 2, "serve.address", open, fix);
    }
    let form = "an IP address and a port";
    for address in ["s3cret-Marker", "127.0.0.1", "127.0.0.1:99999", "localhost:8365", ":8365"] {
        let text = format!("[serve]\naddress = \"{address}\"");
        assert_only(
            &text,
            2,
            "serve.address",
            &format!("is not {form}"),
            "Write it as in address = \"127.0.0.1:8365\".",
        );
    }
    assert_only(
        "[serve]\naddress = \"0.0.0.0:1\"\ncertificate = \"a.pem\"",
        1,
        "serve.private-key",
        "is missing beside certificate",
        "Add private-key = \"FILE\": the PEM file of the certificate's key.",
    );
    assert_only(
        "[serve]\nprivate-key = \"a.key\"",
        1,
        "serve.certificate",
        "is missing beside private-key",
        "Add certificate = \"FILE\": a PEM file with the certificate and those that lead to its authority.",
    );
    assert_only(
        "[serve]\ncertificate = \"a.pem\"\nprivate-key = \"\"\"\n-----BEGIN PRIVATE KEY-----\ns3cret-Marker\"\"\"",
        3,
        "serve.private-key",
        "contains what belongs in a file of its own",
        "Put it into a file that nobody else can read, and write private-key = \"FILE\".",
    );
    assert_only("serve = 7", 1, "serve", "is not a table", "Write [serve], and its keys below.");
    assert_only("[[serve]]", 1, "serve", "is not a table", "Write [serve], and its keys below.");
    assert_only(
        "[serve]\noperator-keys = [\"o365_s3cret-Marker\"]",
        2,
        "serve.operator-keys",
        "holds a key itself, which has no place in this file (item 1)",
        "Remove it, for others may have seen it, and make another with o365 tenant add --operator.",
    );
}

#[test]
fn proxies_are_addresses_and_their_tls_is_said_once() {
    assert_only(
        "[serve]\ntls = \"none\"",
        2,
        "serve.tls",
        "is not \"terminated-by-proxy\"",
        "Write it as in tls = \"terminated-by-proxy\".",
    );
    assert_only(
        "[serve]\ncertificate = \"a.pem\"\nprivate-key = \"a.key\"\ntls = \"terminated-by-proxy\"",
        4,
        "serve.tls",
        "says that a proxy ends TLS, and there is a certificate",
        "Remove tls, or certificate and private-key.",
    );
    for network in ["proxy.contoso.com", "10.0.0.0/33", "10.0.0", "10.0.0.1:80", ""] {
        assert_only(
            &format!("[serve]\ntrusted-proxies = [\"192.0.2.1\", \"{network}\"]"),
            2,
            "serve.trusted-proxies",
            "has what is no address and no network (item 2)",
            "Write addresses such as \"192.0.2.1\" and networks such as \"10.0.0.0/8\".",
        );
    }
    for network in ["0.0.0.0/0", "::/0", "10.0.0.1/0"] {
        assert_only(
            &format!("[serve]\ntrusted-proxies = [\"{network}\"]"),
            2,
            "serve.trusted-proxies",
            "has a network of all addresses, with which every client could claim to be another (item 1)",
            "Name only the addresses of the proxies, such as \"192.0.2.1\" or \"10.0.0.0/8\".",
        );
    }
    for (address, length, network) in
        [("10.0.0.1", 8, "10.0.0.0/8"), ("2001:db8::1", 32, "2001:db8::/32")]
    {
        assert_only(
            &format!("[serve]\ntrusted-proxies = [\"{address}/{length}\"]"),
            2,
            "serve.trusted-proxies",
            &format!("has {address}/{length}, an address within a network (item 1)"),
            &format!("Write \"{network}\" for the network, or \"{address}\" for the address."),
        );
    }
    assert_only(
        "[serve]\ntrusted-proxies = [\"192.0.2.1\"]\nforwarded-header = \"X-Real-IP\"",
        3,
        "serve.forwarded-header",
        "is not \"Forwarded\" or \"X-Forwarded-For\"",
        "Write it as in forwarded-header = \"Forwarded\".",
    );
    assert_only(
        "[serve]\nforwarded-header = \"Forwarded\"",
        2,
        "serve.forwarded-header",
        "is of no use without trusted-proxies",
        "Add trusted-proxies = [\"ADDRESS\"]: the addresses of the proxies.",
    );
}

#[test]
fn a_public_url_is_absolute_and_bare() {
    for url in ["o365.contoso.com", "/o365", "ftp://contoso.com", "https://contoso.com/?a=b"] {
        assert_only(
            &format!("[serve]\npublic-url = \"{url}\""),
            2,
            "serve.public-url",
            "is not an absolute http or https URL without a user, a query or a fragment",
            "Write it as in public-url = \"https://o365.contoso.com\".",
        );
    }
}
