// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/answer_service.h"

#include "core/loop/disagreements.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <QElapsedTimer>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSemaphore>

#include <algorithm>
#include <utility>

namespace scrit::ui::bridge {

namespace {

constexpr int kMostRows = 5000;    // nobody decides more at a sitting
constexpr int kTellMillis = 300;   // between two looks at what is found so far
constexpr std::size_t kRead = 200; // characters of an answer as a judge read it

QJsonObject evidenceOf(const model::Verdict& verdict) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(verdict.evidence)).object();
}

QString shownText(const QJsonObject& object, const char* key) {
    return models::labelText(models::utf8(object.value(QLatin1String(key)).toString()), kRead);
}

QString judgeName(const model::Verdict& verdict) {
    if (verdict.verifier == model::verifier::kLabel) {
        return AnswerService::tr("label of %1").arg(models::labelText(verdict.source));
    }
    if (verdict.verifier == model::verifier::kSelfValidation) {
        return AnswerService::tr("self-validation by %1").arg(models::labelText(verdict.source));
    }
    return models::labelText(verdict.protocol);
}

models::BenchVerdict benchVerdict(const model::Verdict& verdict) {
    const QJsonObject evidence = evidenceOf(verdict);
    models::BenchVerdict out;
    out.judge = judgeName(verdict);
    out.mark = models::markOf(std::optional(verdict.outcome));
    out.word = verdict.outcome == model::Outcome::Yes  ? AnswerService::tr("right")
               : verdict.outcome == model::Outcome::No ? AnswerService::tr("wrong")
                                                       : AnswerService::tr("undecided");
    out.rule = models::labelText(verdict.rule);
    out.goldRead = shownText(evidence, "gold_read");
    out.answerRead = shownText(evidence, "answer_read");
    return out;
}

QString pairName(const models::BenchVerdict& a, const models::BenchVerdict& b) {
    return std::min(a.judge, b.judge) + QStringLiteral(" ≠ ") + std::max(a.judge, b.judge);
}

// What was compared, from the verdict that recorded it.
std::string comparedAnswer(const loop::Disagreement& found) {
    for (const model::Verdict* verdict : {&found.newer, &found.older}) {
        const QJsonValue answer = evidenceOf(*verdict).value(QLatin1String("answer"));
        if (answer.isString()) {
            return models::utf8(answer.toString());
        }
    }
    return {};
}

models::BenchRow benchRow(const store::TraceRecord& record, const loop::Disagreement& found) {
    models::BenchRow row;
    row.ofCritique = found.subject == model::SubjectKind::Critique;
    row.subjectId = found.subjectId;
    row.gold = record.problem.referenceAnswer;
    row.answer = comparedAnswer(found);
    row.older = benchVerdict(found.older);
    row.newer = benchVerdict(found.newer);
    const auto human = std::find_if( // newest first
        record.verdicts.begin(), record.verdicts.end(), [&](const model::Verdict& verdict) {
            return verdict.subject == found.subject && verdict.subjectId == found.subjectId &&
                   verdict.verifier == model::verifier::kHuman;
        });
    if (human != record.verdicts.end() && human->outcome != model::Outcome::Undecided) {
        row.decided = human->outcome == model::Outcome::Yes;
        row.decidedBy = models::labelText(human->source);
    }
    return row;
}

// What is found while the workspace is passed through. On the worker's thread.
class Bench {
public:
    explicit Bench(models::BenchQuery query) : m_query(std::move(query)) {}

    void add(const store::TraceRecord& record, const loop::Disagreement& found) {
        models::BenchRow row = benchRow(record, found);
        const QString pair = pairName(row.older, row.newer);
        ++m_pairs[pair];
        if (!m_query.between.isEmpty() && pair != m_query.between) {
            return;
        }
        ++m_report.total;
        if (m_report.rows.size() < kMostRows) {
            m_report.rows.push_back(std::move(row));
        }
    }
    [[nodiscard]] models::BenchReport report(bool complete) const {
        models::BenchReport out = m_report;
        out.complete = complete;
        for (auto pair = m_pairs.begin(); pair != m_pairs.end(); ++pair) {
            out.pairs.push_back({pair.key(), pair.value()});
        }
        std::sort(out.pairs.begin(), out.pairs.end(), [](const auto& a, const auto& b) {
            return a.count != b.count ? a.count > b.count : a.name < b.name;
        });
        return out;
    }

private:
    models::BenchQuery m_query;
    models::BenchReport m_report;
    QHash<QString, qint64> m_pairs;
};

} // namespace

AnswerService::AnswerService(WorkspaceService& workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace),
      m_search(std::make_unique<WorkerThread>(QStringLiteral("scrit-answers"))),
      m_decide(std::make_unique<WorkerThread>(QStringLiteral("scrit-decide"))) {
    connect(&m_workspace, &WorkspaceService::closed, this, [this] {
        ++m_token;
        m_cancel.cancel();
    });
}

AnswerService::~AnswerService() {
    m_cancel.cancel();
    QSemaphore stored;
    m_decide->post([&stored] { stored.release(); });
    stored.acquire();
    m_decide.reset();
    m_search.reset();
}

quint64 AnswerService::requestBench(const models::BenchQuery& query) {
    const quint64 token = ++m_token;
    m_cancel.cancel();
    m_cancel = base::CancelToken();
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
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
    m_search->post([this, workspace, query, token, tell, cancel = m_cancel] {
        if (cancel.isCancelled()) {
            return;
        }
        const auto fail = [&](const base::Error& error) {
            if (error.code != base::ErrorCode::Cancelled) {
                tell([this, token, problem = trouble(error)] {
                    Q_EMIT benchFailed(token, problem);
                });
            }
        };
        const auto reader = workspace->reader();
        if (!reader) {
            fail(reader.error());
            return;
        }
        const auto show = [&](const Bench& bench, bool complete) {
            tell([this, token, report = bench.report(complete)] {
                Q_EMIT benchReady(token, report);
            });
        };
        loop::DisagreementOptions options;
        options.of = query.ofCritiques ? store::ListOf::Critiques : store::ListOf::Solutions;
        options.people = false; // what people say stands beside what they judge
        options.filter = models::utf8(query.filter);
        options.undecided = query.undecided;
        Bench bench(query);
        QElapsedTimer sinceTold;
        sinceTold.start();
        const auto read = loop::forEachDisagreement(
            **reader, options,
            [&](const store::TraceRecord& record,
                const loop::Disagreement& found) -> base::Expected<bool> {
                bench.add(record, found);
                if (sinceTold.elapsed() > kTellMillis) {
                    show(bench, false);
                    sinceTold.restart();
                }
                return true;
            },
            cancel);
        if (!read) {
            fail(read.error());
            return;
        }
        show(bench, true);
    });
    return token;
}

void AnswerService::decide(bool ofCritique, qint64 subjectId, std::optional<bool> right,
                           const QString& person) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_decide->post([this, workspace, ofCritique, subjectId, right, person] {
        const auto done = loop::decideAnswer(
            *workspace, ofCritique ? model::SubjectKind::Critique : model::SubjectKind::Solution,
            subjectId,
            !right   ? model::Outcome::Undecided
            : *right ? model::Outcome::Yes
                     : model::Outcome::No,
            models::utf8(person));
        QMetaObject::invokeMethod(
            this,
            [this, subjectId, right, person,
             problem = done ? std::nullopt : std::optional(trouble(done.error()))] {
                if (problem) {
                    Q_EMIT decideFailed(*problem);
                } else {
                    Q_EMIT decided(subjectId, right, person);
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace scrit::ui::bridge
