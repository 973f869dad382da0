// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/loop/run_engine.h"
#include "core/loop/run_request.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

// Doubles and helpers for tests of runs: a model that answers by a function, a workspace of sums,
// and the end state of a run as text.
namespace scrit::test {

// What a request is about, read out of its prompt.
struct Seen {
    std::string role;        // student, injector, contrastive, direct
    int number = 0;          // the problem is "What is NUMBER + 1?"
    int shown = 0;           // the answer of the solution that is shown; 0: none
    bool validating = false; // a direct critic at temperature 0
    std::int64_t seed = 0;
    [[nodiscard]] int truth() const { return number + 1; }
    [[nodiscard]] bool shownCorrect() const { return shown == truth(); }
};
[[nodiscard]] Seen look(const backend::ChatRequest& request);

using Answer = std::function<backend::ChatOutcome(const Seen& seen)>;
[[nodiscard]] backend::ChatOutcome says(std::string text);
[[nodiscard]] backend::ChatOutcome failsWith(int httpStatus, bool retryable,
                                             std::optional<std::int64_t> retryAfter = {});
[[nodiscard]] backend::ChatOutcome breaksDown(); // a broken connection
// A critique in the public form. `step` counts from 1; −1: correct.
[[nodiscard]] std::string critiqueText(int step, const std::string& correction);
[[nodiscard]] std::string solutionText(int answer);
// A critic, validator, student and injector that knows the truth and errs where the number of the
// problem says so:
//   number % 6 == 1   rubber stamp: approves everything
//   number % 6 == 2   finds the error, but corrects to another wrong answer
//   number % 6 == 3   a critique that cannot be read
//   number % 6 == 4   the validator cannot be read
[[nodiscard]] backend::ChatOutcome knowing(const Seen& seen);

// Answers on a thread of its own. While held, requests wait; release() lets them go on.
class ScriptedBackend final : public backend::Backend {
public:
    explicit ScriptedBackend(Answer answer);
    ~ScriptedBackend() override;
    RequestId complete(const backend::ChatRequest& request, Done done) override;
    void cancel(RequestId id) override;

    void hold();
    void release();
    void setAnswer(Answer answer);
    [[nodiscard]] int requests() const { return m_requests; }
    [[nodiscard]] int mostInFlight() const { return m_most; }
    [[nodiscard]] int inFlight() const;
    [[nodiscard]] std::vector<Seen> log() const;

private:
    struct Request {
        RequestId id;
        Seen seen;
        Done done;
    };
    void run();
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    Answer m_answer;
    std::deque<Request> m_queue;
    std::vector<Seen> m_log;
    RequestId m_last = 0;
    bool m_held = false;
    bool m_stopping = false;
    int m_working = 0;
    std::atomic<int> m_requests = 0;
    std::atomic<int> m_most = 0;
    std::thread m_thread;
};

// A model with scripted endpoints.
class ScriptedModel final : public backend::ModelHandle {
public:
    explicit ScriptedModel(std::vector<std::shared_ptr<ScriptedBackend>> backends);
    [[nodiscard]] std::vector<backend::Endpoint> endpoints() const override;
    void onChange(std::function<void()> listener) override;
    [[nodiscard]] std::optional<base::Error> failure() const override;
    [[nodiscard]] backend::Prices prices() const override { return price; }
    [[nodiscard]] std::string identity() const override { return name; }
    [[nodiscard]] std::optional<std::int64_t> contextTokens() const override { return context; }

    void change(const std::function<void(std::vector<backend::Endpoint>&)>& how);
    void fail(base::Error error);

    // To be set before it is used.
    backend::Prices price;
    std::string name = "scripted";
    std::optional<std::int64_t> context;

private:
    mutable std::mutex m_mutex;
    std::vector<backend::Endpoint> m_endpoints;
    std::optional<base::Error> m_failure;
    std::function<void()> m_listener;
};

// A workspace with problems "What is i + 1?" for i in 1 … count, each with solutions of ann
// (correct), bob (wrong) and carl (correct), scored, and the models "critic", "ann", "dan".
struct Bench {
    QTemporaryDir folder;
    std::shared_ptr<store::Workspace> workspace;
    std::map<std::string, std::shared_ptr<ScriptedModel>> models;

    explicit Bench(int count, bool withSolutions = true);
    // Correct solutions of the first problem.
    [[nodiscard]] bool addLongSolutions(int count, std::size_t bytes) const;
    std::shared_ptr<ScriptedBackend> addModel(const std::string& name, Answer answer);
    [[nodiscard]] backend::OpenModel opener() const;
    [[nodiscard]] loop::RunRequest request(const std::string& recipe) const;
    // Creates and starts a run; fails the test program when that is an error.
    std::int64_t create(const loop::RunRequest& request) const;
    [[nodiscard]] std::unique_ptr<loop::RunEngine>
    start(std::int64_t runId, loop::RunEngineOptions options = quick()) const;
    // Runs it to its end.
    loop::RunSnapshot finish(std::int64_t runId, loop::RunEngineOptions options = quick()) const;
    [[nodiscard]] static loop::RunEngineOptions quick();

    // One line for each item: stage, subject, sample, state, code and the verdicts of its result;
    // by contents, so that runs in different workspaces can be compared. Sorted.
    [[nodiscard]] std::vector<std::string> endState(std::int64_t runId) const;
    // "critique/done" → how many items.
    [[nodiscard]] std::map<std::string, std::int64_t> counts(std::int64_t runId) const;
    [[nodiscard]] model::Run run(std::int64_t runId) const;
    [[nodiscard]] store::Status status() const;
};

template<typename Condition>
bool eventually(Condition&& condition) {
    return QTest::qWaitFor(std::forward<Condition>(condition), 20'000);
}

} // namespace scrit::test
