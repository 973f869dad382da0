#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks resources/samples (or the folder given): keys, counts, ids, references and step indices.
# Prints every fault and exits 1 if there is one. The formats are described in that folder's README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../../resources/samples}

faults=$(jq -n -r --slurpfile problems "$folder/problems.jsonl" --slurpfile critiques "$folder/critiques.jsonl" '
  def twice: group_by(.) | map(select(length > 1) | .[0]);
  def isText: type == "string" and test("\\S");
  def isStep($count): type == "number" and . == floor and . >= -1 and . < $count;
  def unknownKeys($allowed): keys - $allowed | join(", ");
  def stepCount: if .steps then .steps | length else .solution | split("\n\n") | length end;

  ["rubber-stamp", "all-steps-fine", "verdict-step-mismatch", "steps-after-error", "correction-edits",
   "correction-unrelated", "leak", "run-on", "unreadable"] as $flags
  | [$problems[].candidates[]] as $candidates
  | ($problems | map({key: .id, value: .}) | from_entries) as $problemById
  | ($candidates | map({key: .id, value: .}) | from_entries) as $candidateById
  | ([$problems[] | .id as $problem | .candidates[] | {key: .id, value: $problem}] | from_entries) as $problemOf

  | ($problems | length | select(. < 24) | "only \(.) problems, 24 are wanted"),
    ($problems | map(.id) | twice[] | "problem id \(.) occurs twice"),
    ($candidates | map(.id) | twice[] | "candidate id \(.) occurs twice"),
    ($critiques | map(.id) | twice[] | "critique id \(.) occurs twice"),
    ($problems | map(.problem) | twice[] | "problem text occurs twice: \(.[0:60])"),
    ($critiques | map(.critique) | twice[] | "critique text occurs twice: \(.[0:80])"),
    ($flags - [$critiques[].shows // [] | .[]] | .[] | "no critique shows \(.)"),
    (if ($problems | map(select(.choices)) | length) < 3 then "fewer than 3 multiple-choice problems" else empty end),
    (if ($candidates | map(select(.answer_correct and .first_error_step >= 0)) | length) < 3
     then "fewer than 3 right answers by a wrong way" else empty end),

    ($problems[] | . as $p | "problem \(.id)" as $where
      | (unknownKeys(["id", "problem", "choices", "answer", "solution", "subject", "level", "candidates"])
         | select(. != "") | "\($where): unknown keys \(.)"),
        (("id", "problem", "answer", "solution", "subject") as $key
         | select($p[$key] | isText | not) | "\($where): \($key) is missing or blank"),
        (select(.level | type != "number" or . < 1 or . > 5) | "\($where): level is not 1 to 5"),
        (select(.choices and ((.choices | length) < 2 or (.answer | test("^[A-Z]$") | not)))
         | "\($where): choices without a letter as the answer"),
        (select((.candidates | length) < 2) | "\($where): fewer than two candidates"),
        (select(any(.candidates[]; .first_error_step == -1) | not) | "\($where): no right candidate"),
        (select(any(.candidates[]; .first_error_step >= 0) | not) | "\($where): no wrong candidate")),

    ($candidates[] | . as $c | "candidate \(.id)" as $where
      | (unknownKeys(["id", "author", "steps", "solution", "answer_correct", "first_error_step", "note"])
         | select(. != "") | "\($where): unknown keys \(.)"),
        (select((.author | isText) and (.author | startswith("sample-")) | not)
         | "\($where): the author has no sample- name"),
        (select((.steps == null) == (.solution == null)) | "\($where): needs either steps or solution"),
        (select(.steps and (all(.steps[]; isText) and (.steps | length) > 0 | not)) | "\($where): blank steps"),
        (select(.answer_correct | type != "boolean") | "\($where): answer_correct is not true or false"),
        (stepCount as $count | select(.first_error_step | isStep($count) | not)
         | "\($where): first_error_step is outside of its \($count) steps"),
        (select(.answer_correct == false and .first_error_step == -1)
         | "\($where): wrong answer without a wrong step"),
        (select(.first_error_step >= 0 and (.note | isText | not)) | "\($where): no note on its error")),

    ($critiques[] | . as $k | "critique \(.id)" as $where
      | (unknownKeys(["id", "solution_id", "mode", "critic", "round", "critique", "reference_id",
                      "self_validation", "shows", "note"]) | select(. != "") | "\($where): unknown keys \(.)"),
        (("id", "solution_id", "critic", "critique") as $key
         | select($k[$key] | isText | not) | "\($where): \($key) is missing or blank"),
        (select($candidateById[.solution_id] == null) | "\($where): solution \(.solution_id) is unknown"),
        (select(.critic | startswith("sample-") | not) | "\($where): the critic has no sample- name"),
        (select(.mode | IN("contrastive", "direct", "bug-injection") | not) | "\($where): mode \(.mode)"),
        (select(.round | type != "number" or . < 0) | "\($where): round"),
        (.shows // [] | . - $flags | .[] | "\($where): unknown flag \(.)"),
        (select(.mode == "contrastive" and .reference_id == null) | "\($where): contrastive without reference_id"),
        (select(.mode == "contrastive" and (.critique | contains("## Reference Analysis") | not))
         | "\($where): contrastive without a reference analysis"),
        (select(.mode != "contrastive" and .reference_id) | "\($where): reference_id in mode \(.mode)"),
        (select(.reference_id)
         | (select($problemOf[.reference_id] != $problemOf[.solution_id])
            | "\($where): reference \(.reference_id) is of another problem"),
           (select(.reference_id == .solution_id) | "\($where): is its own reference"),
           (select($candidateById[.reference_id].first_error_step != -1)
            | "\($where): reference \(.reference_id) is not right")),
        (select(.critique | contains("## Critique of Student Solution Steps") | not)
         | "\($where): no heading of the step critiques"),
        (($candidateById[.solution_id] // {"steps": []} | stepCount) as $count
         | [.critique | split("\n## Math Problem")[0] | scan("(?m)^### Critique of Step ([0-9]+)")[0] | tonumber]
         | select((length > 0 and . == [range(1; length + 1)] and length <= $count) | not)
         | "\($where): step critiques \(.) for \($count) steps"),
        (select(.self_validation)
         | (.self_validation | unknownKeys(["text", "verdict", "critic"]) | select(. != "")
            | "\($where): unknown keys \(.) in self_validation"),
           (select(.self_validation.verdict | IN("yes", "no", "undecided") | not)
            | "\($where): self_validation.verdict"),
           (select(.self_validation.text | isText | not) | "\($where): self_validation.text"),
           (select(.self_validation.critic != .critic) | "\($where): validated by another critic"),
           (.self_validation
            | (.text | contains("The solution is Correct.\nThe first error step number: -1")) as $says
            | select($says != (.verdict == "yes"))
            | "\($where): self_validation.verdict is not what its text says")),
        ($candidateById[.solution_id] as $c
         | select($c and (.shows // []) == [] and .note == null
                  and (.critique | contains("The first error step number: \(
                        if $c.first_error_step < 0 then -1 else $c.first_error_step + 1 end)\n") | not))
         | "\($where): disagrees with the label without saying so in shows or note")),

    ($candidates[] | select(.first_error_step >= 0) | .id as $id
      | [$critiques[] | select(.solution_id == $id) | .mode]
      | select(length < 1) | "candidate \($id): is wrong and has no critique")
')

if [[ -n $faults ]]; then
    printf '%s\n' "$faults" >&2
    echo "samples: $(wc -l <<<"$faults") faults" >&2
    exit 1
fi
echo "samples: $(wc -l <"$folder/problems.jsonl") problems and $(wc -l <"$folder/critiques.jsonl") critiques are in order"
