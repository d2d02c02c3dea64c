//! `cargo xtask demo`: the platform, the sandbox and the lender on one machine.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::machine::children::Children;
use crate::machine::ports::{self, Wanted};
use crate::machine::{http, toolchain};
use crate::web;

/// Long, because a first start generates the books of the sandbox's businesses, which is slow in a debug build.
const START_LIMIT: Duration = Duration::from_secs(180);

#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Print one line of JSON on standard output once everything answers, and all else on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Port of the platform: API, link pages, component files (0 takes any free one)
    #[arg(long, default_value_t = 7400, value_name = "PORT")]
    pub(crate) platform_port: u16,
    /// Port of the sandbox platform
    #[arg(long, default_value_t = 7410, value_name = "PORT")]
    pub(crate) sandbox_port: u16,
    /// Port of the demo lender
    #[arg(long, default_value_t = 7420, value_name = "PORT")]
    pub(crate) lender_port: u16,
    /// Folder of the data; a second start finds it again
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Build the program with optimizations: slower to build, faster to use
    #[arg(long)]
    pub(crate) release: bool,
    /// A program that is built already
    #[arg(skip)]
    pub(crate) program: Option<PathBuf>,
}

/// The addresses and the API key of a running demo.
pub(crate) struct Running {
    pub(crate) platform: String,
    pub(crate) sandbox: String,
    pub(crate) lender: String,
    pub(crate) api_key: String,
    ended: Receiver<&'static str>,
    logs: PathBuf,
}

pub(crate) fn run(options: &Options, children: &Children) -> Result<ExitCode> {
    let running = start(options, children)?;
    if options.json {
        println!(
            "{}",
            json!({
                "platform": running.platform,
                "sandbox": running.sandbox,
                "lender": running.lender,
                "apiKey": running.api_key,
            })
        );
        std::io::stdout().flush()?;
    }
    introduce(&running, options);
    let name = running
        .ended
        .recv()
        .context("no process of the demo is running")?;
    Err(running.death(name))
}

impl Running {
    fn death(&self, name: &str) -> anyhow::Error {
        let log = self.logs.join(format!("{name}.log"));
        anyhow::anyhow!(
            "the {name} stopped. The end of {}:\n{}",
            log.display(),
            toolchain::tail(&log, 40)
        )
    }
}

/// Builds, starts and waits until all three sites answer.
pub(crate) fn start(options: &Options, children: &Children) -> Result<Running> {
    toolchain::check_node()?;
    let lender_host = if ports::has_second_loopback() {
        Ipv4Addr::new(127, 0, 0, 2)
    } else {
        Ipv4Addr::LOCALHOST
    };
    let wanted = |host, port, flag| Wanted { host, port, flag };
    let chosen = ports::choose(&[
        wanted(
            Ipv4Addr::LOCALHOST,
            options.platform_port,
            "--platform-port",
        ),
        wanted(Ipv4Addr::LOCALHOST, options.sandbox_port, "--sandbox-port"),
        wanted(lender_host, options.lender_port, "--lender-port"),
    ])?;
    let (platform_port, sandbox_port, lender_port) = (chosen[0], chosen[1], chosen[2]);

    let data = std::path::absolute(&options.data)?;
    let logs = data.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;

    let moorline = build(options, children)?;

    let (report, ended) = mpsc::channel();
    let mut running = Running {
        platform: String::new(),
        sandbox: String::new(),
        lender: String::new(),
        api_key: String::new(),
        ended,
        logs,
    };

    let step = Step::begin("Starting the platform and the sandbox");
    let mut platform = Command::new(&moorline);
    platform
        .arg("demo")
        .arg("--json")
        .arg("--data")
        .arg(&data)
        .args(["--port", &platform_port.to_string()])
        .args(["--sandbox-port", &sandbox_port.to_string()])
        .current_dir(toolchain::root());
    let lines = launch("platform", &mut platform, children, &running.logs, &report)?;
    let line = first_line(&lines, "platform", &running, |line| line.starts_with('{'))?;
    let printed: Value = serde_json::from_str(&line).with_context(|| {
        format!("`moorline demo --json` must print a line of JSON, not {line:?}")
    })?;
    let field = |name: &str| -> Result<String> {
        let text = printed.get(name).and_then(Value::as_str);
        Ok(text
            .with_context(|| format!("the JSON of `moorline demo --json` lacks the text `{name}`"))?
            .to_owned())
    };
    running.platform = field("platform")?;
    running.sandbox = field("sandbox")?;
    running.api_key = field("apiKey")?;
    wait_until_answering(
        "platform",
        (Ipv4Addr::LOCALHOST, platform_port),
        "/health",
        &running,
    )?;
    wait_until_answering(
        "sandbox",
        (Ipv4Addr::LOCALHOST, sandbox_port),
        "/",
        &running,
    )?;
    step.end();

    let step = Step::begin("Starting the lender");
    let lender_name = if lender_host == Ipv4Addr::LOCALHOST {
        // Browsers take every name below localhost for this machine, which makes it a site of its own.
        "lender.localhost".to_owned()
    } else {
        lender_host.to_string()
    };
    running.lender = format!("http://{lender_name}:{lender_port}");
    let mut lender = Command::new("node");
    lender
        .arg(web::DEMO.folder().join("dist/server.js"))
        .current_dir(web::DEMO.folder())
        .env("NODE_ENV", "production")
        .env("MOORLINE_URL", &running.platform)
        .env("MOORLINE_API_KEY", &running.api_key)
        .env("PUBLIC_URL", &running.lender)
        .env("HOST", lender_host.to_string())
        .env("PORT", lender_port.to_string())
        .env("DATA_DIR", data.join("lender"));
    let lines = launch("lender", &mut lender, children, &running.logs, &report)?;
    first_line(&lines, "lender", &running, |line| {
        line.starts_with("listening ")
    })?;
    wait_until_answering("lender", (lender_host, lender_port), "/", &running)?;
    step.end();
    Ok(running)
}

