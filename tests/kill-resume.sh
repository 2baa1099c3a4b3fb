#!/usr/bin/env bash
# Proves that a killed training run loses nothing: a small run is ended with SIGKILL at random moments, started again each time, and must end with the same weights, optimiser state and
# metrics (but for what the clock decides) as a run that nobody touched.
#
#   tests/kill-resume.sh [kills=10] [seed=1]      about two minutes; needs a build of src/Roma.Cli
#   tests/kill-resume.sh demo [kills=5] [seed=1]  the same with `roma demo --quick`: it completes, and no finished part is trained again; about four minutes
#
# ROMA names the program (default: the Release, else the Debug build of src/Roma.Cli). Exit code 0: proved.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
demo=
[[ ${1:-} == demo ]] && { demo=1; shift; }
kills=${1:-$([[ $demo ]] && echo 5 || echo 10)}
RANDOM=${2:-1}
dll=$(ls -U "$root"/src/Roma.Cli/bin/{Release,Debug}/net10.0/*/roma.dll "$root"/src/Roma.Cli/bin/{Release,Debug}/net10.0/roma.dll 2>/dev/null | head -1 || true)
read -ra roma <<< "${ROMA:-dotnet $dll}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

# Runs a command that is killed once it has been up for a random time between the two numbers of milliseconds; fails if it had ended by itself.
kill_within() { # least most command...
    local wait=$(($1 + RANDOM * ($2 - $1) / 32768)); shift 2
    "$@" >> "$work/log" 2>&1 &
    local pid=$!
    sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
    kill -KILL "$pid" 2> /dev/null || { wait "$pid" && echo "  ended before the kill after $wait ms"; return 1; }
    wait "$pid" 2> /dev/null || true
    echo "  killed after $wait ms"
}

if [[ $demo ]]; then
    export XDG_DATA_HOME=$work/data # no warm start of earlier demos
    out=$work/demo
    for ((i = 0; i < kills; i++)); do
        kill_within 15000 40000 "${roma[@]}" demo --quick --out "$out" || break
        find "$out" -name 'training_state.json' -path '*/checkpoints/*' -exec grep -l '"Finished":true' {} + 2> /dev/null | sort > "$work/finished-$i" || true
        while read -r state; do sha256sum "$(dirname "$state")/model.safetensors"; done < "$work/finished-$i" > "$work/sums-$i"
    done
    : > "$work/log"
    "${roma[@]}" demo --quick --out "$out" >> "$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
    for sums in "$work"/sums-*; do
        [[ -s $sums ]] || continue # no part had finished by then
        sha256sum --check --quiet "$sums" # finished parts stayed as they were
        while read -r _ model; do
            part=$(basename "$(dirname "$(dirname "$(dirname "$model")")")")
            ! grep -q "training $part" "$work/log" || { echo "FAILED: $part was trained again"; exit 1; }
        done < "$sums"
    done
    [[ -s $out/summary.json && -s $out/report.html ]]
    echo "PROVED: the demo was killed $i times and completed; $(cat "$work"/sums-* | sort -u | wc -l) finished part(s) were left alone"
    exit
fi

"${roma[@]}" model init --out "$work/nano" --seed 1 > /dev/null
run=("${roma[@]}" train recipes/digit-grid-warm-start.yaml "model=$work/nano" steps=120 prompts=8 save_every=5 validation.every=10 validation.suite.data.count=40 stop=null --out)

# All that does not depend on the clock.
result() {
    sed -E 's/,"machine":\{[^}]*\}//' "$1/metrics.jsonl"
    (cd "$1/checkpoints" && sha256sum -- */*.safetensors && sed -E 's/"Seconds":[^,]*,//' -- */training_state.json)
    (cd "$1/validation" && for log in *; do echo "$log"; tail -n +2 "$log"; done)
}

echo "undisturbed"
SECONDS=0
"${run[@]}" "$work/whole" >> "$work/log" 2>&1
whole=$SECONDS
echo "  $whole s"
done=0
for ((i = 0; i < kills; i++)); do
    kill_within 500 $((2000 + 2000 * whole / kills)) "${run[@]}" "$work/killed" || break
    done=$((done + 1))
    echo "  checkpoints: $(ls "$work/killed/checkpoints" 2> /dev/null | tr '\n' ' ')"
done
"${run[@]}" "$work/killed" >> "$work/log" 2>&1 || { tail -5 "$work/log"; exit 1; }
diff <(result "$work/whole") <(result "$work/killed") || { echo "FAILED: the results differ"; exit 1; }
if compgen -G "$work/killed/checkpoints/*.tmp" > /dev/null; then echo "FAILED: half a checkpoint is left"; exit 1; fi
echo "PROVED: killed $done times, same weights, optimiser, metrics and validations as undisturbed ($(wc -l < "$work/whole/metrics.jsonl") lines)"
