//! The work of Moorline: companies, their connections to platforms, the sealed credentials behind them, the data pulled
//! through them, and the events that tell of it. It knows no web server and no SQL.

pub mod access;
pub mod app;
pub mod companies;
pub mod connecting;
pub mod consents;
pub mod credentials;
pub mod data;
pub mod events;
pub mod limits;
pub mod transfer;
pub mod work;

pub use consents::disclosure;
pub use events::change;
