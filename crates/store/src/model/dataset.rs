//! One pull of one data type through one connection (the contract's "pull operation"), and its statuses.

super::words! {
    pub enum DatasetStatus {
        Initial => "Initial",
        Queued => "Queued",
        Fetching => "Fetching",
        MapQueued => "MapQueued",
        Mapping => "Mapping",
        Complete => "Complete",
        FetchError => "FetchError",
        MapError => "MapError",
        InternalError => "InternalError",
        ProcessingQueued => "ProcessingQueued",
        Processing => "Processing",
        ProcessingError => "ProcessingError",
        ValidationQueued => "ValidationQueued",
        Validating => "Validating",
        ValidationError => "ValidationError",
        AuthError => "AuthError",
        Cancelled => "Cancelled",
        NotSupported => "NotSupported",
        RateLimitError => "RateLimitError",
        PermissionsError => "PermissionsError",
        PrerequisiteNotMet => "PrerequisiteNotMet",
    }
}

impl DatasetStatus {
    /// Ended otherwise than well: the contract's `isErrored`.
    pub const fn is_error(self) -> bool {
        use DatasetStatus::*;
        match self {
            FetchError | MapError | InternalError | ProcessingError | ValidationError
            | AuthError | RateLimitError | PermissionsError | PrerequisiteNotMet => true,
            Initial | Queued | Fetching | MapQueued | Mapping | Complete | ProcessingQueued
            | Processing | ValidationQueued | Validating | Cancelled | NotSupported => false,
        }
    }
}
