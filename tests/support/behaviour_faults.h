// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/fake_http_server.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace scrit::testing {

// Everything that goes wrong between a client and a model server.
enum class Fault {
    TooManyLater,  // 429 with Retry-After: 1
    TooMany,       // 429 without
    TooManySkewed, // 429 whose Retry-After and Date come from a clock that is years off
    Internal,      // 500 in HTML
    BadGateway,    // 502
    Unavailable,   // 503 "Loading model"
    Refuse,        // every connection reset, then refused for FaultPlan::refuseMillis
    ResetBefore,   // after the request, before the first byte
    ResetInside,   // in the middle of the answer
    ResetAfter,    // right after the whole answer
    CloseInside,   // FIN in the middle
    Hang,          // says nothing, ever
    Stall,         // half an answer, then nothing, ever
    Drip,          // the answer in 40 pieces, 25 ms apart: slow, but whole
    TruncatedJson, // a well-formed HTTP answer whose JSON is cut
    InvalidUtf8,   // a whole answer with bytes that are not UTF-8
    WrongType,     // 200 text/html
    EmptyChoices,  // 200 with no choices
    Length,        // finish_reason "length"
    Huge,          // a whole answer of 20 MB
    DuplicateIds,  // a stream whose events all carry the same id, with comments between
    EchoKey,       // 422 whose message repeats the Authorization header
    StreamError,   // an error object inside the stream (plain: instead of the answer, status 200)
};
inline constexpr int kFaults = 23;
[[nodiscard]] std::string_view name(Fault fault); // 429-retry-after, 429, …; see the .cpp
[[nodiscard]] std::optional<Fault> faultFromName(std::string_view text);

// When which fault happens. What matters for a share is the content of the request and how often
// it came before, never the order of requests: each try of a request has its own fate.
struct FaultPlan {
    std::map<Fault, double> share;  // of all requests
    std::map<Fault, double> poison; // of all contents: these fail so at every try
    std::map<int, Fault> at;        // the n-th chat request, counted from 1
    int refuseMillis = 300;
};
// `content` is a hash of the request, `attempt` counts its tries from 1, `number` all chat
// requests.
[[nodiscard]] std::optional<Fault> faultOf(const FaultPlan& plan, std::uint64_t content,
                                           int attempt, int number);

// A chat answer as the protocol wants it, streamed in about `pieces` parts or whole, after
// `latency` milliseconds, with `interval` between the parts. `text` may hold bytes that are not
// UTF-8: they are sent as they are.
struct ChatShape {
    bool stream = true;
    int pieces = 8;
    int latencyMillis = 0;
    int intervalMillis = 0;
    std::string model;
    std::int64_t promptTokens = 0;
    std::string authorization; // the header of the request; only EchoKey tells it
};
[[nodiscard]] FakeReply chatReply(std::string_view text, std::string_view finishReason,
                                  const ChatShape& shape);
// The same with something wrong.
[[nodiscard]] FakeReply faultReply(Fault fault, std::string_view text, const ChatShape& shape,
                                   const FaultPlan& plan);

} // namespace scrit::testing
