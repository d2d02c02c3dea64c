//! Pulls as a story asks for them and waits for them.

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use super::World;

impl World {
    /// Queues what is due, as the chores do, and wakes the workers.
    pub async fn queue_due(&self) {
        platform::data::pulling::queue_due(&self.app).await.unwrap();
        self.app.work.notify_one();
    }

    /// Sets a schedule for all of the client's data types.
    pub async fn pull_every(&self, hours: u32) {
        let mut held = self.get("/profile/syncSettings").await.ok();
        for setting in held["settings"].as_array_mut().unwrap() {
            setting["syncSchedule"] = json!(hours);
        }
        held["overridesDefaults"] = json!(true);
        self.post("/profile/syncSettings", held).await.ok();
    }

    /// Waits until no pull of the company is under way, and returns the pull history.
    pub async fn settled(&self, company: &str) -> Vec<Value> {
        let path = format!("/companies/{company}/data/history?pageSize=1000");
        self.until("every pull has ended", || async {
            let history = self.get(&path).await.ok();
            let results = history["results"].as_array().unwrap().clone();
            let ended = !results.is_empty()
                && results
                    .iter()
                    .all(|operation| operation["completed"].is_string());
            ended.then_some(results)
        })
        .await
    }

    /// Queues a pull of a data type, and returns its entry of the pull history.
    pub async fn queue_pull(&self, company: &str, data_type: &str) -> Value {
        let path = format!("/companies/{company}/data/queue/{data_type}");
        self.client(Method::POST, &path, None).await.ok()
    }

    /// The number of a company's pulls of a data type.
    pub async fn pulls_of(&self, company: &str, data_type: &str) -> i64 {
        let path = format!("/companies/{company}/data/history?query=dataType%3D{data_type}");
        self.get(&path).await.ok()["totalResults"].as_i64().unwrap()
    }

    /// Lets time pass, and then has queued and done what is due.
    pub async fn pass_and_pull(&self, time: TimeDelta, company: &str) {
        self.pass(time);
        self.queue_due().await;
        self.settled(company).await;
    }
}
