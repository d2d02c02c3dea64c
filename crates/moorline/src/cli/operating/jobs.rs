//! `moorline jobs`: the queue, what was given up, and having it done again.

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::cli::command;

use super::{Shown, USUAL_LIMIT, datasets, print_all, print_one, time};
use platform::app::App;
use store::clock::wall_now;
use store::jobs::Queued;
use store::model::{DatasetId, JobId, JobKind};

#[derive(Subcommand)]
pub enum Jobs {
    /// List jobs, the longest due first.
    List {
        /// Only those that were given up after their last attempt.
        #[arg(long)]
        given_up: bool,
        /// The most jobs to list.
        #[arg(long, default_value_t = USUAL_LIMIT)]
        limit: i64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a job with what it is about.
    Show {
        id: JobId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Have a job done that was given up, or one that waits for another attempt, now.
    Retry {
        id: JobId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a job that was given up off the list: what it was about stays as it is.
    Forget {
        id: JobId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Jobs {
    pub(in crate::cli) async fn run(self, app: &App) -> anyhow::Result<()> {
        match self {
            Self::List {
                given_up,
                limit,
                json,
            } => {
                let found = store::jobs::list(&app.db, given_up, limit).await?;
                print_all(&found.iter().map(of_job).collect::<Vec<_>>(), json);
            }
            Self::Show { id, json } => {
                let job = find(app, id).await?;
                let about = about(app, &job).await?;
                print_one(&of_job(&job).with("about", about), &[], json);
            }
            Self::Retry { id, json } => retry(app, &find(app, id).await?, json).await?,
            Self::Forget { id, json } => {
                let job = find(app, id).await?;
                if !job.dead {
                    bail!(
                        "{id} was not given up; it will be done at {}",
                        time(job.run_at)
                    );
                }
                let mut tx = app.db.write().await?;
                store::jobs::forget_dead(&mut tx, id).await?;
                tx.commit().await?;
                match json {
                    true => print_one(&of_job(&job).with("forgotten", true), &[], true),
                    false => println!("forgotten {id}"),
                }
            }
        }
        Ok(())
    }
}

async fn find(app: &App, id: JobId) -> anyhow::Result<Queued> {
    let found = store::jobs::find(&app.db, id).await?;
    found.with_context(|| {
        format!(
            "there is no job {id}: it is done, or never was; `{}` shows those there are",
            command("jobs list")
        )
    })
}

async fn about(app: &App, job: &Queued) -> anyhow::Result<String> {
    let Some(kind) = JobKind::from_word(&job.kind) else {
        return Ok("what only a newer version of Moorline knows".to_owned());
    };
    Ok(match kind {
        JobKind::Sync => match store::datasets::find(&app.db, DatasetId(job.subject)).await? {
            Some(dataset) => format!(
                "the pull of {} through the connection {}, which is {}",
                dataset.data_type, dataset.connection_id, dataset.status
            ),
            None => "a pull that is gone".to_owned(),
        },
        JobKind::Push => format!("the push operation {}", job.subject),
        JobKind::Revoke => format!("giving the grant {} back to its platform", job.subject),
        JobKind::TakeOut => format!(
            "taking one business out of the grant {} at its platform",
            job.subject
        ),
        JobKind::Reconsider => format!("whether consent is to be given anew, of {}", job.subject),
    })
}

async fn retry(app: &App, job: &Queued, json: bool) -> anyhow::Result<()> {
    let mut shown = of_job(job);
    if job.dead && job.kind == JobKind::Push.as_str() {
        bail!(
            "a write that was given up may have been done at the platform, and is not repeated from here: look there, have the client send it \
             again, and take this off the list with `{}`",
            command(&format!("jobs forget {}", job.id))
        );
    }
    if job.dead && job.kind == JobKind::Sync.as_str() {
        // The pull ended with its job: the data is requested anew.
        let (dataset, connection) = datasets::find(app, DatasetId(job.subject)).await?;
        let queued = datasets::again(app, &dataset, &connection).await?;
        let mut tx = app.db.write().await?;
        store::jobs::forget_dead(&mut tx, job.id).await?;
        tx.commit().await?;
        shown = shown.with("requestedAnewAs", queued.id);
    } else {
        let mut tx = app.db.write().await?;
        store::jobs::hasten(&mut tx, job.id, app.clock.now()).await?;
        tx.commit().await?;
    }
    print_one(&shown, &[], json);
    if !json {
        println!("\nA running server does it now: {}", command("jobs list"));
    }
    Ok(())
}

fn of_job(job: &Queued) -> Shown {
    let leased = job.lease_until.is_some_and(|until| until > wall_now());
    let state = match (job.dead, leased) {
        (true, _) => "given up",
        (false, true) => "running",
        (false, false) => "waiting",
    };
    Shown::default()
        .with("id", job.id)
        .with("kind", &job.kind)
        .with("state", state)
        .with("attempts", job.attempt)
        .with("due", time(job.run_at))
        .with("subject", job.subject)
        .with("reason", &job.last_error)
}
