# SPDX-License-Identifier: Apache-2.0
# The one function of the package: from a fitted model to a checked file.

tolerance <- 1e-6

#' Writes a fitted model as the JSON that `cso model import` reads, and returns it as a list.
#'
#' `data` is a data frame as `predict` takes it. `features` says more about columns: by name a list
#' of `label`, `unit`, `codes`, `range`, `missing`. `horizon` is the time until which a Cox model's
#' risk is asked; `trees` is how many trees of a gbm count.
cso_export <- function(model, data, outcome, path = NULL, features = list(), sample = 200,
                       horizon = NULL, trees = NULL, unit = NULL) {
  if (!is.data.frame(data) || nrow(data) == 0) stop("`data` is no data frame with rows")
  context <- new.env()
  context$data <- data
  context$derived <- list()
  context$categories <- list()
  context$horizon <- horizon
  context$trees <- trees
  read <- reader(model)
  made <- read$model(model, context)
  own <- c(list(name = outcome, kind = made$kind), if (length(made$classes))
    list(classes = as.list(made$classes)), if (!is.null(unit)) list(unit = unit),
    if (!is.null(made$horizon)) list(horizon = made$horizon))
  used <- used_columns(made$sums)
  derived <- Filter(function(one) one$name %in% used, context$derived)
  for (one in derived) used <- c(used, expression_columns(one$expression))
  names_used <- names(data)[names(data) %in% used]
  document <- list(
    format = "cso-model", version = 1,
    made_by = list(package = "csoexport 0.1.0", library = read$library, model = class(model)[1]),
    features = lapply(names_used, function(name) feature(name, context, features[[name]])),
    derived = derived, outcome = own, sums = made$sums,
    output = if (made$kind == "classes") list(share = made$share)
             else list(parts = lapply(made$curves, function(one) list(curves = one))))
  rows <- unique(round(seq(1, nrow(data), length.out = min(nrow(data), 2000))))
  values <- as.matrix(read$answers(model, data[rows, , drop = FALSE], context))
  check(document, data[rows, , drop = FALSE], values, made$kind)
  known <- which(apply(is.finite(values), 1, all))
  take <- known[unique(round(seq(1, length(known), length.out = min(length(known), sample))))]
  document$sample <- list(
    columns = as.list(names_used),
    rows = lapply(rows[take], function(row)
      lapply(names_used, function(name) cell(data[[name]][row]))),
    values = lapply(take, function(row)
      if (ncol(values) == 1) values[row, 1] else unname(as.list(values[row, ]))))
  if (!is.null(path)) writeLines(json(document), path, useBytes = TRUE)
  invisible(document)
}

# Which reader takes which class: the first, so that nothing that only builds on it is taken for it.
reader <- function(model) {
  known <- list(glm = "regression", lm = "regression", coxph = "cox", rpart = "rpart",
                ranger = "ranger", gbm = "gbm")
  name <- class(model)[1]
  if (!name %in% names(known)) {
    instead <- paste("fit one of", paste(names(known), collapse = ", "))
    refuse(sprintf("model class `%s`", name), instead)
  }
  get(paste0("reader_", known[[name]]))()
}

refuse <- function(found, instead) {
  stop(sprintf("%s is not supported: %s", found, instead), call. = FALSE)
}

# What the file says about a column.
feature <- function(name, context, described) {
  column <- context$data[[name]]
  levels <- context$categories[[name]]
  if (is.null(levels) && (is.factor(column) || is.character(column))) {
    levels <- if (is.factor(column)) levels(column) else sort(unique(column))
  }
  kind <- if (!is.null(levels)) "category" else if (is_flag(column)) "flag" else "number"
  own <- list(name = name, kind = kind)
  if (!is.null(levels)) own$categories <- as.list(levels)
  unknown <- setdiff(names(described), c("label", "unit", "codes", "range", "missing", "kind"))
  if (length(unknown)) stop(sprintf("features: `%s` has `%s`", name, unknown[1]), call. = FALSE)
  for (key in names(described)) {
    value <- described[[key]]
    own[[key]] <- if (key %in% c("range", "missing")) as.list(value) else value
  }
  own
}

is_flag <- function(column) {
  is.logical(column) || is.numeric(column) && all(column[!is.na(column)] %in% c(0, 1))
}

# A value as JSON has it; NULL is missing.
cell <- function(value) {
  if (is.na(value)) return(NULL)
  if (is.factor(value) || is.character(value)) as.character(value) else as.numeric(value)
}

# The name of a computed column.
derive <- function(context, expression) {
  for (one in context$derived) if (identical(one$expression, expression)) return(one$name)
  name <- text_of(expression)
  while (name %in% names(context$data)) name <- paste0(name, "'")
  context$derived <- c(context$derived, list(list(name = name, expression = expression)))
  name
}

text_of <- function(expression) {
  if (!is.list(expression)) return(format(expression))
  rest <- vapply(expression[-1], text_of, "")
  if (expression[[1]] %in% c("+", "-", "*", "/", "^")) {
    return(sprintf("(%s)", paste(rest, collapse = paste0(" ", expression[[1]], " "))))
  }
  sprintf("%s(%s)", expression[[1]], paste(rest, collapse = ", "))
}

expression_columns <- function(expression) {
  if (is.list(expression)) return(unlist(lapply(expression[-1], expression_columns)))
  if (is.character(expression)) expression else character()
}

used_columns <- function(sums) {
  of <- function(term) c(
    term[["column"]], unlist(term$columns), vapply(term$axes, function(axis) axis$column, ""),
    unlist(lapply(term$nodes, function(node)
      c(node[["column"]], vapply(node$linear$weights, function(one) one[[1]], "")))))
  unique(unlist(lapply(sums, function(one) lapply(one$terms, of))))
}

# Refuses a file that answers otherwise than the library.
check <- function(document, rows, values, kind) {
  own <- as.matrix(cso_evaluate(document, rows))
  scale <- if (kind == "number") pmax(1, abs(values)) else 1
  away <- abs(own - values) / scale
  away[is.na(own) != is.na(values)] <- Inf
  away[is.na(own) & is.na(values)] <- 0
  if (max(away) > tolerance) {
    row <- which(apply(away, 1, max) == max(away))[1]
    stop(sprintf(paste("the file would not answer as the model does: row %d that was tried gives",
                       "%g instead of %g; nothing was written"), row, own[row, 1], values[row, 1]),
         call. = FALSE)
  }
}
