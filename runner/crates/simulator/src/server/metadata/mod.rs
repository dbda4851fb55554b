//! Graph's metadata document: the entity types that are there, in OData's CSDL.
//!
//! - `types`: the types, and those of properties that their kinds do not tell

mod types;

use bytes::Bytes;
use graph::properties::{GROUP, Property, PropertyKind, USER};
use http::{HeaderMap, HeaderValue, Method, header};
use uuid::Uuid;

use crate::Request;
use types::{ENTITIES, SETS, STRUCTURES, TYPES};

/// The name of the document below a version.
const NAME: &str = "$metadata";

/// Returns whether a request is for the metadata, which needs no token.
pub fn is_asked_for(request: &Request) -> bool {
    let segments: Vec<&str> =
        request.uri().path().split('/').filter(|segment| !segment.is_empty()).collect();
    request.method() == Method::GET && matches!(segments.as_slice(), [_, NAME])
}

/// Returns the document. Its names are constants, and have no characters that XML reserves.
pub fn response() -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(document()));
    let id = HeaderValue::from_str(&Uuid::new_v4().to_string());
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert("odata-version", HeaderValue::from_static("4.0"));
    headers.extend(id.ok().map(|id| (header::HeaderName::from_static("request-id"), id)));
    response
}

fn document() -> String {
    let mut types = String::new();
    for (name, base, properties) in ENTITIES {
        types.push_str(&entity(name, *base, properties.iter().copied()));
    }
    for (name, properties) in [("user", USER), ("group", GROUP)] {
        types.push_str(&entity(name, Some("directoryObject"), shown(properties)));
    }
    for (name, properties) in STRUCTURES {
        let properties = properties.iter().copied();
        types.push_str(&format!("<ComplexType Name=\"{name}\">{}</ComplexType>", list(properties)));
    }
    let sets: String = SETS
        .iter()
        .map(|(name, kind)| format!("<EntitySet Name=\"{name}\" EntityType=\"graph.{kind}\"/>"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\
         <edmx:DataServices>\
         <Schema Namespace=\"microsoft.graph\" Alias=\"graph\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\
         {types}\
         <EntityContainer Name=\"GraphService\">{sets}<Singleton Name=\"me\" Type=\"graph.user\"/></EntityContainer>\
         </Schema></edmx:DataServices></edmx:Edmx>\n"
    )
}

/// The properties that users and groups have from `entity` and `directoryObject`.
const INHERITED: [&str; 2] = ["id", "deletedDateTime"];

fn entity<'a>(
    name: &str,
    base: Option<&str>,
    properties: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let properties = list(properties);
    match base {
        Some(base) => format!(
            "<EntityType Name=\"{name}\" BaseType=\"graph.{base}\">{properties}</EntityType>"
        ),
        // All entities have their key from the one without a base.
        None => format!(
            "<EntityType Name=\"{name}\" Abstract=\"true\"><Key><PropertyRef Name=\"id\"/></Key>{properties}</EntityType>"
        ),
    }
}

fn list<'a>(properties: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let property = |(name, kind): (&str, &str)| {
        let is_key = name == "id" || kind.starts_with("Collection(");
        let nullable = if is_key { " Nullable=\"false\"" } else { "" };
        format!("<Property Name=\"{name}\" Type=\"{kind}\"{nullable}/>")
    };
    properties.map(property).collect()
}

/// Returns the properties that the tenant has, without those of the base types.
fn shown(properties: &'static [Property]) -> impl Iterator<Item = (&'static str, &'static str)> {
    properties
        .iter()
        .filter(|own| own.kind != PropertyKind::Elsewhere && !INHERITED.contains(&own.name))
        .map(|own| (own.name, type_of(own)))
}

fn type_of(property: &Property) -> &'static str {
    let other = TYPES.iter().find(|(own, _)| *own == property.name);
    match (other, property.kind) {
        (Some((_, kind)), _) => kind,
        (None, PropertyKind::Flag | PropertyKind::FixedFlag) => types::FLAG,
        (None, PropertyKind::Time | PropertyKind::FixedTime) => types::TIME,
        (None, _) if property.is_list() => types::TEXTS,
        (None, _) => types::TEXT,
    }
}
