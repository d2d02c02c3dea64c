//! The two shapes that every model is written in: a table of members, and a list of choices.

/// A struct of the contract: camel-case members, an unknown one refused, an absent optional one left out. Its schema
/// (`schema.rs`) is made with it, its doc comments being the descriptions.
macro_rules! model {
    ($(#[$($meta:tt)*])* $name:ident {
        $(required { $($(#[$($required_meta:tt)*])* $required:ident : $required_type:ty),* $(,)? })?
        $(optional { $($(#[$($optional_meta:tt)*])* $optional:ident : $optional_type:ty),* $(,)? })?
    }) => {
        $(#[$($meta)*])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($($(#[$($required_meta)*])* pub $required: $required_type,)*)?
            $($(
                $(#[$($optional_meta)*])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )*)?
        }

        impl $crate::schema::Described for $name {
            fn describe(schemas: &mut $crate::schema::Schemas) -> serde_json::Value {
                use $crate::schema::{Member, words};
                let name = $crate::schema::name_of(module_path!(), stringify!($name));
                schemas.object::<Self>(&name, words!($([$($meta)*])*), |schemas| {
                    let _ = &schemas;
                    vec![
                        $($(Member::required::<$required_type>(schemas, words!($([$($required_meta)*])*)),)*)?
                        $($(Member::optional::<$optional_type>(schemas, words!($([$($optional_meta)*])*)),)*)?
                    ]
                })
            }
        }
    };
}

/// An enum of the contract, by the spellings on the wire. A map writes `Unknown: <the value>` for a value that has no
/// spelling in the contract; the deserialiser turns it into `Unknown` and a warning.
macro_rules! choice {
    ($(#[$($doc:tt)*])* $name:ident { $($(#[$($meta:tt)*])* $variant:ident),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $(#[$($doc)*])*
        pub enum $name {
            $($(#[$($meta)*])* $variant,)+
        }

        impl $crate::schema::Described for $name {
            fn describe(schemas: &mut $crate::schema::Schemas) -> serde_json::Value {
                let name = $crate::schema::name_of(module_path!(), stringify!($name));
                let about = $crate::schema::words!($([$($doc)*])*);
                schemas.choice(&name, about, &[$(Self::$variant,)+])
            }
        }
    };
}

pub(crate) use {choice, model};
