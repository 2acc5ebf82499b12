//! Everything that decides the look: sizes, thicknesses, colours. Change a number here only after looking at the figures.
//!
//! Sizes are logical px; a figure is 800 px wide, which is 170 mm in print (the text block of A4).

use super::colour::Colour;

/// Width of every figure, px.
pub const WIDTH: f64 = 800.0;
/// Height of a figure with one panel, px.
pub const HEIGHT: f64 = 470.0;
/// White margin on all four sides, px.
pub const MARGIN: f64 = 14.0;

/// Size of the title, px, set in semibold.
pub const TITLE: f64 = 20.0;
/// Distance of two lines of the title, px.
pub const TITLE_LINE: f64 = 24.0;
/// Size of the subtitle, px.
pub const SUBTITLE: f64 = 14.0;
/// Distance of two lines of the subtitle, px.
pub const SUBTITLE_LINE: f64 = 18.0;
/// Size of the labels of series, rows and panels, px.
pub const LABEL: f64 = 13.5;
/// Size of tick numbers, policy labels and heads of cells, px.
pub const TICK: f64 = 12.5;
/// Size of the footer and of small notes, px.
pub const NOTE: f64 = 11.0;

/// Thickness of a median or other main line, px.
pub const MAIN_LINE: f64 = 2.4;
/// Thickness of grid lines, px.
pub const GRID_LINE: f64 = 0.8;
/// Thickness of axes and of the zero line, px.
pub const AXIS_LINE: f64 = 1.0;
/// Thickness of 'no difference' and of the central case, px.
pub const ZERO_LINE: f64 = 1.2;
/// Thickness of the leader from a line to its label, px.
pub const LEADER_LINE: f64 = 0.9;
/// White line between neighbouring layers of a stacked area, px.
pub const LAYER_GAP: f64 = 1.1;
/// Opacity of the 90% band.
pub const OUTER_BAND: f64 = 0.17;
/// Opacity of the 50% band.
pub const INNER_BAND: f64 = 0.30;
/// On and off length of a dash, px.
pub const DASH: (f64, f64) = (7.0, 3.5);

/// Titles, important labels, dots of history.
pub const INK: Colour = Colour::hex(0x1B_1F23);
/// Subtitles.
pub const SOFT_INK: Colour = Colour::hex(0x45_4B52);
/// Ticks, footers, second lines of labels.
pub const MUTED: Colour = Colour::hex(0x62_6970);
/// Axes and the strips of policies.
pub const AXIS: Colour = Colour::hex(0x7A_8289);
/// Grid lines.
pub const GRID: Colour = Colour::hex(0xDF_E3E6);
/// Rows that play no part (dominated).
pub const FADED: Colour = Colour::hex(0xA9_AFB5);
/// Paper.
pub const WHITE: Colour = Colour::hex(0xFF_FFFF);
/// A policy in force, drawn at [`POLICY_OPACITY`].
pub const POLICY: Colour = Colour::hex(0x55_616C);
/// Opacity of a policy in force; darker where two overlap.
pub const POLICY_OPACITY: f64 = 0.09;
/// Hatch between announcement and effect.
pub const HATCH: Colour = Colour::hex(0xCF_D4D8);

/// Inside the focal state, always dashed.
pub const INSIDE: Colour = Colour::hex(0xAD_320A);
/// Outside the focal state.
pub const OUTSIDE: Colour = Colour::hex(0x1B_7FA6);

/// Code of the rest of the world.
pub const REST: &str = "ROW";

/// States in the fixed order of flow figures, each with its colour.
pub const STATES: [(&str, Colour); 20] = [
    ("CN", Colour::hex(0xAD_320A)),
    ("MM", Colour::hex(0x77_1A03)),
    ("MY", Colour::hex(0xC8_9701)),
    ("VN", Colour::hex(0xF7_BB2E)),
    ("TH", Colour::hex(0xAB_7B5B)),
    ("ID", Colour::hex(0xC7_DAA4)),
    ("PH", Colour::hex(0x1E_6758)),
    ("LA", Colour::hex(0xD9_9C95)),
    ("JP", Colour::hex(0x4D_284B)),
    ("KR", Colour::hex(0x8E_5C75)),
    ("EU", Colour::hex(0x15_7FBD)),
    ("GB", Colour::hex(0xA1_ADE4)),
    ("US", Colour::hex(0x06_4883)),
    ("CA", Colour::hex(0xE5_868E)),
    ("BR", Colour::hex(0xB7_BF73)),
    ("AU", Colour::hex(0x29_766F)),
    ("IN", Colour::hex(0x62_9E83)),
    ("RU", Colour::hex(0xD9_8FD2)),
    ("KZ", Colour::hex(0x3C_2523)),
    (REST, Colour::hex(0xCC_D0D3)),
];

/// Groups of elements.
pub const ELEMENTS: [(&str, Colour); 6] = [
    ("Dy-Tb", Colour::hex(0x8E_1B2B)),
    ("NdPr", Colour::hex(0x1F_7FD0)),
    ("La-Ce", Colour::hex(0xF2_CF5B)),
    ("Sm-Eu-Gd", Colour::hex(0x4D_116D)),
    ("Y", Colour::hex(0x4D_B88A)),
    ("other", Colour::hex(0xAC_7B4F)),
];

