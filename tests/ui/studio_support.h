// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/demo.h"
#include "core/store/workspace.h"
#include "ui/models/visible_text.h"

#include <QDir>
#include <QFile>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

// What the tests of Studio share: one workspace made from the project's own sample, copied per
// test.
namespace scrit::test {

// Path of a workspace with the sample in it, made once per program; empty when that fails.
inline QString sampleWorkspace() {
    static QTemporaryDir folder;
    static QString path;
    if (path.isEmpty() && folder.isValid()) {
        const auto demo = loop::makeDemo(ui::models::utf8(folder.path()));
        if (demo) {
            path = QString::fromStdString(demo->workspace.string());
        } else {
            qWarning("%s", demo.error().text().c_str());
        }
    }
    return path;
}

// A copy of it that the test may change.
inline QString copyOfSample(const QTemporaryDir& folder, const QString& name) {
    const QString target = folder.filePath(name);
    return QFile::copy(sampleWorkspace(), target) ? target : QString();
}

inline QString writeFile(const QTemporaryDir& folder, const QString& name,
                         const QByteArray& bytes) {
    const QString path = folder.filePath(name);
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() ? path : QString();
}

// `count` problems with one solution each, as generic JSON Lines.
inline QByteArray manyProblems(int count) {
    QByteArray out;
    for (int i = 0; i < count; ++i) {
        out += R"({"problem":"What is )" + QByteArray::number(i) + R"( + 1?","answer":")" +
               QByteArray::number(i + 1) + R"(","solution":"Add one to )" + QByteArray::number(i) +
               R"(.\n\nThe answer is )" + QByteArray::number(i + 1) + R"(.","author":"counter"})" +
               '\n';
    }
    return out;
}

} // namespace scrit::test
