# SPDX-License-Identifier: Apache-2.0
# glm, lm and coxph: each term of the formula becomes one term of the file.

curve_tolerance <- 1e-6

reader_regression <- function() list(
  library = paste("R", getRversion(), "stats"),
  model = function(model, context) {
    if (inherits(model, "mlm")) refuse("a regression of several outcomes", "fit one an outcome")
    total <- formula_sum(model, context)
    if (class(model)[1] == "lm") return(number(total, list()))
    link <- model$family$link
    curves <- list(logit = list("logistic"), probit = list("probit"), cloglog = list("cloglog"),
                   log = list("exp"), identity = list())
    if (!link %in% names(curves)) {
      refuse(sprintf("the link `%s`", link), "use logit, probit, cloglog, log or identity")
    }
    if (!model$family$family %in% c("binomial", "quasibinomial")) {
      return(number(total, curves[[link]]))
    }
    response <- stats::model.response(stats::model.frame(model))
    classes <- if (is.factor(response)) levels(response)[1:2] else c("0", "1")
    probability(total, curves[[link]], classes)
  },
  answers = function(model, rows, context) {
    unname(stats::predict(model, rows, type = "response"))
  })

reader_cox <- function() list(
  library = paste("survival", utils::packageVersion("survival")),
  model = function(model, context) {
    total <- formula_sum(model, context)
    if (is.null(context$horizon)) return(number(total, list("exp")))
    row <- context$data[stats::complete.cases(context$data[all.vars(stats::delete.response(
      stats::terms(model)))]), , drop = FALSE][1, , drop = FALSE]
    hazard <- summary(survival::survfit(model, newdata = row), times = context$horizon,
                      extend = TRUE)$cumhaz
    if (!isTRUE(hazard > 0)) stop("horizon: nobody had the event until then", call. = FALSE)
    document <- list(features = list(), derived = context$derived, sums = list(total),
                     output = list(parts = list(list(curves = list()))))
    total$constant <- total$constant + log(hazard) - cso_evaluate(document, row)
    c(probability(total, list("cloglog"), c("0", "1")), horizon = context$horizon)
  },
  answers = function(model, rows, context) {
    if (is.null(context$horizon)) {
      return(unname(stats::predict(model, rows, type = "risk", reference = "zero")))
    }
    known <- stats::complete.cases(rows[all.vars(stats::delete.response(stats::terms(model)))])
    curve <- survival::survfit(model, newdata = rows[known, , drop = FALSE])
    risk <- rep(NA_real_, nrow(rows))
    risk[known] <- 1 - as.vector(summary(curve, times = context$horizon, extend = TRUE)$surv)
    risk
  })

number <- function(total, curves) list(kind = "number", sums = list(total), curves = list(curves))

probability <- function(total, curves, classes) {
  list(kind = "probability", sums = list(total), curves = list(curves), classes = classes)
}

# The linear predictor: what each term of the formula adds.
formula_sum <- function(model, context) {
  terms <- stats::delete.response(stats::terms(model))
  special <- unlist(attr(terms, "specials"))
  if (length(special)) {
    refuse("strata, cluster, tt or frailty in a formula", "fit a plain Cox model")
  }
  if (!is.null(attr(terms, "offset"))) refuse("an offset", "give it as a column of the model")
  # As `predict` takes a coefficient that couldn't be estimated.
  weights <- stats::coef(model)
  weights[is.na(weights)] <- 0
  design <- function(rows) {
    frame <- stats::model.frame(terms, rows, na.action = stats::na.pass, xlev = model$xlevels)
    stats::model.matrix(terms, frame, contrasts.arg = model$contrasts)
  }
  row <- context$data[stats::complete.cases(context$data[all.vars(terms)]), , drop = FALSE]
  if (!nrow(row)) stop("the data has no complete row", call. = FALSE)
  assign <- attr(design(row[1, , drop = FALSE]), "assign")
  if (inherits(model, "coxph")) weights <- c("(Intercept)" = 0, weights)
  if (length(assign) != length(weights)) {
    refuse("a formula whose columns aren't its coefficients", "fit with the default contrasts")
  }
  total <- list(constant = 0, terms = list())
  if (any(assign == 0)) total$constant <- unname(weights[assign == 0])
  for (index in seq_along(attr(terms, "term.labels"))) {
    columns <- which(assign == index)
    points <- function(rows) as.vector(design(rows)[, columns, drop = FALSE] %*% weights[columns])
    factors <- rownames(attr(terms, "factors"))[attr(terms, "factors")[, index] > 0]
    total <- add_term(total, factors, points, row, model, context)
  }
  total
}

