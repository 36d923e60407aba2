// SPDX-License-Identifier: Apache-2.0
//! Random trees as protocol files write them, grown as libraries grow them: a split parts the
//! levels that its branch has left.
#![allow(dead_code)] // Each test binary uses its own part.

/// Small random numbers, the same each time.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 20) % most as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Features of so many levels, called `f0`, `f1` and so on.
pub(crate) struct Features {
    pub count: usize,
    pub levels: usize,
    /// Whether they may be missing.
    pub missing: bool,
    /// Whether the levels are bins with edges of their own instead of an even grid.
    pub bins: bool,
}

/// A node of a random tree.
pub(crate) enum Grown {
    Leaf(f64),
    /// Below this level of a feature, missing with those below or not.
    Split(usize, usize, bool, Box<Grown>, Box<Grown>),
}

impl Features {
    /// A tree of that many splits and at most that depth; leaves are split at random, or all of a
    /// level in turn.
    pub(crate) fn tree(&self, splits: usize, depth: usize, dice: &mut Dice) -> Grown {
        let room = vec![(0, self.levels); self.count];
        self.grow(splits, depth, &room, dice)
    }

    fn grow(&self, splits: usize, depth: usize, room: &[(usize, usize)], dice: &mut Dice) -> Grown {
        let open: Vec<usize> = (0..self.count).filter(|f| room[*f].1 - room[*f].0 > 1).collect();
        if splits == 0 || depth == 0 || open.is_empty() {
            return Grown::Leaf(dice.below(41) as f64 - 20.0);
        }
        let feature = open[dice.below(open.len())];
        let (low, high) = room[feature];
        let at = low + 1 + dice.below(high - low - 1);
        let full = if depth < 60 { (1usize << (depth - 1).min(50)) - 1 } else { usize::MAX };
        let rest = splits - 1;
        let (least, most) = (rest.saturating_sub(full), rest.min(full));
        let left = least + dice.below(most - least + 1);
        let side = |ends: (usize, usize)| {
            let mut room = room.to_vec();
            room[feature] = ends;
            room
        };
        let below = self.grow(left, depth - 1, &side((low, at)), dice);
        let above = self.grow(rest - left, depth - 1, &side((at, high)), dice);
        Grown::Split(feature, at, dice.chance(50), Box::new(below), Box::new(above))
    }

    /// The value at which a level begins.
    pub(crate) fn edge(&self, level: usize) -> usize {
        if self.bins {
            level * level + level
        } else {
            level
        }
    }

    /// A protocol that adds up trees as they are written.
    pub(crate) fn protocol(&self, trees: &[String]) -> String {
        let mut toml = r#"
format = 1
[protocol]
id = "forest"
title = "Forest"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[output]]
id = "score"
label = "Score"
min = -500
max = 500
meaning = [{ from = -500, to = 500, text = "any", next = "ask" }]
[model]
[[model.output]]
id = "score"
clamp = true
"#
        .to_owned();
        for index in 0..self.count {
            toml += &format!("[[intake]]\nid = \"f{index}\"\nlabel = \"F{index}\"\n");
            toml += "kind = \"quantity\"\nunit = \"1\"\nmin = 0\nstep = 1\n";
            toml += &format!("missing = {}\nmax = {}\n", self.missing, self.edge(self.levels - 1));
            if self.bins {
                let edges: Vec<usize> = (1..self.levels).map(|level| self.edge(level)).collect();
                toml += &format!("edges = {edges:?}\n");
            }
        }
        for tree in trees {
            toml += &format!("[[model.term]]\ntree = {tree}\n");
        }
        toml
    }

    /// A tree as protocol files write it.
    pub(crate) fn text(&self, tree: &Grown) -> String {
        match tree {
            Grown::Leaf(points) => format!("{points:?}"),
            Grown::Split(feature, at, missing_below, below, above) => {
                let or_missing = match self.missing && *missing_below {
                    true => format!("`f{feature}` is missing or "),
                    false => String::new(),
                };
                format!(
                    "{{ if = \"{or_missing}`f{feature}` < {}\", then = {}, else = {} }}",
                    self.edge(*at),
                    self.text(below),
                    self.text(above)
                )
            }
        }
    }

    /// A tree as XGBoost writes it.
    pub(crate) fn xgboost(&self, tree: &Grown) -> String {
        let mut lists: [Vec<String>; 5] = Default::default();
        self.list(tree, &mut lists);
        let [left, right, feature, limit, default] = lists.map(|list| list.join(","));
        let zeros = vec!["0"; feature.split(',').count()].join(",");
        format!(
            "{{\"left_children\":[{left}],\"right_children\":[{right}],\
             \"split_indices\":[{feature}],\"split_conditions\":[{limit}],\
             \"default_left\":[{default}],\"split_type\":[{zeros}]}}"
        )
    }

    /// Appends a tree's nodes, parents first.
    fn list(&self, tree: &Grown, lists: &mut [Vec<String>; 5]) {
        let own = lists[0].len();
        let (feature, limit, default) = match tree {
            Grown::Leaf(points) => (0, *points, false),
            Grown::Split(feature, at, default, ..) => (*feature, self.edge(*at) as f64, *default),
        };
        let row = [
            "-1".into(),
            "-1".into(),
            feature.to_string(),
            format!("{limit:?}"),
            u8::from(default).to_string(),
        ];
        lists.iter_mut().zip(row).for_each(|(list, field)| list.push(field));
        if let Grown::Split(_, _, _, below, above) = tree {
            for (side, child) in [below, above].into_iter().enumerate() {
                lists[side][own] = lists[0].len().to_string();
                self.list(child, lists);
            }
        }
    }
}
