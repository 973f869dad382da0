// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/workspace_service.h"

#include "core/loop/demo.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/models/trace_table_model.h"
#include "ui/models/visible_text.h"

#include <QDir>
#include <QFileInfo>

#include <mutex>
#include <utility>

namespace scrit::ui::bridge {

// The reading thread's view. `reader` is replaced on the reading thread only; the UI thread keeps
// its own reference for interrupt(), the one call that may cross threads.
struct WorkspaceService::Shared {
    std::array<std::atomic<quint64>, KindCount> newest{};
    std::atomic<int> running{-1}; // Kind of the query that runs now
    std::mutex mutex;             // guards `reader`
    std::shared_ptr<store::Reader> reader;

    std::shared_ptr<store::Reader> current() {
        const std::lock_guard lock(mutex);
        return reader;
    }
    // Gives back the one that was there: closing it takes its time, and is not for the UI thread
    // nor for whoever holds the mutex.
    [[nodiscard]] std::shared_ptr<store::Reader> replace(std::shared_ptr<store::Reader> next) {
        const std::lock_guard lock(mutex);
        reader.swap(next);
        return next;
    }
};

namespace {

constexpr int kRecordsCached = 64;

} // namespace

WorkspaceService::WorkspaceService(QObject* parent)
    : QObject(parent), m_shared(std::make_shared<Shared>()), m_records(kRecordsCached),
      m_read(std::make_unique<WorkerThread>(QStringLiteral("scrit-read"))),
      m_work(std::make_unique<WorkerThread>(QStringLiteral("scrit-work"))) {
    constexpr int kGrowthMillis = 1000;
    m_growth.setInterval(kGrowthMillis);
    m_growth.setSingleShot(true);
    connect(&m_growth, &QTimer::timeout, this, &WorkspaceService::tellGrowth);
    constexpr int kSettleMillis = 1000;
    m_settle.setInterval(kSettleMillis);
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, &WorkspaceService::settled);
    connect(this, &WorkspaceService::recordLoaded, this, &WorkspaceService::settle);
    connect(this, &WorkspaceService::factsReady, this, &WorkspaceService::settle);
}

WorkspaceService::~WorkspaceService() {
    m_cancel.cancel();
    for (auto& newest : m_shared->newest) {
        newest = ++m_lastToken;
    }
    if (const auto reader = m_shared->current()) {
        reader->interrupt();
    }
    m_work.reset();
    m_read.reset();
}

void WorkspaceService::startOpening(const QString& path,
                                    std::function<std::optional<models::Trouble>(Opened&)> open) {
    m_work->post([this, open = std::move(open)] {
        Opened opened;
        auto failure = open(opened);
        if (!failure) {
            auto reader = opened.workspace->reader();
            if (reader) {
                opened.reader = std::move(*reader);
            } else {
                failure = trouble(reader.error(), opened.info.path);
            }
        }
        QMetaObject::invokeMethod(
            this,
            [this, opened = std::move(opened), failure = std::move(failure)]() mutable {
                if (failure) {
                    Q_EMIT openFailed(*failure);
                } else {
                    adopt(std::move(opened));
                }
            },
            Qt::QueuedConnection);
    });
    Q_EMIT opening(path); // what is done about it goes on beside the work
}

void WorkspaceService::createWorkspace(const QString& path) {
    startOpening(path, [path](Opened& opened) -> std::optional<models::Trouble> {
        auto made = store::Workspace::create(pathOf(path));
        if (!made) {
            return trouble(made.error());
        }
        opened.workspace = std::move(*made);
        opened.info = {QFileInfo(path).absoluteFilePath(), false};
        return std::nullopt;
    });
}

