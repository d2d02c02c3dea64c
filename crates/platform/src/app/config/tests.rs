//! Settings, read from files and variables.

use super::*;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(
        None,
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[test]
fn the_environment_overrides_and_unknown_names_are_refused() {
    let config = load(&[
        ("MOORLINE_DATABASE_URL", "postgres://db/moorline"),
        ("MOORLINE_SYNC__EVERY_HOURS", "6"),
        ("MOORLINE_EGRESS__ALLOW_PRIVATE", "[\"127.0.0.1:7410\"]"),
        ("HOME", "/root"),
    ])
    .unwrap();
    assert_eq!(config.database_url, "postgres://db/moorline");
    assert_eq!(config.sync.every_hours, 6);
    assert_eq!(config.egress.allow_private, ["127.0.0.1:7410"]);
    let error = load(&[("MOORLINE_DATBASE_URL", "x")])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("MOORLINE_DATBASE_URL") && error.contains("unknown field"),
        "{error}"
    );
}

#[test]
fn a_files_paths_begin_at_its_folder_and_a_variables_where_the_command_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moorline.toml");
    std::fs::write(&file, "[integrations]\ndirs = [\"own\", \"/opt/own\"]\n").unwrap();
    let nothing = std::iter::empty();
    let config = Config::load(Some(&file), nothing).unwrap();
    let at = |name: &str| folder.path().join(name);
    let database = format!("sqlite:{}", at("moorline.db").display());
    assert_eq!(config.database_url, database);
    assert_eq!(config.key_file, at("moorline.key"));
    assert_eq!(config.integrations.dirs, [at("own"), "/opt/own".into()]);
    let here = (
        "MOORLINE_DATABASE_URL".to_owned(),
        "sqlite:here.db".to_owned(),
    );
    let config = Config::load(Some(&file), [here].into_iter()).unwrap();
    assert_eq!(config.database_url, "sqlite:here.db");
    std::fs::write(&file, "database_url = \"postgres://db/moorline\"").unwrap();
    let config = Config::load(Some(&file), std::iter::empty()).unwrap();
    assert_eq!(config.database_url, "postgres://db/moorline");
}

#[test]
fn a_database_of_an_unknown_kind_is_refused_without_its_password() {
    let error = load(&[("MOORLINE_DATABASE_URL", "mysql://me:secret@db/x")]).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("sqlite:PATH or postgres://") && error.contains("`mysql:`"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn an_address_of_another_form_is_refused_with_the_right_one() {
    for (name, value, words) in [
        ("DATABASE_URL", "moorline.db", "write sqlite:PATH"),
        ("DATABASE_URL", "", "write sqlite:PATH"),
        ("DATABASE_URL", "sqlite:", "names no file"),
        ("DATABASE_URL", "sqlite::memory:", "would forget"),
        ("DATABASE_URL", "postgres://", "names no server"),
        ("DATABASE_URL", "Postgres://db/x", "`Postgres:`"),
        ("LISTEN", "7400", "such as 127.0.0.1:7400"),
        ("LISTEN", "localhost:7400", "such as 127.0.0.1:7400"),
        (
            "PUBLIC_URL",
            "moorline.example.com",
            "did you mean https://moorline.example.com?",
        ),
        ("PUBLIC_URL", "nope", "write https://HOST"),
        ("PUBLIC_URL", "ftp://moorline.example", "write https://HOST"),
        (
            "PUBLIC_URL",
            "https://moorline.example/app",
            "more than a host",
        ),
        (
            "PUBLIC_URL",
            "https://me:secret@moorline.example",
            "a user or a password",
        ),
        (
            "PUBLIC_URL",
            "me:secret@moorline.example",
            "write https://HOST",
        ),
    ] {
        let error = load(&[(&format!("MOORLINE_{name}"), value)]).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(words), "{value}: {error}");
        assert!(
            error.starts_with(&format!("MOORLINE_{name}: ")) || error.starts_with("database_url: "),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
    for url in [
        "sqlite:a.db",
        "sqlite://a.db",
        "postgres:///x?host=/run/postgresql",
    ] {
        assert!(load(&[("MOORLINE_DATABASE_URL", url)]).is_ok(), "{url}");
    }
}

#[test]
fn the_example_file_lists_every_setting_with_its_default() {
    let text = include_str!("../../../../../moorline.example.toml");
    let uncommented: String = text
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.contains(" = "))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config: Config = toml::from_str(&uncommented).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    let keys = uncommented
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#'))
        .count();
    let settings = format!("{:#?}", Config::default())
        .lines()
        .filter(|line| line.contains(": ") && line.trim_end().ends_with(','))
        .count();
    assert!(
        keys >= 20 && settings >= 20,
        "{keys} keys, {settings} settings"
    );
}
