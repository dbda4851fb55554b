//! `o365 simulate --show`: prints the contents of a simulated tenant.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::simulator::Tenant;
use crate::simulator::tenant::{Group, Mail, Sku, User};

/// A part of a tenant.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Section {
    /// The users and their licences.
    Users,
    /// The groups, with the number of their members and their licences.
    Groups,
    /// The mail that was sent.
    Mail,
    /// The licences and their seats.
    Skus,
}

pub fn run(global: &Global, tenant: &Tenant, section: Section) -> Result<(), Failure> {
    let rows = match section {
        Section::Users => users(tenant),
        Section::Groups => tenant.groups.iter().map(|group| self::group(tenant, group)).collect(),
        Section::Mail => tenant.mail.iter().map(mail).collect(),
        Section::Skus => skus(tenant),
    };
    if !output::for_people(global.json) {
        return output::result(&rows);
    }
    let header: &[&str] = match section {
        Section::Users => &["userPrincipalName", "displayName", "usageLocation", "licenses"],
        Section::Groups => &["displayName", "id", "members", "licenses"],
        Section::Mail => &["sentDateTime", "from", "to", "subject", "text"],
        Section::Skus => &["skuPartNumber", "skuId", "capabilityStatus", "free", "consumedUnits"],
    };
    let cells = |row: &Value| header.iter().map(|name| cell(row.get(name))).collect();
    output::table(header, rows.iter().map(cells))
}

fn users(tenant: &Tenant) -> Vec<Value> {
    let mut users: Vec<_> = tenant.users.iter().collect();
    users.sort_by(|a, b| a.user_principal_name.cmp(&b.user_principal_name));
    let row = |user: &&User| {
        let assigned = user.assigned();
        let skus = assigned.iter().filter_map(|license| tenant.sku(license.sku_id));
        json!({
            "userPrincipalName": user.user_principal_name,
            "displayName": user.display_name,
            "id": user.id,
            "usageLocation": user.usage_location,
            "licenses": skus.map(|sku| sku.sku_part_number.to_string()).collect::<Vec<_>>(),
        })
    };
    users.iter().map(row).collect()
}

fn group(tenant: &Tenant, group: &Group) -> Value {
    let skus = group.licenses.iter().filter_map(|license| tenant.sku(license.sku_id));
    json!({
        "displayName": group.display_name,
        "id": group.id,
        "members": group.members.len(),
        "licenses": skus.map(|sku| sku.sku_part_number.to_string()).collect::<Vec<_>>(),
    })
}

fn skus(tenant: &Tenant) -> Vec<Value> {
    let row = |sku: &Sku| {
        json!({
            "skuPartNumber": sku.sku_part_number,
            "skuId": sku.sku_id,
            "appliesTo": sku.applies_to,
            "capabilityStatus": sku.capability_status,
            "free": sku.free(),
            "consumedUnits": sku.consumed_units,
        })
    };
    tenant.skus.iter().map(row).collect()
}

fn mail(mail: &Mail) -> Value {
    json!({
        "sentDateTime": mail.sent_date_time,
        "from": mail.from,
        "to": mail.to,
        "subject": mail.subject,
        "text": text(mail),
        "attachments": mail.attachments.iter().map(|file| &file.name).collect::<Vec<_>>(),
    })
}

/// Returns the text of a mail without its tags.
fn text(mail: &Mail) -> String {
    let html = mail.content_type == "html";
    let body = mail.content.split_once("<body").map_or(mail.content.as_str(), |(_, body)| body);
    if !html {
        return mail.content.clone();
    }
    let mut text = String::new();
    // The rest of the body tag comes first.
    let mut within_tag = body.len() < mail.content.len();
    for c in body.chars() {
        match c {
            '<' => within_tag = true,
            '>' if within_tag => {
                within_tag = false;
                text.push(' ');
            }
            c if !within_tag => text.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    // Ampersands last, or their text could become an entity.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => output::printable(text),
        Some(Value::Array(items)) => {
            items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}
