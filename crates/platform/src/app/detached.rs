//! Work that goes on when the caller that asked for it has left.
//!
//! A request's future is dropped when its client hangs up or its deadline passes, a job's when its lease is lost. Work with
//! an effect that can't be undone (a code or a refresh token that is spent, a grant that is given back) runs in a task of its
//! own instead, and a stop waits for it. It is bounded by what it does: each request out has the door's deadline, each
//! statement the pool's.

use std::panic::resume_unwind;

use tokio::sync::watch;

use super::{App, Shared};
use crate::access::caller;

/// The number of tasks that are under way.
#[derive(Debug)]
pub(super) struct Detached(watch::Sender<usize>);

impl Default for Detached {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

/// Counts a task for as long as it runs, also when it panics.
struct UnderWay(Shared);

impl UnderWay {
    fn of(app: Shared) -> Self {
        app.detached.0.send_modify(|tasks| *tasks += 1);
        Self(app)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.detached.0.send_modify(|tasks| *tasks -= 1);
    }
}

impl App {
    /// This App, to be held by an answer that is still being sent when its request is over.
    pub(crate) fn shared(&self) -> Shared {
        self.me.upgrade().expect("an App lives in its Arc")
    }

    /// Begins work at once, in a task of its own, and gives its result to a caller who waits for it. Dropping the future
    /// that is returned doesn't end the work.
    pub fn detach<W, F, T>(&self, work: W) -> impl Future<Output = T> + Send + use<W, F, T>
    where
        W: FnOnce(Shared) -> F,
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let app = self.shared();
        let counted = UnderWay::of(Shared::clone(&app));
        let (work, caller) = (work(app), caller::current());
        let task = tokio::spawn(async move {
            let result = caller::called_by(caller, work).await;
            drop(counted);
            result
        });
        async move {
            match task.await {
                Ok(result) => result,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    // The runtime is going down, and its callers with it.
                    Err(_) => std::future::pending().await,
                },
            }
        }
    }

    /// Resolves when no detached work is under way.
    pub async fn detached_work_ended(&self) {
        // The sender lives as long as `self`, so that waiting can't fail.
        let _ = self
            .detached
            .0
            .subscribe()
            .wait_for(|tasks| *tasks == 0)
            .await;
    }
}
