// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>

// Runs the built `scrit` as a user would.
namespace cli_support {

struct Result {
    int code = -1; // exit code; -1 when it crashed, did not start or hung
    QByteArray out;
    QByteArray err;

    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
    [[nodiscard]] QList<QJsonObject> jsonLines() const {
        QList<QJsonObject> objects;
        for (const QByteArray& line : out.split('\n')) {
            if (!line.isEmpty()) {
                objects.append(QJsonDocument::fromJson(line).object());
            }
        }
        return objects;
    }
    // One line "scrit: …" on stderr and nothing else.
    [[nodiscard]] bool isOneErrorLine() const {
        return err.startsWith("scrit: ") && err.count('\n') == 1 && err.endsWith('\n');
    }
};

inline QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// The process runs: it is there and no zombie.
inline bool isAlive(qint64 pid) {
    return pid > 0 && !contentsOf(QStringLiteral("/proc/%1/stat").arg(pid)).isEmpty() &&
           !contentsOf(QStringLiteral("/proc/%1/stat").arg(pid)).contains(") Z");
}

inline QString program() {
    return QStringLiteral(SCRIT_BINARY_DIR "/bin/scrit");
}

inline Result runScrit(const QStringList& arguments, const QByteArray& input = {},
                       const QString& folder = {}) {
    QProcess process;
    process.setProgram(program());
    process.setArguments(arguments);
    if (!folder.isEmpty()) {
        process.setWorkingDirectory(folder);
    }
    process.start();
    Result result;
    if (!process.waitForStarted()) {
        result.err = process.errorString().toUtf8();
        return result;
    }
    process.write(input);
    process.closeWriteChannel();
    constexpr int kMillis = 240'000;
    if (!process.waitForFinished(kMillis)) {
        process.kill();
        process.waitForFinished();
        return result;
    }
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    return result;
}

inline void writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) {
        qFatal("cannot write %s", qPrintable(path));
    }
}

// Lines of the generic format: problem i of `count`, with a right and now and then a wrong
// solution.
inline QByteArray genericLines(int count, int from = 0) {
    QByteArray lines;
    for (int i = from; i < from + count; ++i) {
        const QByteArray n = QByteArray::number(i);
        const QByteArray sum = QByteArray::number(i % 3 == 0 ? 2 * i + 1 : 2 * i);
        lines += R"({"id":"g)" + n + R"(","problem":"What is )" + n + " + " + n +
                 R"(?","answer":")" + QByteArray::number(2 * i) +
                 R"(","author":"tester","solution":"We add.\n\n)" + n + " + " + n + " = " + sum +
                 R"(\n\nThe answer is )" + sum + "\"}\n";
    }
    return lines;
}

inline QByteArray critiqueLine(const QByteArray& id, const QByteArray& solutionId,
                               const QByteArray& text) {
    const QJsonObject object{{QStringLiteral("id"), QString::fromUtf8(id)},
                             {QStringLiteral("solution_id"), QString::fromUtf8(solutionId)},
                             {QStringLiteral("mode"), QStringLiteral("direct")},
                             {QStringLiteral("critic"), QStringLiteral("tester-critic")},
                             {QStringLiteral("round"), 1},
                             {QStringLiteral("critique"), QString::fromUtf8(text)}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + "\n";
}

inline QByteArray critiqueText(bool correct, const QByteArray& answer, int errorStep = 2) {
    QByteArray text = "## Critique of Student Solution Steps\n### Critique of Step 1\nFine.\n";
    if (correct) {
        return text +
               "### Critique of Step 2\nThe sum is right.\n\n## Conclusion of Critique\nThe "
               "solution is "
               "Correct.\nThe first error step number: -1\n\n## Correction of Student "
               "Solution\nThe "
               "student solution is correct. The final answer is \\boxed{" +
               answer + "}.\n";
    }
    return text +
           "### Critique of Step 2\nThe sum is wrong.\n\n## Conclusion of Critique\nThe solution "
           "is "
           "Incorrect.\nThe first error step number: " +
           QByteArray::number(errorStep) +
           "\n\n## Correction of Student Solution\n===CORRECTION_START===\nWe add.\n\nAdding again "
           "gives "
           "the sum.\n\nTherefore, the final answer is \\boxed{" +
           answer + "}.\n===CORRECTION_END===\n";
}

} // namespace cli_support
