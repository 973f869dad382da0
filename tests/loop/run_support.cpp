// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/run_support.h"

#include "core/critique/step_splitter.h"
#include "core/format/importer.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"
#include "core/store/run_writer.h"
#include "core/store/writer.h"

#include <QtGlobal>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace scrit::test {
namespace {

int numberAfter(const std::string& text, const std::string& mark, bool last) {
    const std::size_t at = last ? text.rfind(mark) : text.find(mark);
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + mark.size());
}

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
    return std::move(*value);
}
void must(base::Expected<void> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
}

model::Problem problemOf(int number) {
    model::Problem problem;
    problem.source = "sums";
    problem.externalId = std::to_string(number);
    problem.text = "What is " + std::to_string(number) + " + 1?";
    problem.referenceAnswer = std::to_string(number + 1);
    problem.key = format::problemKey(problem);
    return problem;
}

void addSolution(store::Writer& writer, const model::Problem& problem, const std::string& author,
                 int answer, const std::string& before = {}) {
    model::Solution solution;
    solution.problemId = problem.id;
    solution.author = author;
    solution.text = before + solutionText(answer) + "\n\nSo writes " + author + ".";
    solution.steps = critique::splitSteps(solution.text);
    solution.finalAnswer = std::to_string(answer);
    solution.key = format::solutionKey(problem.key, solution);
    solution.id = must(writer.addSolution(solution)).id;
    must(writer.addVerdict(*loop::answerMatchOfSolution(problem, solution, {})));
}

} // namespace

Seen look(const backend::ChatRequest& request) {
    Seen seen;
    const std::string& system = request.messages.front().content;
    const std::string& user = request.messages.back().content;
    seen.number = numberAfter(user, "What is ", false);
    seen.shown = numberAfter(user, "\\boxed{", true);
    seen.seed = request.sampling.seed.value_or(-1);
    seen.validating = request.sampling.temperature <= 0;
    if (system.find("You solve") != std::string::npos) {
        seen.role = "student";
    } else if (system.find("You make exercises") != std::string::npos) {
        seen.role = "injector";
    } else {
        seen.role =
            user.find("## Reference Solution") != std::string::npos ? "contrastive" : "direct";
    }
    return seen;
}

backend::ChatOutcome says(std::string text) {
    backend::ChatResult result;
    result.completionTokens = static_cast<std::int64_t>(text.size()) / 4 + 1;
    result.promptTokens = 100;
    result.text = std::move(text);
    result.finish = backend::FinishReason::Stop;
    result.totalSeconds = 0.01;
    return result;
}

backend::ChatOutcome failsWith(int httpStatus, bool retryable,
                               std::optional<std::int64_t> retryAfter) {
    backend::ChatError error;
    error.httpStatus = httpStatus;
    error.error = {httpStatus == 401 ? base::ErrorCode::Auth : base::ErrorCode::Server,
                   "the server answered " + std::to_string(httpStatus), "", retryable};
    error.retryAfterMillis = retryAfter;
    return tl::unexpected(std::move(error));
}

backend::ChatOutcome breaksDown() {
    backend::ChatError error;
    error.error = {base::ErrorCode::Network, "the connection broke", "", true};
    return tl::unexpected(std::move(error));
}

std::string critiqueText(int step, const std::string& correction) {
    std::string text = "## Critique of Student Solution Steps\n";
    const int last = step > 0 ? step : 2;
    for (int i = 1; i <= last; ++i) {
        text += "### Critique of Step " + std::to_string(i) + "\n";
        text += i == step ? "This step is wrong.\n" : "This step is correct.\n";
    }
    text += "## Conclusion of Critique\nThe solution is ";
    text += step > 0 ? "Incorrect.\n" : "Correct.\n";
    text += "The first error step number: " + std::to_string(step) + "\n";
    return text + "## Correction of Student Solution\n" + correction;
}

std::string solutionText(int answer) {
    return "We add one to the number.\n\nThe final answer is \\boxed{" + std::to_string(answer) +
           "}.";
}

backend::ChatOutcome knowing(const Seen& seen) {
    if (seen.role == "student") {
        // Some seeds give a wrong answer.
        return says(solutionText(seen.seed % 2 == 0 ? seen.truth() : seen.truth() + 5));
    }
    if (seen.role == "injector") {
        return says("## Changed Step\n2\n\n## Changed Solution\n" + solutionText(seen.truth() + 7));
    }
    const int kind = seen.validating && seen.number % 6 != 4 ? 0 : seen.number % 6;
    const std::string approval =
        critiqueText(-1, "The student solution is correct. The final answer is \\boxed{" +
                             std::to_string(seen.shown) + "}.");
    const auto correctTo = [&](int answer) {
        return critiqueText(2, "===CORRECTION_START===\n" + solutionText(answer) +
                                   "\n===CORRECTION_END===\n");
    };
    if (kind == 3 || (kind == 4 && seen.validating)) {
        return says("I would rather talk about the weather.");
    }
    if (kind == 1 || seen.shownCorrect()) {
        return says(approval);
    }
    return says(correctTo(kind == 2 ? seen.truth() + 9 : seen.truth()));
}

