// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/evaluation_writer.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/store/codec.h"
#include "core/store/frozen_hash.h"
#include "core/store/write_call.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr const char* kProblem = "SELECT key, id FROM problem WHERE id = ?";
constexpr const char* kSolution = "SELECT key, problem_id FROM solution WHERE id = ?";
constexpr const char* kSameSet = "SELECT id, name, hash FROM frozen_set WHERE name = ? OR hash = ? "
                                 "ORDER BY name <> ?";
constexpr const char* kInsertSet =
    "INSERT INTO frozen_set (name, hash, subject_kind, filter, settings, size, problems, "
    "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertMember =
    "INSERT INTO frozen_set_member (set_id, subject_kind, subject_id) VALUES (?, ?, ?)";
constexpr const char* kInsertSetProblem =
    "INSERT INTO frozen_problem (problem_id, set_id) VALUES (?, ?)";

constexpr const char* kInsertEvaluation =
    "INSERT INTO evaluation (suite, critic_term, model_id, round_id, run_id, set_id, settings, "
    "state, error, created_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kUpdateEvaluation =
    "UPDATE evaluation SET state = ?1, error = ?2, run_id = ?3, round_id = ?4, "
    "finished_at = iif(?1 IN ('done', 'failed'), ifnull(finished_at, ?5), NULL) WHERE id = ?6";
constexpr const char* kHasResults =
    "SELECT EXISTS (SELECT 1 FROM evaluation_item WHERE evaluation_id = ?1) "
    "OR EXISTS (SELECT 1 FROM evaluation_score WHERE evaluation_id = ?1)";
constexpr const char* kInsertEvaluationItem =
    "INSERT INTO evaluation_item (evaluation_id, solution_id, sample, critique_id, outcome) "
    "VALUES (?, ?, ?, ?, ?)";
constexpr const char* kInsertScore =
    "INSERT INTO evaluation_score (evaluation_id, protocol, dataset, metric, n, value, low, high, "
    "details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

// The members' keys and problems.
struct Resolved {
    std::vector<std::string> keys;
    std::set<std::int64_t> problems;
};

Expected<Resolved> resolve(Connection& connection, model::SubjectKind kind,
                           const std::set<std::int64_t>& members) {
    const bool isProblem = kind == model::SubjectKind::Problem;
    Resolved found;
    for (const std::int64_t id : members) {
        Query query(connection.statement(isProblem ? kProblem : kSolution));
        if (!query.bind(id).step()) {
            return fail(ErrorCode::NotFound, "there is no " + std::string(model::name(kind)) + " " +
                                                 std::to_string(id) + " in the workspace");
        }
        found.keys.push_back(unpackKey(query.text(0)));
        found.problems.insert(query.integer(1));
    }
    return found;
}

// An id when the very same set is there, nothing when there is no conflict.
Expected<std::optional<std::int64_t>> existing(Connection& connection, const std::string& name,
                                               const std::string& packedHash) {
    Query query(connection.statement(kSameSet));
    query.bind(name).bindBlob(packedHash).bind(name);
    if (!query.step()) {
        return std::optional<std::int64_t>{};
    }
    if (query.text(1) != name) {
        return fail(ErrorCode::Exists,
                    "these members are frozen already as \"" + query.text(1) + "\"",
                    "use that set, or draw another one");
    }
    if (query.text(2) != packedHash) {
        return fail(ErrorCode::Exists,
                    "there is a frozen set \"" + name + "\" with other members already",
                    "a set never changes: give the new one another name");
    }
    return std::optional(query.integer(0));
}

