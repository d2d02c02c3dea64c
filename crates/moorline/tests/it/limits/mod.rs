//! Rate limits of clients and of platforms.

mod client_limits;
mod platform_limits;
