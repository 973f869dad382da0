// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_reader.h"

#include "core/base/suggest.h"
#include "core/store/codec.h"
#include "core/store/connection.h"
#include "core/store/query_rows.h"
#include "core/store/record_reader.h"
#include "core/store/row_reader.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::ItemState;
using IdSpan = std::span<const std::int64_t>;

constexpr const char* kModels =
    "SELECT id, name, kind, settings, parent_id, created_at, retired_at IS NOT NULL FROM model "
    "ORDER BY name";
#define SCRIT_RUNS                                                                                 \
    "SELECT r.id, r.recipe, r.recipe_text, r.settings, r.filter, r.seed, r.round_id, r.state, "    \
    "r.error, u.cost, r.created_at, r.started_at, r.finished_at "                                  \
    "FROM run r LEFT JOIN run_usage u ON u.run_id = r.id "
constexpr const char* kRuns = SCRIT_RUNS "ORDER BY r.id DESC";
constexpr const char* kRun = SCRIT_RUNS "WHERE r.id = ?";
constexpr const char* kLastOpenRun =
    SCRIT_RUNS "WHERE r.state NOT IN ('done', 'failed') ORDER BY r.id DESC LIMIT 1";
constexpr const char* kUsage = "SELECT completions, prompt_tokens, completion_tokens, cost "
                               "FROM run_usage WHERE run_id = ?";

// All states, so that the index on (state, run, stage) serves.
constexpr const char* kStageCounts =
    "SELECT stage_term, state, count(*) FROM work_item "
    "WHERE state IN ('planned', 'running', 'done', 'failed', 'skipped') AND run_id = ? "
    "GROUP BY stage_term, state ORDER BY stage_term, state";
// With max() SQLite takes the other columns from the row of the maximum.
constexpr const char* kErrorGroups =
    "SELECT stage_term, state, ifnull(error_code, ''), ifnull(error, ''), id, count(*) AS n, "
    "max(ifnull(finished_at, 0)) FROM work_item "
    "WHERE state IN ('failed', 'skipped') AND run_id = ? "
    "GROUP BY stage_term, state, error_code ORDER BY state, n DESC, stage_term, error_code";
constexpr const char* kOpenIds =
    "SELECT id FROM work_item WHERE state IN ('planned', 'running') AND run_id = ?";
constexpr const char* kRunItems =
    "SELECT id, run_id, stage_term, subject_kind, subject_id, sample, state, attempts, error_code, "
    "error, next_try_at, result_kind, result_id FROM work_item WHERE id >= ? ORDER BY id";

constexpr const char* kSolutionsOf = "SELECT r.problem_id, r.id, s.key, r.student_term, r.correct "
                                     "FROM solution_row r CROSS JOIN solution s ON s.id = r.id "
                                     "WHERE r.problem_id >= ? ORDER BY r.problem_id";
constexpr const char* kReferences =
    "SELECT p.solution_id, p.reference_id FROM json_each(?) j CROSS JOIN pair p "
    "ON p.run_id = ? AND p.solution_id = j.value ORDER BY p.id";

// Keys asked for at once; a shorter list repeats its last one.
constexpr std::size_t kKeysAtOnce = 16;
#define SCRIT_COMPLETIONS                                                                          \
    "SELECT id, cache_key, model_id, run_id, prompt_hash, sampling, seed, sample, "                \
    "finish_reason, prompt_tokens, completion_tokens, latency_seconds, queue_seconds, cost, "      \
    "created_at, text, reasoning, logprobs FROM completion "
constexpr const char* kCompletions =
    SCRIT_COMPLETIONS "WHERE cache_key IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kCompletion = SCRIT_COMPLETIONS "WHERE id = ?";
constexpr const char* kPrompt = "SELECT encoding, text FROM prompt WHERE hash = ?";

model::Model modelFrom(const Query& row, const std::string& workspace) {
    model::Model model;
    model.id = row.integer(0);
    model.name = row.text(1);
    model.kind = row.text(2);
    model.settings = settingsFromStore(row.text(3), workspace);
    model.parentId = row.maybe(4);
    model.createdAt = row.integer(5);
    model.retired = row.integer(6) != 0;
    return model;
}

