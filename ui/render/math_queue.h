// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/math_cache.h"
#include "ui/render/math_typesetter.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scrit::ui::render {

// What is to be typeset, most urgent first and then in the order asked for. A formula first waits
// for the disk cache, then for the engine, and is then finished; it is in the queue once however
// many ask. Any thread; all members lock.
class MathQueue {
public:
    enum class Stage { Disk, Engine };

    // Adds the formula or makes it more urgent; `first` is where a new one starts.
    void add(MathGroup group, const MathKey& key, MathPriority priority, Stage first);
    // Forgets what only this group wanted and nobody has begun.
    void cancel(MathGroup group);
    // The next formula of a stage; waits for one. Nothing after close().
    [[nodiscard]] std::optional<MathKey> take(Stage stage);
    // The disk cache did not have it.
    void passToEngine(const MathKey& key);
    // Leaves the queue; true when somebody still wants it.
    bool finish(const MathKey& key);
    // Formulas waiting or being worked on.
    [[nodiscard]] int size() const;
    // Wakes and ends all waiting; what is left stays undone.
    void close();
    [[nodiscard]] bool isClosed() const;

    // Work for the disk thread beside look-ups: results to be saved. Look-ups go first.
    void save(const MathKey& key, MathResultPtr result);
    [[nodiscard]] std::optional<std::pair<MathKey, MathResultPtr>> takeSave();

private:
    using Order = std::pair<int, std::uint64_t>; // priority, number
    struct Job {
        std::set<MathGroup> groups;
        Order order;
        Stage stage = Stage::Disk;
        bool running = false;
    };
    [[nodiscard]] std::map<Order, MathKey>& waiting(Stage stage) {
        return stage == Stage::Disk ? m_disk : m_engine;
    }

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::unordered_map<MathKey, Job, MathKeyHash> m_jobs;
    std::map<Order, MathKey> m_disk;
    std::map<Order, MathKey> m_engine;
    std::vector<std::pair<MathKey, MathResultPtr>> m_saves;
    std::uint64_t m_number = 0;
    bool m_closed = false;
};

} // namespace scrit::ui::render
