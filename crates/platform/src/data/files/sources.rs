//! The sources of files: what stands in place of a platform where a business uploads its documents.

use uuid::Uuid;

/// A source, as the contract's integrations have it.
#[derive(Debug)]
pub struct Source {
    pub key: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    pub integration_id: Uuid,
    pub source_id: Uuid,
}

/// The kind of documents that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Accounting,
    Banking,
    Documents,
}

impl Kind {
    /// The name in Link's settings and in its view.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounting => "accounting",
            Self::Banking => "banking",
            Self::Documents => "businessDocuments",
        }
    }

    /// The word of a file's source in the contract's list of files.
    pub const fn source_type(self) -> &'static str {
        match self {
            Self::Accounting => "Accounting",
            Self::Banking => "Banking",
            Self::Documents => "Other",
        }
    }
}

/// All of them.
pub static SOURCES: [Source; 3] = [
    Source {
        key: "upac",
        name: "Accounting file upload",
        kind: Kind::Accounting,
        integration_id: Uuid::from_u128(0x2f0a_6a0e_1b52_4d3c_8f7a_6d2c_90a1_5e01),
        source_id: Uuid::from_u128(0x7c1d_8b44_5a0f_4e86_9b3e_21f4_c7d0_5e01),
    },
    Source {
        key: "upbk",
        name: "Banking file upload",
        kind: Kind::Banking,
        integration_id: Uuid::from_u128(0x2f0a_6a0e_1b52_4d3c_8f7a_6d2c_90a1_5e02),
        source_id: Uuid::from_u128(0x7c1d_8b44_5a0f_4e86_9b3e_21f4_c7d0_5e02),
    },
    Source {
        key: "updc",
        name: "Business documents file upload",
        kind: Kind::Documents,
        integration_id: Uuid::from_u128(0x2f0a_6a0e_1b52_4d3c_8f7a_6d2c_90a1_5e03),
        source_id: Uuid::from_u128(0x7c1d_8b44_5a0f_4e86_9b3e_21f4_c7d0_5e03),
    },
];

/// The source with a key.
pub fn source(key: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.key == key)
}
