// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"

#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// What the Models page shows and edits, as plain values. Never a secret: keys are named, not held.
// Texts that come from files or servers are visible text already.
namespace scrit::ui::models {

enum class ModelKind { OpenAi, LlamaServer, Vllm, Recorded, Builtin };
[[nodiscard]] QString modelKindWord(ModelKind kind);
// Kinds whose server this program starts and owns.
[[nodiscard]] bool isManaged(ModelKind kind);

// Where the API key of a model is.
enum class KeySource { None, Environment, Keychain };

// A model as it is typed in. Which fields count depends on the kind.
struct ModelForm {
    qint64 id = 0; // 0: a new model
    QString name;
    ModelKind kind = ModelKind::OpenAi;
    QString stored; // its settings as they are stored: what no field shows is kept

    QStringList urls;
    QString modelId;
    KeySource keySource = KeySource::None;
    QString keyVariable;
    QString keychainEntry;
    double pricePrompt = 0; // US dollars per million tokens
    double priceCompletion = 0;
    qint64 requestsPerMinute = 0;
    qint64 tokensPerMinute = 0;
    int largestWindow = 0;
    QString extraBody;
    qint64 contextTokens = 0;

    QString modelFile; // llama-server: a GGUF file
    QStringList loraFiles;
    QString program;
    QStringList extraArguments;
    int slotCount = 0;  // 0: by the plan
    int gpuLayers = -1; // −1: by the plan
    QStringList files;  // recorded
};

// What is wrong with one field of a form.
enum class ModelField { Name, Urls, ModelId, Key, File, Lora, Program, Arguments, Body, Other };
struct FieldProblem {
    ModelField field = ModelField::Other;
    QString message;
};

enum class KeyState { NotNeeded, Present, Missing, Unknown };

// A line of what is known about something: "Trained from", "base".
struct ModelFact {
    QString name;
    QString value;
};

// One model in the list.
struct ModelEntry {
    ModelForm form;
    bool retired = false;
    QString endpoint; // host, file or folder
    KeyState key = KeyState::NotNeeded;
    QString keyText; // "in $NAME", "in the keychain", "$NAME is not set"; never the key
    QString problem; // its settings cannot be used; empty: they can
    QStringList warnings;
    QVector<ModelFact> origin; // file, device, and what training made it from what
};
using ModelEntries = QVector<ModelEntry>;

enum class ServerPhase { Stopped, Starting, Loading, Ready, Restarting, Failed };
[[nodiscard]] QString serverPhaseWord(ServerPhase phase);
[[nodiscard]] Mark serverPhaseMark(ServerPhase phase);

// A server that this program started for a model.
struct ServerStatus {
    qint64 modelId = 0;
    ServerPhase phase = ServerPhase::Stopped;
    QString message;
    QString url;
    int pid = 0;
    int restarts = 0;
    QString plan; // how it was started and why so
    QString warning;
    int slotCount = 0;        // 0: not known
    qint64 contextTokens = 0; // of one request; 0: not known
    // What the server itself says about its work; −1: it does not say.
    qint64 working = -1;         // requests that it works on
    qint64 waiting = -1;         // requests in its own queue
    double tokensPerSecond = -1; // generated, over the last second
    bool servedHere = false;     // kept up by this page, not only by a run
    QStringList log;
};

// What a test of a model found: name and value, in the order to show.
struct ModelCheck {
    qint64 modelId = 0;
    bool ok = false;
    bool cancelled = false;
    QString message; // what is wrong and what to do, when it is not ok
    using Fact = ModelFact;
    QVector<Fact> facts;
};

struct GpuUsage {
    QString name;
    quint64 totalBytes = 0;
    quint64 freeBytes = 0;
};
struct Gpus {
    QVector<GpuUsage> all;
    QString error; // why they could not be read
};

// What a local server would do with this machine.
struct PlanText {
    QString facts;   // of the file: "llama, 33 layers, 4.1 GiB"
    QString reason;  // one sentence
    QString warning; // what will probably go wrong
    QString error;   // the file cannot be used
};

// "$0.50 / $1.50 per million tokens", "no price".
[[nodiscard]] QString priceText(const ModelForm& form);
[[nodiscard]] QString bytesWords(quint64 bytes); // "7.8 GiB"

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::ModelEntries)
Q_DECLARE_METATYPE(scrit::ui::models::ServerStatus)
Q_DECLARE_METATYPE(scrit::ui::models::ModelCheck)
Q_DECLARE_METATYPE(scrit::ui::models::Gpus)
Q_DECLARE_METATYPE(scrit::ui::models::PlanText)
