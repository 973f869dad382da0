// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/migrations.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using base::Expected;
using model::ItemState;
using model::Outcome;
using model::RunState;
using model::SubjectKind;
using store::ItemEnd;
using store::ListOf;
using store::RunReader;
using store::RunWriter;
using store::Workspace;
using store::Writer;

namespace {

// The value of an Expected inside a write; throws the error's text, which fails the write.
template<typename T>
T must(Expected<T> value) {
    if (!value) {
        throw std::runtime_error(value.error().text());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

model::Model makeModel(const std::string& name) {
    model::Model model;
    model.name = name;
    model.kind = "openai";
    model.settings = R"({"model":"m"})";
    return model;
}

model::Run makeRun(const std::string& recipe = "scrit") {
    model::Run run;
    run.recipe = recipe;
    run.recipeText = "text of " + recipe;
    run.settings = R"({"critic":"m"})";
    run.filter = "source:gsm8k";
    run.seed = 18446744073709551615ULL;
    return run;
}

model::WorkItem makeItem(std::int64_t runId, std::int64_t subjectId, int sample = 0,
                         std::string_view stage = model::stage::kCritique) {
    model::WorkItem item;
    item.runId = runId;
    item.stage = stage;
    item.subject = SubjectKind::Solution;
    item.subjectId = subjectId;
    item.sample = sample;
    return item;
}

std::string hexKey(int number) {
    return base::contentHash({"completion", std::to_string(number)});
}

model::Completion makeCompletion(std::int64_t runId, int number) {
    model::Completion completion;
    completion.cacheKey = hexKey(number);
    completion.runId = runId;
    completion.modelId = 1;
    completion.finishReason = "stop";
    completion.promptTokens = 100;
    completion.completionTokens = 10;
    completion.cost = 0.25;
    completion.text = "answer " + std::to_string(number);
    return completion;
}

ItemEnd failedItem(std::int64_t id, const std::string& code, const std::string& message) {
    ItemEnd end;
    end.itemId = id;
    end.state = ItemState::Failed;
    end.attempts = 3;
    end.errorCode = code;
    end.error = message;
    return end;
}

// "stage/state count" of each row.
std::map<std::string, std::int64_t> drawn(const std::vector<store::StageCount>& counts) {
    std::map<std::string, std::int64_t> lines;
    for (const store::StageCount& count : counts) {
        lines[count.stage + "/" + std::string(model::name(count.state))] = count.count;
    }
    return lines;
}

using Counts = std::map<std::string, std::int64_t>;

} // namespace

class StoreRunsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::int64_t m_run = 0;

    // Runs `work` in one transaction with both writers.
    template<typename Work>
    Expected<void> write(Work&& work) {
        return m_workspace->write([&](Writer& writer) -> Expected<void> {
            RunWriter runs(writer);
            work(writer, runs);
            return {};
        });
    }
    // Plans `count` critique items of solution 1.
    std::vector<std::int64_t> plan(int count) {
        std::vector<model::WorkItem> items;
        for (int i = 0; i < count; ++i) {
            items.push_back(makeItem(m_run, 1, i));
        }
        must(write([&](Writer&, RunWriter& runs) { must(runs.planItems(items)); }));
        std::vector<std::int64_t> ids;
        for (const model::WorkItem& item : items) {
            ids.push_back(item.id);
        }
        return ids;
    }
    std::vector<model::WorkItem> openItems() {
        std::vector<model::WorkItem> items;
        must(RunReader(*m_reader).forEachOpenItem(m_run, [&](const model::WorkItem& item) {
            items.push_back(item);
            return true;
        }));
        return items;
    }

private Q_SLOTS:
    // Each test has a workspace with a problem, two solutions, a model and a run.
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        SCRIT_TRY(workspace, Workspace::create(inside(*m_folder)));
        m_workspace = workspace;
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            const auto problem = idOf(writer.addProblem(makeProblem("One and one?")));
            idOf(writer.addSolution(makeSolution(problem, "Two.")));
            idOf(writer.addSolution(makeSolution(problem, "Three.", "student-b")));
            must(runs.addModel(makeModel("first")));
            m_run = must(runs.addRun(makeRun()));
        }));
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
    }
    void cleanup() {
        m_reader.reset();
        m_workspace.reset();
        m_folder.reset();
    }

    void models() {
        std::int64_t second = 0;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            model::Model child = makeModel("second");
            child.parentId = 1;
            second = must(runs.addModel(child));
            const auto taken = runs.addModel(makeModel("first"));
            QVERIFY(!taken && taken.error().code == ErrorCode::Exists);
            QVERIFY(!runs.addModel(model::Model{}));
            model::Model changed = makeModel("other name");
            changed.id = second;
            changed.kind = "vllm";
            changed.settings = "{}";
            must(runs.updateModel(changed));
            changed.id = 99;
            QCOMPARE(runs.updateModel(changed).error().code, ErrorCode::NotFound);
            must(runs.retireModel(1, true));
            QCOMPARE(runs.retireModel(99, true).error().code, ErrorCode::NotFound);
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(model, runs.model("second"));
        QCOMPARE(model.id, second);
        QCOMPARE(model.kind, "vllm");
        QCOMPARE(model.settings, "{}");
        QVERIFY(model.parentId == 1 && model.createdAt > 0 && !model.retired);
        SCRIT_TRY(offered, runs.models());
        QCOMPARE(offered.size(), 1U);
        SCRIT_TRY(all, runs.models(true));
        QCOMPARE(all.size(), 2U);
        QVERIFY(all[0].retired);
        const auto retired = runs.model("first");
        QVERIFY(!retired && retired.error().message.find("removed") != std::string::npos);
        QVERIFY(runs.model("secnd").error().text().find("'second'") != std::string::npos);
        QVERIFY(runs.model("zzzzzz").error().text().find("there are: second") != std::string::npos);
        // A name that is free again keeps its row, which completions refer to.
        SCRIT_OK(write([&](Writer&, RunWriter& writer) {
            QCOMPARE(must(writer.addModel(makeModel("first"))), std::int64_t{1});
        }));
        SCRIT_TRY(again, runs.model("first"));
        QVERIFY(!again.retired);
    }

    void runsAndTheirStates() {
        RunReader runs(*m_reader);
        SCRIT_TRY(fresh, runs.run(m_run));
        QCOMPARE(fresh.recipe, "scrit");
        QCOMPARE(fresh.recipeText, "text of scrit");
        QCOMPARE(fresh.settings, R"({"critic":"m"})");
        QCOMPARE(fresh.filter, "source:gsm8k");
        QCOMPARE(fresh.seed, 18446744073709551615ULL);
        QVERIFY(fresh.state == RunState::Planned && !fresh.roundId && fresh.createdAt > 0);
        QVERIFY(fresh.startedAt == 0 && fresh.finishedAt == 0);
        const auto state = [&](RunState to, std::string_view error = {}) {
            must(write([&](Writer&, RunWriter& w) { must(w.setRunState(m_run, to, error)); }));
            return must(runs.run(m_run));
        };
        const std::int64_t started = state(RunState::Running).startedAt;
        QVERIFY(started > 0);
        const model::Run stopped = state(RunState::Stopped, "the cost cap is reached");
        QVERIFY(stopped.state == RunState::Stopped && stopped.finishedAt == 0);
        QCOMPARE(stopped.error, "the cost cap is reached");
        QCOMPARE(state(RunState::Running).startedAt, started);
        QVERIFY(must(runs.lastOpenRun())->id == m_run);
        const model::Run done = state(RunState::Done);
        QVERIFY(done.finishedAt >= started && done.error.empty());
        QVERIFY(!must(runs.lastOpenRun()));
        QCOMPARE(state(RunState::Running).finishedAt, 0); // failed items were planned again
        SCRIT_OK(write([&](Writer&, RunWriter& writer) {
            must(writer.addRun(makeRun("scrit-direct")));
            QCOMPARE(writer.setRunState(99, RunState::Done).error().code, ErrorCode::NotFound);
            model::Run lost = makeRun();
            lost.roundId = 5;
            QCOMPARE(writer.addRun(lost).error().code, ErrorCode::NotFound);
        }));
        SCRIT_TRY(all, runs.runs());
        QCOMPARE(all.size(), 2U);
        QCOMPARE(all[0].recipe, "scrit-direct");
        QCOMPARE(must(runs.lastOpenRun())->recipe, "scrit-direct");
        QCOMPARE(runs.run(99).error().code, ErrorCode::NotFound);
        QCOMPARE(runs.usage(99).error().code, ErrorCode::NotFound);
    }

    void itemsArePlannedOnce() {
        std::vector<model::WorkItem> items = {makeItem(m_run, 1), makeItem(m_run, 1, 1),
                                              makeItem(m_run, 2), makeItem(m_run, 1)};
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.planItems(items)), std::int64_t{3});
            QCOMPARE(items[3].id, items[0].id);
            const std::int64_t first = items[0].id;
            must(runs.startItems({&first, 1}));
        }));
        std::vector<model::WorkItem> again = {makeItem(m_run, 2, 0, model::stage::kValidate),
                                              makeItem(m_run, 1)};
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.planItems(again)), std::int64_t{1});
        }));
        QCOMPARE(again[1].id, items[0].id);
        QVERIFY(again[1].state == ItemState::Running);
        SCRIT_TRY(counts, RunReader(*m_reader).stageCounts(m_run));
        QCOMPARE(
            drawn(counts),
            (Counts{{"critique/planned", 2}, {"critique/running", 1}, {"validate/planned", 1}}));
        // Of a run that is not there: nothing at all is stored, whatever the caller makes of it.
        items.push_back(makeItem(77, 1));
        items[0].sample = 9;
        const auto lost = m_workspace->write([&](Writer& writer) -> Expected<void> {
            return RunWriter(writer).planItems(items) ? base::fail(ErrorCode::Internal, "stored")
                                                      : Expected<void>{};
        });
        QCOMPARE(lost.error().code, ErrorCode::NotFound);
        QCOMPARE(openItems().size(), 4U);
    }

    void itemsEndOnce() {
        const auto ids = plan(3);
        ItemEnd end;
        end.itemId = ids[0];
        end.attempts = 2;
        end.resultKind = "critique";
        end.resultId = 12;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.startItems(ids));
            must(runs.endItem(end));
            end.itemId = 99;
            QCOMPARE(runs.endItem(end).error().code, ErrorCode::NotFound);
            end.itemId = ids[1];
            end.state = ItemState::Running;
            QCOMPARE(runs.endItem(end).error().code, ErrorCode::Invalid);
        }));
        // What comes with a second end of the same item is not stored either.
        for (const bool start : {false, true}) {
            const auto twice = m_workspace->write([&](Writer& writer) -> Expected<void> {
                idOf(writer.addCritique(makeCritique(1, "Paid twice.")));
                end.itemId = ids[0];
                end.state = ItemState::Done;
                RunWriter runs(writer);
                const auto refused = start ? runs.startItems({ids.data(), 1}) : runs.endItem(end);
                return refused ? base::fail(ErrorCode::Invalid, "stored") : Expected<void>{};
            });
            QCOMPARE(twice.error().code, ErrorCode::Internal);
        }
        SCRIT_TRY(critiques, m_reader->count({}));
        QCOMPARE(critiques, 0);
        SCRIT_TRY(counts, RunReader(*m_reader).stageCounts(m_run));
        QCOMPARE(drawn(counts), (Counts{{"critique/done", 1}, {"critique/running", 2}}));
        QCOMPARE(openItems().size(), 2U);
    }

    void itemsThatWaitForAnotherTry() {
        const auto ids = plan(2);
        ItemEnd later = failedItem(ids[0], "server", "busy");
        later.state = ItemState::Planned;
        later.attempts = 1;
        later.nextTryAt = 5000;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.startItems(ids));
            must(runs.endItem(later));
            QCOMPARE(must(runs.requeueRunning(m_run)), std::int64_t{1});
            QCOMPARE(must(runs.requeueRunning(99)), std::int64_t{0});
        }));
        const auto items = openItems();
        QCOMPARE(items.size(), 2U);
        QCOMPARE(items[0].id, ids[0]);
        QVERIFY(items[0].state == ItemState::Planned && items[1].state == ItemState::Planned);
        QVERIFY(items[0].subject == SubjectKind::Solution);
        QCOMPARE(items[0].stage, "critique");
        QCOMPARE(items[0].attempts, 1);
        QCOMPARE(items[0].nextTryAt, 5000);
        QCOMPARE(items[0].errorCode, "server");
        QCOMPARE(items[0].error, "busy");
        QCOMPARE(items[1].nextTryAt, 0);
        int seen = 0;
        SCRIT_OK(RunReader(*m_reader).forEachOpenItem(
            m_run, [&](const model::WorkItem&) { return ++seen < 1; }));
        QCOMPARE(seen, 1);
    }

    void failuresAreGroupedAndRetried() {
        const auto ids = plan(6);
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.endItem(failedItem(ids[0], "server", "first")));
            must(runs.endItem(failedItem(ids[1], "server", "second")));
            must(runs.endItem(failedItem(ids[2], "network", "refused")));
            must(runs.endItem(failedItem(ids[3], "", "no code")));
            ItemEnd skipped = failedItem(ids[4], "context", "too long");
            skipped.state = ItemState::Skipped;
            must(runs.endItem(skipped));
        }));
        SCRIT_TRY(groups, RunReader(*m_reader).errorGroups(m_run));
        Counts found;
        for (const store::ErrorGroup& group : groups) {
            found[std::string(model::name(group.state)) + " " + group.code] = group.count;
            QCOMPARE(group.stage, "critique");
        }
        QCOMPARE(found, (Counts{{"failed server", 2},
                                {"failed network", 1},
                                {"failed unknown", 1},
                                {"skipped context", 1}}));
        QCOMPARE(groups[0].code, "server"); // the most frequent cause first
        QVERIFY(groups[0].example == "first" || groups[0].example == "second");
        QCOMPARE(groups[0].exampleItem, groups[0].example == "first" ? ids[0] : ids[1]);
        SCRIT_TRY(before, m_reader->status());
        QCOMPARE(before.itemsFailed, 4);
        QCOMPARE(before.itemsSkipped, 1);
        QCOMPARE(before.itemsPlanned, 1);
        QCOMPARE(before.errors[0].first, "server");
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.retryFailed(m_run, "server")), std::int64_t{2});
            QCOMPARE(must(runs.retryFailed(m_run, "server")), std::int64_t{0});
            QCOMPARE(must(runs.retryFailed(m_run, "unknown")), std::int64_t{1});
        }));
        const auto items = openItems();
        QCOMPARE(items.size(), 4U);
        QVERIFY(items[0].attempts == 0 && items[0].errorCode.empty() && items[0].error.empty());
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.retryFailed(m_run)), std::int64_t{1});
        }));
        SCRIT_TRY(after, m_reader->status());
        QCOMPARE(after.itemsFailed, 0);
        QCOMPARE(after.itemsSkipped, 1);
        QVERIFY(after.errors.empty());
    }

    void completionsArePaidOnce() {
        model::Completion first = makeCompletion(m_run, 1);
        first.promptHash = base::contentHash({"prompt"});
        first.sampling = R"({"temperature":0.7})";
        first.seed = -5;
        first.sample = 3;
        first.latencySeconds = 1.5;
        first.queueSeconds = 0.25;
        first.createdAt = 42;
        first.reasoning = "Hm.";
        first.logprobs = "[" + std::string(5000, '1') + "]";
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            const auto stored = must(runs.addCompletion(first));
            QVERIFY(stored.added);
            model::Completion other = makeCompletion(m_run, 1);
            other.text = "another answer";
            const auto again = must(runs.addCompletion(other));
            QVERIFY(!again.added);
            QCOMPARE(again.id, stored.id);
            must(runs.addCompletion(makeCompletion(m_run, 2)));
            model::Completion recorded = makeCompletion(0, 3); // of no run and no model
            recorded.modelId = 0;
            must(runs.addCompletion(recorded));
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(usage, runs.usage(m_run));
        QCOMPARE(usage.completions, 2);
        QCOMPARE(usage.promptTokens, 200);
        QCOMPARE(usage.completionTokens, 20);
        QCOMPARE(usage.cost, 0.5);
        QCOMPARE(must(runs.run(m_run)).cost, 0.5);
        const std::vector<std::string> keys = {hexKey(1), hexKey(7), hexKey(3)};
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.size(), 2U);
        const model::Completion& read = found.at(hexKey(1));
        QCOMPARE(read.cacheKey, first.cacheKey);
        QCOMPARE(read.promptHash, first.promptHash);
        QCOMPARE(read.sampling, first.sampling);
        QVERIFY(read.seed == -5 && read.sample == 3 && read.createdAt == 42);
        QVERIFY(read.modelId == 1 && read.runId == m_run);
        QVERIFY(read.latencySeconds == 1.5 && read.queueSeconds == 0.25 && read.cost == 0.25);
        QCOMPARE(read.finishReason, "stop");
        QCOMPARE(read.text, "answer 1");
        QCOMPARE(read.reasoning, "Hm.");
        QCOMPARE(read.logprobs, first.logprobs);
        QVERIFY(found.at(hexKey(3)).runId == 0 && found.at(hexKey(3)).logprobs.empty());
    }

    void aFreshAnswerTakesTheKey() {
        std::int64_t old = 0;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            old = must(runs.addCompletion(makeCompletion(m_run, 1), true)).id;
            for (const char* text : {"newer", "newest"}) {
                model::Completion fresh = makeCompletion(m_run, 1);
                fresh.text = text;
                QVERIFY(must(runs.addCompletion(fresh, true)).added);
            }
        }));
        RunReader runs(*m_reader);
        const std::vector<std::string> keys = {hexKey(1)};
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.at(hexKey(1)).text, "newest");
        QVERIFY(found.at(hexKey(1)).id != old);
        QCOMPARE(must(runs.usage(m_run)).completions, 3);
        SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READONLY);
        QCOMPARE(database
                     .execAndGet("SELECT group_concat(text) FROM (SELECT text FROM completion "
                                 "ORDER BY id)")
                     .getString(),
                 "answer 1,newer,newest");
        // Of a run that is not there: the key does not move, even if the caller goes on.
        const auto lost = write([&](Writer&, RunWriter& writer) {
            QVERIFY(!writer.addCompletion(makeCompletion(77, 1), true));
        });
        QVERIFY(!lost);
        QCOMPARE(must(runs.completions(keys)).at(hexKey(1)).text, "newest");
    }

    void manyCompletionsAtOnce() {
        std::vector<std::string> keys;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            for (int i = 0; i < 100; ++i) {
                keys.push_back(hexKey(i));
                if (i % 3 != 0) {
                    must(runs.addCompletion(makeCompletion(m_run, i)));
                }
            }
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.size(), 66U);
        QCOMPARE(found.at(hexKey(98)).text, "answer 98");
        QVERIFY(must(runs.completions({})).empty());
    }

    void promptsAreKeptByHash() {
        const std::string text = "Judge this solution. " + std::string(20000, 'x');
        const std::string hash = base::contentHash({text});
        std::int64_t critique = 0;
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            must(runs.addPrompt(hash, text));
            must(runs.addPrompt(hash, text));
            must(runs.addPrompt(base::contentHash({"short"}), "short"));
            model::Critique object = makeCritique(1, "Fine.");
            object.promptHash = hash;
            model::Completion completion = makeCompletion(m_run, 1);
            completion.latencySeconds = 2.5;
            object.completionId = must(runs.addCompletion(completion)).id;
            critique = idOf(writer.addCritique(object));
            model::Verdict verdict = makeVerdict(SubjectKind::Critique, critique,
                                                 model::verifier::kSelfValidation, Outcome::Yes);
            verdict.completionId = object.completionId;
            idOf(writer.addVerdict(verdict));
        }));
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, critique));
        QCOMPARE(record.prompt, text);
        QVERIFY(record.latencySeconds == 2.5 && record.cost == 0.25);
        QVERIFY(record.promptTokens == 100 && record.completionTokens == 10);
        // From a verdict to the transcript that it was read from.
        QCOMPARE(record.verdicts.size(), 1U);
        RunReader runs(*m_reader);
        SCRIT_TRY(transcript, runs.completion(record.verdicts[0].completionId.value_or(0)));
        QCOMPARE(transcript.text, "answer 1");
        QCOMPARE(runs.completion(99).error().code, ErrorCode::NotFound);
        SCRIT_TRY(prompt, runs.prompt(hash));
        QCOMPARE(prompt, text);
        QVERIFY(must(runs.prompt(base::contentHash({"other"}))).empty());
        SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READONLY);
        QCOMPARE(database.execAndGet("SELECT count(*) FROM prompt").getInt(), 2);
        QVERIFY(database.execAndGet("SELECT sum(length(text)) FROM prompt").getInt() < 1000);
    }

    void pairsGiveReferences() {
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            const auto pair = must(runs.addPair(m_run, 2, 1));
            QVERIFY(pair.added);
            const auto again = must(runs.addPair(m_run, 2, 1));
            QVERIFY(!again.added && again.id == pair.id);
            QCOMPARE(runs.addPair(m_run, 2, 99).error().code, ErrorCode::NotFound);
            const auto other = must(runs.addRun(makeRun()));
            must(runs.addPair(other, 1, 2));
        }));
        const std::vector<std::int64_t> ids = {1, 2, 3};
        SCRIT_TRY(found, RunReader(*m_reader).references(m_run, ids));
        QCOMPARE(found.size(), 1U);
        QCOMPARE(found.at(2), 1);
        QVERIFY(must(RunReader(*m_reader).references(m_run, {})).empty());
        SCRIT_TRY(status, m_reader->status());
        QCOMPARE(status.pairs, 2);
    }

    void objectsInTheOrderAskedFor() {
        SCRIT_OK(write([&](Writer& writer, RunWriter&) {
            for (int i = 2; i <= 40; ++i) {
                const auto name = std::to_string(i);
                const auto problem =
                    idOf(writer.addProblem(makeProblem("P" + name, i % 2 == 0 ? "even" : "odd")));
                const auto solution = idOf(writer.addSolution(makeSolution(problem, "S" + name)));
                model::Critique critique = makeCritique(solution, "C" + name);
                critique.parsed.parser = "scrit/1";
                critique.parsed.firstErrorStep = i;
                idOf(writer.addCritique(critique));
            }
            idOf(writer.addVerdict(
                makeVerdict(SubjectKind::Solution, 1, "answer_match", Outcome::Yes)));
            idOf(writer.addVerdict(
                makeVerdict(SubjectKind::Solution, 2, "answer_match", Outcome::No)));
        }));
        RunReader runs(*m_reader);
        const std::vector<std::int64_t> ids = {30, 2, 29, 3, 30};
        SCRIT_TRY(problems, runs.problems(ids));
        SCRIT_TRY(solutions, runs.solutions(ids));
        SCRIT_TRY(critiques, runs.critiques(ids));
        QStringList texts;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            texts << QString::fromStdString(problems[i].text + solutions[i].text +
                                            critiques[i].text);
            QVERIFY(problems[i].id == ids[i] && solutions[i].id == ids[i]);
            QVERIFY(critiques[i].id == ids[i]);
        }
        // (There was a problem with two solutions before.)
        QCOMPARE(texts.join(QLatin1Char(' ')),
                 QStringLiteral("P30S29C31 P2Three.C3 P29S28C30 P3S2C4 P30S29C31"));
        QCOMPARE(critiques[0].parsed.firstErrorStep.value_or(-2), 31);
        for (const std::int64_t missing : {0, 99}) {
            const std::vector<std::int64_t> some = {1, missing};
            QCOMPARE(runs.problems(some).error().code, ErrorCode::Internal);
            QCOMPARE(runs.solutions(some).error().code, ErrorCode::Internal);
            QCOMPARE(runs.critiques(some).error().code, ErrorCode::Internal);
        }
        QVERIFY(must(runs.problems({})).empty());
        const std::vector<std::int64_t> of = {5, 1, 77, 1};
        SCRIT_TRY(selectable, runs.solutionsOf(of));
        QCOMPARE(selectable.size(), 3U);
        QVERIFY(selectable[0].solutionId == 1 && selectable[0].problemId == 1);
        QVERIFY(selectable[0].correct == true && selectable[1].correct == false);
        QVERIFY(!selectable[2].correct);
        QCOMPARE(selectable[1].student, "student-b");
        QCOMPARE(selectable[1].key, must(runs.solutions({&selectable[1].solutionId, 1}))[0].key);
        QVERIFY(selectable[2].problemId == 5);
        SCRIT_TRY(even, runs.problemIds("source:even", 3));
        QCOMPARE(even, (std::vector<std::int64_t>{2, 4, 6}));
        SCRIT_TRY(every, runs.problemIds("", 0));
        QCOMPARE(every.size(), 40U);
        QCOMPARE(runs.problemIds("sorce:x", 0).error().code, ErrorCode::Invalid);
    }

    void aReaderSeesOneState() {
        const auto ids = plan(10);
        RunReader runs(*m_reader);
        int seen = 0;
        SCRIT_OK(runs.forEachOpenItem(m_run, [&](const model::WorkItem& item) {
            // All the others end while the first is looked at; a nested read sees what the walk
            // sees.
            if (seen++ == 0) {
                must(write([&](Writer&, RunWriter& writer) {
                    for (const std::int64_t id : ids) {
                        ItemEnd end;
                        end.itemId = id;
                        must(writer.endItem(end));
                    }
                }));
            }
            const auto counts = drawn(must(runs.stageCounts(item.runId)));
            return counts == Counts{{"critique/planned", 10}};
        }));
        QCOMPARE(seen, 10);
        QVERIFY(openItems().empty());
        QCOMPARE(drawn(must(runs.stageCounts(m_run))), (Counts{{"critique/done", 10}}));
    }

    void listsAndFiltersOfItems_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("expected");
        QTest::newRow("all") << QString() << 5;
        QTest::newRow("state") << QStringLiteral("state:failed") << 2;
        QTest::newRow("stage") << QStringLiteral("stage:validate") << 1;
        QTest::newRow("student's stage") << QStringLiteral("stage:solve/small") << 1;
        QTest::newRow("any student") << QStringLiteral("stage:solve") << 1;
        QTest::newRow("error") << QStringLiteral("error:timeout") << 1;
        QTest::newRow("error pattern") << QStringLiteral("error:time*") << 1;
        QTest::newRow("run") << QStringLiteral("run:1") << 4;
        QTest::newRow("together") << QStringLiteral(
                                         "state:failed stage:critique error:timeout run:1")
                                  << 1;
        QTest::newRow("not") << QStringLiteral("-error:timeout") << 4;
    }
    void listsAndFiltersOfItems() {
        QFETCH(QString, filter);
        QFETCH(int, expected);
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            const auto critique = idOf(writer.addCritique(makeCritique(2, "Wrong.")));
            const auto other = must(runs.addRun(makeRun()));
            std::vector<model::WorkItem> items = {
                makeItem(m_run, 1), makeItem(m_run, 2),
                makeItem(m_run, critique, 0, model::stage::kValidate),
                makeItem(m_run, 1, 0, "solve/small"), makeItem(other, 1)};
            items[2].subject = SubjectKind::Critique;
            items[3].subject = SubjectKind::Problem;
            must(runs.planItems(items));
            must(runs.endItem(failedItem(items[0].id, "timeout", "too slow")));
            must(runs.endItem(failedItem(items[1].id, "server", "no")));
        }));
        const store::ListQuery query{ListOf::Items, filter.toStdString(), {}, false};
        SCRIT_TRY(count, m_reader->count(query));
        QCOMPARE(count, expected);
        SCRIT_TRY(rows, m_reader->page(query, std::nullopt, 100));
        QCOMPARE(rows.size(), static_cast<std::size_t>(expected));
        for (const store::TraceRow& row : rows) {
            QCOMPARE(row.problemId, 1);
            QVERIFY(!row.stage.empty() && !row.state.empty() && row.runId != 0);
            QCOMPARE(row.critiqueId != 0, row.stage == "validate");
        }
        SCRIT_TRY(codes, m_reader->values("error", "", 10));
        QCOMPARE(codes, (std::vector<std::string>{"server", "timeout"}));
    }

    // A workspace of the version before: what its runs have cost is counted once.
    void olderRunsKeepTheirUsage() {
        const auto path = inside(*m_folder, "old.scrit");
        {
            SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            for (const store::Migration& step : store::migrations()) {
                if (step.version <= 3) {
                    database.exec(std::string(step.sql));
                }
            }
            database.exec("PRAGMA user_version = 3; PRAGMA journal_mode = WAL;"
                          "INSERT INTO run (id, recipe, state, cost, created_at) VALUES "
                          "(1, 'scrit', 'stopped', 1.5, 1), (2, 'scrit', 'planned', 0, 1);"
                          "INSERT INTO completion (cache_key, run_id, prompt_tokens, "
                          "completion_tokens, created_at, text) VALUES "
                          "(x'01', 1, 10, 2, 1, 'a'), (x'02', 1, 30, 4, 1, 'b')");
        }
        SCRIT_TRY(workspace, Workspace::open(path));
        SCRIT_TRY(reader, workspace->reader());
        RunReader runs(*reader);
        SCRIT_TRY(usage, runs.usage(1));
        QVERIFY(usage.completions == 2 && usage.promptTokens == 40 && usage.cost == 1.5);
        QCOMPARE(usage.completionTokens, 6);
        QCOMPARE(must(runs.usage(2)).completions, 0);
    }

    // A child does the work of a run in batches until it is killed; the next one goes on. In the
    // end each item was done once, and at no time was there an item without its result or a result
    // without its item.
    void killedAndResumed() {
        constexpr int kItems = 240;
        constexpr std::size_t kBatch = 8;
        plan(kItems);
        m_reader.reset();
        m_workspace.reset();
        int kills = 0;
        for (int round = 0; round < 60; ++round) {
            const pid_t child = ::fork();
            if (child == 0) {
                ::_exit(work(kBatch) ? 0 : 1);
            }
            ::usleep(static_cast<useconds_t>(4000 + 1700 * (round % 11)));
            ::kill(child, round < 40 ? SIGKILL : 0);
            int state = 0;
            ::waitpid(child, &state, 0);
            kills += WIFSIGNALED(state) ? 1 : 0;
            SCRIT_TRY(workspace, Workspace::open(inside(*m_folder)));
            SCRIT_TRY(reader, workspace->reader());
            SCRIT_TRY(status, reader->status());
            SCRIT_TRY(usage, RunReader(*reader).usage(m_run));
            QCOMPARE(status.critiques, status.itemsDone);
            QCOMPARE(usage.completions, status.itemsDone);
            QCOMPARE(usage.cost, 0.25 * static_cast<double>(status.itemsDone));
            QVERIFY(status.wouldBeLost <= static_cast<std::int64_t>(kBatch));
            QCOMPARE(status.itemsDone + status.itemsPlanned + status.itemsRunning, kItems);
            if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
                QCOMPARE(status.itemsDone, kItems);
                QVERIFY(kills > 0);
                return;
            }
        }
        QFAIL("the work was never finished");
    }

