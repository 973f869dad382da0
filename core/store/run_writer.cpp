// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_writer.h"

#include "core/store/codec.h"
#include "core/store/write_call.h"

#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::ItemState;
using model::RunState;

constexpr const char* kFindModel = "SELECT id, retired_at IS NOT NULL FROM model WHERE name = ?";
constexpr const char* kInsertModel =
    "INSERT INTO model (kind, settings, parent_id, created_at, name) VALUES (?, ?, ?, ?, ?)";
constexpr const char* kReviveModel =
    "UPDATE model SET kind = ?, settings = ?, parent_id = ?, created_at = ?, retired_at = NULL "
    "WHERE name = ?";
constexpr const char* kUpdateModel = "UPDATE model SET kind = ?, settings = ? WHERE id = ?";
constexpr const char* kRetireModel = "UPDATE model SET retired_at = ? WHERE id = ?";

constexpr const char* kInsertRun =
    "INSERT INTO run (recipe, recipe_text, settings, filter, seed, round_id, state, error, "
    "created_at, started_at, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertUsage = "INSERT INTO run_usage (run_id, cost) VALUES (?, ?)";
constexpr const char* kAddUsage =
    "UPDATE run_usage SET completions = completions + 1, prompt_tokens = prompt_tokens + ?, "
    "completion_tokens = completion_tokens + ?, cost = cost + ? WHERE run_id = ?";
constexpr const char* kRunState =
    "UPDATE run SET state = ?1, error = ?2, "
    "started_at = iif(?1 = 'running', ifnull(started_at, ?3), started_at), "
    "finished_at = iif(?1 IN ('done', 'failed'), ?3, NULL) WHERE id = ?4";
constexpr const char* kRunSettings = "UPDATE run SET settings = ? WHERE id = ?";

constexpr const char* kPlanItem =
    "INSERT INTO work_item (run_id, stage_term, subject_kind, subject_id, sample) "
    "VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (run_id, stage_term, subject_kind, subject_id, sample) DO NOTHING";
constexpr const char* kFindItem =
    "SELECT id, state, attempts FROM work_item WHERE run_id = ? AND stage_term = ? "
    "AND subject_kind = ? AND subject_id = ? AND sample = ?";
constexpr const char* kStartItem = "UPDATE work_item SET state = 'running', started_at = ? "
                                   "WHERE id = ? AND state IN ('planned', 'running')";
constexpr const char* kEndItem =
    "UPDATE work_item SET state = ?, attempts = ?, error_code = ?, error = ?, next_try_at = ?, "
    "result_kind = ?, result_id = ?, finished_at = ? "
    "WHERE id = ? AND state IN ('planned', 'running')";
constexpr const char* kItemState = "SELECT state FROM work_item WHERE id = ?";
constexpr const char* kRequeue = "UPDATE work_item SET state = 'planned', started_at = NULL "
                                 "WHERE state = 'running' AND run_id = ?";
#define SCRIT_RETRY                                                                                \
    "UPDATE work_item SET state = 'planned', attempts = 0, error_code = NULL, error = NULL, "      \
    "next_try_at = NULL, started_at = NULL, finished_at = NULL "                                   \
    "WHERE state = 'failed' AND run_id = ?"
constexpr const char* kRetryAll = SCRIT_RETRY;
constexpr const char* kRetryCode = SCRIT_RETRY " AND error_code = ?";

constexpr const char* kInsertCompletion =
    "INSERT INTO completion (cache_key, model_id, run_id, prompt_hash, sampling, seed, sample, "
    "finish_reason, prompt_tokens, completion_tokens, latency_seconds, queue_seconds, cost, "
    "created_at, text, reasoning, logprobs) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cache_key) DO NOTHING";
constexpr const char* kFindCompletion = "SELECT id FROM completion WHERE cache_key = ?";
constexpr const char* kMoveCompletion = "UPDATE completion SET cache_key = ? WHERE id = ?";

