// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>

namespace scrit::base {

// A folder that appears whole or not at all: it is filled under a hidden name beside its place,
// ".NAME.part.XXXXXX", and gets its own name last. The hidden folder goes with this object; one
// that a killed program left behind goes when the next folder of that name is begun (those in use
// are locked). Used by one thread.
class AtomicFolder {
public:
    // Makes the hidden folder, and the parent where it is missing. Errors: those of the file
    // system.
    [[nodiscard]] static Expected<AtomicFolder> create(const std::filesystem::path& target);
    AtomicFolder() = default; // holds nothing
    AtomicFolder(AtomicFolder&& other) noexcept;
    AtomicFolder& operator=(AtomicFolder&& other) noexcept;
    ~AtomicFolder();

    // Where to write; empty after commit().
    [[nodiscard]] const std::filesystem::path& path() const { return m_hidden; }

    // Puts it under its name, which must be free or an empty folder. With `replace` a folder that
    // is there changes places with it in one step, so that there is a whole one at every instant,
    // and is removed.
    [[nodiscard]] Expected<void> commit(bool replace);

private:
    void discard() noexcept;

    std::filesystem::path m_target;
    std::filesystem::path m_hidden;
    int m_lock = -1; // an open, locked descriptor of the hidden folder: somebody is at work in it
};

} // namespace scrit::base
