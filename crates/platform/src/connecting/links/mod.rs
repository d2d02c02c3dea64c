//! Links that customers follow: their addresses, one-time passwords and stages, and the redirect at their end.

mod addresses;
pub mod passwords;
pub mod redirects;
pub(super) mod steps;

pub use addresses::{
    company_url, company_url_with, link_url, link_url_of, link_url_with, redirect_uri, sharing_url,
};
pub use steps::{
    Chosen, CompanyStage, Holder, Stage, choose_nothing, choose_platform, company_stage, decline,
    hold, holder, stage,
};
