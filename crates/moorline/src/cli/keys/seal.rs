//! `moorline keys seal`: another key in the place of the one that seals tokens and other secrets.

use std::time::Duration;

use anyhow::bail;
use clap::Subcommand;

use crate::cli::command;
use crate::cli::operating::{Shown, print_all, print_one};
use platform::app::App;
use platform::credentials::vault::roots::{self, Source};
use platform::credentials::vault::rotation::{self, Lost};

#[derive(Subcommand)]
pub enum Seal {
    /// List the keys, the one that seals, and the number of values that each has sealed.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Seal everything with a new key: add one, activate it, seal every stored secret again. Nodes go on meanwhile.
    ///
    /// One that was interrupted is gone on with, by the nodes and by the next call.
    Rotate {
        /// A node that is gone for good, as `moorline keys seal list` names it.
        #[arg(long, value_name = "NODE")]
        without_node: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a new key, which seals nothing until it is activated.
    Add {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a key the one that seals. What is sealed already is sealed again by the nodes, or by `rotate`.
    Activate {
        id: String,
        /// A node that is gone for good, as `moorline keys seal list` names it.
        #[arg(long, value_name = "NODE")]
        without_node: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Erase a key that nothing needs any more.
    Retire {
        id: String,
        /// End the links, tokens and receipts' pages that it has signed and that are still good, for a key that others may have.
        #[arg(long)]
        end_links: bool,
        /// Give up values that were altered in the database and can't be opened.
        #[arg(long)]
        lose_unreadable: bool,
        /// A node that is gone for good, as `moorline keys seal list` names it.
        #[arg(long, value_name = "NODE")]
        without_node: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add a new root key to the key file: keys that are made from now on are kept under it. Copy the file to every node.
    Root {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Every node has read of a key by then.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

impl Seal {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List { json } => list(app, json).await,
            Self::Rotate { without_node, json } => {
                rotation::forget_nodes(app, &without_node).await?;
                rotate(app, json).await
            }
            Self::Add { json } => {
                let id = rotation::add(app).await?;
                match json {
                    true => print_one(&Shown::default().with("added", id), &[], true),
                    false => println!("added {id}"),
                }
                Ok(())
            }
            Self::Activate {
                id,
                without_node,
                json,
            } => {
                rotation::forget_nodes(app, &without_node).await?;
                rotation::activate(app, &id).await?;
                match json {
                    true => print_one(&Shown::default().with("activated", id), &[], true),
                    false => println!("{id} seals from now on"),
                }
                Ok(())
            }
            Self::Retire {
                id,
                end_links,
                lose_unreadable,
                without_node,
                json,
            } => {
                let lost = Lost {
                    links: end_links,
                    unreadable: lose_unreadable,
                };
                rotation::forget_nodes(app, &without_node).await?;
                rotation::retire(app, &id, lost).await?;
                match json {
                    true => print_one(&Shown::default().with("retired", id), &[], true),
                    false => println!("retired {id}"),
                }
                Ok(())
            }
            Self::Root { json } => {
                let Source::File(path) = Source::of(&app.config) else {
                    bail!(
                        "the root key doesn't come from a file here; add one at its place, as a further line, and run: moorline \
                         keys seal rotate"
                    );
                };
                let name = roots::add_line(&path)?;
                if json {
                    let shown = Shown::default().with("added", name).with("file", &path);
                    print_one(&shown, &[], true);
                    return Ok(());
                }
                println!("added the root key {name} to {}", path.display());
                println!(
                    "Copy the file to every node and to where you keep copies, then run: moorline keys seal rotate"
                );
                Ok(())
            }
        }
    }
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let keys = rotation::list(app).await?;
    let nodes = store::sealing_keys::nodes(&app.db).await?;
    if json {
        let keys = keys.iter().map(|listed| {
            let key = &listed.key;
            let nodes = nodes.iter().filter(|node| node.key_id == key.id);
            Shown::default()
                .with("id", &key.id)
                .with("state", &key.state)
                .with("values", listed.values)
                .with("root", &key.root)
                .with("created", key.created)
                .with("activated", key.activated)
                .with("retired", key.retired)
                .with("nodes", nodes.map(|node| &node.name).collect::<Vec<_>>())
        });
        print_all(&keys.collect::<Vec<_>>(), true);
        return Ok(());
    }
    for listed in keys {
        let key = &listed.key;
        println!(
            "{}  {:7}  {} values  root {}  since {}",
            key.id,
            key.state,
            listed.values,
            key.root,
            key.activated.unwrap_or(key.created).format("%Y-%m-%d"),
        );
    }
    for node in nodes {
        let kept = match node.kept {
            0 => String::new(),
            kept => format!(", and keeps {kept} answers beside the database"),
        };
        println!("node {} seals with {}{kept}", node.name, node.key_id);
    }
    Ok(())
}

async fn rotate(app: &App, json: bool) -> anyhow::Result<()> {
    let say = |words: &str| {
        if !json {
            println!("{words}");
        }
    };
    let before = app.vault.key_id();
    if rotation::is_under_way(app).await? {
        say(&format!("going on with the rotation to {before}"));
    } else {
        let id = rotation::next(app).await?;
        say(&format!("added {id}"));
        let known = async {
            while rotation::unknown_to(app, &id).await?.is_some() {
                tokio::time::sleep(PAUSE).await;
            }
            Ok::<_, store::StoreError>(())
        };
        // Past that, the activation says which node doesn't know it.
        if let Ok(known) = tokio::time::timeout(PATIENCE, known).await {
            known?;
        }
        rotation::activate(app, &id).await?;
        say(&format!("{id} seals from now on"));
    }
    let began = tokio::time::Instant::now();
    let mut is_done = true;
    while !rotation::go_on(app, |_| {}).await? {
        if began.elapsed() > PATIENCE {
            is_done = false;
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let former = match is_done {
        true => rotation::list(app).await?,
        false => Vec::new(),
    };
    let former = former
        .into_iter()
        .filter(|listed| listed.key.state == store::sealing_keys::FORMER);
    let former: Vec<String> = former.map(|listed| listed.key.id).collect();
    if json {
        let shown = Shown::default()
            .with("key", app.vault.key_id())
            .with("complete", is_done)
            .with("former", former);
        print_one(&shown, &[], true);
        return Ok(());
    }
    if !is_done {
        println!(
            "Some nodes still seal with a former key ({}); they go on with this by themselves.",
            command("keys seal list")
        );
        return Ok(());
    }
    println!("everything is sealed with {}", app.vault.key_id());
    for id in former {
        println!(
            "to erase the former key: {}",
            command(&format!("keys seal retire {id}"))
        );
    }
    Ok(())
}
