// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/codec.h"

#include <nlohmann/json.hpp>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Span;
using Json = nlohmann::json;

constexpr std::size_t kMaxPromptBytes = std::size_t{256} << 20U;
constexpr std::size_t kWorthCompressing = 256;
// A third faster than level 1 for a third more bytes: prompts are stored while a run goes on.
constexpr int kCompression = -1;

int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void appendNumber(std::string& out, std::size_t value) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
}

void appendSpan(std::string& out, std::string_view name, const std::optional<Span>& span) {
    if (span) {
        out += ",\"";
        out += name;
        out += "\":[";
        appendNumber(out, span->begin);
        out += ',';
        appendNumber(out, span->end);
        out += ']';
    }
}

bool inside(Span span, std::size_t size) {
    return span.begin <= span.end && span.end <= size;
}

std::optional<Span> spanFrom(const Json& parts, const char* name, std::size_t size) {
    const auto found = parts.find(name);
    if (found == parts.end()) {
        return std::nullopt;
    }
    const Span span{found->at(0).get<std::size_t>(), found->at(1).get<std::size_t>()};
    return inside(span, size) ? std::optional(span) : std::nullopt;
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads what partsToJson() writes, because a stream would spend more time in a general parser than
// in SQLite. It knows that one form alone; anything else is refused.
class PartsScanner {
public:
    PartsScanner(std::string_view text, std::size_t size) : m_text(text), m_size(size) {}

    // False, with `parsed` partly set, when the text has another form.
    bool scan(model::ParsedCritique& parsed) {
        return literal("{\"steps\":[") && steps(parsed.steps) &&
               span(",\"analysis\":[", parsed.referenceAnalysis) &&
               span(",\"conclusion\":[", parsed.conclusionSpan) &&
               span(",\"correction\":[", parsed.correction) && problems(parsed.problems) &&
               literal("}") && m_text.empty();
    }

private:
    bool literal(std::string_view expected) {
        if (!m_text.starts_with(expected)) {
            return false;
        }
        m_text.remove_prefix(expected.size());
        return true;
    }

    template<typename Number>
    bool number(Number& value) {
        const auto [end, error] =
            std::from_chars(m_text.data(), m_text.data() + m_text.size(), value);
        if (error != std::errc{}) {
            return false;
        }
        m_text.remove_prefix(static_cast<std::size_t>(end - m_text.data()));
        return true;
    }

    bool steps(std::vector<model::StepCritique>& steps) {
        if (literal("]")) {
            return true;
        }
        do {
            model::StepCritique step;
            unsigned verdict = 0;
            if (!literal("[") || !number(step.index) || !literal(",") || !number(verdict) ||
                !literal(",") || !number(step.span.begin) || !literal(",") ||
                !number(step.span.end) || !literal("]")) {
                return false;
            }
            if (verdict <= 2 && inside(step.span, m_size)) {
                step.verdict = static_cast<model::StepVerdict>(verdict);
                steps.push_back(step);
            }
        } while (literal(","));
        return literal("]");
    }

    bool span(std::string_view begin, std::optional<Span>& part) {
        if (!literal(begin)) {
            return true; // absent
        }
        Span value;
        if (!number(value.begin) || !literal(",") || !number(value.end) || !literal("]")) {
            return false;
        }
        part = inside(value, m_size) ? std::optional(value) : std::nullopt;
        return true;
    }

    // Names of plain letters, digits and signs.
    bool problems(std::vector<std::string>& problems) {
        if (!literal(",\"problems\":[")) {
            return true;
        }
        do {
            const auto isPlain = [](char c) {
                return c >= ' ' && c <= '~' && c != '\\';
            };
            const std::size_t end = m_text.find('"', 1);
            if (!m_text.starts_with('"') || end == std::string_view::npos ||
                !std::all_of(m_text.begin(), m_text.begin() + static_cast<std::ptrdiff_t>(end),
                             isPlain)) {
                return false;
            }
            problems.emplace_back(m_text.substr(1, end - 1));
            m_text.remove_prefix(end + 1);
        } while (literal(","));
        return literal("]");
    }

    std::string_view m_text;
    std::size_t m_size;
};

constexpr std::string_view kRoot = "\"/"; // every path is below it
constexpr std::string_view kWorkspaceFolder = "\"{workspace}/";

// How a JSON text begins that is a path below the workspace's folder.
std::string beginningOf(const std::filesystem::path& workspace) {
    std::error_code error;
    const std::string folder =
        std::filesystem::absolute(workspace, error).lexically_normal().parent_path().string();
    if (error || folder == "/") {
        return std::string(kRoot);
    }
    std::string text = dump(Json(folder));
    text.back() = '/'; // was the closing quote
    return text;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
        text.replace(at, from.size(), to);
        at += to.size();
    }
    return text;
}

} // namespace

std::string packKey(std::string_view key) {
    const bool isHash = key.size() == 32 && std::all_of(key.begin(), key.end(),
                                                        [](char c) { return hexDigit(c) >= 0; });
    if (!isHash) {
        // Never 16 bytes long, so that it cannot be taken for a hash.
        return std::string(key.size() == 15 ? 2 : 1, '\0').append(key);
    }
    std::string bytes;
    bytes.reserve(16);
    for (std::size_t i = 0; i < key.size(); i += 2) {
        bytes += static_cast<char>(hexDigit(key[i]) * 16 + hexDigit(key[i + 1]));
    }
    return bytes;
}

std::string unpackKey(std::string_view bytes) {
    if (bytes.size() != 16) {
        return std::string(bytes.substr(std::min(bytes.size(), bytes.find_first_not_of('\0'))));
    }
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string key;
    key.reserve(32);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        key += kHex[byte >> 4U];
        key += kHex[byte & 15U];
    }
    return key;
}