private:
    // What the child does: batches of open items, each ended with its result in one transaction.
    bool work(std::size_t batch) {
        const auto opened = Workspace::open(inside(*m_folder));
        if (!opened) {
            return false;
        }
        m_workspace = *opened;
        m_reader = std::move(*m_workspace->reader());
        must(write([&](Writer&, RunWriter& runs) { must(runs.requeueRunning(m_run)); }));
        for (auto items = openItems(); !items.empty(); items = openItems()) {
            items.resize(std::min(items.size(), batch));
            std::vector<std::int64_t> ids;
            for (const model::WorkItem& item : items) {
                ids.push_back(item.id);
            }
            must(write([&](Writer&, RunWriter& runs) { must(runs.startItems(ids)); }));
            must(write([&](Writer& writer, RunWriter& runs) {
                for (const model::WorkItem& item : items) {
                    const auto completion =
                        must(runs.addCompletion(makeCompletion(m_run, item.sample)));
                    model::Critique critique =
                        makeCritique(1, "critique " + std::to_string(item.sample));
                    critique.completionId = completion.id;
                    ItemEnd end;
                    end.itemId = item.id;
                    end.resultKind = "critique";
                    end.resultId = idOf(writer.addCritique(critique));
                    must(runs.endItem(end));
                }
            }));
        }
        return true;
    }
};

QTEST_GUILESS_MAIN(StoreRunsTest)
#include "store_runs_test.moc"
