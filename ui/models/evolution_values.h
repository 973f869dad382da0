// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"
#include "ui/models/workspace_facts.h"

#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// Asking for an evolution, and how it goes on, as plain values.
namespace scrit::ui::models {

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
    friend bool operator==(const EvolutionForm&, const EvolutionForm&) = default;
};

// What the form offers.
struct EvolutionChoices {
    QStringList trainers;
    QStringList templates;
    QVector<QPair<QString, qint64>> sets; // frozen sets with their members
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
