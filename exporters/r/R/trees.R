# SPDX-License-Identifier: Apache-2.0
# rpart, ranger and gbm: trees with exact thresholds.

reader_rpart <- function() list(
  library = paste("rpart", utils::packageVersion("rpart")),
  model = function(model, context) {
    if (model$method == "anova") {
      return(number(forest(list(rpart_tree(model, model$frame$yval))), list()))
    }
    if (model$method != "class") {
      refuse(sprintf("rpart's method `%s`", model$method), "use class or anova")
    }
    classes <- attr(model, "ylevels")
    shares <- model$frame$yval2[, 1 + length(classes) + seq_along(classes), drop = FALSE]
    trees <- lapply(seq_along(classes), function(k) forest(list(rpart_tree(model, shares[, k]))))
    of_classes(trees, classes)
  },
  answers = function(model, rows, context) {
    if (model$method == "anova") return(unname(stats::predict(model, rows)))
    second(unname(stats::predict(model, rows, type = "prob")))
  })

reader_ranger <- function() list(
  library = paste("ranger", utils::packageVersion("ranger")),
  model = function(model, context) {
    if (is.null(model$forest)) refuse("a forest without its trees", "fit with write.forest = TRUE")
    trees <- seq_len(model$num.trees)
    grown <- function(points) {
      one <- function(tree) ranger_tree(tree, model, context, points(tree))
      forest(lapply(trees, one), 1 / length(trees))
    }
    own <- model$forest
    if (model$treetype == "Regression") {
      return(number(grown(function(tree) function(at) own$split.values[[tree]][at]), list()))
    }
    if (model$treetype != "Probability estimation") {
      refuse(sprintf("ranger's %s forest", tolower(model$treetype)), "fit with probability = TRUE")
    }
    classes <- own$levels
    of_classes(lapply(classes, function(class) {
      place <- match(class, own$levels[own$class.values])
      grown(function(tree) function(at) own$terminal.class.counts[[tree]][[at]][place])
    }), classes)
  },
  answers = function(model, rows, context) {
    values <- stats::predict(model, rows)$predictions
    if (is.matrix(values)) second(unname(values[, model$forest$levels])) else values
  })

reader_gbm <- function() list(
  library = paste("gbm", utils::packageVersion("gbm")),
  model = function(model, context) {
    curves <- list(bernoulli = list("logistic"), gaussian = list(), laplace = list(),
                   poisson = list("exp"), coxph = list("exp"),
                   adaboost = list(list(times = 2, plus = 0), "logistic"))
    name <- model$distribution$name
    if (is.null(curves[[name]])) {
      refuse(sprintf("gbm's distribution `%s`", name),
             paste("use one of", paste(names(curves), collapse = ", ")))
    }
    count <- gbm_trees(model, context)
    total <- forest(lapply(seq_len(count), gbm_tree, model = model))
    total$constant <- if (is.nan(model$initF)) 0 else model$initF
    if (name %in% c("bernoulli", "adaboost")) {
      return(probability(total, curves[[name]], c("0", "1")))
    }
    number(total, curves[[name]])
  },
  answers = function(model, rows, context) {
    type <- if (model$distribution$name == "coxph") "link" else "response"
    values <- stats::predict(model, rows, n.trees = gbm_trees(model, context), type = type)
    if (type == "link") exp(values) else values
  })

gbm_trees <- function(model, context) if (is.null(context$trees)) model$n.trees else context$trees

forest <- function(trees, factor = 1) {
  scaled <- function(node) {
    if (!is.null(node$leaf)) node$leaf <- node$leaf * factor
    node
  }
  one <- function(nodes) list(kind = "tree", nodes = lapply(nodes, scaled))
  list(constant = 0, terms = lapply(trees, one))
}

# Two classes are a probability.
of_classes <- function(sums, classes) {
  if (length(classes) == 2) return(probability(sums[[2]], list(), classes))
  list(kind = "classes", sums = sums, share = "proportion", classes = classes)
}

second <- function(values) if (ncol(values) == 2) values[, 2] else values

# Places nodes parents first. `own(id)` gives a leaf, or a list of questions, each with `left` and
# `right` as ids and `gap`: "next" for the question behind it, or an id.
placed <- function(root, own) {
  nodes <- list()
  place <- function(id) {
    here <- own(id)
    start <- length(nodes)
    if (!is.null(here$leaf)) {
      nodes[[start + 1]] <<- here
      return(start)
    }
    nodes <<- c(nodes, vector("list", length(here)))
    ends <- list()
    end <- function(id) {
      key <- paste0("n", id)
      if (is.null(ends[[key]])) ends[[key]] <<- place(id)
      ends[[key]]
    }
    for (i in seq_along(here)) {
      one <- here[[i]]
      to <- function(target) if (identical(target, "next")) start + i else end(target)
      node <- c(one$test, list(yes = to(one$yes), no = to(one$no), missing = to(one$gap)))
      nodes[[start + i]] <<- node
    }
    start
  }
  place(root)
  nodes
}

