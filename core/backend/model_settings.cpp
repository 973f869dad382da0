// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/model_settings.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

namespace scrit::backend {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kKinds{ModelKind::OpenAi, ModelKind::LlamaServer, ModelKind::Vllm,
                            ModelKind::Recorded, ModelKind::Builtin};

// Which kinds know a key: a bit each.
constexpr unsigned kOpenAi = 1;
constexpr unsigned kLlama = 2;
constexpr unsigned kVllm = 4;
constexpr unsigned kRecorded = 8;
constexpr unsigned kBuiltin = 16;
constexpr unsigned kOwned = kLlama | kVllm;
constexpr unsigned kAsked = kOpenAi | kOwned;

unsigned bitOf(ModelKind kind) {
    switch (kind) {
    case ModelKind::OpenAi:
        return kOpenAi;
    case ModelKind::LlamaServer:
        return kLlama;
    case ModelKind::Vllm:
        return kVllm;
    case ModelKind::Recorded:
        return kRecorded;
    case ModelKind::Builtin:
        return kBuiltin;
    }
    return 0;
}

// One key of the JSON object: how it is read (false: wrong type) and written (null: the default).
struct Field {
    const char* key;
    unsigned kinds;
    const char* expected;
    std::function<bool(const Json&, ModelSettings&)> read;
    std::function<Json(const ModelSettings&)> write;
};

Field text(const char* key, unsigned kinds, std::string ModelSettings::*member) {
    return {key, kinds, "a text",
            [member](const Json& value, ModelSettings& settings) {
                if (value.is_string()) {
                    settings.*member = value.get<std::string>();
                }
                return value.is_string();
            },
            [member](const ModelSettings& settings) {
                return (settings.*member).empty() ? Json() : Json(settings.*member);
            }};
}

Field texts(const char* key, unsigned kinds, std::vector<std::string> ModelSettings::*member) {
    return {key, kinds, "a list of texts",
            [member](const Json& value, ModelSettings& settings) {
                if (!value.is_array()) {
                    return false;
                }
                std::vector<std::string> list;
                for (const Json& element : value) {
                    if (!element.is_string()) {
                        return false;
                    }
                    list.push_back(element.get<std::string>());
                }
                settings.*member = std::move(list);
                return true;
            },
            [member](const ModelSettings& settings) {
                return (settings.*member).empty() ? Json() : Json(settings.*member);
            }};
}

template<typename Number>
Field integer(const char* key, unsigned kinds, Number ModelSettings::*member, std::int64_t least,
              std::int64_t most) {
    return {key, kinds, "a whole number in its range",
            [=](const Json& value, ModelSettings& settings) {
                if (!value.is_number_integer() || value < least || value > most) {
                    return false;
                }
                settings.*member = value.get<Number>();
                return true;
            },
            [member](const ModelSettings& settings) {
                return settings.*member == ModelSettings{}.*member ? Json()
                                                                   : Json(settings.*member);
            }};
}

Field price(const char* key, double Prices::*member) {
    return {key, kAsked, "a price, 0 or more",
            [member](const Json& value, ModelSettings& settings) {
                if (!value.is_number() || !(value.get<double>() >= 0) ||
                    !std::isfinite(value.get<double>())) {
                    return false;
                }
                settings.prices.*member = value.get<double>();
                return true;
            },
            [member](const ModelSettings& settings) {
                return settings.prices.*member > 0 ? Json(settings.prices.*member) : Json();
            }};
}

constexpr std::array<std::pair<const char*, std::int64_t net::Deadlines::*>, 4> kDeadlines{{
    {"connect_ms", &net::Deadlines::connect},
    {"first_byte_ms", &net::Deadlines::firstByte},
    {"stall_ms", &net::Deadlines::stall},
    {"total_ms", &net::Deadlines::total},
}};

bool readDeadlines(const Json& value, ModelSettings& settings) {
    if (!value.is_object()) {
        return false;
    }
    for (const auto& [key, millis] : value.items()) {
        const auto known =
            std::find_if(kDeadlines.begin(), kDeadlines.end(),
                         [&wanted = key](const auto& entry) { return entry.first == wanted; });
        if (known == kDeadlines.end() || !millis.is_number_integer() || millis < 0 ||
            millis > 864'000'000) {
            return false;
        }
        settings.deadlines.*(known->second) = millis.get<std::int64_t>();
    }
    return true;
}

Json writeDeadlines(const ModelSettings& settings) {
    Json object;
    for (const auto& [key, member] : kDeadlines) {
        if (settings.deadlines.*member != net::Deadlines{}.*member) {
            object[key] = settings.deadlines.*member;
        }
    }
    return object;
}

const std::vector<Field>& fields() {
    using S = ModelSettings;
    constexpr std::int64_t kMany = 1'000'000'000'000;
    static const std::vector<Field> kFields{
        texts("urls", kOpenAi, &S::urls),
        text("model", kAsked, &S::modelId),
        text("key_env", kOpenAi, &S::keyVariable),
        text("keychain", kOpenAi, &S::keychainEntry),
        text("gguf", kLlama, &S::modelFile),
        texts("lora", kLlama, &S::loraFiles),
        text("program", kOwned, &S::program),
        texts("args", kOwned, &S::extraArguments),
        integer("port", kOwned, &S::port, 0, 65'535),
        integer("slots", kOwned, &S::slots, 0, 4096),
        integer("gpu_layers", kLlama, &S::gpuLayers, -1, 100'000),
        integer("context", kAsked, &S::contextTokens, 0, 100'000'000),
        price("price_prompt", &Prices::promptPerMillion),
        price("price_completion", &Prices::completionPerMillion),
        integer("rpm", kAsked, &S::requestsPerMinute, 0, kMany),
        integer("tpm", kAsked, &S::tokensPerMinute, 0, kMany),
        integer("max_in_flight", kAsked, &S::largestWindow, 0, 65'536),
        {"extra_body", kAsked, "a JSON object",
         [](const Json& value, S& settings) {
             if (value.is_object()) {
                 settings.extraBody =
                     value.empty() ? ""
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace);
             }
             return value.is_object();
         },
         [](const S& settings) {
             return settings.extraBody.empty() ? Json()
                                               : Json::parse(settings.extraBody, nullptr, false);
         }},
        {"stream", kAsked, "true or false",
         [](const Json& value, S& settings) {
             settings.stream = value.is_boolean() ? value.get<bool>() : true;
             return value.is_boolean();
         },
         [](const S& settings) {
             return settings.stream ? Json() : Json(false);
         }},
        {"deadlines", kAsked,
         "an object with connect_ms, first_byte_ms, stall_ms and total_ms in milliseconds",
         readDeadlines, writeDeadlines},
        texts("files", kRecorded, &S::files),
        text("checkpoint", kBuiltin, &S::checkpoint),
        {"slurm", kOwned, "an object of settings for Slurm",
         [](const Json& value, S& settings) {
             settings.slurm.reset();
             const base::Expected<SlurmSettings> slurm =
                 slurmSettingsFromJson(value.dump(-1, ' ', false, Json::error_handler_t::replace));
             if (slurm) {
                 settings.slurm = *slurm;
             }
             return slurm.has_value();
         },
         [](const S& settings) {
             return settings.slurm ? Json::parse(slurmSettingsJson(*settings.slurm), nullptr, false)
                                   : Json();
         }},
    };
    return kFields;
}

tl::unexpected<base::Error> invalid(std::string what, std::string advice = {}) {
    return base::fail(base::ErrorCode::Invalid, std::move(what), std::move(advice));
}

std::string inQuotes(std::string_view text) {
    return '"' + base::excerpt(base::escapeForTerminal(text), 100) + '"';
}

bool isVariableName(std::string_view text) {
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

struct UrlParts {
    bool secure = false;
    std::string host; // with port
    std::string path;
};

base::Expected<UrlParts> splitUrl(std::string_view url) {
    const std::string lower = base::lowerAscii(url);
    const bool secure = lower.starts_with("https://");
    const std::string_view shown = url.substr(0, url.find_first_of("?#"));
    if (!secure && !lower.starts_with("http://")) {
        if (lower.find("://") != std::string::npos || url.empty()) {
            return invalid("the URL " + inQuotes(lower.substr(0, lower.find("://"))) +
                               "… begins with neither http:// nor https://",
                           "write it like http://localhost:8000/v1");
        }
        if (url.find('@') != std::string_view::npos) {
            return invalid("the URL has no scheme and holds credentials",
                           "write it like https://host/v1 and name the key with --key-env");
        }
        const bool local = lower.starts_with("localhost") || lower.starts_with("127.");
        return invalid("the URL " + inQuotes(shown) + " has no scheme",
                       "write " + std::string(local ? "http://" : "https://") +
                           base::excerpt(base::escapeForTerminal(shown), 100));
    }
    std::string_view rest = url.substr(secure ? 8 : 7);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    const std::string_view authority = rest.substr(0, end);
    if (authority.find('@') != std::string_view::npos) {
        return invalid("the URL holds credentials",
                       "leave them out and name the key with --key-env VAR");
    }
    if (rest.find_first_of("?#") != std::string_view::npos) {
        return invalid("the URL goes on after its path (\"?\" or \"#\")",
                       "give only the base URL, such as https://" + std::string(authority) + "/v1");
    }
    const bool plain = std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
        return c > 0x20 && c != 0x7F && c != '\\' && c != '"';
    });
    std::string_view host = authority;
    std::string_view port;
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        host = authority.substr(0, colon);
        port = authority.substr(colon + 1);
        int number = 0;
        const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc{} || stop != port.data() + port.size() || number < 1 ||
            number > 65'535) {
            return invalid("the URL's port " + inQuotes(port) + " is no number from 1 to 65535",
                           "correct the URL");
        }
    }
    if (host.empty() || !plain) {
        return invalid("the URL " + inQuotes(url) + " names no host", "write it like "
                                                                      "http://localhost:8000/v1");
    }
    return UrlParts{secure, std::string(authority), std::string(rest.substr(end))};
}

