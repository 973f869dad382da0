// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/critique_importer.h"
#include "core/format/importer.h"

#include <QByteArray>
#include <QFile>
#include <QString>
#include <QTemporaryDir>

#include <string>
#include <string_view>
#include <vector>

// What the tests of core/format share: files with given bytes, and imports into vectors.
namespace scrit::format::testing {

// A folder of its own for each test function, removed at the end.
class Folder {
public:
    std::string path(std::string_view name) const {
        return m_folder.path().toStdString() + "/" + std::string(name);
    }
    std::string write(std::string_view name, std::string_view bytes) const {
        std::string at = path(name);
        QFile file(QString::fromStdString(at));
        if (!file.open(QIODevice::WriteOnly)) {
            qFatal("cannot write %s", at.c_str());
        }
        file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return at;
    }

private:
    QTemporaryDir m_folder;
};

inline std::string readAll(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string{};
}

template<typename Item>
struct Imported {
    base::Expected<ImportCounts> result;
    std::vector<Item> items;
    std::vector<BadLine> bad;
};

inline Imported<ImportedProblem> importAll(const std::string& path,
                                           const ImportOptions& options = {}) {
    Imported<ImportedProblem> all;
    ImportSinks sinks;
    sinks.record = [&](ImportedProblem&& item, std::uint64_t) -> base::Expected<void> {
        all.items.push_back(std::move(item));
        return {};
    };
    sinks.badLine = [&](const BadLine& line) -> base::Expected<void> {
        all.bad.push_back(line);
        return {};
    };
    all.result = importFile(path, options, sinks);
    return all;
}

inline Imported<ImportedCritique> importAllCritiques(const std::string& path,
                                                     const ImportOptions& options = {}) {
    Imported<ImportedCritique> all;
    CritiqueSinks sinks;
    sinks.record = [&](ImportedCritique&& item, std::uint64_t) -> base::Expected<void> {
        all.items.push_back(std::move(item));
        return {};
    };
    sinks.badLine = [&](const BadLine& line) -> base::Expected<void> {
        all.bad.push_back(line);
        return {};
    };
    all.result = importCritiques(path, options, sinks);
    return all;
}

inline QString qs(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

inline const model::Verdict* labelOf(const ImportedSolution& solution, std::string_view protocol) {
    for (const model::Verdict& label : solution.labels) {
        if (label.protocol == protocol) {
            return &label;
        }
    }
    return nullptr;
}

} // namespace scrit::format::testing
