//! The page that the bench writes: docs/PERFORMANCE.md, and its picture.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

/// A figure beside its target.
pub(crate) struct Figure {
    pub(crate) name: String,
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
            reached: shown(value, unit),
            target: format!("≥ {}", shown(target, unit)),
            part: Some(value / target),
        }
    }

    /// At most `target`.
    pub(crate) fn at_most(name: impl Into<String>, value: f64, target: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
            reached: shown(value, unit),
            target: format!("≤ {}", shown(target, unit)),
            part: Some(target / value),
        }
    }

    pub(crate) fn plain(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self {
            name: name.into(),
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

pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) settings: String,
    pub(crate) sections: Vec<(String, Vec<Figure>)>,
}

impl Report {
    pub(crate) fn write(&self, docs: &Path) -> Result<()> {
        fs::create_dir_all(docs.join("images"))?;
        fs::write(docs.join("images/performance.svg"), self.picture())?;
        fs::write(docs.join("PERFORMANCE.md"), self.page())?;
        Ok(())
    }

    fn page(&self) -> String {
        let mut text = format!(
            "# Performance\n\nWritten by `cargo xtask bench`; don't edit. {}\n\n{}\n\nFigures of two machines can't be compared; ratios of one run can. The load \
             generator shares the cores with the servers that it measures. Each figure is the median of five runs.\n\n\
             ![Figures as fractions of their targets](images/performance.svg)\n",
            self.machine, self.settings
        );
        for (title, figures) in &self.sections {
            let _ = write!(
                text,
                "\n## {title}\n\n| | reached | target | |\n|---|---:|---:|---|\n"
            );
            for figure in figures {
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

    /// A bar for each figure with a target, below its section's name: the line is the target.
    fn picture(&self) -> String {
        const ROW: usize = 22;
        let mut rows = String::new();
        let mut y = 10;
        for (title, figures) in &self.sections {
            let mut bars = figures
                .iter()
                .filter_map(|figure| Some((escaped(&figure.name), figure.part?)))
                .peekable();
            if bars.peek().is_none() {
                continue;
            }
            let _ = writeln!(
                rows,
                "<text x=\"390\" y=\"{}\" text-anchor=\"end\" font-weight=\"bold\">{}</text>",
                y + 11,
                escaped(title)
            );
            y += ROW;
            for (name, part) in bars {
                // Three times the target fills the width.
                let width = (part.min(3.0) * 150.0).max(1.0);
                let fill = if part >= 1.0 { "#0f766e" } else { "#b45309" };
                let _ = writeln!(
                    rows,
                    "<text x=\"390\" y=\"{}\" text-anchor=\"end\">{name}</text>\
                     <rect x=\"400\" y=\"{y}\" width=\"{width:.0}\" height=\"14\" fill=\"{fill}\"/>\
                     <text x=\"{:.0}\" y=\"{}\">{part:.2} ×</text>",
                    y + 11,
                    406.0 + width,
                    y + 11
                );
                y += ROW;
            }
        }
        let height = y + 20;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 920 {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#1f2937\" \
             role=\"img\" aria-label=\"Figures as fractions of their targets\">\n<rect width=\"920\" height=\"{height}\" fill=\"#fff\"/>\n{rows}\
             <line x1=\"550\" x2=\"550\" y1=\"4\" y2=\"{}\" stroke=\"#1f2937\" stroke-dasharray=\"3 3\"/>\
             <text x=\"550\" y=\"{}\" text-anchor=\"middle\">target</text>\n</svg>\n",
            height - 22,
            height - 8
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