bool isLocal(std::string_view host) {
    return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

base::Expected<void> checkKeyNames(const ModelSettings& settings) {
    const std::string& variable = settings.keyVariable;
    if (looksLikeKey(variable)) { // never say what it was
        return invalid("a key was given where the name of an environment variable belongs",
                       "put the key into a variable (export API_KEY=…) and give that name: "
                       "--key-env API_KEY");
    }
    if (!variable.empty() && !isVariableName(variable)) {
        return invalid("what was given for the key is no name of an environment variable",
                       "use letters, digits and _, as in OPENAI_API_KEY"); // it may be the key
    }
    if (looksLikeKey(settings.keychainEntry)) {
        return invalid("a key was given where the name of a keychain entry belongs",
                       "choose a name for the entry");
    }
    if (!variable.empty() && !settings.keychainEntry.empty()) {
        return invalid("both an environment variable and a keychain entry are named for the key",
                       "leave one of them out");
    }
    return {};
}

base::Expected<void> checkExtraBody(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    const Json body = Json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return invalid("the extra body is no JSON object", "write it like {\"top_k\": 20}");
    }
    for (const auto& [key, value] : body.items()) {
        const std::string lower = base::lowerAscii(key);
        if (lower == "api_key" || lower == "apikey" || lower == "api-key" ||
            lower == "authorization") {
            return invalid("the extra body holds " + inQuotes(key) +
                               ", which is stored in the clear",
                           "name the key with --key-env VAR");
        }
        if (key == "messages" || key == "model" || key == "stream") {
            return invalid("the extra body may not set " + inQuotes(key),
                           "leave it out, the program sets it");
        }
    }
    return {};
}

