# Plots the medians that benchstat wrote as CSV, which has a line for each N and a named column for each subject:
#   gnuplot -c internal/scripts/bench.gp bench.csv bench.svg
medians = sprintf("< sed -n '/terraform_data/,$p' '%s'", ARG1)
set datafile separator comma columnheaders
set terminal svg noenhanced size 760,440 font "sans-serif,13" background rgb "white"
set output ARG2

set title "terraform plan of N resources, nothing to change" font ",15"
set xlabel "N"
set ylabel "seconds"
set logscale xy
set xrange [8:1400]
set yrange [*:25]
set xtics (10, 100, 300, 1000)
set ytics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
set grid xtics ytics linecolor rgb "#dddddd"
set border 3 linecolor rgb "#888888"
set tics nomirror textcolor rgb "#333333"
set key noautotitle outside right center vertical Left reverse samplen 1.5 spacing 1.4

# What Mastercard/restapi took was measured by hand, once, on a faster machine.
$restapi << EOD
n,50ms,0ms
1000,12.7,11.2
EOD

plot $restapi using 1:2 with points pointtype 7 pointsize 0.9 linecolor rgb "#b22222" title "Mastercard/restapi by hand, 50 ms", \
     $restapi using 1:3 with points pointtype 6 pointsize 0.9 linecolor rgb "#b22222" title "Mastercard/restapi by hand", \
     medians using 1:(column("random_pet")) with linespoints linewidth 2 pointtype 6 pointsize 0.7 linecolor rgb "#e08a00" title "random_pet", \
     medians using 1:(column("wingspan_50ms")) with linespoints linewidth 2 pointtype 7 pointsize 0.7 linecolor rgb "#0b5cad" title "wingspan, 50 ms latency", \
     medians using 1:(column("wingspan")) with linespoints linewidth 2 pointtype 6 pointsize 0.7 linecolor rgb "#0b5cad" title "wingspan", \
     medians using 1:(column("floor")) with linespoints linewidth 2 dashtype 2 pointtype 6 pointsize 0.7 linecolor rgb "#555555" title "floor of any plugin", \
     medians using 1:(column("terraform_data")) with linespoints linewidth 2 pointtype 6 pointsize 0.7 linecolor rgb "#999999" title "terraform_data"
