# Reads what a run of crosstie left, in R: Rscript notebooks/start_here.R
# CROSSTIE_OUT names the output folder of a pipeline; without it, that of the quickstart is read.
# install.packages(c("arrow", "dplyr"))

library(arrow)
library(dplyr, warn.conflicts = FALSE)

out <- Sys.getenv("CROSSTIE_OUT", unset = "out/quickstart")
read <- function(table) collect(open_dataset(file.path(out, "data", table)))

# Every unit on its newest date: the share of contact that crosses its border, and what chance alone would give.
units <- read("units") |>
  filter(snapshot_date == max(snapshot_date), grouping == "unit") |>
  arrange(openness)
units |>
  select(unit, people_count, external_share, expected_external_share, openness, openness_low, openness_high, silo) |>
  as.data.frame() |>
  print(digits = 3)

# NA is undefined or withheld, never 0.
pairs <- read("unit_pairs") |> filter(snapshot_date == max(snapshot_date))
cat(sum(pairs$suppressed), "of", nrow(pairs), "pairs of units are withheld.\n")

# Openness with its 95 % interval; an end that is NA beside a value is unbounded.
pdf(NULL)
if (nzchar(Sys.getenv("CROSSTIE_PDF"))) pdf(Sys.getenv("CROSSTIE_PDF"), width = 7, height = 5)
rows <- rev(seq_len(nrow(units)))
ends <- range(units$openness_low, units$openness_high, units$openness, 0, na.rm = TRUE)
par(mar = c(4, 9, 2, 1))
plot(units$openness, rows, pch = 19, xlim = ends, yaxt = "n", ylab = "", bty = "l",
     xlab = "openness, log2 of what chance gives", main = "Openness against chance")
segments(ifelse(is.na(units$openness_low), ends[1], units$openness_low), rows,
         ifelse(is.na(units$openness_high), ends[2], units$openness_high), rows)
axis(2, at = rows, labels = units$unit, las = 1, tick = FALSE)
abline(v = 0)
invisible(dev.off())
cat(nrow(units), "units read with arrow.\n")
