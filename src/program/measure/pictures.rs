//! The figures as CSV, and a picture of them as SVG.

use std::fmt::{self, Write};

use crate::program::measure::comparison::{Case, Experiment, Times, short};

/// One line for each run, below a comment on the machine.
pub fn csv(machine: &str, seen: &[Experiment]) -> String {
    let mut text =
        format!("# {machine}\nexperiment,case,way,round,nanoseconds,value,unit,faults,calls\n");
    for experiment in seen {
        for case in &experiment.cases {
            for times in &case.times {
                for (round, nanoseconds) in times.nanoseconds.iter().enumerate() {
                    let faults = times.faults.get(round).copied().flatten();
                    let faults = faults.map_or(String::new(), |faults| faults.to_string());
                    let fields = [
                        experiment.title.to_owned(),
                        case.label.clone(),
                        times.way.clone(),
                        (round + 1).to_string(),
                        nanoseconds.to_string(),
                        (*nanoseconds as f64 / case.per).to_string(),
                        experiment.unit.to_owned(),
                        faults,
                        times.calls.to_string(),
                    ];
                    text += &fields.map(|field| quoted(&field)).join(",");
                    text += "\n";
                }
            }
        }
    }
    text
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

const WIDE: f64 = 460.0;
const HIGH: f64 = 330.0;
/// Where the drawing begins and ends in a panel.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 270.0;
/// Dashes and greys, so that it can be read without colour.
const DASHES: [&str; 3] = ["none", "6 4", "2 3"];
const GREYS: [&str; 3] = ["#000", "#555", "#888"];

/// A panel for each experiment, two in a row.
pub fn svg(machine: &str, seen: &[Experiment]) -> Result<String, fmt::Error> {
    let seen: Vec<_> = seen.iter().filter(|it| !it.cases.is_empty()).collect();
    let (wide, high) = (2.0 * WIDE, HIGH * seen.len().div_ceil(2) as f64 + 50.0);
    let mut out = String::new();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    )?;
    text(
        &mut out,
        10.0,
        20.0,
        "start",
        &format!("Mapping or reading: {machine}"),
    )?;
    text(
        &mut out,
        10.0,
        36.0,
        "start",
        "Points and bars are medians, thin lines reach from minimum to maximum.",
    )?;
    for (at, experiment) in seen.into_iter().enumerate() {
        let (x, y) = ((at % 2) as f64 * WIDE, (at / 2) as f64 * HIGH + 50.0);
        writeln!(out, "<g transform=\"translate({x} {y})\">")?;
        text(&mut out, 10.0, 16.0, "start", experiment.title)?;
        if experiment.is_line {
            lines(&mut out, experiment)?;
        } else {
            bars(&mut out, experiment)?;
        }
        writeln!(out, "</g>")?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, text: &str) -> fmt::Result {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
    )
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), style: &str) -> fmt::Result {
    let ((x1, y1), (x2, y2)) = (from, to);
    writeln!(
        out,
        "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" {style}/>"
    )
}

const AXIS: &str = "stroke=\"#000\" fill=\"none\"";
const GRID: &str = "stroke=\"#ddd\" fill=\"none\"";

/// The least and the most of all that was seen, as powers of ten.
fn decades(experiment: &Experiment) -> (f64, f64) {
    let of_case = |case: &Case| {
        let ranges = case.times.iter().map(|times| case.range(times));
        ranges.fold((f64::MAX, 0.0_f64), |(least, most), [low, _, high]| {
            (least.min(low), most.max(high))
        })
    };
    let all = experiment.cases.iter().map(of_case);
    let (least, most) = all.fold((f64::MAX, 0.0_f64), |all, it| {
        (all.0.min(it.0), all.1.max(it.1))
    });
    (
        least.max(1e-3).log10().floor(),
        most.max(1e-2).log10().ceil(),
    )
}