rpart_tree <- function(model, values) {
  frame <- model$frame
  ids <- as.numeric(rownames(frame))
  leaf <- frame$var == "<leaf>"
  rows_before <- cumsum(c(0, frame$ncompete + frame$nsurrogate + !leaf))
  surrogates <- model$control$usesurrogate
  levels <- attr(model, "xlevels")

  # Questions of one split: for categories two, as some may be unknown to it.
  questions <- function(row, left, right, gap) {
    name <- rownames(model$splits)[row]
    kind <- model$splits[row, "ncat"]
    limit <- unname(model$splits[row, "index"])
    if (abs(kind) == 1) {
      ends <- if (kind < 0) c(left, right) else c(right, left)
      test <- list(column = name, less = limit)
      return(list(list(test = test, yes = ends[1], no = ends[2], gap = gap)))
    }
    sides <- model$csplit[limit, seq_along(levels[[name]])]
    of <- function(side) list(column = name, "in" = as.list(levels[[name]][sides == side]))
    if (!any(sides == 2)) return(list(list(test = of(1), yes = left, no = right, gap = gap)))
    list(list(test = of(1), yes = left, no = "next", gap = "next"),
         list(test = of(3), yes = right, no = gap, gap = gap))
  }

  placed(1, function(id) {
    # What a missing value meets when nothing else is left: the node's own value.
    if (is.character(id)) return(list(leaf = values[match(as.numeric(sub("own", "", id)), ids)]))
    at <- match(id, ids)
    if (leaf[at]) return(list(leaf = values[at]))
    left <- 2 * id
    right <- left + 1
    counts <- frame$n[match(c(left, right), ids)]
    more <- if (counts[1] >= counts[2]) left else right
    last <- if (surrogates == 2) more else paste0("own", id)
    first <- rows_before[at] + 1
    others <- if (surrogates > 0 && frame$nsurrogate[at] > 0)
      first + frame$ncompete[at] + seq_len(frame$nsurrogate[at]) else numeric()
    rows <- c(first, others)
    unlist(lapply(seq_along(rows), function(i) {
      questions(rows[i], left, right, if (i < length(rows)) "next" else last)
    }), recursive = FALSE)
  })
}

# `points` gives a leaf's points from the number of its node, counted from 1.
ranger_tree <- function(tree, model, context, points) {
  forest <- model$forest
  names <- forest$independent.variable.names
  left <- forest$child.nodeIDs[[tree]][[1]]
  right <- forest$child.nodeIDs[[tree]][[2]]
  limits <- forest$split.values[[tree]]
  placed(0, function(id) {
    at <- id + 1
    if (left[at] == 0) return(list(leaf = points(at)))
    variable <- forest$split.varIDs[[tree]][at] + 1
    test <- list(column = names[variable])
    levels <- ranger_levels(names[variable], variable, forest, context)
    if (is.null(levels)) {
      test$at_most <- limits[at]
    } else if (forest$is.ordered[variable]) {
      test[["in"]] <- as.list(levels[seq_len(floor(limits[at]))])
    } else {
      # The bits of the limit are the levels that go right.
      test[["in"]] <- as.list(levels[floor(limits[at] / 2^(seq_along(levels) - 1)) %% 2 == 0])
    }
    list(list(test = test, yes = left[at], no = right[at], gap = right[at]))
  })
}

# The levels in the forest's own order, else in the data's; NULL for numbers.
ranger_levels <- function(name, variable, forest, context) {
  own <- forest$covariate.levels[[variable]]
  column <- context$data[[name]]
  if (!is.null(own) || is.numeric(column) || is.logical(column)) return(own)
  if (is.factor(column)) levels(column) else sort(unique(column))
}

gbm_tree <- function(tree, model) {
  info <- model$trees[[tree]]
  placed(0, function(id) {
    variable <- info[[1]][id + 1]
    if (variable < 0) return(list(leaf = info[[2]][id + 1]))
    left <- info[[3]][id + 1]
    right <- info[[4]][id + 1]
    gap <- info[[5]][id + 1]
    name <- model$var.names[variable + 1]
    if (model$var.type[variable + 1] == 0) {
      test <- list(column = name, less = info[[2]][id + 1])
      return(list(list(test = test, yes = left, no = right, gap = gap)))
    }
    sides <- model$c.splits[[info[[2]][id + 1] + 1]]
    levels <- model$var.levels[[variable + 1]]
    of <- function(side) list(column = name, "in" = as.list(levels[sides == side]))
    list(list(test = of(-1), yes = left, no = "next", gap = gap),
         list(test = of(1), yes = right, no = gap, gap = gap))
  })
}
