// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/command_trainer.h"

#include "core/backend/child_process.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/train/command_template.h"
#include "core/train/job_state.h"
#include "core/train/log_file.h"
#include "core/train/progress_teller.h"

#include <nlohmann/json.hpp>
#include <poll.h>

#include <charconv>
#include <csignal>
#include <utility>

namespace scrit::train {
namespace {

using base::ErrorCode;
using nlohmann::json;

constexpr std::string_view kCommandName = "command";
constexpr int kPollMillis = 50;

bool speaksOfMemory(const std::string& words) {
    const std::string lower = base::lowerAscii(words);
    return lower.find("out of memory") != std::string::npos ||
           lower.find("outofmemory") != std::string::npos;
}

// Half of the job's micro_batch; nothing when there is none that can be halved.
std::optional<std::string> smallerMicroBatch(const CommandTemplate& form, const Job& job) {
    const auto own = form.values.find("micro_batch");
    if (own == form.values.end()) {
        return std::nullopt;
    }
    const auto given = job.values.find("micro_batch");
    const std::string& text = given != job.values.end() ? given->second : own->second;
    int size = 0;
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size > 1 ? std::optional(std::to_string(size / 2)) : std::nullopt;
}

// One command of the plan while it runs.
class RunningStep {
public:
    RunningStep(const CommandTrainerSettings& settings, const CommandTemplate& form,
                const CommandPlan::Step& step, const Job& job, ProgressTeller& teller)
        : m_settings(settings), m_step(step), m_job(job), m_teller(teller), m_reader(form) {}

    [[nodiscard]] bool ranOutOfMemory() const { return m_ranOutOfMemory; }

    // Ok when it ended with exit code 0.
    base::Expected<void> run(const base::CancelToken& cancel) {
        base::Expected<LogFile> log = LogFile::append(m_job.log());
        if (!log) {
            return base::fail(log.error());
        }
        backend::Command command = m_step.command;
        command.guarded = true;
        base::Expected<backend::ChildProcess> child = backend::ChildProcess::start(command);
        if (!child) {
            return base::fail(child.error());
        }
        m_teller.now().stage = m_step.stage;
        m_teller.tell(true);
        for (;;) {
            const std::optional<std::string> end = child->ended();
            base::Expected<void> read = readOutput(*child, *log);
            if (!read) {
                stop(*child, *log);
                return read;
            }
            if (end) {
                return ending(*end);
            }
            if (cancel.isCancelled()) {
                stop(*child, *log);
                return base::fail(ErrorCode::Cancelled, "the training was stopped",
                                  "it can be resumed");
            }
            pollfd wait{child->outputFd(), POLLIN, 0};
            if (poll(&wait, 1, kPollMillis) > 0 && (wait.revents & POLLIN) == 0) {
                poll(nullptr, 0, kPollMillis); // it has closed its output and still runs
            }
        }
    }

private:
    base::Expected<void> readOutput(backend::ChildProcess& child, LogFile& log) {
        const std::string bytes = child.readOutput();
        if (base::Expected<void> written = log.write(bytes); !written) {
            return written;
        }
        base::Expected<void> read = m_reader.feed(bytes, m_teller.now());
        m_teller.tell(false);
        return read;
    }

    base::Expected<void> ending(const std::string& how) {
        base::Expected<void> last = m_reader.finish(m_teller.now());
        m_teller.tell(true);
        if (!last || how == "exit code 0") {
            return last;
        }
        const std::string words = m_reader.lastWords();
        m_ranOutOfMemory = speaksOfMemory(words);
        return base::fail(
            ErrorCode::Server,
            base::makeVisibleUtf8(m_step.command.program) + " ended with " + how +
                (words.empty() ? " and said nothing" : ": " + words),
            m_ranOutOfMemory
                ? "use a smaller base model, shorter examples (--max-length) or more GPUs"
                : "its log is " + base::makeVisibleUtf8(m_job.log().string()));
    }

    // Asks it to end, waits, kills it; its last lines are still read.
    void stop(backend::ChildProcess& child, LogFile& log) {
        child.signalGroup(SIGTERM);
        const std::int64_t until = base::steadyMillis() + m_settings.graceMillis;
        bool good = true; // losses after one that cannot be read are void
        while (!child.ended() && base::steadyMillis() < until) {
            const std::string bytes = child.readOutput();
            static_cast<void>(log.write(bytes));
            good = good && m_reader.feed(bytes, m_teller.now());
            poll(nullptr, 0, kPollMillis / 2);
        }
        child.signalGroup(SIGKILL);
    }