std::string stepsToText(const std::vector<Span>& steps) {
    std::string out;
    for (const Span step : steps) {
        if (!out.empty()) {
            out += ' ';
        }
        appendNumber(out, step.begin);
        out += '-';
        appendNumber(out, step.end);
    }
    return out;
}

std::vector<Span> stepsFromText(std::string_view text, std::size_t size) {
    std::vector<Span> steps;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        Span step;
        const auto begun = std::from_chars(at, end, step.begin);
        if (begun.ec != std::errc{} || begun.ptr == end || *begun.ptr != '-') {
            break;
        }
        const auto ended = std::from_chars(begun.ptr + 1, end, step.end);
        if (ended.ec != std::errc{} || !inside(step, size)) {
            break;
        }
        steps.push_back(step);
        at = ended.ptr < end ? ended.ptr + 1 : end;
    }
    return steps;
}

std::string partsToJson(const model::ParsedCritique& parsed) {
    std::string out = "{\"steps\":[";
    for (const model::StepCritique& step : parsed.steps) {
        if (out.back() != '[') {
            out += ',';
        }
        out += '[';
        out += std::to_string(step.index);
        out += ',';
        appendNumber(out, static_cast<std::size_t>(step.verdict));
        out += ',';
        appendNumber(out, step.span.begin);
        out += ',';
        appendNumber(out, step.span.end);
        out += ']';
    }
    out += ']';
    appendSpan(out, "analysis", parsed.referenceAnalysis);
    appendSpan(out, "conclusion", parsed.conclusionSpan);
    appendSpan(out, "correction", parsed.correction);
    if (!parsed.problems.empty()) {
        out += ",\"problems\":" + dump(Json(parsed.problems));
    }
    out += '}';
    return out;
}

base::Expected<void> partsFromJson(std::string_view text, std::size_t size,
                                   model::ParsedCritique& parsed) {
    model::ParsedCritique scanned;
    if (PartsScanner(text, size).scan(scanned)) {
        parsed.steps = std::move(scanned.steps);
        parsed.referenceAnalysis = scanned.referenceAnalysis;
        parsed.conclusionSpan = scanned.conclusionSpan;
        parsed.correction = scanned.correction;
        parsed.problems = std::move(scanned.problems);
        return {};
    }
    try {
        const Json parts = Json::parse(text);
        for (const Json& step : parts.at("steps")) {
            const auto verdict = step.at(1).get<unsigned>();
            const Span span{step.at(2).get<std::size_t>(), step.at(3).get<std::size_t>()};
            if (verdict <= 2 && inside(span, size)) {
                parsed.steps.push_back(
                    {step.at(0).get<int>(), static_cast<model::StepVerdict>(verdict), span});
            }
        }
        parsed.referenceAnalysis = spanFrom(parts, "analysis", size);
        parsed.conclusionSpan = spanFrom(parts, "conclusion", size);
        parsed.correction = spanFrom(parts, "correction", size);
        parsed.problems = parts.value("problems", std::vector<std::string>{});
        return {};
    } catch (const Json::exception& error) {
        return base::fail(ErrorCode::Corrupt,
                          std::string("a stored parse cannot be read (") + error.what() + ")");
    }
}

std::string listToJson(const std::vector<std::string>& list) {
    return dump(Json(list));
}

std::string idsToJson(std::span<const std::int64_t> ids) {
    std::string list = "[";
    for (const std::int64_t id : ids) {
        if (list.size() > 1) {
            list += ',';
        }
        list += std::to_string(id);
    }
    return list + ']';
}

base::Expected<std::vector<std::string>> listFromJson(std::string_view text) {
    try {
        return Json::parse(text).get<std::vector<std::string>>();
    } catch (const Json::exception& error) {
        return base::fail(ErrorCode::Corrupt,
                          std::string("a stored list cannot be read (") + error.what() + ")");
    }
}

std::string settingsToStore(std::string settings, const std::filesystem::path& workspace) {
    const std::string folder = beginningOf(workspace);
    return folder == kRoot ? settings : replaced(std::move(settings), folder, kWorkspaceFolder);
}

std::string settingsFromStore(std::string settings, const std::filesystem::path& workspace) {
    return replaced(std::move(settings), kWorkspaceFolder, beginningOf(workspace));
}

EncodedText encodeText(std::string_view text) {
    if (text.size() >= kWorthCompressing) {
        // A context is half a megabyte that would be cleared for each text.
        thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(
            ZSTD_createCCtx(), &ZSTD_freeCCtx);
        std::string bytes(ZSTD_compressBound(text.size()), '\0');
        const std::size_t size = ZSTD_compressCCtx(context.get(), bytes.data(), bytes.size(),
                                                   text.data(), text.size(), kCompression);
        if (ZSTD_isError(size) == 0U && size < text.size()) {
            bytes.resize(size);
            return {"zstd", std::move(bytes)};
        }
    }
    return {"plain", std::string(text)};
}

bool isCompressed(std::string_view bytes) {
    return bytes.starts_with("\x28\xb5\x2f\xfd");
}

base::Expected<std::string> decodeText(std::string_view encoding, std::string bytes) {
    if (encoding == "plain") {
        return bytes;
    }
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
        size > kMaxPromptBytes) {
        return base::fail(ErrorCode::Corrupt, "a stored prompt cannot be read");
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    const std::size_t written =
        ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(written) != 0U || written != text.size()) {
        return base::fail(ErrorCode::Corrupt, "a stored prompt cannot be read");
    }
    return text;
}

} // namespace scrit::store
