//! Colours of curves and bases: the palette of Okabe and Ito (2008), which readers with any kind of
//! colour blindness can distinguish. Heat maps have ColorBrewer's RdBu ([`scale`](super::scale)),
//! for the same reason.

use super::scene::Color;

/// Blue.
pub const BLUE: Color = [0x00, 0x72, 0xb2];
/// Vermillion, a red.
pub const VERMILLION: Color = [0xd5, 0x5e, 0x00];
/// Bluish green.
pub const GREEN: Color = [0x00, 0x9e, 0x73];
/// Reddish purple.
pub const PURPLE: Color = [0xcc, 0x79, 0xa7];
/// Orange.
pub const ORANGE: Color = [0xe6, 0x9f, 0x00];
/// Sky blue.
pub const SKY: Color = [0x56, 0xb4, 0xe9];
/// Black.
pub const BLACK: Color = [0x00, 0x00, 0x00];

/// Colours of curves, in the order of their use. Its yellow is left out: on white it is too pale for
/// a line.
pub const CURVES: [Color; 7] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK];

/// Colours of A, C, G and T: the usual green, blue, orange and red.
pub const BASES: [Color; 4] = [GREEN, BLUE, ORANGE, VERMILLION];

/// A tint of a colour: half way to white and beyond, for a curve behind another one.
pub const fn tint(color: Color) -> Color {
    let [red, green, blue] = color;
    [pale(red), pale(green), pale(blue)]
}

const fn pale(part: u8) -> u8 {
    255 - (255 - part) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_differ() {
        for (place, color) in CURVES.iter().enumerate() {
            assert!(!CURVES[..place].contains(color), "{color:?}");
        }
        assert_eq!(tint(BLACK), [170; 3]);
        assert_eq!(tint([255; 3]), [255; 3]);
    }
}
