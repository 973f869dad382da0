// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/evolution_output.h"
#include "app/cli/terminal.h"
#include "core/backend/open_model.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/net/http_client.h"

#include <cstdio>

namespace scrit::cli {
namespace {

constexpr std::int64_t kLineEvery = 100;  // milliseconds
constexpr std::int64_t kJsonEvery = 1000; // milliseconds

void toTerminal(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

loop::EvolutionContext contextOf(Session& session, backend::ModelServers& models,
                                 EvolutionDisplay& display) {
    session.cancelNow.emplace();
    loop::EvolutionContext context;
    context.openModel = models.opener();
    context.makeTrainer = [](std::string_view name) {
        return train::makeTrainer(name);
    };
    context.listener = [&display](const loop::EvolutionProgress& progress) {
        display.show(progress);
    };
    context.cancel = session.cancel;
    context.cancelNow = *session.cancelNow;
    return context;
}

// The result of work whose table has been printed.
base::Expected<int> exitOf(const base::Expected<void>& worked) {
    return worked ? base::Expected<int>(kOk) : base::fail(worked.error());
}

} // namespace

EvolutionDisplay::EvolutionDisplay(const Session& session, bool json)
    : m_json(json), m_line(!json && !session.quiet && stderrIsTerminal()) {}

EvolutionDisplay::~EvolutionDisplay() {
    clear();
}

void EvolutionDisplay::clear() {
    if (m_shown) {
        toTerminal("\r\x1b[K");
        m_shown = false;
    }
}

void EvolutionDisplay::show(const loop::EvolutionProgress& progress) {
    const std::int64_t now = base::steadyMillis();
    const bool ends = progress.report != nullptr;
    if (!ends && now - m_shownAt < (m_json ? kJsonEvery : kLineEvery)) {
        return;
    }
    m_shownAt = now;
    if (m_json) {
        printJson({{"series", progress.series},
                   {"round", progress.round},
                   {"rounds", progress.rounds},
                   {"stage", textOrNull(progress.stage)},
                   {"fraction", progress.fraction < 0 ? Json() : Json(progress.fraction)},
                   {"overall", progress.overall},
                   {"message", progress.message}});
        pushOutput();
    } else if (m_line) {
        toTerminal("\r\x1b[K" +
                   fitted(base::escapeForTerminal(evolutionLine(progress)), terminalWidth() - 1));
        m_shown = true;
    }
}

base::Expected<int> watchEvolution(Session& session,
                                   const std::shared_ptr<store::Workspace>& workspace,
                                   const std::string& series, bool json) {
    backend::ModelServers models(std::make_shared<net::HttpClient>());
    EvolutionDisplay display(session, json);
    const auto worked = loop::runEvolution(workspace, series, contextOf(session, models, display));
    display.clear();
    const auto state = loop::readEvolution(*workspace, series);
    if (!state) {
        return base::fail(worked ? state.error() : worked.error());
    }
    if (json) {
        printJson(evolutionJson(*state));
    } else if (!session.quiet) {
        printEvolution(*state);
    }
    return exitOf(worked);
}

base::Expected<int> watchSweep(Session& session, const std::shared_ptr<store::Workspace>& workspace,
                               const std::string& sweep, bool json) {
    backend::ModelServers models(std::make_shared<net::HttpClient>());
    EvolutionDisplay display(session, json);
    const auto worked = loop::runSweep(workspace, sweep, contextOf(session, models, display));
    display.clear();
    const auto table = loop::readSweep(*workspace, sweep);
    if (!table) {
        return base::fail(worked ? table.error() : worked.error());
    }
    if (json) {
        printJson(sweepJson(*table));
    } else if (!session.quiet) {
        printSweep(*table);
    }
    return exitOf(worked);
}

} // namespace scrit::cli
