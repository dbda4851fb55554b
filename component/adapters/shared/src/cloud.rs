//! Microsoft's clouds. A test compares the addresses with those of the runner.

/// A cloud: its addresses of Graph and of the sign-in host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The name in the setting `cloud`.
    pub name: &'static str,
    /// Graph's root, without a version.
    pub graph: &'static str,
    /// The sign-in host, without a tenant.
    pub login: &'static str,
}

/// All clouds. The first one is the default.
pub const CLOUDS: [Cloud; 4] = [
    Cloud {
        name: "global",
        graph: "https://graph.microsoft.com",
        login: "https://login.microsoftonline.com",
    },
    Cloud {
        name: "us-gov",
        graph: "https://graph.microsoft.us",
        login: "https://login.microsoftonline.us",
    },
    Cloud {
        name: "us-dod",
        graph: "https://dod-graph.microsoft.us",
        login: "https://login.microsoftonline.us",
    },
    Cloud {
        name: "china",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        login: "https://login.partner.microsoftonline.cn",
    },
];
