//! Microsoft's clouds: the addresses of Graph and of the sign-in host.
//!
//! Source: Microsoft Learn, "National cloud deployments" of Graph and "Microsoft Entra
//! authentication & national clouds". A token of one cloud is not valid in another.

use serde::{Deserialize, Serialize};

/// A cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud, also for GCC.
    #[default]
    Global,
    /// US Government L4, GCC High.
    UsGov,
    /// US Government L5, DoD.
    UsDod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Returns the name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "us-gov",
            Self::UsDod => "us-dod",
            Self::China => "china",
        }
    }

    /// Returns Graph's root, without a version.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGov => "https://graph.microsoft.us",
            Self::UsDod => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// Returns the authority, without a tenant. For China, Microsoft's pages disagree; this is
    /// the address of the identity platform.
    pub fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGov | Self::UsDod => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }
}
