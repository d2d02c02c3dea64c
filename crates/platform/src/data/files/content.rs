//! The name of a file, and its content: of the type that the name says, by the bytes themselves.

/// In characters.
const LONGEST_NAME: usize = 200;

/// The types that are taken, by their extensions.
pub const EXTENSIONS: [&str; 12] = [
    "pdf", "xls", "xlsx", "xlsb", "csv", "doc", "docx", "ppt", "pptx", "jpeg", "jpg", "png",
];

/// Bytes at a file's beginning that are looked at.
const HEAD: usize = 1_024;

/// The beginning of every zip archive, in which newer office documents are.
const ZIP: &[u8] = b"PK\x03\x04";
/// That of every compound file, in which older ones are.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const PNG: &[u8] = b"\x89PNG\r\n\x1A\n";
const JPEG: &[u8] = b"\xFF\xD8\xFF";
const PDF: &[u8] = b"%PDF-";
const UTF8: &[u8] = b"\xEF\xBB\xBF";

/// A file's name without its folders and without characters that show it as another one than it is. None if that leaves nothing, or
/// more than a name may have.
pub(super) fn own_name(given: &str) -> Option<String> {
    // On one system a colon parts folders, on another it hides a second file behind the first.
    let last = given.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = last.chars().filter(|c| !hides(*c)).collect();
    let name = name.trim();
    let fits = !name.trim_matches('.').is_empty() && name.chars().count() <= LONGEST_NAME;
    fits.then(|| name.to_owned())
}

/// The type that a name says.
pub(super) fn extension(name: &str) -> Option<&'static str> {
    let (stem, given) = name.rsplit_once('.')?;
    let found = EXTENSIONS
        .iter()
        .find(|own| own.eq_ignore_ascii_case(given));
    found.copied().filter(|_| !stem.is_empty())
}

/// Looks at a file's bytes as they come.
#[derive(Debug)]
pub(super) struct Look {
    extension: &'static str,
    head: Vec<u8>,
    /// The last bytes of the piece before: a word may begin in one piece and end in the next.
    tail: Vec<u8>,
    found: bool,
    is_text: bool,
    /// A surrogate whose second half has not come yet.
    is_open: bool,
}

impl Look {
    pub(super) fn new(extension: &'static str) -> Self {
        Self {
            extension,
            head: Vec::new(),
            tail: Vec::new(),
            found: false,
            is_text: true,
            is_open: false,
        }
    }

    pub(super) fn at(&mut self, piece: &[u8]) {
        let missing = HEAD - self.head.len();
        self.head
            .extend_from_slice(&piece[..missing.min(piece.len())]);
        if self.extension == "csv" {
            self.read(piece);
            return;
        }
        if self.found || self.word().is_empty() {
            return;
        }
        let word = self.word();
        self.tail.extend_from_slice(piece);
        self.found = holds(&self.tail, &word);
        let kept = self.tail.len().saturating_sub(word.len());
        self.tail.drain(..kept);
    }

    /// Reads the next piece of a text, of which `tail` keeps what isn't a whole character yet.
    fn read(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(piece);
        let Some(mark) = self.head.first_chunk::<2>() else {
            return;
        };
        let unit = match mark {
            b"\xFF\xFE" => u16::from_le_bytes,
            b"\xFE\xFF" => u16::from_be_bytes,
            _ => {
                self.is_text &= !self.tail.iter().any(|byte| is_odd(u16::from(*byte)));
                self.tail.clear();
                return;
            }
        };
        let (pairs, rest) = self.tail.as_chunks::<2>();
        for pair in pairs {
            let unit = unit(*pair);
            let is_second = matches!(unit, 0xDC00..=0xDFFF);
            self.is_text &= !is_odd(unit) && is_second == self.is_open;
            self.is_open = matches!(unit, 0xD800..=0xDBFF);
        }
        self.tail = rest.to_vec();
    }

    /// A name that the type's documents have in them, and no other's.
    fn word(&self) -> Vec<u8> {
        let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        match self.extension {
            "docx" => b"word/document".to_vec(),
            "xlsx" => b"xl/workbook.xml".to_vec(),
            "xlsb" => b"xl/workbook.bin".to_vec(),
            "pptx" => b"ppt/presentation.xml".to_vec(),
            "doc" => wide("WordDocument"),
            "ppt" => wide("PowerPoint Document"),
            // `Workbook`, and `Book` before 1997.
            "xls" => wide("ook"),
            _ => Vec::new(),
        }
    }