fn build(options: &Options, children: &Children) -> Result<PathBuf> {
    let logs = toolchain::scratch("logs")?;
    for package in [web::CONNECTIONS, web::LINK, web::DEMO] {
        let step = Step::begin(&format!("Building web/{}", package.name));
        let log = logs.join(format!("build-{}.log", package.name));
        let _ = std::fs::remove_file(&log);
        let built = package.build(children, &log)?;
        if built {
            step.end()
        } else {
            step.end_with("unchanged")
        }
    }
    if let Some(program) = &options.program {
        return Ok(program.clone());
    }
    let step = Step::begin("Building the program (the first time takes minutes)");
    let log = logs.join("build-moorline.log");
    let moorline = toolchain::build_moorline(children, options.release, &log)?;
    step.end();
    Ok(moorline)
}

/// Starts a child whose standard output arrives line by line and whose standard error goes to a log.
fn launch(
    name: &'static str,
    command: &mut Command,
    children: &Children,
    logs: &Path,
    ended: &Sender<&'static str>,
) -> Result<Receiver<String>> {
    let log = File::create(logs.join(format!("{name}.log")))?;
    let mut also = log.try_clone()?;
    let mut child: Child =
        children.spawn(command.stdout(Stdio::piped()).stderr(Stdio::from(log)))?;
    let output = child
        .stdout
        .take()
        .context("the child has no standard output to read")?;
    let (send, lines) = mpsc::channel();
    let ended = ended.clone();
    let children = children.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The platform's first line holds the API key, which belongs in no log.
            if !line.starts_with('{') {
                let _ = writeln!(also, "{line}");
            }
            let _ = send.send(line);
        }
        let _ = child.wait();
        children.forget(&child);
        let _ = ended.send(name);
    });
    Ok(lines)
}

fn first_line(
    lines: &Receiver<String>,
    name: &'static str,
    running: &Running,
    is_it: impl Fn(&str) -> bool,
) -> Result<String> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if is_it(&line) => return Ok(line),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => bail!(
                "the {name} was not ready after {} s; see {}",
                START_LIMIT.as_secs(),
                running.logs.join(format!("{name}.log")).display()
            ),
            Err(RecvTimeoutError::Disconnected) => return Err(running.death(name)),
        }
    }
}

fn wait_until_answering(
    name: &'static str,
    address: impl Into<SocketAddr>,
    path: &str,
    running: &Running,
) -> Result<()> {
    let address = address.into();
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let host = address.to_string();
        if http::status(address, &host, path).is_some_and(|status| status < 500) {
            return Ok(());
        }
        if let Ok(ended) = running.ended.try_recv() {
            return Err(running.death(ended));
        }
        if Instant::now() > deadline {
            bail!("the {name} does not answer at http://{host}{path}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn introduce(running: &Running, options: &Options) {
    eprintln!(
        "
Moorline is up.

  Lender     {}   start here: sign up as a merchant and connect a platform
  Platform   {}   the API, the link pages and the component's files
  Sandbox    {}   a platform to practise on, with its faults on demand

  API key    {}
  Data       {}
  Logs       {}

Ctrl-C stops everything; the next start finds the data and the key again.",
        running.lender,
        running.platform,
        running.sandbox,
        running.api_key,
        options.data.display(),
        running.logs.display(),
    );
}

/// One line of progress on standard error: the step and, at its end, its duration.
struct Step {
    began: Instant,
    name: String,
    ended: bool,
}

impl Step {
    fn begin(name: &str) -> Self {
        if std::io::stderr().is_terminal() {
            eprint!("{name} …");
        } else {
            eprintln!("{name} …");
        }
        Self {
            began: Instant::now(),
            name: name.to_owned(),
            ended: false,
        }
    }

    fn end(self) {
        let took = format!("{:.1} s", self.began.elapsed().as_secs_f64());
        self.end_with(&took);
    }

    fn end_with(mut self, word: &str) {
        self.ended = true;
        if std::io::stderr().is_terminal() {
            eprintln!(" {word}");
        } else {
            eprintln!("{}: {word}", self.name);
        }
    }
}

impl Drop for Step {
    /// A step that failed leaves its line, so that the error begins on the next one.
    fn drop(&mut self) {
        if !self.ended && std::io::stderr().is_terminal() {
            eprintln!(" failed");
        }
    }
}