// Options that the program itself sets or that would show a key in the list of processes.
base::Expected<void> checkArguments(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
        const std::string option = argument.substr(0, argument.find('='));
        if (option == "--api-key" || option == "--api-key-file") {
            return invalid(option + " may not be given",
                           "leave it out: the server gets a random key that no list of processes "
                           "shows");
        }
        if (option == "--host" || option == "--port" || option == "-m" || option == "--model") {
            return invalid(option + " may not be given as an argument of the server",
                           option == "--host"   ? "it listens on 127.0.0.1 only"
                           : option == "--port" ? "set the port with --port"
                                                : "set the model with --gguf or --model");
        }
    }
    return {};
}

base::Expected<void> checkOpenAi(const ModelSettings& settings) {
    if (settings.urls.empty()) {
        return invalid("a URL is missing", "give --url, for example http://localhost:8000/v1");
    }
    for (const std::string& url : settings.urls) {
        if (const auto parts = splitUrl(url); !parts) {
            return base::fail(parts.error());
        }
        if (std::count(settings.urls.begin(), settings.urls.end(), url) > 1) {
            return invalid("the URL " + inQuotes(url) + " is given twice", "give each URL once");
        }
    }
    if (settings.modelId.empty()) {
        return invalid("the server's name of the model is missing",
                       "give --model, for example --model Qwen/Qwen2.5-7B-Instruct");
    }
    return checkKeyNames(settings);
}

