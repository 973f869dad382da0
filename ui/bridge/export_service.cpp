// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/export_service.h"

#include "core/loop/export_driver.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/export_convert.h"
#include "ui/bridge/workspace_service.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <utility>

namespace scrit::ui::bridge {

namespace {

constexpr int kExamples = 24;       // rows to look at
constexpr int kDroppedExamples = 4; // of each stage
constexpr int kPastShown = 200;

// Rows of all files, as the manifest counts them; -1 when it does not say.
qint64 rowsOf(const std::string& manifest) {
    const QJsonDocument json = QJsonDocument::fromJson(
        QByteArray::fromRawData(manifest.data(), static_cast<qsizetype>(manifest.size())));
    const QJsonValue value = json.object().value(QLatin1String("files"));
    if (!value.isArray()) {
        return -1;
    }
    const QJsonArray files = value.toArray();
    qint64 rows = 0;
    for (const auto& file : files) {
        rows += static_cast<qint64>(file.toObject().value(QLatin1String("rows")).toDouble());
    }
    return rows;
}

models::PastExport pastExport(const store::StoredExport& stored) {
    models::PastExport out;
    out.id = stored.id;
    out.folder = text(stored.folder);
    out.view = text(stored.view);
    out.filter = text(stored.filter);
    out.rows = rowsOf(stored.manifest);
    out.createdAt = QDateTime::fromMSecsSinceEpoch(stored.createdAt);
    out.there = QFileInfo::exists(out.folder);
    return out;
}

} // namespace

ExportService::ExportService(WorkspaceService& workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_views(exportViews()),
      m_preview(std::make_unique<WorkerThread>(QStringLiteral("scrit-preview"))),
      m_write(std::make_unique<WorkerThread>(QStringLiteral("scrit-export"))) {
    connect(&m_workspace, &WorkspaceService::settled, this, &ExportService::refresh);
    connect(&m_workspace, &WorkspaceService::closed, this, &ExportService::workspaceClosed);
}

ExportService::~ExportService() {
    m_previewCancel.cancel();
    m_writeCancel.cancel();
    m_preview.reset();
    m_write.reset();
}

void ExportService::workspaceClosed() {
    cancelPreview();
    m_writeCancel.cancel();
    m_past.clear();
    m_loaded = false;
    setWriting(false);
    Q_EMIT pastChanged();
}

void ExportService::cancelPreview() {
    ++m_token;
    m_previewCancel.cancel();
}

quint64 ExportService::requestPreview(const models::ExportForm& form) {
    cancelPreview();
    const quint64 token = m_token;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    m_previewCancel = base::CancelToken();
    const auto tell = [this, token](auto deliver) {
        QMetaObject::invokeMethod(
            this,
            [this, token, deliver = std::move(deliver)] {
                if (token == m_token) {
                    deliver();
                }
            },
            Qt::QueuedConnection);
    };
    m_preview->post([this, workspace, form, token, tell, cancel = m_previewCancel] {
        const auto fail = [&](const base::Error& error) {
            if (error.code != base::ErrorCode::Cancelled) {
                tell([this, token, problem = trouble(error)] {
                    Q_EMIT previewFailed(token, problem);
                });
            }
        };
        if (cancel.isCancelled()) {
            return;
        }
        const auto options = exportOptions(form);
        if (!options) {
            fail(options.error());
            return;
        }
        loop::PreviewOptions look;
        look.rows = kExamples;
        look.droppedPerStage = kDroppedExamples;
        for (const bool whole : {false, true}) {
            look.wholeFunnel = whole;
            const auto preview = loop::previewExport(
                *workspace, *options, look,
                [&](const loop::JobProgress& progress) {
                    tell([this, token, done = static_cast<qint64>(progress.done),
                          total = static_cast<qint64>(progress.total)] {
                        Q_EMIT previewProgressed(token, done, total);
                    });
                },
                cancel);
            if (!preview) {
                fail(preview.error());
                return;
            }
            tell([this, token, shown = exportPreview(*preview)] {
                Q_EMIT previewReady(token, shown);
            });
            if (preview->funnelIsWhole) {
                return;
            }
        }
    });
    return token;
}

void ExportService::write(const models::ExportForm& form) {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_writing) {
        return;
    }
    m_writeCancel = base::CancelToken();
    setWriting(true);
    m_write->post([this, workspace, form, epoch = m_workspace.epoch(), cancel = m_writeCancel] {
        QElapsedTimer clock;
        clock.start();
        const auto seconds = [&clock] {
            return static_cast<double>(clock.elapsed()) / 1000.0;
        };
        auto options = exportOptions(form);
        auto done = options ? loop::exportDataset(
                                  *workspace, *options,
                                  [&](const loop::JobProgress& progress) {
                                      models::JobState state = jobState(tr("Writing"), progress);
                                      state.seconds = seconds();
                                      QMetaObject::invokeMethod(
                                          this,
                                          [this, epoch, state] {
                                              if (epoch == m_workspace.epoch()) {
                                                  Q_EMIT progressed(state);
                                              }
                                          },
                                          Qt::QueuedConnection);
                                  },
                                  cancel)
                            : base::Expected<loop::ExportSummary>(base::fail(options.error()));
        models::ExportResult result;
        models::Trouble problem;
        bool cancelled = false;
        if (done) {
            result = exportResult(*done, seconds());
        } else {
            problem = trouble(done.error());
            cancelled = done.error().code == base::ErrorCode::Cancelled;
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, ok = done.has_value(), result, problem, cancelled] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                setWriting(false);
                if (ok) {
                    refresh();
                    Q_EMIT written(result);
                } else if (cancelled) {
                    Q_EMIT writeCancelled();
                } else {
                    Q_EMIT writeFailed(problem);
                }
            },
            Qt::QueuedConnection);
    });
}

void ExportService::cancelWriting() {
    m_writeCancel.cancel();
}

void ExportService::setWriting(bool writing) {
    if (std::exchange(m_writing, writing) != writing) {
        Q_EMIT writingChanged(writing);
    }
}

void ExportService::refresh() {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_write->post([this, workspace, epoch = m_workspace.epoch()] {
        QVector<models::PastExport> found;
        const auto reader = workspace->reader();
        const auto stored = reader ? (*reader)->exports(kPastShown) : base::fail(reader.error());
        if (!stored) {
            m_workspace.postReadFailure(epoch, stored.error());
            return;
        }
        for (const store::StoredExport& one : *stored) {
            found.push_back(pastExport(one));
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, found] {
                if (epoch == m_workspace.epoch()) {
                    m_past = found;
                    m_loaded = true;
                    Q_EMIT pastChanged();
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace scrit::ui::bridge
