//! The platforms that come with the program.

use std::collections::BTreeMap;

use connectors::{BUILTIN, Catalogue};

#[test]
fn every_platform_that_comes_with_the_program_loads() {
    let (catalogue, problems) = Catalogue::load(BUILTIN, &[], &BTreeMap::new());
    assert!(problems.is_empty(), "{problems:#?}");
    let keys: Vec<_> = catalogue
        .iter()
        .map(|integration| integration.key())
        .collect();
    for key in ["aiwb", "mqjo", "qhnd"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
}
