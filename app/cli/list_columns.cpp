// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/list_columns.h"

#include "core/base/text.h"

#include <array>

namespace scrit::cli {
namespace {

using Row = store::TraceRow;

constexpr bool kRight = true;
constexpr bool kHidden = false;

const std::array kColumns = {
    ListColumn{"id", "row of the listed kind", kRight, false, false, true,
               [](const Row& row) {
                   return Json(row.id);
               }},
    ListColumn{"problem", "row of the problem", kRight, true, false, kHidden,
               [](const Row& row) {
                   return Json(row.problemId);
               }},
    ListColumn{"solution", "row of the solution", kRight, true, true, kHidden,
               [](const Row& row) {
                   return Json(row.solutionId);
               }},
    ListColumn{"source", "data set of the problem", false, false, false, true,
               [](const Row& row) {
                   return textOrNull(row.source);
               }},
    ListColumn{"split", "split of the problem", false, false, false, kHidden,
               [](const Row& row) {
                   return textOrNull(row.split);
               }},
    ListColumn{"subject", "subject of the problem; of a work item: what it is about", false, false,
               false, kHidden,
               [](const Row& row) {
                   return textOrNull(row.subject);
               }},
    ListColumn{"level", "difficulty of the problem", false, false, false, kHidden,
               [](const Row& row) {
                   return textOrNull(row.level);
               }},
    ListColumn{"student", "author of the solution", false, true, false, true,
               [](const Row& row) {
                   return textOrNull(row.student);
               }},
    ListColumn{"correct", "whether the solution is correct", false, true, false, true,
               [](const Row& row) {
                   return valueOrNull(row.solutionCorrect);
               }},
    ListColumn{"label_step", "first wrong step as labelled, -1 = none", kRight, true, false, true,
               [](const Row& row) {
                   return valueOrNull(row.labelStep);
               }},
    ListColumn{"mode", "how the critique was made", false, true, true, kHidden,
               [](const Row& row) {
                   return Json(model::name(row.mode));
               }},
    ListColumn{"critic", "model that wrote the critique", false, true, true, true,
               [](const Row& row) {
                   return textOrNull(row.critic);
               }},
    ListColumn{"round", "round of the critic", kRight, true, true, kHidden,
               [](const Row& row) {
                   return Json(row.round);
               }},
    ListColumn{"conclusion", "what the critique concludes", false, true, true, true,
               [](const Row& row) {
                   return nameOrNull(row.conclusion);
               }},
    ListColumn{"first_error_step", "first wrong step in the critique, -1 = none", kRight, true,
               true, true,
               [](const Row& row) {
                   return valueOrNull(row.firstErrorStep);
               }},
    ListColumn{"validated", "newest self-validation", false, true, true, kHidden,
               [](const Row& row) {
                   return nameOrNull(row.validated);
               }},
    ListColumn{"answer_match", "whether the correction's answer is right", false, true, true, true,
               [](const Row& row) {
                   return nameOrNull(row.answerMatch);
               }},
    ListColumn{"flags", "red flags", false, true, true, true,
               [](const Row& row) {
                   return flagsJson(row.flags);
               }},
    ListColumn{"label", "newest agreement of a reviewer", false, true, true, kHidden,
               [](const Row& row) {
                   return textOrNull(row.annotationLabel);
               }},
    ListColumn{"tokens", "tokens of the completion", kRight, true, true, kHidden,
               [](const Row& row) {
                   return row.tokens > 0 ? Json(row.tokens) : Json();
               }},
    ListColumn{"critiques", "number of critiques", kRight, false, false, true,
               [](const Row& row) {
                   return Json(row.critiqueCount);
               }},
    ListColumn{"excerpt", "start of the problem", false, false, false, true,
               [](const Row& row) {
                   return Json(row.excerpt);
               }},
    ListColumn{"external_id", "id in its data set (only with --columns)", false, false, false,
               kHidden, nullptr,
               [](const store::TraceRecord& record) {
                   return textOrNull(record.critique   ? record.critique->externalId
                                     : record.solution ? record.solution->externalId
                                                       : record.problem.externalId);
               }},
    ListColumn{"key", "what its content is known by (only with --columns)", false, false, false,
               kHidden, nullptr,
               [](const store::TraceRecord& record) {
                   return Json(record.critique   ? record.critique->key
                               : record.solution ? record.solution->key
                                                 : record.problem.key);
               }},
};

// What a work item is about: "solution 17".
Json itemSubject(const Row& row) {
    if (row.critiqueId != 0) {
        return "critique " + std::to_string(row.critiqueId);
    }
    if (row.solutionId != 0) {
        return "solution " + std::to_string(row.solutionId);
    }
    return row.problemId != 0 ? Json("problem " + std::to_string(row.problemId)) : Json();
}

// Work items have columns of their own: they are about the work, not about what came of it.
const std::array kItemColumns = {
    ListColumn{"id", "row of the listed kind", kRight, false, false, true,
               [](const Row& row) {
                   return Json(row.id);
               }},
    ListColumn{"run", "run of the work item", kRight, false, false, kHidden,
               [](const Row& row) {
                   return Json(row.runId);
               }},
    ListColumn{"stage", "what the work item does", false, false, false, true,
               [](const Row& row) {
                   return Json(row.stage);
               }},
    ListColumn{"subject", "subject of the problem; of a work item: what it is about", false, false,
               false, true, itemSubject},
    ListColumn{"sample", "sample of the work item, from 0", kRight, false, false, true,
               [](const Row& row) {
                   return Json(row.sample);
               }},
    ListColumn{"state", "planned, running, done, failed or skipped", false, false, false, true,
               [](const Row& row) {
                   return Json(row.state);
               }},
    ListColumn{"attempts", "how often the work item was tried", kRight, false, false, true,
               [](const Row& row) {
                   return Json(row.attempts);
               }},
    ListColumn{"error_code", "kind of the last error", false, false, false, kHidden,
               [](const Row& row) {
                   return textOrNull(row.errorCode);
               }},
    ListColumn{"error", "the last error", false, false, false, true,
               [](const Row& row) {
                   return textOrNull(row.error);
               }},
    ListColumn{"source", "data set of the problem", false, false, false, kHidden,
               [](const Row& row) {
                   return textOrNull(row.source);
               }},
    ListColumn{"excerpt", "start of the problem", false, false, false, kHidden,
               [](const Row& row) {
                   return Json(row.excerpt);
               }},
};

bool applies(const ListColumn& column, store::ListOf of) {
    if (column.name == "critiques") {
        return of == store::ListOf::Problems || of == store::ListOf::Solutions;
    }
    if (column.ofCritiques) {
        return of == store::ListOf::Critiques;
    }
    return !column.ofSolutions || of != store::ListOf::Problems;
}

} // namespace

std::vector<const ListColumn*> columnsOf(store::ListOf of) {
    std::vector<const ListColumn*> out;
    if (of == store::ListOf::Items) {
        for (const ListColumn& column : kItemColumns) {
            out.push_back(&column);
        }
        return out;
    }
    for (const ListColumn& column : kColumns) {
        if (applies(column, of)) {
            out.push_back(&column);
        }
    }
    return out;
}

std::string cellText(const Json& value) {
    if (value.is_null()) {
        return "-";
    }
    if (value.is_boolean()) {
        return value.get<bool>() ? "yes" : "no";
    }
    if (value.is_string()) {
        return base::escapeForTerminal(base::excerpt(value.get_ref<const std::string&>(), 200));
    }
    if (value.is_array()) {
        std::string text;
        for (const Json& part : value) {
            text += (text.empty() ? "" : ",") + cellText(part);
        }
        return text.empty() ? "-" : text;
    }
    return value.dump();
}

} // namespace scrit::cli
