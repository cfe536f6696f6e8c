//! Stress majorization (Gansner, Koren & North 2004, doi:10.1007/978-3-540-31843-9_25): places whose distances come close
//! to wanted ones. Only + − × ÷ and square root, so equal input gives equal places on every machine.

use crosstie_model::Stream;

const ROUNDS: usize = 200;
const STARTS: u64 = 8;

/// Wanted distances of all pairs of `count` nodes; 0 where none is wanted.
pub(crate) struct Wanted {
    count: usize,
    distances: Vec<f64>,
}

impl Wanted {
    pub(crate) fn new(count: usize, distance: impl Fn(usize, usize) -> Option<f64>) -> Wanted {
        let mut distances = vec![0.0; count * count];
        for a in 0..count {
            for b in a + 1..count {
                let wanted = distance(a, b).unwrap_or(0.0);
                distances[a * count + b] = wanted;
                distances[b * count + a] = wanted;
            }
        }
        Wanted { count, distances }
    }

    fn of(&self, a: usize) -> &[f64] {
        &self.distances[a * self.count..(a + 1) * self.count]
    }
}

/// Places of the lowest stress among 8 starts of 200 rounds, ties by the number of the start.
///
/// Time O(starts · rounds · nodes²).
pub(crate) fn places(wanted: &Wanted) -> Vec<(f64, f64)> {
    let mut best: Option<(f64, Vec<(f64, f64)>)> = None;
    for start in 0..STARTS {
        let mut stream = Stream::new(0, "report network", &[start]);
        let mut places: Vec<(f64, f64)> =
            (0..wanted.count).map(|_| (stream.unit() * 4.0, stream.unit() * 4.0)).collect();
        for _ in 0..ROUNDS {
            round(wanted, &mut places);
        }
        let found = stress(wanted, &places);
        if best.as_ref().is_none_or(|(least, _)| found < *least) {
            best = Some((found, places));
        }
    }
    best.map(|(_, places)| places).unwrap_or_default()
}

fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

/// Each node in turn moves to the mean of where the others want it; weights are 1 / distance².
fn round(wanted: &Wanted, places: &mut [(f64, f64)]) {
    for a in 0..wanted.count {
        let (mut x, mut y, mut all) = (0.0, 0.0, 0.0);
        for (b, &distance) in wanted.of(a).iter().enumerate() {
            if distance <= 0.0 {
                continue;
            }
            let weight = 1.0 / (distance * distance);
            let (dx, dy) = (places[a].0 - places[b].0, places[a].1 - places[b].1);
            let apart = length(dx, dy);
            // Two at one place want each other along x.
            let (ux, uy) = if apart > 1e-9 { (dx / apart, dy / apart) } else { (1.0, 0.0) };
            x += weight * (places[b].0 + distance * ux);
            y += weight * (places[b].1 + distance * uy);
            all += weight;
        }
        if all > 0.0 {
            places[a] = (x / all, y / all);
        }
    }
}

fn stress(wanted: &Wanted, places: &[(f64, f64)]) -> f64 {
    let mut sum = 0.0;
    for a in 0..wanted.count {
        for (b, &distance) in wanted.of(a).iter().enumerate().skip(a + 1) {
            if distance > 0.0 {
                let apart = length(places[a].0 - places[b].0, places[a].1 - places[b].1);
                sum += (apart - distance) * (apart - distance) / (distance * distance);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_that_fit_a_plane_are_met() {
        // A rectangle of 3 by 4.
        let corners = [(0.0, 0.0), (3.0, 0.0), (3.0, 4.0), (0.0, 4.0)];
        let apart = |a: (f64, f64), b: (f64, f64)| length(a.0 - b.0, a.1 - b.1);
        let wanted = Wanted::new(4, |a, b| Some(apart(corners[a], corners[b])));
        let found = places(&wanted);
        for a in 0..4 {
            for b in 0..a {
                let difference = apart(found[a], found[b]) - apart(corners[a], corners[b]);
                assert!(difference.abs() < 1e-3, "{a} {b}: {difference}");
            }
        }
    }

    #[test]
    fn pairs_without_a_distance_do_not_pull() {
        let wanted = Wanted::new(3, |a, b| (a + b != 3).then_some(1.0));
        let found = places(&wanted);
        assert!((length(found[0].0 - found[1].0, found[0].1 - found[1].1) - 1.0).abs() < 1e-6);
        assert!((length(found[0].0 - found[2].0, found[0].1 - found[2].1) - 1.0).abs() < 1e-6);
        assert_eq!(places(&wanted), found);
        assert!(places(&Wanted::new(0, |_, _| None)).is_empty());
    }
}
