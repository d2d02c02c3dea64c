//! The two shapes that every model is written in: a table of members, and a list of choices.

/// A struct of the contract: camel-case members, an unknown one refused, an absent optional one left out.
macro_rules! model {
    ($(#[$doc:meta])* $name:ident {
        $(required { $($(#[$required_meta:meta])* $required:ident : $required_type:ty),* $(,)? })?
        $(optional { $($(#[$optional_meta:meta])* $optional:ident : $optional_type:ty),* $(,)? })?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($($(#[$required_meta])* pub $required: $required_type,)*)?
            $($(
                $(#[$optional_meta])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )*)?
        }
    };
}

/// An enum of the contract, by the spellings on the wire. `Unknown` is written as `Unknown: <what came>` by a map that
/// met a value it has no word for; the deserialiser turns it into `Unknown` and a warning.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $variant:ident),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $(#[$doc])*
        pub enum $name {
            $($(#[$meta])* $variant,)+
        }
    };
}

pub(crate) use {choice, model};
