// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/round_service.h"

#include "core/base/atomic_file.h"
#include "core/format/csv.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/round_convert.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <QElapsedTimer>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace scrit::ui::bridge {

namespace {

constexpr int kRoundPollMillis = 1000;

} // namespace

// Touched on "scrit-rounds" alone, but for `newest`.
struct RoundService::Shared {
    // Counts of a round that has ended do not change, those of one that goes on are worth a tenth
    // of the time at most.
    struct Counted {
        models::RoundCounts counts;
        bool final = false;
        QElapsedTimer since;
        qint64 cost = 0; // milliseconds
    };
    std::unique_ptr<store::Reader> reader;
    int epoch = -1; // of what is below
    std::unordered_map<qint64, Counted> counted;

    base::Expected<store::Reader*> open(const store::Workspace& workspace, int now) {
        if (epoch != now) {
            reader.reset();
            counted.clear();
            epoch = now;
        }
        if (!reader) {
            auto made = workspace.reader();
            if (!made) {
                return base::fail(made.error());
            }
            reader = std::move(*made);
        }
        return reader.get();
    }
    base::Expected<models::RoundCounts> count(const models::RoundInfo& round) {
        Counted& known = counted[round.id];
        const bool over = round.state == model::JobState::Done;
        constexpr qint64 kRestFactor = 10;
        constexpr qint64 kLeastRest = 2000;
        const bool fresh =
            known.counts.roundId != 0 &&
            (known.final || known.since.elapsed() < std::max(kLeastRest, known.cost * kRestFactor));
        if (fresh && known.final == over) {
            return known.counts;
        }
        QElapsedTimer clock;
        clock.start();
        const auto made = store::RoundCharts(*reader).counts(round.id);
        if (!made) {
            return base::fail(made.error());
        }
        known.counts = roundCounts(round, *made);
        known.final = over;
        known.cost = clock.elapsed();
        known.since.start();
        return known.counts;
    }
};

struct RoundService::Looked {
    models::SeriesInfos series;
    models::SeriesDetail detail;
    std::optional<models::Trouble> problem;
};

