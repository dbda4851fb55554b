//! The host names under which the server responds: those of this machine, and Microsoft's of one
//! cloud.

use http::uri::Authority;

/// The names of this machine.
pub const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The port of HTTPS that URLs leave out.
const HTTPS: u16 = 443;

/// A cloud of Microsoft. Source: Microsoft Learn, "National cloud deployments" of Graph, and the
/// metadata of Entra's instance discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide cloud.
    Global,
    /// US Government L4.
    UsGov,
    /// US Government L5.
    UsDod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// All clouds.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGov, Self::UsDod, Self::China];

    /// Returns the name, which is that in the configuration of a connection.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "us-gov",
            Self::UsDod => "us-dod",
            Self::China => "china",
        }
    }

    /// Returns the cloud with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name() == name)
    }

    /// Returns the host of Graph.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Global => "graph.microsoft.com",
            Self::UsGov => "graph.microsoft.us",
            Self::UsDod => "dod-graph.microsoft.us",
            Self::China => "microsoftgraph.chinacloudapi.cn",
        }
    }

    /// Returns the names of the sign-in host, the one to call first.
    pub fn sign_in(self) -> &'static [&'static str] {
        match self {
            Self::Global => &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            Self::UsGov | Self::UsDod => &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            Self::China => &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        }
    }

    /// Returns the sign-in host that issues tokens.
    pub fn authority(self) -> &'static str {
        self.sign_in().first().copied().unwrap_or_default()
    }

    /// Returns all names: Graph's, and those of the sign-in host.
    pub fn hosts(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.graph()).chain(self.sign_in().iter().copied())
    }

    /// Returns a cloud that has a host of this name.
    pub fn of(host: &str) -> Option<Self> {
        let has = |cloud: &Self| cloud.hosts().any(|name| name.eq_ignore_ascii_case(host));
        Self::ALL.into_iter().find(has)
    }
}

/// What a host serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A name of this machine: Graph and the sign-in host.
    Both,
    Graph,
    SignIn,
}

/// The host that a request names.
#[derive(Debug)]
pub struct Host {
    pub role: Role,
    /// The URL of the host, as links have it.
    pub base: String,
    /// The URL of the sign-in host that issues tokens, for who found this host.
    pub issuer: String,
    /// Graph's host and port, for who found this host.
    pub graph: String,
    /// The cloud.
    pub cloud: Cloud,
}

impl Host {
    /// Returns the host of a request that arrived over `scheme`, if the server serves it. Names of
    /// others are not served, as a protection from DNS rebinding; nor are those of Microsoft over
    /// HTTP.
    pub fn find(cloud: Option<Cloud>, scheme: &str, authority: &Authority) -> Option<Self> {
        if authority.as_str().contains('@') {
            return None;
        }
        let name = authority.host().to_ascii_lowercase();
        if LOCAL.contains(&name.as_str()) {
            let base = format!("{scheme}://{authority}");
            let cloud = cloud.unwrap_or(Cloud::Global);
            let (issuer, graph) = (base.clone(), authority.to_string());
            return Some(Self { role: Role::Both, base, issuer, graph, cloud });
        }
        let cloud = cloud.filter(|_| scheme == "https")?;
        let role = if name == cloud.graph() {
            Role::Graph
        } else if cloud.sign_in().contains(&name.as_str()) {
            Role::SignIn
        } else {
            return None;
        };
        let port = authority.port_u16().filter(|port| *port != HTTPS);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self {
            role,
            base: format!("https://{name}{port}"),
            issuer: format!("https://{}{port}", cloud.authority()),
            graph: format!("{}{port}", cloud.graph()),
            cloud,
        })
    }
}
