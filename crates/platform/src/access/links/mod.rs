//! Links that customers follow: their addresses, one-time passwords, and the redirect at their end.

mod addresses;
mod approvals;
pub mod passwords;
pub mod redirects;

pub use addresses::{
    company_url, company_url_with, link_url, link_url_of, link_url_with, redirect_uri, sharing_url,
};
pub use approvals::{Approval, approval_url, read_approval};
