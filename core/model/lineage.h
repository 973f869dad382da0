// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/model/flags.h"
#include "core/model/names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The value types of the lineage graph: problem → solution → critique → verdicts and annotations.
// Plain data, copied and moved freely, no behaviour. Ids are rows of one workspace, 0 = not stored
// yet; `key` is the content identity (base::contentHash) that makes importing twice add nothing.
// Steps count from 0; kNoError (-1) says "no wrong step"; an absent optional says "not known".
namespace scrit::model {

inline constexpr int kNoError = -1;

struct Problem {
    std::int64_t id = 0;
    std::string key;        // contentHash{"problem", text, options joined by '\n'}
    std::string source;     // data set, e.g. "gsm8k", "ProcessBench/math"
    std::string externalId; // id in that data set
    std::string split;      // "train", "test", … or empty
    std::string text;
    std::vector<std::string> choices; // options of a multiple-choice problem, in order A, B, …
    std::string referenceSolution;    // empty when there is none
    std::string referenceAnswer;      // gold answer as the source states it; empty when unknown
    std::string subject;
    std::string level;
    std::string licence;
};

struct Solution {
    std::int64_t id = 0;
    std::int64_t problemId = 0;
    std::string key;    // contentHash{"solution", problem key, author, text}
    std::string author; // student model or person
    std::string source;
    std::string externalId;
    std::string text;
    std::vector<base::Span> steps; // into `text`
    bool stepsGiven = false;       // the source gave the steps; otherwise they were split here
    std::string finalAnswer;       // extracted answer; empty when none was found
};

// One step critique inside a parsed critique.
struct StepCritique {
    int index = 0; // the solution step it talks about, 0-based
    StepVerdict verdict = StepVerdict::Unstated;
    base::Span span; // the step critique in the raw text
};

// What the parser read in a critique. Spans refer to the raw text.
struct ParsedCritique {
    std::string parser; // protocol id of the parser that made this
    std::vector<StepCritique> steps;
    std::optional<Conclusion> conclusion;
    std::optional<int> firstErrorStep; // 0-based, kNoError, or absent when the text does not say
    std::optional<base::Span> referenceAnalysis;
    std::optional<base::Span> conclusionSpan;
    std::optional<base::Span> correction;
    std::string correctionAnswer;      // final answer of the correction; empty when none was found
    std::size_t usedEnd = 0;           // the critique ends here; what follows is run-on text
    std::vector<std::string> problems; // named gaps, e.g. "no-conclusion"
    Flags flags;
};

struct Critique {
    std::int64_t id = 0;
    std::int64_t solutionId = 0;
    std::optional<std::int64_t> referenceId; // the reference solution shown to a contrastive critic
    std::string key; // contentHash{"critique", solution key, critic, mode, round, text}
    CritiqueMode mode = CritiqueMode::Recorded;
    std::string critic; // model name
    int round = 0;      // 0: imported or made before the first round
    std::string source;
    std::string externalId;
    std::string text; // exactly what the model wrote
    std::string
        correctionText; // a correction delivered outside `text` (some data sets); usually empty
    std::string promptHash;
    std::optional<std::int64_t> seed;
    std::optional<std::int64_t> completionId; // row of the completion that produced it
    ParsedCritique parsed;
};

// One verifier's judgement of one subject. A new protocol id adds a row; nothing is overwritten.
struct Verdict {
    std::int64_t id = 0;
    SubjectKind subject = SubjectKind::Critique;
    std::int64_t subjectId = 0;
    std::string verifier; // see model::verifier
    std::string protocol; // e.g. "answer-match/1"
    Outcome outcome = Outcome::Undecided;
    std::optional<double> score;
    std::optional<int> step;    // first wrong step where the verifier names one; kNoError = none
    std::string rule;           // the rule that decided
    std::string evidence;       // JSON object, verifier specific
    std::string source;         // who says so (data set, model name)
    double cost = 0;            // US dollars
    std::int64_t createdAt = 0; // unix milliseconds
    std::optional<std::int64_t> completionId; // row of the completion that says so
};

// A person's judgement; append-only. A later annotation by the same person supersedes this one.
struct Annotation {
    std::int64_t id = 0;
    SubjectKind subject = SubjectKind::Critique;
    std::int64_t subjectId = 0;
    std::string annotator;
    std::string kind;  // "agreement", "validity", "step", "first-error", "correction", "answer",
                       // "tag", "comment", "withdrawn", "undo"
    std::string value; // kind specific: "agree", "3:wrong", "2", …
    std::string comment;
    double seconds = 0; // time spent
    std::optional<std::int64_t> supersedes;
    std::int64_t createdAt = 0;
    std::string uid;           // the same in every workspace it is merged into; empty: given when
                               // stored
    std::string supersedesUid; // for one whose superseded annotation is not here (yet)
};

} // namespace scrit::model
