//! Reports of one instance, again and again: what a result holds is freed once it is read, as hosts
//! that keep their instances need it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wasmtime::StoreLimitsBuilder;

use crate::embed::connector::office365::connections::Access;
use crate::embed::exports::connector::office365::reports::{ReportInput, ReportPageInput};
use crate::embed::{Connection, Connections, Connector};

/// How often each report is made. If one of them were kept each time, the last would not fit.
const TIMES: usize = 60;

/// What the instance may have, in bytes.
const MEMORY: usize = 6 << 20;

/// A page of users who share some of their plans.
fn page() -> Value {
    let user = |number: usize| {
        let plan = json!({"service": "exchange", "capabilityStatus": "Enabled"});
        json!({
            "id": format!("{number}"), "displayName": "é".repeat(100),
            "userPrincipalName": format!("person{number}@contoso.onmicrosoft.com"),
            "assignedLicenses": vec![json!({"skuId": "1"}); number % 2],
            "assignedPlans": vec![plan; number % 3],
            "provisionedPlans": [{"service": format!("service {number}")}],
            "licenseAssignmentStates": [{"skuId": "1", "assignedByGroup": "2", "state": "Error"}],
        })
    };
    json!({"value": (0..999).map(user).collect::<Vec<_>>()})
}

/// A Graph that has just that page.
async fn graph() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = page();
    let router = Router::new().fallback(move || async move { axum::Json(page) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/v1.0")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_makes_reports_again_and_again() {
    let connector = Connector::new(runner::sandbox::COMPONENT).unwrap();
    let connection = Connection {
        graph_url: graph().await,
        tenant: "contoso.onmicrosoft.com".to_owned(),
        sender: None,
        access: Access::AppOnly,
        time_limit_ms: 60_000,
    };
    let granted = BTreeMap::from([("contoso".to_owned(), (connection, "token".to_owned()))]);
    let connections = Connections(Arc::new(granted));
    let run = connector.run(connections, Duration::from_secs(120), async |office, store| {
        store.limiter(|_| {
            Box::leak(Box::new(StoreLimitsBuilder::new().memory_size(MEMORY).build()))
        });
        let reports = office.connector_office365_reports();
        let (mut all, mut pages) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let id = "contoso".to_owned();
            let input = ReportInput { connection_id: id.clone() };
            let report = reports.call_users_with_licenses_report(&mut *store, &input).await?;
            all.push(json!(report.unwrap().users));
            let input = ReportInput { connection_id: "fabrikam".to_owned() };
            let refused = reports.call_users_without_licenses_report(&mut *store, &input).await?;
            assert!(refused.is_err(), "a failure between two results");
            let input = ReportPageInput { connection_id: id, cursor: None, page_size: None };
            let page = reports.call_users_without_licenses_page(&mut *store, &input).await?;
            pages.push(json!(page.unwrap().users));
        }
        Ok((all, pages))
    });
    let (all, pages) = run.await.unwrap();
    for (made, parity) in [(all, 1), (pages, 0)] {
        let users = made[0].as_array().unwrap();
        assert_eq!(users.len(), (0..999).filter(|number| number % 2 == parity).count());
        for (place, user) in users.iter().enumerate() {
            let number = place * 2 + parity;
            let (plans, provisioned) =
                (&user["assigned_service_plans"], &user["provisioned_service_plans"]);
            assert_eq!(user["display_name"], "é".repeat(100));
            assert_eq!(user["email"], format!("person{number}@contoso.onmicrosoft.com"));
            assert_eq!(plans.as_array().unwrap().len(), number % 3);
            assert_eq!(provisioned[0]["service"], format!("service {number}"));
            assert_eq!(user["license_errors"][0]["group_id"], "2");
        }
        assert!(made.iter().all(|again| *again == made[0]), "all are the same");
    }
}