ScriptedBackend::ScriptedBackend(Answer answer)
    : m_answer(std::move(answer)), m_thread([this] { run(); }) {}

ScriptedBackend::~ScriptedBackend() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

backend::Backend::RequestId ScriptedBackend::complete(const backend::ChatRequest& request,
                                                      Done done) {
    RequestId id = 0;
    {
        const std::lock_guard lock(m_mutex);
        id = ++m_last;
        m_queue.push_back({id, look(request), std::move(done)});
        m_log.push_back(m_queue.back().seen);
        ++m_requests;
        m_most = std::max<int>(m_most, static_cast<int>(m_queue.size()) + m_working);
    }
    m_wake.notify_all();
    return id;
}

void ScriptedBackend::cancel(RequestId id) {
    Done done;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = std::find_if(m_queue.begin(), m_queue.end(),
                                        [&](const Request& request) { return request.id == id; });
        if (found == m_queue.end()) {
            return;
        }
        done = std::move(found->done);
        m_queue.erase(found);
    }
    backend::ChatError error;
    error.error = {base::ErrorCode::Cancelled, "cancelled", "", false};
    done(tl::unexpected(std::move(error)));
}

void ScriptedBackend::hold() {
    const std::lock_guard lock(m_mutex);
    m_held = true;
}

void ScriptedBackend::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_held = false;
    }
    m_wake.notify_all();
}

void ScriptedBackend::setAnswer(Answer answer) {
    const std::lock_guard lock(m_mutex);
    m_answer = std::move(answer);
}

int ScriptedBackend::inFlight() const {
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_queue.size()) + m_working;
}

std::vector<Seen> ScriptedBackend::log() const {
    const std::lock_guard lock(m_mutex);
    return m_log;
}

void ScriptedBackend::run() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_stopping || (!m_held && !m_queue.empty()); });
        if (m_stopping) {
            return;
        }
        Request request = std::move(m_queue.front());
        m_queue.pop_front();
        m_working = 1;
        const Answer answer = m_answer;
        lock.unlock();
        request.done(answer(request.seen));
        lock.lock();
        m_working = 0;
    }
}

ScriptedModel::ScriptedModel(std::vector<std::shared_ptr<ScriptedBackend>> backends) {
    for (auto& backend : backends) {
        backend::Endpoint& endpoint = m_endpoints.emplace_back();
        endpoint.label = "scripted-" + std::to_string(m_endpoints.size());
        endpoint.backend = std::move(backend);
    }
}

std::vector<backend::Endpoint> ScriptedModel::endpoints() const {
    const std::lock_guard lock(m_mutex);
    return m_endpoints;
}

void ScriptedModel::onChange(std::function<void()> listener) {
    const std::lock_guard lock(m_mutex);
    m_listener = std::move(listener);
}

std::optional<base::Error> ScriptedModel::failure() const {
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

void ScriptedModel::change(const std::function<void(std::vector<backend::Endpoint>&)>& how) {
    std::function<void()> listener;
    {
        const std::lock_guard lock(m_mutex);
        how(m_endpoints);
        listener = m_listener;
    }
    if (listener) {
        listener();
    }
}

void ScriptedModel::fail(base::Error error) {
    {
        const std::lock_guard lock(m_mutex);
        m_failure = std::move(error);
    }
    change([](auto&) {});
}

Bench::Bench(int count, bool withSolutions) {
    workspace =
        must(store::Workspace::create(folder.filePath(QStringLiteral("w.scrit")).toStdString()));
    must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
        for (int i = 1; i <= count; ++i) {
            model::Problem problem = problemOf(i);
            problem.id = must(writer.addProblem(problem)).id;
            if (withSolutions) {
                addSolution(writer, problem, "ann", i + 1);
                addSolution(writer, problem, "bob", i + 3);
                addSolution(writer, problem, "carl", i + 1);
            }
        }
        return {};
    }));
}

bool Bench::addLongSolutions(int count, std::size_t bytes) const {
    return workspace
        ->write([&](store::Writer& writer) -> base::Expected<void> {
            model::Problem problem = problemOf(1);
            problem.id = must(writer.addProblem(problem)).id;
            for (int i = 0; i < count; ++i) {
                addSolution(writer, problem, "long" + std::to_string(i), 2,
                            std::string(bytes, 'x'));
            }
            return {};
        })
        .has_value();
}

