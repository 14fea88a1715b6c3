//! One linear model over one sort of features: for each class a plane that parts its tickets from the others.
//!
//! A feature weighs what it tells about the class: the logarithm of how much more often it stands in the class than
//! elsewhere (Wang and Manning 2012, "Baselines and bigrams"); where there are too many classes for that, how rare it
//! is. The planes are found by dual coordinate descent on the squared hinge loss (Hsieh and others 2008). The same
//! rows always give the same model.

use super::corpus::Space;

/// Weights of all classes that a model may hold; with more, rare features go.
const MOST_WEIGHTS: usize = 1 << 22;
/// How much the fit counts against the size of the weights.
const FIT: f32 = 1.0;
const EPOCHS: usize = 10;
/// The descent ends when no row would move a plane by more.
const STILL: f32 = 0.1;

/// Of a step of the descent, a row that is taken in alone makes so much.
const GENTLE: f32 = 0.25;

/// What the planes say of a ticket, by class.
pub(super) type Scores = Vec<f32>;

#[derive(Debug, Default)]
pub(super) struct Linear {
    classes: usize,
    /// By feature and class: the weight, times the telling of the feature.
    plane: Vec<f32>,
    /// How telling a feature is: by feature and class, or by feature alone.
    telling: Vec<f32>,
    by_class: bool,
    bias: Vec<f32>,
}

/// The rows to learn from and the class of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lesson<'a> {
    pub(super) space: &'a Space,
    pub(super) features: usize,
    pub(super) rows: &'a [u32],
    /// By place in `rows`.
    pub(super) class: &'a [u16],
    pub(super) classes: usize,
}

impl Linear {
    pub(super) fn learn(lesson: &Lesson<'_>) -> Self {
        let by_class = lesson.features * lesson.classes * 2 <= MOST_WEIGHTS;
        let telling = if by_class { ratios(lesson) } else { rarity(lesson) };
        let mut model = Self {
            classes: lesson.classes,
            plane: vec![0.0; lesson.features * lesson.classes],
            telling,
            by_class,
            bias: vec![0.0; lesson.classes],
        };
        if !by_class && model.plane.len() > MOST_WEIGHTS {
            model.keep_common(lesson);
        }
        let mut descent = Descent::over(lesson);
        for class in 0..lesson.classes {
            model.part(lesson, class, &mut descent);
        }
        model
    }

    /// Features that stand in few rows tell nothing from now on, so that the weights fit.
    fn keep_common(&mut self, lesson: &Lesson<'_>) {
        let mut held = vec![0u32; lesson.features];
        lesson.rows.iter().for_each(|row| lesson.space.row(*row as usize).iter().for_each(|f| held[*f as usize] += 1));
        let mut order: Vec<u32> = (0..lesson.features as u32).collect();
        order.sort_by_key(|feature| std::cmp::Reverse(held[*feature as usize]));
        for feature in order.into_iter().skip(MOST_WEIGHTS / lesson.classes.max(1)) {
            self.telling[feature as usize] = 0.0;
        }
    }

    /// Finds the plane between this class and the others.
    fn part(&mut self, lesson: &Lesson<'_>, class: usize, descent: &mut Descent) {
        let telling: Vec<f32> = (0..lesson.features).map(|feature| self.told(feature, class)).collect();
        descent.run(lesson, &telling, class as u16);
        for (feature, weight) in descent.weights.iter().enumerate() {
            self.plane[feature * self.classes + class] = weight * telling[feature];
        }
        self.bias[class] = descent.bias;
    }

    fn told(&self, feature: usize, class: usize) -> f32 {
        let at = if self.by_class { feature * self.classes + class } else { feature };
        self.telling[at]
    }

    /// How far on its side of each plane the ticket lies, and what its features tell by themselves.
    pub(super) fn score(&self, features: impl Iterator<Item = u32> + Clone) -> (Scores, Scores) {
        let (mut margins, mut told) = (vec![0.0; self.classes], vec![0.0; self.classes]);
        let mut squares = vec![0.0f32; self.classes];
        for feature in features {
            let at = feature as usize * self.classes;
            let Some(plane) = self.plane.get(at..at + self.classes) else { continue };
            margins.iter_mut().zip(plane).for_each(|(sum, weight)| *sum += weight);
            if self.by_class {
                let ratios = &self.telling[at..at + self.classes];
                for ((sum, square), ratio) in told.iter_mut().zip(&mut squares).zip(ratios) {
                    *sum += ratio;
                    *square += ratio * ratio;
                }
            } else {
                let rare = self.telling[feature as usize];
                squares.iter_mut().for_each(|square| *square += rare * rare);
            }
        }
        for (class, square) in squares.iter().enumerate() {
            let unit = if *square > 0.0 { 1.0 / square.sqrt() } else { 0.0 };
            margins[class] = margins[class] * unit + self.bias[class];
            told[class] *= unit;
        }
        (margins, told)
    }

