// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/convert.h"

#include "core/critique/red_flags.h"
#include "core/critique/step_splitter.h"
#include "core/critique/target_leaks.h"
#include "ui/models/quoted_passages.h"
#include "ui/models/visible_text.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <utility>

namespace scrit::ui::bridge {

namespace {

// Shown in table cells and chips: bounded, so that a hostile name cannot blow up a row.
QString cell(std::string_view utf8) {
    return models::labelText(utf8, 200);
}

std::vector<models::ArithmeticMark> arithmeticMarks(const models::TraceRecord& record) {
    std::vector<models::ArithmeticMark> marks;
    const model::Verdict* verdict =
        record.verdict(model::SubjectKind::Solution, model::verifier::kStepArithmetic);
    if (verdict == nullptr || !record.solution) {
        return marks;
    }
    const QJsonDocument evidence = QJsonDocument::fromJson(QByteArray::fromRawData(
        verdict->evidence.data(), static_cast<qsizetype>(verdict->evidence.size())));
    const QJsonArray failed = evidence.object().value(QLatin1String("failed")).toArray();
    for (const auto& value : failed) {
        const QJsonObject one = value.toObject();
        const double begin = one.value(QLatin1String("begin")).toDouble(-1);
        const double end = one.value(QLatin1String("end")).toDouble(-1);
        const auto size = static_cast<double>(record.solution->text.size());
        if (begin < 0 || end <= begin || end > size) {
            continue;
        }
        models::ArithmeticMark mark;
        mark.step = one.value(QLatin1String("step")).toInt();
        mark.span = {static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
        mark.message =
            models::utf8(QCoreApplication::translate("Bridge", "%1 is %2, not %3")
                             .arg(one.value(QLatin1String("left")).toVariant().toString(),
                                  one.value(QLatin1String("expected")).toVariant().toString(),
                                  one.value(QLatin1String("right")).toVariant().toString()));
        marks.push_back(std::move(mark));
    }
    return marks;
}

std::optional<int> labelledStep(const models::TraceRecord& record) {
    for (const model::Verdict& verdict : record.verdicts) {
        if (verdict.subject == model::SubjectKind::Solution &&
            verdict.verifier == model::verifier::kLabel && verdict.step) {
            return verdict.step;
        }
    }
    return std::nullopt;
}

// Bounded for critiques of very many steps: what is beyond quotes nothing.
void findQuotes(models::TraceRecord& record) {
    constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024; // compared in all
    std::size_t compared = 0;
    record.quotes.resize(record.segments.size());
    for (std::size_t i = 0; i < record.segments.size() && compared < kMostBytes; ++i) {
        if (record.segments[i].kind != models::CritiqueSegment::Kind::Step) {
            continue;
        }
        const std::string_view part = base::slice(record.critique->text, record.segments[i].body);
        const std::string& own = record.problem.referenceSolution;
        record.quotes[i].own = models::quotedPassages(part, own, record.problem.text);
        compared += part.size() + own.size();
        if (record.reference) {
            record.quotes[i].shown =
                models::quotedPassages(part, record.reference->text, record.problem.text);
            compared += record.reference->text.size();
        }
    }
}

// What the validator wrote: "transcript" of the newest self-validation's evidence, "text" of an
// imported one's.
std::string validationTranscript(const models::TraceRecord& record) {
    const model::Verdict* verdict =
        record.verdict(model::SubjectKind::Critique, model::verifier::kSelfValidation);
    if (verdict == nullptr) {
        return {};
    }
    const QJsonDocument evidence = QJsonDocument::fromJson(QByteArray::fromRawData(
        verdict->evidence.data(), static_cast<qsizetype>(verdict->evidence.size())));
    const QJsonObject object = evidence.object();
    const QString transcript = object.value(QLatin1String("transcript")).toString();
    return models::utf8(transcript.isEmpty() ? object.value(QLatin1String("text")).toString()
                                             : transcript);
}

// Long spans of the reference in what a critic would be trained on: not in the reference analysis,
// which is dropped, nor in run-on text.
std::vector<base::Span> copiesOf(const models::TraceRecord& record) {
    const model::Critique& critique = *record.critique;
    critique::CopyDetector detector;
    detector.setTexts(record.reference ? record.reference->text : record.problem.referenceSolution,
                      record.problem.text,
                      record.solution ? std::string_view(record.solution->text)
                                      : std::string_view());
    std::vector<base::Span> spans = detector.copiedSpans(critique.text);
    const auto& exempt = critique.parsed.referenceAnalysis;
    const std::size_t end = critique.parsed.usedEnd;
    std::erase_if(spans, [&](base::Span span) {
        return (end > 0 && span.begin >= end) ||
               (exempt && span.begin < exempt->end && span.end > exempt->begin);
    });
    return spans;
}

void readCritique(models::TraceRecord& record) {
    const model::Critique& critique = *record.critique;
    record.segments = models::segmentCritique(critique.text, critique.parsed);
    findQuotes(record);
    record.validationTranscript = validationTranscript(record);
    record.leaks = critique::leakSpans(critique.text, critique.parsed);
    record.copies = copiesOf(record);
    if (!critique.correctionText.empty()) {
        record.correction = critique.correctionText;
    } else if (critique.parsed.correction &&
               critique.parsed.correction->end <= critique.text.size()) {
        record.correction = std::string(base::slice(critique.text, *critique.parsed.correction));
    }
    if (record.correction.empty() || !record.solution) {
        return;
    }
    record.correctionSteps = critique::splitSteps(record.correction);
    // A solution judged correct is "corrected" by one sentence that says so: nothing to compare.
    const bool judgedCorrect = critique.parsed.conclusion == model::Conclusion::Correct &&
                               record.correctionSteps.size() <= 1;
    if (!judgedCorrect) {
        record.correctionDiff = models::diffSteps(record.solution->text, record.solution->steps,
                                                  record.correction, record.correctionSteps);
    }
}

// The reader gives the other critiques of the solution; people count this one among them.
void addOwnRow(models::TraceRecord& record) {
    const model::Critique& critique = *record.critique;
    models::TraceRow own;
    own.id = own.critiqueId = critique.id;
    own.solutionId = critique.solutionId;
    own.mode = critique.mode;
    own.critic = cell(critique.critic);
    own.round = critique.round;
    own.conclusion = critique.parsed.conclusion;
    own.firstErrorStep = critique.parsed.firstErrorStep;
    const auto at =
        std::lower_bound(record.siblings.begin(), record.siblings.end(), own.id,
                         [](const models::TraceRow& row, qint64 id) { return row.id < id; });
    if (at == record.siblings.end() || at->id != own.id) {
        record.siblings.insert(at, own);
    }
}

// Spans come from a file that somebody may have sent: never trust them to lie inside the text.
void clampSteps(std::optional<model::Solution>& solution) {
    if (!solution) {
        return;
    }
    const std::size_t size = solution->text.size();
    for (base::Span& span : solution->steps) {
        span.end = std::min(span.end, size);
        span.begin = std::min(span.begin, span.end);
    }
    if (solution->steps.empty() && size > 0) {
        solution->steps.push_back({0, size});
    }
}

void clampParsed(model::Critique& critique) {
    const std::size_t size = critique.text.size();
    const auto clamp = [size](base::Span& span) {
        span.end = std::min(span.end, size);
        span.begin = std::min(span.begin, span.end);
    };
    for (model::StepCritique& step : critique.parsed.steps) {
        clamp(step.span);
    }
    for (auto* span : {&critique.parsed.referenceAnalysis, &critique.parsed.conclusionSpan,
                       &critique.parsed.correction}) {
        if (span->has_value()) {
            clamp(**span);
        }
    }
    critique.parsed.usedEnd = std::min(critique.parsed.usedEnd, size);
}

} // namespace

QString text(std::string_view utf8) {
    return models::visibleText(utf8);
}

QDateTime timeOf(std::int64_t unixMillis) {
    return unixMillis > 0 ? QDateTime::fromMSecsSinceEpoch(unixMillis) : QDateTime();
}

std::filesystem::path pathOf(const QString& path) {
    return {models::utf8(path)};
}

store::ListOf listOf(models::ListKind kind) {
    switch (kind) {
    case models::ListKind::Problems:
        return store::ListOf::Problems;
    case models::ListKind::Solutions:
        return store::ListOf::Solutions;
    case models::ListKind::Critiques:
        break;
    }
    return store::ListOf::Critiques;
}

store::ListQuery storeQuery(const models::ListQuery& query) {
    store::ListQuery out;
    out.of = listOf(query.kind);
    out.filter = models::utf8(query.filter);
    switch (query.sort) {
    case models::SortKey::Id:
        out.sort = store::SortKey::Id;
        break;
    case models::SortKey::Source:
        out.sort = store::SortKey::Source;
        break;
    case models::SortKey::FirstErrorStep:
        out.sort = store::SortKey::FirstErrorStep;
        break;
    case models::SortKey::Tokens:
        out.sort = store::SortKey::Tokens;
        break;
    case models::SortKey::Round:
        out.sort = store::SortKey::Round;
        break;
    }
    out.descending = query.descending;
    return out;
}

models::TraceRow traceRow(const store::TraceRow& row) {
    models::TraceRow out;
    out.id = row.id;
    out.problemId = row.problemId;
    out.solutionId = row.solutionId;
    out.critiqueId = row.critiqueId;
    out.source = cell(row.source);
    out.split = cell(row.split);
    out.subject = cell(row.subject);
    out.level = cell(row.level);
    out.student = cell(row.student);
    out.solutionCorrect = row.solutionCorrect;
    out.labelStep = row.labelStep;
    out.mode = row.mode;
    out.critic = cell(row.critic);
    out.round = row.round;
    out.conclusion = row.conclusion;
    out.firstErrorStep = row.firstErrorStep;
    out.validated = row.validated;
    out.answerMatch = row.answerMatch;
    out.flags = row.flags;
    out.annotation = cell(row.annotationLabel);
    out.tokens = row.tokens;
    out.critiqueCount = row.critiqueCount;
    out.excerpt = cell(row.excerpt);
    return out;
}

models::TraceRows traceRows(const std::vector<store::TraceRow>& rows) {
    models::TraceRows out;
    out.reserve(static_cast<qsizetype>(rows.size()));
    for (const store::TraceRow& row : rows) {
        out.push_back(traceRow(row));
    }
    return out;
}

models::TraceRecordPtr traceRecord(models::ListKind kind, qint64 id, store::TraceRecord&& record) {
    auto out = std::make_shared<models::TraceRecord>();
    out->kind = kind;
    out->id = id;
    out->problem = std::move(record.problem);
    out->statedAnswer = std::move(record.statedAnswer);
    out->solution = std::move(record.solution);
    out->critique = std::move(record.critique);
    out->reference = std::move(record.reference);
    out->verdicts = std::move(record.verdicts);
    out->annotations = std::move(record.annotations);
    out->siblings = traceRows(record.siblings);
    out->solutionCorrect = record.solutionCorrect;
    out->promptTokens = record.promptTokens;
    out->completionTokens = record.completionTokens;
    out->latencySeconds = record.latencySeconds;
    out->cost = record.cost;
    out->prompt = std::move(record.prompt);
    clampSteps(out->solution);
    clampSteps(out->reference);
    out->labelStep = labelledStep(*out);
    out->arithmetic = arithmeticMarks(*out);
    if (out->critique) {
        clampParsed(*out->critique);
        addOwnRow(*out);
        readCritique(*out);
    }
    return out;
}

models::WorkspaceFacts facts(const store::Status& status) {
    models::WorkspaceFacts out;
    out.problems = status.problems;
    out.solutions = status.solutions;
    out.solutionsCorrect = status.solutionsCorrect;
    out.solutionsIncorrect = status.solutionsIncorrect;
    out.critiques = status.critiques;
    out.critiquesParsed = status.critiquesParsed;
    out.selfValidated = status.selfValidated;
    out.answerMatched = status.answerMatched;
    out.annotations = status.annotations;
    out.validatedMatch = status.validatedMatch;
    out.validatedMismatch = status.validatedMismatch;
    out.rejectedMatch = status.rejectedMatch;
    out.rejectedMismatch = status.rejectedMismatch;
    for (const auto& [source, count] : status.sources) {
        out.sources.push_back({cell(source), count});
    }
    out.unfinishedImports = status.unfinishedImports;
    return out;
}

models::JobState jobState(const QString& title, const loop::JobProgress& progress) {
    models::JobState out;
    out.title = title;
    out.subject = cell(progress.subject);
    out.done = static_cast<qint64>(progress.done);
    out.total = static_cast<qint64>(progress.total);
    out.items = static_cast<qint64>(progress.items);
    out.bad = static_cast<qint64>(progress.bad);
    return out;
}

void addSummary(models::ImportResult& result, const loop::ImportSummary& summary) {
    for (const loop::FileSummary& file : summary.files) {
        models::ImportedFile one;
        one.file = cell(file.file);
        one.format = cell(file.format);
        one.lines = static_cast<qint64>(file.lines);
        one.added = static_cast<qint64>(file.added);
        one.existing = static_cast<qint64>(file.existing);
        one.bad = static_cast<qint64>(file.bad);
        one.error = file.error ? text(file.error->text()) : QString();
        result.files.push_back(std::move(one));
    }
    for (const format::BadLine& line : summary.badLines) {
        result.badLines.push_back(
            {cell(line.file), static_cast<qint64>(line.line), cell(line.reason)});
    }
    result.badLinesLeftOut += static_cast<qint64>(summary.badLinesLeftOut);
    result.cancelled = result.cancelled || summary.cancelled;
    if (summary.stopped && result.stopped.isEmpty()) {
        result.stopped = text(summary.stopped->text());
    }
    result.lines += static_cast<qint64>(summary.total.lines);
    result.added += static_cast<qint64>(summary.total.added);
    result.existing += static_cast<qint64>(summary.total.existing);
    result.bad += static_cast<qint64>(summary.total.bad);
}

models::VerifyResult verifyResult(const loop::VerifySummary& summary) {
    const auto words = [](const loop::VerifierCount& count) {
        const bool critiques = count.subject == model::SubjectKind::Critique;
        if (count.verifier == model::verifier::kAnswerMatch) {
            return critiques ? QCoreApplication::translate("Bridge", "Answers of corrections match")
                             : QCoreApplication::translate("Bridge", "Answers of solutions match");
        }
        if (count.verifier == model::verifier::kStepArithmetic) {
            return QCoreApplication::translate("Bridge", "Equations inside the steps hold");
        }
        return count.verifier == model::verifier::kFormat
                   ? QCoreApplication::translate("Bridge", "Critiques complete, without red flags")
                   : text(count.verifier);
    };
    models::VerifyResult out;
    out.solutions = static_cast<qint64>(summary.solutions);
    out.critiques = static_cast<qint64>(summary.critiques);
    out.reparsed = static_cast<qint64>(summary.reparsed);
    out.cancelled = summary.cancelled;
    for (const loop::VerifierCount& count : summary.counts) {
        out.counts.push_back({words(count), static_cast<qint64>(count.yes),
                              static_cast<qint64>(count.no), static_cast<qint64>(count.undecided),
                              static_cast<qint64>(count.added)});
    }
    return out;
}

models::Trouble trouble(const base::Error& error, const QString& path) {
    models::Trouble out;
    out.message = text(error.message);
    out.advice = text(error.advice);
    out.path = path;
    switch (error.code) {
    case base::ErrorCode::Locked:
    case base::ErrorCode::ReadOnly:
    case base::ErrorCode::Permission:
        out.offer =
            path.isEmpty() ? models::Trouble::Offer::None : models::Trouble::Offer::OpenReadOnly;
        break;
    default:
        out.offer = error.retryable ? models::Trouble::Offer::Retry : models::Trouble::Offer::None;
        break;
    }
    return out;
}

} // namespace scrit::ui::bridge
