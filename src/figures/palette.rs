//! Colours that meet in a figure can be told apart, by readers with normal sight and by those who see no green or no red
//! (Machado 2009 at full strength), measured as CIEDE2000; states also in grey print, by lightness.

use super::colour::Colour;
use super::theme;

/// Least CIEDE2000 distance of two colours that meet.
const APART: f64 = 10.0;
/// Least difference in lightness of two states that meet, for grey print: 3.5, rounded.
const LIGHTER: f64 = 3.4;

const DEUTERANOPIA: [[f64; 3]; 3] = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];
const PROTANOPIA: [[f64; 3]; 3] = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];
const TO_XYZ: [[f64; 3]; 3] = [
    [0.412_456_4, 0.357_576_1, 0.180_437_5],
    [0.212_672_9, 0.715_152_2, 0.072_175_0],
    [0.019_333_9, 0.119_192_0, 0.950_304_1],
];

fn times(m: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|row| (0..3).map(|column| m[row][column] * v[column]).sum())
}

/// CIE L*a*b* of linear sRGB light under D65.
fn lab(light: [f64; 3]) -> [f64; 3] {
    let xyz = times(&TO_XYZ, light.map(|v| v.clamp(0.0, 1.0)));
    let white = [0.950_47, 1.0, 1.088_83];
    let f = |i: usize| {
        let v = xyz[i] / white[i];
        if v > 216.0 / 24_389.0 {
            libm::cbrt(v)
        } else {
            (24_389.0 / 27.0 * v + 16.0) / 116.0
        }
    };
    [
        116.0 * f(1) - 16.0,
        500.0 * (f(0) - f(1)),
        200.0 * (f(1) - f(2)),
    ]
}

fn ciede2000(one: [f64; 3], two: [f64; 3]) -> f64 {
    let pow7 = |v: f64| libm::pow(v, 7.0);
    let chroma = |c: [f64; 3]| libm::hypot(c[1], c[2]);
    let mean = (chroma(one) + chroma(two)) / 2.0;
    let g = 0.5 * (1.0 - libm::sqrt(pow7(mean) / (pow7(mean) + pow7(25.0))));
    let polar = |c: [f64; 3]| {
        let a = c[1] * (1.0 + g);
        let hue = libm::atan2(c[2], a).to_degrees();
        (
            libm::hypot(a, c[2]),
            if hue < 0.0 { hue + 360.0 } else { hue },
        )
    };
    let ((c1, h1), (c2, h2)) = (polar(one), polar(two));
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        d if d > 180.0 => d - 360.0,
        d if d < -180.0 => d + 360.0,
        d => d,
    };
    let (dl, dc) = (two[0] - one[0], c2 - c1);
    let dh = 2.0 * libm::sqrt(c1 * c2) * libm::sin((turn / 2.0).to_radians());
    let (l, c) = ((one[0] + two[0]) / 2.0, (c1 + c2) / 2.0);
    let hue = if grey {
        h1 + h2
    } else if (h1 - h2).abs() <= 180.0 {
        (h1 + h2) / 2.0
    } else if h1 + h2 < 360.0 {
        (h1 + h2 + 360.0) / 2.0
    } else {
        (h1 + h2 - 360.0) / 2.0
    };
    let cos = |degrees: f64| libm::cos(degrees.to_radians());
    let t = 1.0 - 0.17 * cos(hue - 30.0) + 0.24 * cos(2.0 * hue) + 0.32 * cos(3.0 * hue + 6.0)
        - 0.20 * cos(4.0 * hue - 63.0);
    let away = (hue - 275.0) / 25.0;
    let rotation = -libm::sin((60.0 * libm::exp(-away * away)).to_radians())
        * 2.0
        * libm::sqrt(pow7(c) / (pow7(c) + pow7(25.0)));
    let from_grey = (l - 50.0) * (l - 50.0);
    let (sl, sc, sh) = (
        1.0 + 0.015 * from_grey / libm::sqrt(20.0 + from_grey),
        1.0 + 0.045 * c,
        1.0 + 0.015 * c * t,
    );
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    libm::sqrt(l * l + c * c + h * h + rotation * c * h)
}

/// The smallest distance over three kinds of sight.
fn distance(one: Colour, two: Colour) -> f64 {
    let seen = |c: Colour| {
        let light = c.linear();
        [
            lab(light),
            lab(times(&DEUTERANOPIA, light)),
            lab(times(&PROTANOPIA, light)),
        ]
    };
    seen(one)
        .into_iter()
        .zip(seen(two))
        .map(|(a, b)| ciede2000(a, b))
        .fold(f64::INFINITY, f64::min)
}

fn lightness(colour: Colour) -> f64 {
    lab(colour.linear())[0]
}

/// Every pair of the list is at least `apart` apart.
fn check(list: &[(&str, Colour)], apart: f64) {
    for (i, (a, one)) in list.iter().enumerate() {
        for (b, two) in &list[i + 1..] {
            let distance = distance(*one, *two);
            assert!(distance >= apart, "{a} and {b} are {distance:.1} apart");
        }
    }
}

#[test]
fn the_formula_gives_published_values() {
    // Pairs 1 and 7 of Sharma, Wu and Dalal (2005).
    let near = |a: f64, b: f64| (a - b).abs() < 1e-4;
    assert!(near(
        ciede2000([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]),
        2.0425
    ));
    assert!(near(ciede2000([50.0, 0.0, 0.0], [50.0, -1.0, 2.0]), 2.3669));
}

#[test]
fn states_are_distinct_unless_listed_as_alike() {
    for (i, (a, one)) in theme::STATES.iter().enumerate() {
        for (b, two) in &theme::STATES[i + 1..] {
            let listed = theme::ALIKE
                .iter()
                .any(|pair| *pair == (*a, *b) || *pair == (*b, *a));
            let distance = distance(*one, *two);
            assert_eq!(
                distance < APART,
                listed,
                "{a} and {b} are {distance:.1} apart"
            );
        }
    }
}

#[test]
fn states_of_a_stage_differ_in_grey_print() {
    let mining = [
        "CN",
        "US",
        "AU",
        "MM",
        "TH",
        "IN",
        "RU",
        "MY",
        "KZ",
        theme::REST,
    ];
    let separation = ["CN", "MY", "US", "AU", "EU", "IN", "KZ", theme::REST];
    let magnets = ["CN", "JP", "VN", "US", "EU", "KR", "GB", theme::REST];
    for stage in [&mining[..], &separation, &magnets] {
        for (i, a) in stage.iter().enumerate() {
            for b in &stage[i + 1..] {
                let step = (lightness(theme::state(a)) - lightness(theme::state(b))).abs();
                assert!(
                    step >= LIGHTER,
                    "{a} and {b} differ by {step:.1} in lightness"
                );
            }
        }
    }
}

#[test]
fn elements_stages_sectors_and_strategies_are_distinct() {
    check(&theme::ELEMENTS, APART);
    check(&theme::SECTORS, APART);
    check(&theme::STAGES.map(|(id, _, colour)| (id, colour)), APART);
    let names = ["S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"];
    let strategies: Vec<(&str, Colour)> = names.into_iter().zip(theme::STRATEGIES).collect();
    check(&strategies, APART);
    check(
        &[("inside", theme::INSIDE), ("outside", theme::OUTSIDE)],
        APART,
    );
}

#[test]
fn alike_states_do_not_meet() {
    let chosen = theme::distinct(["CN", "AU", "KR", "ROW", "CA", "LA", "US"], 4);
    assert_eq!(chosen, ["CN", "AU", "CA", "US"]);
}
