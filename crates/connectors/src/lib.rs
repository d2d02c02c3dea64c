//! How to speak to a platform.
