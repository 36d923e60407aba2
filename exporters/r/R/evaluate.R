# SPDX-License-Identifier: Apache-2.0
# What a written model says about cases, computed from the document alone.

#' The values for each row: a vector, or a matrix with a column a class; NA where there is none.
cso_evaluate <- function(document, data) {
  rows <- nrow(data)
  columns <- as.list(data)
  for (one in document$features) {
    gaps <- vapply(one$missing, as.numeric, 0)
    if (length(gaps)) columns[[one$name]][columns[[one$name]] %in% gaps] <- NA
  }
  for (one in document$derived) {
    value <- rep_len(suppressWarnings(expression_value(one$expression, columns)), rows)
    columns[[one$name]] <- ifelse(is.finite(value), value, NA)
  }
  sums <- lapply(document$sums, function(one) {
    total <- rep(one$constant, rows)
    for (term in one$terms) total <- total + term_value(term, columns, rows)
    total
  })
  if (is.null(document$output$share)) {
    parts <- Map(function(part, value) through(part$curves, value), document$output$parts, sums)
    return(Reduce(`+`, parts))
  }
  shares(document$output$share, do.call(cbind, sums))
}

expression_value <- function(expression, columns) {
  if (is.character(expression)) return(as.numeric(columns[[expression]]))
  if (!is.list(expression)) return(expression)
  rest <- lapply(expression[-1], expression_value, columns)
  call <- list(`+` = `+`, `-` = `-`, `*` = `*`, `/` = `/`, `^` = `^`, ln = log, exp = exp,
               sqrt = sqrt, min = pmin, max = pmax, or = function(a, b) ifelse(is.na(a), b, a))
  do.call(call[[expression[[1]]]], rest)
}

given <- function(points) if (is.null(points)) NA_real_ else points

term_value <- function(term, columns, rows) {
  x <- if (!is.null(term[["column"]])) columns[[term[["column"]]]]
  gap <- given(term$missing)
  switch(term$kind,
    linear = ifelse(is.na(x), gap, term$weight * as.numeric(x)),
    curve = {
      points <- matrix(unlist(term$points), ncol = 2, byrow = TRUE)
      ifelse(is.na(x), gap, stats::approx(points[, 1], points[, 2], as.numeric(x), rule = 2)$y)
    },
    table = {
      keys <- vapply(term$values, function(one) as.character(one[[1]]), "")
      values <- vapply(term$values, function(one) as.numeric(one[[2]]), 0)
      found <- values[match(as.character(x), keys)]
      ifelse(is.na(x), gap, ifelse(is.na(found), given(term$otherwise), found))
    },
    grid = {
      at <- lapply(term$axes, function(axis) {
        match(as.character(columns[[axis$column]]), vapply(axis$categories, as.character, ""))
      })
      values <- do.call(rbind, lapply(term$values, function(row) vapply(row, as.numeric, 0)))
      values[cbind(at[[1]], at[[2]])]
    },
    product = {
      factors <- lapply(term$columns, function(name) as.numeric(columns[[name]]))
      term$weight * Reduce(`*`, factors)
    },
    tree = tree_value(term$nodes, columns, rows))
}

tree_value <- function(nodes, columns, rows) {
  at <- rep(0, rows)
  value <- rep(NA_real_, rows)
  for (index in seq_along(nodes)) {
    here <- which(at == index - 1)
    node <- nodes[[index]]
    if (!length(here)) next
    if ("leaf" %in% names(node)) {
      value[here] <- given(node$leaf)
    } else if (!is.null(node$linear)) {
      line <- rep(node$linear$constant, length(here))
      for (one in node$linear$weights) {
        line <- line + one[[2]] * as.numeric(columns[[one[[1]]]][here])
      }
      value[here] <- ifelse(is.na(line), given(node$linear$missing), line)
    } else {
      x <- columns[[node[["column"]]]][here]
      known <- vapply(node[["in"]], as.character, "")
      holds <- if (!is.null(node[["in"]])) as.character(x) %in% known
               else if (!is.null(node$less)) as.numeric(x) < node$less
               else as.numeric(x) <= node$at_most
      at[here] <- ifelse(is.na(x), node$missing, ifelse(holds, node$yes, node$no))
    }
  }
  value
}

through <- function(curves, value) {
  for (one in curves) {
    value <- if (is.list(one)) one$times * value + one$plus
             else switch(one, logistic = stats::plogis(value), exp = exp(value),
                         cloglog = -expm1(-exp(value)), probit = stats::pnorm(value))
  }
  value
}

shares <- function(share, sums) {
  parts <- if (share == "softmax") exp(sums - apply(sums, 1, max)) else pmax(sums, 0)
  parts / rowSums(parts)
}
