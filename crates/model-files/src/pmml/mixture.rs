// SPDX-License-Identifier: Apache-2.0
//! Numbers that models predict: sums, each through curves, added up.

use super::xml::{refuse, unsupported};
use crate::{Curve, ModelFileError, Scale, Sum};

/// Most sums of one result.
const MAX_PARTS: usize = 64;
/// A number that no result reaches: where lines end that go on for ever.
const FAR: f64 = 1e9;

/// What a model predicts: what scales make of sums, added up. At most one part is a plain sum, and
/// its scale is the identity.
#[derive(Clone, Debug)]
pub(super) struct Mixture(Vec<(Sum, Scale)>);

impl Mixture {
    /// A plain sum.
    pub(super) fn of(sum: Sum) -> Self {
        Self(vec![(sum, Scale::IDENTITY)])
    }

    /// A number.
    pub(super) fn constant(number: f64) -> Self {
        Self::of(Sum { constant: number, terms: Vec::new() })
    }

    /// The number, if it depends on nothing.
    pub(super) fn number(&self) -> Option<f64> {
        match self.0.as_slice() {
            [(sum, scale)] if sum.terms.is_empty() => Some(scale.value(sum.constant)),
            _ => None,
        }
    }

    /// The sum, if it is a plain one.
    pub(super) fn plain(&self) -> Option<&Sum> {
        match self.0.as_slice() {
            [(sum, scale)] if scale.is_linear() => Some(sum),
            _ => None,
        }
    }

    /// The sums with their scales.
    pub(super) fn parts(self) -> (Vec<Sum>, Vec<Scale>) {
        self.0.into_iter().unzip()
    }

