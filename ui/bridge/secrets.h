// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/open_model.h"
#include "core/base/error.h"

#include <map>
#include <mutex>
#include <string>

namespace scrit::ui::bridge {

// Keys that were read from the keychain, by entry, for as long as the program runs. Never written
// anywhere. Any thread.
class Secrets {
public:
    void put(const std::string& entry, const std::string& key) {
        const std::lock_guard lock(m_mutex);
        m_keys[entry] = key;
    }
    [[nodiscard]] bool has(const std::string& entry) const {
        const std::lock_guard lock(m_mutex);
        return m_keys.contains(entry);
    }
    // The key of a model: from the environment, or one that was put here before. Auth when it is
    // named but not there.
    [[nodiscard]] base::Expected<std::string>
    resolve(const backend::ModelSettings& settings) const {
        if (settings.keychainEntry.empty()) {
            return backend::keyFromEnvironment(settings);
        }
        const std::lock_guard lock(m_mutex);
        const auto found = m_keys.find(settings.keychainEntry);
        if (found == m_keys.end()) {
            return base::fail(base::ErrorCode::Auth,
                              "the key \"" + settings.keychainEntry +
                                  "\" was not read from the keychain",
                              "unlock the keychain, or name an environment variable instead");
        }
        return found->second;
    }

private:
    mutable std::mutex m_mutex;
    std::map<std::string, std::string> m_keys;
};

} // namespace scrit::ui::bridge