std::vector<model::Model> allModels(Connection& connection) {
    std::vector<model::Model> models;
    Query query(connection.statement(kModels));
    while (query.step()) {
        models.push_back(modelFrom(query, connection.pathText()));
    }
    return models;
}

model::Run runFrom(const Query& row) {
    model::Run run;
    run.id = row.integer(0);
    run.recipe = row.text(1);
    run.recipeText = row.text(2);
    run.settings = row.text(3);
    run.filter = row.text(4);
    run.seed = static_cast<std::uint64_t>(row.integer(5));
    run.roundId = row.maybe(6);
    run.state = model::runStateFromName(row.text(7)).value_or(model::RunState::Failed);
    run.error = row.text(8);
    run.cost = row.real(9);
    run.createdAt = row.integer(10);
    run.startedAt = row.maybe(11).value_or(0);
    run.finishedAt = row.maybe(12).value_or(0);
    return run;
}

ItemState itemState(const std::string& name) {
    return model::itemStateFromName(name).value_or(ItemState::Planned);
}

model::WorkItem itemFrom(Connection& connection, const Query& row) {
    model::WorkItem item;
    item.id = row.integer(0);
    item.runId = row.integer(1);
    item.stage = connection.termText(row.integer(2));
    item.subject =
        enumValue<model::SubjectKind>(row.small(3), 3).value_or(model::SubjectKind::Problem);
    item.subjectId = row.integer(4);
    item.sample = row.small(5);
    item.state = itemState(row.text(6));
    item.attempts = row.small(7);
    item.errorCode = row.text(8);
    item.error = row.text(9);
    item.nextTryAt = row.maybe(10).value_or(0);
    item.resultKind = row.text(11);
    item.resultId = row.maybe(12).value_or(0);
    return item;
}

Expected<model::Completion> completionFrom(const Query& row) {
    model::Completion completion;
    completion.id = row.integer(0);
    completion.cacheKey = unpackKey(row.text(1));
    completion.modelId = row.maybe(2).value_or(0);
    completion.runId = row.maybe(3).value_or(0);
    completion.promptHash = row.isNull(4) ? std::string() : unpackKey(row.text(4));
    completion.sampling = row.text(5);
    completion.seed = row.maybe(6);
    completion.sample = row.small(7);
    completion.finishReason = row.text(8);
    completion.promptTokens = row.integer(9);
    completion.completionTokens = row.integer(10);
    completion.latencySeconds = row.real(11);
    completion.queueSeconds = row.real(12);
    completion.cost = row.real(13);
    completion.createdAt = row.integer(14);
    completion.text = row.text(15);
    completion.reasoning = row.text(16);
    std::string bytes = row.text(17);
    const std::string_view encoding = isCompressed(bytes) ? "zstd" : "plain";
    auto logprobs = decodeText(encoding, std::move(bytes));
    if (!logprobs) {
        return fail(std::move(logprobs.error()));
    }
    completion.logprobs = std::move(*logprobs);
    return completion;
}

// The objects of `ids`, looked up in order of id, so that a table is passed through once, and given
// in the order of `ids`. `find` gives an Expected of an optional object.
template<typename Object, typename Find>
Expected<std::vector<Object>> objects(IdSpan ids, std::string_view what, Find&& find) {
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
    std::vector<Object> found(ids.size());
    for (const std::size_t place : order) {
        Expected<std::optional<Object>> object = find(ids[place]);
        if (!object) {
            return fail(std::move(object.error()));
        }
        if (!*object) {
            return fail(ErrorCode::Internal, "there is no " + std::string(what) + " " +
                                                 std::to_string(ids[place]) + " in the workspace");
        }
        found[place] = std::move(**object);
    }
    return found;
}

} // namespace

RunReader::RunReader(Reader& reader) : m_reader(reader) {}

Expected<std::vector<model::Model>> RunReader::models(bool withRetired) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list models", [&]() -> Expected<std::vector<model::Model>> {
        std::vector<model::Model> all = allModels(connection);
        if (!withRetired) {
            std::erase_if(all, [](const model::Model& model) { return model.retired; });
        }
        return all;
    });
}

