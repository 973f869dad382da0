// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/behaviour_faults.h"

#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace scrit::testing {
namespace {

using Ending = FakeReply::Ending;

constexpr std::array<std::string_view, kFaults> kNames{
    "429-retry-after",
    "429",
    "429-skewed-date",
    "500",
    "502",
    "503",
    "refuse",
    "reset-before",
    "reset-inside",
    "reset-after",
    "close-inside",
    "hang",
    "stall",
    "drip",
    "truncated-json",
    "invalid-utf8",
    "wrong-type",
    "empty-choices",
    "length",
    "huge",
    "duplicate-ids",
    "echo-key",
    "stream-error",
};

void appendEscaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
        case '"':
        case '\\':
            out += '\\';
            out += c;
            break;
        case '\n':
            out += "\\n";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                std::array<char, 8> code{};
                std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
                out += code.data();
            } else {
                out += c;
            }
        }
    }
}

std::string usage(const ChatShape& shape, std::size_t textBytes) {
    const std::int64_t completion = static_cast<std::int64_t>(textBytes / 4) + 1;
    return "\"usage\":{\"prompt_tokens\":" + std::to_string(shape.promptTokens) +
           ",\"completion_tokens\":" + std::to_string(completion) +
           ",\"total_tokens\":" + std::to_string(shape.promptTokens + completion) + "}";
}

std::string opening(const ChatShape& shape, std::string_view object) {
    return "{\"id\":\"chatcmpl-1\",\"object\":\"" + std::string(object) + "\",\"model\":\"" +
           shape.model + "\",";
}

std::string wholeBody(std::string_view text, std::string_view finishReason,
                      const ChatShape& shape) {
    std::string body = opening(shape, "chat.completion") +
                       "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
                       "\"";
    body.reserve(body.size() + text.size() + text.size() / 16 + 256);
    appendEscaped(body, text);
    body += "\"},\"finish_reason\":\"";
    body += finishReason;
    return body + "\"}]," + usage(shape, text.size()) + "}";
}

std::vector<std::string> streamEvents(std::string_view text, std::string_view finishReason,
                                      const ChatShape& shape) {
    const std::string begin = opening(shape, "chat.completion.chunk") +
                              "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    std::vector<std::string> events;
    const auto pieces = static_cast<std::size_t>(std::max(1, shape.pieces));
    const std::size_t size = std::max<std::size_t>(1, (text.size() + pieces - 1) / pieces);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(text.size(), at + size);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            ++end; // not inside a character
        }
        std::string event = begin;
        appendEscaped(event, text.substr(at, end - at));
        events.push_back(event + "\"}}]}");
        at = end;
    }
    events.push_back(opening(shape, "chat.completion.chunk") +
                     "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" +
                     std::string(finishReason) + "\"}]}");
    events.push_back(opening(shape, "chat.completion.chunk") + "\"choices\":[]," +
                     usage(shape, text.size()) + "}");
    events.emplace_back("[DONE]");
    return events;
}

FakeReply later(FakeReply reply, int millis) {
    if (!reply.pieces.empty()) {
        reply.pieces.front().pauseMillis += millis;
    }
    return reply;
}

// The first half of an answer, which ends so.
FakeReply half(const FakeReply& whole, Ending ending) {
    std::string bytes;
    for (const FakeReply::Piece& piece : whole.pieces) {
        bytes += piece.bytes;
    }
    bytes.resize(bytes.size() / 2);
    FakeReply reply;
    reply.pieces.push_back({std::move(bytes), whole.pieces.front().pauseMillis});
    reply.ending = ending;
    return reply;
}

FakeReply dripping(const FakeReply& whole) {
    constexpr std::size_t kDrops = 40;
    constexpr int kMillis = 25;
    std::string bytes;
    for (const FakeReply::Piece& piece : whole.pieces) {
        bytes += piece.bytes;
    }
    FakeReply reply;
    const std::size_t size = bytes.size() / kDrops + 1;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        reply.pieces.push_back({bytes.substr(at, size), kMillis});
    }
    return reply;
}

FakeReply cutJson(std::string_view text, const ChatShape& shape) {
    if (!shape.stream) {
        const std::string body = wholeBody(text, "stop", shape);
        return fakeAnswer(200, body.substr(0, body.size() / 2));
    }
    std::vector<std::string> events = streamEvents(text, "stop", shape);
    events.resize(events.size() / 2 + 1);
    events.back().resize(events.back().size() / 2);
    return fakeStream(events);
}

FakeReply duplicateIds(std::string_view text, const ChatShape& shape) {
    std::string body = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close"
                       "\r\n\r\n: keep-alive\n\n";
    for (const std::string& event : streamEvents(text, "stop", shape)) {
        body += "id: 1\ndata: " + event + "\n\n: keep-alive\n\n";
    }
    FakeReply reply;
    reply.pieces.push_back({std::move(body), 0});
    reply.ending = Ending::Close;
    return reply;
}

