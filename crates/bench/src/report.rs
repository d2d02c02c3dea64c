//! The page that the bench writes: docs/PERFORMANCE.md, and its picture.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::growth::Latencies;

/// The figures from which the page says in words what a box carries.
pub(crate) const MAPPED: &str = "invoices of three lines mapped";
pub(crate) const STORED: &str = "mapped records stored, first sync";
pub(crate) const RECORD: &str = "storage of an invoice of three lines";
pub(crate) const COMPANY: &str = "storage of a company with three connections";
pub(crate) const ONE: &str = "GET one connection: requests";
pub(crate) const PAGE: &str = "GET a page of 100 companies: requests";
pub(crate) const MADE: &str = "POST /companies";
pub(crate) const PULLED: &str = "pulls of nothing from a platform that answers at once";

/// A figure beside its target.
pub(crate) struct Figure {
    pub(crate) name: String,
    value: f64,
    pub(crate) reached: String,
    pub(crate) target: String,
    /// The figure as a fraction of its target, more being better; None if it has no target.
    pub(crate) part: Option<f64>,
}

impl Figure {
    /// At least `target`.
    pub(crate) fn at_least(name: impl Into<String>, value: f64, target: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
            value,
            reached: shown(value, unit),
            target: format!("≥ {}", shown(target, unit)),
            part: Some(value / target),
        }
    }

    /// At most `target`.
    pub(crate) fn at_most(name: impl Into<String>, value: f64, target: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
            value,
            reached: shown(value, unit),
            target: format!("≤ {}", shown(target, unit)),
            part: Some(target / value),
        }
    }

    pub(crate) fn plain(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
            value,
            reached: shown(value, unit),
            target: String::new(),
            part: None,
        }
    }
}

fn shown(value: f64, unit: &str) -> String {
    let number = match value {
        value if value >= 1_000.0 => {
            let whole = format!("{value:.0}");
            let mut text = String::new();
            for (at, digit) in whole.chars().enumerate() {
                if at > 0 && (whole.len() - at) % 3 == 0 {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    };
    format!("{number}{unit}")
}

/// Figures of one theme.
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) figures: Vec<Figure>,
    /// Latencies by the number of companies, if they were measured.
    pub(crate) growth: Vec<(usize, Latencies)>,
}

impl Section {
    pub(crate) fn of(title: impl Into<String>, figures: Vec<Figure>) -> Self {
        Self {
            title: title.into(),
            figures,
            growth: Vec::new(),
        }
    }

    fn value(&self, name: &str) -> Option<f64> {
        let figure = self.figures.iter().find(|figure| figure.name == name)?;
        Some(figure.value)
    }

    /// The name of a picture of this section.
    fn picture(&self, kind: &str) -> String {
        let title = self.title.to_lowercase();
        let words: Vec<&str> = title
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        format!("performance-{}-{kind}.svg", words.join("-"))
    }
}

pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) settings: String,
    pub(crate) sections: Vec<Section>,
}

impl Report {
    pub(crate) fn write(&self, docs: &Path) -> Result<()> {
        let images = docs.join("images");
        fs::create_dir_all(&images)?;
        for section in &self.sections {
            if let Some(picture) = bars(section) {
                fs::write(images.join(section.picture("targets")), picture)?;
            }
            if let Some(picture) = lines(section) {
                fs::write(images.join(section.picture("growth")), picture)?;
            }
        }
        fs::write(docs.join("PERFORMANCE.md"), self.page())?;
        Ok(())
    }

    /// In plain words, what a box carries and what ends it, for one engine.
    fn carries(&self, engine: &Section) -> Option<String> {
        const TYPES: f64 = 12.0;
        const RECORDS: f64 = 2_000.0;
        let queue = format!("The queue on {}", engine.title);
        let of = |title: &str| self.sections.iter().find(|section| section.title == title);
        let pulled = of(&queue)?.value(PULLED)?;
        let mapped = self.sections.first()?.value(MAPPED)?;
        let [one, page, made, stored, record, company] =
            [ONE, PAGE, MADE, STORED, RECORD, COMPANY].map(|name| engine.value(name));
        let (one, page, made, stored, record, company) =
            (one?, page?, made?, stored?, record?, company?);
        let half_a_day = 43_200.0;
        let unchanged = pulled * half_a_day / TYPES;
        // Mapping takes a core, and storing the engine.
        let changed = half_a_day / (1.0 / mapped + 1.0 / stored);
        let gigabytes = 1e5 * (company + RECORDS * record) / 1e6;
        Some(format!(
            "**{}.** One box answers {} requests for a connection a second, or {} pages of a hundred companies, and makes {} companies. A company whose {TYPES} data types are \
             synced once a day, without a change, costs {TYPES} pulls: {} such companies take half of the day. A record that is new or has changed is mapped and stored: {} of them take the other half, \
             on one core. 100,000 companies with {RECORDS} records each take {} GB.\n",
            engine.title,
            shown(one, ""),
            shown(page, ""),
            shown(made, ""),
            shown((unchanged / 1e3).round() * 1e3, ""),
            millions(changed),
            shown(gigabytes, ""),
        ))
    }