Expected<model::Model> RunReader::model(std::string_view name) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot find a model", [&]() -> Expected<model::Model> {
        std::vector<std::string> names;
        std::string list;
        for (model::Model& known : allModels(connection)) {
            if (known.name == name && !known.retired) {
                return std::move(known);
            }
            if (known.name == name) {
                return fail(ErrorCode::NotFound, "the model '" + known.name + "' was removed",
                            "add it again with 'scrit model add'");
            }
            if (!known.retired) {
                list += (list.empty() ? "" : ", ") + known.name;
                names.push_back(std::move(known.name));
            }
        }
        const std::string nearest = base::nearest(name, names);
        return fail(ErrorCode::NotFound, "there is no model '" + std::string(name) + "'",
                    names.empty()      ? "add one with 'scrit model add'"
                    : !nearest.empty() ? "did you mean '" + nearest + "'?"
                                       : "there are: " + list);
    });
}

Expected<std::vector<model::Run>> RunReader::runs() {
    return allRows(m_reader.connection(), "cannot list runs", kRuns, runFrom);
}

Expected<model::Run> RunReader::run(std::int64_t runId) {
    return rowOfId(m_reader.connection(), "run", kRun, runFrom, runId);
}

Expected<std::optional<model::Run>> RunReader::lastOpenRun() {
    return firstRow(m_reader.connection(), "cannot read a run", kLastOpenRun, runFrom);
}

Expected<std::vector<StageCount>> RunReader::stageCounts(std::int64_t runId) {
    Connection& connection = m_reader.connection();
    return allRows(
        connection, "cannot count", kStageCounts,
        [&](const Query& row) {
            return StageCount{connection.termText(row.integer(0)), itemState(row.text(1)),
                              row.integer(2)};
        },
        runId);
}

Expected<std::vector<ErrorGroup>> RunReader::errorGroups(std::int64_t runId) {
    Connection& connection = m_reader.connection();
    return allRows(
        connection, "cannot count", kErrorGroups,
        [&](const Query& row) {
            return ErrorGroup{connection.termText(row.integer(0)),
                              itemState(row.text(1)),
                              row.text(2),
                              row.text(3),
                              row.integer(4),
                              row.integer(5)};
        },
        runId);
}

Expected<RunUsage> RunReader::usage(std::int64_t runId) {
    return rowOfId(
        m_reader.connection(), "run", kUsage,
        [](const Query& row) {
            return RunUsage{row.integer(0), row.integer(1), row.integer(2), row.real(3)};
        },
        runId);
}

Expected<void> RunReader::forEachOpenItem(std::int64_t runId,
                                          const std::function<bool(const model::WorkItem&)>& item) {
    Connection& connection = m_reader.connection();
    return streaming(connection, "cannot read the work to do", [&]() -> Expected<void> {
        // The index that tells which items are open has them by state and stage.
        std::vector<std::int64_t> ids;
        {
            Query query(connection.statement(kOpenIds));
            query.bind(runId);
            while (query.step()) {
                ids.push_back(query.integer(0));
            }
        }
        std::sort(ids.begin(), ids.end());
        Cursor items(connection, kRunItems, true); // the callback may read what it likes
        for (const std::int64_t id : ids) {
            if (items.find(id) && !item(itemFrom(connection, items.row()))) {
                break;
            }
        }
        return {};
    });
}

Expected<std::vector<std::int64_t>> RunReader::problemIds(const std::string& filter,
                                                          std::int64_t limit) {
    auto ids = m_reader.ids({ListOf::Problems, filter, SortKey::Id, false});
    if (ids && limit > 0 && ids->size() > static_cast<std::size_t>(limit)) {
        ids->resize(static_cast<std::size_t>(limit));
    }
    return ids;
}

Expected<std::vector<model::Problem>> RunReader::problems(IdSpan ids) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read problems", [&] {
        RecordReader records(connection, RecordReader::Use::Single);
        return objects<model::Problem>(
            ids, "problem", [&](std::int64_t id) -> Expected<std::optional<model::Problem>> {
                return records.problem(id);
            });
    });
}