std::vector<std::string> keysOf(ModelKind kind) {
    std::vector<std::string> keys;
    for (const Field& field : fields()) {
        if ((field.kinds & bitOf(kind)) != 0) {
            keys.emplace_back(field.key);
        }
    }
    return keys;
}

} // namespace

std::string_view name(ModelKind kind) {
    switch (kind) {
    case ModelKind::OpenAi:
        return "openai";
    case ModelKind::LlamaServer:
        return "llama-server";
    case ModelKind::Vllm:
        return "vllm";
    case ModelKind::Recorded:
        return "recorded";
    case ModelKind::Builtin:
        return "builtin";
    }
    return "openai";
}

std::optional<ModelKind> modelKindFromName(std::string_view text) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](ModelKind kind) { return name(kind) == text; });
    return found != kKinds.end() ? std::optional(*found) : std::nullopt;
}

bool isManaged(ModelKind kind) {
    return kind == ModelKind::LlamaServer || kind == ModelKind::Vllm;
}

base::Expected<ModelSettings> settingsFromJson(ModelKind kind, std::string_view json) {
    const Json object = Json::parse(json.empty() ? "{}" : json, nullptr, false);
    if (!object.is_object()) {
        return invalid("the settings are no JSON object");
    }
    ModelSettings settings;
    for (const auto& [key, value] : object.items()) {
        const auto known =
            std::find_if(fields().begin(), fields().end(),
                         [&wanted = key](const Field& field) { return field.key == wanted; });
        if (known == fields().end()) {
            return invalid("there is no setting " + inQuotes(key),
                           base::didYouMean(key, keysOf(kind)));
        }
        if ((known->kinds & bitOf(kind)) == 0) {
            return invalid("the setting " + inQuotes(key) + " means nothing for a model of kind " +
                               std::string(name(kind)),
                           "leave it out");
        }
        if (key == "slurm") { // says more than that something is wrong
            if (const auto slurm = slurmSettingsFromJson(
                    value.dump(-1, ' ', false, Json::error_handler_t::replace));
                !slurm) {
                return base::fail(slurm.error());
            }
        }
        if (!known->read(value, settings)) {
            return invalid("the setting " + inQuotes(key) + " is not " + known->expected);
        }
    }
    if (base::Expected<void> checked = checkSettings(kind, settings); !checked) {
        return base::fail(std::move(checked.error()));
    }
    return settings;
}

base::Expected<ModelSettings> settingsOf(const model::Model& model) {
    const std::string context = "model " + base::excerpt(model.name, 80);
    const std::optional<ModelKind> kind = modelKindFromName(model.kind);
    if (!kind) {
        return base::fail(base::Error{base::ErrorCode::Invalid,
                                      "the kind " + inQuotes(model.kind) + " is not known",
                                      "it may come from a newer version of this program", false}
                              .withContext(context));
    }
    base::Expected<ModelSettings> settings = settingsFromJson(*kind, model.settings);
    if (!settings) {
        return base::fail(settings.error().withContext(context));
    }
    return settings;
}