namespace {

models::TraceRecordPtr readRecord(store::Reader& reader, qint64 critiqueId,
                                  std::optional<models::Trouble>& problem) {
    auto found = reader.record(store::ListOf::Critiques, critiqueId);
    if (!found) {
        problem = trouble(found.error());
        return nullptr;
    }
    return traceRecord(models::ListKind::Critiques, critiqueId, std::move(*found));
}

// The beginning of each item's problem, a pass for all of them.
base::Expected<void> addExcerpts(store::Reader& reader, models::RoundComparison& comparison) {
    std::vector<std::int64_t> ids;
    for (const models::ItemChange& item : comparison.items) {
        ids.push_back(item.problemId);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto rows = reader.rows(store::ListOf::Problems, ids);
    if (!rows) {
        return base::fail(rows.error());
    }
    std::unordered_map<std::int64_t, QString> excerpts;
    for (const store::TraceRow& row : *rows) {
        excerpts[row.id] = models::labelText(row.excerpt);
    }
    for (models::ItemChange& item : comparison.items) {
        item.excerpt = excerpts[item.problemId];
    }
    return {};
}

base::Expected<void> writeWhole(const QString& path, std::string_view bytes) {
    auto file = base::AtomicFile::create(models::utf8(path));
    if (!file) {
        return base::fail(file.error());
    }
    if (auto written = file->write(bytes); !written) {
        return written;
    }
    return file->commit();
}

} // namespace

RoundService::RoundService(WorkspaceService& workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_shared(std::make_shared<Shared>()),
      m_comparison(std::make_shared<std::atomic<quint64>>(0)),
      m_pair(std::make_shared<std::atomic<quint64>>(0)),
      m_read(std::make_unique<WorkerThread>(QStringLiteral("scrit-rounds"))),
      m_write(std::make_unique<WorkerThread>(QStringLiteral("scrit-charts"))) {
    m_poll.setInterval(kRoundPollMillis);
    connect(&m_poll, &QTimer::timeout, this, &RoundService::look);
    connect(&m_workspace, &WorkspaceService::opened, this, &RoundService::workspaceOpened);
    connect(&m_workspace, &WorkspaceService::closed, this, &RoundService::workspaceClosed);
}

RoundService::~RoundService() {
    *m_comparison = ++m_lastToken;
    *m_pair = ++m_lastToken;
    m_read->post([shared = m_shared] { shared->reader.reset(); });
    m_read.reset();
    m_write.reset();
}

const models::SeriesInfo* RoundService::find(const QString& name) const {
    const auto found = std::find_if(m_series.begin(), m_series.end(),
                                    [&name](const auto& one) { return one.name == name; });
    return found == m_series.end() ? nullptr : &*found;
}

void RoundService::workspaceOpened() {
    m_loaded = false;
    if (m_wanted || m_watching) {
        refresh();
    }
}

void RoundService::workspaceClosed() {
    *m_comparison = ++m_lastToken;
    *m_pair = ++m_lastToken;
    m_read->post([shared = m_shared] {
        shared->reader.reset();
        shared->epoch = -1;
    });
    m_series.clear();
    m_detail = {};
    m_shown.clear();
    m_loaded = false;
    m_wanted = false;
    m_looking = false;
    m_again = false;
    m_poll.stop();
    Q_EMIT seriesChanged();
    Q_EMIT detailChanged();
}

void RoundService::refresh() {
    m_wanted = true;
    if (m_looking) {
        m_again = true;
    } else {
        look();
    }
}

void RoundService::show(const QString& name) {
    if (name == m_shown) {
        return;
    }
    m_shown = name;
    m_detail = {};
    Q_EMIT detailChanged();
    refresh();
}

void RoundService::setWatching(bool watching) {
    m_watching = watching;
    updateTimer();
}

void RoundService::setPollMillis(int millis) {
    m_poll.setInterval(millis);
}

void RoundService::updateTimer() {
    const bool goesOn =
        m_detail.isTraining() || std::any_of(m_series.begin(), m_series.end(),
                                             [](const auto& one) { return one.isRunning(); });
    if (m_watching && goesOn && !m_poll.isActive()) {
        m_poll.start();
    } else if (!m_watching || !goesOn) {
        m_poll.stop();
    }
}

void RoundService::look() {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_looking) {
        return;
    }
    m_looking = true;
    m_read->post(
        [this, shared = m_shared, workspace, shown = m_shown, epoch = m_workspace.epoch()] {
            Looked found;
            const auto read = [&]() -> base::Expected<void> {
                const auto reader = shared->open(*workspace, epoch);
                if (!reader) {
                    return base::fail(reader.error());
                }
                auto series = seriesInfos(**reader);
                if (!series) {
                    return base::fail(series.error());
                }
                found.series = *std::move(series);
                const auto wanted =
                    std::find_if(found.series.begin(), found.series.end(),
                                 [&shown](const auto& one) { return one.name == shown; });
                if (wanted == found.series.end()) {
                    return {};
                }
                found.detail.series = shown;
                auto trainings = seriesTrainings(**reader, *wanted);
                if (!trainings) {
                    return base::fail(trainings.error());
                }
                found.detail.trainings = *std::move(trainings);
                for (const models::RoundInfo& round : wanted->rounds) {
                    auto counts = shared->count(round);
                    if (!counts) {
                        return base::fail(counts.error());
                    }
                    found.detail.counts.push_back(*std::move(counts));
                }
                return {};
            };
            if (const auto done = read(); !done) {
                found.problem = trouble(done.error());
            }
            QMetaObject::invokeMethod(
                this, [this, epoch, found = std::move(found)] { didLook(epoch, found); },
                Qt::QueuedConnection);
        });
}

void RoundService::didLook(int epoch, const Looked& found) {
    if (epoch != m_workspace.epoch()) {
        return;
    }
    m_looking = false;
    if (found.problem) {
        m_poll.stop();
        m_workspace.tellReadFailure(*found.problem);
        return;
    }
    const bool news = !m_loaded || found.series != m_series;
    m_loaded = true;
    m_series = found.series;
    const bool ofShown = found.detail.series == m_shown;
    const bool detailNews = ofShown && found.detail != m_detail;
    if (ofShown) {
        m_detail = found.detail;
    }
    if (news) {
        Q_EMIT seriesChanged();
    }
    if (detailNews) {
        Q_EMIT detailChanged();
    }
    updateTimer();
    if (std::exchange(m_again, false)) {
        look();
    }
}

quint64 RoundService::requestComparison(qint64 before, qint64 after) {
    const quint64 token = ++m_lastToken;
    *m_comparison = token;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    m_read->post([this, shared = m_shared, workspace, before, after, token, wanted = m_comparison,
                  epoch = m_workspace.epoch()] {
        if (*wanted != token) {
            return;
        }
        models::RoundComparison found;
        const auto compare = [&]() -> base::Expected<void> {
            const auto reader = shared->open(*workspace, epoch);
            if (!reader) {
                return base::fail(reader.error());
            }
            const auto made = loop::compareEvaluations(*workspace, before, after);
            if (!made) {
                return base::fail(made.error());
            }
            found = roundComparison(*made);
            return addExcerpts(**reader, found);
        };
        std::optional<models::Trouble> problem;
        if (const auto done = compare(); !done) {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, wanted, token, found = std::move(found), problem] {
                if (*wanted != token) {
                    return;
                }
                if (problem) {
                    Q_EMIT comparisonFailed(token, *problem);
                } else {
                    Q_EMIT comparisonReady(token, found);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

quint64 RoundService::requestPair(const models::ItemChange& item) {
    const quint64 token = ++m_lastToken;
    *m_pair = token;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    m_read->post([this, shared = m_shared, workspace, item, token, wanted = m_pair,
                  epoch = m_workspace.epoch()] {
        if (*wanted != token) {
            return;
        }
        auto pair = std::make_shared<models::CritiqueComparison>();
        std::optional<models::Trouble> problem;
        const auto reader = shared->open(*workspace, epoch);
        if (!reader) {
            problem = trouble(reader.error());
        } else {
            if (item.critiqueBefore != 0) {
                pair->left = readRecord(**reader, item.critiqueBefore, problem);
            }
            if (item.critiqueAfter != 0) {
                pair->right = readRecord(**reader, item.critiqueAfter, problem);
            }
            pair->left = pair->left ? pair->left : pair->right;
            pair->right = pair->right ? pair->right : pair->left;
            if (!problem && !pair->left) {
                problem = models::Trouble{};
                problem->message = tr("Neither evaluation has a critique of this item");
            } else if (!problem && pair->left != pair->right &&
                       item.solutionBefore == item.solutionAfter) {
                pair->parts =
                    models::compareCritiques(pair->left->critique->text, pair->left->segments,
                                             pair->right->critique->text, pair->right->segments);
            }
        }
        QMetaObject::invokeMethod(
            this,
            [this, wanted, token, pair, problem] {
                if (*wanted != token) {
                    return;
                }
                if (problem) {
                    Q_EMIT comparisonFailed(token, *problem);
                } else {
                    Q_EMIT pairReady(token, pair);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

void RoundService::writeFile(const QString& path, const QByteArray& bytes) {
    m_write->post([this, path, bytes] {
        const auto done =
            writeWhole(path, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
        std::optional<models::Trouble> problem;
        if (!done) {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, path, problem] {
                if (problem) {
                    Q_EMIT fileFailed(*problem);
                } else {
                    Q_EMIT fileWritten(path);
                }
            },
            Qt::QueuedConnection);
    });
}

void RoundService::writeTable(const QString& path, const QVector<QStringList>& rows) {
    std::string csv;
    for (const QStringList& row : rows) {
        bool first = true;
        for (const QString& cell : row) {
            csv += std::exchange(first, false) ? "" : ",";
            // A negative figure stays one.
            bool isNumber = false;
            (void)cell.toDouble(&isNumber);
            csv += isNumber ? models::utf8(cell) : format::csvCell(models::utf8(cell));
        }
        csv += "\r\n";
    }
    writeFile(path, QByteArray(csv.data(), static_cast<qsizetype>(csv.size())));
}

} // namespace scrit::ui::bridge
