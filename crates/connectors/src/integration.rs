//! One platform, ready to use.

use std::collections::BTreeMap;

use records::{DataType, SourceType};
use uuid::Uuid;

use crate::manifest::{AuthKind, DataSupport, Limits, Step};

/// Which picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetRole {
    LogoFull,
    LogoSquare,
    ButtonDefault,
    ButtonHover,
}

impl AssetRole {
    pub const ALL: [AssetRole; 4] = [
        Self::LogoFull,
        Self::LogoSquare,
        Self::ButtonDefault,
        Self::ButtonHover,
    ];

    /// `logo_full`, `logo_square`, `button_default`, `button_hover`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogoFull => "logo_full",
            Self::LogoSquare => "logo_square",
            Self::ButtonDefault => "button_default",
            Self::ButtonHover => "button_hover",
        }
    }
}

/// A picture of a platform's branding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    pub bytes: bytes::Bytes,
    pub content_type: &'static str,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

/// A platform: everything its folder says, checked, its maps compiled.
#[derive(Debug)]
pub struct Integration {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) source_type: SourceType,
    pub(crate) integration_id: Uuid,
    pub(crate) source_id: Uuid,
    pub(crate) beta: bool,
    pub(crate) sandbox: bool,
    pub(crate) steps: Vec<Step>,
    pub(crate) limits: Limits,
    pub(crate) data: Vec<DataSupport>,
    pub(crate) assets: BTreeMap<AssetRole, Asset>,
}

impl Integration {
    /// The platform key: four lower-case letters.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn source_type(&self) -> SourceType {
        self.source_type
    }

    pub fn integration_id(&self) -> Uuid {
        self.integration_id
    }

    pub fn source_id(&self) -> Uuid {
        self.source_id
    }

    pub fn beta(&self) -> bool {
        self.beta
    }

    /// A platform to practise on.
    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// The pages before the redirect, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub fn auth_kind(&self) -> AuthKind {
        AuthKind::OAuth2
    }

    /// Whether to send a PKCE challenge.
    pub fn pkce(&self) -> bool {
        todo!()
    }

    /// What `iss` of the callback must equal (RFC 9207), where the platform announces it.
    pub fn issuer(&self) -> Option<&str> {
        todo!()
    }

    pub fn scopes(&self) -> &[String] {
        todo!()
    }

    /// Whether the platform can be told that a token is no longer wanted.
    pub fn can_revoke(&self) -> bool {
        todo!()
    }

    /// Query parameters of the callback to keep with the connection and hand back in `Access::variables`.
    pub fn callback_parameters(&self) -> &[String] {
        todo!()
    }

    /// The data types on offer, in the manifest's order, which is the order to fetch them in.
    pub fn data(&self) -> &[DataSupport] {
        &self.data
    }

    pub fn supports(&self, data_type: DataType) -> bool {
        self.data.iter().any(|data| data.data_type == data_type)
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub fn asset(&self, role: AssetRole) -> Option<&Asset> {
        self.assets.get(&role)
    }
}
