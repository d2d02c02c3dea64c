//! Companies: their life, their families, the products that are enabled for them and the platforms that they miss; and the clients that they belong to.

pub mod clients;
mod family;
pub mod funnel;
mod life;
pub mod link;
pub mod missed;
pub mod products;
pub mod requests;

pub use family::{Family, Relation};
pub use life::{CompanyError, New, create, update};
