// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>
#include <memory>

namespace scrit::ui::bridge {

// Where secrets are kept. Entries have names; the names are stored in workspaces, the secrets
// nowhere but here. Calls return at once; answers come on the UI thread, once each. UI thread.
class Keychain {
public:
    enum class Outcome {
        Done,
        NotFound,    // no entry of that name
        Denied,      // the user or the service said no
        Unavailable, // there is no keychain service, or this build does not know any
    };
    struct Answer {
        Outcome outcome = Outcome::Unavailable;
        QString secret;  // of a read that is Done
        QString problem; // what the service said, never the secret
    };
    using Done = std::function<void(const Answer&)>;

    Keychain() = default;
    Keychain(const Keychain&) = delete;
    Keychain& operator=(const Keychain&) = delete;
    virtual ~Keychain() = default;

    virtual void read(const QString& entry, Done done) = 0;
    virtual void write(const QString& entry, const QString& secret, Done done) = 0;
};

// The desktop's keychain through QtKeychain (Secret Service, KWallet). Where this build has no
// QtKeychain every call is answered with Unavailable.
[[nodiscard]] std::unique_ptr<Keychain> systemKeychain();

// What happened and what to do instead, for people; empty when it is Done.
[[nodiscard]] QString keychainProblem(const QString& entry, const Keychain::Answer& answer);

} // namespace scrit::ui::bridge