void WorkspaceService::openWorkspace(const QString& path, bool readOnly) {
    if (m_workspace && !readOnly && !m_info.readOnly && QFileInfo(m_info.path) == QFileInfo(path)) {
        announce(); // it is open already; our own lock must not keep us out
        return;
    }
    startOpening(path, [path, readOnly](Opened& opened) -> std::optional<models::Trouble> {
        const auto mode = readOnly ? store::OpenMode::ReadOnly : store::OpenMode::ReadWrite;
        auto workspace = store::Workspace::open(pathOf(path), mode);
        if (!workspace) {
            return trouble(workspace.error(), readOnly ? QString() : path);
        }
        opened.workspace = std::move(*workspace);
        opened.info = {QFileInfo(path).absoluteFilePath(), readOnly};
        return std::nullopt;
    });
}

void WorkspaceService::openSample(const QString& folder) {
    const QString file = QDir(folder).filePath(QStringLiteral("demo.scrit"));
    if (m_workspace && QFileInfo(m_info.path) == QFileInfo(file)) {
        announce();
        return;
    }
    startOpening(file,
                 [folder, cancel = m_cancel](Opened& opened) -> std::optional<models::Trouble> {
                     QDir().mkpath(folder);
                     const auto demo = loop::makeDemo(pathOf(folder), {}, cancel);
                     if (!demo) {
                         return trouble(demo.error());
                     }
                     auto workspace = store::Workspace::open(demo->workspace);
                     if (!workspace) {
                         return trouble(workspace.error());
                     }
                     opened.workspace = std::move(*workspace);
                     opened.info = {text(demo->workspace.string()), false};
                     return std::nullopt;
                 });
}

void WorkspaceService::adopt(Opened next) {
    closeWorkspace();
    ++m_epoch;
    m_workspace = std::move(next.workspace);
    m_info = std::move(next.info);
    (void)m_shared->replace(std::move(next.reader)); // closeWorkspace() left none
    announce();
}

void WorkspaceService::announce() {
    m_told.clear();
    m_settle.start();
    Q_EMIT opened(m_info);
}

// Not from inside the signal that brings the answer: what is on screen is painted first.
void WorkspaceService::settle() {
    if (m_settle.isActive()) {
        m_settle.stop();
        QTimer::singleShot(0, this, [this, epoch = m_epoch] {
            if (epoch == m_epoch) {
                Q_EMIT settled();
            }
        });
    }
}

void WorkspaceService::closeWorkspace() {
    if (!m_workspace) {
        return;
    }
    m_cancel.cancel();
    m_cancel = base::CancelToken();
    for (auto& newest : m_shared->newest) {
        newest = ++m_lastToken;
    }
    if (const auto reader = m_shared->current()) {
        reader->interrupt();
    }
    m_read->post([reader = m_shared->replace(nullptr)] {});
    m_records.clear();
    m_totals = {-1, -1, -1};
    m_settle.stop();
    ++m_epoch;
    // The last reference goes on the working thread: closing a database may have to write its log.
    m_work->post([workspace = std::exchange(m_workspace, nullptr)] {});
    m_info = {};
    Q_EMIT closed();
}

void WorkspaceService::tellReadFailure(const models::Trouble& trouble) {
    // What was being read stands in front: "cannot count: FILE is damaged".
    const QString what = trouble.message.section(QStringLiteral(": "), -1);
    if (isOpen() && !m_told.contains(what)) {
        m_told << what;
        Q_EMIT readFailed(trouble);
    }
}

void WorkspaceService::postReadFailure(int epoch, const base::Error& error) {
    if (error.code == base::ErrorCode::Cancelled) {
        return;
    }
    QMetaObject::invokeMethod(
        this,
        [this, epoch, failure = trouble(error)] {
            if (epoch == m_epoch) {
                tellReadFailure(failure);
            }
        },
        Qt::QueuedConnection);
}

quint64 WorkspaceService::newest(Kind kind) {
    m_shared->newest[kind] = ++m_lastToken;
    if (m_shared->running == kind) {
        if (const auto reader = m_shared->current()) {
            reader->interrupt();
        }
    }
    return m_lastToken;
}

