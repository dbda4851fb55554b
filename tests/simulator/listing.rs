//! Listing users: pages, filters, order, counts.

use std::collections::BTreeSet;

use runner::simulator::Tenant;

use crate::graph::{E5, Graph};

const COUNT: &str = "$count=true";

/// The names of all users on all pages, and how many pages there were.
fn all(graph: &Graph, path: &str) -> (Vec<String>, usize) {
    let (mut names, mut pages) = (Vec::new(), 0);
    let mut next = Some(path.to_owned());
    while let Some(path) = next.take() {
        let page = graph.get_eventually(&path);
        assert_eq!(page.status, 200, "{:#}", page.body);
        assert_eq!(page.body.get("@odata.count").is_some(), path.contains(COUNT) && pages == 0);
        names.extend(page.each("userPrincipalName").iter().map(ToString::to_string));
        pages += 1;
        next = page.body["@odata.nextLink"].as_str().map(ToOwned::to_owned);
    }
    (names, pages)
}

#[test]
fn a_listing_goes_through_all_pages_once() {
    let graph = Graph::of(Tenant::generated(3_000).unwrap());
    let (names, pages) = all(&graph, "/users?$count=true&$top=999");
    assert_eq!((names.len(), pages), (3_001, 4));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 3_001);
    assert_eq!(graph.get("/users").each("id").len(), 100, "the default size");
    let ordered = all(&graph, "/users?$orderby=displayName desc&$top=500").0;
    assert_eq!(ordered.len(), 3_001);
    assert_eq!(ordered.iter().collect::<BTreeSet<_>>().len(), 3_001);
}

#[test]
fn a_user_who_goes_between_two_pages_breaks_no_link() {
    let graph = Graph::new();
    let first = graph.get("/users?$top=5");
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    let last = first.each("id")[4];
    assert_eq!(graph.send("DELETE", &format!("/users/{last}"), &[], "").status, 204);
    let rest = graph.get(next);
    assert_eq!(rest.each("id").len(), 5);
    assert!(!rest.each("id").contains(&last));
}

#[test]
fn a_token_that_graph_did_not_give_has_expired() {
    let graph = Graph::new();
    for token in ["", "x", "RFNwdAIAAQAAACA6YW5uYUBjb250b3NvLm9ubWljcm9zb2Z0LmNvbQX0001"] {
        let refused = graph.get(&format!("/users?$skiptoken={token}"));
        assert_eq!(
            refused.refusal(),
            (
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request."
            )
        );
    }
}

#[test]
fn filters_hold_for_whom_they_should() {
    let table = [
        ("userPrincipalName eq 'ANNA@contoso.onmicrosoft.com'", 1),
        ("startswith(displayName,'a')", 1),
        ("startsWith(displayName, 'E') or startswith(userPrincipalName,'bela@')", 2),
        ("accountEnabled eq false", 2),
        ("accountEnabled eq true and usageLocation eq 'NL'", 1),
        ("usageLocation in ('NL','DE')", 4),
        (
            "(usageLocation eq 'NL') and (startswith(displayName,'Mona') or startswith(displayName,'Femi'))",
            2,
        ),
        ("assignedLicenses/any(x:x/skuId eq 06ebc4ee-1bb5-47dd-8120-11324bc54e06)", 4),
        (
            "assignedLicenses/any(s: s/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965) and usageLocation eq 'DE'",
            1,
        ),
        ("proxyAddresses/any(p:p eq 'smtp:Anna.Berg@contoso.com')", 1),
        ("proxyAddresses/any(p:p eq 'SMTP:nobody@contoso.com')", 0),
        ("mail eq null", 2),
        ("jobTitle eq 'Engineer'", 1),
        ("displayName eq 'O''Neil'", 0),
        ("userType eq 'Guest'", 1),
        ("id eq 'a0000001-1a2b-4c3d-8e4f-5a6b7c8d9e0f'", 1),
    ];
    let graph = Graph::new();
    for (filter, expected) in table {
        let reply = graph.get(&format!("/users?$filter={filter}"));
        assert_eq!(reply.status, 200, "{filter}: {:#}", reply.body);
        assert_eq!(reply.each("id").len(), expected, "{filter}");
    }
}