    fn page(&self) -> String {
        let mut text = format!(
            "# Performance\n\nWritten by `cargo xtask bench`; don't edit. {}\n\n{}\n\nFigures of two machines can't be compared; ratios of one run can. The load \
             generator shares the cores with the servers that it measures. Each figure is the median of five runs.\n\n\
             ## What two cores carry\n\n",
            self.machine, self.settings
        );
        for words in self
            .sections
            .iter()
            .filter_map(|section| self.carries(section))
        {
            let _ = writeln!(text, "{words}");
        }
        text.push_str(
            "What ends a box first is the platforms: each lets in a few requests a second for each customer, so that a first sync waits for them and not for this program. After that come \
             the disk, which fills as above, and, on SQLite, its one writer. Several machines need PostgreSQL.\n",
        );
        for section in &self.sections {
            let _ = write!(text, "\n## {}\n\n", section.title);
            if bars(section).is_some() {
                let _ = write!(
                    text,
                    "![Figures as fractions of their targets](images/{})\n\n",
                    section.picture("targets")
                );
            }
            if lines(section).is_some() {
                let _ = write!(
                    text,
                    "![Latencies by the number of companies](images/{})\n\n",
                    section.picture("growth")
                );
            }
            text.push_str("| | reached | target | |\n|---|---:|---:|---|\n");
            for figure in &section.figures {
                let verdict = match figure.part {
                    Some(part) if part >= 1.0 => "yes",
                    Some(_) => "**no**",
                    None => "",
                };
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {verdict} |",
                    figure.name, figure.reached, figure.target
                );
            }
        }
        text
    }
}

fn millions(number: f64) -> String {
    format!("{} million", shown(number / 1e6, ""))
}

/// A bar for each figure with a target; the dashed line is the target.
fn bars(section: &Section) -> Option<String> {
    const ROW: usize = 22;
    let mut rows = String::new();
    let mut y = 10;
    for figure in &section.figures {
        let Some(part) = figure.part else {
            continue;
        };
        // Three times the target fills the width.
        let width = (part.min(3.0) * 150.0).max(1.0);
        let fill = if part >= 1.0 { "#0f766e" } else { "#b45309" };
        let _ = writeln!(
            rows,
            "<text x=\"440\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"450\" y=\"{y}\" width=\"{width:.0}\" height=\"14\" fill=\"{fill}\"/>\
             <text x=\"{:.0}\" y=\"{}\">{part:.2} ×</text>",
            y + 11,
            escaped(&figure.name),
            456.0 + width,
            y + 11
        );
        y += ROW;
    }
    if rows.is_empty() {
        return None;
    }
    let height = y + 20;
    let label = "Figures as fractions of their targets";
    Some(drawing(
        height,
        label,
        &format!(
            "{rows}<line x1=\"600\" x2=\"600\" y1=\"4\" y2=\"{}\" stroke=\"#1f2937\" stroke-dasharray=\"3 3\"/>\
             <text x=\"600\" y=\"{}\" text-anchor=\"middle\">target</text>",
            height - 22,
            height - 8
        ),
    ))
}

/// Latencies, in milliseconds, over the number of companies, which grows by powers.
fn lines(section: &Section) -> Option<String> {
    const COLOURS: [&str; 5] = ["#0f766e", "#b45309", "#1d4ed8", "#7e22ce", "#be123c"];
    const TOP: f64 = 20.0;
    const BOTTOM: f64 = 240.0;
    let sizes = &section.growth;
    let (Some((least, first)), Some((most, _))) = (sizes.first(), sizes.last()) else {
        return None;
    };
    if least == most {
        return None;
    }
    let millis = |wait: std::time::Duration| wait.as_secs_f64() * 1e3;
    let highest = sizes
        .iter()
        .flat_map(|(_, latencies)| latencies.all())
        .map(|(_, wait)| millis(wait))
        .fold(0.1, f64::max);
    let log = |size: usize| (size as f64).ln();
    let x = |size: usize| 70.0 + 560.0 * (log(size) - log(*least)) / (log(*most) - log(*least));
    let y = |wait: f64| BOTTOM - (BOTTOM - TOP) * wait / highest;
    let mut text = format!(
        "<line x1=\"70\" x2=\"630\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\" stroke=\"#9ca3af\"/>\n"
    );
    for part in [0.0, 0.5, 1.0] {
        let wait = highest * part;
        let _ = writeln!(
            text,
            "<text x=\"62\" y=\"{:.0}\" text-anchor=\"end\">{wait:.1} ms</text>",
            y(wait) + 4.0
        );
    }
    for (size, _) in sizes {
        let _ = writeln!(
            text,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            x(*size),
            BOTTOM + 18.0,
            shown(*size as f64, "")
        );
    }
    for (place, ((name, _), colour)) in first.all().iter().zip(COLOURS).enumerate() {
        let points: Vec<String> = sizes
            .iter()
            .map(|(size, latencies)| {
                let wait = millis(latencies.all()[place].1);
                format!("{:.0},{:.0}", x(*size), y(wait))
            })
            .collect();
        let at = TOP + 20.0 * place as f64;
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <line x1=\"660\" x2=\"680\" y1=\"{at}\" y2=\"{at}\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"686\" y=\"{:.0}\">{}</text>",
            points.join(" "),
            at + 4.0,
            escaped(name)
        );
    }
    let label = "Latencies by the number of companies";
    Some(drawing(280, label, &text))
}

fn drawing(height: usize, label: &str, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#1f2937\" \
         role=\"img\" aria-label=\"{label}\">\n<rect width=\"960\" height=\"{height}\" fill=\"#fff\"/>\n{content}\n</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