/// Groups of end uses, in the order of panels.
pub const SECTORS: [(&str, Colour); 10] = [
    ("mobility", Colour::hex(0x1F_7FD0)),
    ("energy", Colour::hex(0x4D_B88A)),
    ("electronics", Colour::hex(0xF2_CF5B)),
    ("industry", Colour::hex(0x8C_98A4)),
    ("buildings", Colour::hex(0x23_356E)),
    ("catalysts", Colour::hex(0x1A_6A6E)),
    ("glass", Colour::hex(0x5F_BEEB)),
    ("materials", Colour::hex(0xC2_6A2E)),
    ("defence", Colour::hex(0x8E_1B2B)),
    ("other", Colour::hex(0xCC_D0D3)),
];

/// States whose colours are too alike to meet in one figure: the smaller of the two is added to the rest of the world.
pub const ALIKE: [(&str, &str); 8] = [
    ("CA", "LA"),
    ("KR", "AU"),
    ("GB", "RU"),
    ("IN", "LA"),
    ("CA", "IN"),
    ("AU", "PH"),
    ("BR", "ID"),
    ("KR", "PH"),
];

/// Stages from mine to magnet, and back by recycling.
pub const STAGES: [(&str, &str, Colour); 5] = [
    ("mine", "Mining", Colour::hex(0x94_4D0D)),
    ("separation", "Separation", Colour::hex(0x19_83C9)),
    ("metal", "Metal and alloy", Colour::hex(0xE3_C53C)),
    ("magnet", "Magnets", Colour::hex(0x6A_0318)),
    ("recycling", "Recycling", Colour::hex(0x66_AE77)),
];

/// Strategies in the order of their arms: the first is the reference, grey and dashed.
pub const STRATEGIES: [Colour; 8] = [
    Colour::hex(0x39_434C),
    Colour::hex(0x12_68BE),
    Colour::hex(0xD4_702B),
    Colour::hex(0x4F_BFAE),
    Colour::hex(0xCC_5A76),
    Colour::hex(0x35_127A),
    Colour::hex(0x2F_5A1E),
    Colour::hex(0xE2_B93B),
];

/// Ramp of amounts, from none to most.
pub const RAMP: [Colour; 3] = [
    Colour::hex(0xF3_F7FA),
    Colour::hex(0x86_B7DC),
    Colour::hex(0x0A_3D6B),
];
/// Ramp of signed values: negative, none, positive.
pub const SIGNED: [Colour; 3] = [
    Colour::hex(0xA8_401F),
    Colour::hex(0xF4_F4F2),
    Colour::hex(0x14_578F),
];

/// Colour of a state; one that is not in the list is drawn as rest of the world.
#[must_use]
pub fn state(code: &str) -> Colour {
    find(&STATES, code).unwrap_or(STATES[STATES.len() - 1].1)
}

/// Position of a state in the fixed order; unknown codes come last but for the rest of the world.
#[must_use]
pub fn state_rank(code: &str) -> usize {
    if code == REST {
        return usize::MAX;
    }
    STATES
        .iter()
        .position(|(c, _)| *c == code)
        .unwrap_or(STATES.len())
}

/// The first `most` of the states, given from large to small, whose colours may meet in one figure; the rest of the world is left out.
#[must_use]
pub fn distinct<T: AsRef<str>>(states: impl IntoIterator<Item = T>, most: usize) -> Vec<T> {
    let mut chosen: Vec<T> = Vec::new();
    for state in states {
        let code = state.as_ref();
        let alike = |other: &T| {
            ALIKE
                .iter()
                .any(|(a, b)| [(*a, *b), (*b, *a)].contains(&(code, other.as_ref())))
        };
        if chosen.len() < most && code != REST && !chosen.iter().any(alike) {
            chosen.push(state);
        }
    }
    chosen
}

/// Colour of a group of end uses.
#[must_use]
pub fn sector(group: &str) -> Colour {
    find(&SECTORS, group).unwrap_or(SECTORS[SECTORS.len() - 1].1)
}

/// Colour of a stage.
#[must_use]
pub fn stage(id: &str) -> Colour {
    STAGES
        .iter()
        .find(|(s, _, _)| *s == id)
        .map_or(AXIS, |(_, _, colour)| *colour)
}

/// What is done in a stage, within a sentence: `magnet making`.
#[must_use]
pub fn doing(name: &str) -> &'static str {
    match name {
        "Mining" => "mining",
        "Separation" => "separation",
        "Metal and alloy" => "metal making",
        "Magnets" => "magnet making",
        "Recycling" => "recycling",
        _ => "the whole chain",
    }
}

/// Colour of a group of elements.
#[must_use]
pub fn element(group: &str) -> Colour {
    find(&ELEMENTS, group).unwrap_or(ELEMENTS[ELEMENTS.len() - 1].1)
}

fn find(list: &[(&str, Colour)], key: &str) -> Option<Colour> {
    list.iter()
        .find(|(k, _)| *k == key)
        .map(|(_, colour)| *colour)
}