Expected<std::vector<model::Solution>> RunReader::solutions(IdSpan ids) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read solutions", [&] {
        RecordReader records(connection, RecordReader::Use::Single);
        return objects<model::Solution>(
            ids, "solution", [&](std::int64_t id) -> Expected<std::optional<model::Solution>> {
                return records.solution(id);
            });
    });
}

Expected<std::vector<model::Critique>> RunReader::critiques(IdSpan ids) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read critiques", [&] {
        RecordReader records(connection, RecordReader::Use::Single);
        return objects<model::Critique>(ids, "critique",
                                        [&](std::int64_t id) { return records.critique(id); });
    });
}

Expected<std::vector<SelectableSolution>> RunReader::solutionsOf(IdSpan problemIds) {
    std::vector<std::int64_t> sorted(problemIds.begin(), problemIds.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    Connection& connection = m_reader.connection();
    return reading(
        connection, "cannot read solutions", [&]() -> Expected<std::vector<SelectableSolution>> {
            std::vector<SelectableSolution> found;
            Cursor cursor(connection, kSolutionsOf, false);
            for (const std::int64_t id : sorted) {
                for (bool more = cursor.find(id); more; more = cursor.next()) {
                    const Query& row = cursor.row();
                    SelectableSolution& solution = found.emplace_back();
                    solution.problemId = id;
                    solution.solutionId = row.integer(1);
                    solution.key = unpackKey(row.text(2));
                    solution.student = connection.termText(row.integer(3));
                    if (!row.isNull(4)) {
                        solution.correct = row.integer(4) != 0;
                    }
                }
            }
            std::sort(found.begin(), found.end(),
                      [](const auto& a, const auto& b) { return a.solutionId < b.solutionId; });
            return found;
        });
}

Expected<std::unordered_map<std::int64_t, std::int64_t>> RunReader::references(std::int64_t runId,
                                                                               IdSpan solutionIds) {
    using Found = std::unordered_map<std::int64_t, std::int64_t>;
    const std::string list = idsToJson(solutionIds);
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read pairs", [&]() -> Expected<Found> {
        Found found;
        Query query(connection.statement(kReferences));
        query.bind(list).bind(runId);
        while (query.step()) {
            found.emplace(query.integer(0), query.integer(1));
        }
        return found;
    });
}

Expected<std::unordered_map<std::string, model::Completion>>
RunReader::completions(std::span<const std::string> cacheKeys) {
    using Found = std::unordered_map<std::string, model::Completion>;
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read answers", [&]() -> Expected<Found> {
        Found found;
        for (std::size_t at = 0; at < cacheKeys.size(); at += kKeysAtOnce) {
            std::array<std::string, kKeysAtOnce> keys;
            Query query(connection.statement(kCompletions));
            for (std::size_t i = 0; i < kKeysAtOnce; ++i) {
                keys[i] = packKey(cacheKeys[std::min(at + i, cacheKeys.size() - 1)]);
                query.bindBlob(keys[i]);
            }
            while (query.step()) {
                auto completion = completionFrom(query);
                if (!completion) {
                    return fail(std::move(completion.error()));
                }
                std::string key = completion->cacheKey;
                found.emplace(std::move(key), std::move(*completion));
            }
        }
        return found;
    });
}

Expected<model::Completion> RunReader::completion(std::int64_t id) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read an answer", [&]() -> Expected<model::Completion> {
        Query query(connection.statement(kCompletion));
        if (!query.bind(id).step()) {
            return fail(ErrorCode::NotFound,
                        "there is no answer " + std::to_string(id) + " in the workspace");
        }
        return completionFrom(query);
    });
}

Expected<std::string> RunReader::prompt(std::string_view hash) {
    const std::string key = packKey(hash);
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a prompt", [&]() -> Expected<std::string> {
        Query query(connection.statement(kPrompt));
        if (!query.bindBlob(key).step()) {
            return std::string();
        }
        return decodeText(query.text(0), query.text(1));
    });
}

} // namespace scrit::store
