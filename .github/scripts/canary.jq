# What Prometheus says of the canary beside the stable pods, judged: its answer in, a verdict and the reasons out.
# $requests is how many the canary must have had before it can be called good.
#
# The canary is worse when it has at least 3 bad ones of a kind, and more of them than chance gives: of n of its own, n*p
# are expected, with p the stable pods' share of bad ones, counted as if they had one more, or the objective where that is
# higher. Both the canary's number and the stable pods' share scatter, as in a binomial distribution. Four standard
# deviations are passed by chance in less than 0.4 % of the looks, whatever the numbers and shares.
def percent: . * 10000 | round / 100 | "\(.) %";
def less($all; $good): [(.[$all] // 0) - (.[$good] // 0), 0] | max;

def kind($name; bad; $of; $objective):
  (.canary | bad) as $seen | (.canary[$of] // 0) as $n
  | (.stable[$of] // 0) as $others
  | (if $others > 0 then (.stable | bad) / $others else 0 end) as $share
  | ([if $others > 0 then $share + 1 / $others else 0 end, $objective] | max | [., 1] | min) as $p
  | ($n * $p * (1 - $p) * (1 + if $others > 0 then $n / $others else 0 end) | sqrt) as $deviation
  | { worse: ($seen >= 3 and $seen > $n * $p + 4 * $deviation),
      says: ("\($seen | round) of \($n | round) \($name) (of the stable pods' "
        + if $others > 0 then "\($others | round): \($share | percent)" else "none" end + ")") };

reduce .data.result[] as {$metric, value: [$_, $value]} ({}; .[$metric.track][$metric.figure] = ($value | tonumber))
| (.canary.requests // 0) as $seen
| [ kind("requests failed"; .failed // 0; "requests"; 0.001),
    kind("requests took more than 250 ms"; less("timed"; "fast"); "timed"; 0.01),
    if (.canary.compared // 0) > 0
    then kind("predictions are further than 5 % of income from the challenger's";
      less("compared"; "near"); "compared"; 0.05)
    else {says: "no predictions compared with a challenger's"} end ] as $kinds
| { verdict: (if any($kinds[]; .worse) then "worse" elif $seen < $requests then "few" else "good" end),
    says: ([$kinds[] | if .worse then "worse: \(.says)" else .says end] | join("; ")) }
| if .verdict == "few" then .says = "\($seen | round) requests of at least \($requests); \(.says)" else . end
| .verdict, .says