constexpr const char* kHasPrompt = "SELECT 1 FROM prompt WHERE hash = ?";
constexpr const char* kInsertPrompt = "INSERT INTO prompt (hash, encoding, text) VALUES (?, ?, ?)";
constexpr const char* kInsertPair =
    "INSERT INTO pair (run_id, solution_id, reference_id) VALUES (?, ?, ?) "
    "ON CONFLICT (run_id, solution_id, reference_id) DO NOTHING";
constexpr const char* kFindPair =
    "SELECT id FROM pair WHERE run_id = ? AND solution_id = ? AND reference_id = ?";

// A failed item always has a code, so that one can ask for those of a cause.
constexpr const char* kUnknownError = "unknown";

std::optional<std::string> unlessEmpty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

Expected<void> noSuch(std::string_view what, std::int64_t id) {
    return fail(ErrorCode::NotFound, "there is no " + std::string(what) + " " + std::to_string(id) +
                                         " in the workspace");
}

// Why an item could not be started or ended: whoever asked has lost count of what is done.
Expected<void> notOpen(Connection& connection, std::int64_t itemId) {
    Query find(connection.statement(kItemState));
    if (!find.bind(itemId).step()) {
        return noSuch("work item", itemId);
    }
    return fail(ErrorCode::Internal,
                "work item " + std::to_string(itemId) + " is " + find.text(0) + " already");
}

// Gives the key of an answer to another one: the old answer stays under a key that no request has.
void freeKey(Connection& connection, const std::string& key) {
    std::optional<std::int64_t> old;
    {
        Query find(connection.statement(kFindCompletion));
        if (find.bindBlob(key).step()) {
            old = find.integer(0);
        }
    }
    if (old) {
        const std::string moved = key + '\0' + std::to_string(*old);
        Query move(connection.statement(kMoveCompletion));
        move.bindBlob(moved).bind(*old).run();
    }
}

// True when it is new.
bool insertCompletion(Connection& connection, const model::Completion& completion,
                      const std::string& key) {
    const std::string prompt = packKey(completion.promptHash);
    const std::string logprobs = encodeText(completion.logprobs).bytes;
    Query insert(connection.statement(kInsertCompletion));
    insert.bindBlob(key).bind(unlessZero(completion.modelId)).bind(unlessZero(completion.runId));
    completion.promptHash.empty() ? insert.bindNull() : insert.bindBlob(prompt);
    insert.bind(completion.sampling).bind(completion.seed).bind(completion.sample);
    insert.bind(completion.finishReason).bind(completion.promptTokens);
    insert.bind(completion.completionTokens).bind(completion.latencySeconds);
    insert.bind(completion.queueSeconds).bind(completion.cost);
    insert.bind(stamp(completion.createdAt)).bind(completion.text).bind(completion.reasoning);
    completion.logprobs.empty() ? insert.bindNull() : insert.bindBlob(logprobs);
    return insert.run() != 0;
}

} // namespace

RunWriter::RunWriter(Writer& writer) : m_connection(writer.m_connection) {}

Expected<std::int64_t> RunWriter::addModel(const model::Model& model) {
    return writing(m_connection, "cannot store a model", [&]() -> Expected<std::int64_t> {
        if (model.name.empty() || model.kind.empty()) {
            return fail(ErrorCode::Invalid, "a model needs a name and a kind");
        }
        std::optional<std::int64_t> retired;
        {
            Query find(m_connection.statement(kFindModel));
            if (find.bind(model.name).step()) {
                if (find.integer(1) == 0) {
                    return fail(ErrorCode::Exists, "there is a model '" + model.name + "' already",
                                "choose another name, or remove that model first");
                }
                retired = find.integer(0);
            }
        }
        const std::string settings = settingsToStore(model.settings, m_connection.pathText());
        Query store(m_connection.statement(retired ? kReviveModel : kInsertModel));
        store.bind(model.kind).bind(settings).bind(model.parentId);
        store.bind(stamp(model.createdAt)).bind(model.name).run();
        return retired ? *retired : lastId(m_connection);
    });
}

Expected<void> RunWriter::updateModel(const model::Model& model) {
    return writing(m_connection, "cannot change a model", [&]() -> Expected<void> {
        const std::string settings = settingsToStore(model.settings, m_connection.pathText());
        Query update(m_connection.statement(kUpdateModel));
        const bool changed = update.bind(model.kind).bind(settings).bind(model.id).run() != 0;
        return changed ? Expected<void>{} : noSuch("model", model.id);
    });
}