/// A line for each way; both axes are logarithmic.
fn lines(out: &mut String, experiment: &Experiment) -> fmt::Result {
    let (low, high) = decades(experiment);
    let y = |value: f64| {
        BOTTOM - (value.max(1e-3).log10() - low) / (high - low).max(1.0) * (BOTTOM - TOP)
    };
    let ats = experiment.cases.iter().map(|case| case.at.log2());
    let (first, last) = ats.fold((f64::MAX, f64::MIN), |(least, most), at| {
        (least.min(at), most.max(at))
    });
    let x = |case: &Case| {
        LEFT + 20.0 + (case.at.log2() - first) / (last - first).max(1.0) * (RIGHT - LEFT - 40.0)
    };
    for decade in low as i32..=high as i32 {
        let value = 10_f64.powi(decade);
        line(out, (LEFT, y(value)), (RIGHT, y(value)), GRID)?;
        text(out, LEFT - 5.0, y(value) + 4.0, "end", &value.to_string())?;
    }
    line(out, (LEFT, TOP), (LEFT, BOTTOM), AXIS)?;
    line(out, (LEFT, BOTTOM), (RIGHT, BOTTOM), AXIS)?;
    text(
        out,
        10.0,
        TOP - 8.0,
        "start",
        &format!("{}, log scale", experiment.unit),
    )?;
    text(
        out,
        RIGHT,
        BOTTOM + 32.0,
        "end",
        &format!("{}, log scale", experiment.axis),
    )?;
    for case in &experiment.cases {
        text(out, x(case), BOTTOM + 15.0, "middle", &case.label)?;
    }
    let ways = experiment.cases.first().map_or(0, |case| case.times.len());
    for way in 0..ways {
        let (dash, grey) = (DASHES[way % 3], GREYS[way % 3]);
        let points: Vec<(f64, [f64; 3], &Times)> = experiment
            .cases
            .iter()
            .filter_map(|case| {
                case.times
                    .get(way)
                    .map(|times| (x(case), case.range(times), times))
            })
            .collect();
        let path: Vec<String> = points
            .iter()
            .map(|(x, [_, middle, _], _)| format!("{x:.1},{:.1}", y(*middle)))
            .collect();
        let path = path.join(" ");
        writeln!(
            out,
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{grey}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>"
        )?;
        for (x, [least, middle, most], _) in &points {
            let style = format!("stroke=\"{grey}\"");
            line(out, (*x, y(*least)), (*x, y(*most)), &style)?;
            writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"2.5\" fill=\"{grey}\"/>",
                y(*middle)
            )?;
        }
        let (left, under) = (LEFT + 120.0 * way as f64, BOTTOM + 50.0);
        let style = format!("stroke=\"{grey}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"");
        line(out, (left, under - 4.0), (left + 28.0, under - 4.0), &style)?;
        let name = points.first().map_or("", |(_, _, times)| &times.way);
        text(out, left + 33.0, under, "start", name)?;
    }
    Ok(())
}

/// A bar for each way of each case, from zero; where the values are far apart, the scale is logarithmic instead.
fn bars(out: &mut String, experiment: &Experiment) -> fmt::Result {
    const START: f64 = 175.0;

    let (low, high) = decades(experiment);
    let medians = experiment
        .cases
        .iter()
        .flat_map(|case| case.times.iter().map(|times| case.range(times)));
    let most = medians
        .clone()
        .fold(0.0, |most: f64, [.., high]| most.max(high));
    let least = medians.fold(f64::MAX, |least: f64, [_, middle, _]| least.min(middle));
    let is_log = most > 20.0 * least;
    let x = |value: f64| {
        let share = if is_log {
            (value.max(1e-3).log10() - low) / (high - low).max(1.0)
        } else {
            value / most.max(1e-9)
        };
        START + share * (RIGHT - START - 40.0)
    };
    let ticks: Vec<f64> = if is_log {
        (low as i32..=high as i32)
            .map(|decade| 10_f64.powi(decade))
            .collect()
    } else {
        let step = 10_f64.powf(most.max(1e-9).log10().floor());
        let step = if most / step < 3.0 { step / 2.0 } else { step };
        (0..)
            .map(|tick| f64::from(tick) * step)
            .take_while(|tick| *tick <= most)
            .collect()
    };
    for tick in ticks {
        line(out, (x(tick), TOP), (x(tick), BOTTOM), GRID)?;
        text(out, x(tick), BOTTOM + 15.0, "middle", &tick.to_string())?;
    }
    line(out, (START, TOP), (START, BOTTOM), AXIS)?;
    line(out, (START, BOTTOM), (RIGHT, BOTTOM), AXIS)?;
    let kind = if is_log { ", log scale" } else { "" };
    text(
        out,
        RIGHT,
        BOTTOM + 32.0,
        "end",
        &format!("{}{kind}", experiment.unit),
    )?;
    let count = experiment
        .cases
        .iter()
        .map(|case| case.times.len())
        .sum::<usize>();
    let step = (BOTTOM - TOP) / count.max(1) as f64;
    let rows = experiment
        .cases
        .iter()
        .flat_map(|case| case.times.iter().map(move |times| (case, times)));
    for (row, (case, times)) in rows.enumerate() {
        let y = TOP + step * row as f64;
        let [least, middle, most] = case.range(times);
        let grey = if times.way.starts_with("map") {
            "#999"
        } else {
            "#333"
        };
        let wide = x(middle) - START;
        writeln!(
            out,
            "<rect x=\"{START}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{grey}\"/>",
            y + step * 0.15,
            step * 0.7
        )?;
        // White around black, so that it is seen on a dark bar and beside it.
        for style in ["stroke=\"#fff\" stroke-width=\"3\"", "stroke=\"#000\""] {
            line(
                out,
                (x(least), y + step * 0.5),
                (x(most), y + step * 0.5),
                style,
            )?;
        }
        let label = if experiment.cases.len() > 1 {
            format!("{}: {}", case.label, times.way)
        } else {
            times.way.clone()
        };
        text(out, START - 5.0, y + step * 0.5 + 4.0, "end", &label)?;
        text(
            out,
            x(most) + 4.0,
            y + step * 0.5 + 4.0,
            "start",
            &short(middle),
        )?;
    }
    Ok(())
}
