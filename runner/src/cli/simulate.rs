//! `o365 simulate`: a simulated tenant by itself.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::failure::Failure;
use super::{Global, output};
use crate::simulator::tenant::Mail;
use crate::simulator::{Tenant, state};

#[derive(Debug, Args)]
pub struct Options {
    /// The tenant's file, as run --simulate keeps it; the built-in tenant if not given.
    #[arg(conflicts_with = "users")]
    state: Option<PathBuf>,
    /// Take a made-up tenant with so many users instead.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    users: Option<u32>,
    /// Print what is in the tenant.
    #[arg(long, value_name = "WHAT", required = true)]
    show: What,
}

/// A part of a tenant.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The users and their licences.
    Users,
    /// The mail that was sent.
    Mail,
    /// The licences and their seats.
    Skus,
}

/// Prints a part of the tenant.
pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let tenant = tenant(options)?;
    let rows = match options.show {
        What::Users => users(&tenant),
        What::Mail => tenant.mail.iter().map(mail).collect(),
        What::Skus => skus(&tenant),
    };
    if !output::for_people(global.json) {
        return output::result(&rows);
    }
    let header: &[&str] = match options.show {
        What::Users => &["userPrincipalName", "displayName", "usageLocation", "licenses"],
        What::Mail => &["sentDateTime", "from", "to", "subject", "text"],
        What::Skus => &["skuPartNumber", "skuId", "capabilityStatus", "free", "consumedUnits"],
    };
    let cells = |row: &Value| header.iter().map(|name| cell(row.get(name))).collect();
    output::table(header, rows.iter().map(cells))
}

fn tenant(options: &Options) -> Result<Tenant, Failure> {
    match (&options.state, options.users) {
        (Some(path), _) => {
            let tenant = state::read(path).map_err(anyhow::Error::from)?;
            Ok(tenant.ok_or_else(|| {
                anyhow!("there is no simulated tenant {}; run --simulate makes it", path.display())
            })?)
        }
        (None, Some(users)) => Ok(Tenant::generated(users).map_err(anyhow::Error::from)?),
        (None, None) => Ok(Tenant::built_in().map_err(anyhow::Error::from)?),
    }
}

fn users(tenant: &Tenant) -> Vec<Value> {
    let mut users: Vec<_> = tenant.users.iter().collect();
    users.sort_by(|a, b| a.user_principal_name.cmp(&b.user_principal_name));
    let row = |user: &&crate::simulator::tenant::User| {
        let skus = user.licenses.iter().filter_map(|license| tenant.sku(license.sku_id));
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

fn skus(tenant: &Tenant) -> Vec<Value> {
    let row = |sku: &crate::simulator::tenant::Sku| {
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

/// What a mail says, without its tags.
fn text(mail: &Mail) -> String {
    let html = mail.content_type == "html";
    let body = mail.content.split_once("<body").map_or(mail.content.as_str(), |(_, body)| body);
    if !html {
        return mail.content.clone();
    }
    let mut text = String::new();
    // The rest of the body's own tag comes first.
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
    // Ampersands last, or what they stand before would be taken for an entity.
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