FakeReply streamError(const ChatShape& shape) {
    const std::string error = R"({"error":{"code":500,"message":"the engine died"}})";
    if (!shape.stream) {
        return fakeAnswer(200, error);
    }
    return fakeStream({streamEvents("half", "stop", shape).front(), error});
}

} // namespace

std::string_view name(Fault fault) {
    return kNames[static_cast<std::size_t>(fault)];
}

std::optional<Fault> faultFromName(std::string_view text) {
    const auto found = std::find(kNames.begin(), kNames.end(), text);
    return found != kNames.end() ? std::optional(static_cast<Fault>(found - kNames.begin()))
                                 : std::nullopt;
}

std::optional<Fault> faultOf(const FaultPlan& plan, std::uint64_t content, int attempt,
                             int number) {
    if (const auto found = plan.at.find(number); found != plan.at.end()) {
        return found->second;
    }
    const auto pick = [](const std::map<Fault, double>& shares,
                         const std::string& what) -> std::optional<Fault> {
        double left = static_cast<double>(base::hash64(what) >> 11U) / 9007199254740992.0;
        for (const auto& [fault, share] : shares) {
            left -= share;
            if (left < 0) {
                return fault;
            }
        }
        return std::nullopt;
    };
    if (!plan.poison.empty()) {
        if (const auto fault = pick(plan.poison, "poison " + std::to_string(content))) {
            return fault;
        }
    }
    return plan.share.empty()
               ? std::nullopt
               : pick(plan.share, std::to_string(content) + " " + std::to_string(attempt));
}

FakeReply chatReply(std::string_view text, std::string_view finishReason, const ChatShape& shape) {
    if (shape.stream) {
        FakeReply reply = fakeStream(streamEvents(text, finishReason, shape), shape.intervalMillis);
        return later(std::move(reply), shape.latencyMillis);
    }
    return later(fakeAnswer(200, wholeBody(text, finishReason, shape)), shape.latencyMillis);
}

FakeReply faultReply(Fault fault, std::string_view text, const ChatShape& shape,
                     const FaultPlan& plan) {
    FakeReply whole = chatReply(text, "stop", shape);
    const char* const kBusy = R"({"error":{"message":"slow down","type":"rate_limit"}})";
    switch (fault) {
    case Fault::TooManyLater:
        return fakeAnswer(429, kBusy, {{"Retry-After", "1"}});
    case Fault::TooMany:
        return fakeAnswer(429, kBusy);
    case Fault::TooManySkewed:
        return fakeAnswer(429, kBusy,
                          {{"Retry-After", "Tue, 05 Jan 2038 00:00:01 GMT"},
                           {"Date", "Tue, 05 Jan 2038 00:00:00 GMT"}});
    case Fault::Internal:
        return fakeAnswer(500, "<html>Internal Server Error</html>", {}, "text/html");
    case Fault::BadGateway:
        return fakeAnswer(502, "");
    case Fault::Unavailable:
        return fakeAnswer(503, R"({"error":{"message":"Loading model","code":503}})");
    case Fault::Refuse:
        return {{}, Ending::Refuse, plan.refuseMillis};
    case Fault::ResetBefore:
        return {{}, Ending::Reset};
    case Fault::ResetInside:
        return half(whole, Ending::Reset);
    case Fault::ResetAfter: {
        FakeReply reply = whole;
        reply.ending = Ending::Reset;
        return reply;
    }
    case Fault::CloseInside:
        return half(whole, Ending::Close);
    case Fault::Hang:
        return {{}, Ending::Hang};
    case Fault::Stall:
        return half(whole, Ending::Hang);
    case Fault::Drip:
        return dripping(whole);
    case Fault::TruncatedJson:
        return cutJson(text, shape);
    case Fault::InvalidUtf8:
        return chatReply("\xff\xfe" + std::string(text) + "\xc3", "stop", shape);
    case Fault::WrongType:
        return fakeAnswer(200, "<html>Please log in</html>", {}, "text/html");
    case Fault::EmptyChoices:
        return shape.stream ? fakeStream({R"({"choices":[]})", "[DONE]"})
                            : fakeAnswer(200, R"({"choices":[]})");
    case Fault::Length:
        return chatReply(text.substr(0, text.size() / 2), "length", shape);
    case Fault::Huge:
        return chatReply(std::string(text) + std::string(std::size_t{20} << 20U, 'x'), "stop",
                         shape);
    case Fault::DuplicateIds:
        return shape.stream ? duplicateIds(text, shape) : whole;
    case Fault::EchoKey: {
        std::string body = R"({"error":{"message":"cannot serve )";
        appendEscaped(body, shape.authorization);
        return fakeAnswer(422, body + "\"}}");
    }
    case Fault::StreamError:
        return streamError(shape);
    }
    return whole;
}

} // namespace scrit::testing
