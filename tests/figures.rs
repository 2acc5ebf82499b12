//! Every figure, drawn from invented tables: nothing overlaps, nothing is cut, everything is said.
//! With `MONAZITE_FIGURES=DIR` the pictures are kept there, to be looked at.

#[path = "figures/sample.rs"]
mod sample;

use monazite::figures::{self, Context, Data, Figure, NotDrawn, Skip, font, png};
use monazite::record::table::Table;
use resvg::usvg::{Group, Node};
use sample::Shape;

const FULL: Shape = Shape {
    runs: 8,
    quarters: 68,
    policies: true,
};

/// Figures of experiments, whose tables in the sample are always full.
const OF_EXPERIMENTS: [&str; 6] = [
    "paired_differences",
    "cost_effectiveness",
    "strategy_heat",
    "tornado",
    "indices",
    "payoffs",
];

/// A text as drawn: what it says and the box of its outlines, px.
struct Drawn {
    text: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

fn collect(group: &Group, texts: &mut Vec<Drawn>) {
    for node in group.children() {
        match node {
            Node::Group(inner) => collect(inner, texts),
            Node::Text(text) => {
                let outlines = text.flattened().abs_bounding_box();
                texts.push(Drawn {
                    text: text.chunks().iter().map(|c| c.text()).collect(),
                    left: outlines.left(),
                    top: outlines.top(),
                    right: outlines.right(),
                    bottom: outlines.bottom(),
                });
            }
            _ => {}
        }
    }
}

/// What an editor would send back.
fn faults(figure: &Figure, context: &Context) -> Vec<String> {
    let tree = png::parse(&figure.svg).expect("the figure is valid SVG");
    let (width, height) = (tree.size().width(), tree.size().height());
    let mut texts = Vec::new();
    collect(tree.root(), &mut texts);
    let mut faults = Vec::new();
    for (i, a) in texts.iter().enumerate() {
        if a.left < 4.0 || a.top < 4.0 || a.right > width - 4.0 || a.bottom > height - 4.0 {
            faults.push(format!("`{}` is within 4 px of the edge", a.text));
        }
        for c in a.text.chars().filter(|c| !font::has_glyph(*c)) {
            faults.push(format!("`{}` has no glyph for {c:?}", a.text));
        }
        for b in &texts[i + 1..] {
            let lines = a.bottom.min(b.bottom) - a.top.max(b.top);
            let gap = a.left.max(b.left) - a.right.min(b.right);
            if lines > 0.5 && gap < 3.0 {
                faults.push(format!("`{}` and `{}` touch ({gap:.1} px)", a.text, b.text));
            }
        }
    }
    let said: Vec<&str> = texts
        .iter()
        .flat_map(|t| t.text.split_whitespace())
        .collect();
    let says = |what: &str| what.split_whitespace().all(|word| said.contains(&word));
    for (what, text) in [
        ("title", &figure.title),
        ("subtitle", &figure.subtitle),
        ("source", &context.source),
    ] {
        if text.is_empty() || !says(text.trim_end_matches('.')) && !says(&format!("{text}.")) {
            faults.push(format!("the {what} is not drawn: {text}"));
        }
    }
    let units = [
        "USD",
        "thousand t",
        "%",
        "days",
        "index",
        "0 to 1",
        "= 100",
        "over price",
        "median quarter",
    ];
    if !units.iter().any(|unit| figure.subtitle.contains(unit)) {
        faults.push(format!("no unit in the subtitle: {}", figure.subtitle));
    }
    for tag in ["<title>", "</title>", "<desc>", "</desc>"] {
        if !figure.svg.contains(tag) {
            faults.push(format!("no {tag}"));
        }
    }
    faults
}

/// Draws all figures and checks each; gives the names of those that were left out, with the reasons.
fn draw_all(data: &Data, context: &Context, label: &str) -> Vec<(&'static str, Skip)> {
    let mut skipped = Vec::new();
    let mut wrong = Vec::new();
    for entry in figures::all() {
        match entry.draw(data, context) {
            Ok(figure) => {
                assert_eq!(figure.name, entry.name);
                let found = faults(&figure, context);
                wrong.extend(
                    found
                        .into_iter()
                        .map(|fault| format!("{label}/{}: {fault}", entry.name)),
                );
            }
            Err(why) => skipped.push((entry.name, why)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    skipped
}

/// The figure that holds two strategies against each other.
const NEED_TWO: &str = "flows_before_after";

/// Whether nothing was left out but what one strategy alone cannot show.
fn but_two_strategies(skipped: &[(&str, Skip)]) -> bool {
    matches!(skipped, [(NEED_TWO, Skip::Nothing(_))])
}

#[test]
fn every_figure_is_fit_to_print() {
    let skipped = draw_all(&sample::data(FULL), &sample::context(), "policies");
    assert!(but_two_strategies(&skipped), "{skipped:?}");
}

#[test]
fn so_is_a_calm_baseline() {
    let shape = Shape {
        policies: false,
        ..FULL
    };
    let skipped = draw_all(&sample::data(shape), &sample::context(), "calm");
    assert!(but_two_strategies(&skipped), "{skipped:?}");
}

#[test]
fn and_two_strategies_side_by_side() {
    let skipped = draw_all(&sample::data(FULL), &sample::two_arms(FULL), "arms");
    assert!(skipped.is_empty(), "{skipped:?}");
}

#[test]
fn one_run_one_quarter_and_one_year_are_enough() {
    for (runs, quarters) in [(1, 68), (4, 1), (1, 1), (3, 4), (2, 9), (2, 160)] {
        let shape = Shape {
            runs,
            quarters,
            policies: true,
        };
        let label = format!("{runs} runs, {quarters} quarters");
        let skipped = draw_all(&sample::data(shape), &sample::context(), &label);
        // A single quarter has no project that starts and delivers in most runs, perhaps; all else is drawn.
        assert!(
            skipped
                .iter()
                .all(|(name, _)| NEED_TWO == *name || *name == "projects"),
            "{label}: {skipped:?}"
        );
    }
}

#[test]
fn without_data_every_figure_says_why_it_is_left_out() {
    let context = sample::context();
    let nothing = draw_all(&Data::new(), &context, "nothing");
    assert_eq!(nothing.len(), figures::all().len());
    assert!(
        nothing
            .iter()
            .all(|(_, why)| matches!(why, Skip::NoTable(_))),
        "{nothing:?}"
    );
    let empty = sample::data(Shape {
        runs: 0,
        quarters: 0,
        policies: true,
    });
    let skipped = draw_all(&empty, &context, "empty");
    // the tables of experiments in the sample do not depend on its runs
    let drawn = figures::all().len() - skipped.len();
    assert_eq!(drawn, OF_EXPERIMENTS.len(), "{skipped:?}");
    let left_out: Vec<_> = skipped.iter().map(|(name, _)| *name).collect();
    assert!(OF_EXPERIMENTS.iter().all(|name| !left_out.contains(name)));
    let mut bare = Data::new();
    bare.add(Table::new("market")).unwrap();
    assert!(matches!(
        figures::draw("price_oxides", &bare, &context),
        Err(NotDrawn::Skipped { .. })
    ));
    assert!(matches!(
        figures::draw("no_such_figure", &bare, &context),
        Err(NotDrawn::Unknown(_))
    ));
}

#[test]
fn a_commodity_that_is_not_there_is_left_out_with_a_reason() {
    let data = sample::data(Shape {
        runs: 2,
        quarters: 12,
        policies: false,
    });
    let context = sample::context();
    let missing = figures::draw("fan_unobtainium_oxide", &data, &context)
        .unwrap_err()
        .to_string();
    assert!(
        missing.contains("fan_unobtainium_oxide") && missing.contains("left out"),
        "{missing}"
    );
    let other = figures::draw("fan_y_oxide", &data, &context).unwrap();
    assert_eq!(other.name, "fan_y_oxide");
    assert!(other.title.starts_with("Yttrium oxide"), "{}", other.title);
}

#[test]
fn names_are_optional() {
    let full = sample::data(Shape {
        runs: 3,
        quarters: 20,
        policies: true,
    });
    let mut bare = Data::new();
    for name in [
        "market",
        "trade",
        "limit",
        "stage",
        "state",
        "end_use",
        "relation",
        "policy",
        "shock",
        "project",
        "compare",
        "strategies",
        "drivers",
        "payoffs",
    ] {
        bare.add(full.table(name).unwrap_or(&Table::new(name)).clone())
            .unwrap();
    }
    draw_all(&bare, &sample::context(), "bare");
}

#[test]
fn pictures_have_the_size_of_print_and_the_same_bytes_each_time() {
    let data = sample::data(Shape {
        runs: 3,
        quarters: 20,
        policies: true,
    });
    let draw = || figures::draw("fan_magnets", &data, &sample::context()).unwrap();
    let (one, two) = (draw().files().unwrap(), draw().files().unwrap());
    assert_eq!(one, two);
    let decoder = ::png::Decoder::new(std::io::Cursor::new(&one.0));
    let reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert_eq!((info.width, info.height), (2000, 1175));
    let dots = info.pixel_dims.unwrap();
    assert_eq!((dots.xppu, dots.yppu), (11_811, 11_811));
    let twin = one.1;
    assert!(
        twin.contains("<title>") && twin.contains("<desc>") && !twin.contains("<text"),
        "letters are outlines"
    );
    png::parse(&twin).unwrap();
}

#[test]
fn look() {
    let Ok(dir) = std::env::var("MONAZITE_FIGURES") else {
        return;
    };
    let shape = Shape { runs: 32, ..FULL };
    for (folder, shape, context) in [
        ("policies", shape, sample::context()),
        (
            "calm",
            Shape {
                policies: false,
                ..shape
            },
            sample::context(),
        ),
        ("arms", shape, sample::two_arms(shape)),
        (
            "short",
            Shape {
                quarters: 4,
                ..shape
            },
            sample::context(),
        ),
    ] {
        let data = sample::data(shape);
        let folder = std::path::Path::new(&dir).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for entry in figures::all() {
            match entry.draw(&data, &context) {
                Ok(figure) => {
                    let (png, svg) = figure.files().unwrap();
                    std::fs::write(folder.join(format!("{}.png", entry.name)), png).unwrap();
                    std::fs::write(folder.join(format!("{}.svg", entry.name)), svg).unwrap();
                }
                Err(why) => println!("{}: {why}", entry.name),
            }
        }
    }
}
