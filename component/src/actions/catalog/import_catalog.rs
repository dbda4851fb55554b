//! `import-catalog`: the tenant's licences as services, by name.
//!
//! A service has the name of its product, or the SKU's part number where the product has no
//! known name. Licences for the whole company and those that have ended are there too, and
//! are marked as not assignable to users. Free seats are counted as
//! `get-available-license-count` does. A subscription without a SKU id could not be ordered
//! and is left out; Graph always gives one.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::bindings::connector::office365::types::Error;
use crate::bindings::exports::connector::office365::catalog::{
    ImportCatalogInput, Seats, Service, ServicePlan, Services,
};
use crate::graph::skus::{self, Sku};
use crate::graph::{Graph, Host};
use crate::input::{Problems, connection};
use crate::product_names;

fn check<'a>(mut host: Host<'a>, input: &ImportCatalogInput) -> Result<Graph<'a>, Error> {
    let mut problems = Problems::default();
    let connection = connection::connection(&mut problems, &mut host, &input.connection_id);
    let connection = problems.or_refuse(connection)?;
    Graph::open(host, &input.connection_id, connection, "import-catalog")
}

/// Runs the action.
///
/// # Errors
/// Those of the contract; see the module's description.
pub fn run(host: Host<'_>, input: ImportCatalogInput) -> Result<Services, Error> {
    let mut graph = check(host, &input)?;
    let listed =
        graph.subscribed_skus_with_plans().map_err(|error| graph.explain(error, skus::LIST))?;
    let mut services = Vec::with_capacity(listed.items.len());
    for sku in listed.items {
        if !sku.sku_id.is_empty() {
            insert(&mut services, service(sku));
        }
    }
    Ok(Services { services })
}

/// Inserts `service` where it belongs by name and then by id. A tenant has some tens of
/// licences, and a sort costs more of the component's size than this whole action.
fn insert(services: &mut Vec<Service>, service: Service) {
    let place = services.partition_point(|other| {
        (&other.name, &other.external_service_id) < (&service.name, &service.external_service_id)
    });
    services.insert(place, service);
}

fn service(sku: Sku) -> Service {
    let units = sku.prepaid_units.unwrap_or_default();
    Service {
        name: product_names::by_sku_id(&sku.sku_id).unwrap_or_else(|| sku.name()).to_owned(),
        assignable_to_users: sku.is_assignable(),
        seats: Seats {
            enabled: count(units.enabled),
            in_grace_period: count(units.warning),
            consumed: count(sku.consumed_units),
            available: sku.available_seats(),
        },
        external_service_id: sku.sku_id,
        sku_part_number: sku.sku_part_number.unwrap_or_default(),
        status: sku.capability_status,
        service_plans: sku.service_plans.into_iter().map(service_plan).collect(),
    }
}

/// A number of seats; Graph's null means none.
fn count(units: Option<i64>) -> u32 {
    u32::try_from(units.unwrap_or(0).max(0)).unwrap_or(u32::MAX)
}

fn service_plan(plan: skus::ServicePlan) -> ServicePlan {
    ServicePlan {
        service_plan_id: plan.service_plan_id,
        name: plan.service_plan_name,
        provisioning_status: plan.provisioning_status,
        applies_to: plan.applies_to,
    }
}
