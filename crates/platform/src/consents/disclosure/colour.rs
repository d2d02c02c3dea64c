//! A client's colour, and the contrast that keeps pages readable in it (WCAG 2.2 § 1.4.3, § 1.4.11).

/// The least contrast of text against what it stands on.
pub const LEAST: f64 = 4.5;

/// The grounds of the hosted pages' cards.
const LIGHT: Colour = Colour([0xff, 0xff, 0xff]);
const DARK: Colour = Colour([0x17, 0x1b, 0x21]);

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// Reads `#0f5f7d`.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// The relative luminance, from 0 (black) to 1 (white).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast with another colour, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The colour moved towards another: 0 leaves it, 100 is the other.
    fn towards(self, other: Self, percent: u32) -> Self {
        let mut mixed = self.0;
        for (part, target) in mixed.iter_mut().zip(other.0) {
            let sum = u32::from(*part) * (100 - percent) + u32::from(target) * percent;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    /// The nearest shade of it that can be read against the ground.
    fn readable_on(self, ground: Self, away: Self) -> Self {
        (0..=100)
            .map(|percent| self.towards(away, percent))
            .find(|shade| shade.contrast(ground) >= LEAST)
            .unwrap_or(away)
    }

    /// Says what is wrong with a client's colour on the pages: its links are text on white, and its buttons carry white text.
    ///
    /// # Errors
    /// The contrast is too low; the message names the nearest shade that would do.
    pub fn check(self) -> Result<(), String> {
        let contrast = self.contrast(LIGHT);
        if contrast >= LEAST {
            return Ok(());
        }
        let nearest = self.readable_on(LIGHT, Self([0, 0, 0]));
        Err(format!(
            "{self} can't be read on white, nor white on it: their contrast is {contrast:.2}, and WCAG AA needs {LEAST}. The nearest shade that has it is {nearest}."
        ))
    }

    /// The rules that put it in the place of the pages' own accent, in both colour schemes.
    pub fn style_sheet(self) -> String {
        let black = Self([0, 0, 0]);
        let deep = self.towards(black, 22);
        let bright = self.readable_on(DARK, LIGHT);
        let brighter = bright.towards(LIGHT, 35);
        format!(
            ":root {{ --accent: {self}; --accent-deep: {deep}; --on-accent: {LIGHT}; --wash: {wash}; }}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ --accent: {bright}; --accent-deep: {brighter}; --on-accent: {on}; --wash: {dark_wash}; }} }}\n",
            wash = self.towards(LIGHT, 93),
            on = if bright.contrast(black) >= LEAST {
                black
            } else {
                LIGHT
            },
            dark_wash = self.towards(DARK, 85),
        )
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_that_cannot_be_read_is_refused_with_one_that_can() {
        let colour = |text| Colour::read(text).unwrap();
        assert!((colour("#000000").contrast(LIGHT) - 21.0).abs() < 0.01);
        assert!(colour("#0f5f7d").check().is_ok());
        assert!(colour("#767676").check().is_ok() && colour("#777777").check().is_err());
        let message = colour("#ffcc00").check().unwrap_err();
        let nearest = message.split("has it is ").nth(1).unwrap();
        assert!(
            colour(nearest.trim_end_matches('.')).check().is_ok(),
            "{message}"
        );
        for wrong in ["ffcc00", "#fc0", "#ffcc0g", "red", ""] {
            assert_eq!(Colour::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_colour_that_is_allowed_is_readable_in_the_dark_too() {
        for number in (0..0x0100_0000_u32).step_by(4099) {
            let [_, red, green, blue] = number.to_be_bytes();
            let bright = Colour([red, green, blue]).readable_on(DARK, LIGHT);
            assert!(bright.contrast(DARK) >= LEAST, "{bright}");
            let black = Colour([0, 0, 0]);
            assert!(
                bright.contrast(black).max(bright.contrast(LIGHT)) >= LEAST,
                "{bright}"
            );
        }
    }
}