    /// Moves the planes a little by one more row. Other than in the descent no row is come back to, so a burst of one
    /// class must not carry everything over to it: the step is gentle, and how common a class is stays as it was learnt.
    pub(super) fn nudge(&mut self, features: &[u32], class: usize) {
        let (margins, _) = self.score(features.iter().copied());
        for (other, margin) in margins.into_iter().enumerate() {
            let side = if other == class { 1.0 } else { -1.0 };
            let step = GENTLE * side * ((1.0 - side * margin) / (2.0 + 0.5 / FIT)).max(0.0);
            let known = |feature: &&u32| (**feature as usize) < self.plane.len() / self.classes.max(1);
            let square: f32 = features.iter().filter(known).map(|f| self.told(*f as usize, other).powi(2)).sum();
            if square <= 0.0 {
                continue;
            }
            for feature in features.iter().filter(known).copied().collect::<Vec<u32>>() {
                let told = self.told(feature as usize, other);
                self.plane[feature as usize * self.classes + other] += step * told * told / square.sqrt();
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        (self.plane.capacity() + self.telling.capacity() + self.bias.capacity()) * 4
    }
}

/// For each feature and class: ln of its share in the class over its share elsewhere, both counted one higher.
fn ratios(lesson: &Lesson<'_>) -> Vec<f32> {
    let (features, classes) = (lesson.features, lesson.classes);
    let (mut inside, mut all) = (vec![0.0f32; features * classes], vec![0.0f32; features]);
    for (row, class) in lesson.rows.iter().zip(lesson.class) {
        for feature in lesson.space.row(*row as usize) {
            inside[*feature as usize * classes + usize::from(*class)] += 1.0;
            all[*feature as usize] += 1.0;
        }
    }
    let seen: f64 = all.iter().filter(|count| **count > 0.0).map(|count| f64::from(*count)).sum();
    let kinds = all.iter().filter(|count| **count > 0.0).count() as f64;
    for class in 0..classes {
        let of_class: f64 = (0..features).map(|f| f64::from(inside[f * classes + class])).sum();
        let shift = ((seen - of_class + kinds) / (of_class + kinds).max(1.0)).ln() as f32;
        for (feature, count) in all.iter().copied().enumerate() {
            let at = feature * classes + class;
            let held = inside[at];
            inside[at] = if count > 0.0 { ((held + 1.0) / (count - held + 1.0)).ln() + shift } else { 0.0 };
        }
    }
    inside
}

/// For each feature how rare it is; nothing for one that no row has.
fn rarity(lesson: &Lesson<'_>) -> Vec<f32> {
    let mut held = vec![0u32; lesson.features];
    lesson.rows.iter().for_each(|row| lesson.space.row(*row as usize).iter().for_each(|f| held[*f as usize] += 1));
    let all = lesson.rows.len() as f32 + 1.0;
    held.into_iter().map(|held| if held > 0 { (all / (held as f32 + 1.0)).ln() + 1.0 } else { 0.0 }).collect()
}

/// The descent for one class after the other, with its room kept.
struct Descent {
    weights: Vec<f32>,
    bias: f32,
    alpha: Vec<f32>,
    unit: Vec<f32>,
    order: Vec<u32>,
    random: u64,
}

impl Descent {
    fn over(lesson: &Lesson<'_>) -> Self {
        Self {
            weights: vec![0.0; lesson.features],
            bias: 0.0,
            alpha: vec![0.0; lesson.rows.len()],
            unit: vec![0.0; lesson.rows.len()],
            order: Vec::new(),
            random: 0x9e37_79b9_7f4a_7c15,
        }
    }

    fn run(&mut self, lesson: &Lesson<'_>, telling: &[f32], class: u16) {
        self.weights.fill(0.0);
        self.alpha.fill(0.0);
        self.bias = 0.0;
        for (unit, row) in self.unit.iter_mut().zip(lesson.rows) {
            let mut square = 0.0;
            for feature in lesson.space.row(*row as usize) {
                square += telling[*feature as usize] * telling[*feature as usize];
            }
            *unit = if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 };
        }
        self.order = (0..lesson.rows.len() as u32).collect();
        for _ in 0..EPOCHS {
            self.shuffle();
            let mut order = std::mem::take(&mut self.order);
            let mut most = 0.0f32;
            // Rows that lie well on their side are left alone from then on.
            order.retain(|at| {
                let (moved, is_far) = self.step(lesson, telling, class, *at as usize);
                most = most.max(moved);
                !is_far
            });
            self.order = order;
            if most < STILL {
                break;
            }
        }
    }

    /// How much the row violated its margin, and whether it lies far beyond it.
    fn step(&mut self, lesson: &Lesson<'_>, telling: &[f32], class: u16, at: usize) -> (f32, bool) {
        let features = lesson.space.row(lesson.rows[at] as usize);
        let side = if lesson.class[at] == class { 1.0 } else { -1.0 };
        let unit = self.unit[at];
        let mut dot = 0.0;
        for feature in features {
            dot += self.weights[*feature as usize] * telling[*feature as usize];
        }
        let slope = side * (dot * unit + self.bias) - 1.0 + self.alpha[at] * 0.5 / FIT;
        if self.alpha[at] == 0.0 && slope >= 0.0 {
            return (0.0, slope > 1.0);
        }
        let length = if unit > 0.0 { 2.0 } else { 1.0 };
        let next = (self.alpha[at] - slope / (length + 0.5 / FIT)).max(0.0);
        let step = (next - self.alpha[at]) * side;
        self.alpha[at] = next;
        if step != 0.0 {
            self.bias += step;
            let step = step * unit;
            for feature in features {
                self.weights[*feature as usize] += step * telling[*feature as usize];
            }
        }
        (slope.abs(), false)
    }

    /// The same order for the same rows, in every run.
    fn shuffle(&mut self) {
        for at in (1..self.order.len()).rev() {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.order.swap(at, (self.random % (at as u64 + 1)) as usize);
        }
    }
}