// `query` runs on the reading thread and returns false when it was interrupted. An interrupt may
// hit the wrong query (the one that began in between), so an interrupted query that is still wanted
// runs again.
void WorkspaceService::runQuery(Kind kind, quint64 token,
                                std::function<bool(store::Reader&)> query) {
    m_read->post([shared = m_shared, kind, token, query = std::move(query)] {
        constexpr int kAttempts = 5;
        for (int attempt = 0; attempt < kAttempts && shared->newest[kind] == token; ++attempt) {
            const auto reader = shared->current();
            if (!reader) {
                return;
            }
            shared->running = kind;
            const bool done = query(*reader);
            shared->running = -1;
            if (done) {
                return;
            }
        }
    });
}

quint64 WorkspaceService::newList() {
    const quint64 token = newest(Ids);
    m_shared->newest[Rows] = token; // pages of an older list are of no use any more
    return token;
}

quint64 WorkspaceService::requestIds(const models::ListQuery& query) {
    const quint64 token = newList();
    readIds(token, query);
    return token;
}

// The ids of a million rows take a tenth of a second, which what is in sight does not wait for.
quint64 WorkspaceService::requestList(const models::ListQuery& query) {
    if (query.sort != models::SortKey::Id || query.descending) {
        return requestIds(query); // such an order is made for the whole list at once
    }
    const quint64 token = newList();
    runQuery(Ids, token, [this, token, query](store::Reader& reader) {
        const auto rows =
            reader.page(storeQuery(query), std::nullopt, models::TraceTableModel::kPageRows);
        if (!rows && rows.error().code == base::ErrorCode::Cancelled) {
            return false;
        }
        QMetaObject::invokeMethod(
            this,
            [this, token, query, first = rows ? traceRows(*rows) : models::TraceRows()] {
                if (m_shared->newest[Ids] == token) {
                    Q_EMIT rowsBegun(token, first);
                    readIds(token, query); // which fails, too, where this did, and says why
                }
            },
            Qt::QueuedConnection);
        return true;
    });
    return token;
}

void WorkspaceService::readIds(quint64 token, const models::ListQuery& query) {
    const auto kind = static_cast<std::size_t>(query.kind);
    const qint64 knownTotal = m_totals[kind];
    runQuery(Ids, token,
             [this, token, query, kind, knownTotal, epoch = m_epoch](store::Reader& reader) {
                 const auto found = reader.ids(storeQuery(query));
                 if (!found && found.error().code == base::ErrorCode::Cancelled) {
                     return false;
                 }
                 if (!found) {
                     const bool unusable = found.error().code == base::ErrorCode::Invalid;
                     if (!unusable) {
                         postReadFailure(epoch, found.error());
                     }
                     QMetaObject::invokeMethod(
                         this,
                         [this, token, unusable, failure = trouble(found.error())] {
                             if (m_shared->newest[Ids] != token) {
                                 return;
                             }
                             if (unusable) {
                                 Q_EMIT queryFailed(token, failure);
                             } else {
                                 Q_EMIT listFailed(token);
                             }
                         },
                         Qt::QueuedConnection);
                     return true;
                 }
                 qint64 total = knownTotal;
                 if (query.filter.trimmed().isEmpty()) {
                     total = static_cast<qint64>(found->size());
                 } else if (total < 0) {
                     store::ListQuery all;
                     all.of = listOf(query.kind);
                     const auto counted = reader.count(all);
                     if (!counted && counted.error().code == base::ErrorCode::Cancelled) {
                         return false;
                     }
                     if (!counted) {
                         postReadFailure(epoch, counted.error());
                     }
                     total = counted ? *counted : -1;
                 }
                 models::RowIds ids(found->begin(), found->end());
                 QMetaObject::invokeMethod(
                     this,
                     [this, token, kind, total, ids = std::move(ids)] {
                         if (m_shared->newest[Ids] == token) {
                             m_totals[kind] = total;
                             Q_EMIT rowsFound(token, ids, total);
                         }
                     },
                     Qt::QueuedConnection);
                 return true;
             });
}

