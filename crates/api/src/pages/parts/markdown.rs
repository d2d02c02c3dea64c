//! Markdown of a manifest → HTML that is safe to show: raw HTML is dropped, links lead to web pages only.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};
use url::Url;

/// Headings come out below those of the page.
pub(crate) fn to_html(text: &str) -> String {
    let mut links = Vec::new();
    let events = Parser::new(text).filter_map(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => None,
        Event::Start(Tag::HtmlBlock | Tag::Image { .. })
        | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Some(Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        })),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let start = link(&dest_url);
            links.push(start.is_some());
            start.map(|start| Event::InlineHtml(CowStr::from(start)))
        }
        Event::End(TagEnd::Link) => links
            .pop()
            .unwrap_or(false)
            .then_some(Event::InlineHtml(CowStr::Borrowed("</a>"))),
        other => Some(other),
    });
    let mut written = String::new();
    html::push_html(&mut written, events);
    written
}

/// The words without their markup, on one line.
pub(crate) fn to_text(text: &str) -> String {
    let mut words = String::new();
    for event in Parser::new(text) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => words.push(' '),
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ")
}

const fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 | HeadingLevel::H3 => HeadingLevel::H3,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H4,
    }
}

/// Opens beside the page, which would be lost otherwise.
fn link(to: &str) -> Option<String> {
    let url = Url::parse(to)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"))?;
    let href = url
        .as_str()
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('<', "&lt;");
    Some(format!(
        "<a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer\">"
    ))
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn what_people_write_is_kept() {
        assert_eq!(
            to_html(
                "# One\n\nGo to [settings](https://a.example/x?a=1&b='2') and **allow** `API`.\n\n1. a\n2. b\n"
            ),
            "<h3>One</h3>\n<p>Go to <a href=\"https://a.example/x?a=1&amp;b=%272%27\" target=\"_blank\" \
             rel=\"noopener noreferrer\">settings</a> and <strong>allow</strong> <code>API</code>.</p>\n<ol>\n\
             <li>a</li>\n<li>b</li>\n</ol>\n"
        );
    }

    #[test]
    fn nothing_that_could_run_comes_through() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<svg/onload=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x](java\nscript:alert(1))",
            "![x](https://a.example/p.png)",
            "![x](javascript:alert(1))",
            "<javascript:alert(1)>",
            "[a]: javascript:alert(1)\n\n[a]",
            "<div\nonclick=alert(1)>\n\n<p>x",
            "`<script>alert(1)</script>`",
            "[x](https://a.example/\"onmouseover=\"alert(1))",
            "[x](https://a.example/'onmouseover='alert(1) \"title\" onclick=1\")",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ] {
            let html = to_html(text);
            for tag in html
                .split('<')
                .skip(1)
                .map(|rest| rest.split('>').next().unwrap())
            {
                let plain = ["p", "/p", "code", "/code", "/a"].contains(&tag);
                let link = tag.starts_with("a href=\"https://a.example/")
                    && tag.matches('"').count() == 6
                    && !tag.contains('\'');
                assert!(plain || link, "{text} became {html}");
            }
        }
    }
}
