// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/backend/slurm_script.h"
#include "core/base/error.h"
#include "core/model/run.h"
#include "core/net/http_client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a stored model is reached: the JSON object model::Model::settings as a value. Pure functions,
// any thread. Nothing here is ever a secret: keys are named, not held.
namespace scrit::backend {

enum class ModelKind { OpenAi, LlamaServer, Vllm, Recorded, Builtin };
[[nodiscard]] std::string_view name(ModelKind kind); // openai, llama-server, vllm, …
[[nodiscard]] std::optional<ModelKind> modelKindFromName(std::string_view text);
// Kinds whose server this program starts and owns, here or through Slurm.
[[nodiscard]] bool isManaged(ModelKind kind);

// Which fields count depends on the kind; the others stay as they are.
struct ModelSettings {
    // openai: JSON keys urls, key_env, keychain. Several URLs are one pool.
    std::vector<std::string> urls; // with /v1
    std::string keyVariable;       // the environment variable that holds the API key
    std::string keychainEntry;     // or the name of the desktop keychain's entry

    // All kinds that are asked over HTTP: model, price_prompt, price_completion, rpm, tpm,
    // max_in_flight, extra_body, stream, context, deadlines.
    std::string modelId; // the server's name of the model; vllm: a folder or a hub id
    Prices prices;
    std::int64_t requestsPerMinute = 0; // of one endpoint; 0: no limit
    std::int64_t tokensPerMinute = 0;   // of one endpoint; 0: no limit
    int largestWindow = 0;              // requests in flight at one endpoint; 0: by the kind
    std::string extraBody;              // JSON object merged into each request; empty: none
    bool stream = true;
    std::int64_t contextTokens = 0; // of one request; 0: not known, or chosen by the plan
    net::Deadlines deadlines;

    // llama-server, vllm: gguf, lora, program, args, port, slots, gpu_layers, slurm.
    std::string modelFile;                   // llama-server: a GGUF file
    std::vector<std::string> loraFiles;      // llama-server: adapters, GGUF
    std::string program;                     // empty: the kind's own name on PATH
    std::vector<std::string> extraArguments; // win over what the plan would choose
    int port = 0;                            // 0: a free one
    int slots = 0;                           // requests at once; 0: chosen by the plan
    int gpuLayers = -1;                      // llama-server; −1: chosen by the plan
    // The servers run as a job array on a cluster's nodes instead of on this machine; then nothing
    // is planned and the port is chosen on the node.
    std::optional<SlurmSettings> slurm;

    // recorded: files.
    std::vector<std::string> files; // JSON Lines, see recorded_backend.h

    // builtin: checkpoint.
    std::string checkpoint; // safetensors; empty: the one that comes with the program
};

// Reads a JSON object. Errors (Invalid): not an object, a key that the kind does not know (with the
// nearest that it knows), a wrong type, and everything that checkSettings() refuses.
[[nodiscard]] base::Expected<ModelSettings> settingsFromJson(ModelKind kind, std::string_view json);
// The settings of a stored model; also Invalid when its kind is not known. Errors name the model.
[[nodiscard]] base::Expected<ModelSettings> settingsOf(const model::Model& model);
// The JSON object of the kind's own keys; defaults are left out. Same settings, same text.
[[nodiscard]] std::string settingsJson(ModelKind kind, const ModelSettings& settings);

// What can be told without asking anybody: missing and unusable fields, URLs without scheme or with
// credentials, a key where a name belongs, arguments that the program sets itself. Files are not
// looked at. One error (Invalid), which never repeats what may be a key.
[[nodiscard]] base::Expected<void> checkSettings(ModelKind kind, const ModelSettings& settings);
// What is allowed but probably not meant, one sentence each: a URL without /v1, a key sent without
// TLS.
[[nodiscard]] std::vector<std::string> settingsWarnings(ModelKind kind,
                                                        const ModelSettings& settings);

// True for texts that are more likely an API key than the name of something.
[[nodiscard]] bool looksLikeKey(std::string_view text);
// "localhost:8000" of a URL: never credentials, never a path.
[[nodiscard]] std::string hostOf(std::string_view url);

} // namespace scrit::backend
