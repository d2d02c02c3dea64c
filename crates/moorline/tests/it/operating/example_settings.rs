//! The example configuration: it names every setting, and each with its default.

use std::collections::BTreeSet;

use platform::app::config::Config;

const EXAMPLE: &str = include_str!("../../../../../moorline.example.toml");

/// A line such as `# workers = 4`: a setting with its default, commented out.
fn commented_setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("# ")?.split_once(" = ")?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(is_name).then_some((name, value))
}

/// The sections of the example, each with the names of its settings; the settings before the first section are under "".
fn settings_of_the_example() -> Vec<(String, BTreeSet<String>)> {
    let mut sections = vec![(String::new(), BTreeSet::new())];
    for line in EXAMPLE.lines() {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']').to_owned();
            sections.push((section, BTreeSet::new()));
        } else if let Some((name, _)) = commented_setting(line) {
            let (section, names) = sections.last_mut().unwrap();
            assert!(
                names.insert(name.to_owned()),
                "{name} stands twice in [{section}]"
            );
        }
    }
    sections
}

/// The names that the program accepts in a section, from its own refusal of one that it doesn't know.
fn accepted_names(section: &str) -> BTreeSet<String> {
    let header = match section {
        "" => String::new(),
        section => format!("[{section}]\n"),
    };
    let refusal = toml::from_str::<Config>(&format!("{header}no_such_setting = 1\n"))
        .expect_err("an unknown setting is refused")
        .message()
        .to_owned();
    let (_, names) = refusal
        .split_once("expected one of ")
        .or_else(|| refusal.split_once("expected "))
        .unwrap_or_else(|| panic!("no names in: {refusal}"));
    names
        .split(['`', ',', ' '])
        .filter(|name| !name.is_empty() && *name != "or")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_setting_stands_in_the_example() {
    let sections = settings_of_the_example();
    for (section, names) in &sections {
        // Its entries have names of their own, such as [products.NAME].
        if section == "products" {
            assert!(names.is_empty(), "{names:?}");
            continue;
        }
        let mut named = names.clone();
        if section.is_empty() {
            let headings = sections.iter().map(|(section, _)| section);
            named.extend(headings.filter(|name| !name.is_empty()).cloned());
        }
        assert_eq!(named, accepted_names(section), "in [{section}]");
    }
}

#[test]
fn every_commented_default_in_the_example_is_the_programs() {
    // One at a time, so that a wrong default is named, and none can hide behind another.
    let defaults = format!("{:#?}", Config::default());
    let mut section = "";
    let mut seen = 0;
    for line in EXAMPLE.lines() {
        if line.starts_with('[') {
            section = line;
        } else if let Some((name, value)) = commented_setting(line) {
            let text = format!("{section}\n{name} = {value}\n");
            let config: Config =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(format!("{config:#?}"), defaults, "{text}");
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} settings");
}

#[test]
fn no_setting_of_the_example_is_switched_on() {
    let config: Config = toml::from_str(EXAMPLE).unwrap();
    assert_eq!(
        format!("{config:#?}"),
        format!("{:#?}", Config::default()),
        "the file as it is changes nothing"
    );
}