std::string outcomeText(const model::EvaluationItem& item) {
    nlohmann::ordered_json json{{"dataset", item.dataset}};
    const auto add = [&](const char* key, const auto& value) {
        if (value) {
            json[key] = *value;
        }
    };
    add("gold", item.goldStep);
    add("correct", item.solutionCorrect);
    add("said", item.saidStep);
    add("right", item.answerRight);
    if (item.own) {
        json["own"] = true;
    }
    if (!item.given) {
        json["given"] = false;
    }
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::string frozenHash(model::SubjectKind members, std::vector<std::string> keys) {
    std::sort(keys.begin(), keys.end());
    std::string joined;
    for (const std::string& key : keys) {
        joined += key;
        joined += '\n';
    }
    return base::contentHash({"frozen-set", model::name(members), joined});
}

EvaluationWriter::EvaluationWriter(Writer& writer) : m_connection(writer.m_connection) {}

Expected<Stored> EvaluationWriter::addSet(const model::FrozenSet& set,
                                          std::span<const std::int64_t> members) {
    return writing(m_connection, "cannot freeze a set", [&]() -> Expected<Stored> {
        if (base::trimmed(set.name).empty()) {
            return fail(ErrorCode::Invalid, "an evaluation set needs a name");
        }
        if (set.members == model::SubjectKind::Critique) {
            return fail(ErrorCode::Invalid, "an evaluation set holds solutions or problems");
        }
        const std::set<std::int64_t> unique(members.begin(), members.end());
        if (unique.empty()) {
            return fail(ErrorCode::Invalid,
                        "the evaluation set \"" + set.name + "\" would be empty",
                        "change the filter");
        }
        auto resolved = resolve(m_connection, set.members, unique);
        if (!resolved) {
            return fail(std::move(resolved.error()));
        }
        const std::string hash = packKey(frozenHash(set.members, std::move(resolved->keys)));
        const auto known = existing(m_connection, set.name, hash);
        if (!known) {
            return fail(known.error());
        }
        if (*known) {
            return Stored{**known, false};
        }
        const int kind = set.members == model::SubjectKind::Problem ? 0 : 1;
        const std::string settings = set.settings.empty() ? "{}" : set.settings;
        Query insert(m_connection.statement(kInsertSet));
        insert.bind(set.name).bindBlob(hash).bind(kind).bind(set.filter).bind(settings);
        insert.bind(static_cast<std::int64_t>(unique.size()));
        insert.bind(static_cast<std::int64_t>(resolved->problems.size()));
        insert.bind(stamp(set.createdAt)).run();
        const std::int64_t setId = lastId(m_connection);
        for (const std::int64_t id : unique) {
            Query(m_connection.statement(kInsertMember)).bind(setId).bind(kind).bind(id).run();
        }
        for (const std::int64_t id : resolved->problems) {
            Query(m_connection.statement(kInsertSetProblem)).bind(id).bind(setId).run();
        }
        return Stored{setId, true};
    });
}

Expected<std::int64_t> EvaluationWriter::addEvaluation(const model::Evaluation& evaluation) {
    return writing(m_connection, "cannot store an evaluation", [&]() -> Expected<std::int64_t> {
        const std::string state(model::name(evaluation.state));
        const std::string settings = evaluation.settings.empty() ? "{}" : evaluation.settings;
        const std::int64_t critic = m_connection.termId(evaluation.critic);
        Query insert(m_connection.statement(kInsertEvaluation));
        insert.bind(evaluation.suites).bind(critic).bind(evaluation.modelId);
        insert.bind(evaluation.roundId).bind(evaluation.runId).bind(evaluation.setId);
        insert.bind(settings).bind(state).bind(evaluation.error);
        insert.bind(stamp(evaluation.createdAt)).bind(unlessZero(evaluation.finishedAt)).run();
        return lastId(m_connection);
    });
}

Expected<void> EvaluationWriter::updateEvaluation(const model::Evaluation& evaluation) {
    return writing(m_connection, "cannot store an evaluation", [&]() -> Expected<void> {
        const std::string state(model::name(evaluation.state));
        Query update(m_connection.statement(kUpdateEvaluation));
        update.bind(state).bind(evaluation.error).bind(evaluation.runId);
        update.bind(evaluation.roundId).bind(stamp(0)).bind(evaluation.id);
        if (update.run() == 0) {
            return fail(ErrorCode::NotFound, "there is no evaluation " +
                                                 std::to_string(evaluation.id) +
                                                 " in the workspace");
        }
        return {};
    });
}

Expected<void> EvaluationWriter::addResults(std::int64_t evaluationId,
                                            std::span<const model::EvaluationItem> items,
                                            std::span<const model::EvaluationScore> scores) {
    return writingMany(m_connection, "cannot store what was evaluated", [&]() -> Expected<void> {
        {
            Query has(m_connection.statement(kHasResults));
            if (has.bind(evaluationId).step() && has.integer(0) != 0) {
                return fail(ErrorCode::Exists, "evaluation " + std::to_string(evaluationId) +
                                                   " has its results already");
            }
        }
        for (const model::EvaluationItem& item : items) {
            const std::string outcome = outcomeText(item);
            Query insert(m_connection.statement(kInsertEvaluationItem));
            insert.bind(evaluationId).bind(item.solutionId).bind(item.sample);
            insert.bind(item.critiqueId).bind(outcome).run();
        }
        for (const model::EvaluationScore& score : scores) {
            const std::string details = score.details.empty() ? "{}" : score.details;
            Query insert(m_connection.statement(kInsertScore));
            insert.bind(evaluationId).bind(score.protocol).bind(score.dataset);
            insert.bind(score.metric).bind(score.n).bind(score.value).bind(score.low);
            insert.bind(score.high).bind(details).run();
        }
        return {};
    });
}

} // namespace scrit::store
