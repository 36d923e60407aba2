# SPDX-License-Identifier: Apache-2.0
# JSON with every digit of a number: 17 of them tell all doubles apart.

json <- function(value) {
  if (is.null(value)) return("null")
  if (is.list(value)) {
    parts <- vapply(value, json, "")
    if (is.null(names(value))) return(sprintf("[%s]", paste(parts, collapse = ",")))
    keys <- vapply(names(value), json, "")
    return(sprintf("{%s}", paste(keys, parts, sep = ":", collapse = ",")))
  }
  if (length(value) != 1) stop("a vector in a document: make it a list")
  if (is.character(value)) {
    return(as.character(jsonlite::toJSON(enc2utf8(value), auto_unbox = TRUE)))
  }
  if (is.logical(value)) return(if (value) "true" else "false")
  if (!is.finite(value)) stop("the model holds a number that is not finite", call. = FALSE)
  sprintf("%.17g", value)
}
