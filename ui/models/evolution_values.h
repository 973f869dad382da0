// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"
#include "ui/models/workspace_facts.h"

#include <QMap>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// Asking for an evolution, and how it goes on, as plain values.
namespace scrit::ui::models {

// How a training goes; what is absent the trainer chooses.
struct TrainingSettings {
    std::optional<int> epochs;
    std::optional<int> batch;
    std::optional<double> learningRate;
    std::optional<int> loraRank; // 0: all weights
    std::optional<int> maxLength;
    QMap<QString, QString> values; // more for the template or the trainer
    friend bool operator==(const TrainingSettings&, const TrainingSettings&) = default;
};

// What somebody asks for in the form.
struct EvolutionForm {
    enum class Order { Random, EasyFirst, HardFirst, Stored };
    QString series; // empty: named after the recipe
    QString recipe; // RecipeInfo::choice
    QString base;   // model: criticises, validates and is trained
    QStringList students;
    QString filter; // of problems
    qint64 limit = 0;
    QStringList sets; // frozen evaluation sets
    int rounds = 3;
    QString trainer;
    QString commandTemplate; // of trainers that run another program
    bool fromLast = true;    // each training starts from the last model, else from the base
    bool accumulate = false; // trains on the rounds before as well
    bool selfValidation = true;
    bool keepCopies = false;   // small worlds repeat the reference without copying it
    bool keepOverlaps = false; // and evaluation problems: what shares 13 words with one of them
    qint64 examples = 0;       // of one training set, at most; 0: all
    QString balance;           // "1:1", "any"; empty: the recipe's
    Order order = Order::Random;
    std::optional<quint64> seed;
    QString reference;           // "solutions", "problem", "either"; empty: as the recipe says
    qint64 problemsPerRound = 0; // new ones in each round; 0: all of them each time
    RunCaps caps;                // of each round's run
    TrainingSettings training;
    bool keepLeaks = false; // what mentions the reference
    bool keepDuplicates = false;
    QStringList suites{QStringLiteral("ei"), QStringLiteral("cc")};
    int samples = 1;        // critiques of each solution that is measured
    double temperature = 0; // of these; greedy
    int maxTokens = 4096;   // of one of these
    QString folder;         // data sets and models; empty: beside the workspace
    friend bool operator==(const EvolutionForm&, const EvolutionForm&) = default;
};

// What the form offers.
struct EvolutionChoices {
    QStringList trainers;
    QStringList templates;
    QVector<QPair<QString, qint64>> sets; // frozen sets with their members
    qint64 problems = 0;                  // in no frozen set
    friend bool operator==(const EvolutionChoices&, const EvolutionChoices&) = default;
};

// An evaluation set to be made: drawn from solutions, frozen for ever.
struct FreezeForm {
    QString name;
    QString filter;   // of solutions
    qint64 limit = 0; // 0: all
    QString balance;  // "1:1" of right to wrong; empty: as they come
    quint64 seed = 0;
    friend bool operator==(const FreezeForm&, const FreezeForm&) = default;
};

struct FreezePreview {
    qint64 members = 0;
    qint64 problems = 0;     // of the members
    qint64 problemsLeft = 0; // that can be trained on then
};

// What a form would do, before anything is paid.
struct EvolutionPreview {
    QString series;
    bool exists = false; // it would be gone on with
    qint64 problems = 0;
    qint64 problemsInRound = 0;
    QString training; // "1 epoch, batch 256, learning rate 5e-06"
    RunPreview run;   // of the first round
    QVector<QPair<QString, qint64>> sets;
    QStringList warnings;
};

// Where an evolution stands.
struct EvolutionStatus {
    QString series;
    int round = 0;
    int rounds = 0;
    QString stage;        // empty: the round has ended
    double fraction = -1; // of the stage; −1: not known
    double overall = 0;   // of the series
    QString message;
    double seconds = 0; // since it was started here
    bool stopping = false;
    bool stopped = false; // ended before its last round, in order
    Trouble trouble;      // why it ended with an error; empty: it did not
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::EvolutionChoices)
Q_DECLARE_METATYPE(scrit::ui::models::EvolutionPreview)
Q_DECLARE_METATYPE(scrit::ui::models::EvolutionStatus)
Q_DECLARE_METATYPE(scrit::ui::models::FreezePreview)
