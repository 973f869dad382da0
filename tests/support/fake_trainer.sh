#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A training program without Python: speaks like Hugging Face's trainers, saves checkpoints, and fails as told.
#   fake_trainer.sh MODE OUTPUT DATA [STEPS] [SECONDS-A-STEP] [MICRO-BATCH] [CHECKPOINT]
# Modes: ok, fail, nan, silent (exit 0 without output), oom (fails with more than one sequence at a time), short (the
# weights are cut), hang (after step 2), stubborn (hangs and ignores SIGTERM).
mode=$1 output=$2 data=$3 steps=${4:-5} pause=${5:-0} micro=${6:-1} checkpoint=${7:-}

[ -s "$data/train.jsonl" ] || { echo "error: no data in $data" >&2; exit 2; }
mkdir -p "$output"
echo $$ >"$output/pid"
step=0
[ -n "$checkpoint" ] && step=${checkpoint##*-}
echo "started at step $step with micro batch $micro" >>"$output/starts"
echo "Loading checkpoint shards: 100%|##########| 4/4 [00:01<00:00]"
if [ "$mode" = oom ] && [ "$micro" -gt 1 ]; then
    echo "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB" >&2
    exit 1
fi

# A child of its own, as data loaders are: it must not stay behind.
sleep 600 &
echo $! >"$output/child-pid"

while [ "$step" -lt "$steps" ]; do
    step=$((step + 1))
    printf '\r %d%%|###   | %d/%d [00:01<00:02,  1.00it/s]' $((step * 100 / steps)) "$step" "$steps"
    loss="1.$((99 - step))"
    [ "$mode" = nan ] && [ "$step" = 3 ] && loss=nan
    printf "\n{'loss': %s, 'grad_norm': 0.5, 'learning_rate': 5e-06, 'epoch': 0.%d}\n" "$loss" "$step"
    if [ "$mode" = fail ] && [ "$step" = 3 ]; then
        kill $!
        echo "Traceback (most recent call last):" >&2
        echo "RuntimeError: the dataset is broken" >&2
        exit 7
    fi
    mkdir -p "$output/checkpoint-$step"
    echo weights >"$output/checkpoint-$step/weights"
    echo '{}' >"$output/checkpoint-$step/trainer_state.json"
    if [ "$step" = 2 ]; then
        case $mode in
        hang) while :; do sleep 0.1; done ;;
        stubborn)
            trap '' TERM
            while :; do sleep 0.1; done
            ;;
        esac
    fi
    [ "$pause" = 0 ] || sleep "$pause"
done
kill $!
[ "$mode" = silent ] && exit 0
header='{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
{
    printf "\\$(printf %03o ${#header})\000\000\000\000\000\000\000%s" "$header"
    [ "$mode" = short ] || printf '\000\000\200\077'
} >"$output/model.safetensors"
echo '{}' >"$output/config.json"
