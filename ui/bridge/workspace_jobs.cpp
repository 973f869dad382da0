// SPDX-License-Identifier: GPL-3.0-or-later
// The long jobs of WorkspaceService: import and verify on "scrit-work".
#include "core/format/line_reader.h"
#include "core/loop/import_driver.h"
#include "core/loop/verify.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <QRegularExpression>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace scrit::ui::bridge {

namespace {

// Whether a file holds recorded critiques rather than problems: its first records have a field of
// that name. Looks at the beginning only; a file that cannot be read is left to the importer to
// explain.
bool holdsCritiques(const std::filesystem::path& path) {
    auto source = format::ByteSource::open(path);
    if (!source) {
        return false;
    }
    constexpr std::size_t kHead = std::size_t{256} * 1024;
    std::string head(kHead, '\0');
    std::size_t size = 0;
    while (size < kHead) {
        const auto got = (*source)->read(head.data() + size, kHead - size);
        if (!got || *got == 0) {
            break;
        }
        size += *got;
    }
    head.resize(size);
    const QString text = QString::fromUtf8(head.data(), static_cast<qsizetype>(head.size()));
    static const QRegularExpression kField(QStringLiteral("\"critique(_text)?\"\\s*:"));
    static const QRegularExpression kHeader(
        QStringLiteral("^\\N{U+FEFF}?[^\\n\\{\\[]*\\bcritique\\b[^\\n]*"));
    return kField.match(text).hasMatch() || kHeader.match(text).hasMatch();
}

} // namespace

void WorkspaceService::beginJob(const QString& title) {
    if (m_jobs++ == 0) {
        m_cancel = base::CancelToken();
        m_jobClock.start();
        Q_EMIT jobStarted(title);
    }
}

void WorkspaceService::endJob() {
    if (--m_jobs == 0) {
        Q_EMIT jobFinished();
    }
}

void WorkspaceService::cancelJob() {
    m_cancel.cancel();
}

void WorkspaceService::contentsDidChange() {
    m_records.clear();
    m_totals = {-1, -1, -1};
    Q_EMIT contentsChanged();
}

void WorkspaceService::contentsDidGrow() {
    m_grew = true;
    if (!m_growth.isActive() && !m_growthAsked) {
        tellGrowth();
    }
}

void WorkspaceService::tellGrowth() {
    if (!m_grew || !m_workspace || m_growthAsked) {
        return;
    }
    m_grew = false;
    m_records.clear();
    m_totals = {-1, -1, -1};
    m_growth.start();
    m_growthAsked = true;
    Q_EMIT contentsGrew();
    // What the pages asked for now stands before this in the queue of the reading thread: a query
    // that takes longer than a second is not overtaken by the next one, for ever.
    m_read->post([this] {
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_growthAsked = false;
                if (!m_growth.isActive()) {
                    tellGrowth();
                }
            },
            Qt::QueuedConnection);
    });
}

std::function<void(const models::JobState&)> WorkspaceService::progressPoster(int epoch) {
    return [this, epoch](const models::JobState& state) {
        QMetaObject::invokeMethod(
            this,
            [this, epoch, state = state]() mutable {
                if (m_epoch == epoch) {
                    state.seconds = static_cast<double>(m_jobClock.elapsed()) / 1000.0;
                    Q_EMIT jobProgressed(state);
                }
            },
            Qt::QueuedConnection);
    };
}

void WorkspaceService::importFiles(const QStringList& files) {
    if (!m_workspace || files.isEmpty()) {
        return;
    }
    if (m_info.readOnly) {
        models::Trouble trouble;
        trouble.message = tr("This workspace is open read-only, so nothing can be imported");
        trouble.advice = tr("Open it again for writing, or create another workspace.");
        Q_EMIT jobFailed(trouble);
        return;
    }
    beginJob(tr("Importing"));
    std::vector<std::filesystem::path> paths;
    for (const QString& file : files) {
        paths.emplace_back(models::utf8(file));
    }
    const int epoch = m_epoch;
    m_work->post([this, epoch, paths = std::move(paths), workspace = m_workspace, cancel = m_cancel,
                  post = progressPoster(epoch), title = tr("Importing")] {
        QElapsedTimer clock;
        clock.start();
        std::vector<std::filesystem::path> problems;
        std::vector<std::filesystem::path> critiques;
        for (const auto& path : paths) {
            (holdsCritiques(path) ? critiques : problems).push_back(path);
        }
        const loop::ProgressFunction progress = [&post, &title](const loop::JobProgress& state) {
            post(jobState(title, state));
        };
        models::ImportResult result;
        if (!problems.empty()) {
            addSummary(result, loop::importFiles(*workspace, problems, {}, progress, cancel));
        }
        if (!critiques.empty() && !result.cancelled && result.stopped.isEmpty()) {
            addSummary(result,
                       loop::importCritiqueFiles(*workspace, critiques, {}, progress, cancel));
        }
        result.seconds = static_cast<double>(clock.elapsed()) / 1000.0;
        QMetaObject::invokeMethod(
            this,
            [this, epoch, result] {
                endJob();
                if (m_epoch == epoch) {
                    contentsDidChange();
                    Q_EMIT importFinished(result);
                }
            },
            Qt::QueuedConnection);
    });
}

void WorkspaceService::verify(const QString& filter) {
    if (!m_workspace) {
        return;
    }
    if (m_info.readOnly) {
        models::Trouble trouble;
        trouble.message = tr("This workspace is open read-only, so no verdicts can be stored");
        trouble.advice = tr("Open it again for writing.");
        Q_EMIT jobFailed(trouble);
        return;
    }
    beginJob(tr("Verifying"));
    const int epoch = m_epoch;
    m_work->post([this, epoch, filter, workspace = m_workspace, cancel = m_cancel,
                  post = progressPoster(epoch), title = tr("Verifying")] {
        QElapsedTimer clock;
        clock.start();
        loop::VerifyOptions options;
        options.filter = models::utf8(filter);
        const auto summary = loop::verifyWorkspace(
            *workspace, options,
            [&post, &title](const loop::JobProgress& state) { post(jobState(title, state)); },
            cancel);
        models::VerifyResult result;
        if (summary) {
            result = verifyResult(*summary);
        } else {
            result.cancelled = true;
        }
        result.filter = filter.trimmed();
        result.seconds = static_cast<double>(clock.elapsed()) / 1000.0;
        QMetaObject::invokeMethod(
            this,
            [this, epoch, summary, result] {
                endJob();
                if (m_epoch != epoch) {
                    return;
                }
                contentsDidChange();
                if (!summary && summary.error().code != base::ErrorCode::Cancelled) {
                    Q_EMIT jobFailed(trouble(summary.error()));
                    return;
                }
                Q_EMIT verifyFinished(result);
            },
            Qt::QueuedConnection);
    });
}

} // namespace scrit::ui::bridge