    const CommandTrainerSettings& m_settings;
    const CommandPlan::Step& m_step;
    const Job& m_job;
    ProgressTeller& m_teller;
    LogReader m_reader;
    bool m_ranOutOfMemory = false;
};

class CommandTrainer final : public Trainer {
public:
    explicit CommandTrainer(CommandTrainerSettings settings) : m_settings(settings) {}

    [[nodiscard]] std::string_view name() const override { return kCommandName; }

    [[nodiscard]] base::Expected<std::string> exportView(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        return form ? base::Expected<std::string>(form->exportView) : base::fail(form.error());
    }

    [[nodiscard]] base::Expected<Parameters> defaults(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        return form ? base::Expected<Parameters>(form->parameters) : base::fail(form.error());
    }

    [[nodiscard]] base::Expected<void> check(const Job& job) const override {
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        if (!form) {
            return base::fail(form.error());
        }
        const base::Expected<CommandPlan> plan = planCommand(*form, job);
        if (!plan) {
            return base::fail(plan.error());
        }
        for (const CommandPlan::Step& step : plan->steps) {
            if (!backend::findProgram(step.command.program)) {
                return base::fail(ErrorCode::Unavailable,
                                  "the program " + base::makeVisibleUtf8(step.command.program) +
                                      " of the template " + form->name + " was not found",
                                  "install it, or put its folder on PATH");
            }
        }
        return {};
    }

    [[nodiscard]] base::Expected<Trained> run(const Job& job, const ProgressFunction& progress,
                                              const base::CancelToken& cancel) override {
        base::Expected<void> ready = check(job);
        const base::Expected<CommandTemplate> form = loadCommandTemplate(job.commandTemplate);
        ready = ready ? makeFolder(job.output()) : ready;
        const auto data = trainFile(job.data);
        if (!ready || !form || !data) {
            return base::fail(!ready ? ready.error() : !form ? form.error() : data.error());
        }
        base::Expected<json> state = loadJobState(job.folder, kCommandName);
        if (!state) {
            return base::fail(state.error());
        }
        ProgressTeller teller(progress, m_settings.progressMillis);
        Job smaller = job;
        for (;;) {
            bool outOfMemory = false;
            const base::Expected<void> done =
                runSteps(*form, smaller, *state, teller, outOfMemory, cancel);
            if (done) {
                break;
            }
            const std::optional<std::string> micro = smallerMicroBatch(*form, smaller);
            if (!outOfMemory || !micro) {
                return base::fail(done.error());
            }
            smaller.values["micro_batch"] = *micro;
            teller.now().lines.push_back("out of GPU memory: started again with micro_batch=" +
                                         *micro);
        }
        base::Expected<Trained> trained = trainedModel(*form, job);
        if (!trained) {
            // What ended without its output has not been done.
            (*state)["done"] = 0;
            static_cast<void>(saveJobState(job.folder, kCommandName, *state));
        }
        return trained;
    }

private:
    base::Expected<void> runSteps(const CommandTemplate& form, const Job& job, json& state,
                                  ProgressTeller& teller, bool& outOfMemory,
                                  const base::CancelToken& cancel) {
        const base::Expected<CommandPlan> plan = planCommand(form, job);
        if (!plan) {
            return base::fail(plan.error());
        }
        if (base::Expected<void> written = writePlanFiles(*plan); !written) {
            return written;
        }
        for (std::size_t i = state.value("done", std::size_t{0}); i < plan->steps.size(); ++i) {
            RunningStep step(m_settings, form, plan->steps[i], job, teller);
            if (base::Expected<void> ran = step.run(cancel); !ran) {
                outOfMemory = step.ranOutOfMemory();
                return ran;
            }
            state["done"] = i + 1;
            if (base::Expected<void> saved = saveJobState(job.folder, kCommandName, state);
                !saved) {
                return saved;
            }
        }
        return {};
    }

    CommandTrainerSettings m_settings;
};

} // namespace

std::unique_ptr<Trainer> makeCommandTrainer(CommandTrainerSettings settings) {
    return std::make_unique<CommandTrainer>(settings);
}

} // namespace scrit::train
