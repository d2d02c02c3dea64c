//! The pictures of a platform.

use bytes::Bytes;

/// The use of a picture.
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
    pub bytes: Bytes,
    pub content_type: &'static str,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

impl Asset {
    /// None if the file's name does not end as a picture's.
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Option<Self> {
        use sha2::{Digest, Sha256};

        let content_type = match name.rsplit_once('.')?.1 {
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            _ => return None,
        };
        let digest = Sha256::digest(bytes);
        let tag: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Some(Self {
            bytes: Bytes::copy_from_slice(bytes),
            content_type,
            etag: format!("\"{tag}\""),
        })
    }
}
