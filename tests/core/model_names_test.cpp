// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/flags.h"
#include "core/model/names.h"
#include "core/model/run.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit::model;

class ModelNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesGoBothWays() {
        for (const CritiqueMode mode : {CritiqueMode::Direct, CritiqueMode::BugInjection,
                                        CritiqueMode::Contrastive, CritiqueMode::Recorded}) {
            QVERIFY(!name(mode).empty());
            QVERIFY(critiqueModeFromName(name(mode)) == mode);
        }
        for (const Outcome outcome : {Outcome::Yes, Outcome::No, Outcome::Undecided}) {
            QVERIFY(outcomeFromName(name(outcome)) == outcome);
        }
        for (const SubjectKind kind :
             {SubjectKind::Problem, SubjectKind::Solution, SubjectKind::Critique}) {
            QVERIFY(subjectKindFromName(name(kind)) == kind);
        }
        QVERIFY(conclusionFromName("correct") == Conclusion::Correct);
        QVERIFY(stepVerdictFromName("unstated") == StepVerdict::Unstated);
        QVERIFY(!critiqueModeFromName("Contrastive"));
        QVERIFY(!outcomeFromName(""));
    }

    void statesAreTheFileFormat() {
        // Stored in workspaces and shown by scripts: these words never change.
        QStringList words;
        for (const RunState state : {RunState::Planned, RunState::Running, RunState::Paused,
                                     RunState::Stopped, RunState::Done, RunState::Failed}) {
            words << QString::fromUtf8(name(state).data(), qsizetype(name(state).size()));
            QVERIFY(runStateFromName(name(state)) == state);
        }
        for (const ItemState state : {ItemState::Planned, ItemState::Running, ItemState::Done,
                                      ItemState::Failed, ItemState::Skipped}) {
            words << QString::fromUtf8(name(state).data(), qsizetype(name(state).size()));
            QVERIFY(itemStateFromName(name(state)) == state);
        }
        QCOMPARE(words.join(QLatin1Char(' ')),
                 QStringLiteral("planned running paused stopped done failed "
                                "planned running done failed skipped"));
        QVERIFY(!runStateFromName("skipped"));
        QVERIFY(!itemStateFromName("Done"));
    }

    void flagBitsAreTheFileFormat() {
        // Stored in workspaces: these numbers never change.
        const std::vector<std::pair<std::string_view, std::uint32_t>> expected = {
            {"rubber-stamp", 1},
            {"all-steps-fine", 2},
            {"verdict-step-mismatch", 4},
            {"steps-after-error", 8},
            {"correction-edits", 16},
            {"correction-unrelated", 32},
            {"leak", 64},
            {"run-on", 128},
            {"unreadable", 256}};
        QCOMPARE(allFlags().size(), expected.size());
        for (const auto& [text, bit] : expected) {
            const std::optional<Flag> flag = flagFromName(text);
            QVERIFY2(flag.has_value(), text.data());
            QCOMPARE(static_cast<std::uint32_t>(*flag), bit);
            QCOMPARE(name(*flag), text);
            QVERIFY(!explanation(*flag).empty());
        }
    }

    void flagSets() {
        Flags flags;
        QVERIFY(flags.empty());
        flags.add(Flag::Leak);
        flags.add(Flag::RubberStamp);
        QVERIFY(flags.has(Flag::Leak) && !flags.has(Flag::RunOn));
        const std::vector<Flag> present = flagsIn(flags);
        QCOMPARE(present.size(), std::size_t{2});
        QVERIFY(present.front() == Flag::RubberStamp); // bit order
        QVERIFY(Flags(flags.bits()) == flags);
    }
};

SCRIT_TEST(ModelNamesTest)
#include "model_names_test.moc"