std::string settingsJson(ModelKind kind, const ModelSettings& settings) {
    Json object = Json::object();
    for (const Field& field : fields()) {
        if ((field.kinds & bitOf(kind)) == 0) {
            continue;
        }
        if (Json value = field.write(settings); !value.is_null() && !value.is_discarded()) {
            object[field.key] = std::move(value);
        }
    }
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Expected<void> checkSettings(ModelKind kind, const ModelSettings& settings) {
    if (kind == ModelKind::Builtin) {
        return {};
    }
    if (kind == ModelKind::Recorded) {
        return settings.files.empty()
                   ? invalid("no file of recorded completions is named", "give --file FILE")
                   : base::Expected<void>{};
    }
    if (base::Expected<void> body = checkExtraBody(settings.extraBody); !body) {
        return body;
    }
    if (kind == ModelKind::OpenAi) {
        return checkOpenAi(settings);
    }
    if (kind == ModelKind::LlamaServer && settings.modelFile.empty()) {
        return invalid("a model file is missing", "give --gguf FILE");
    }
    if (kind == ModelKind::Vllm && settings.modelId.empty()) {
        return invalid("a model is missing", "give --model, a folder or a name at a model hub");
    }
    if (settings.slurm && settings.port != 0) {
        return invalid("the port of a server on Slurm is chosen on its node", "leave --port out");
    }
    return checkArguments(settings.extraArguments);
}

std::vector<std::string> settingsWarnings(ModelKind kind, const ModelSettings& settings) {
    std::vector<std::string> warnings;
    if (kind != ModelKind::OpenAi) {
        return warnings;
    }
    for (const std::string& url : settings.urls) {
        const base::Expected<UrlParts> parts = splitUrl(url);
        if (!parts) {
            continue;
        }
        std::string path = parts->path;
        while (path.ends_with('/')) {
            path.pop_back();
        }
        const bool hasKey = !settings.keyVariable.empty() || !settings.keychainEntry.empty();
        const std::string scheme = parts->secure ? "https://" : "http://";
        constexpr std::string_view kEndpoint = "/chat/completions";
        if (path.ends_with(kEndpoint)) {
            path.resize(path.size() - kEndpoint.size());
            warnings.push_back("the URL " + inQuotes(url) + " names one call: you probably mean " +
                               scheme + parts->host + path);
        } else if (!path.ends_with("/v1")) {
            warnings.push_back("the URL " + inQuotes(url) +
                               " does not end in /v1: most servers want " + scheme + parts->host +
                               path + "/v1");
        }
        if (hasKey && !parts->secure && !isLocal(parts->host)) {
            warnings.push_back("the key would travel to " + parts->host +
                               " without encryption: use https:// if the server can");
        }
    }
    return warnings;
}

bool looksLikeKey(std::string_view text) {
    for (const std::string_view prefix : {"sk-", "sk_", "hf_", "gsk_", "xai-", "pk-", "Bearer "}) {
        if (text.starts_with(prefix)) {
            return true;
        }
    }
    if (text.size() < 24) {
        return false;
    }
    bool lower = false;
    bool upper = false;
    bool digit = false;
    for (const char letter : text) {
        const auto c = static_cast<unsigned char>(letter);
        if (std::isalnum(c) == 0 &&
            std::string_view("+/=_-.").find(letter) == std::string_view::npos) {
            return false;
        }
        lower = lower || std::islower(c) != 0;
        upper = upper || std::isupper(c) != 0;
        digit = digit || std::isdigit(c) != 0;
    }
    // NAMES_LIKE_THIS_1 are no keys; hexadecimal and base64 are.
    const bool mixed = lower && upper;
    return digit && (mixed || ((lower || upper) && text.find('_') == std::string_view::npos));
}

std::string hostOf(std::string_view url) {
    const base::Expected<UrlParts> parts = splitUrl(url);
    return parts ? parts->host : std::string();
}

} // namespace scrit::backend