std::shared_ptr<ScriptedBackend> Bench::addModel(const std::string& name, Answer answer) {
    auto backend = std::make_shared<ScriptedBackend>(std::move(answer));
    auto model = std::make_shared<ScriptedModel>(std::vector{backend});
    model->name = name;
    models[name] = model;
    must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
        model::Model row;
        row.name = name;
        row.kind = "openai";
        row.settings = "{}";
        must(store::RunWriter(writer).addModel(row));
        return {};
    }));
    return backend;
}

backend::OpenModel Bench::opener() const {
    return
        [this](const model::Model& model) -> base::Expected<std::shared_ptr<backend::ModelHandle>> {
            const auto found = models.find(model.name);
            if (found == models.end()) {
                return base::fail(base::ErrorCode::NotFound, "no such model");
            }
            return found->second;
        };
}

loop::RunRequest Bench::request(const std::string& recipe) const {
    loop::RunRequest request;
    request.recipe = must(loop::loadRecipe(recipe));
    request.critic = "critic";
    return request;
}

std::int64_t Bench::create(const loop::RunRequest& request) const {
    return must(loop::createRun(*workspace, request));
}

loop::RunEngineOptions Bench::quick() {
    loop::RunEngineOptions options;
    options.workers = 2;
    options.tries = 3;
    options.progressMillis = 10;
    options.backoff = {1, 2};
    return options;
}

std::unique_ptr<loop::RunEngine> Bench::start(std::int64_t runId,
                                              loop::RunEngineOptions options) const {
    return must(loop::RunEngine::start(workspace, runId, opener(), {}, options));
}

loop::RunSnapshot Bench::finish(std::int64_t runId, loop::RunEngineOptions options) const {
    const auto engine = start(runId, options);
    // A run that paused itself would be waited for without end.
    for (int i = 0; i < 3000; ++i) {
        const loop::RunSnapshot now = engine->snapshot();
        if (now.state != model::RunState::Running && now.state != model::RunState::Planned) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const loop::RunSnapshot last = engine->snapshot();
    if (last.state == model::RunState::Running || last.state == model::RunState::Paused) {
        qFatal("the run does not end: %s, %s", std::string(model::name(last.state)).c_str(),
               last.message.c_str());
    }
    engine->wait();
    return engine->snapshot();
}

std::vector<std::string> Bench::endState(std::int64_t runId) const {
    const auto reader = must(workspace->reader());
    std::vector<std::string> lines;
    const auto ids = must(reader->ids({store::ListOf::Items, "run:" + std::to_string(runId)}));
    for (const store::TraceRow& row : must(reader->rows(store::ListOf::Items, ids))) {
        std::string key = must(reader->record(store::ListOf::Problems, row.problemId)).problem.key;
        if (row.critiqueId != 0) {
            key = must(reader->record(store::ListOf::Critiques, row.critiqueId)).critique->key;
        } else if (row.solutionId != 0) {
            key = must(reader->record(store::ListOf::Solutions, row.solutionId)).solution->key;
        }
        lines.push_back(row.stage + " " + key + " " + std::to_string(row.sample) + " " + row.state +
                        " " + row.errorCode);
    }
    for (const std::int64_t id : must(reader->ids({store::ListOf::Critiques, ""}))) {
        const store::TraceRecord record = must(reader->record(store::ListOf::Critiques, id));
        std::set<std::string> verdicts;
        for (const model::Verdict& verdict : record.verdicts) {
            verdicts.insert(verdict.verifier + ":" + verdict.protocol + "=" +
                            std::string(model::name(verdict.outcome)) + "/" + verdict.rule);
        }
        std::string line = "critique " + record.critique->key;
        for (const std::string& verdict : verdicts) {
            line += " " + verdict;
        }
        lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::map<std::string, std::int64_t> Bench::counts(std::int64_t runId) const {
    const auto reader = must(workspace->reader());
    std::map<std::string, std::int64_t> counts;
    for (const store::StageCount& count : must(store::RunReader(*reader).stageCounts(runId))) {
        counts[count.stage + "/" + std::string(model::name(count.state))] = count.count;
    }
    return counts;
}

model::Run Bench::run(std::int64_t runId) const {
    const auto reader = must(workspace->reader());
    return must(store::RunReader(*reader).run(runId));
}

store::Status Bench::status() const {
    const auto reader = must(workspace->reader());
    return must(reader->status());
}

} // namespace scrit::test
