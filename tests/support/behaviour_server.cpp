// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/behaviour_server.h"

#include "core/base/hash.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdio>

namespace scrit::testing {
namespace {

using Json = nlohmann::json;

// What a chat request says, as far as it matters here. A scan instead of a parser, because this
// server must be faster than what is measured with it: keys are looked for outside of strings, at
// any depth, and the last message's content is the user's.
struct ScannedBody {
    std::string user;
    std::string model;
    double temperature = 1;
    std::int64_t seed = 0;
    bool stream = false;
};

void appendCodePoint(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else { // surrogate pairs never decide anything here
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// `at` is behind the opening quote; ends behind the closing one.
std::string_view rawString(std::string_view body, std::size_t& at) {
    const std::size_t begin = at;
    while (at < body.size() && body[at] != '"') {
        const std::size_t stop = body.find_first_of("\"\\", at);
        at = stop == std::string_view::npos ? body.size() : stop;
        at += at < body.size() && body[at] == '\\' ? 2 : 0;
    }
    at = std::min(at, body.size());
    const std::string_view raw = body.substr(begin, at - begin);
    ++at;
    return raw;
}

std::string unescaped(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 == raw.size()) {
            out += raw[i];
            continue;
        }
        const char c = raw[++i];
        if (c == 'u' && i + 4 < raw.size()) {
            unsigned code = 0;
            std::from_chars(raw.data() + i + 1, raw.data() + i + 5, code, 16);
            appendCodePoint(out, code);
            i += 4;
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        }
    }
    return out;
}

template<typename Number>
void scanNumber(std::string_view body, std::size_t at, Number& out) {
    std::from_chars(body.data() + at, body.data() + body.size(), out);
}

ScannedBody scan(std::string_view body) {
    ScannedBody result;
    std::string_view content;
    std::string_view model;
    for (std::size_t at = 0; (at = body.find('"', at)) != std::string_view::npos;) {
        ++at;
        const std::string_view key = rawString(body, at);
        while (at < body.size() && (body[at] == ' ' || body[at] == ':')) {
            ++at;
        }
        if (key == "temperature") {
            scanNumber(body, at, result.temperature);
        } else if (key == "seed") {
            scanNumber(body, at, result.seed);
        } else if (key == "stream") {
            result.stream = body.substr(at, 4) == "true";
        } else if ((key == "content" || key == "model") && at < body.size() && body[at] == '"') {
            ++at;
            (key == "content" ? content : model) = rawString(body, at);
        }
    }
    result.user = unescaped(content);
    result.model = unescaped(model);
    return result;
}

template<typename Key, typename Convert>
bool readMap(const Json& object, std::map<Key, double>& out, Convert convert) {
    std::map<Key, double> read;
    for (const auto& [text, value] : object.items()) {
        const auto key = convert(text);
        if (!key || !value.is_number()) {
            return false;
        }
        read[*key] = value.template get<double>();
    }
    out = std::move(read);
    return true;
}

const std::string kFixedText =
    "## Critique of Student Solution Steps\n### Critique of Step 1\nThis holds.\n\n"
    "## Conclusion of Critique\nThe solution is Correct.\nThe first error step number: -1\n\n"
    "## Correction of Student Solution\nThe student solution is correct. The final answer is "
    "\\boxed{1}.\n";

} // namespace

BehaviourServer::BehaviourServer(BehaviourOptions options) : m_options(std::move(options)) {
    const std::lock_guard lock(m_mutex); // the first request must see m_server
    m_server = std::make_unique<FakeHttpServer>(
        [this](const FakeRequest& request) { return serve(request); }, m_options.port);
}

BehaviourServer::~BehaviourServer() = default;

FakeReply BehaviourServer::serve(const FakeRequest& request) {
    if (request.path == "/v1/chat/completions") {
        return chat(request);
    }
    if (request.path == "/v1/models") {
        return fakeAnswer(200, R"({"data":[{"id":"behaviour","max_model_len":1000000}]})");
    }
    if (request.path.starts_with("/admin/stats")) {
        return fakeAnswer(200, stats(request.path.ends_with("prompts=1")));
    }
    if (request.path == "/admin/faults") {
        return adminFaults(request.body) ? fakeAnswer(200, "{}") : fakeAnswer(400, "{}");
    }
    return fakeAnswer(404, R"({"error":{"message":"no such path"}})");
}

FakeReply BehaviourServer::chat(const FakeRequest& request) {
    const std::uint64_t content = base::hash64(request.body);
    ChatShape shape;
    shape.promptTokens = static_cast<std::int64_t>(request.body.size() / 4);
    std::optional<Fault> fault;
    FaultPlan plan;
    bool fixed = false;
    {
        const std::lock_guard lock(m_mutex);
        ++m_requests;
        const int attempt = ++m_prompts[content];
        m_repeated += attempt > 1 ? 1 : 0;
        m_authorized += request.header("authorization").empty() ? 0 : 1;
        m_mostInFlight = std::max(m_mostInFlight, m_server->inFlight());
        shape.pieces = m_options.pieces;
        shape.latencyMillis = m_options.latencyMillis;
        shape.intervalMillis = m_options.intervalMillis;
        fixed = m_options.fixed;
        fault = faultOf(m_options.faults, content, attempt, m_requests);
        if (fault) {
            ++m_faults[static_cast<int>(*fault)];
            plan = m_options.faults;
            shape.authorization = request.header("authorization");
        }
    }
    if (fixed) {
        shape.stream = request.body.find("\"stream\":true") != std::string::npos;
        return chatReply(kFixedText, "stop", shape);
    }
    ScannedBody body = scan(request.body);
    shape.stream = body.stream;
    shape.model = body.model;
    BehaviourPrompt prompt = readPrompt(body.user, body.temperature);
    prompt.model = std::move(body.model);
    prompt.seed = body.seed;
    const BehaviourAnswer answer = Behaviour(m_options.seed, m_options.shares).answer(prompt);
    return fault ? faultReply(*fault, answer.text, shape, plan)
                 : chatReply(answer.text, answer.truncated ? "length" : "stop", shape);
}

std::string BehaviourServer::stats(bool withPrompts) const {
    const std::lock_guard lock(m_mutex);
    Json object{{"requests", m_requests},
                {"distinct", m_prompts.size()},
                {"repeated", m_repeated},
                {"in_flight", m_server->inFlight()},
                {"most_in_flight", m_mostInFlight},
                {"abandoned", m_server->abandoned()},
                {"connections", m_server->connections()},
                {"authorized", m_authorized},
                {"faults", Json::object()}};
    for (const auto& [fault, count] : m_faults) {
        object["faults"][std::string(name(static_cast<Fault>(fault)))] = count;
    }
    if (withPrompts) {
        Json& prompts = object["prompts"] = Json::object();
        for (const auto& [content, count] : m_prompts) {
            prompts[std::to_string(content)] = count;
        }
    }
    return object.dump();
}

bool BehaviourServer::adminFaults(const std::string& json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object()) {
        return false;
    }
    const std::lock_guard lock(m_mutex);
    FaultPlan plan = m_options.faults;
    if ((object.contains("share") && !readMap(object["share"], plan.share, faultFromName)) ||
        (object.contains("poison") && !readMap(object["poison"], plan.poison, faultFromName))) {
        return false;
    }
    if (object.contains("at")) {
        plan.at.clear();
        for (const auto& [number, fault] : object["at"].items()) {
            const auto known =
                fault.is_string() ? faultFromName(fault.get<std::string>()) : std::nullopt;
            if (!known) {
                return false;
            }
            plan.at[std::atoi(number.c_str())] = *known;
        }
    }
    plan.refuseMillis = object.value("refuse_ms", plan.refuseMillis);
    m_options.faults = std::move(plan);
    m_options.latencyMillis = object.value("latency_ms", m_options.latencyMillis);
    if (object.value("forget", false)) {
        m_requests = m_repeated = m_mostInFlight = m_authorized = 0;
        m_prompts.clear();
        m_faults.clear();
    }
    return true;
}

} // namespace scrit::testing
