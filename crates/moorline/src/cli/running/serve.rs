//! `moorline serve`: the platform, until told to stop.

use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;

use platform::app::Shared;
use platform::app::config::Config;

use platform::credentials::vault::attending;
use platform::transfer::backup;
use platform::{consents, credentials, events::webhooks, work};

pub(in crate::cli) async fn run(config: Config) -> anyhow::Result<()> {
    // Before anyone can connect: who is told to stop while it starts ends as one that serves does.
    let signal = stop_signal()?;
    let address = config.listen;
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("can't listen on {address}; stop the program that uses it, or change the setting `listen`")
    })?;
    let app = crate::cli::start(config).await?;
    tracing::info!(
        address = %listener.local_addr()?, public_url = app.config.origin(), database = app.db.engine(),
        integrations = app.catalogue.iter().count(), "serving"
    );
    let on_signal = Shared::clone(&app);
    tokio::spawn(async move {
        signal.await;
        tracing::info!("stopping: letting requests and jobs under way end");
        on_signal.stop.send_replace(true);
    });
    until_stopped(app, listener).await
}

/// Longer than the door's deadline: the time in which an answer that came at last is stored.
const STORING: Duration = Duration::from_secs(5);

/// Serves, works, delivers webhooks and does the chores until `app.stop` turns true and all of it has ended.
pub async fn until_stopped(app: Shared, listener: TcpListener) -> anyhow::Result<()> {
    // Before anything could spend a token again that was renewed in what a restored backup lacks, or in an answer that was kept.
    credentials::count_epoch(&app, true).await?;
    credentials::take_up(&app).await;
    let work = tokio::spawn(work::work(Shared::clone(&app)));
    let chores = tokio::spawn(work::chores(Shared::clone(&app)));
    let keys = tokio::spawn(attending::attend(Shared::clone(&app)));
    let backups = tokio::spawn(backup::scheduled(Shared::clone(&app)));
    let relay = tokio::spawn({
        let app = Shared::clone(&app);
        async move { app.live.relay(&app.db, app.stop.subscribe()).await }
    });
    let sharing = tokio::spawn({
        let app = Shared::clone(&app);
        async move { app.client_limits.share(app.stop.subscribe()).await }
    });
    let deliveries = tokio::spawn(webhooks::deliver(Shared::clone(&app)));
    let mut stop = app.stop.subscribe();
    // What a platform answers can't be had again: an exchange that has begun is waited for as long as it may take.
    let patience = Duration::from_secs(app.config.shutdown_seconds)
        .max(Duration::from_millis(app.config.egress.timeout_ms) + STORING);
    let deadline = tokio::spawn(async move {
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::Instant::now() + patience
    });
    api::server::serve(Shared::clone(&app), listener).await?;
    // However serving ended, the rest must end too.
    app.stop.send_replace(true);
    work.await.context("the workers ended badly")?;
    chores.await.context("the chores ended badly")?;
    keys.await.context("the keys' attendant ended badly")?;
    backups.await.context("the backups ended badly")?;
    relay.await.context("the relay of news ended badly")?;
    sharing.await.context("the sharing of limits ended badly")?;
    deliveries
        .await
        .context("the webhooks' delivery ended badly")?;
    let deadline = deadline.await.context("the stop's deadline is lost")?;
    // Only now: until here, requests and jobs could begin more of it.
    if tokio::time::timeout_at(deadline, app.detached_work_ended())
        .await
        .is_err()
    {
        tracing::warn!("an exchange with a platform was still under way and was cut off");
    }
    attending::leave(&app).await;
    if let Err(error) = app.platform_limits.give_back().await {
        tracing::error!(%error, "requests to platforms that weren't made could not be given back");
    }
    if let Err(error) = consents::reads::flush(&app).await {
        tracing::error!(%error, "the last reads of companies' data could not be written to the record");
    }
    if let Err(error) = app.client_limits.give_back().await {
        tracing::warn!(%error, "requests that weren't used could not be given back; they count as used for the day");
    }
    app.close().await;
    Ok(())
}

/// Resolves at Ctrl-C, or at the SIGTERM of service managers. Signals count from the call on, not only from the first poll.
pub(in crate::cli) fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}