Expected<void> RunWriter::retireModel(std::int64_t modelId, bool retired) {
    return writing(m_connection, "cannot change a model", [&]() -> Expected<void> {
        Query update(m_connection.statement(kRetireModel));
        const std::optional<std::int64_t> when =
            retired ? std::optional(base::unixMillis()) : std::nullopt;
        return update.bind(when).bind(modelId).run() != 0 ? Expected<void>{}
                                                          : noSuch("model", modelId);
    });
}

Expected<std::int64_t> RunWriter::addRun(const model::Run& run) {
    return writing(m_connection, "cannot store a run", [&]() -> Expected<std::int64_t> {
        const std::string state(model::name(run.state));
        {
            Query insert(m_connection.statement(kInsertRun));
            insert.bind(run.recipe).bind(run.recipeText).bind(run.settings).bind(run.filter);
            insert.bind(static_cast<std::int64_t>(run.seed)).bind(run.roundId).bind(state);
            insert.bind(run.error).bind(stamp(run.createdAt)).bind(unlessZero(run.startedAt));
            insert.bind(unlessZero(run.finishedAt)).run();
        }
        const std::int64_t id = lastId(m_connection);
        Query(m_connection.statement(kInsertUsage)).bind(id).bind(run.cost).run();
        return id;
    });
}

Expected<void> RunWriter::setRunState(std::int64_t runId, RunState state, std::string_view error) {
    return writing(m_connection, "cannot note the state of a run", [&]() -> Expected<void> {
        const std::string stateName(model::name(state));
        const std::string why(error);
        Query update(m_connection.statement(kRunState));
        update.bind(stateName).bind(why).bind(base::unixMillis()).bind(runId);
        return update.run() != 0 ? Expected<void>{} : noSuch("run", runId);
    });
}

Expected<void> RunWriter::setRunSettings(std::int64_t runId, const std::string& settings) {
    return writing(m_connection, "cannot change a run", [&]() -> Expected<void> {
        Query update(m_connection.statement(kRunSettings));
        return update.bind(settings).bind(runId).run() != 0 ? Expected<void>{}
                                                            : noSuch("run", runId);
    });
}

Expected<std::int64_t> RunWriter::planItems(std::span<model::WorkItem> items) {
    return writingMany(m_connection, "cannot plan work", [&]() -> Expected<std::int64_t> {
        std::int64_t added = 0;
        for (model::WorkItem& item : items) {
            const std::int64_t stage = m_connection.termId(item.stage);
            const auto bindKey = [&](Query& query) -> Query& {
                return query.bind(item.runId)
                    .bind(stage)
                    .bind(static_cast<int>(item.subject))
                    .bind(item.subjectId)
                    .bind(item.sample);
            };
            {
                Query insert(m_connection.statement(kPlanItem));
                if (bindKey(insert).run() != 0) {
                    item.id = lastId(m_connection);
                    item.state = ItemState::Planned;
                    item.attempts = 0;
                    ++added;
                    continue;
                }
            }
            Query find(m_connection.statement(kFindItem));
            if (!bindKey(find).step()) {
                return fail(ErrorCode::Internal, "a planned item is not there");
            }
            item.id = find.integer(0);
            item.state = model::itemStateFromName(find.text(1)).value_or(ItemState::Planned);
            item.attempts = find.small(2);
        }
        return added;
    });
}

Expected<void> RunWriter::startItems(std::span<const std::int64_t> itemIds) {
    return writingMany(m_connection, "cannot start work", [&]() -> Expected<void> {
        const std::int64_t now = base::unixMillis();
        for (const std::int64_t id : itemIds) {
            Query update(m_connection.statement(kStartItem));
            if (update.bind(now).bind(id).run() == 0) {
                return notOpen(m_connection, id);
            }
        }
        return {};
    });
}

