# SPDX-License-Identifier: Apache-2.0
# Each library for real: Rscript exporters/r/tests/test.R, after R CMD INSTALL exporters/r.
library(csoexport)
library(survival)
library(splines)

set.seed(7)
count <- 400
patients <- data.frame(
  age = sample(30:90, count, TRUE), sbp = round(rnorm(count, 135, 20)),
  crp = round(exp(rnorm(count, 1.2, 1.1)), 1) + 0.1, smoker = sample(0:1, count, TRUE),
  sex = sample(c("f", "m"), count, TRUE),
  site = factor(sample(c("inferior", "anterior", "lateral, left"), count, TRUE)))
patients$diabetic <- runif(count) < 0.3
patients$weight <- 60 + patients$sbp / 5
patients$height <- 1.5 + patients$age / 300
logit <- with(patients, 0.06 * (age - 60) + 0.02 * (sbp - 135) + 0.5 * log(crp) + 0.7 * smoker +
                (sex == "m") * 0.5 - (site == "inferior") * 0.8 - 0.8)
patients$event <- as.integer(runif(count) < plogis(logit))
patients$number <- 3 * logit + rnorm(count) + 20
patients$time <- 30 * exp(-0.1 * patients$number) * runif(count) * 10 + 0.1
patients$stage <- cut(logit, c(-Inf, -1, 0.5, Inf), c("low", "middle", "high"))
gaps <- patients
gaps$age[runif(count) < 0.15] <- NA
gaps$site[runif(count) < 0.1] <- NA

kept <- Sys.getenv("CSO_EXPORTED")
written <- 0
# Exports, which checks every row; then checks once more against the answers given here.
same <- function(model, truth, data = patients, ...) {
  path <- if (nzchar(kept)) file.path(kept, sprintf("r-%03d.json", written)) else tempfile()
  document <- cso_export(model, data, "event", path, ...)
  away <- abs(as.matrix(cso_evaluate(document, data)) - as.matrix(truth))
  stopifnot(isTRUE(max(away, na.rm = TRUE) < 1e-5))
  stopifnot(jsonlite::fromJSON(path, simplifyVector = FALSE)$format == "cso-model")
  written <<- written + 1
  invisible(document)
}
refused <- function(expression, text) {
  error <- tryCatch({ force(expression); "" }, error = conditionMessage)
  if (!grepl(text, error, fixed = TRUE)) stop(sprintf("not `%s` but `%s`", text, error))
}

for (formula in list(
  event ~ age + sex + smoker + site, event ~ log(crp) * sex + I(weight / height^2) + diabetic,
  event ~ ns(age, 4) + bs(sbp, df = 5) + factor(smoker),
  event ~ sex * site + age:sbp + poly(crp, 2))) {
  model <- glm(formula, binomial, patients)
  same(model, predict(model, type = "response"))
}
model <- glm(event ~ age + smoker, binomial("probit"), patients)
same(model, predict(model, type = "response"))
model <- glm(factor(ifelse(event == 1, "ill", "well"), c("well", "ill")) ~ age, binomial, patients)
document <- same(model, predict(model, type = "response"))
stopifnot(identical(document$outcome$classes, list("well", "ill")))
model <- glm(round(pmax(number, 0)) ~ age + site, poisson, patients)
same(model, predict(model, type = "response"))
model <- lm(number ~ age + site * sbp, patients)
same(model, predict(model))

model <- coxph(Surv(time, event) ~ age + sex + log(crp), patients)
truth <- 1 - as.vector(summary(survfit(model, newdata = patients), times = 5)$surv)
document <- same(model, truth, horizon = 5)
stopifnot(document$outcome$horizon == 5)
same(model, predict(model, type = "risk", reference = "zero"))

library(rpart)
for (data in list(patients, gaps)) {
  model <- rpart(factor(event) ~ age + sbp + crp + sex + site, data,
                 control = rpart.control(cp = 0.001))
  same(model, predict(model, data, type = "prob")[, 2], data)
  model <- rpart(stage ~ age + sbp + crp + site, data)
  same(model, predict(model, data, type = "prob"), data)
  model <- rpart(number ~ age + sbp + site, data, control = rpart.control(usesurrogate = 0))
  same(model, predict(model, data), data)
}

library(ranger)
for (how in c("ignore", "order", "partition")) {
  model <- ranger(factor(event) ~ age + sbp + crp + sex + site, patients, 20, probability = TRUE,
                  respect.unordered.factors = how)
  same(model, predict(model, patients)$predictions[, "1"])
}
model <- ranger(stage ~ age + sbp + crp + site, patients, 10, probability = TRUE)
same(model, predict(model, patients)$predictions[, c("low", "middle", "high")])
model <- ranger(number ~ age + sbp, patients, 10)
same(model, predict(model, patients)$predictions)

library(gbm)
for (data in list(patients, gaps)) {
  data$sex <- factor(data$sex)
  model <- gbm(event ~ age + sbp + crp + sex + site, "bernoulli", data, n.trees = 30,
               interaction.depth = 3)
  same(model, predict(model, data, n.trees = 30, type = "response"), data)
  same(model, predict(model, data, n.trees = 12, type = "response"), data, trees = 12)
}
model <- gbm(number ~ age + sbp, "gaussian", patients, n.trees = 20)
same(model, predict(model, patients, n.trees = 20))

for (one in list(
  list(loess(number ~ age, patients), "model class `loess` is not supported"),
  list(ranger(factor(event) ~ age, patients, 3), "probability = TRUE"),
  list(coxph(Surv(time, event) ~ age + strata(sex), patients), "plain Cox"),
  list(glm(event ~ I(age > 60), binomial, patients), "compute it as a column"),
  list(glm(event ~ age + offset(crp), binomial, patients), "an offset"))) {
  refused(cso_export(one[[1]], patients, "event"), one[[2]])
}
cat(sprintf("%d files written and checked\n", written))
