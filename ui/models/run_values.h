// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/run.h"
#include "ui/models/workspace_facts.h"

#include <QDateTime>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// What the Runs page shows, as plain values. Texts that come from files, models or servers are
// visible text already. Money is in US dollars, times in seconds unless they say otherwise.
namespace scrit::ui::models {

// A recipe that can be chosen: shipped with the program, or a file of the user's.
struct RecipeInfo {
    QString choice; // its name, or the path of its file: what a form holds
    QString name;
    QString description;
    QString mode;  // direct, contrastive, bug-injection
    QString error; // why it cannot be used; empty: it can
};

// Where a run stops by itself; 0: no cap.
struct RunCaps {
    qint64 requests = 0;
    qint64 tokens = 0; // both ways
    double cost = 0;
    friend bool operator==(const RunCaps&, const RunCaps&) = default;
};

// What somebody asks for in the new-run form.
struct RunForm {
    QString recipe; // RecipeInfo::choice
    QString critic;
    QString validator;    // empty: the critic itself
    QStringList students; // empty: only solutions that are there
    QString filter;       // of problems
    qint64 limit = 0;     // problems; 0: all
    std::optional<quint64> seed;
    RunCaps caps;
    bool fresh = false; // do not answer from the completion cache
    friend bool operator==(const RunForm&, const RunForm&) = default;
};

// What a form would do, before anything is paid.
struct RunPreview {
    struct Stage {
        QString name;
        qint64 calls = 0;
        bool upperBound = false;
        qint64 promptTokens = 0;        // estimate
        qint64 completionTokensMax = 0; // at most
        double costMax = 0;
    };
    qint64 problems = 0;
    qint64 solutions = 0;
    qint64 solutionsUnknown = 0;
    QVector<Stage> stages;
    QStringList warnings;

    [[nodiscard]] qint64 calls() const;
    [[nodiscard]] bool isUpperBound() const;
    [[nodiscard]] qint64 promptTokens() const;
    [[nodiscard]] qint64 completionTokensMax() const;
    [[nodiscard]] double costMax() const;
};

struct RunStage {
    QString name; // solve/NAME, select, inject, critique, validate
    qint64 planned = 0;
    qint64 running = 0;
    qint64 done = 0;
    qint64 failed = 0;
    qint64 skipped = 0;
    double perSecond = 0;

    [[nodiscard]] qint64 total() const { return planned + running + done + failed + skipped; }
    [[nodiscard]] qint64 ended() const { return done + failed + skipped; }
    friend bool operator==(const RunStage&, const RunStage&) = default;
};
using RunStages = QVector<RunStage>;
[[nodiscard]] RunStage sumOf(const RunStages& stages); // the rate is that of all

struct RunEndpoint {
    QString model;
    QString label;
    bool ready = true;
    int inFlight = 0;
    int window = 0;
    double completionsPerSecond = 0;
    double tokensPerSecond = 0;
    qint64 errors = 0;
};

// Where the run that is going on stands.
struct RunStatus {
    qint64 runId = 0;
    model::RunState state = model::RunState::Planned;
    bool stopping = false; // nothing new is sent, what is in flight is awaited
    QString message;
    RunStages stages;
    QVector<RunEndpoint> endpoints;
    qint64 fromCache = 0;
    qint64 requests = 0;
    qint64 retries = 0;
    qint64 promptTokens = 0;
    qint64 completionTokens = 0;
    double cost = 0;
    qint64 wouldBeLost = 0;
    double queueSeconds = 0;   // median
    double latencySeconds = 0; // median
    double seconds = 0;
    double secondsLeft = -1; // −1: not known

    [[nodiscard]] int inFlight() const;
    [[nodiscard]] double completionsPerSecond() const;
};

// Failed or skipped items that share a cause.
struct RunError {
    QString stage;
    bool skipped = false;
    QString code;
    QString example;
    qint64 exampleItem = 0;
    qint64 count = 0;
    friend bool operator==(const RunError&, const RunError&) = default;
};
using RunErrors = QVector<RunError>;

// One stored run, for the list.
struct RunSummary {
    qint64 id = 0;
    QString recipe;
    QString mode;
    QString critic;
    QString validator; // empty: the critic
    QStringList students;
    QString filter;
    qint64 limit = 0;
    quint64 seed = 0;
    RunCaps caps;
    model::RunState state = model::RunState::Planned;
    QString error;
    RunStages stages;
    qint64 completions = 0;
    qint64 promptTokens = 0;
    qint64 completionTokens = 0;
    double cost = 0;
    QDateTime created;
    QDateTime started;  // invalid: not yet
    QDateTime finished; // invalid: not yet

    // It has work left that a resume would do.
    [[nodiscard]] bool isOpen() const;
    // The names of all models that it asks.
    [[nodiscard]] QStringList models() const;
};
using RunSummaries = QVector<RunSummary>;

// How fast it went: one sample a second, the newest last; at most kMost are kept.
class RateHistory {
public:
    static constexpr int kMost = 300;
    // Takes the rate at `seconds` since the run began; a sample per whole second.
    void add(double seconds, double rate);
    void clear();
    [[nodiscard]] const QVector<double>& samples() const { return m_samples; }

private:
    QVector<double> m_samples;
    int m_second = -1;
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::RunPreview)
Q_DECLARE_METATYPE(scrit::ui::models::RunStatus)
Q_DECLARE_METATYPE(scrit::ui::models::RunErrors)
Q_DECLARE_METATYPE(scrit::ui::models::RunSummaries)
