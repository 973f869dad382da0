// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/behaviour.h"
#include "tests/support/behaviour_faults.h"
#include "tests/support/fake_http_server.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace scrit::testing {

struct BehaviourOptions {
    std::uint64_t seed = 0;
    BehaviourShares shares;
    FaultPlan faults;
    int port = 0;
    int latencyMillis = 0;  // from the request to the first byte
    int pieces = 8;         // of a streamed answer
    int intervalMillis = 0; // between them
    bool fixed = false;     // one constant answer, the prompt is not read: the fastest there is
};

// An OpenAI-compatible server whose model is a Behaviour, on one thread:
//   POST /v1/chat/completions   the model, streamed or not as the request asks
//   GET  /v1/models             one model, "behaviour"
//   GET  /admin/stats           JSON, see stats(); with ?prompts=1 also "prompts": {hash: requests}
//   POST /admin/faults          JSON as adminFaults() takes it
// All member functions may be called from any thread.
class BehaviourServer {
public:
    explicit BehaviourServer(BehaviourOptions options);
    ~BehaviourServer();
    BehaviourServer(const BehaviourServer&) = delete;
    BehaviourServer& operator=(const BehaviourServer&) = delete;

    [[nodiscard]] int port() const { return m_server->port(); }
    [[nodiscard]] std::string url() const { return m_server->url("/v1"); }

    // {"requests": chat requests, "distinct": different contents, "repeated": requests beyond the
    // first of each content, "in_flight", "most_in_flight", "abandoned", "connections",
    // "authorized": requests that carried a key, "faults": {name: count}}
    [[nodiscard]] std::string stats(bool withPrompts = false) const;
    // Replaces the parts that are given: {"share": {name: share}, "poison": {name: share},
    // "at": {"number": name}, "latency_ms": n, "refuse_ms": n, "forget": true}. "forget" clears the
    // counters. False when it cannot be read.
    bool adminFaults(const std::string& json);

private:
    FakeReply serve(const FakeRequest& request);
    FakeReply chat(const FakeRequest& request);

    mutable std::mutex m_mutex; // guards what follows, down to the server
    BehaviourOptions m_options;
    int m_requests = 0;
    int m_repeated = 0;
    int m_mostInFlight = 0;
    int m_authorized = 0;
    std::unordered_map<std::uint64_t, int> m_prompts; // requests by content
    std::unordered_map<int, int> m_faults;            // by Fault
    std::unique_ptr<FakeHttpServer> m_server;         // last: its thread uses all of the above
};

} // namespace scrit::testing
