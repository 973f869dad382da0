// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace scrit::base {

// 32 hex digits of XXH3-128 over the parts, each preceded by its length, so that ("ab","c") and
// ("a","bc") differ. The identity of problems, solutions, critiques and prompts; not for security.
[[nodiscard]] std::string contentHash(std::initializer_list<std::string_view> parts);

// 64-bit hash for seeds and splits; the same on every machine.
[[nodiscard]] std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0);

// SHA-256 of a stream of bytes, as 64 hex digits. One instance is used by one thread.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(std::string_view bytes);
    // Ends the stream; the object must not be used afterwards.
    [[nodiscard]] std::string hexDigest();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace scrit::base