Expected<void> RunWriter::endItem(const ItemEnd& end) {
    return writing(m_connection, "cannot end a work item", [&]() -> Expected<void> {
        if (end.state == ItemState::Running) {
            return fail(ErrorCode::Invalid, "a work item cannot end as running");
        }
        const std::string state(model::name(end.state));
        std::optional<std::string> code = unlessEmpty(end.errorCode);
        if (!code && end.state == ItemState::Failed) {
            code = kUnknownError;
        }
        const std::optional<std::string> error = unlessEmpty(end.error);
        const std::optional<std::string> kind = unlessEmpty(end.resultKind);
        const std::int64_t finished = end.state == ItemState::Planned ? 0 : base::unixMillis();
        Query update(m_connection.statement(kEndItem));
        update.bind(state).bind(end.attempts).bind(code).bind(error);
        update.bind(unlessZero(end.nextTryAt)).bind(kind).bind(unlessZero(end.resultId));
        update.bind(unlessZero(finished)).bind(end.itemId);
        return update.run() != 0 ? Expected<void>{} : notOpen(m_connection, end.itemId);
    });
}

Expected<std::int64_t> RunWriter::requeueRunning(std::int64_t runId) {
    return writing(m_connection, "cannot plan work again", [&]() -> Expected<std::int64_t> {
        return Query(m_connection.statement(kRequeue)).bind(runId).run();
    });
}

Expected<std::int64_t> RunWriter::retryFailed(std::int64_t runId,
                                              std::optional<std::string_view> errorCode) {
    return writing(m_connection, "cannot plan work again", [&]() -> Expected<std::int64_t> {
        if (!errorCode) {
            return Query(m_connection.statement(kRetryAll)).bind(runId).run();
        }
        const std::string code(*errorCode);
        return Query(m_connection.statement(kRetryCode)).bind(runId).bind(code).run();
    });
}

Expected<Stored> RunWriter::addCompletion(const model::Completion& completion, bool replace) {
    return writingMany(m_connection, "cannot store an answer", [&]() -> Expected<Stored> {
        if (completion.cacheKey.empty()) {
            return fail(ErrorCode::Invalid, "an answer needs a key");
        }
        const std::string key = packKey(completion.cacheKey);
        if (replace) {
            freeKey(m_connection, key);
        }
        if (!insertCompletion(m_connection, completion, key)) {
            Query find(m_connection.statement(kFindCompletion));
            find.bindBlob(key).step();
            return Stored{find.integer(0), false};
        }
        const std::int64_t id = lastId(m_connection);
        if (completion.runId != 0) {
            Query add(m_connection.statement(kAddUsage));
            add.bind(completion.promptTokens).bind(completion.completionTokens);
            add.bind(completion.cost).bind(completion.runId).run();
        }
        return Stored{id, true};
    });
}

EncodedPrompt encodePrompt(std::string hash, std::string_view text) {
    EncodedText encoded = encodeText(text);
    return {std::move(hash), std::move(encoded.encoding), std::move(encoded.bytes)};
}

Expected<void> RunWriter::addPrompt(std::string_view hash, std::string_view text) {
    return addPrompt(encodePrompt(std::string(hash), text));
}

Expected<void> RunWriter::addPrompt(const EncodedPrompt& prompt) {
    return writing(m_connection, "cannot store a prompt", [&]() -> Expected<void> {
        const std::string key = packKey(prompt.hash);
        {
            Query find(m_connection.statement(kHasPrompt));
            if (find.bindBlob(key).step()) {
                return {};
            }
        }
        Query insert(m_connection.statement(kInsertPrompt));
        insert.bindBlob(key).bind(prompt.encoding).bindBlob(prompt.bytes).run();
        return {};
    });
}

Expected<Stored> RunWriter::addPair(std::int64_t runId, std::int64_t solutionId,
                                    std::int64_t referenceId) {
    return writing(m_connection, "cannot store a pair", [&]() -> Expected<Stored> {
        {
            Query insert(m_connection.statement(kInsertPair));
            if (insert.bind(runId).bind(solutionId).bind(referenceId).run() != 0) {
                return Stored{lastId(m_connection), true};
            }
        }
        Query find(m_connection.statement(kFindPair));
        find.bind(runId).bind(solutionId).bind(referenceId).step();
        return Stored{find.integer(0), false};
    });
}

} // namespace scrit::store
