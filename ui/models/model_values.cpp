// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/model_values.h"

#include "ui/models/run_words.h"
#include "ui/models/translated.h"

#include <QLocale>

namespace scrit::ui::models {

QString modelKindWord(ModelKind kind) {
    switch (kind) {
    case ModelKind::OpenAi:
        return tr("OpenAI API");
    case ModelKind::LlamaServer:
        return QStringLiteral("llama-server");
    case ModelKind::Vllm:
        return QStringLiteral("vLLM");
    case ModelKind::Recorded:
        return tr("recorded");
    case ModelKind::Builtin:
        return tr("builtin");
    }
    return {};
}

bool isManaged(ModelKind kind) {
    return kind == ModelKind::LlamaServer || kind == ModelKind::Vllm;
}

QString serverPhaseWord(ServerPhase phase) {
    switch (phase) {
    case ServerPhase::Stopped:
        return tr("stopped");
    case ServerPhase::Starting:
        return tr("starting");
    case ServerPhase::Loading:
        return tr("loading");
    case ServerPhase::Ready:
        return tr("ready");
    case ServerPhase::Restarting:
        return tr("restarting");
    case ServerPhase::Failed:
        return tr("failed");
    }
    return {};
}

Mark serverPhaseMark(ServerPhase phase) {
    switch (phase) {
    case ServerPhase::Ready:
        return Mark::Yes;
    case ServerPhase::Failed:
        return Mark::No;
    case ServerPhase::Stopped:
        return Mark::None;
    default:
        return Mark::Unknown;
    }
}

QString priceText(const ModelForm& form) {
    if (form.pricePrompt <= 0 && form.priceCompletion <= 0) {
        return tr("no price");
    }
    const auto money = [](double dollars) -> QString {
        return QLatin1Char('$') + QLocale().toString(dollars, 'f', 2);
    };
    return tr("%1 in, %2 out per million tokens")
        .arg(money(form.pricePrompt), money(form.priceCompletion));
}

QString bytesWords(quint64 bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeIecFormat);
}

} // namespace scrit::ui::models