# One term: `points` gives what it adds for rows.
add_term <- function(total, factors, points, row, model, context) {
  exact <- lapply(factors, function(one) arithmetic(str2lang(one), context$data))
  other <- factors[vapply(exact, is.null, TRUE)]
  columns <- lapply(Filter(Negate(is.null), exact), function(one) {
    if (is.list(one)) derive(context, one) else one
  })
  kinds <- lapply(other, levels_of, model = model, context = context)
  names <- vapply(other, function(one) column_of(one), "")
  if (!length(other)) {
    weight <- weight_of(points, row, exact)
    term <- if (length(columns) == 1) list(kind = "linear", column = columns[[1]], weight = weight)
            else list(kind = "product", columns = columns, weight = weight)
    total$terms <- c(total$terms, list(term))
    return(total)
  }
  categories <- !vapply(kinds, is.null, TRUE)
  if (length(other) == 1 && !length(columns)) {
    if (categories) return(add_categories(total, names, kinds[[1]], points, row, context))
    total$terms <- c(total$terms, list(curve(names, points, row, context)))
  } else if (all(categories) && length(other) == 1 && length(columns) == 1) {
    total$terms <- c(total$terms, list(slopes(names, kinds[[1]], columns[[1]], points, row, exact)))
    context$categories[[names]] <- kinds[[1]]
  } else if (all(categories) && length(other) == 2 && !length(columns)) {
    values <- lapply(kinds[[1]], function(a) lapply(kinds[[2]], function(b) {
      points(with_value(with_value(row[1, , drop = FALSE], names[1], a), names[2], b))
    }))
    axes <- Map(function(name, own) list(column = name, categories = as.list(own)), names, kinds)
    # Every axis has a last place for other categories; the model knows none.
    last <- rep(list(0), length(kinds[[2]]) + 1)
    values <- c(lapply(values, function(own) c(own, list(0))), list(last))
    total$terms <- c(total$terms, list(list(kind = "grid", axes = unname(axes), values = values)))
    for (i in 1:2) context$categories[[names[i]]] <- kinds[[i]]
  } else {
    refuse(sprintf("the interaction `%s`", paste(factors, collapse = ":")),
           "use interactions of numbers, of a category with a number, or of two categories")
  }
  total
}

# The weight of a product of expressions: from the row where it is greatest.
weight_of <- function(points, row, expressions) {
  values <- Reduce(`*`, lapply(expressions, expression_value, as.list(row)))
  values <- rep_len(values, nrow(row))
  best <- which.max(abs(values))
  points(row[best, , drop = FALSE]) / values[best]
}

column_of <- function(text) {
  names <- all.vars(str2lang(text))
  if (length(names) != 1) {
    refuse(sprintf("the formula's part `%s`", text), "compute it as a column first")
  }
  names
}

# The categories of a factor of the formula; NULL if it is a function of a number.
levels_of <- function(text, model, context) {
  if (!is.null(model$xlevels[[text]])) {
    column <- context$data[[column_of(text)]]
    levels <- model$xlevels[[text]]
    return(if (is.numeric(column)) as.numeric(levels) else levels)
  }
  if (is.logical(context$data[[column_of(text)]])) return(c(FALSE, TRUE))
  if (!grepl("^((splines|rms)::)?(ns|bs|poly|scale|rcs)\\(", text)) {
    refuse(sprintf("the formula's part `%s`", text), "compute it as a column first")
  }
  NULL
}