    /// How many tree nodes and factors it has.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|(sum, _)| sum.size() + 1).sum()
    }

    /// Adds a multiple of another one.
    pub(super) fn add(&mut self, other: &Self, times: f64) -> Result<(), ModelFileError> {
        for (sum, scale) in &other.0 {
            if scale.is_linear() {
                self.plain_part().add(sum, times);
            } else if sum.terms.is_empty() {
                self.plain_part().constant += times * scale.value(sum.constant);
            } else {
                let mut scale = scale.clone();
                (scale.times, scale.plus) = (times * scale.times, times * scale.plus);
                // Equal sums through one curve are one.
                let same =
                    |(own, its): &&mut (Sum, Scale)| its.curves == scale.curves && own == sum;
                match self.0.iter_mut().find(same) {
                    Some((_, own)) => {
                        own.times += scale.times;
                        own.plus += scale.plus;
                    }
                    None => self.0.push((sum.clone(), scale)),
                }
            }
        }
        // A constant beside curves goes into one of them.
        if self.0.len() > 1 {
            if let Some(place) = self.0.iter().position(|(sum, _)| sum.terms.is_empty()) {
                let (sum, scale) = self.0.remove(place);
                let number = scale.value(sum.constant);
                match self.0.iter_mut().find(|(_, scale)| scale.is_linear()) {
                    Some((plain, _)) => plain.constant += number,
                    None => self.0[0].1.plus += number,
                }
            }
        }
        if self.0.len() > MAX_PARTS {
            return Err(refuse(format!("a result mixes more than {MAX_PARTS} curves")));
        }
        Ok(())
    }

    /// The part that is a plain sum.
    fn plain_part(&mut self) -> &mut Sum {
        let place = self.0.iter().position(|(_, scale)| scale.is_linear());
        let place = place.unwrap_or_else(|| {
            self.0.push((Sum::zero(), Scale::IDENTITY));
            self.0.len() - 1
        });
        &mut self.0[place].0
    }

    /// `times * x + plus`
    pub(super) fn line(&self, times: f64, plus: f64) -> Self {
        let line = |(index, (sum, scale)): (usize, &(Sum, Scale))| {
            let plus = if index == 0 { plus } else { 0.0 };
            let (mut sum, mut scale) = (sum.clone(), scale.clone());
            if scale.is_linear() {
                let mut scaled = Sum::zero();
                scaled.add(&sum, times);
                scaled.constant += plus;
                sum = scaled;
            } else {
                (scale.times, scale.plus) = (times * scale.times, times * scale.plus + plus);
            }
            (sum, scale)
        };
        Self(self.0.iter().enumerate().map(line).collect())
    }

    /// `1 - x`, as a logistic curve where it is one.
    pub(super) fn complement(&self) -> Self {
        match self.logit() {
            Some(_) => {
                let turned = self.0.iter().map(|(sum, scale)| {
                    let mut negative = Sum::zero();
                    negative.add(sum, -1.0);
                    (negative, scale.clone())
                });
                Self(turned.collect())
            }
            None => self.line(-1.0, 1.0),
        }
    }

    /// A curve of the result; `what` asks for it.
    pub(super) fn curve(&self, curve: Curve, what: &str) -> Result<Self, ModelFileError> {
        let [(sum, scale)] = self.0.as_slice() else {
            return Err(unsupported(
                format!("{what} of a result that adds up curves"),
                "apply logit, exp or another curve once, after all sums",
            ));
        };
        let mut curves = scale.curves.clone();
        // exp(-a * exp(x)) is 1 - cloglog(x + ln a).
        if let (Curve::Exp, Some(Curve::Exp)) = (&curve, curves.last()) {
            if scale.times < 0.0 && scale.plus == 0.0 {
                curves.pop();
                let inner = Self::below(sum, curves).line(1.0, (-scale.times).ln());
                return Ok(inner.curve(Curve::Cloglog, what)?.line(-1.0, 1.0));
            }
        }
        if (scale.times, scale.plus) != (1.0, 0.0) {
            curves.push(Curve::Line { times: scale.times, plus: scale.plus });
        }
        curves.push(curve);
        Ok(Self(vec![(sum.clone(), Scale { curves, ..Scale::IDENTITY })]))
    }

    /// The curves of a sum; a line after the others is no curve.
    fn below(sum: &Sum, mut curves: Vec<Curve>) -> Self {
        let line = match curves.last() {
            Some(Curve::Line { times, plus }) => (*times, *plus),
            _ => return Self(vec![(sum.clone(), Scale { curves, ..Scale::IDENTITY })]),
        };
        curves.pop();
        Self(vec![(sum.clone(), Scale { curves, ..Scale::IDENTITY })]).line(line.0, line.1)
    }

    /// Moved into a range, of which it may lack an end.
    pub(super) fn clamp(
        &self,
        low: Option<f64>,
        high: Option<f64>,
        what: &str,
    ) -> Result<Self, ModelFileError> {
        let [least, greatest] = self.range();
        let low = low.filter(|low| least < *low);
        let high = high.filter(|high| greatest > *high);
        if low.is_none() && high.is_none() {
            return Ok(self.clone());
        }
        // A range within another one is their intersection.
        if let [(sum, scale)] = self.0.as_slice() {
            let mut before = scale.clone();
            match before.curves.pop() {
                Some(Curve::Lines(points)) if (scale.times, scale.plus) == (1.0, 0.0) => {
                    if let [(a, b), (c, d)] = points[..] {
                        if (a, c) == (b, d) && (c.abs() < FAR || a.abs() < FAR) {
                            let inner = Self::below(sum, before.curves);
                            let end = |end: f64| (end.abs() < FAR).then_some(end);
                            return inner.clamp(low.or(end(a)), high.or(end(c)), what);
                        }
                    }
                }
                _ => {}
            }
        }
        let size = low.unwrap_or(1.0).abs().max(high.unwrap_or(1.0).abs()).max(1.0);
        let (low, high) = (low.unwrap_or(-FAR * size), high.unwrap_or(FAR * size));
        if low >= high {
            return Err(refuse(format!("{what} has the empty range {low} to {high}")));
        }
        self.curve(Curve::Lines(vec![(low, low), (high, high)]), what)
    }

    /// `|x|`
    pub(super) fn absolute(&self, what: &str) -> Result<Self, ModelFileError> {
        self.curve(Curve::Lines(vec![(-FAR, FAR), (0.0, 0.0), (FAR, FAR)]), what)
    }

    /// `1 / x` where that is a logistic curve: `x` is an exponential and a summand of one sign.
    pub(super) fn reciprocal(&self) -> Option<Self> {
        let [(sum, scale)] = self.0.as_slice() else {
            return None;
        };
        let (Some(Curve::Exp), true) =
            (scale.curves.last(), scale.plus != 0.0 && scale.times / scale.plus > 0.0)
        else {
            return None;
        };
        let mut curves = scale.curves.clone();
        curves.pop();
        let logistic = Self::below(sum, curves).line(-1.0, -(scale.times / scale.plus).ln());
        Some(logistic.curve(Curve::Logistic, "").ok()?.line(1.0 / scale.plus, 0.0))
    }

    /// The least and the greatest value as far as the curves tell.
    fn range(&self) -> [f64; 2] {
        self.0.iter().fold([0.0, 0.0], |[low, high], (_, scale)| {
            let [least, greatest] = match scale.curves.last() {
                Some(Curve::Logistic | Curve::Cloglog | Curve::Probit) => [0.0, 1.0],
                Some(Curve::Exp) => [0.0, f64::INFINITY],
                Some(Curve::Lines(points)) => {
                    points.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], (_, y)| {
                        [low.min(*y), high.max(*y)]
                    })
                }
                _ => [f64::NEG_INFINITY, f64::INFINITY],
            };
            let ends = [scale.times * least + scale.plus, scale.times * greatest + scale.plus];
            [low + ends[0].min(ends[1]), high + ends[0].max(ends[1])]
        })
    }

    /// Other sums below the same curves, which must be as many.
    pub(super) fn map_sums(
        &self,
        make: impl Fn(&Sum) -> Result<Sum, ModelFileError>,
    ) -> Result<Self, ModelFileError> {
        let parts = self.0.iter().map(|(sum, scale)| Ok((make(sum)?, scale.clone())));
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// The value where all sums are 0.
    pub(super) fn at_zero(&self) -> f64 {
        self.0.iter().map(|(_, scale)| scale.value(0.0)).sum()
    }

    /// The sums of both below the curves that they have in common.
    pub(super) fn join(mut self, other: &Self) -> Option<Self> {
        let same = self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(own, its)| own.1 == its.1);
        for ((sum, _), (more, _)) in self.0.iter_mut().zip(&other.0).filter(|_| same) {
            sum.add(more, 1.0);
        }
        same.then_some(self)
    }

    /// The sum whose logistic it is.
    pub(super) fn logit(&self) -> Option<&Sum> {
        match self.0.as_slice() {
            [(sum, scale)]
                if scale.curves == [Curve::Logistic] && (scale.times, scale.plus) == (1.0, 0.0) =>
            {
                Some(sum)
            }
            _ => None,
        }
    }
}