    /// True if all that was looked at is a file of its type.
    pub(super) fn fits(&self) -> bool {
        let head = self.head.as_slice();
        let begins = |mark: &[u8]| head.starts_with(mark);
        match self.extension {
            "pdf" => {
                let bare = head.strip_prefix(UTF8).unwrap_or(head);
                bare.trim_ascii_start().starts_with(PDF)
            }
            "png" => begins(PNG),
            "jpg" | "jpeg" => begins(JPEG),
            "docx" | "xlsx" | "xlsb" | "pptx" => begins(ZIP) && self.found,
            "doc" | "xls" | "ppt" => begins(COMPOUND) && self.found,
            "csv" => {
                let bare = head.strip_prefix(UTF8).unwrap_or(head).trim_ascii_start();
                // Text of another type: a page, a document, a script.
                let others: [&[u8]; 5] = [b"<", PDF, b"{\\rtf", b"#!", b"PK\x03"];
                let is_whole = self.tail.iter().all(|byte| !is_odd(u16::from(*byte)))
                    && !self.is_open
                    && (self.tail.is_empty() || head.len() < 2);
                self.is_text && is_whole && !others.iter().any(|other| bare.starts_with(other))
            }
            _ => false,
        }
    }
}

/// A control character that no text has.
fn is_odd(unit: u16) -> bool {
    unit < 0x20 && !matches!(unit, 0x09 | 0x0A | 0x0C | 0x0D)
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_is_left_without_folders_and_disguises() {
        for (given, name) in [
            ("books.pdf", Some("books.pdf")),
            ("C:\\Users\\kim\\books.pdf", Some("books.pdf")),
            ("../../etc/books.pdf", Some("books.pdf")),
            ("books\u{202E}fdp.exe", Some("booksfdp.exe")),
            ("a\r\nb.csv", Some("ab.csv")),
            ("a\u{200B}\u{61C}b.csv", Some("ab.csv")),
            ("run.exe:books.pdf", Some("books.pdf")),
            ("../..", None),
            ("", None),
        ] {
            assert_eq!(own_name(given).as_deref(), name, "{given:?}");
        }
        assert_eq!(own_name(&"x".repeat(201)), None);
        assert_eq!(extension("Books.PDF"), Some("pdf"));
        assert_eq!(extension("books.pdf.exe"), None);
        assert_eq!(extension(".pdf"), None);
    }

    fn fits(extension: &'static str, pieces: &[&[u8]]) -> bool {
        let mut look = Look::new(extension);
        for piece in pieces {
            look.at(piece);
        }
        look.fits()
    }

    #[test]
    fn a_type_is_known_by_its_bytes_also_across_pieces() {
        assert!(fits("pdf", &[b"%PD", b"F-1.7\n"]));
        assert!(fits("xlsx", &[b"PK\x03\x04....xl/work", b"book.xml...."]));
        assert!(!fits("docx", &[b"PK\x03\x04....xl/work", b"book.xml...."]));
        assert!(!fits("xlsb", &[b"PK\x03\x04....xl/workbook.xml"]));
        let word: Vec<u8> = "WordDocument"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(fits("doc", &[COMPOUND, &word]));
        assert!(!fits("ppt", &[COMPOUND, &word]));
        assert!(fits("csv", &["a;b\r\nJönköping;1\r\n".as_bytes()]));
        assert!(fits("csv", &[b"\xFF\xFEa\0;\0b\0"]));
        assert!(fits("csv", &[b"\xFE", b"\xFF\0a\xD8", b"\x3D\xDE\0"]));
        // Marked as such, and other bytes: half a character, a lone half of a pair, control characters.
        assert!(!fits("csv", &[b"\xFF\xFEa\0;"]));
        assert!(!fits("csv", &[b"\xFF\xFE\x3D\xD8a\0"]));
        assert!(!fits("csv", &[b"\xFF\xFE\x01\0"]));
        assert!(!fits("csv", &[b"\0"]));
        assert!(!fits("csv", &[b"a;b\0c"]));
        assert!(!fits("csv", &[b" <!doctype html>"]));
        for extension in EXTENSIONS {
            assert!(!fits(
                extension,
                &[b"MZ\x90\0\x03\0\0\0 This program cannot"]
            ));
        }
    }
}