void WorkspaceService::requestRows(quint64 generation, models::ListKind kind, int page,
                                   const models::RowIds& ids) {
    const int epoch = m_epoch;
    runQuery(Rows, generation, [this, generation, kind, page, ids, epoch](store::Reader& reader) {
        const auto rows = reader.rows(listOf(kind), {ids.begin(), ids.end()});
        if (!rows && rows.error().code == base::ErrorCode::Cancelled) {
            return false;
        }
        if (!rows) {
            postReadFailure(epoch, rows.error());
        }
        models::TraceRows loaded = rows ? traceRows(*rows) : models::TraceRows();
        QMetaObject::invokeMethod(
            this,
            [this, generation, page, loaded = std::move(loaded)] {
                if (m_shared->newest[Rows] == generation) {
                    Q_EMIT rowsLoaded(generation, page, loaded);
                }
            },
            Qt::QueuedConnection);
        return true;
    });
}

models::TraceRecordPtr WorkspaceService::cachedRecord(models::ListKind kind, qint64 id) const {
    const models::TraceRecordPtr* found = m_records.object({static_cast<int>(kind), id});
    return found == nullptr ? nullptr : *found;
}

void WorkspaceService::remember(const models::TraceRecordPtr& record) {
    m_records.insert({static_cast<int>(record->kind), record->id},
                     new models::TraceRecordPtr(record));
}

quint64 WorkspaceService::requestRecord(models::ListKind kind, qint64 id) {
    const quint64 token = newest(Record);
    newest(Preload); // what is on screen comes before its old neighbours
    if (const models::TraceRecordPtr cached = cachedRecord(kind, id)) {
        QMetaObject::invokeMethod(
            this,
            [this, token, cached] {
                if (m_shared->newest[Record] == token) {
                    Q_EMIT recordLoaded(token, cached);
                }
            },
            Qt::QueuedConnection);
        return token;
    }
    const int epoch = m_epoch;
    runQuery(Record, token, [this, token, epoch, kind, id](store::Reader& reader) {
        auto found = reader.record(listOf(kind), id);
        if (!found && found.error().code == base::ErrorCode::Cancelled) {
            return false;
        }
        models::TraceRecordPtr record;
        models::Trouble failure;
        if (found) {
            record = traceRecord(kind, id, std::move(*found));
        } else {
            failure = trouble(found.error());
            postReadFailure(epoch, found.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, token, epoch, record, failure] {
                if (m_epoch != epoch) {
                    return;
                }
                if (record) {
                    remember(record);
                }
                if (m_shared->newest[Record] != token) {
                    return;
                }
                if (record) {
                    Q_EMIT recordLoaded(token, record);
                } else {
                    Q_EMIT recordFailed(token, failure);
                }
            },
            Qt::QueuedConnection);
        return true;
    });
    return token;
}

void WorkspaceService::preload(models::ListKind kind, const models::RowIds& ids) {
    const quint64 token = newest(Preload);
    const int epoch = m_epoch;
    for (const qint64 id : ids) {
        if (id == 0) {
            continue;
        }
        if (const models::TraceRecordPtr cached = cachedRecord(kind, id)) {
            Q_EMIT recordPreloaded(cached);
            continue;
        }
        runQuery(Preload, token, [this, epoch, kind, id](store::Reader& reader) {
            auto found = reader.record(listOf(kind), id);
            if (!found) { // told once somebody goes there
                return found.error().code != base::ErrorCode::Cancelled;
            }
            QMetaObject::invokeMethod(
                this,
                [this, epoch, record = traceRecord(kind, id, std::move(*found))] {
                    if (m_epoch == epoch) {
                        remember(record);
                        Q_EMIT recordPreloaded(record);
                    }
                },
                Qt::QueuedConnection);
            return true;
        });
    }
}

