//! The platform a company practises on.
