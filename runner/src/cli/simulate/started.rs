//! What `o365 simulate --port` says when it begins to serve.

use std::path::Path;

use anstyle::Style;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::simulator::Tenant;
use crate::simulator::server::{APP_ID, Addresses, Cloud};

/// The variable of the secret in the configuration.
const SECRET: &str = "SIMULATED_SECRET";

/// The port of HTTPS that URLs leave out.
const HTTPS: u16 = 443;

/// A server that has its ports.
pub struct Started<'a> {
    pub addresses: Addresses,
    /// The cloud whose host names it has.
    pub cloud: Option<Cloud>,
    /// The file with the certificate to trust.
    pub certificate: &'a Path,
}

impl Started<'_> {
    /// Prints the addresses of the tenant, and the configuration of a connection to it.
    pub fn announce(&self, global: &Global, tenant: &Tenant) -> Result<(), Failure> {
        if output::for_people(global.json) {
            return output::text(&self.text(tenant));
        }
        output::bytes(format!("{}\n", self.json(tenant)).as_bytes())
    }

    fn json(&self, tenant: &Tenant) -> Value {
        let Addresses { http, https } = self.addresses;
        let mut started = json!({
            "http": format!("http://{http}"),
            "https": format!("https://{https}"),
            "certificate": self.certificate.display().to_string(),
            "tenant": tenant.initial_domain(),
            "tenantId": tenant.id,
            "clientId": APP_ID,
            "sender": tenant.sender,
            "users": tenant.users.len(),
            "configuration": self.configuration(tenant),
        });
        if let (Value::Object(started), Some(cloud)) = (&mut started, self.cloud) {
            let (graph, sign_in) = self.named(cloud);
            let hosts: Vec<&str> = cloud.hosts().collect();
            let named = json!({ "graph": graph, "signIn": sign_in, "hosts": hosts });
            started.insert("microsoft".to_owned(), named);
        }
        started
    }

    fn text(&self, tenant: &Tenant) -> String {
        let bold = Style::new().bold();
        let Addresses { http, https } = self.addresses;
        let domain = tenant.initial_domain();
        let named = self.cloud.map(|cloud| {
            let (graph, sign_in) = self.named(cloud);
            let hosts: Vec<&str> = cloud.hosts().collect();
            format!(
                "As Microsoft's, for who trusts the certificate and has this line in the hosts file:\n\n  \
                 Graph        {bold}{graph}{bold:#}\n  \
                 sign-in      {sign_in}/{domain}\n  \
                 hosts        {} {}\n\n",
                https.ip(),
                hosts.join(" ")
            )
        });
        format!(
            "The tenant {bold}{domain}{bold:#} is simulated: nothing reaches Microsoft.\n\n  \
             Graph        {bold}http://{http}/v1.0{bold:#}\n               {bold}https://{https}/v1.0{bold:#}\n  \
             sign-in      http://{http}/{domain}\n  \
             certificate  {}\n  \
             tenant id    {}\n\n\
             {}\
             Any GUID is a valid client id, and any secret and password is valid. In o365.toml, with \
             {SECRET} set to anything:\n\n{}\n\
             Press Ctrl-C to stop.\n",
            self.certificate.display(),
            tenant.id,
            named.unwrap_or_default(),
            self.configuration(tenant)
        )
    }

    /// Returns Graph's URL and that of the sign-in host under Microsoft's names.
    fn named(&self, cloud: Cloud) -> (String, String) {
        let port = Some(self.addresses.https.port()).filter(|port| *port != HTTPS);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let (graph, sign_in) = (cloud.graph(), cloud.authority());
        (format!("https://{graph}{port}/v1.0"), format!("https://{sign_in}{port}"))
    }

    /// Returns a connection to the tenant for `o365.toml`.
    fn configuration(&self, tenant: &Tenant) -> String {
        let (http, domain) = (self.addresses.http, tenant.initial_domain());
        let sender = tenant.sender.iter().map(|sender| format!("sender = \"{sender}\"\n"));
        format!(
            "[connections.simulated]\ntenant = \"{domain}\"\nclient-id = \"{APP_ID}\"\nclient-secret = {{ env = \"{SECRET}\" }}\ngraph-url = \"http://{http}/v1.0\"\nlogin-url = \"http://{http}\"\n{}",
            sender.collect::<String>()
        )
    }
}