quint64 WorkspaceService::requestComparison(const models::TraceRecordPtr& record,
                                            qint64 otherCritiqueId) {
    const quint64 token = newest(Comparison);
    const int epoch = m_epoch;
    const models::TraceRecordPtr known = cachedRecord(models::ListKind::Critiques, otherCritiqueId);
    runQuery(Comparison, token,
             [this, token, epoch, record, known, otherCritiqueId](store::Reader& reader) {
                 auto made = std::make_shared<models::CritiqueComparison>();
                 made->left = record;
                 made->right = known;
                 models::Trouble failure;
                 if (!known) {
                     auto found = reader.record(store::ListOf::Critiques, otherCritiqueId);
                     if (!found && found.error().code == base::ErrorCode::Cancelled) {
                         return false;
                     }
                     if (found) {
                         made->right = traceRecord(models::ListKind::Critiques, otherCritiqueId,
                                                   std::move(*found));
                     } else {
                         failure = trouble(found.error());
                         postReadFailure(epoch, found.error());
                     }
                 }
                 if (made->right && made->left->critique && made->right->critique) {
                     made->parts = models::compareCritiques(
                         made->left->critique->text, made->left->segments,
                         made->right->critique->text, made->right->segments);
                 }
                 QMetaObject::invokeMethod(
                     this,
                     [this, token, epoch, made, failure] {
                         if (m_epoch != epoch) {
                             return;
                         }
                         if (made->right) {
                             remember(made->right);
                         }
                         if (m_shared->newest[Comparison] != token) {
                             return;
                         }
                         if (made->right) {
                             Q_EMIT comparisonReady(token, made);
                         } else {
                             Q_EMIT recordFailed(token, failure);
                         }
                     },
                     Qt::QueuedConnection);
                 return true;
             });
    return token;
}

void WorkspaceService::requestFacts() {
    const quint64 token = newest(Facts);
    const QString path = m_info.path;
    runQuery(Facts, token, [this, token, path, epoch = m_epoch](store::Reader& reader) {
        const auto status = reader.status();
        if (!status && status.error().code == base::ErrorCode::Cancelled) {
            return false;
        }
        if (!status) {
            postReadFailure(epoch, status.error());
            QMetaObject::invokeMethod(
                this,
                [this, token] {
                    if (m_shared->newest[Facts] == token) {
                        Q_EMIT factsFailed();
                    }
                },
                Qt::QueuedConnection);
            return true;
        }
        models::WorkspaceFacts found = facts(*status);
        found.fileBytes = QFileInfo(path).size();
        QMetaObject::invokeMethod(
            this,
            [this, token, found] {
                if (m_shared->newest[Facts] == token) {
                    Q_EMIT factsReady(found);
                }
            },
            Qt::QueuedConnection);
        return true;
    });
}

quint64 WorkspaceService::requestValues(const QString& qualifier, const QString& prefix) {
    const quint64 token = newest(Values);
    constexpr int kOffered = 40;
    runQuery(
        Values, token, [this, token, qualifier, prefix, epoch = m_epoch](store::Reader& reader) {
            const auto found =
                reader.values(models::utf8(qualifier), models::utf8(prefix), kOffered);
            if (!found && found.error().code == base::ErrorCode::Cancelled) {
                return false;
            }
            QStringList values;
            if (!found) {
                postReadFailure(epoch, found.error());
            } else {
                for (const std::string& value : *found) {
                    values << QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
                }
            }
            QMetaObject::invokeMethod(
                this,
                [this, token, values] {
                    if (m_shared->newest[Values] == token) {
                        Q_EMIT valuesReady(token, values);
                    }
                },
                Qt::QueuedConnection);
            return true;
        });
    return token;
}

} // namespace scrit::ui::bridge