#[test]
fn advanced_filters_need_the_header_and_the_count() {
    let table = [
        ("assignedLicenses/$count eq 0", 4),
        ("assignedLicenses/$count ne 0", 10),
        ("not(startswith(displayName,'A'))", 13),
        ("not (userType eq 'Guest') and assignedLicenses/$count eq 0", 3),
        ("usageLocation ne 'DE'", 12),
        ("endsWith(mail,'@fabrikam.com')", 1),
    ];
    let graph = Graph::new();
    for (filter, expected) in table {
        let path = format!("/users?$filter={filter}");
        for refused in
            [graph.get(&path), graph.get_eventually(&path), graph.get(&format!("{path}&{COUNT}"))]
        {
            assert_eq!(
                (refused.status, refused.refusal().1),
                (400, "Request_UnsupportedQuery"),
                "{filter}"
            );
        }
        let reply = graph.get_eventually(&format!("{path}&{COUNT}"));
        assert_eq!(reply.each("id").len(), expected, "{filter}");
        assert_eq!(reply.body["@odata.count"], expected, "{filter}");
    }
}

#[test]
fn a_count_without_the_header_is_ignored_or_refused() {
    let graph = Graph::new();
    assert!(graph.get("/users?$count=true").body.get("@odata.count").is_none());
    let refused = graph.get("/users/$count");
    assert_eq!(
        refused.refusal(),
        (400, "Request_BadRequest", "$count is not currently supported.")
    );
    assert_eq!(graph.get_eventually("/users/$count").body, 14);
}

#[test]
fn what_the_directory_cannot_answer_is_refused() {
    let graph = Graph::new();
    let table = [
        ("$top=0", "Request_UnsupportedQuery"),
        ("$top=1000", "Request_UnsupportedQuery"),
        ("$top=-1", "Request_UnsupportedQuery"),
        ("$top=many", "Request_UnsupportedQuery"),
        ("$skip=5", "Request_BadRequest"),
        ("$search=\"displayName:a\"", "Request_UnsupportedQuery"),
        ("$top=1&$top=2", "BadRequest"),
        ("$shape=round", "BadRequest"),
        ("$filter=createdDateTime ge 2026-01-01", "BadRequest"),
        ("$filter=createdDateTime gt 2026-01-01T00:00:00Z", "Request_UnsupportedQuery"),
        ("$filter=companyName eq 'Contoso'", "Request_UnsupportedQuery"),
        ("$filter=endswith(mail,'contoso.com')", "Request_UnsupportedQuery"),
        ("$orderby=createdDateTime", "Request_UnsupportedQuery"),
        ("$filter=displayName eq 'a", "BadRequest"),
        ("$filter=displayName eq", "BadRequest"),
        ("$filter=", "BadRequest"),
        ("$filter=displayName eq 'a' and", "BadRequest"),
        ("$filter=displayName eq 'a' 'b'", "BadRequest"),
        ("$filter=assignedLicenses/any(x:x/skuId eq E5)", "BadRequest"),
        ("$orderby=jobTitle", "Request_UnsupportedQuery"),
        ("$orderby=displayName&$filter=accountEnabled eq true", "Request_UnsupportedQuery"),
    ];
    for (query, code) in table {
        let refused = graph.get(&format!("/users?{query}"));
        assert_eq!(
            (refused.status, refused.refusal().1),
            (400, code),
            "{query}: {:#}",
            refused.body
        );
    }
    let complex = format!("$filter=assignedLicenses/any(x:x/skuId eq {E5}) or userType eq 'Guest'");
    assert_eq!(
        graph.get(&format!("/users?{complex}")).refusal().2,
        "Complex query on property assignedLicenses is not supported."
    );
    let deep = format!("$filter={}accountEnabled eq true", "(".repeat(7_000));
    assert_eq!(graph.get(&format!("/users?{deep}")).status, 400);
}
