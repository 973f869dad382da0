// SPDX-License-Identifier: GPL-3.0-or-later
// Prints how fast finished work items are stored, and what each part of it costs:
//   bench_runs [--items N] [--batch N]
// An item is a critique of 1.5 KB with its completion, prompt, parse, two verdicts and a planned
// validation. Beside it: the answers alone, inserted by SQLite into one table with a unique key.
#include "core/base/hash.h"
#include "core/loop/verify.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "tests/bench/synthetic.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace scrit;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kProblems = 1000;

// Ends the program with the error's words: a benchmark that went wrong must not print a figure.
template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        std::fprintf(stderr, "bench_runs: %s\n", value.error().text().c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

// Of this thread: what a part costs must not depend on what else the machine does.
double cpuSeconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

enum Part { Start, Completion, Prompt, Critique, Verdicts, Plan, End, Commit };
constexpr std::size_t kParts = Commit + 1;
constexpr std::array<const char*, kParts> kPartNames = {"startItems (transaction of its own)",
                                                        "addCompletion",
                                                        "addPrompt (3 KB)",
                                                        "addCritique with parse",
                                                        "addVerdict, two",
                                                        "planItems, one",
                                                        "endItem",
                                                        "commit: full-text index, log, flush"};

class Bench {
public:
    Bench(const std::filesystem::path& path, std::size_t items, std::size_t batch)
        : m_items(items), m_batch(batch), m_workspace(must(store::Workspace::create(path))) {}

    void prepare() {
        bench::Synthetic synthetic(7);
        std::vector<model::WorkItem> items;
        must(m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            for (std::int64_t i = 0; i < kProblems; ++i) {
                model::Problem problem = synthetic.problem(i);
                problem.id = must(writer.addProblem(problem)).id;
                model::Solution solution = synthetic.solution(problem, i);
                solution.id = must(writer.addSolution(solution)).id;
                m_solutions.push_back(std::move(solution));
            }
            store::RunWriter runs(writer);
            model::Model model;
            model.name = "model";
            model.kind = "openai";
            must(runs.addModel(model));
            model::Run run;
            run.recipe = "scrit";
            run.recipeText = std::string(6000, 'x');
            m_run = must(runs.addRun(run));
            for (std::size_t i = 0; i < m_items; ++i) {
                model::WorkItem item;
                item.runId = m_run;
                item.stage = model::stage::kCritique;
                item.subject = model::SubjectKind::Solution;
                item.subjectId = solutionOf(i).id;
                item.sample = static_cast<int>(i / m_solutions.size());
                items.push_back(std::move(item));
            }
            const double begin = cpuSeconds();
            must(runs.planItems(items));
            m_planning = cpuSeconds() - begin;
            return {};
        }));
        for (std::size_t i = 0; i < m_items; ++i) {
            m_ids.push_back(items[i].id);
            m_critiques.push_back(synthetic.critique(solutionOf(i), static_cast<std::int64_t>(i)));
        }
    }

    void storeAll() {
        const auto begin = Clock::now();
        const double cpuBegin = cpuSeconds();
        for (std::size_t at = 0; at < m_items; at += m_batch) {
            const std::size_t end = std::min(m_items, at + m_batch);
            const double started = cpuSeconds();
            must(m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                return store::RunWriter(writer).startItems({m_ids.data() + at, end - at});
            }));
            m_spent[Start] += cpuSeconds() - started;
            double filled = 0;
            must(m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                store::RunWriter runs(writer);
                for (std::size_t i = at; i < end; ++i) {
                    finish(writer, runs, i);
                }
                filled = cpuSeconds();
                return {};
            }));
            m_spent[Commit] += cpuSeconds() - filled;
        }
        const double total = secondsSince(begin);
        const double cpu = cpuSeconds() - cpuBegin;
        const auto count = static_cast<double>(m_items);
        std::printf("%zu items in transactions of %zu: %.0f items/s (%.1f us each); %.1f us of CPU "
                    "each, of which\n",
                    m_items, m_batch, count / total, 1e6 * total / count, 1e6 * cpu / count);
        for (std::size_t part = 0; part < kParts; ++part) {
            std::printf("  %-40s %8.1f us\n", kPartNames.at(part), 1e6 * m_spent.at(part) / count);
        }
        std::printf("  %-40s %8.1f us\n", "planItems, all at once", 1e6 * m_planning / count);
    }

    // The least that storing paid answers durably can cost.
    void storeBare(const std::filesystem::path& path) {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        database.exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
                      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;"
                      "CREATE TABLE answer (id INTEGER PRIMARY KEY, key TEXT UNIQUE, text TEXT)");
        SQLite::Statement insert(database, "INSERT INTO answer (key, text) VALUES (?, ?)");
        const auto begin = Clock::now();
        const double cpuBegin = cpuSeconds();
        for (std::size_t at = 0; at < m_items; at += m_batch) {
            SQLite::Transaction transaction(database);
            for (std::size_t i = at; i < std::min(m_items, at + m_batch); ++i) {
                insert.bindNoCopy(1, m_critiques[i].key);
                insert.bindNoCopy(2, m_critiques[i].text);
                insert.exec();
                insert.reset();
            }
            transaction.commit();
        }
        const auto count = static_cast<double>(m_items);
        std::printf("the answers alone: %.0f items/s; %.1f us of CPU each\n",
                    count / secondsSince(begin), 1e6 * (cpuSeconds() - cpuBegin) / count);
    }

    // What resuming and a page of runs ask for.
    void readAll() {
        const auto reader = must(m_workspace->reader());
        store::RunReader runs(*reader);
        std::vector<std::int64_t> ids;
        timed("forEachOpenItem of all that was planned", [&] {
            ids.clear();
            must(runs.forEachOpenItem(m_run, [&](const model::WorkItem& item) {
                ids.push_back(item.subjectId);
                return true;
            }));
            return ids.size();
        });
        timed("critiques, 10,000 by id", [&] {
            ids.resize(std::min<std::size_t>(ids.size(), 10'000));
            return must(runs.critiques(ids)).size();
        });
        endAllBut(100);
        timed("forEachOpenItem, 100 of them open", [&] {
            std::size_t open = 0;
            must(runs.forEachOpenItem(m_run, [&](const model::WorkItem&) { return ++open != 0; }));
            return open;
        });
        timed("stageCounts", [&] { return must(runs.stageCounts(m_run)).size(); });
        timed("errorGroups", [&] { return must(runs.errorGroups(m_run)).size(); });
        timed("usage",
              [&] { return static_cast<std::size_t>(must(runs.usage(m_run)).completions); });
        std::vector<std::string> keys;
        for (std::size_t i = 0; i < std::min<std::size_t>(m_items, 10'000); ++i) {
            keys.push_back(base::contentHash({m_critiques[i].text}));
        }
        timed("completions, 10,000 by key", [&] { return must(runs.completions(keys)).size(); });
        std::vector<std::int64_t> problems;
        for (const model::Solution& solution : m_solutions) {
            problems.push_back(solution.problemId);
        }
        timed("solutionsOf 1,000 problems",
              [&] { return must(runs.solutionsOf(problems)).size(); });
        timed("status", [&] { return static_cast<std::size_t>(must(reader->status()).itemsDone); });
    }

private:
    [[nodiscard]] const model::Solution& solutionOf(std::size_t item) const {
        return m_solutions[item % m_solutions.size()];
    }

    template<typename Work>
    void part(Part which, Work&& work) {
        const double begin = cpuSeconds();
        work();
        m_spent.at(which) += cpuSeconds() - begin;
    }

    void finish(store::Writer& writer, store::RunWriter& runs, std::size_t i) {
        model::Critique& critique = m_critiques[i];
        model::Completion completion;
        completion.cacheKey = base::contentHash({critique.text});
        completion.runId = m_run;
        completion.modelId = 1;
        completion.promptTokens = 700;
        completion.completionTokens = 400;
        completion.cost = 0.001;
        completion.sampling = R"({"temperature":0.7,"top_p":0.95,"max_tokens":2048})";
        completion.text = critique.text;
        critique.promptHash = base::contentHash({"prompt", critique.text});
        completion.promptHash = critique.promptHash;
        part(Completion, [&] { critique.completionId = must(runs.addCompletion(completion)).id; });
        const std::string prompt = solutionOf(i).text + critique.text + solutionOf(i + 1).text;
        part(Prompt, [&] { must(runs.addPrompt(critique.promptHash, prompt)); });
        std::int64_t id = 0;
        part(Critique, [&] { id = must(writer.addCritique(critique)).id; });
        model::Verdict verdict;
        verdict.subject = model::SubjectKind::Critique;
        verdict.subjectId = id;
        verdict.verifier = "answer_match";
        verdict.protocol = "answer-match/1";
        verdict.outcome = i % 3 == 0 ? model::Outcome::Yes : model::Outcome::No;
        verdict.rule = "numbers";
        verdict.evidence = R"({"gold":"17","pred":"19"})";
        part(Verdicts, [&] {
            must(writer.addVerdict(verdict));
            verdict.verifier = "step_arithmetic";
            verdict.protocol = loop::kStepArithmeticProtocol;
            must(writer.addVerdict(verdict));
        });
        model::WorkItem next;
        next.runId = m_run;
        next.stage = model::stage::kValidate;
        next.subject = model::SubjectKind::Critique;
        next.subjectId = id;
        part(Plan, [&] { must(runs.planItems({&next, 1})); });
        m_next.push_back(next.id);
        store::ItemEnd end;
        end.itemId = m_ids[i];
        end.attempts = 1;
        end.resultKind = "critique";
        end.resultId = id;
        part(End, [&] { must(runs.endItem(end)); });
    }

    void endAllBut(std::size_t open) {
        must(m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            store::RunWriter runs(writer);
            for (std::size_t i = 0; i + open < m_next.size(); ++i) {
                store::ItemEnd end;
                end.itemId = m_next[i];
                must(runs.endItem(end));
            }
            return {};
        }));
    }

    static void timed(const char* what, const std::function<std::size_t()>& work) {
        work();
        const double begin = cpuSeconds();
        const std::size_t rows = work();
        std::printf("  %-40s %8.2f ms  (%zu)\n", what, 1e3 * (cpuSeconds() - begin), rows);
    }

    std::size_t m_items;
    std::size_t m_batch;
    std::shared_ptr<store::Workspace> m_workspace;
    std::int64_t m_run = 0;
    std::vector<model::Solution> m_solutions;
    std::vector<model::Critique> m_critiques;
    std::vector<std::int64_t> m_ids;
    std::vector<std::int64_t> m_next;
    std::array<double, kParts> m_spent{};
    double m_planning = 0;
};

} // namespace

int main(int argc, char** argv) {
    std::size_t items = 20'000;
    std::size_t batch = 256;
    for (int i = 1; i + 1 < argc; i += 2) {
        std::size_t& value = std::strcmp(argv[i], "--items") == 0 ? items : batch;
        value = std::max<std::size_t>(std::strtoull(argv[i + 1], nullptr, 10), 1);
    }
    char folder[] = "/tmp/scrit-bench-runs-XXXXXX";
    if (::mkdtemp(folder) == nullptr) {
        std::perror("bench_runs");
        return 1;
    }
    {
        Bench bench(std::filesystem::path(folder) / "runs.scrit", items, batch);
        bench.prepare();
        bench.storeBare(std::filesystem::path(folder) / "bare.db");
        bench.storeAll();
        bench.readAll();
    }
    std::filesystem::remove_all(folder);
    return 0;
}
