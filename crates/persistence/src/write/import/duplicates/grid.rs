//! Points in squares, so that near points are found without a look at all of them.

use std::collections::HashMap;

/// Kilometres of a degree of latitude.
const DEGREE_KM: f64 = 6371.0 * std::f64::consts::PI / 180.0;

/// A point on the earth, in degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

/// The distance of near points: on a plane.
fn kilometres(one: Point, other: Point) -> f64 {
    let aside = (one.longitude - other.longitude).rem_euclid(360.0);
    let middle = f64::midpoint(one.latitude, other.latitude).to_radians();
    let (up, aside) = (one.latitude - other.latitude, aside.min(360.0 - aside) * middle.cos());
    DEGREE_KM * up.hypot(aside)
}

/// A row of squares, and the place in it.
type Cell = (i32, i32);

/// Points with their values. All points of a square are within reach of each other, so the squares around it are searched only if
/// it is empty.
pub(super) struct Grid<T>(HashMap<Cell, Vec<(Point, T)>>);

impl<T> Default for Grid<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Grid<T> {
    /// Adds a point. The reach has to be the same whenever a grid is used.
    pub(super) fn add(&mut self, reach: f64, point: Point, value: T) {
        let row = row(reach, point.latitude);
        let columns = columns(reach, row);
        self.0.entry((row, column(columns, point.longitude))).or_default().push((point, value));
    }

    /// The first that was found within reach.
    pub(super) fn find(&self, reach: f64, point: Point) -> Option<&T> {
        let within = |cell: Cell| {
            let points = self.0.get(&cell)?;
            points.iter().find(|(other, _)| kilometres(point, *other) <= reach).map(|(_, value)| value)
        };
        let own = row(reach, point.latitude);
        let home = (own, column(columns(reach, own), point.longitude));
        within(home).or_else(|| around(reach, point).into_iter().filter(|cell| *cell != home).find_map(within))
    }
}

/// The height of squares whose corners are within reach of each other, in degrees.
fn height(reach: f64) -> f64 {
    reach / std::f64::consts::SQRT_2 / DEGREE_KM
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer rows and columns than an i32 has values, and casts saturate"
)]
fn whole(number: f64) -> i32 {
    number.floor() as i32
}

fn row(reach: f64, latitude: f64) -> i32 {
    whole((latitude + 90.0) / height(reach))
}

/// The cosines of the latitudes at both edges of a row, the smaller first.
fn cosines(reach: f64, row: i32) -> (f64, f64) {
    let edge = |row: i32| (f64::from(row) * height(reach) - 90.0).clamp(-90.0, 90.0).to_radians().cos().max(0.0);
    let (one, other) = (edge(row), edge(row + 1));
    (one.min(other), one.max(other))
}

/// How many squares a row has: where it is widest, they are as wide as high.
fn columns(reach: f64, row: i32) -> i32 {
    whole(360.0 / height(reach) * cosines(reach, row).1) + 1
}

fn column(columns: i32, longitude: f64) -> i32 {
    whole((longitude + 180.0) / 360.0 * f64::from(columns)).rem_euclid(columns)
}

/// The squares that a circle around a point touches.
fn around(reach: f64, point: Point) -> Vec<Cell> {
    // A little more, as distances are rounded.
    let up = reach / DEGREE_KM * 1.01;
    let mut cells = Vec::new();
    for row in row(reach, point.latitude - up)..=row(reach, point.latitude + up) {
        let columns = columns(reach, row);
        let narrow = cosines(reach, row).0.min(point.latitude.to_radians().cos());
        let aside = up / narrow.max(1e-9);
        if aside >= 180.0 {
            cells.extend((0..columns).map(|column| (row, column)));
            continue;
        }
        let place = |longitude: f64| whole((longitude + 180.0) / 360.0 * f64::from(columns));
        let (first, last) = (place(point.longitude - aside), place(point.longitude + aside));
        let number = (last - first + 1).min(columns);
        cells.extend((0..number).map(|step| (row, (first + step).rem_euclid(columns))));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_finds_what_is_within_reach_and_nothing_else() {
        let mut seed: u64 = 7;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX)
        };
        for reach in [2.0, 30.0] {
            for latitude in [0.0_f64, 49.9, -33.3, 70.2, 89.0, -89.9] {
                for longitude in [18.5, -179.999, 180.0, 0.0] {
                    let point = Point { latitude, longitude };
                    for _ in 0..300 {
                        let (way, angle) = (reach * 1.5 * random(), std::f64::consts::TAU * random());
                        let north = latitude + way * angle.sin() / DEGREE_KM;
                        let aside = way * angle.cos() / DEGREE_KM / latitude.to_radians().cos();
                        let other = Point {
                            latitude: north.clamp(-90.0, 90.0),
                            longitude: (longitude + aside + 540.0).rem_euclid(360.0) - 180.0,
                        };
                        let mut grid = Grid::default();
                        grid.add(reach, other, ());
                        let is_near = kilometres(point, other) <= reach;
                        assert_eq!(grid.find(reach, point).is_some(), is_near, "{point:?} {other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn all_in_one_square_are_within_reach() {
        for reach in [2.0, 30.0] {
            for latitude in [0.0, 10.0, 45.0, 66.6, 85.0] {
                let row = row(reach, latitude);
                let wide = 360.0 / f64::from(columns(reach, row)) * cosines(reach, row).1;
                assert!(DEGREE_KM * wide.hypot(height(reach)) <= reach * 1.000_001, "{latitude}");
            }
        }
    }
}