with_value <- function(row, name, value) {
  row[[name]] <- if (is.factor(row[[name]])) factor(value, levels(row[[name]])) else value
  row
}

add_categories <- function(total, name, levels, points, row, context) {
  values <- vapply(levels, function(one) points(with_value(row[1, , drop = FALSE], name, one)), 0)
  if (is_flag(context$data[[name]]) && length(levels) == 2) {
    total$constant <- total$constant + unname(values[1])
    term <- list(kind = "linear", column = name, weight = unname(values[2] - values[1]))
  } else {
    term <- list(kind = "table", column = name, values = unname(Map(list, levels, values)))
    term <- c(term, list(otherwise = NULL))
    context$categories[[name]] <- levels
  }
  total$terms <- c(total$terms, list(term))
  total
}

# A category times a number: a slope for each category.
slopes <- function(name, levels, column, points, row, exact) {
  count <- length(levels)
  expressions <- Filter(Negate(is.null), exact)
  nodes <- lapply(seq_len(count), function(i) list(
    column = name, "in" = list(levels[i]), yes = count + i - 1,
    no = if (i < count) i else 2 * count, missing = 2 * count))
  leaves <- lapply(levels, function(one) {
    weight <- weight_of(function(rows) points(with_value(rows, name, one)), row, expressions)
    list(linear = list(constant = 0, weights = list(list(column, weight)), missing = NULL))
  })
  list(kind = "tree", nodes = c(nodes, leaves, list(list(leaf = NULL))))
}

# A spline as lines, so close that they keep the tolerance.
curve <- function(name, points, row, context) {
  range <- range(context$data[[name]], na.rm = TRUE)
  of <- function(x) points(with_value(row[rep(1, length(x)), , drop = FALSE], name, x))
  knots <- seq(range[1], range[2], length.out = 33)
  found <- range[1]
  for (i in seq_len(length(knots) - 1)) {
    probe <- seq(knots[i], knots[i + 1], length.out = 66)
    bend <- max(abs(diff(of(probe), differences = 2))) / diff(probe[1:2])^2
    count <- ceiling((knots[i + 1] - knots[i]) * sqrt(bend / (8 * curve_tolerance))) + 1
    if (count > 20000) refuse(sprintf("the curve of `%s`", name), "use fewer knots")
    found <- c(found, seq(knots[i], knots[i + 1], length.out = count + 1)[-1])
  }
  pairs <- unname(Map(list, found, of(found)))
  list(kind = "curve", column = name, points = pairs, outside = "clamp")
}

# An expression of numeric columns, or NULL.
arithmetic <- function(part, data) {
  if (is.numeric(part)) return(part)
  if (is.name(part)) {
    column <- data[[as.character(part)]]
    return(if (is.numeric(column)) as.character(part))
  }
  if (!is.call(part)) return(NULL)
  name <- as.character(part[[1]])
  rest <- lapply(as.list(part)[-1], arithmetic, data)
  if (length(name) != 1 || any(vapply(rest, is.null, TRUE))) return(NULL)
  if (name %in% c("I", "(", "as.numeric") && length(rest) == 1) return(rest[[1]])
  if (name == "-" && length(rest) == 1) return(list("-", 0, rest[[1]]))
  if (name %in% c("+", "-", "*", "/", "^") && length(rest) == 2) return(c(list(name), rest))
  if (length(rest) != 1) return(NULL)
  switch(name,
         log = list("ln", rest[[1]]),
         exp = list("exp", rest[[1]]),
         sqrt = list("sqrt", rest[[1]]),
         log1p = list("ln", list("+", rest[[1]], 1)),
         log2 = list("/", list("ln", rest[[1]]), log(2)),
         log10 = list("/", list("ln", rest[[1]]), log(10)))
}
